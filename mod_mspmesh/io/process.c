/* SPDX-License-Identifier: Apache-2.0 */
/* process.c -- another program, run within limits and never left behind. */
#include "io/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <apr_strings.h>

#define LOOK_EVERY_MS 100
#define MAX_WORDS     2048 /* of its standard error */
#define CHUNK         65536
#define NICENESS      5

/* Said by a child that did not become the program; errno is on its way. */
#define NOT_STARTED 127

typedef struct {
    pid_t pid;
    int input;  /* -1 when all is written */
    int output; /* -1 when it is closed, like the others */
    int words;
    int failure; /* tells the errno of a program that cannot be run */
} child_t;

int mesh_process_is_program(const char *path)
{
    struct stat seen;

    return path && stat(path, &seen) == 0 && S_ISREG(seen.st_mode)
           && access(path, X_OK) == 0;
}

/* ---- Starting ----------------------------------------------------------- */

static void close_one(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static void set_limit(int what, rlim_t most)
{
    struct rlimit both = { most, most };

    setrlimit(what, &both);
}

/*
 * In the child, which is a copy of one thread of many: locks may be held for
 * ever, so nothing but system calls may be made until it is the program.
 */
static void become(const mesh_process_plan_t *plan, const int fds[3],
                   int failure, int max_fd, pid_t parent)
{
    static const char *const environment[] = { "LC_ALL=C", "PATH=/usr/bin:/bin",
                                               "OMP_NUM_THREADS=1", NULL };
    struct sigaction usual = { .sa_handler = SIG_DFL };
    rlim_t seconds = (rlim_t)(plan->deadline / APR_USEC_PER_SEC) + 2;
    sigset_t none;
    int error;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(NOT_STARTED); /* it died before we could ask */
    }
    for (int i = 1; i < NSIG; i++) {
        sigaction(i, &usual, NULL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    for (int i = 0; i < 3; i++) {
        /* Those we were given are all above 2. */
        if (dup2(fds[i], i) < 0) {
            _exit(NOT_STARTED);
        }
    }
    if (dup3(failure, 3, O_CLOEXEC) < 0 && failure != 3) {
        _exit(NOT_STARTED);
    }
    if (close_range(4, ~0U, 0) != 0) {
        for (int fd = 4; fd < max_fd; fd++) {
            close(fd);
        }
    }
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_AS, plan->max_memory);
    set_limit(RLIMIT_CPU, seconds);
    if (setpriority(PRIO_PROCESS, 0, NICENESS) != 0 || chdir("/") != 0) {
        _exit(NOT_STARTED);
    }
    execve(plan->arguments[0], (char *const *)(void *)plan->arguments,
           (char *const *)(void *)environment);
    error = errno;
    if (write(3, &error, sizeof(error)) < 0) {
        _exit(NOT_STARTED + 1); /* nobody listens any more */
    }
    _exit(NOT_STARTED);
}

/* Descriptors above the three standard ones, so that those can be made. */
static int lift(int *fd)
{
    int lifted = *fd > 2 ? *fd : fcntl(*fd, F_DUPFD_CLOEXEC, 3);

    if (lifted != *fd) {
        close(*fd);
        *fd = lifted;
    }
    return lifted >= 0;
}

static mesh_err_t *no_pipes(apr_pool_t *p)
{
    return mesh_err_detail(mesh_err(p, MESH_UPSTREAM, "program_failed",
                                    "A program could not be started."),
                           p, "%s", strerror(errno));
}

/* Ends of descriptors: 0, 1 and 2 are the child's input, output and words, 3
 * is where it tells of failure; ours are in CHILD. */
static mesh_err_t *make_pipes(child_t *child, int theirs[4], apr_pool_t *p)
{
    int *ours[] = { &child->input, &child->output, &child->words,
                    &child->failure };

    for (int i = 0; i < 4; i++) {
        int both[2];

        /* A socket tells of a reader that died; a pipe would send a signal. */
        if ((i == 0 ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both)
                    : pipe2(both, O_CLOEXEC))
            != 0) {
            return no_pipes(p);
        }
        *ours[i] = both[0];
        theirs[i] = both[1];
        if (!lift(&theirs[i]) || fcntl(both[0], F_SETFL, O_NONBLOCK) != 0) {
            return no_pipes(p);
        }
    }
    return NULL;
}

