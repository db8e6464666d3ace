/* SPDX-License-Identifier: Apache-2.0 */
/* thread.c -- threads of our own. */
#include "mesh/thread.h"

#include <poll.h>
#include <apr_allocator.h>

mesh_err_t *mesh_thread_start(apr_thread_t **thread, apr_thread_start_t run,
                              void *data, const char *name, apr_pool_t *p)
{
    apr_status_t rv = apr_thread_create(thread, NULL, run, data, p);

    /* apr_thread_create() gives the thread a pool with its own allocator. */
    if (rv != APR_SUCCESS) {
        return mesh_err(p, MESH_BUG, "no_thread", "A thread cannot start.");
    }
    apr_pool_tag(apr_thread_pool_get(*thread), name);
    return NULL;
}

void mesh_thread_sleep(int wake_fd, apr_interval_time_t span)
{
    struct pollfd fd = { wake_fd, POLLIN, 0 };

    poll(&fd, 1, (int)apr_time_as_msec(span));
}
