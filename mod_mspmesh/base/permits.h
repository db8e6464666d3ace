/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permits.h -- how many may do something costly at once, in one process.
 *
 * Thread: any.  Pool: lives in the pool it was made in.
 */
#ifndef MESH_PERMITS_H
#define MESH_PERMITS_H

#include <apr_time.h>

#include "base/err.h"

typedef struct mesh_permits_t mesh_permits_t;

mesh_err_t *mesh_permits_create(mesh_permits_t **permits, int count,
                                apr_pool_t *p);

/* Take one, waiting up to WAIT; 0 when none came free. */
int mesh_permits_take(mesh_permits_t *permits, apr_interval_time_t wait);
void mesh_permits_give(mesh_permits_t *permits);

/* How many there are and how many are taken. */
void mesh_permits_usage(mesh_permits_t *permits, int *count, int *taken);

#endif
