/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announcer.h -- tells the other processes that something was committed, and
 * hears of what they did.
 *
 * No transaction of a request calls NOTIFY, because PostgreSQL makes such
 * commits wait for each other.  After a commit the request wakes this thread,
 * which sends one empty NOTIFY, at most every 5 ms.  The same thread listens;
 * every half second, and at each notification, it also confirms the revision
 * of identities, which heals a lost notification.  Now and then it does what
 * somebody must do: take back leases that ran out, make partitions.
 *
 * Thread: announce() from any; all else in a thread of its own.
 */
#ifndef MESH_ANNOUNCER_H
#define MESH_ANNOUNCER_H

#include "io/db.h"
#include "mesh/identity_cache.h"

typedef struct mesh_announcer_t mesh_announcer_t;

/*
 * HEARD is called in the announcer's thread whenever something was heard, and
 * every half second; HAS_JOBS says whether there may be new ones among it.
 */
mesh_err_t *mesh_announcer_start(mesh_announcer_t **announcer, mesh_db_t *db,
                                 mesh_identity_cache_t *cache,
                                 void (*heard)(void *baton, int has_jobs),
                                 void *baton, apr_pool_t *p);

/* Something was committed, and perhaps a job; a NULL ANNOUNCER tells nobody. */
void mesh_announcer_announce(mesh_announcer_t *announcer, int has_job);

/* Ask it to end; join() waits until it has. */
void mesh_announcer_stop(mesh_announcer_t *announcer);
void mesh_announcer_join(mesh_announcer_t *announcer);

#endif
