/* SPDX-License-Identifier: Apache-2.0 */
/* body.c -- what a request says: its JSON body, or its query. */
#include "httpd/body.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>

#include "base/permits.h"
#include "base/text.h"
#include "httpd/process.h"

/* From here on a body is big, and only a few are held at once. */
#define BIG (1024 * 1024)

static mesh_err_t *too_large(request_rec *r, apr_off_t limit)
{
    return mesh_err(r->pool, MESH_INVALID, "too_large",
                    "The body is larger than %" APR_OFF_T_FMT " bytes.", limit);
}

/* ---- Bytes -------------------------------------------------------------- */

/* Append LENGTH bytes, doubling the room as needed. */
static char *grow(char *buffer, apr_size_t *size, apr_size_t needed,
                  apr_size_t used, apr_pool_t *p)
{
    char *larger;

    if (needed <= *size) {
        return buffer;
    }
    *size = needed > 2 * *size ? needed : 2 * *size;
    larger = apr_palloc(p, *size);
    memcpy(larger, buffer, used);
    return larger;
}

static mesh_err_t *read_bytes(mesh_body_t *body, request_rec *r,
                              apr_off_t limit, apr_off_t announced)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_size_t size = announced > 0 ? (apr_size_t)announced + 1 : 8192;
    apr_size_t used = 0;
    char *buffer = apr_palloc(r->pool, size);
    int is_end = 0;

    while (!is_end) {
        apr_status_t rv =
            ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);

        if (rv != APR_SUCCESS) {
            body->status = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
            return NULL;
        }
        for (apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);
             bucket != APR_BRIGADE_SENTINEL(brigade) && !is_end;
             bucket = APR_BUCKET_NEXT(bucket)) {
            const char *data;
            apr_size_t length;

            if (APR_BUCKET_IS_EOS(bucket)) {
                is_end = 1;
                continue;
            }
            if (APR_BUCKET_IS_METADATA(bucket)) {
                continue;
            }
            rv = apr_bucket_read(bucket, &data, &length, APR_BLOCK_READ);
            if (rv != APR_SUCCESS) {
                body->status = HTTP_BAD_REQUEST;
                return NULL;
            }
            if ((apr_off_t)(used + length) > limit) {
                return too_large(r, limit);
            }
            buffer = grow(buffer, &size, used + length + 1, used, r->pool);
            memcpy(buffer + used, data, length);
            used += length;
            if (used > BIG && !body->is_big) {
                if (!mesh_permits_take(mesh_process_bodies(), 0)) {
                    return mesh_err(r->pool, MESH_BUSY, "busy",
                                    "Too many large requests at once; try "
                                    "again in a moment.");
                }
                body->is_big = 1;
            }
        }
        apr_brigade_cleanup(brigade);
    }
    buffer[used] = '\0';
    body->raw = buffer;
    body->raw_length = used;
    return NULL;
}

static int is_json_type(const char *type)
{
    apr_size_t length = type ? strcspn(type, "; \t") : 0;

    return (length == 16 && !ap_cstr_casecmpn(type, "application/json", 16))
           || (length > 17 && !ap_cstr_casecmpn(type, "application/", 12)
               && !ap_cstr_casecmpn(type + length - 5, "+json", 5));
}

static mesh_err_t *read_json(mesh_body_t *body, request_rec *r, apr_off_t limit)
{
    const char *announced = apr_table_get(r->headers_in, "Content-Length");
    const char *encoding = apr_table_get(r->headers_in, "Content-Encoding");
    apr_off_t length = announced ? apr_atoi64(announced) : -1;

    if (length > limit) {
        r->connection->keepalive = AP_CONN_CLOSE;
        return too_large(r, limit);
    }
    if (encoding && ap_cstr_casecmp(encoding, "identity")) {
        return mesh_err(r->pool, MESH_INVALID, "wrong_content_type",
                        "Send the body without Content-Encoding.");
    }
    if (!is_json_type(apr_table_get(r->headers_in, "Content-Type"))) {
        return mesh_err(r->pool, MESH_INVALID, "wrong_content_type",
                        "Send the body as application/json.");
    }
    MESH_TRY(read_bytes(body, r, limit, length));
    if (body->status) {
        return NULL;
    }
    return mesh_json_parse(&body->input, body->raw, body->raw_length, r->pool);
}

