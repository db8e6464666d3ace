/* SPDX-License-Identifier: Apache-2.0 */
/* router.c -- which action a path and a method mean. */
#include "httpd/router.h"

#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>

/* All that is answered at one path. */
typedef struct {
    const char *path;
    apr_array_header_t *bound; /* of const mesh_bound_t * */
    int wants_json;            /* only for who asks for JSON */
} place_t;

struct mesh_router_t {
    const char *prefix;
    apr_size_t prefix_length;
    apr_hash_t *places;            /* path -> place_t *, without {segments} */
    apr_array_header_t *templates; /* of place_t *, with them */
};

static place_t *place_at(mesh_router_t *router, const char *path, apr_pool_t *p)
{
    place_t *place;

    if (!strchr(path, '{')) {
        place = apr_hash_get(router->places, path, APR_HASH_KEY_STRING);
    }
    else {
        place = NULL;
        for (int i = 0; i < router->templates->nelts && !place; i++) {
            place_t *other = APR_ARRAY_IDX(router->templates, i, place_t *);

            place = strcmp(other->path, path) ? NULL : other;
        }
    }
    if (place) {
        return place;
    }
    place = apr_pcalloc(p, sizeof(*place));
    place->path = path;
    place->bound = apr_array_make(p, 2, sizeof(const mesh_bound_t *));
    place->wants_json = !strcmp(path, "/");
    if (strchr(path, '{')) {
        APR_ARRAY_PUSH(router->templates, place_t *) = place;
    }
    else {
        apr_hash_set(router->places, path, APR_HASH_KEY_STRING, place);
    }
    return place;
}

static mesh_err_t *add(mesh_router_t *router, const char *method,
                       const char *path, const mesh_bound_t *bound,
                       apr_pool_t *p)
{
    place_t *place = place_at(router, path, p);

    for (int i = 0; i < place->bound->nelts; i++) {
        const mesh_bound_t *other =
            APR_ARRAY_IDX(place->bound, i, const mesh_bound_t *);

        if (other == bound) {
            return NULL;
        }
        if (!strcmp(other->action->method, method)) {
            return mesh_err(p, MESH_BUG, "bad_descriptor",
                            "%s %s belongs to both %s and %s.", method, path,
                            other->agent->name, bound->agent->name);
        }
    }
    APR_ARRAY_PUSH(place->bound, const mesh_bound_t *) = bound;
    return NULL;
}

/* With the prefix, and where it is known without one, so too. */
static mesh_err_t *add_both(mesh_router_t *router, const char *method,
                            const char *path, const mesh_bound_t *bound,
                            int is_bare_too, apr_pool_t *p)
{
    if (strcmp(path, "/")) {
        MESH_TRY(add(router, method, apr_pstrcat(p, router->prefix, path, NULL),
                     bound, p));
    }
    return is_bare_too ? add(router, method, path, bound, p) : NULL;
}

mesh_err_t *mesh_router_create(mesh_router_t **router,
                               const mesh_registry_t *registry,
                               const char *prefix, apr_pool_t *p)
{
    mesh_router_t *made = apr_pcalloc(p, sizeof(*made));

    made->prefix = prefix;
    made->prefix_length = strlen(prefix);
    made->places = apr_hash_make(p);
    made->templates = apr_array_make(p, 16, sizeof(place_t *));
    for (int i = 0; i < registry->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(registry->bound, i, const mesh_bound_t *);
        const mesh_action_t *action = bound->action;

        if (!action->method) {
            continue;
        }
        MESH_TRY(
            add_both(made, action->method,
                     apr_pstrcat(p, bound->agent->route, action->path, NULL),
                     bound, !bound->agent->is_platform, p));
        for (const mesh_alias_t *alias = bound->agent->aliases;
             alias && alias->path; alias++) {
            if (!strcmp(alias->action, action->name)) {
                MESH_TRY(
                    add_both(made, alias->method, alias->path, bound, 1, p));
            }
        }
    }
    *router = made;
    return NULL;
}

/* Whether PATH has the form of TEMPLATE; collects what stands for {…}. */
static int fits(const char *template, const char *path,
                apr_array_header_t *values, apr_pool_t *p)
{
    apr_array_clear(values);
    while (*template) {
        if (*template == '{') {
            apr_size_t length = strcspn(path, "/");

            if (!length) {
                return 0;
            }
            APR_ARRAY_PUSH(values, const char *) =
                apr_pstrmemdup(p, path, length);
            path += length;
            template = strchr(template, '}') + 1;
        }
        else if (*template ++ != *path++) {
            return 0;
        }
    }
    return !*path;
}

static const place_t *find(const mesh_router_t *router, const char *path,
                           apr_array_header_t *values, apr_pool_t *p)
{
    const place_t *place =
        apr_hash_get(router->places, path, APR_HASH_KEY_STRING);

    for (int i = 0; i < router->templates->nelts && !place; i++) {
        const place_t *other = APR_ARRAY_IDX(router->templates, i, place_t *);

        place = fits(other->path, path, values, p) ? other : NULL;
    }
    return place;
}

void mesh_router_match(mesh_match_t *match, const mesh_router_t *router,
                       const char *method, const char *path, int wants_json,
                       apr_pool_t *p)
{
    const place_t *place;
    const char *wanted = strcmp(method, "HEAD") ? method : "GET";

    memset(match, 0, sizeof(*match));
    match->is_ours = !strncmp(path, router->prefix, router->prefix_length)
                     && (path[router->prefix_length] == '/'
                         || path[router->prefix_length] == '\0');
    match->values = apr_array_make(p, 2, sizeof(const char *));
    place = find(router, path, match->values, p);
    if (!place || (place->wants_json && !wants_json)) {
        return;
    }
    match->is_ours = match->has_path = 1;
    match->route = place->path;
    for (int i = 0; i < place->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(place->bound, i, const mesh_bound_t *);

        if (!strcmp(bound->action->method, wanted)) {
            match->bound = bound;
            return;
        }
        match->allowed = apr_pstrcat(
            p, match->allowed ? match->allowed : "", match->allowed ? ", " : "",
            bound->action->method,
            strcmp(bound->action->method, "GET") ? "" : ", HEAD", NULL);
    }
}