static int most_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 65536) {
        return 65536;
    }
    return (int)limit.rlim_cur;
}

static apr_status_t bury(void *data);

static mesh_err_t *start(child_t **made, const mesh_process_plan_t *plan,
                         apr_pool_t *p)
{
    child_t *child = apr_palloc(p, sizeof(*child));
    int theirs[4] = { -1, -1, -1, -1 };
    int max_fd = most_descriptors();
    pid_t parent = getpid();
    sigset_t all, before;
    mesh_err_t *err;

    *child = (child_t){ -1, -1, -1, -1, -1 };
    apr_pool_cleanup_register(p, child, bury, apr_pool_cleanup_null);
    err = make_pipes(child, theirs, p);
    if (!err) {
        /* No handler of ours may run in the copy. */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        child->pid = fork();
        if (child->pid == 0) {
            become(plan, theirs, theirs[3], max_fd, parent);
        }
        err = child->pid < 0 ? no_pipes(p) : NULL;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    for (int i = 0; i < 4; i++) {
        close_one(&theirs[i]);
    }
    *made = child;
    return err;
}

/* ---- Ending ------------------------------------------------------------- */

/* Its status, once it is dead. */
static int reap(child_t *child)
{
    int status = 0;

    while (child->pid > 0 && waitpid(child->pid, &status, 0) < 0) {
        if (errno != EINTR) {
            status = -1;
            break;
        }
    }
    child->pid = -1;
    return status;
}

/* However it ended: kill it if it lives, and leave no descriptor. */
static apr_status_t bury(void *data)
{
    child_t *child = data;

    if (child->pid > 0) {
        /* It leads a group, unless it has not come that far. */
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
        reap(child);
    }
    close_one(&child->input);
    close_one(&child->output);
    close_one(&child->words);
    close_one(&child->failure);
    return APR_SUCCESS;
}

/* ---- Talking ------------------------------------------------------------ */

typedef struct {
    const mesh_process_plan_t *plan;
    child_t *child;
    int part;          /* of the input: what is written next */
    apr_size_t offset; /* in it */
    char *output;
    apr_size_t length, room;
    char words[MAX_WORDS + 1];
    apr_size_t n_words;
    apr_pool_t *p;
} talk_t;

static void feed(talk_t *talk)
{
    while (talk->part < talk->plan->n_input) {
        const struct iovec *part = &talk->plan->input[talk->part];
        ssize_t n;

        if (talk->offset == part->iov_len) {
            talk->part++;
            talk->offset = 0;
            continue;
        }
        n = send(talk->child->input,
                 (const char *)part->iov_base + talk->offset,
                 part->iov_len - talk->offset, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                /* It wants no more; how it ends will say why. */
                close_one(&talk->child->input);
            }
            return;
        }
        talk->offset += (apr_size_t)n;
    }
    close_one(&talk->child->input);
}

static mesh_err_t *listen_to(talk_t *talk)
{
    ssize_t n;

    if (talk->room - talk->length < CHUNK) {
        apr_size_t room = talk->room * 2 + CHUNK;
        char *output = apr_palloc(talk->p, room + 1);

        if (talk->length) {
            memcpy(output, talk->output, talk->length);
        }
        talk->output = output;
        talk->room = room;
    }
    n = read(talk->child->output, talk->output + talk->length,
             talk->room - talk->length);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_one(&talk->child->output);
    }
    talk->length += n > 0 ? (apr_size_t)n : 0;
    return talk->length > talk->plan->max_output
               ? mesh_err(talk->p, MESH_UPSTREAM, "program_floods",
                          "A program wrote more than it may.")
               : NULL;
}

