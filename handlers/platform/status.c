/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c -- is it alive, is it ready, what can it do, how is it doing?
 *
 * Every answer is looked up when it is asked for; none costs money.
 */
#include <math.h>
#include <string.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "mesh/agents.h"
#include "mesh/call.h"

#define SERVICE "mod_mspmesh, intelligence for managed service providers"

/* Jobs that have been due for longer than this are a sign of trouble. */
#define QUEUE_AGE_SECONDS 600

/* ---- Alive and ready ---------------------------------------------------- */

static mesh_err_t *healthz(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out)
{
    (void)call;
    (void)in;
    mesh_json_set_text(out, "status", "ok");
    return NULL;
}

static mesh_json_t *add_check(mesh_json_t *checks, const char *name, int is_ok,
                              const char *detail)
{
    mesh_json_t *check = mesh_json_set_object(checks, name);

    mesh_json_set_boolean(check, "ok", is_ok);
    mesh_json_set_text(check, "detail", detail);
    return check;
}

static mesh_err_t *not_ready(mesh_call_t *call, const char *why)
{
    return mesh_err(mesh_call_pool(call), MESH_UPSTREAM, "not_ready",
                    "This server is not ready: %s", why);
}

/* Which of the files this module was built with the database lacks, or has
 * another edition of; NULL when it has them all. */
static const char *missing_migration(const mesh_rows_t *rows, apr_pool_t *p)
{
    for (const char *const *at = mesh_migrations; *at; at++) {
        int is_there = 0;

        for (int i = 0; i < mesh_rows_count(rows) && !is_there; i++) {
            is_there = !strcmp(*at, mesh_rows_text(rows, i, "migration"));
        }
        if (!is_there) {
            return apr_pstrmemdup(p, *at, strcspn(*at, " "));
        }
    }
    return NULL;
}

static mesh_err_t *readyz(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    const mesh_t *mesh = mesh_call_order(call)->mesh;
    apr_pool_t *p = mesh_call_pool(call);
    mesh_json_t *checks;
    mesh_rows_t *rows;
    mesh_err_t *err;
    const char *missing;
    apr_int64_t allowed;
    double age;

    (void)in;
    err = mesh_query(call, &rows,
                     "select name || ' ' || sha256 as migration "
                     "from mesh.migration",
                     MESH_NO_ARGS);
    if (err) {
        return mesh_err_detail(not_ready(call, "the database cannot be used."),
                               p, "%s",
                               err->detail ? err->detail : err->message);
    }
    missing = missing_migration(rows, p);
    if (missing) {
        return not_ready(call, apr_psprintf(p,
                                            "the database lacks %s of this "
                                            "version; run sql/migrate.",
                                            missing));
    }
    MESH_TRY(mesh_query(call, &rows,
                        "select current_setting('max_connections')::int - "
                        "current_setting('superuser_reserved_connections')"
                        "::int as allowed, b.* from mesh.job_backlog() b",
                        MESH_NO_ARGS));
    allowed = mesh_rows_integer(rows, 0, "allowed");
    age = mesh_rows_number(rows, 0, "oldest_due_seconds");
    mesh_json_set_text(out, "status", "ready");
    checks = mesh_json_set_object(out, "checks");
    add_check(checks, "database", 1, "answers");
    add_check(checks, "migrations", 1, "complete");
    add_check(checks, "connections", mesh->connection_budget <= allowed,
              apr_psprintf(p, "may open %d, the database allows %d",
                           mesh->connection_budget, (int)allowed));
    add_check(checks, "queue", age <= QUEUE_AGE_SECONDS,
              apr_psprintf(p, "%d queued, %d running, oldest due for %d s",
                           (int)mesh_rows_integer(rows, 0, "queued"),
                           (int)mesh_rows_integer(rows, 0, "running"),
                           (int)age));
    return NULL;
}

