/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artefact.h -- parsed models, shared by the threads of a process.
 *
 * A model version never changes, so what was parsed from it may be kept by
 * a key with its id.  An entry owns a pool with an allocator of its own; it is
 * freed when it has been pushed out and its last user is done.
 *
 * Thread: any; LOAD runs without the lock, the object is read only.
 */
#ifndef MESH_ARTEFACT_H
#define MESH_ARTEFACT_H

#include "mesh_agent.h"

typedef struct mesh_artefacts_t mesh_artefacts_t;

/* Keep up to COUNT. */
mesh_err_t *mesh_artefacts_create(mesh_artefacts_t **artefacts, int count,
                                  apr_pool_t *p);

/* The object of KEY, held for the life of P; NULL when it is not kept. */
void *mesh_artefacts_find(mesh_artefacts_t *artefacts, const char *key,
                          apr_pool_t *p);

/* Make it from TEXT by LOAD and keep it; *MADE is held for the life of P. */
mesh_err_t *mesh_artefacts_add(mesh_artefacts_t *artefacts, void **made,
                               const char *key, const char *text,
                               mesh_load_fn *load, apr_pool_t *p);

#endif
