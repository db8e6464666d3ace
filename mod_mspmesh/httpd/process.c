/* SPDX-License-Identifier: Apache-2.0 */
/* process.c -- the life of the server's processes. */
#include "httpd/process.h"

#include <stdlib.h>
#include <string.h>
#include <ap_mpm.h>
#include <ap_provider.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <mpm_common.h>
#include <scoreboard.h>

#include "base/crypto.h"
#include "base/log.h"
#include "httpd/config.h"
#include "httpd/pool.h"

/* Bodies over 1 MiB that a child parses at once. */
#define BIG_BODIES 4
/* Passwords that a child hashes at once: 64 MiB each. */
#define HASHINGS 2
/* Parsed models that a child keeps. */
#define ARTEFACTS 64

#define SHARED_KEY   "mspmesh.shared"
#define SHARED_MAGIC 0x6d65736800000001u /* "mesh", layout 1 */

typedef struct {
    apr_uint64_t magic;
    apr_uint64_t size; /* of all: a later module finds the layout unchanged */
} shared_t;

/* What a virtual host has besides what calls see of it. */
typedef struct {
    mesh_site_t site; /* first: conf->site points to it */
    mesh_router_t *router;
} host_t;

static shared_t *shared;
static mesh_registry_t *registry;
static server_rec *main_server;
static mesh_t mesh;
static mesh_permits_t *bodies;

mesh_t *mesh_process_mesh(void)
{
    return &mesh;
}

mesh_permits_t *mesh_process_bodies(void)
{
    return bodies;
}

const mesh_router_t *mesh_process_router(const server_rec *s)
{
    const mesh_config_t *conf = mesh_config_of(s);

    return conf->site ? ((const host_t *)(const void *)conf->site)->router
                      : NULL;
}

static void log_line(mesh_log_level_t level, const char *line)
{
    static const int levels[] = { APLOG_ERR, APLOG_WARNING, APLOG_NOTICE,
                                  APLOG_INFO, APLOG_DEBUG };

    ap_log_error(APLOG_MARK, levels[level], 0, main_server, "%s", line);
}

static int complain(server_rec *s, const mesh_err_t *err)
{
    ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, MESHNO(1002) "server: %s %s",
                 err->message, err->detail ? err->detail : "");
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* ---- In the parent ------------------------------------------------------ */

static void *after(void *start, apr_size_t offset)
{
    return (char *)start + offset;
}

static mesh_err_t *attach_shared(server_rec *s, apr_pool_t *p)
{
    apr_size_t header = APR_ALIGN(sizeof(shared_t), 64);
    apr_size_t metrics = APR_ALIGN(mesh_telemetry_size(), 64);
    apr_size_t size = header + metrics + mesh_identity_cache_size();
    void *kept = NULL;
    apr_shm_t *shm;

    apr_pool_userdata_get(&kept, SHARED_KEY, s->process->pool);
    shared = kept;
    if (!shared) {
        if (apr_shm_create(&shm, size, NULL, s->process->pool) != APR_SUCCESS) {
            return mesh_err(p, MESH_BUG, "no_shared_memory",
                            "Shared memory cannot be made.");
        }
        shared = apr_shm_baseaddr_get(shm);
        memset(shared, 0, size);
        shared->magic = SHARED_MAGIC;
        shared->size = size;
        mesh_identity_cache_format(after(shared, header + metrics));
        /* The key is copied: ours goes when a restart unloads this module. */
        apr_pool_userdata_set(shared, SHARED_KEY, NULL, s->process->pool);
    }
    if (shared->magic != SHARED_MAGIC || shared->size != size) {
        return mesh_err(p, MESH_BUG, "old_shared_memory",
                        "This module is another version than the one that is "
                        "running: stop the server and start it.");
    }
    mesh.telemetry = after(shared, header);
    mesh.identities.cache = after(shared, header + metrics);
    mesh_telemetry_format(mesh.telemetry, registry);
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    const mesh_agent_t *const *left = a, *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static mesh_err_t *collect_agents(apr_pool_t *p)
{
    const apr_array_header_t *names =
        ap_list_provider_names(p, "mspmesh-agent", "1");
    const mesh_agent_t **agents =
        apr_pcalloc(p, (apr_size_t)(names->nelts + 1) * sizeof(*agents));

    for (int i = 0; i < names->nelts; i++) {
        agents[i] = ap_lookup_provider(
            "mspmesh-agent",
            APR_ARRAY_IDX(names, i, ap_list_provider_names_t).provider_name,
            "1");
    }
    qsort(agents, (size_t)names->nelts, sizeof(*agents), by_name);
    return mesh_registry_create(&registry, agents, p);
}

static const char *etag_of(const char *text, apr_pool_t *p)
{
    unsigned char digest[MESH_SHA256_SIZE];

    mesh_crypto_sha256(digest, text, strlen(text));
    return apr_pstrcat(p, "\"", mesh_crypto_hex(digest, 12, p), "\"", NULL);
}

static mesh_err_t *make_host(mesh_config_t *conf, apr_pool_t *p)
{
    host_t *host = apr_pcalloc(p, sizeof(*host));
    mesh_site_t *site = &host->site;

    site->prefix = conf->prefix;
    site->settings = conf->settings;
    site->is_development = conf->development;
    /* The __Host- prefix needs Secure, which needs TLS. */
    site->cookie = conf->development ? "mspmesh" : "__Host-mspmesh";
    site->session_lifetime = conf->session_lifetime;
    site->catalogue = mesh_json_format(
        mesh_registry_catalogue(registry, conf->prefix, conf->settings, p), p);
    site->catalogue_etag = etag_of(site->catalogue, p);
    site->openapi =
        mesh_json_format(mesh_registry_openapi(registry, conf->prefix, p), p);
    site->openapi_etag = etag_of(site->openapi, p);
    MESH_TRY(mesh_router_create(&host->router, registry, conf->prefix, p));
    conf->site = site;
    return NULL;
}

static int post_config(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    mesh_err_t *err;

    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    main_server = s;
    mesh_log_install(log_line);
    if ((err = mesh_crypto_init(p)) != NULL || (err = collect_agents(p)) != NULL
        || (err = attach_shared(s, p)) != NULL) {
        return complain(s, err);
    }
    for (server_rec *host = s; host; host = host->next) {
        mesh_config_t *conf = mesh_config_of(host);

        conf->development = mesh_config_of(s)->development;
        if ((conf->enabled || host == s)
            && (err = make_host(conf, p)) != NULL) {
            return complain(host, err);
        }
    }
    mesh.main_site = mesh_config_of(s)->site;
    if (!mesh_config_of(s)->enabled) {
        /* Jobs run with the main server's settings; it answers nothing. */
        mesh_config_of(s)->site = NULL;
    }
    mesh.registry = registry;
    mesh.trainer = mesh_config_of(s)->trainer;
    mesh.connection_budget = mesh_pool_budget();
    mesh.started = apr_time_now();
    return OK;
}

static int is_anywhere_enabled(const server_rec *s)
{
    for (; s; s = s->next) {
        if (mesh_config_of(s)->enabled) {
            return 1;
        }
    }
    return 0;
}

/* Say at start what cannot work here. */
static int pre_mpm(apr_pool_t *p, ap_scoreboard_e type)
{
    int is_threaded = 0;

    (void)p;
    (void)type;
    ap_mpm_query(AP_MPMQ_IS_THREADED, &is_threaded);
    if (!is_threaded && is_anywhere_enabled(main_server)) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, main_server,
            MESHNO(
                1003) "server: this MPM has no threads: jobs wait "
                      "for a server that has, and there are no live streams");
    }
    return OK;
}