static mesh_err_t *health(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    mesh_rows_t *rows;

    (void)in;
    MESH_TRY(mesh_query(call, &rows, "select 1", MESH_NO_ARGS));
    mesh_json_set_text(out, "status", "healthy");
    mesh_json_set_text(out, "timestamp",
                       mesh_clock_format(mesh_call_now(call), p));
    mesh_json_set_text(out, "version", MESH_VERSION);
    mesh_json_set_text(out, "service", SERVICE);
    mesh_json_set_text(out, "mode", "direct");
    return NULL;
}

static mesh_err_t *health_database(mesh_call_t *call, const mesh_json_t *in,
                                   mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    apr_time_t asked = apr_time_now();
    mesh_rows_t *rows;

    (void)in;
    MESH_TRY(mesh_query(call, &rows,
                        "select current_setting('server_version') as version, "
                        "pg_is_in_recovery() as is_replica",
                        MESH_NO_ARGS));
    mesh_json_set_text(out, "status", "healthy");
    mesh_json_set_text(out, "timestamp",
                       mesh_clock_format(mesh_call_now(call), p));
    mesh_json_set_text(out, "version", mesh_rows_text(rows, 0, "version"));
    mesh_json_set_boolean(out, "is_replica",
                          mesh_rows_boolean(rows, 0, "is_replica"));
    mesh_json_set_number(
        out, "response_ms",
        mesh_json_round((double)(apr_time_now() - asked) / 1000, 3));
    return NULL;
}

/* ---- The catalogue ------------------------------------------------------ */

static mesh_err_t *agents(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    const mesh_site_t *site = mesh_call_order(call)->site;

    (void)in;
    (void)out;
    mesh_call_answer_text(call, site->catalogue, "application/json",
                          site->catalogue_etag);
    return NULL;
}

static mesh_err_t *openapi(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out)
{
    const mesh_site_t *site = mesh_call_order(call)->site;

    (void)in;
    (void)out;
    mesh_call_answer_text(call, site->openapi, "application/json",
                          site->openapi_etag);
    return NULL;
}

/* All requests of an agent, over all children. */
static void sum_agent(mesh_telemetry_sum_t *sum, const mesh_t *mesh,
                      const mesh_agent_t *agent)
{
    memset(sum, 0, sizeof(*sum));
    for (int i = 0; i < mesh->registry->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(mesh->registry->bound, i, const mesh_bound_t *);
        mesh_telemetry_sum_t one;

        if (bound->agent != agent) {
            continue;
        }
        mesh_telemetry_sum(&one, mesh->telemetry, bound->id);
        for (int c = 0; c < 6; c++) {
            sum->by_class[c] += one.by_class[c];
        }
        for (int b = 0; b < MESH_TELEMETRY_BUCKETS; b++) {
            sum->buckets[b] += one.buckets[b];
        }
        sum->microseconds += one.microseconds;
    }
}

static void describe_agent(mesh_json_t *entry, const mesh_t *mesh,
                           const mesh_agent_t *agent, const mesh_rows_t *rows,
                           int row)
{
    mesh_telemetry_sum_t sum;
    double requests = 0, failures, p50, p95;
    int is_active = mesh_rows_integer(rows, row, "runs_today") > 0;

    sum_agent(&sum, mesh, agent);
    for (int c = 0; c < 6; c++) {
        requests += (double)sum.by_class[c];
    }
    failures = (double)sum.by_class[5];
    p50 = mesh_telemetry_quantile(&sum, 0.50);
    p95 = mesh_telemetry_quantile(&sum, 0.95);
    mesh_json_set_text(entry, "status",
                       failures > 0.05 * requests ? "degraded"
                       : is_active                ? "active"
                                                  : "idle");
    mesh_json_set_number(entry, "health_score",
                         mesh_json_round(1 - failures / requests, 4));
    mesh_json_set_boolean(entry, "model_loaded",
                          mesh_rows_boolean(rows, row, "has_model"));
    mesh_json_set_text(entry, "last_activity",
                       mesh_rows_text(rows, row, "last_activity"));
    mesh_json_set_text(entry, "title", agent->title);
    mesh_json_set_text(entry, "page", agent->page);
    mesh_json_set_integer(entry, "runs_today",
                          mesh_rows_integer(rows, row, "runs_today"));
    mesh_json_set_number(entry, "duration_ms_p50", mesh_json_round(p50, 3));
    mesh_json_set_number(entry, "duration_ms_p95", mesh_json_round(p95, 3));
    mesh_json_set_integer(entry, "requests_total", (apr_int64_t)requests);
    mesh_json_set_integer(entry, "errors_total", (apr_int64_t)failures);
}

