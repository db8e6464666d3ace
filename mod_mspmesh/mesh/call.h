/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h -- one path for every call: check, run, store, answer.
 *
 * A request or a job becomes a mesh_order_t; mesh_call_run() checks its input
 * against the action's schema, runs the action as the caller's tenant, and
 * stores result, rows and event in one transaction before there is an answer.
 * What failed before its commit was sent, and may be tried again, is.
 *
 * Thread: the caller's.  Pool: the answer lives in the pool given.
 */
#ifndef MESH_CALL_H
#define MESH_CALL_H

#include "mesh/job.h"
#include "mesh/mesh.h"

typedef struct mesh_order_t {
    const mesh_t *mesh;
    const mesh_site_t *site;
    const mesh_bound_t *bound;
    const mesh_identity_t *who; /* NULL: nobody, for public actions */
    apr_table_t *headers;       /* of the reply; NULL in a job */
    mesh_json_t *input;
    const char *raw; /* as it came, for its SHA-256 */
    apr_size_t raw_length;
    const char *traceparent; /* or NULL */
    const char *credential;  /* the session token that was shown, or NULL */
    apr_time_t started;
    int wants_json;        /* Accept names application/json */
    int is_what_if;        /* Prefer: persist=none */
    int is_async;          /* Prefer: respond-async */
    const mesh_job_t *job; /* or NULL */
} mesh_order_t;

/* What is sent: JSON, or a text of another kind. */
typedef struct mesh_reply_t {
    int status;
    mesh_json_t *json; /* NULL: see text; neither: no body */
    const char *text, *type;
    const char *etag; /* strong, of a text that rarely changes; or NULL */
} mesh_reply_t;

mesh_err_t *mesh_call_run(mesh_reply_t *reply, const mesh_order_t *order,
                          apr_pool_t *p);

/* For actions of the platform only (handlers/platform). */
const mesh_order_t *mesh_call_order(const mesh_call_t *call);

/* For those too: answer TEXT of content type TYPE, or with a NULL text
 * nothing, instead of JSON. */
void mesh_call_answer_text(mesh_call_t *call, const char *text,
                           const char *type, const char *etag);

#endif
