/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c -- what goes out: answers, and problems as RFC 9457 has them. */
#include "httpd/reply.h"

#include <string.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "base/log.h"
#include "httpd/config.h"
#include "httpd/request.h"

#define FILTER "MESH_PROBLEM"

/* ---- From error to status ----------------------------------------------- */

/* What a class means, unless its name is listed. */
static const int by_class[] = {
    [MESH_INVALID] = HTTP_BAD_REQUEST,
    [MESH_DENIED] = HTTP_FORBIDDEN,
    [MESH_NOT_FOUND] = HTTP_NOT_FOUND,
    [MESH_BUSY] = HTTP_SERVICE_UNAVAILABLE,
    [MESH_UPSTREAM] = HTTP_SERVICE_UNAVAILABLE,
    [MESH_BUG] = HTTP_INTERNAL_SERVER_ERROR,
};

static const struct {
    const char *name;
    int status;
} by_name[] = {
    { "unauthenticated", HTTP_UNAUTHORIZED },
    { "bad_credentials", HTTP_UNAUTHORIZED },
    { "code_required", HTTP_UNAUTHORIZED },
    { "method_not_allowed", HTTP_METHOD_NOT_ALLOWED },
    { "already_exists", HTTP_CONFLICT },
    { "constraint", HTTP_CONFLICT },
    { "not_cancellable", HTTP_CONFLICT },
    { "too_large", HTTP_REQUEST_ENTITY_TOO_LARGE },
    { "wrong_content_type", HTTP_UNSUPPORTED_MEDIA_TYPE },
    /* Well formed, but nothing can be learned from it. */
    { "empty_csv", HTTP_UNPROCESSABLE_ENTITY },
    { "ragged_csv", HTTP_UNPROCESSABLE_ENTITY },
    { "bad_header", HTTP_UNPROCESSABLE_ENTITY },
    { "too_many_rows", HTTP_UNPROCESSABLE_ENTITY },
    { "target_missing", HTTP_UNPROCESSABLE_ENTITY },
    { "target_not_binary", HTTP_UNPROCESSABLE_ENTITY },
    { "target_has_gaps", HTTP_UNPROCESSABLE_ENTITY },
    { "one_class", HTTP_UNPROCESSABLE_ENTITY },
    { "too_few_rows", HTTP_UNPROCESSABLE_ENTITY },
    { "constant_column", HTTP_UNPROCESSABLE_ENTITY },
    { "number_out_of_range", HTTP_UNPROCESSABLE_ENTITY },
};

int mesh_reply_status(const mesh_err_t *err)
{
    for (apr_size_t i = 0; i < sizeof(by_name) / sizeof(*by_name); i++) {
        if (!strcmp(by_name[i].name, err->name)) {
            return by_name[i].status;
        }
    }
    return by_class[err->code];
}

/* ---- Bodies ------------------------------------------------------------- */

static void set_headers(request_rec *r)
{
    const mesh_request_t *request = mesh_request_of(r);

    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    if (!apr_table_get(r->headers_out, "Cache-Control")) {
        apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    }
    if (request && request->traceparent) {
        apr_table_setn(r->headers_out, "traceparent", request->traceparent);
    }
}

static int send_text(request_rec *r, const char *type, const char *text)
{
    set_headers(r);
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)strlen(text));
    if (!r->header_only) {
        ap_rputs(text, r);
    }
    return OK;
}

int mesh_reply_send(request_rec *r, const mesh_reply_t *reply)
{
    r->status = reply->status;
    if (reply->json) {
        return send_text(r, "application/json",
                         mesh_json_format(reply->json, r->pool));
    }
    if (!reply->text) {
        set_headers(r);
        r->status = HTTP_NO_CONTENT;
        return OK;
    }
    if (reply->etag) {
        int rc;

        apr_table_setn(r->headers_out, "ETag", reply->etag);
        apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
        if ((rc = ap_meets_conditions(r)) != OK) {
            set_headers(r);
            return rc;
        }
    }
    return send_text(r, reply->type, reply->text);
}

/* "/rows/0/age" -> "age": the field as the prototypes named it. */
static const char *field_of(const char *pointer)
{
    const char *slash = strrchr(pointer, '/');

    return slash ? slash + 1 : pointer;
}

/* The path as it was sent, escapes and all. */
static const char *instance_of(request_rec *r)
{
    const char *uri = r->unparsed_uri ? r->unparsed_uri : r->uri;

    return uri ? apr_pstrmemdup(r->pool, uri, strcspn(uri, "?#")) : NULL;
}

static const char *problem_body(request_rec *r, int status,
                                const mesh_err_t *err)
{
    apr_pool_t *p = r->pool;
    mesh_json_t *body = mesh_json_object(p), *faults, *error, *details;
    /* "404 Not Found": the words behind the number. */
    const char *title = ap_get_status_line(status);

    title = strlen(title) > 4 ? title + 4 : title;
    mesh_json_set_text(body, "type",
                       apr_pstrcat(p, "urn:mspmesh:problem:", err->name, NULL));
    mesh_json_set_text(body, "title", title);
    mesh_json_set_integer(body, "status", status);
    mesh_json_set_text(body, "detail", err->message);
    mesh_json_set_text(body, "instance", instance_of(r));
    mesh_json_set_text(body, "code", err->name);
    mesh_json_set_text(body, "request_id", mesh_request_id(r));
    error = mesh_json_set_object(body, "error");
    mesh_json_set_text(error, "code", err->name);
    mesh_json_set_text(error, "message", err->message);
    if (err->pointer) {
        faults = mesh_json_set_array(body, "errors");
        details = mesh_json_set_object(error, "details");
        mesh_json_set_text(details, "field", field_of(err->pointer));
        mesh_json_set_text(details, "reason", err->message);
        for (; err; err = err->next) {
            mesh_json_t *fault = mesh_json_add_object(faults);

            mesh_json_set_text(fault, "pointer",
                               err->pointer ? err->pointer : "");
            mesh_json_set_text(fault, "code", err->name);
            mesh_json_set_text(fault, "detail", err->message);
        }
    }
    return mesh_json_format(body, p);
}