static mesh_err_t *agents_status(mesh_call_t *call, const mesh_json_t *in,
                                 mesh_json_t *out)
{
    const mesh_t *mesh = mesh_call_order(call)->mesh;
    apr_pool_t *p = mesh_call_pool(call);
    mesh_json_t *all = mesh_json_set_object(out, "agents");
    int total = 0, active = 0;

    (void)in;
    for (const mesh_agent_t *const *at = mesh->registry->agents; *at; at++) {
        mesh_rows_t *rows;

        if ((*at)->is_platform) {
            continue;
        }
        MESH_TRY(mesh_query(
            call, &rows,
            "select to_char(max(created_at), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS"
            "\"Z\"') as last_activity,"
            " count(*) filter (where created_at >= now() - interval '1 day')"
            " as runs_today,"
            " exists (select from mesh.model where agent = $1"
            " and state = 'active') as has_model "
            "from mesh.agent_result where agent = $1"
            " and created_at >= now() - interval '90 days'",
            MESH_ARGS(mesh_arg_text((*at)->name))));
        describe_agent(mesh_json_set_object(all, mesh_registry_key(*at, p)),
                       mesh, *at, rows, 0);
        active += mesh_rows_integer(rows, 0, "runs_today") > 0;
        total++;
    }
    mesh_json_set_integer(out, "total_agents", total);
    mesh_json_set_integer(out, "active_agents", active);
    mesh_json_set_text(out, "status_time",
                       mesh_clock_format(mesh_call_now(call), p));
    return NULL;
}

/* ---- Measures ----------------------------------------------------------- */

static mesh_err_t *metrics(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out)
{
    const mesh_order_t *order = mesh_call_order(call);
    apr_pool_t *p = mesh_call_pool(call);
    double requests = 0, failures = 0, microseconds = 0;
    mesh_json_t *api, *system;
    int active = 0;

    (void)in;
    if (!order->wants_json) {
        mesh_call_answer_text(call, mesh_telemetry_text(order->mesh, p),
                              "text/plain; version=0.0.4; charset=utf-8", NULL);
        return NULL;
    }
    for (const mesh_agent_t *const *at = order->mesh->registry->agents; *at;
         at++) {
        mesh_telemetry_sum_t sum;
        double here = 0;

        sum_agent(&sum, order->mesh, *at);
        for (int c = 0; c < 6; c++) {
            here += (double)sum.by_class[c];
        }
        requests += here;
        failures += (double)(sum.by_class[4] + sum.by_class[5]);
        microseconds += (double)sum.microseconds;
        active += here > 0 && !(*at)->is_platform;
    }
    api = mesh_json_set_object(out, "api_metrics");
    mesh_json_set_integer(api, "active_websocket_connections", 0);
    mesh_json_set_text(api, "api_uptime", "running");
    mesh_json_set_integer(
        api, "api_uptime_seconds",
        (apr_int64_t)apr_time_sec(apr_time_now() - order->mesh->started));
    mesh_json_set_text(api, "timestamp",
                       mesh_clock_format(mesh_call_now(call), p));
    system = mesh_json_set_object(out, "system_metrics");
    mesh_json_set_integer(system, "total_requests", (apr_int64_t)requests);
    mesh_json_set_integer(system, "successful_requests",
                          (apr_int64_t)(requests - failures));
    mesh_json_set_number(
        system, "average_response_time_ms",
        requests > 0 ? mesh_json_round(microseconds / requests / 1000, 3)
                     : NAN);
    mesh_json_set_integer(system, "active_agents", active);
    return NULL;
}

