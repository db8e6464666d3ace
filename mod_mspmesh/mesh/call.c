/* SPDX-License-Identifier: Apache-2.0 */
/* call.c -- one path for every call: check, run, store, answer. */
#include "mesh/call.h"

#include <stdarg.h>
#include <string.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "mesh/call_state.h"

/* How often a call that nothing came of is tried in all. */
#define TRIES 3

/* ---- Checking ----------------------------------------------------------- */

static mesh_err_t *check(const mesh_order_t *order, int *is_batch,
                         apr_pool_t *p)
{
    const mesh_json_t *items = mesh_json_member(order->input, "items");

    *is_batch = 0;
    if (order->bound->check_item && items) {
        static const int most = 10000;

        if (mesh_json_count(order->input) != 1
            || mesh_json_kind(items) != MESH_JSON_ARRAY
            || mesh_json_count(items) < 1
            || mesh_json_count(items) > (apr_size_t)most) {
            return mesh_err_at(mesh_err(p, MESH_INVALID, "bad_batch",
                                        "A batch has the one member items, an "
                                        "array of 1 to %d requests.",
                                        most),
                               p, "/items");
        }
        *is_batch = 1;
        return NULL;
    }
    return mesh_schema_check(order->bound->check, order->input, p);
}

/* ---- Running ------------------------------------------------------------ */

static void describe_fault(mesh_json_t *into, const mesh_err_t *err)
{
    mesh_json_t *error = mesh_json_set_object(into, "error");

    mesh_json_set_text(error, "code", err->name);
    mesh_json_set_text(error, "message", err->message);
    if (err->pointer) {
        mesh_json_set_text(mesh_json_set_object(error, "details"), "field",
                           err->pointer);
    }
}

/* One of a batch: a bad one gets an error in its place, and the others their
 * answers; only what breaks the whole transaction fails the whole. */
static mesh_err_t *run_item(mesh_call_t *call, mesh_json_t *item,
                            mesh_json_t *out)
{
    const mesh_order_t *order = call->order;
    const mesh_json_t *id;
    mesh_err_t *err;

    id = mesh_json_member(item, "id");
    if (id && mesh_json_kind(id) == MESH_JSON_STRING) {
        mesh_json_set_text(out, "id", mesh_json_text(id));
    }
    else if (id && mesh_json_kind(id) == MESH_JSON_INTEGER) {
        mesh_json_set_integer(out, "id", mesh_json_integer(id));
    }
    err = mesh_schema_check(order->bound->check_item, item, call->pool);
    if (!err) {
        err = order->bound->action->run(call, item, out);
    }
    if (err
        && (err->code == MESH_INVALID || err->code == MESH_DENIED
            || err->code == MESH_NOT_FOUND)
        && !call->is_broken) {
        describe_fault(out, err);
        call->errors++;
        err = NULL;
    }
    return err;
}

static mesh_err_t *run(mesh_call_t *call, int is_batch, mesh_json_t *answer)
{
    const mesh_order_t *order = call->order;
    const mesh_json_t *items;
    mesh_json_t *results;

    if (!is_batch) {
        return order->bound->action->run(call, order->input, answer);
    }
    items = mesh_json_member(order->input, "items");
    results = mesh_json_set_array(answer, "results");
    for (apr_size_t i = 0; i < mesh_json_count(items); i++) {
        MESH_TRY(run_item(call, mesh_json_element(items, i),
                          mesh_json_add_object(results)));
    }
    call->about = NULL; /* one row about all of them is no one client's */
    return NULL;
}

/* ---- Storing ------------------------------------------------------------ */

/* What the event tells: who answered what, and the members marked for it. */
static mesh_json_t *event_data(mesh_call_t *call, const mesh_json_t *answer,
                               int is_batch)
{
    static const char *const common[] = { "result_id", "client_id", "outcome" };
    const mesh_bound_t *bound = call->order->bound;
    mesh_json_t *data = mesh_json_object(call->pool);

    mesh_json_set_text(data, "agent", bound->agent->name);
    mesh_json_set_text(data, "action", bound->action->name);
    for (apr_size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
        mesh_json_t *value = mesh_json_member(answer, common[i]);

        if (value) {
            mesh_json_set(data, common[i], value);
        }
    }
    if (is_batch) {
        mesh_json_set_integer(
            data, "count",
            (apr_int64_t)mesh_json_count(mesh_json_member(answer, "results")));
        mesh_json_set_integer(data, "errors", call->errors);
    }
    for (const mesh_field_t *field = bound->action->output;
         field && field->name; field++) {
        mesh_json_t *value = (field->flags & MESH_IN_EVENT)
                                 ? mesh_json_member(answer, field->name)
                                 : NULL;

        if (value) {
            mesh_json_set(data, field->name, value);
        }
    }
    return data;
}

