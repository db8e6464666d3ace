/* SPDX-License-Identifier: Apache-2.0 */
/* worker.c -- the threads of a process that do jobs. */
#include "mesh/worker.h"

#include <string.h>
#include <unistd.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#include "base/log.h"
#include "mesh/call.h"
#include "mesh/job.h"
#include "mesh/mesh.h"
#include "mesh/thread.h"

/* How long an idle worker waits for a wake-up that was lost, and how long
 * when the database is away: its return wakes everybody. */
#define IDLE apr_time_from_sec(1)
#define AWAY apr_time_from_sec(10)

#define JOB_MSG(job, text) "job(%s): " text, (job)->id

typedef struct {
    mesh_workers_t *workers;
    apr_thread_t *thread;
    char name[120]; /* host/process/thread: who holds a lease */
} worker_t;

struct mesh_workers_t {
    const mesh_t *mesh;
    worker_t *all;
    int count;
    apr_uint32_t is_stopping; /* atomic */

    apr_thread_mutex_t *lock; /* guards all below */
    apr_thread_cond_t *woken;
    unsigned int calls; /* how often somebody woke us */
};

static int is_stopping(void *workers)
{
    return apr_atomic_read32(&((mesh_workers_t *)workers)->is_stopping) != 0;
}

/* Wait for a call later than the SEEN-th, or for SPAN; returns the newest. */
static unsigned int wait_for_call(mesh_workers_t *workers, unsigned int seen,
                                  apr_interval_time_t span)
{
    apr_thread_mutex_lock(workers->lock);
    if (workers->calls == seen && !is_stopping(workers)) {
        apr_thread_cond_timedwait(workers->woken, workers->lock, span);
    }
    seen = workers->calls;
    apr_thread_mutex_unlock(workers->lock);
    return seen;
}

static mesh_err_t *run_job(mesh_workers_t *workers, mesh_job_t *job,
                           apr_pool_t *p)
{
    mesh_identity_t who = { .actor = job->actor,
                            .msp_id = job->msp_id,
                            .client_id = job->client_id,
                            .role = job->role,
                            .scopes = "*" };
    mesh_order_t order = {
        .mesh = workers->mesh,
        .who = &who,
        .site = workers->mesh->main_site,
        .raw = job->input,
        .raw_length = strlen(job->input),
        .traceparent = job->traceparent,
        .started = apr_time_now(),
        .job = job,
    };
    mesh_reply_t reply;

    order.bound =
        mesh_registry_action(workers->mesh->registry, job->agent, job->action);
    if (!order.bound) {
        return mesh_err(p, MESH_NOT_FOUND, "unknown_action",
                        "There is no action %s of %s.", job->action,
                        job->agent);
    }
    job->should_stop = is_stopping;
    job->baton = workers;
    MESH_TRY(mesh_json_parse(&order.input, job->input, strlen(job->input), p));
    return mesh_call_run(&reply, &order, p);
}

/* What becomes of a job that ended with ERR. */
static const char *verdict(const mesh_err_t *err)
{
    if (!strcmp(err->name, "stopping")) {
        return "release";
    }
    if (err->code == MESH_INVALID || err->code == MESH_DENIED
        || err->code == MESH_NOT_FOUND) {
        return "fail"; /* it would be refused again */
    }
    return "retry";
}

static void finish(mesh_workers_t *workers, const mesh_job_t *job,
                   mesh_err_t *err, apr_pool_t *p)
{
    const char *how;
    mesh_err_t *lost;

    if (!err) {
        mesh_log(MESH_LOG_INFO, MESHNO(2010) JOB_MSG(job, "done"));
        return;
    }
    how = verdict(err);
    mesh_log(err->code == MESH_BUG ? MESH_LOG_ERROR : MESH_LOG_INFO,
             MESHNO(2011) JOB_MSG(job, "%s: %s: %s"), how, err->name,
             err->detail ? err->detail : err->message);
    if (!strcmp(err->name, "lease_lost")) {
        return;
    }
    lost = mesh_job_return(
        job, workers->mesh->db, how,
        *how == 'r' && how[2] == 'l' ? NULL : mesh_job_problem(err, p), p);
    if (lost) {
        /* Its lease will run out, and somebody takes it again. */
        mesh_log(MESH_LOG_WARNING,
                 MESHNO(2012) JOB_MSG(job, "cannot be given back: %s"),
                 lost->message);
    }
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;
    mesh_workers_t *workers = worker->workers;
    unsigned int seen = 0;
    apr_pool_t *p;

    apr_pool_create(&p, apr_thread_pool_get(thread));
    while (!is_stopping(workers)) {
        mesh_job_t *job = NULL;
        mesh_err_t *err;

        apr_pool_clear(p);
        err = mesh_job_take(&job, workers->mesh->db, worker->name, p);
        if (job) {
            finish(workers, job, run_job(workers, job, p), p);
            mesh_announcer_announce(workers->mesh->announcer, 0);
        }
        else {
            if (err && err->code == MESH_BUG) {
                mesh_log(MESH_LOG_ERROR,
                         MESHNO(2013) "worker(%s): cannot take jobs: %s",
                         worker->name,
                         err->detail ? err->detail : err->message);
            }
            seen = wait_for_call(
                workers, seen, err && err->code == MESH_UPSTREAM ? AWAY : IDLE);
        }
    }
    return NULL;
}

mesh_err_t *mesh_workers_start(mesh_workers_t **workers,
                               const struct mesh_t *mesh, int count,
                               apr_pool_t *p)
{
    mesh_workers_t *made = apr_pcalloc(p, sizeof(*made));
    char host[64] = "";

    gethostname(host, sizeof(host) - 1);
    made->mesh = mesh;
    made->all = apr_pcalloc(p, (apr_size_t)count * sizeof(worker_t));
    if (apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, p)
            != APR_SUCCESS
        || apr_thread_cond_create(&made->woken, p) != APR_SUCCESS) {
        return mesh_err(p, MESH_BUG, "no_lock", "A lock cannot be made.");
    }
    for (; made->count < count; made->count++) {
        worker_t *worker = &made->all[made->count];

        worker->workers = made;
        apr_snprintf(worker->name, sizeof(worker->name), "%s/%d/%d", host,
                     (int)getpid(), made->count);
        MESH_TRY(
            mesh_thread_start(&worker->thread, run, worker, "mesh_worker", p));
    }
    *workers = made;
    return NULL;
}

void mesh_workers_wake(mesh_workers_t *workers)
{
    if (workers) {
        apr_thread_mutex_lock(workers->lock);
        workers->calls++;
        apr_thread_cond_broadcast(workers->woken);
        apr_thread_mutex_unlock(workers->lock);
    }
}

void mesh_workers_stop(mesh_workers_t *workers)
{
    apr_atomic_set32(&workers->is_stopping, 1);
    mesh_workers_wake(workers);
}

void mesh_workers_join(mesh_workers_t *workers)
{
    for (int i = 0; i < workers->count; i++) {
        apr_status_t rv;

        apr_thread_join(&rv, workers->all[i].thread);
    }
}
