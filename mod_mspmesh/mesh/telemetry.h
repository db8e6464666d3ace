/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telemetry.h -- how many requests, how long: counted in memory that all
 * children share, so that any of them can tell the whole.
 *
 * Counters are spread over stripes, one a thread as far as they go, and summed
 * when somebody asks.  They survive a graceful restart and start at zero when
 * the server does, or when its actions are others than before.
 *
 * Thread: any, of any process that shares the memory.
 */
#ifndef MESH_TELEMETRY_H
#define MESH_TELEMETRY_H

#include <apr_time.h>

#include "mesh/registry.h"

typedef struct mesh_telemetry_t mesh_telemetry_t;

/* Upper bounds of the duration buckets, in seconds; the last is no bound. */
#define MESH_TELEMETRY_BUCKETS 12
extern const double mesh_telemetry_bounds[MESH_TELEMETRY_BUCKETS - 1];

/* What is known of one action. */
typedef struct mesh_telemetry_sum_t {
    apr_uint64_t by_class[6]; /* [2]: 2xx … [5]: 5xx */
    apr_uint64_t buckets[MESH_TELEMETRY_BUCKETS];
    apr_uint64_t microseconds;
} mesh_telemetry_sum_t;

/* The size, and making one of zeroed or old memory of that size. */
apr_size_t mesh_telemetry_size(void);
void mesh_telemetry_format(mesh_telemetry_t *telemetry,
                           const mesh_registry_t *registry);

/* Id of what is no action: unknown routes and other refusals. */
int mesh_telemetry_other(void);

void mesh_telemetry_count(mesh_telemetry_t *telemetry, int id, int status,
                          apr_interval_time_t duration);

void mesh_telemetry_sum(mesh_telemetry_sum_t *sum,
                        const mesh_telemetry_t *telemetry, int id);

/* The time below which SHARE (0…1) of the requests stayed, in milliseconds,
 * read off the buckets; NaN when there were none. */
double mesh_telemetry_quantile(const mesh_telemetry_sum_t *sum, double share);

/* The Prometheus text format, version 0.0.4. */
struct mesh_t;
const char *mesh_telemetry_text(const struct mesh_t *mesh, apr_pool_t *p);

#endif
