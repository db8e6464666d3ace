/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h -- the threads of a process that do jobs.
 *
 * Thread: wake() from any.  A job is run by mesh_call_run() with its tenant's
 * scope and the rights of whoever asked for it.
 */
#ifndef MESH_WORKER_H
#define MESH_WORKER_H

#include <apr_pools.h>

#include "base/err.h"

struct mesh_t;
typedef struct mesh_workers_t mesh_workers_t;

/* COUNT threads, which see MESH as the main server configures it. */
mesh_err_t *mesh_workers_start(mesh_workers_t **workers,
                               const struct mesh_t *mesh, int count,
                               apr_pool_t *p);

/* There may be a job; NULL is allowed and means nobody to wake. */
void mesh_workers_wake(mesh_workers_t *workers);

/* Ask them to end: what they do is given back; join() waits until they have. */
void mesh_workers_stop(mesh_workers_t *workers);
void mesh_workers_join(mesh_workers_t *workers);

#endif