/* ---- In a child --------------------------------------------------------- */

static void on_heard(void *unused, int has_jobs)
{
    (void)unused;
    if (has_jobs) {
        mesh_workers_wake(mesh.workers);
    }
}

static apr_status_t join_threads(void *unused)
{
    (void)unused;
    if (mesh.announcer) {
        mesh_announcer_stop(mesh.announcer);
    }
    if (mesh.workers) {
        mesh_workers_stop(mesh.workers);
        mesh_workers_join(mesh.workers);
        mesh.workers = NULL;
    }
    if (mesh.announcer) {
        mesh_announcer_join(mesh.announcer);
        mesh.announcer = NULL;
    }
    return APR_SUCCESS;
}

static void child_stopping(apr_pool_t *p, int graceful)
{
    (void)p;
    (void)graceful;
    if (mesh.workers) {
        mesh_workers_stop(mesh.workers);
    }
}

static mesh_err_t *start_threads(server_rec *s, apr_pool_t *p)
{
    int is_threaded = 0, workers = mesh_config_of(s)->workers;

    ap_mpm_query(AP_MPMQ_IS_THREADED, &is_threaded);
    if (!is_threaded) {
        return NULL;
    }
    /* Before the pool's own cleanups: threads still use connections. */
    apr_pool_pre_cleanup_register(p, NULL, join_threads);
    MESH_TRY(mesh_announcer_start(&mesh.announcer, mesh.db,
                                  mesh.identities.cache, on_heard, NULL, p));
    return workers ? mesh_workers_start(&mesh.workers, &mesh, workers, p)
                   : NULL;
}

static void child_init(apr_pool_t *p, server_rec *s)
{
    mesh_err_t *err;

    if (!is_anywhere_enabled(s)) {
        return;
    }
    if ((err = mesh_permits_create(&bodies, BIG_BODIES, p)) != NULL
        || (err = mesh_permits_create(&mesh.identities.hashing, HASHINGS, p))
               != NULL
        || (err = mesh_artefacts_create(&mesh.artefacts, ARTEFACTS, p)) != NULL
        || (err =
                mesh_pool_create(&mesh.db, s, mesh_config_of(s)->pool_wait, p))
               != NULL) {
        complain(s, err);
        return;
    }
    mesh.identities.db = mesh.db;
    if ((err = start_threads(s, p)) != NULL) {
        complain(s, err);
    }
}

void mesh_process_register(apr_pool_t *p)
{
    (void)p;
    ap_hook_check_config(mesh_config_check, NULL, NULL, APR_HOOK_LAST);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_LAST);
    ap_hook_pre_mpm(pre_mpm, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_LAST);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
}
