/* SPDX-License-Identifier: Apache-2.0 */
/* announcer.c -- NOTIFY, LISTEN and housekeeping, one thread a process. */
#include "mesh/announcer.h"

#include <unistd.h>
#include <sys/eventfd.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "base/log.h"
#include "io/db_link.h"
#include "mesh/thread.h"

#define TICK         apr_time_from_msec(500)
#define NOTIFY_PAUSE apr_time_from_msec(5)
#define HEAR_PAUSE   apr_time_from_msec(50)
#define REAP_PAUSE   apr_time_from_sec(5)
#define TIDY_PAUSE   apr_time_from_sec(3600)
#define FIRST_RETRY  apr_time_from_msec(100)
#define LAST_RETRY   apr_time_from_sec(5)

struct mesh_announcer_t {
    mesh_db_t *db;
    mesh_identity_cache_t *cache;
    void (*heard)(void *baton, int has_jobs);
    void *baton;
    apr_thread_t *thread;
    int wake_fd;
    apr_uint32_t is_stopping; /* atomic */
    apr_uint32_t is_told;     /* atomic: something is to be announced */
    apr_uint32_t has_jobs;    /* atomic: a job is */

    /* The thread's own. */
    apr_time_t confirmed, notified, reaped, tidied;
};

static void wake(mesh_announcer_t *announcer)
{
    const apr_uint64_t one = 1;

    /* A full counter is as good as a written one. */
    (void)!write(announcer->wake_fd, &one, sizeof(one));
}

static void drain(mesh_announcer_t *announcer)
{
    apr_uint64_t count;

    (void)!read(announcer->wake_fd, &count, sizeof(count));
}

static mesh_err_t *confirm(mesh_announcer_t *announcer, mesh_link_t *link,
                           apr_pool_t *p)
{
    apr_time_t now = apr_time_now();
    const char *text;

    MESH_TRY(mesh_link_run(link, &text,
                           "select revision from mesh.identity_revision", p));
    if (text) {
        mesh_identity_cache_confirm(announcer->cache,
                                    (apr_uint64_t)apr_atoi64(text), now);
    }
    announcer->confirmed = now;
    return NULL;
}

static mesh_err_t *keep_house(mesh_announcer_t *announcer, mesh_link_t *link,
                              apr_pool_t *p)
{
    apr_time_t now = apr_time_now();

    if (now - announcer->reaped >= REAP_PAUSE) {
        announcer->reaped = now;
        MESH_TRY(mesh_link_run(link, NULL, "select mesh.job_reap()", p));
    }
    if (now - announcer->tidied >= TIDY_PAUSE) {
        announcer->tidied = now;
        MESH_TRY(
            mesh_link_run(link, NULL, "select mesh.maintain_partitions()", p));
    }
    return NULL;
}

