/* SPDX-License-Identifier: Apache-2.0 */
/* job.c -- work for later. */
#include "mesh/job.h"

#include <apr_strings.h>

mesh_err_t *mesh_job_take(mesh_job_t **job, mesh_db_t *db, const char *taker,
                          apr_pool_t *p)
{
    mesh_rows_t *rows;
    mesh_job_t *taken;

    *job = NULL;
    MESH_TRY(mesh_db_query(db, &rows, NULL,
                           "select id, msp_id, client_id, agent, action, "
                           "input, actor, role, receives, traceparent "
                           "from mesh.job_take($1, interval '" MESH_JOB_LEASE
                           "')",
                           1, &taker, p));
    if (!mesh_rows_count(rows)) {
        return NULL;
    }
    taken = apr_pcalloc(p, sizeof(*taken));
    taken->id = mesh_rows_text(rows, 0, "id");
    taken->msp_id = mesh_rows_text(rows, 0, "msp_id");
    taken->client_id = mesh_rows_text(rows, 0, "client_id");
    taken->agent = mesh_rows_text(rows, 0, "agent");
    taken->action = mesh_rows_text(rows, 0, "action");
    taken->input = mesh_rows_text(rows, 0, "input");
    taken->actor = mesh_rows_text(rows, 0, "actor");
    taken->role = mesh_rows_text(rows, 0, "role");
    taken->traceparent = mesh_rows_text(rows, 0, "traceparent");
    taken->receives = (int)mesh_rows_integer(rows, 0, "receives");
    taken->taker = taker;
    *job = taken;
    return NULL;
}

mesh_err_t *mesh_job_beat(const mesh_job_t *job, mesh_db_t *db, double done,
                          apr_pool_t *p)
{
    const char *args[] = { job->id, job->taker, apr_psprintf(p, "%.4f", done) };
    mesh_rows_t *rows;

    if (job->should_stop && job->should_stop(job->baton)) {
        return mesh_err(p, MESH_BUSY, "stopping",
                        "The server is stopping; the job goes back.");
    }
    MESH_TRY(mesh_db_query(
        db, &rows, NULL,
        "select mesh.job_beat($1::uuid, $2, interval '" MESH_JOB_LEASE
        "', $3::real) as held",
        3, args, p));
    if (!mesh_rows_boolean(rows, 0, "held")) {
        return mesh_err(p, MESH_BUSY, "lease_lost",
                        "The job was cancelled or given to somebody else.");
    }
    return NULL;
}

mesh_err_t *mesh_job_return(const mesh_job_t *job, mesh_db_t *db,
                            const char *how, const mesh_json_t *problem,
                            apr_pool_t *p)
{
    /* 2, 4, 8 … seconds, and up to half as much again by the job's id, so
     * that jobs that failed together do not come back together. */
    unsigned int spread = 0, wait = 2000u << (job->receives - 1) % 8;
    const char *args[5] = { job->id, job->taker, how };
    mesh_rows_t *rows;

    for (const char *c = job->id; *c; c++) {
        spread = spread * 31 + (unsigned char)*c;
    }
    wait += spread % (wait / 2);
    args[3] = problem ? mesh_json_format(problem, p) : NULL;
    args[4] = apr_psprintf(p, "%u milliseconds",
                           *how == 'r' && how[2] == 't' ? wait : 0);
    return mesh_db_query(db, &rows, NULL,
                         "select mesh.job_return($1::uuid, $2, $3, "
                         "$4::jsonb, $5::interval)",
                         5, args, p);
}

mesh_json_t *mesh_job_problem(const mesh_err_t *err, apr_pool_t *p)
{
    mesh_json_t *problem = mesh_json_object(p);

    mesh_json_set_text(problem, "code", err->name);
    mesh_json_set_text(problem, "detail", err->message);
    if (err->pointer) {
        mesh_json_set_text(problem, "pointer", err->pointer);
    }
    return problem;
}
