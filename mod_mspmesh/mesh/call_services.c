/* SPDX-License-Identifier: Apache-2.0 */
/* call_services.c -- what the mesh does for an agent during a call. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>

#include "base/crypto.h"
#include "mesh/call_state.h"

#define MAX_ARGS 32

const mesh_order_t *mesh_call_order(const mesh_call_t *call)
{
    return call->order;
}

apr_pool_t *mesh_call_pool(const mesh_call_t *call)
{
    return call->pool;
}

apr_time_t mesh_call_now(const mesh_call_t *call)
{
    return call->now;
}

const char *mesh_call_tenant(const mesh_call_t *call)
{
    return call->order->who->msp_id;
}

int mesh_call_is_what_if(const mesh_call_t *call)
{
    return call->order->is_what_if;
}

mesh_err_t *mesh_call_must_keep(const mesh_call_t *call)
{
    return call->order->is_what_if
               ? mesh_err(call->pool, MESH_INVALID, "not_a_what_if",
                          "This cannot be done without storing it: leave out "
                          "Prefer: persist=none.")
               : NULL;
}

void mesh_call_about(mesh_call_t *call, const char *client_id)
{
    call->about = client_id;
}

const char *mesh_call_setting(const mesh_call_t *call, const char *name)
{
    return mesh_registry_setting(call->order->bound->agent,
                                 call->order->site->settings, name, call->pool);
}

double mesh_call_setting_number(const mesh_call_t *call, const char *name)
{
    const char *value = mesh_call_setting(call, name);

    return value ? strtod(value, NULL) : 0;
}

const char *mesh_call_uuid(const mesh_call_t *call)
{
    return mesh_crypto_uuid(call->pool);
}

int mesh_is_uuid(const char *text)
{
    return mesh_crypto_is_uuid(text);
}

const char *mesh_call_sha256(const mesh_call_t *call, const void *bytes,
                             apr_size_t length)
{
    unsigned char digest[MESH_SHA256_SIZE];

    mesh_crypto_sha256(digest, bytes, length);
    return apr_pstrcat(call->pool, "\\x",
                       mesh_crypto_hex(digest, sizeof(digest), call->pool),
                       NULL);
}

void mesh_call_header(mesh_call_t *call, const char *name, const char *value)
{
    if (call->order->headers) {
        apr_table_setn(call->order->headers, name, value);
    }
}

void mesh_call_answer_text(mesh_call_t *call, const char *text,
                           const char *type, const char *etag)
{
    call->is_text = 1;
    call->text = text;
    call->type = type;
    call->etag = etag;
}

void mesh_note(const mesh_call_t *call, const char *fmt, ...)
{
    va_list args;
    const char *words;

    va_start(args, fmt);
    words = apr_pvsprintf(call->pool, fmt, args);
    va_end(args);
    mesh_log(MESH_LOG_INFO, MESHNO(2020) "agent(%s): %s",
             call->order->bound->agent->name, words);
}

/* ---- The database ------------------------------------------------------- */

mesh_arg_t mesh_arg_text(const char *s)
{
    return (mesh_arg_t){ .text = s, .more = 1 };
}

mesh_arg_t mesh_arg_integer(const mesh_call_t *call, apr_int64_t n)
{
    return mesh_arg_text(apr_psprintf(call->pool, "%" APR_INT64_T_FMT, n));
}

mesh_arg_t mesh_arg_number(const mesh_call_t *call, double x)
{
    /* 17 digits bring a double back as it was; APR's own %g does not. */
    mesh_json_t *number;

    if (!isfinite(x)) {
        return mesh_arg_text(NULL);
    }
    number = mesh_json_array(call->pool);
    mesh_json_add_number(number, x);
    return mesh_arg_text(
        mesh_json_format(mesh_json_element(number, 0), call->pool));
}

mesh_arg_t mesh_arg_json(const mesh_call_t *call, const mesh_json_t *json)
{
    return mesh_arg_text(json ? mesh_json_format(json, call->pool) : NULL);
}

static int unwrap(const char *texts[MAX_ARGS], const mesh_arg_t *args)
{
    int n = 0;

    for (; args->more && n < MAX_ARGS; args++) {
        texts[n++] = args->text;
    }
    return n;
}

static mesh_err_t *noted(mesh_call_t *call, mesh_err_t *err)
{
    call->is_broken |= err != NULL;
    return err;
}

mesh_err_t *mesh_query(mesh_call_t *call, mesh_rows_t **rows, const char *sql,
                       const mesh_arg_t *args)
{
    const char *texts[MAX_ARGS];
    int n = unwrap(texts, args);

    return noted(call, mesh_tx_query(call->tx, rows, sql, n, texts));
}

mesh_err_t *mesh_send(mesh_call_t *call, const char *sql,
                      const mesh_arg_t *args)
{
    const char *texts[MAX_ARGS];
    int n = unwrap(texts, args);

    if (call->order->is_what_if) {
        return NULL;
    }
    call->has_written = 1;
    return noted(call, mesh_tx_send(call->tx, sql, n, texts));
}

mesh_err_t *mesh_release(mesh_call_t *call)
{
    return noted(call, mesh_tx_commit(call->tx));
}

/* OIDs of pg_type that JSON has a kind for; they never change. */
enum {
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_JSON = 114,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_TIMESTAMPTZ = 1184,
    OID_NUMERIC = 1700,
    OID_JSONB = 3802,
};