static mesh_err_t *store(mesh_call_t *call, const mesh_json_t *answer,
                         const char *result_id, int is_batch)
{
    const mesh_order_t *order = call->order;
    const mesh_bound_t *bound = order->bound;
    apr_pool_t *p = call->pool;
    const mesh_json_t *outcome = mesh_json_member(answer, "outcome");
    const char *args[] = {
        result_id,
        order->who->msp_id,
        call->about ? call->about : order->who->client_id,
        bound->agent->name,
        bound->action->name,
        mesh_json_text(outcome),
        mesh_call_sha256(call, order->raw, order->raw_length),
        (bound->action->flags & MESH_KEEPS)
            ? apr_pstrmemdup(p, order->raw, order->raw_length)
            : NULL,
        mesh_json_format(answer, p),
        mesh_json_format(mesh_json_member(answer, "engine"), p),
        order->who->actor,
        apr_psprintf(p, "%" APR_INT64_T_FMT " microseconds",
                     (apr_int64_t)(apr_time_now() - order->started)),
        order->traceparent,
        mesh_crypto_uuid(p),
        bound->action->event,
        apr_pstrcat(p, "/mspmesh/", bound->agent->name, NULL),
        mesh_json_format(event_data(call, answer, is_batch), p),
    };

    /* One statement: result and event cost one trip through the executor. */
    call->has_written = 1;
    call->stored = args[8];
    return mesh_tx_send(
        call->tx,
        "with result as ("
        " insert into mesh.agent_result (id, msp_id, client_id, agent, action,"
        " outcome, input_sha256, input_text, output, engine, actor, duration,"
        " traceparent)"
        " values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::mesh.outcome, "
        "$7::bytea, $8,"
        " $9::jsonb, $10::jsonb, $11, $12::interval, $13)) "
        "insert into mesh.event (id, msp_id, client_id, type, source, subject,"
        " data, traceparent) values ($14::uuid, $2::uuid, $3::uuid, $15, $16,"
        " coalesce($3, $1), $17::jsonb, $13)",
        sizeof(args) / sizeof(*args), args);
}

/* Marks the job done, if it is still ours: else nothing of this is stored. */
static mesh_err_t *finish_job(mesh_call_t *call, const mesh_json_t *answer)
{
    const mesh_job_t *job = call->order->job;
    const char *args[] = { job->id, job->taker,
                           mesh_json_format(answer, call->pool) };
    mesh_rows_t *rows;

    MESH_TRY(mesh_tx_query(call->tx, &rows,
                           "update mesh.job set state = 'done', progress = 1,"
                           " result = $3::jsonb, problem = null,"
                           " leased_by = null, lease_until = null,"
                           " ended_at = clock_timestamp(),"
                           " input = '{}'::jsonb "
                           "where id = $1::uuid and leased_by = $2"
                           " and state = 'running' returning id",
                           3, args));
    if (!mesh_rows_count(rows)) {
        return mesh_err(call->pool, MESH_BUSY, "lease_lost",
                        "The job was cancelled or given to somebody else.");
    }
    return NULL;
}

/* ---- Answering ---------------------------------------------------------- */

static void set_common(mesh_call_t *call, mesh_json_t *answer)
{
    const mesh_order_t *order = call->order;
    mesh_json_t *engine;

    if (!mesh_json_member(answer, "outcome")) {
        mesh_json_set_text(answer, "outcome", "ok");
    }
    engine = mesh_json_set_object(answer, "engine");
    mesh_json_set_text(engine, "name", order->bound->agent->name);
    mesh_json_set_text(engine, "version", order->bound->agent->version);
    mesh_json_set_text(engine, "provider", "local");
    if (!mesh_json_member(answer, "timestamp")) {
        mesh_json_set_text(answer, "timestamp",
                           mesh_clock_format(call->now, call->pool));
    }
    mesh_json_set_number(
        mesh_json_set_object(answer, "meta"), "duration_ms",
        mesh_json_round((double)(apr_time_now() - order->started) / 1000, 3));
}

