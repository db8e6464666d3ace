/* SPDX-License-Identifier: Apache-2.0 */
/* log.c -- log lines from below httpd. */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <apr_strings.h>

/* Set once, before any thread starts. */
static mesh_log_sink_fn *installed;

void mesh_log_install(mesh_log_sink_fn *sink)
{
    installed = sink;
}

void mesh_log(mesh_log_level_t level, const char *fmt, ...)
{
    char line[1024];
    va_list args;

    if (!installed) {
        return;
    }
    va_start(args, fmt);
    apr_vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    installed(level, line);
}