/* "2026-11-18 10:42:07.5+00" -> "2026-11-18T10:42:07.5Z"; connections keep
 * UTC (conf/site.conf), any other offset is left to speak for itself. */
static const char *rfc3339(const char *cell, apr_pool_t *p)
{
    char *text = apr_pstrdup(p, cell);
    char *blank = strchr(text, ' '), *offset = strstr(text, "+00");

    if (blank) {
        *blank = 'T';
    }
    if (offset && !offset[3]) {
        offset[0] = 'Z';
        offset[1] = '\0';
    }
    return text;
}

mesh_json_t *mesh_rows_object(const mesh_rows_t *rows, int row, apr_pool_t *p)
{
    mesh_json_t *object = mesh_json_object(p), *inner;

    for (int i = 0; i < mesh_rows_columns(rows); i++) {
        const char *name = mesh_rows_name(rows, i);
        const char *cell = mesh_rows_cell(rows, row, i);

        if (!cell) {
            mesh_json_set_null(object, name);
            continue;
        }
        switch (mesh_rows_type(rows, i)) {
        case OID_BOOL: mesh_json_set_boolean(object, name, *cell == 't'); break;
        case OID_INT2:
        case OID_INT4:
        case OID_INT8:
            mesh_json_set_integer(object, name, apr_atoi64(cell));
            break;
        case OID_FLOAT4:
        case OID_FLOAT8:
        case OID_NUMERIC:
            mesh_json_set_number(object, name, strtod(cell, NULL));
            break;
        case OID_JSON:
        case OID_JSONB:
            if (mesh_json_parse(&inner, cell, strlen(cell), p) == NULL) {
                mesh_json_set(object, name, inner);
            }
            break;
        case OID_TIMESTAMPTZ:
            mesh_json_set_text(object, name, rfc3339(cell, p));
            break;
        default: mesh_json_set_text(object, name, cell); break;
        }
    }
    return object;
}

/* ---- Events, jobs, models ----------------------------------------------- */

mesh_err_t *mesh_publish(mesh_call_t *call, const char *type,
                         const char *subject, const mesh_json_t *data)
{
    const mesh_order_t *order = call->order;

    return mesh_send(
        call,
        "insert into mesh.event (id, msp_id, client_id, type, source, subject,"
        " data, traceparent) values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6,"
        " $7::jsonb, $8)",
        MESH_ARGS(
            mesh_arg_text(mesh_call_uuid(call)),
            mesh_arg_text(order->who->msp_id),
            mesh_arg_text(call->about ? call->about : order->who->client_id),
            mesh_arg_text(type),
            mesh_arg_text(apr_pstrcat(call->pool, "/mspmesh/",
                                      order->bound->agent->name, NULL)),
            mesh_arg_text(subject), mesh_arg_json(call, data),
            mesh_arg_text(order->traceparent)));
}

mesh_err_t *mesh_enqueue(mesh_call_t *call, const char **job_id,
                         const char *action, const mesh_json_t *in)
{
    const mesh_order_t *order = call->order;

    MESH_TRY(mesh_call_must_keep(call));
    *job_id = mesh_call_uuid(call);
    call->has_enqueued = 1;
    return mesh_send(
        call,
        "insert into mesh.job (id, msp_id, client_id, agent, action, input,"
        " actor, role, traceparent) values ($1::uuid, $2::uuid, $3::uuid, $4,"
        " $5, $6::jsonb, $7, $8, $9)",
        MESH_ARGS(mesh_arg_text(*job_id), mesh_arg_text(order->who->msp_id),
                  mesh_arg_text(order->who->client_id),
                  mesh_arg_text(order->bound->agent->name),
                  mesh_arg_text(action), mesh_arg_json(call, in),
                  mesh_arg_text(order->who->actor),
                  mesh_arg_text(order->who->role),
                  mesh_arg_text(order->traceparent)));
}

mesh_err_t *mesh_progress(mesh_call_t *call, double done)
{
    const mesh_order_t *order = call->order;

    if (!order->job) {
        return NULL;
    }
    return mesh_job_beat(order->job, order->mesh->db, done, call->pool);
}

const char *mesh_call_job(const mesh_call_t *call)
{
    return call->order->job ? call->order->job->id : NULL;
}

mesh_err_t *mesh_call_part(mesh_call_t *call, void **made, const char *part,
                           const char *sql, const char *model_id,
                           mesh_load_fn *load)
{
    mesh_artefacts_t *artefacts = call->order->mesh->artefacts;
    const char *key = apr_pstrcat(call->pool, part, " ", model_id, NULL);
    mesh_rows_t *rows;

    *made = mesh_artefacts_find(artefacts, key, call->pool);
    if (*made) {
        return NULL;
    }
    MESH_TRY(mesh_query(call, &rows, sql, MESH_ARGS(mesh_arg_text(model_id))));
    if (!mesh_rows_count(rows) || mesh_rows_is_null(rows, 0, part)) {
        return mesh_err(call->pool, MESH_NOT_FOUND, "unknown_model",
                        "There is no such model.");
    }
    return mesh_artefacts_add(artefacts, made, key,
                              mesh_rows_text(rows, 0, part), load, call->pool);
}

mesh_err_t *mesh_artefact(mesh_call_t *call, void **made, const char *model_id,
                          mesh_load_fn *load)
{
    return mesh_call_part(call, made, "artefact",
                          "select artefact from mesh.model where id = $1::uuid",
                          model_id, load);
}
