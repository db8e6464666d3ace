/* SPDX-License-Identifier: Apache-2.0 */
/* permits.c -- how many may do something costly at once. */
#include "base/permits.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct mesh_permits_t {
    int count;
    apr_thread_mutex_t *lock; /* guards all below */
    apr_thread_cond_t *freed;
    int taken;
};

mesh_err_t *mesh_permits_create(mesh_permits_t **permits, int count,
                                apr_pool_t *p)
{
    mesh_permits_t *made = apr_pcalloc(p, sizeof(*made));

    made->count = count;
    if (apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, p)
            != APR_SUCCESS
        || apr_thread_cond_create(&made->freed, p) != APR_SUCCESS) {
        return mesh_err(p, MESH_BUG, "no_lock", "A lock cannot be made.");
    }
    *permits = made;
    return NULL;
}

int mesh_permits_take(mesh_permits_t *permits, apr_interval_time_t wait)
{
    apr_time_t deadline = wait ? apr_time_now() + wait : 0;
    int is_taken;

    apr_thread_mutex_lock(permits->lock);
    while (!(is_taken = permits->taken < permits->count)) {
        apr_interval_time_t left = wait ? deadline - apr_time_now() : 0;

        if (left <= 0) {
            break;
        }
        apr_thread_cond_timedwait(permits->freed, permits->lock, left);
    }
    permits->taken += is_taken;
    apr_thread_mutex_unlock(permits->lock);
    return is_taken;
}

void mesh_permits_give(mesh_permits_t *permits)
{
    apr_thread_mutex_lock(permits->lock);
    permits->taken--;
    apr_thread_cond_signal(permits->freed);
    apr_thread_mutex_unlock(permits->lock);
}

void mesh_permits_usage(mesh_permits_t *permits, int *count, int *taken)
{
    apr_thread_mutex_lock(permits->lock);
    *count = permits->count;
    *taken = permits->taken;
    apr_thread_mutex_unlock(permits->lock);
}
