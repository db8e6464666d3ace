/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router.h -- which action a path and a method mean.
 *
 * An action answers under the prefix; an agent's also without it, as do the
 * aliases that the prototypes used.  A path may have {segments}.
 *
 * Thread: read by any.  Pool: that of the configuration.
 */
#ifndef MESH_ROUTER_H
#define MESH_ROUTER_H

#include "mesh/registry.h"

typedef struct mesh_router_t mesh_router_t;

mesh_err_t *mesh_router_create(mesh_router_t **router,
                               const mesh_registry_t *registry,
                               const char *prefix, apr_pool_t *p);

typedef struct mesh_match_t {
    int is_ours;                /* under the prefix, or a path we know */
    int has_path;               /* some method is answered there */
    const mesh_bound_t *bound;  /* NULL: not by this method */
    const char *route;          /* as declared, for logs */
    apr_array_header_t *values; /* of the segments, in order: const char * */
    const char *allowed;        /* "GET, POST", when the method is another */
} mesh_match_t;

/*
 * HEAD is answered as GET.  "/" is ours only for who wants JSON, because
 * otherwise it is the page.
 */
void mesh_router_match(mesh_match_t *match, const mesh_router_t *router,
                       const char *method, const char *path, int wants_json,
                       apr_pool_t *p);

#endif
