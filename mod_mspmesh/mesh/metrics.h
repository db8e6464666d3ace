/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h -- how many requests, how long: counted in memory that all
 * children share, so that any of them can tell the whole.
 *
 * Counters are spread over stripes, one a thread as far as they go, and summed
 * when somebody asks.  They survive a graceful restart and start at zero when
 * the server does, or when its actions are others than before.
 *
 * Thread: any, of any process that shares the memory.
 */
#ifndef MESH_METRICS_H
#define MESH_METRICS_H

#include <apr_time.h>

#include "mesh/registry.h"

typedef struct mesh_metrics_t mesh_metrics_t;

/* Upper bounds of the duration buckets, in seconds; the last is no bound. */
#define MESH_METRICS_BUCKETS 12
extern const double mesh_metrics_bounds[MESH_METRICS_BUCKETS - 1];

/* What is known of one action. */
typedef struct mesh_metrics_sum_t {
    apr_uint64_t by_class[6]; /* [2]: 2xx … [5]: 5xx */
    apr_uint64_t buckets[MESH_METRICS_BUCKETS];
    apr_uint64_t microseconds;
} mesh_metrics_sum_t;

/* The size, and making one of zeroed or old memory of that size. */
apr_size_t mesh_metrics_size(void);
void mesh_metrics_format(mesh_metrics_t *metrics,
                         const mesh_registry_t *registry);

/* Id of what is no action: unknown routes and other refusals. */
int mesh_metrics_other(void);

void mesh_metrics_count(mesh_metrics_t *metrics, int id, int status,
                        apr_interval_time_t duration);

void mesh_metrics_sum(mesh_metrics_sum_t *sum, const mesh_metrics_t *metrics,
                      int id);

/* The time below which SHARE (0…1) of the requests stayed, in milliseconds,
 * read off the buckets; NaN when there were none. */
double mesh_metrics_quantile(const mesh_metrics_sum_t *sum, double share);

/* The Prometheus text format, version 0.0.4. */
struct mesh_t;
const char *mesh_metrics_text(const struct mesh_t *mesh, apr_pool_t *p);

#endif