static mesh_err_t *root(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    static const char *const paths[][2] = {
        { "health", "/health" },
        { "agents", "/agents/status" },
        { "metrics", "/metrics" },
        { "openapi", "/openapi.json" },
    };
    const mesh_order_t *order = mesh_call_order(call);
    apr_pool_t *p = mesh_call_pool(call);
    mesh_json_t *endpoints;

    (void)in;
    mesh_json_set_text(out, "message", "mod_mspmesh is running");
    mesh_json_set_text(out, "version", MESH_VERSION);
    mesh_json_set_text(out, "description", SERVICE);
    mesh_json_set_text(out, "mode", "direct");
    endpoints = mesh_json_set_object(out, "endpoints");
    for (apr_size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        mesh_json_set_text(
            endpoints, paths[i][0],
            apr_pstrcat(p, order->site->prefix, paths[i][1], NULL));
    }
    for (const mesh_agent_t *const *at = order->mesh->registry->agents; *at;
         at++) {
        if (!(*at)->is_platform) {
            mesh_json_set_text(
                endpoints, mesh_registry_key(*at, p),
                apr_pstrcat(p, order->site->prefix, (*at)->route, NULL));
        }
    }
    mesh_json_set_text(out, "timestamp",
                       mesh_clock_format(mesh_call_now(call), p));
    return NULL;
}

static const mesh_field_t status_output[] = {
    { "status", MESH_STRING, MESH_REQUIRED, 0, 0, "In one word." },
    { "checks", MESH_OBJECT, 0, 0, 0, "Each with ok and detail." },
    { "timestamp", MESH_STRING, 0, 0, 0, "When, RFC 3339." },
    { "version", MESH_STRING, 0, 0, 0, "Of what was asked about." },
    { "service", MESH_STRING, 0, 0, 0, "What this is." },
    { "mode", MESH_STRING, 0, 0, 0, "direct: no broker in between." },
    { "is_replica", MESH_BOOLEAN, 0, 0, 0, "Whether it only reads." },
    { "response_ms", MESH_NUMBER, 0, 0, 0, "Of one question to it." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "healthz", "GET", "/healthz", MESH_PUBLIC, MESH_PLATFORM,
      "Whether the process answers", NULL, status_output, healthz },
    { "readyz", "GET", "/readyz", MESH_PUBLIC, MESH_PLATFORM,
      "Whether it can serve: database, migrations, connections, queue", NULL,
      status_output, readyz },
    { "health", "GET", "/health", MESH_PUBLIC, MESH_PLATFORM,
      "Health as the prototypes told it, really checked", NULL, status_output,
      health },
    { "health-database", "GET", "/health/database", MESH_READ, MESH_PLATFORM,
      "Whether and how fast the database answers", NULL, status_output,
      health_database },
    { "agents", "GET", "/agents", MESH_READ, MESH_PLATFORM,
      "The agents, their actions and settings", NULL, NULL, agents },
    { "agents-status", "GET", "/agents/status", MESH_READ, MESH_PLATFORM,
      "What each agent did and how it fares", NULL, NULL, agents_status },
    { "openapi", "GET", "/openapi.json", MESH_PUBLIC, MESH_PLATFORM,
      "This interface, as OpenAPI 3.1", NULL, NULL, openapi },
    { "metrics", "GET", "/metrics", MESH_READ, MESH_PLATFORM,
      "Prometheus text, or JSON for who accepts only that", NULL, NULL,
      metrics },
    { "root", "GET", "/root", MESH_PUBLIC, MESH_PLATFORM, "What this server is",
      NULL, NULL, root },
    { NULL },
};

static const mesh_alias_t aliases[] = {
    { "GET", "/healthz", "healthz" },
    { "GET", "/readyz", "readyz" },
    { "GET", "/health", "health" },
    { "GET", "/health/database", "health-database" },
    { "GET", "/agents/status", "agents-status" },
    { "GET", "/openapi.json", "openapi" },
    { "GET", "/metrics", "metrics" },
    { "GET", "/", "root" },
    { NULL },
};

MESH_AGENT(status) = {
    .name = "status",
    .title = "Status",
    .summary = "Whether the server lives, is ready, and how it fares.",
    .route = "",
    .version = "1",
    .is_platform = 1,
    .actions = actions,
    .aliases = aliases,
};
