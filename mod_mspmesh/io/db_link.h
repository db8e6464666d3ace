/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_link.h -- a connection of one's own, for LISTEN, NOTIFY and locks that
 * last.  It dials with the parameters of the pool's connections.
 *
 * Thread: one.  Pool: a link lives in its own memory until it is closed.
 */
#ifndef MESH_DB_LINK_H
#define MESH_DB_LINK_H

#include "io/db.h"

typedef struct mesh_link_t mesh_link_t;

/* Dial; UPSTREAM "database_unavailable" when nobody answers in 3 s. */
mesh_err_t *mesh_link_open(mesh_link_t **link, mesh_db_t *db, apr_pool_t *p);
void mesh_link_close(mesh_link_t *link);

/* Run one statement without arguments; *TEXT is the first cell or NULL. */
mesh_err_t *mesh_link_run(mesh_link_t *link, const char **text, const char *sql,
                          apr_pool_t *p);

/*
 * Wait up to TIMEOUT for a notification, or until WAKE_FD becomes readable.
 * Sets *IS_NOTIFIED, to MESH_LINK_HAS_JOBS if one of them was of
 * MESH_LINK_JOBS, and *IS_WOKEN; an error means the link is lost.
 */
#define MESH_LINK_JOBS     "jobs" /* payload */
#define MESH_LINK_HAS_JOBS 2

mesh_err_t *mesh_link_wait(mesh_link_t *link, int *is_notified, int *is_woken,
                           int wake_fd, apr_interval_time_t timeout,
                           apr_pool_t *p);

#endif
