/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.h -- threads of our own: each with a pool and an allocator of its
 * own, started after the fork and joined before the process ends.
 */
#ifndef MESH_THREAD_H
#define MESH_THREAD_H

#include <apr_thread_proc.h>
#include <apr_time.h>

#include "base/err.h"

/* The thread's pool is apr_thread_pool_get(), tagged NAME. */
mesh_err_t *mesh_thread_start(apr_thread_t **thread, apr_thread_start_t run,
                              void *data, const char *name, apr_pool_t *p);

/* Sleep, but no longer than until WAKE_FD becomes readable. */
void mesh_thread_sleep(int wake_fd, apr_interval_time_t span);

#endif