/* The last of what it complains about. */
static void hear_words(talk_t *talk)
{
    ssize_t n;

    if (talk->n_words > MAX_WORDS / 2) {
        apr_size_t half = talk->n_words / 2;

        memmove(talk->words, talk->words + half, talk->n_words - half);
        talk->n_words -= half;
    }
    n = read(talk->child->words, talk->words + talk->n_words,
             MAX_WORDS - talk->n_words);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_one(&talk->child->words);
    }
    talk->n_words += n > 0 ? (apr_size_t)n : 0;
}

static mesh_err_t *talk_once(talk_t *talk, int wait_ms)
{
    child_t *child = talk->child;
    struct pollfd fds[] = { { child->input, POLLOUT, 0 },
                            { child->output, POLLIN, 0 },
                            { child->words, POLLIN, 0 } };

    /* Negative descriptors are passed over. */
    if (poll(fds, 3, wait_ms) <= 0) {
        return NULL;
    }
    if (fds[0].revents) {
        feed(talk);
    }
    if (fds[2].revents) {
        hear_words(talk);
    }
    return fds[1].revents ? listen_to(talk) : NULL;
}

static mesh_err_t *verdict(talk_t *talk, int status)
{
    mesh_err_t *err;
    int error = 0;

    if (read(talk->child->failure, &error, sizeof(error)) == sizeof(error)) {
        return mesh_err_detail(mesh_err(talk->p, MESH_UPSTREAM, "no_program",
                                        "A program cannot be run."),
                               talk->p, "%s: %s", talk->plan->arguments[0],
                               strerror(error));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return NULL;
    }
    err =
        mesh_err(talk->p, MESH_UPSTREAM, "program_failed", "A program failed.");
    talk->words[talk->n_words] = '\0';
    return mesh_err_detail(
        err, talk->p, "%s: %s %d: %s", talk->plan->arguments[0],
        WIFSIGNALED(status) ? "signal" : "status",
        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
        talk->words);
}

static mesh_err_t *wait_for(talk_t *talk)
{
    const mesh_process_plan_t *plan = talk->plan;
    child_t *child = talk->child;
    apr_time_t end = apr_time_now() + plan->deadline;
    apr_time_t asked = 0;
    int status;

    for (;;) {
        apr_time_t now = apr_time_now();
        pid_t dead = 0;

        if (now >= end) {
            return mesh_err(talk->p, MESH_BUSY, "program_slow",
                            "A program took longer than it may.");
        }
        if (plan->should_stop
            && now - asked >= apr_time_from_msec(LOOK_EVERY_MS)) {
            asked = now;
            if (plan->should_stop(plan->baton)) {
                return mesh_err(talk->p, MESH_BUSY, "stopped",
                                "A program was stopped.");
            }
        }
        if (child->output < 0) {
            /* It has said all: whatever it does now, it is over soon. */
            dead = waitpid(child->pid, &status, WNOHANG);
            if (dead == child->pid) {
                break;
            }
            if (dead < 0 && errno != EINTR) {
                status = -1;
                break;
            }
        }
        MESH_TRY(talk_once(
            talk, child->output < 0 && child->words < 0 ? 1 : LOOK_EVERY_MS));
    }
    child->pid = -1;
    if (child->words >= 0) {
        hear_words(talk);
    }
    return verdict(talk, status);
}

mesh_err_t *mesh_process_run(const char **output, apr_size_t *length,
                             const mesh_process_plan_t *plan, apr_pool_t *p)
{
    talk_t *talk = apr_pcalloc(p, sizeof(*talk));
    mesh_err_t *err;

    *output = NULL;
    *length = 0;
    talk->plan = plan;
    talk->p = p;
    MESH_TRY(start(&talk->child, plan, p));
    err = wait_for(talk);
    apr_pool_cleanup_run(p, talk->child, bury);
    MESH_TRY(err);
    if (!talk->output) {
        talk->output = apr_palloc(p, 1);
    }
    talk->output[talk->length] = '\0';
    *output = talk->output;
    *length = talk->length;
    return NULL;
}
