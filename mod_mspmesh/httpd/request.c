/* SPDX-License-Identifier: Apache-2.0 */
/* request.c -- what we know of a request, from its path to its identity. */
#include "httpd/request.h"

#include <string.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_request.h>

#include "httpd/config.h"
#include "httpd/process.h"
#include "httpd/trace.h"

#define HANDLER "mspmesh"

mesh_request_t *mesh_request_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &mspmesh_module);
}

static int wants_json(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return accept && strstr(accept, "application/json")
           && !strstr(accept, "text/html");
}

static mesh_request_t *recognise(request_rec *r)
{
    const mesh_router_t *router = mesh_process_router(r->server);
    mesh_request_t *request;
    mesh_match_t match;
    int is_json;

    if (!router || !r->uri || *r->uri != '/') {
        return NULL;
    }
    is_json = wants_json(r);
    mesh_router_match(&match, router, r->method ? r->method : "GET", r->uri,
                      is_json, r->pool);
    if (!match.is_ours) {
        return NULL;
    }
    request = apr_pcalloc(r->pool, sizeof(*request));
    request->match = match;
    request->wants_json = is_json;
    request->started = r->request_time;
    request->traceparent = mesh_trace_parent(r);
    ap_set_module_config(r->request_config, &mspmesh_module, request);
    return request;
}

int mesh_request_is_ours(request_rec *r)
{
    return mesh_request_of(r) != NULL
           || (r->request_config && recognise(r) != NULL);
}

const char *mesh_request_id(request_rec *r)
{
    mesh_request_t *request = mesh_request_of(r);

    /* The trace names the request everywhere, so no second name is needed. */
    return request && request->traceparent
               ? apr_pstrmemdup(r->pool, request->traceparent + 3, 32)
               : NULL;
}

static int translate(request_rec *r)
{
    if (r->main || !recognise(r)) {
        return DECLINED;
    }
    /* Nothing on the disk has this name. */
    r->filename = apr_pstrcat(r->pool, HANDLER ":", r->uri, NULL);
    return OK;
}

static int skip_disk(request_rec *r)
{
    return mesh_request_of(r) ? OK : DECLINED;
}

static int choose_handler(request_rec *r)
{
    const mesh_request_t *request = mesh_request_of(r);

    if (!request) {
        return DECLINED;
    }
    r->handler = HANDLER;
    apr_table_setn(r->notes, "mspmesh_route",
                   request->match.route ? request->match.route : "none");
    return OK;
}

void mesh_request_register(apr_pool_t *p)
{
    (void)p;
    ap_hook_translate_name(translate, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(skip_disk, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_fixups(choose_handler, NULL, NULL, APR_HOOK_REALLY_LAST);
}