static mesh_err_t *defer(mesh_call_t *call, mesh_json_t *answer)
{
    const mesh_bound_t *bound = call->order->bound;
    const char *job_id;

    MESH_TRY(
        mesh_enqueue(call, &job_id, bound->action->name, call->order->input));
    mesh_json_set_text(answer, "outcome", "queued");
    mesh_json_set_text(answer, "job_id", job_id);
    return NULL;
}

/* One try, from the first statement to the commit. */
static mesh_err_t *attempt(mesh_call_t *call, mesh_json_t *answer, int is_batch)
{
    const mesh_order_t *order = call->order;
    const mesh_action_t *action = order->bound->action;
    int is_agent = !(action->flags & MESH_PLATFORM);
    int must_store = (action->flags & MESH_STORES) && !order->is_what_if;
    int must_defer = must_store && order->is_async && !order->job;
    const char *result_id = NULL;

    if (is_agent && must_store && !must_defer) {
        result_id = mesh_crypto_uuid(call->pool);
    }
    if (is_agent) {
        mesh_json_set_text(answer, "result_id", result_id);
    }
    MESH_TRY(must_defer ? defer(call, answer) : run(call, is_batch, answer));
    if (is_agent) {
        set_common(call, answer);
    }
    if (result_id) {
        MESH_TRY(store(call, answer, result_id, is_batch));
    }
    if (order->job) {
        MESH_TRY(finish_job(call, answer));
    }
    return mesh_tx_commit(call->tx);
}

static void finish_reply(mesh_reply_t *reply, mesh_call_t *call)
{
    const mesh_json_t *outcome = mesh_json_member(reply->json, "outcome");

    reply->status = call->order->bound->action->status
                        ? call->order->bound->action->status
                        : 200;
    if (outcome && !strcmp(mesh_json_text(outcome), "queued")) {
        reply->status = 202;
        mesh_call_header(
            call, "Location",
            apr_pstrcat(call->pool, call->order->site->prefix, "/jobs/",
                        mesh_json_text(mesh_json_member(reply->json, "job_id")),
                        NULL));
    }
    if (call->stored) {
        /* What was stored is what is sent, to the letter. */
        reply->json = NULL;
        reply->text = call->stored;
        reply->type = "application/json";
    }
    if (call->is_text) {
        reply->json = NULL;
        reply->text = call->text;
        reply->type = call->type;
        reply->etag = call->etag;
    }
}

mesh_err_t *mesh_call_run(mesh_reply_t *reply, const mesh_order_t *order,
                          apr_pool_t *p)
{
    const mesh_action_t *action = order->bound->action;
    mesh_scope_t scope = { NULL, NULL };
    mesh_err_t *err = NULL;
    mesh_call_t *call;
    int is_batch, is_reading;

    MESH_TRY(check(order, &is_batch, p));
    if (order->who) {
        scope.msp_id = order->who->msp_id;
        scope.client_id = order->who->client_id;
    }
    is_reading = !(action->flags & (MESH_STORES | MESH_WRITES)) && !order->job;
    for (int tries = 0; tries < TRIES; tries++) {
        call = apr_pcalloc(p, sizeof(*call));
        call->order = order;
        call->pool = p;
        call->now = apr_time_now();
        *reply = (mesh_reply_t){ .json = mesh_json_object(p) };
        MESH_TRY(mesh_tx_create(&call->tx, order->mesh->db, &scope,
                                is_reading || order->is_what_if, p));
        err = attempt(call, reply->json, is_batch);
        mesh_tx_rollback(call->tx);
        if (!err || !err->can_retry) {
            break;
        }
    }
    MESH_TRY(err);
    if (call->has_written || (action->flags & MESH_WRITES)) {
        mesh_announcer_announce(order->mesh->announcer, call->has_enqueued);
    }
    if (call->has_enqueued) {
        mesh_workers_wake(order->mesh->workers);
    }
    finish_reply(reply, call);
    return NULL;
}
