/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.c -- how work that was put off is getting on. */
#include "mesh/call.h"

#define COLUMNS                                                      \
    "id as job_id, agent, action, state, progress, result, problem," \
    " created_at, started_at, ended_at"

static mesh_err_t *unknown(mesh_call_t *call)
{
    return mesh_err(mesh_call_pool(call), MESH_NOT_FOUND, "unknown_job",
                    "There is no such job.");
}

static void copy_members(mesh_json_t *out, const mesh_json_t *row,
                         apr_pool_t *p)
{
    for (mesh_json_iter_t *at = mesh_json_first(row); at;
         at = mesh_json_next(row, at)) {
        mesh_json_set(out, mesh_json_name(at),
                      mesh_json_copy(mesh_json_value(at), p));
    }
}

static mesh_err_t *show(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    mesh_rows_t *rows;

    MESH_TRY(mesh_query(
        call, &rows, "select " COLUMNS " from mesh.job where id = $1::uuid",
        MESH_ARGS(mesh_arg_text(mesh_json_text(mesh_json_member(in, "id"))))));
    if (!mesh_rows_count(rows)) {
        return unknown(call);
    }
    copy_members(out, mesh_rows_object(rows, 0, p), p);
    return NULL;
}

static mesh_err_t *list(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    mesh_json_t *jobs = mesh_json_set_array(out, "jobs");
    const mesh_json_t *limit = mesh_json_member(in, "limit");
    mesh_rows_t *rows;

    MESH_TRY(mesh_query(call, &rows,
                        "select " COLUMNS
                        " from mesh.job order by created_at desc, id desc"
                        " limit $1::int",
                        MESH_ARGS(mesh_arg_integer(
                            call, limit ? mesh_json_integer(limit) : 20))));
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_add(jobs, mesh_rows_object(rows, i, mesh_call_pool(call)));
    }
    MESH_TRY(mesh_query(call, &rows, "select count(*) as n from mesh.job",
                        MESH_NO_ARGS));
    mesh_json_set_integer(out, "total", mesh_rows_integer(rows, 0, "n"));
    return NULL;
}

static mesh_err_t *cancel(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    const char *id = mesh_json_text(mesh_json_member(in, "id"));
    mesh_rows_t *rows;

    /* Whoever works on it learns at the next beat, and stores nothing. */
    MESH_TRY(mesh_query(call, &rows,
                        "update mesh.job set state = 'cancelled',"
                        " leased_by = null, lease_until = null,"
                        " ended_at = clock_timestamp() where id = $1::uuid"
                        " and state in ('queued', 'running') returning id",
                        MESH_ARGS(mesh_arg_text(id))));
    if (!mesh_rows_count(rows)) {
        MESH_TRY(show(call, in, out));
        return mesh_err(mesh_call_pool(call), MESH_INVALID, "not_cancellable",
                        "The job has ended already.");
    }
    return show(call, in, out);
}

static const mesh_field_t id_input[] = {
    { "id", MESH_STRING, MESH_REQUIRED | MESH_IN_PATH, 36, 36, "The job's id.",
      NULL, NULL, "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" },
    { NULL },
};

static const mesh_field_t list_input[] = {
    { "limit", MESH_INTEGER, 0, 1, 1000, "How many, the newest first." },
    { NULL },
};

static const char *const states[] = { "queued", "running",   "done", "failed",
                                      "dead",   "cancelled", NULL };

static const mesh_field_t job_fields[] = {
    { "job_id", MESH_STRING, MESH_REQUIRED },
    { "agent", MESH_STRING, MESH_REQUIRED },
    { "action", MESH_STRING, MESH_REQUIRED },
    { "state", MESH_STRING, MESH_REQUIRED, 0, 0, NULL, NULL, states },
    { "progress", MESH_NUMBER, MESH_REQUIRED, 0, 1 },
    { "result", MESH_OBJECT, MESH_NULLABLE, 0, 0, "The answer, when done." },
    { "problem", MESH_OBJECT, MESH_NULLABLE, 0, 0, "What went wrong last." },
    { "created_at", MESH_STRING, MESH_REQUIRED },
    { "started_at", MESH_STRING, MESH_NULLABLE },
    { "ended_at", MESH_STRING, MESH_NULLABLE },
    { NULL },
};

static const mesh_field_t one_job[] = {
    { "", MESH_OBJECT, 0, 0, 0, NULL, job_fields },
};

static const mesh_field_t list_output[] = {
    { "jobs", MESH_ARRAY, MESH_REQUIRED, 0, 0, "The newest first.", one_job },
    { "total", MESH_INTEGER, MESH_REQUIRED, 0, 0, "How many there are." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "list", "GET", "", MESH_READ, MESH_PLATFORM, "The newest jobs",
      list_input, list_output, list },
    { "show", "GET", "/{id}", MESH_READ, MESH_PLATFORM, "One job", id_input,
      job_fields, show },
    { "cancel", "DELETE", "/{id}", MESH_RUN, MESH_PLATFORM | MESH_WRITES,
      "Cancel a job that has not ended", id_input, job_fields, cancel },
    { NULL },
};

MESH_AGENT(jobs) = {
    .name = "jobs",
    .title = "Jobs",
    .summary = "Work that was put off.",
    .route = "/jobs",
    .version = "1",
    .is_platform = 1,
    .actions = actions,
};
