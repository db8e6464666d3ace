/* SPDX-License-Identifier: Apache-2.0 */
/* gateway.c -- the handler: from a request to a call, and back. */
#include "httpd/gateway.h"

#include <string.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>

#include "httpd/auth.h"
#include "httpd/body.h"
#include "httpd/config.h"
#include "httpd/process.h"
#include "httpd/reply.h"
#include "mesh/call.h"

/* Whether "Prefer: respond-async, persist=none" (RFC 7240) names WISH. */
static int prefers(request_rec *r, const char *wish)
{
    const char *prefer = apr_table_get(r->headers_in, "Prefer");

    return prefer && ap_find_token(r->pool, prefer, wish);
}

static mesh_err_t *find_action(request_rec *r, const mesh_match_t *match)
{
    if (!match->has_path) {
        return mesh_err(r->pool, MESH_NOT_FOUND, "unknown_route",
                        "Nothing is answered at this path.");
    }
    if (!match->bound) {
        apr_table_setn(r->headers_out, "Allow", match->allowed);
        return mesh_err(r->pool, MESH_INVALID, "method_not_allowed",
                        "This path answers %s.", match->allowed);
    }
    return NULL;
}

static mesh_err_t *admit(request_rec *r, mesh_request_t *request)
{
    const mesh_bound_t *bound = request->match.bound;

    if (bound->action->right == MESH_PUBLIC) {
        /* Nobody needs to be known; who shows a session may be. */
        return NULL;
    }
    MESH_TRY(mesh_auth_identify(r, request));
    if (!request->who) {
        return mesh_err(r->pool, MESH_DENIED, "unauthenticated",
                        "Sign in, or send an API key as X-API-Key or "
                        "Authorization: Bearer.");
    }
    if (!mesh_identity_may(request->who, bound->agent->name,
                           bound->action->right)) {
        return mesh_err(r->pool, MESH_DENIED, "wrong_scope",
                        "Your role or your key's scopes do not allow this.");
    }
    return NULL;
}

static mesh_err_t *serve(request_rec *r, mesh_request_t *request,
                         mesh_reply_t *reply, int *status)
{
    const mesh_config_t *conf = mesh_config_of(r->server);
    mesh_order_t order = {
        .mesh = mesh_process_mesh(),
        .site = conf->site,
        .headers = r->headers_out,
        .traceparent = request->traceparent,
        .started = request->started,
        .wants_json = request->wants_json,
        .is_async = prefers(r, "respond-async"),
    };
    mesh_body_t body = { 0 };
    mesh_err_t *err;

    *status = 0;
    MESH_TRY(find_action(r, &request->match));
    MESH_TRY(admit(r, request));
    order.bound = request->match.bound;
    /* The platform's own actions are what they do: a key, a user. */
    order.is_what_if = !(order.bound->action->flags & MESH_PLATFORM)
                       && prefers(r, "persist=none");
    order.who = request->who;
    order.credential = request->credential;
    err = mesh_body_read(&body, r, &request->match, conf->body_limit);
    if (!err && !body.status) {
        order.input = body.input;
        order.raw = body.raw;
        order.raw_length = body.raw_length;
        err = mesh_call_run(reply, &order, r->pool);
    }
    mesh_body_done(&body);
    *status = body.status;
    return err;
}

static int handle(request_rec *r)
{
    mesh_request_t *request = mesh_request_of(r);
    const mesh_bound_t *bound;
    mesh_reply_t reply;
    mesh_err_t *err;
    int status, rc;

    if (!request || !r->handler || strcmp(r->handler, "mspmesh")) {
        return DECLINED;
    }
    bound = request->match.bound;
    if (r->method_number == M_OPTIONS && request->match.has_path) {
        apr_table_setn(
            r->headers_out, "Allow",
            apr_pstrcat(r->pool, request->match.allowed, ", OPTIONS", NULL));
        r->status = HTTP_NO_CONTENT;
        return OK;
    }
    err = serve(r, request, &reply, &status);
    if (status) {
        return status; /* httpd's own word; reply.c gives it a body */
    }
    rc = err ? mesh_reply_problem(r, err) : mesh_reply_send(r, &reply);
    mesh_telemetry_count(mesh_process_mesh()->telemetry,
                         bound ? bound->id : mesh_telemetry_other(), r->status,
                         apr_time_now() - request->started);
    return rc;
}

void mesh_gateway_register(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
