/* SPDX-License-Identifier: Apache-2.0 */
/* telemetry.c -- how many requests, how long. */
#include "mesh/telemetry.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <apr_strings.h>

#include "mesh/mesh.h"

#define ACTIONS 256
#define STRIPES 16

const double mesh_telemetry_bounds[MESH_TELEMETRY_BUCKETS - 1] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10,
};

typedef struct {
    _Atomic apr_uint64_t by_class[6];
    _Atomic apr_uint64_t buckets[MESH_TELEMETRY_BUCKETS];
    _Atomic apr_uint64_t microseconds;
} cell_t;

struct mesh_telemetry_t {
    apr_uint64_t actions; /* a hash over their names */
    cell_t cells[STRIPES][ACTIONS];
};

apr_size_t mesh_telemetry_size(void)
{
    return sizeof(mesh_telemetry_t);
}

int mesh_telemetry_other(void)
{
    return ACTIONS - 1;
}

void mesh_telemetry_format(mesh_telemetry_t *telemetry,
                           const mesh_registry_t *registry)
{
    apr_uint64_t hash = 1469598103934665603u; /* FNV-1a */

    for (int i = 0; i < registry->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(registry->bound, i, const mesh_bound_t *);
        const char *const names[] = { bound->agent->name, bound->action->name };

        for (int n = 0; n < 2; n++) {
            for (const char *c = names[n]; *c; c++) {
                hash = (hash ^ (unsigned char)*c) * 1099511628211u;
            }
            hash = (hash ^ '/') * 1099511628211u;
        }
    }
    if (telemetry->actions != hash) {
        memset(telemetry->cells, 0, sizeof(telemetry->cells));
        telemetry->actions = hash;
    }
}

/* Threads take stripes in turn; a thread keeps its own. */
static int stripe(void)
{
    static atomic_uint next;
    static _Thread_local int mine = -1;

    if (mine < 0) {
        mine = (int)(atomic_fetch_add(&next, 1) % STRIPES);
    }
    return mine;
}

