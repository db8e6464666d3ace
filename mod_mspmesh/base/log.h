/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h -- log lines from below httpd.
 *
 * The httpd floor installs the sink; until then, and in unit tests, lines go
 * nowhere.  A line of level info or worse carries a number of its own, and
 * starts with the thing it is about: "job(018f…): given back".
 *
 * Thread: any.
 */
#ifndef MESH_LOG_H
#define MESH_LOG_H

#include <apr_errno.h>

/* Numbers are unique and never reused; thousands tell the floor:
 * 1 httpd, 2 mesh, 3 aws and import, 4 io, 5 base and algo, 9 agents. */
#define MESHNO(number) "MESH" #number ": "

typedef enum {
    MESH_LOG_ERROR,   /* someone must act */
    MESH_LOG_WARNING, /* served, but worse */
    MESH_LOG_NOTICE,  /* once a start */
    MESH_LOG_INFO,    /* one line a job or connection */
    MESH_LOG_DEBUG,   /* decisions */
} mesh_log_level_t;

typedef void mesh_log_sink_fn(mesh_log_level_t level, const char *line);

void mesh_log_install(mesh_log_sink_fn *sink);

void mesh_log(mesh_log_level_t level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
