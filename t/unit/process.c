/* SPDX-License-Identifier: Apache-2.0 */
/* process.c -- a program that works, hangs, dies, floods or is not there. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "io/process.h"

static apr_pool_t *pool;

static mesh_process_plan_t plan_of(const char *script)
{
    const char **arguments = apr_pcalloc(pool, 4 * sizeof(*arguments));

    arguments[0] = "/bin/sh";
    arguments[1] = "-c";
    arguments[2] = script;
    return (mesh_process_plan_t){ .arguments = arguments,
                                  .max_output = 1 << 20,
                                  .max_memory = (apr_size_t)1 << 30,
                                  .deadline = apr_time_from_sec(20) };
}

static const char *said;
static apr_size_t length;

static const char *name_of(const mesh_process_plan_t *plan)
{
    mesh_err_t *err = mesh_process_run(&said, &length, plan, pool);

    return err ? err->name : "none";
}

static const char *run(const char *script)
{
    mesh_process_plan_t plan = plan_of(script);

    return name_of(&plan);
}

static void works(void)
{
    mesh_process_plan_t plan = plan_of("cat");
    char *large = apr_palloc(pool, 500000);
    struct iovec input[] = { { large, 300000 },
                             { large, 0 },
                             { large + 300000, 200000 } };

    is_text(run("echo here"), "none", "a program is run");
    is_text(said, "here\n", "and is heard");
    ok(length == 5, "to its last byte");
    for (int i = 0; i < 500000; i++) {
        large[i] = (char)(i % 251);
    }
    plan.input = input;
    plan.n_input = 3;
    is_text(name_of(&plan), "none", "it is told more than a pipe holds");
    ok(length == 500000 && !memcmp(said, large, length),
       "and gets it as it was");
    plan.arguments = plan_of("exec true").arguments;
    is_text(name_of(&plan), "none", "one that does not listen may be done");
    plan.arguments = plan_of("exec 0<&-; sleep 0.2; echo end").arguments;
    is_text(name_of(&plan), "none", "one that stops listening is waited for");
    is_text(said, "end\n", "and heard");
    is_text(run("true"), "none", "one may say nothing");
    ok(said && !*said && !length, "which is an empty text");
}

static void is_alone(void)
{
    sigset_t blocked, before;
    int fd = open("/dev/null", O_RDONLY);

    /* As in a server's thread: all signals blocked, descriptors open. */
    sigfillset(&blocked);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    signal(SIGPIPE, SIG_IGN);
    setenv("SECRET", "told", 1);
    is_text(run("ls /proc/self/fd | wc -l"), "none", "it starts with little");
    /* Its three, and the one with which ls reads the folder. */
    ok(said && strtol(said, NULL, 10) == 4,
       "no descriptor of ours is open in it");
    run("sed -n 's/^Sig\\(Blk\\|Ign\\):.//p' /proc/self/status");
    /* Signals 32 and 33 are the C library's own: nobody may touch them, and
     * some that start us leave them ignored. */
    ok(said && strlen(said) == 34 && strtoull(said, NULL, 16) == 0
           && (strtoull(said + 17, NULL, 16) & ~0x180000000ULL) == 0,
       "no signal is blocked or ignored");
    run("echo \"$SECRET$HOME\"; pwd");
    is_text(said, "\n/\n", "it has not our environment, nor our folder");
    run("ulimit -c; ulimit -v");
    is_text(said, "0\n1048576\n", "it has its limits");
    run("nice");
    is_text(said, "5\n", "and lets others go first");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    close(fd);
}

static void fails(void)
{
    mesh_process_plan_t plan = plan_of("");
    static const char *const nowhere[] = { "/nowhere/program", NULL };
    static const char *const folder[] = { "/tmp", NULL };
    mesh_err_t *err;

    plan.arguments = nowhere;
    is_text(name_of(&plan), "no_program", "a program that is not there");
    plan.arguments = folder;
    is_text(name_of(&plan), "no_program", "one that is none");
    ok(mesh_process_is_program("/bin/sh")
           && !mesh_process_is_program("/nowhere/program")
           && !mesh_process_is_program("/tmp")
           && !mesh_process_is_program("/etc/passwd")
           && !mesh_process_is_program(NULL),
       "which can be known before");
    plan = plan_of("echo partly; echo why >&2; exit 3");
    err = mesh_process_run(&said, &length, &plan, pool);
    ok(err && !strcmp(err->name, "program_failed")
           && strstr(err->detail, "status 3: why") && !said,
       "one that fails, with its words");
    plan = plan_of("kill -SEGV $$");
    err = mesh_process_run(&said, &length, &plan, pool);
    ok(err && !strcmp(err->name, "program_failed")
           && strstr(err->detail, "signal 11"),
       "one that dies");
    is_text(run("yes"), "program_floods", "one that never stops talking");
    plan = plan_of("yes >&2");
    plan.deadline = apr_time_from_msec(300);
    is_text(name_of(&plan), "program_slow", "or complaining");
}

static int third_time(void *count)
{
    return ++*(int *)count == 3;
}

static void ends(void)
{
    mesh_process_plan_t plan = plan_of("echo start; sleep 60");
    apr_time_t start = apr_time_now();
    int count = 0;

    plan.deadline = apr_time_from_msec(300);
    is_text(name_of(&plan), "program_slow", "one that hangs is killed");
    plan = plan_of("exec >&- 2>&-; sleep 60");
    plan.deadline = apr_time_from_msec(300);
    is_text(name_of(&plan), "program_slow", "also when it closed its mouth");
    plan = plan_of("trap '' TERM INT; sleep 60 & sleep 60");
    plan.deadline = apr_time_from_msec(300);
    is_text(name_of(&plan), "program_slow", "and with what it started");
    plan = plan_of("sleep 60");
    plan.should_stop = third_time;
    plan.baton = &count;
    is_text(name_of(&plan), "stopped", "one that is not wanted is stopped");
    ok(apr_time_now() - start < apr_time_from_sec(20), "in time");
    ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD,
       "and nothing is left behind");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    works();
    is_alone();
    fails();
    ends();
    apr_terminate();
    return done_testing();
}
