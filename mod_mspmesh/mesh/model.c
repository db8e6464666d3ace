/* SPDX-License-Identifier: Apache-2.0 */
/* model.c -- versions of what agents learned. */
#include <string.h>
#include <apr_strings.h>

#include "mesh/call_state.h"

static const char *agent_of(const mesh_call_t *call)
{
    return call->order->bound->agent->name;
}

/* Many calls read it at once, and none changes it. */
static mesh_err_t *load_metrics(void **made, const char *metrics, apr_pool_t *p)
{
    mesh_json_t *json;

    MESH_TRY(mesh_json_parse(&json, metrics, strlen(metrics), p));
    *made = json;
    return NULL;
}

mesh_err_t *mesh_model_find(mesh_call_t *call, mesh_model_t **model,
                            const char *name)
{
    const mesh_json_t *row;
    mesh_model_t *found;
    mesh_rows_t *rows;
    void *metrics;

    *model = NULL;
    MESH_TRY(mesh_query(
        call, &rows,
        "select id, version, algorithm, ready_at, training_rows from "
        "mesh.model where agent = $1 and name = $2"
        " and state = 'active'",
        MESH_ARGS(mesh_arg_text(agent_of(call)), mesh_arg_text(name))));
    if (!mesh_rows_count(rows)) {
        return NULL;
    }
    row = mesh_rows_object(rows, 0, call->pool);
    found = apr_pcalloc(call->pool, sizeof(*found));
    found->id = mesh_json_text(mesh_json_member(row, "id"));
    found->name = name;
    found->version = (int)mesh_json_integer(mesh_json_member(row, "version"));
    found->rows =
        (int)mesh_json_integer(mesh_json_member(row, "training_rows"));
    found->algorithm = mesh_json_text(mesh_json_member(row, "algorithm"));
    MESH_TRY(
        mesh_call_part(call, &metrics, "metrics",
                       "select metrics from mesh.model where id = $1::uuid",
                       found->id, load_metrics));
    found->metrics = metrics;
    found->ready_at = mesh_json_text(mesh_json_member(row, "ready_at"));
    *model = found;
    return NULL;
}

mesh_err_t *mesh_model_create(mesh_call_t *call, mesh_model_t **model,
                              const char *name, const char *training_sha256)
{
    mesh_model_t *made = apr_pcalloc(call->pool, sizeof(*made));
    mesh_rows_t *rows;

    MESH_TRY(mesh_call_must_keep(call));
    made->id = mesh_call_uuid(call);
    made->name = name;
    /* Two that train the same name take their versions one after another. */
    MESH_TRY(
        mesh_send(call,
                  "select pg_advisory_xact_lock(hashtext($1 || $2),"
                  " hashtext($3))",
                  MESH_ARGS(mesh_arg_text(agent_of(call)), mesh_arg_text(name),
                            mesh_arg_text(mesh_call_tenant(call)))));
    MESH_TRY(mesh_query(
        call, &rows,
        "insert into mesh.model (id, msp_id, agent, name, version,"
        " training_sha256, job_id) select $1::uuid, $2::uuid, $3, $4,"
        " coalesce(max(version), 0) + 1, $5::bytea, $6::uuid from mesh.model"
        " where agent = $3 and name = $4 returning version",
        MESH_ARGS(mesh_arg_text(made->id),
                  mesh_arg_text(mesh_call_tenant(call)),
                  mesh_arg_text(agent_of(call)), mesh_arg_text(name),
                  mesh_arg_text(training_sha256),
                  mesh_arg_text(mesh_call_job(call)))));
    made->version = (int)mesh_rows_integer(rows, 0, "version");
    *model = made;
    return NULL;
}

mesh_err_t *mesh_model_await(mesh_call_t *call, const mesh_model_t *model,
                             const char *job_id)
{
    return mesh_send(
        call,
        "update mesh.model set job_id = $2::uuid"
        " where id = $1::uuid",
        MESH_ARGS(mesh_arg_text(model->id), mesh_arg_text(job_id)));
}

