/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h -- another program, run within limits and never left behind.
 *
 * The program gets an input, answers on its standard output and ends; it is
 * killed when it takes too long, says too much or is not wanted any more.  It
 * inherits nothing of this process: no open file, no environment, no blocked
 * signal.
 *
 * Thread: any; it waits.  The program dies with the thread that runs it.
 * Pool:   what it said lives in the pool given.
 */
#ifndef MESH_PROCESS_RUN_H
#define MESH_PROCESS_RUN_H

#include <sys/uio.h>
#include <apr_pools.h>
#include <apr_time.h>

#include "base/err.h"

typedef struct mesh_process_plan_t {
    const char *const *arguments; /* the first is the program's full path */
    const struct iovec *input;    /* N_INPUT parts, one after the other */
    int n_input;
    apr_size_t max_output;           /* bytes */
    apr_size_t max_memory;           /* bytes of address space */
    apr_interval_time_t deadline;    /* from now, by the clock */
    int (*should_stop)(void *baton); /* asked ten times a second; or NULL */
    void *baton;
} mesh_process_plan_t;

/*
 * Run a program to its end: *OUTPUT is what it wrote, *LENGTH bytes and a NUL.
 *
 * UPSTREAM "no_program" (there is none, or it may not be run),
 * "program_failed" (it died, or exits with another status than 0; the end of
 * what it wrote to its standard error is for the log), "program_floods" (it
 * writes more than MAX_OUTPUT); BUSY "program_slow" (the deadline), "stopped".
 */
mesh_err_t *mesh_process_run(const char **output, apr_size_t *length,
                             const mesh_process_plan_t *plan, apr_pool_t *p);

/* Is there a program at PATH that we may run? */
int mesh_process_is_program(const char *path);

#endif