/* Serve one connection until it is lost or we are told to stop. */
static mesh_err_t *serve(mesh_announcer_t *announcer, mesh_link_t *link,
                         apr_pool_t *p)
{
    int must_notify = 1; /* what was committed while there was no link */
    int must_hear = 0;   /* a notification that came too soon after one */
    int has_jobs = 0;    /* and one of them told of jobs */
    apr_pool_t *turn;

    /* Nothing that is committed here must outlive a crash of the database: it
     * tells, and repeats what was lost.  So nobody waits for the disk. */
    MESH_TRY(mesh_link_run(link, NULL, "set synchronous_commit = off", p));
    MESH_TRY(mesh_link_run(link, NULL, "listen mesh", p));
    MESH_TRY(confirm(announcer, link, p));
    announcer->heard(announcer->baton, 1);
    apr_pool_create(&turn, p);
    while (!apr_atomic_read32(&announcer->is_stopping)) {
        apr_time_t now = apr_time_now();
        apr_interval_time_t wait =
            announcer->confirmed - now + (must_hear ? HEAR_PAUSE : TICK);
        int is_notified, is_woken;

        apr_pool_clear(turn);
        if (must_notify && announcer->notified + NOTIFY_PAUSE - now < wait) {
            wait = announcer->notified + NOTIFY_PAUSE - now;
        }
        /* poll(2) counts in milliseconds: round up rather than spin. */
        wait = wait > 0 ? wait + apr_time_from_msec(1) - 1 : 0;
        MESH_TRY(mesh_link_wait(link, &is_notified, &is_woken,
                                announcer->wake_fd, wait, turn));
        if (is_woken) {
            drain(announcer);
            must_notify = 1;
        }
        now = apr_time_now();
        if (must_notify && now - announcer->notified >= NOTIFY_PAUSE) {
            /* What is told from here on needs another one. */
            apr_atomic_set32(&announcer->is_told, 0);
            MESH_TRY(mesh_link_run(link, NULL,
                                   apr_atomic_xchg32(&announcer->has_jobs, 0)
                                       ? "notify mesh, '" MESH_LINK_JOBS "'"
                                       : "notify mesh",
                                   turn));
            announcer->notified = now;
            must_notify = 0;
        }
        must_hear |= is_notified != 0;
        has_jobs |= is_notified == MESH_LINK_HAS_JOBS;
        if (now - announcer->confirmed >= (must_hear ? HEAR_PAUSE : TICK)) {
            MESH_TRY(confirm(announcer, link, turn));
            announcer->heard(announcer->baton, has_jobs || !must_hear);
            must_hear = has_jobs = 0;
        }
        MESH_TRY(keep_house(announcer, link, turn));
    }
    return NULL;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    mesh_announcer_t *announcer = data;
    apr_interval_time_t pause = FIRST_RETRY;
    apr_pool_t *p;
    int is_lost = 0;

    apr_pool_create(&p, apr_thread_pool_get(thread));
    while (!apr_atomic_read32(&announcer->is_stopping)) {
        mesh_link_t *link;
        mesh_err_t *err;

        apr_pool_clear(p);
        err = mesh_link_open(&link, announcer->db, p);
        if (!err) {
            if (is_lost) {
                mesh_log(MESH_LOG_NOTICE,
                         MESHNO(2001) "announcer: the database is back");
            }
            is_lost = 0;
            pause = FIRST_RETRY;
            err = serve(announcer, link, p);
            mesh_link_close(link);
        }
        if (err && !is_lost) {
            is_lost = 1;
            mesh_log(MESH_LOG_WARNING,
                     MESHNO(2002) "announcer: no database, trying again: %s",
                     err->detail ? err->detail : err->message);
        }
        if (err) {
            mesh_thread_sleep(announcer->wake_fd, pause);
            drain(announcer);
            pause = pause < LAST_RETRY ? 2 * pause : LAST_RETRY;
        }
    }
    return NULL;
}

mesh_err_t *mesh_announcer_start(mesh_announcer_t **announcer, mesh_db_t *db,
                                 mesh_identity_cache_t *cache,
                                 void (*heard)(void *baton, int has_jobs),
                                 void *baton, apr_pool_t *p)
{
    mesh_announcer_t *made = apr_pcalloc(p, sizeof(*made));

    made->db = db;
    made->cache = cache;
    made->heard = heard;
    made->baton = baton;
    made->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (made->wake_fd < 0) {
        return mesh_err(p, MESH_BUG, "no_eventfd", "No descriptor is left.");
    }
    MESH_TRY(mesh_thread_start(&made->thread, run, made, "mesh_announcer", p));
    *announcer = made;
    return NULL;
}

void mesh_announcer_announce(mesh_announcer_t *announcer, int has_job)
{
    if (announcer && has_job) {
        apr_atomic_set32(&announcer->has_jobs, 1);
    }
    /* Under load it is mostly awake already, or waits out its pause. */
    if (announcer && !apr_atomic_xchg32(&announcer->is_told, 1)) {
        wake(announcer);
    }
}

void mesh_announcer_stop(mesh_announcer_t *announcer)
{
    apr_atomic_set32(&announcer->is_stopping, 1);
    wake(announcer);
}

void mesh_announcer_join(mesh_announcer_t *announcer)
{
    apr_status_t rv;

    apr_thread_join(&rv, announcer->thread);
    close(announcer->wake_fd);
}