/* ---- Parameters --------------------------------------------------------- */

static const mesh_field_t *field_named(const mesh_field_t *fields,
                                       const char *name)
{
    for (; fields && fields->name; fields++) {
        if (!strcmp(fields->name, name)) {
            return fields;
        }
    }
    return NULL;
}

/* A text from a path or query, as what its field wants; what does not fit
 * stays a text, and the schema says what is wrong with it. */
static mesh_err_t *set_parameter(mesh_json_t *input, const mesh_field_t *field,
                                 const char *name, const char *text,
                                 apr_pool_t *p)
{
    mesh_json_t *value;
    mesh_type_t type = field ? field->type : MESH_STRING;

    if (!mesh_text_is_utf8(name, strlen(name), NULL)) {
        return mesh_err(p, MESH_INVALID, "not_utf8",
                        "The name of a parameter is not UTF-8.");
    }
    if (mesh_json_member(input, name)) {
        return mesh_err_at(mesh_err(p, MESH_INVALID, "duplicate_member",
                                    "%s is given twice.", name),
                           p, mesh_err_pointer("", name, p));
    }
    if ((type == MESH_INTEGER || type == MESH_NUMBER || type == MESH_BOOLEAN)
        && !mesh_json_parse(&value, text, strlen(text), p)
        && mesh_json_kind(value) != MESH_JSON_OBJECT
        && mesh_json_kind(value) != MESH_JSON_ARRAY) {
        mesh_json_set(input, name, value);
        return NULL;
    }
    mesh_json_set_text(input, name, text);
    if (mesh_json_kind(mesh_json_member(input, name)) != MESH_JSON_STRING) {
        return mesh_err_at(
            mesh_err(p, MESH_INVALID, "not_utf8", "A parameter is not UTF-8."),
            p, mesh_err_pointer("", name, p));
    }
    return NULL;
}

static mesh_err_t *read_query(mesh_json_t *input, const mesh_field_t *fields,
                              request_rec *r)
{
    char *last, *pair, *args = r->args ? apr_pstrdup(r->pool, r->args) : NULL;

    for (pair = args ? apr_strtok(args, "&", &last) : NULL; pair;
         pair = apr_strtok(NULL, "&", &last)) {
        char *value = strchr(pair, '=');

        if (value) {
            *value++ = '\0';
        }
        else {
            value = (char *)"";
        }
        if (ap_unescape_urlencoded(pair) != OK
            || (*value && ap_unescape_urlencoded(value) != OK)) {
            return mesh_err(r->pool, MESH_INVALID, "bad_parameter",
                            "The query is not well encoded.");
        }
        MESH_TRY(set_parameter(input, field_named(fields, pair), pair, value,
                               r->pool));
    }
    return NULL;
}

/* The {segments} of the path, in the order of the fields that name them. */
static mesh_err_t *read_path(mesh_json_t *input, const mesh_match_t *match,
                             apr_pool_t *p)
{
    int n = 0;

    for (const mesh_field_t *field = match->bound->action->input;
         field && field->name; field++) {
        if ((field->flags & MESH_IN_PATH) && n < match->values->nelts) {
            MESH_TRY(set_parameter(
                input, field, field->name,
                APR_ARRAY_IDX(match->values, n, const char *), p));
            n++;
        }
    }
    return NULL;
}

mesh_err_t *mesh_body_read(mesh_body_t *body, request_rec *r,
                           const mesh_match_t *match, apr_off_t limit)
{
    const mesh_action_t *action = match->bound->action;
    int has_body = *action->method == 'P' && action->input;
    mesh_err_t *err = NULL;

    memset(body, 0, sizeof(*body));
    if (has_body) {
        err = read_json(body, r, limit);
    }
    else {
        body->input = mesh_json_object(r->pool);
        body->raw = r->args ? r->args : "";
        body->raw_length = strlen(body->raw);
        err = read_query(body->input, action->input, r);
    }
    if (!err && body->input
        && mesh_json_kind(body->input) == MESH_JSON_OBJECT) {
        err = read_path(body->input, match, r->pool);
    }
    return err;
}

void mesh_body_done(mesh_body_t *body)
{
    if (body->is_big) {
        mesh_permits_give(mesh_process_bodies());
        body->is_big = 0;
    }
}