mesh_err_t *mesh_model_ready(mesh_call_t *call, const mesh_model_t *model,
                             const char *algorithm, const mesh_json_t *artefact,
                             int rows, const mesh_json_t *metrics,
                             const char *guard)
{
    mesh_model_t *active;
    int is_better = 1;

    if (guard) {
        MESH_TRY(mesh_model_find(call, &active, model->name));
        is_better = !active
                    || mesh_json_number(mesh_json_member(metrics, guard))
                           >= mesh_json_number(
                               mesh_json_member(active->metrics, guard));
    }
    if (is_better) {
        MESH_TRY(mesh_send(call,
                           "update mesh.model set state = 'retired'"
                           " where agent = $1 and name = $2"
                           " and state = 'active'",
                           MESH_ARGS(mesh_arg_text(agent_of(call)),
                                     mesh_arg_text(model->name))));
    }
    return mesh_send(
        call,
        "update mesh.model set state = $2, algorithm = $3,"
        " artefact = $4::jsonb, training_rows = $5::int, metrics = $6::jsonb,"
        " problem = null, ready_at = now() where id = $1::uuid",
        MESH_ARGS(mesh_arg_text(model->id),
                  mesh_arg_text(is_better ? "active" : "candidate"),
                  mesh_arg_text(algorithm), mesh_arg_json(call, artefact),
                  mesh_arg_integer(call, rows), mesh_arg_json(call, metrics)));
}

mesh_err_t *mesh_model_failed(mesh_call_t *call, const char *model_id,
                              const mesh_err_t *why)
{
    return mesh_send(
        call,
        "update mesh.model set state = 'failed',"
        " problem = $2::jsonb where id = $1::uuid",
        MESH_ARGS(mesh_arg_text(model_id),
                  mesh_arg_json(call, mesh_job_problem(why, call->pool))));
}

/* A row as an answer: metrics are members of it, and an agent's user knows a
 * model that is trained as ready, whether it serves or not. */
static void describe(mesh_json_t *out, mesh_json_t *row, apr_pool_t *p)
{
    const mesh_json_t *metrics = mesh_json_member(row, "metrics");

    for (mesh_json_iter_t *at = mesh_json_first(row); at;
         at = mesh_json_next(row, at)) {
        if (mesh_json_value(at) != metrics) {
            mesh_json_set(out, mesh_json_name(at),
                          mesh_json_copy(mesh_json_value(at), p));
        }
    }
    for (mesh_json_iter_t *at = mesh_json_first(metrics); at;
         at = mesh_json_next(metrics, at)) {
        mesh_json_set(out, mesh_json_name(at),
                      mesh_json_copy(mesh_json_value(at), p));
    }
}

/* A model whose job ended without a word has failed with the job. */
#define ENDED                                                            \
    "select coalesce(j.problem, jsonb_build_object('code', j.state,"     \
    " 'detail', 'Its training was ' || j.state || '.')) from mesh.job j" \
    " where j.id = job_id and j.state in ('failed', 'dead', 'cancelled')"

#define COLUMNS                                                          \
    "id as model_id, name, version, case when state = 'failed'"          \
    " or (state = 'training' and exists (" ENDED "))"                    \
    " then 'failed' when state = 'training' then state else 'ready' end" \
    " as state, state = 'active' as is_serving, algorithm,"              \
    " training_rows as rows, coalesce(problem, case state when"          \
    " 'training' then (" ENDED ") end) as problem, job_id, created_at,"  \
    " ready_at as trained_at"

mesh_err_t *mesh_model_show(mesh_call_t *call, mesh_json_t *out,
                            const char *name)
{
    mesh_rows_t *rows;

    MESH_TRY(mesh_query(
        call, &rows,
        "select " COLUMNS ", metrics from mesh.model"
        " where agent = $1 and name = $2"
        " order by version desc limit 1",
        MESH_ARGS(mesh_arg_text(agent_of(call)), mesh_arg_text(name))));
    if (!mesh_rows_count(rows)) {
        return mesh_err(call->pool, MESH_NOT_FOUND, "unknown_model",
                        "There is no model of this name.");
    }
    describe(out, mesh_rows_object(rows, 0, call->pool), call->pool);
    return NULL;
}

mesh_err_t *mesh_model_list(mesh_call_t *call, mesh_json_t *list)
{
    mesh_rows_t *rows;

    MESH_TRY(mesh_query(call, &rows,
                        "select distinct on (name) " COLUMNS ","
                        " metrics - 'features' - 'calibration' as metrics"
                        " from mesh.model where agent = $1"
                        " order by name, version desc limit 1000",
                        MESH_ARGS(mesh_arg_text(agent_of(call)))));
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        describe(mesh_json_add_object(list),
                 mesh_rows_object(rows, i, call->pool), call->pool);
    }
    return NULL;
}
