/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.h -- work for later: rows of mesh.job, taken with a lease.
 *
 * A job is done at least once; what it stores, exactly once, because it is
 * marked done in the transaction that stores its result and only by whoever
 * still holds the lease.
 */
#ifndef MESH_JOB_H
#define MESH_JOB_H

#include <apr_time.h>

#include "base/json.h"
#include "io/db.h"

typedef struct mesh_job_t {
    const char *id;
    const char *msp_id, *client_id;
    const char *agent, *action;
    const char *input; /* JSON text */
    const char *actor, *role;
    const char *traceparent;
    int receives; /* how often it was taken, this time included */

    const char *taker; /* who holds the lease */
    int (*should_stop)(void *baton);
    void *baton;
} mesh_job_t;

/* How long a taker may be silent. */
#define MESH_JOB_LEASE "300 seconds"

/* Take the oldest job that is due; *JOB is NULL when there is none. */
mesh_err_t *mesh_job_take(mesh_job_t **job, mesh_db_t *db, const char *taker,
                          apr_pool_t *p);

/* Say that JOB is alive and how far; BUSY "lease_lost" when it is not ours
 * any more, BUSY "stopping" when this process ends. */
mesh_err_t *mesh_job_beat(const mesh_job_t *job, mesh_db_t *db, double done,
                          apr_pool_t *p);

/* Give it back: "release" (as if never taken), "retry" (after a while, dead
 * after its last try) or "fail" (refused for good). */
mesh_err_t *mesh_job_return(const mesh_job_t *job, mesh_db_t *db,
                            const char *how, const mesh_json_t *problem,
                            apr_pool_t *p);

/* What a problem looks like where it is stored. */
mesh_json_t *mesh_job_problem(const mesh_err_t *err, apr_pool_t *p);

#endif