static void add(_Atomic apr_uint64_t *counter, apr_uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static int bucket_of(double seconds)
{
    int i = 0;

    while (i < MESH_TELEMETRY_BUCKETS - 1
           && seconds > mesh_telemetry_bounds[i]) {
        i++;
    }
    return i;
}

void mesh_telemetry_count(mesh_telemetry_t *telemetry, int id, int status,
                          apr_interval_time_t duration)
{
    cell_t *cell = &telemetry->cells[stripe()][id < ACTIONS ? id : ACTIONS - 1];

    add(&cell->by_class[status >= 100 && status < 600 ? status / 100 : 5], 1);
    add(&cell->buckets[bucket_of((double)duration / APR_USEC_PER_SEC)], 1);
    add(&cell->microseconds, (apr_uint64_t)duration);
}

void mesh_telemetry_sum(mesh_telemetry_sum_t *sum,
                        const mesh_telemetry_t *telemetry, int id)
{
    memset(sum, 0, sizeof(*sum));
    for (int s = 0; s < STRIPES; s++) {
        const cell_t *cell = &telemetry->cells[s][id];

        for (int i = 0; i < 6; i++) {
            sum->by_class[i] +=
                atomic_load_explicit(&cell->by_class[i], memory_order_relaxed);
        }
        for (int i = 0; i < MESH_TELEMETRY_BUCKETS; i++) {
            sum->buckets[i] +=
                atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
        }
        sum->microseconds +=
            atomic_load_explicit(&cell->microseconds, memory_order_relaxed);
    }
}

double mesh_telemetry_quantile(const mesh_telemetry_sum_t *sum, double share)
{
    double total = 0, seen = 0, low = 0;

    for (int i = 0; i < MESH_TELEMETRY_BUCKETS; i++) {
        total += (double)sum->buckets[i];
    }
    if (total == 0) {
        return NAN;
    }
    for (int i = 0; i < MESH_TELEMETRY_BUCKETS - 1; i++) {
        double here = (double)sum->buckets[i];

        if (here > 0 && seen + here >= share * total) {
            double part = (share * total - seen) / here;

            return 1000 * (low + part * (mesh_telemetry_bounds[i] - low));
        }
        seen += here;
        low = mesh_telemetry_bounds[i];
    }
    return 1000 * low;
}

/* ---- Prometheus --------------------------------------------------------- */

static void add_line(apr_array_header_t *lines, const char *line)
{
    APR_ARRAY_PUSH(lines, const char *) = line;
}

static void add_requests(apr_array_header_t *lines, const char *labels,
                         const mesh_telemetry_sum_t *sum, apr_pool_t *p)
{
    for (int class = 2; class < 6; class ++) {
        if (sum->by_class[class]) {
            add_line(lines,
                     apr_psprintf(p,
                                  "mspmesh_http_requests_total{%s,status=\""
                                  "%dxx\"} %" APR_UINT64_T_FMT "\n",
                                  labels, class, sum->by_class[class]));
        }
    }
}

static void add_durations(apr_array_header_t *lines, const char *labels,
                          const mesh_telemetry_sum_t *sum, apr_pool_t *p)
{
    static const char *const bounds[] = { "0.0005", "0.001", "0.0025", "0.005",
                                          "0.01",   "0.025", "0.05",   "0.1",
                                          "0.5",    "2.5",   "10",     "+Inf" };
    apr_uint64_t total = 0;

    for (int i = 0; i < MESH_TELEMETRY_BUCKETS; i++) {
        total += sum->buckets[i];
        add_line(lines,
                 apr_psprintf(p,
                              "mspmesh_http_request_duration_seconds_bucket{%s"
                              ",le=\"%s\"} %" APR_UINT64_T_FMT "\n",
                              labels, bounds[i], total));
    }
    add_line(lines,
             apr_psprintf(p,
                          "mspmesh_http_request_duration_seconds_sum{%s} %.6f\n"
                          "mspmesh_http_request_duration_seconds_count{%s} "
                          "%" APR_UINT64_T_FMT "\n",
                          labels, (double)sum->microseconds / APR_USEC_PER_SEC,
                          labels, total));
}

static void add_actions(apr_array_header_t *lines, const mesh_t *mesh,
                        void (*add_one)(apr_array_header_t *, const char *,
                                        const mesh_telemetry_sum_t *,
                                        apr_pool_t *),
                        apr_pool_t *p)
{
    mesh_telemetry_sum_t sum;

    for (int i = 0; i < mesh->registry->bound->nelts && i < ACTIONS - 1; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(mesh->registry->bound, i, const mesh_bound_t *);

        mesh_telemetry_sum(&sum, mesh->telemetry, i);
        if (bound->action->method && sum.microseconds) {
            add_one(lines,
                    apr_psprintf(p, "route=\"%s%s\",method=\"%s\"",
                                 bound->agent->route, bound->action->path,
                                 bound->action->method),
                    &sum, p);
        }
    }
    mesh_telemetry_sum(&sum, mesh->telemetry, ACTIONS - 1);
    if (sum.microseconds) {
        add_one(lines, "route=\"none\",method=\"any\"", &sum, p);
    }
}

const char *mesh_telemetry_text(const struct mesh_t *mesh, apr_pool_t *p)
{
    apr_array_header_t *lines = apr_array_make(p, 64, sizeof(const char *));
    int permits = 0, taken = 0;

    add_line(lines, "# HELP mspmesh_build_info Version of the module.\n"
                    "# TYPE mspmesh_build_info gauge\n"
                    "mspmesh_build_info{version=\"" MESH_VERSION "\"} 1\n"
                    "# HELP mspmesh_http_requests_total Requests answered.\n"
                    "# TYPE mspmesh_http_requests_total counter\n");
    add_actions(lines, mesh, add_requests, p);
    add_line(lines, "# HELP mspmesh_http_request_duration_seconds Time to "
                    "answer.\n"
                    "# TYPE mspmesh_http_request_duration_seconds histogram\n");
    add_actions(lines, mesh, add_durations, p);
    if (mesh->db) {
        mesh_db_usage(mesh->db, &permits, &taken);
    }
    add_line(lines,
             apr_psprintf(p,
                          "# HELP mspmesh_db_pool_connections Transactions of "
                          "the child that answers.\n"
                          "# TYPE mspmesh_db_pool_connections gauge\n"
                          "mspmesh_db_pool_connections{state=\"used\"} %d\n"
                          "mspmesh_db_pool_connections{state=\"free\"} %d\n",
                          taken, permits - taken));
    return apr_array_pstrcat(p, lines, '\0');
}
