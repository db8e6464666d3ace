/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h -- the life of the server's processes: shared memory, what each
 * child owns, the threads it starts and joins.
 *
 * The parent reads the configuration, makes shared memory and nothing else.
 * The memory is anonymous and belongs to the process pool, so it survives
 * graceful restarts; a new layout needs a full stop and start.
 */
#ifndef MESH_PROCESS_H
#define MESH_PROCESS_H

#include <httpd.h>

#include "base/permits.h"
#include "httpd/router.h"
#include "mesh/mesh.h"

/* This child's mesh. */
mesh_t *mesh_process_mesh(void);

/* How many big bodies this child holds at once. */
mesh_permits_t *mesh_process_bodies(void);

/* The routes of a virtual host; NULL where the mesh is off. */
const mesh_router_t *mesh_process_router(const server_rec *s);

void mesh_process_register(apr_pool_t *p);

#endif