static void set_problem_headers(request_rec *r, int status)
{
    if (status == HTTP_UNAUTHORIZED) {
        apr_table_setn(r->headers_out, "WWW-Authenticate",
                       "Bearer realm=\"mspmesh\"");
    }
    if (status == HTTP_SERVICE_UNAVAILABLE) {
        apr_table_setn(r->headers_out, "Retry-After", "1");
    }
}

static void log_problem(request_rec *r, int status, const mesh_err_t *err)
{
    const char *detail = err->detail ? err->detail : "";
    const char *pointer = err->pointer ? err->pointer : "";

    if (err->code == MESH_BUG) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      MESHNO(1101) "request(%s %s): %d %s: %s %s %s", r->method,
                      r->uri, status, err->name, err->message, pointer, detail);
    }
    else if (status >= HTTP_INTERNAL_SERVER_ERROR) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      MESHNO(1102) "request(%s %s): %d %s: %s %s %s", r->method,
                      r->uri, status, err->name, err->message, pointer, detail);
    }
    else {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      MESHNO(1103) "request(%s %s): %d %s: %s %s %s", r->method,
                      r->uri, status, err->name, err->message, pointer, detail);
    }
}

int mesh_reply_problem(request_rec *r, const mesh_err_t *err)
{
    int status = mesh_reply_status(err);

    log_problem(r, status, err);
    r->status = status;
    set_problem_headers(r, status);
    return send_text(r, "application/problem+json",
                     problem_body(r, status, err));
}

/* ---- What httpd refuses by itself --------------------------------------- */

static mesh_err_t *refusal(request_rec *r, int status)
{
    static const struct {
        int status;
        const char *name, *message;
    } known[] = {
        { HTTP_BAD_REQUEST, "bad_request", "The request is malformed." },
        { HTTP_UNAUTHORIZED, "unauthenticated", "Sign in first." },
        { HTTP_FORBIDDEN, "not_permitted", "This is not permitted." },
        { HTTP_NOT_FOUND, "unknown_route", "Nothing is answered here." },
        { HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
          "This method is not answered here." },
        { HTTP_REQUEST_TIME_OUT, "request_timeout",
          "The request took too long to arrive." },
        { HTTP_REQUEST_ENTITY_TOO_LARGE, "too_large",
          "The request body is too large." },
        { HTTP_REQUEST_URI_TOO_LARGE, "too_large", "The path is too long." },
        { HTTP_NOT_IMPLEMENTED, "method_not_allowed",
          "This method is not answered here." },
        { HTTP_SERVICE_UNAVAILABLE, "busy", "Try again in a moment." },
    };

    for (apr_size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].status == status) {
            return mesh_err(r->pool, MESH_INVALID, known[i].name, "%s",
                            known[i].message);
        }
    }
    return mesh_err(r->pool, MESH_INVALID,
                    status < 500 ? "refused" : "server_error",
                    "The server cannot answer this request.");
}

static apr_status_t replace_page(ap_filter_t *f, apr_bucket_brigade *page)
{
    request_rec *r = f->r;
    const char *body = f->ctx;
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;

    if (body) {
        /* The first brigade brings the body; whatever httpd wrote is gone, and
         * so are headers that were set before it began to write. */
        apr_bucket_brigade *ours = apr_brigade_create(r->pool, alloc);

        f->ctx = NULL;
        set_problem_headers(r, r->status);
        set_headers(r);
        ap_set_content_type(r, "application/problem+json");
        ap_set_content_length(r, (apr_off_t)strlen(body));
        if (!r->header_only) {
            APR_BRIGADE_INSERT_TAIL(
                ours, apr_bucket_immortal_create(body, strlen(body), alloc));
        }
        APR_BRIGADE_INSERT_TAIL(ours, apr_bucket_eos_create(alloc));
        apr_brigade_cleanup(page);
        return ap_pass_brigade(f->next, ours);
    }
    apr_brigade_cleanup(page);
    return APR_SUCCESS;
}

static void insert_filter(request_rec *r)
{
    const mesh_err_t *err;
    const char *body;

    if (!mesh_request_is_ours(r) || r->status < HTTP_BAD_REQUEST) {
        return;
    }
    err = refusal(r, r->status);
    log_problem(r, r->status, err);
    body = problem_body(r, r->status, err);
    ap_add_output_filter(FILTER, (void *)body, r, r->connection);
}

void mesh_reply_register(apr_pool_t *p)
{
    (void)p;
    ap_register_output_filter(FILTER, replace_page, NULL, AP_FTYPE_CONTENT_SET);
    ap_hook_insert_error_filter(insert_filter, NULL, NULL, APR_HOOK_MIDDLE);
}
