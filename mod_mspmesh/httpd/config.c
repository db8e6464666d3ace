/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c -- every directive is one row.
 *
 * A row names the member it sets, its default and its bounds; creation,
 * merging, parsing and defaults are loops over the rows.  To add a directive,
 * add a member, a row, and an entry in conf/mspmesh.conf (t/style asks).
 */
#include "httpd/config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <ap_listen.h>
#include <ap_provider.h>
#include <apr_strings.h>

#include "base/log.h"
#include "httpd/pool.h"
#include "mesh_agent.h"

typedef enum {
    KIND_FLAG,
    KIND_INT,
    KIND_STRING,
    KIND_SIZE,
    KIND_DURATION,
} mesh_kind_t;

typedef struct mesh_slot_t {
    mesh_kind_t kind;
    apr_size_t offset;
    const char *fallback; /* written as an operator would write it */
    apr_int64_t min, max; /* numbers, bytes or seconds */
    int is_global;
} mesh_slot_t;

#define UNSET  (-1)
#define GLOBAL 1
#define SERVER 0

static const char *set_slot(cmd_parms *cmd, void *dconf, const char *arg);
static const char *set_agent(cmd_parms *cmd, void *dconf, const char *agent,
                             const char *setting, const char *value);

#define ROW(kind, name, member, fallback, min, max, context, help)            \
    AP_INIT_TAKE1(                                                            \
        name, set_slot,                                                       \
        (void *)&((const mesh_slot_t){ kind, offsetof(mesh_config_t, member), \
                                       fallback, min, max, context }),        \
        RSRC_CONF, help)
#define FLAG(name, member, fallback, context, syntax, help) \
    ROW(KIND_FLAG, name, member, fallback, 0, 1, context, help)
#define INT(name, member, fallback, min, max, context, syntax, help) \
    ROW(KIND_INT, name, member, fallback, min, max, context, help)
#define STRING(name, member, fallback, context, syntax, help) \
    ROW(KIND_STRING, name, member, fallback, 0, 0, context, help)
#define SIZE(name, member, fallback, min, max, context, syntax, help) \
    ROW(KIND_SIZE, name, member, fallback, min, max, context, help)
#define DURATION(name, member, fallback, min, max, context, syntax, help) \
    ROW(KIND_DURATION, name, member, fallback, min, max, context, help)

/* clang-format off */
const command_rec mesh_directives[] = {
    FLAG("MspMesh", enabled, "Off", SERVER,
         "On|Off", "Whether this host serves the mesh"),
    STRING("MspMeshPrefix", prefix, "/api", SERVER,
           "<path>", "Where the interface begins"),
    SIZE("MspMeshBodyLimit", body_limit, "32M", 1024, 1073741824, SERVER,
         "<size>", "Largest request body"),
    DURATION("MspMeshSessionLifetime", session_lifetime, "8h", 60, 2592000,
             SERVER, "<time>", "How long a sign-in lasts"),
    INT("MspMeshWorkers", workers, "2", 0, 64, GLOBAL,
        "<number>", "Job threads in each child"),
    DURATION("MspMeshPoolWait", pool_wait, "2s", 1, 60, GLOBAL,
             "<time>", "How long a call waits for a database connection"),
    STRING("MspMeshTrainer", trainer, "/usr/libexec/mspmesh-train", GLOBAL,
           "<file>", "The program that grows boosted trees"),
    FLAG("MspMeshDevelopment", development, "Off", GLOBAL,
         "On|Off", "Conveniences for a developer's own machine"),
    AP_INIT_TAKE3("MspMeshAgent", set_agent, NULL, RSRC_CONF,
                  "An agent, one of its settings, and the value"),
    { NULL }
};
/* clang-format on */

/* A row that sets a member; the others set themselves. */
#define EACH_SLOT(row, slot)                                         \
    for (const command_rec *row = mesh_directives; row->name; row++) \
        for (const mesh_slot_t *slot = row->cmd_data; slot; slot = NULL)

mesh_config_t *mesh_config_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &mspmesh_module);
}

static void *member(const void *conf, const mesh_slot_t *slot)
{
    return (char *)conf + slot->offset;
}

static apr_size_t width(const mesh_slot_t *slot)
{
    switch (slot->kind) {
    case KIND_STRING: return sizeof(const char *);
    case KIND_SIZE: return sizeof(apr_off_t);
    case KIND_DURATION: return sizeof(apr_interval_time_t);
    default: return sizeof(int);
    }
}

static int is_set(const void *conf, const mesh_slot_t *slot)
{
    switch (slot->kind) {
    case KIND_STRING: return *(const char *const *)member(conf, slot) != NULL;
    case KIND_SIZE: return *(const apr_off_t *)member(conf, slot) != UNSET;
    case KIND_DURATION:
        return *(const apr_interval_time_t *)member(conf, slot) != UNSET;
    default: return *(const int *)member(conf, slot) != UNSET;
    }
}

/* ---- Parsing ------------------------------------------------------------ */

/* "32M" -> bytes; UNSET when it is nothing of the kind. */
static apr_int64_t parse_size(const char *arg)
{
    static const char units[] = "kmg";
    const char *unit;
    char *end;
    apr_int64_t n = apr_strtoi64(arg, &end, 10);

    if (end == arg || n < 0) {
        return UNSET;
    }
    if (*end && !end[1] && (unit = strchr(units, *end | 0x20)) != NULL) {
        int shift = 10 * (int)(unit - units + 1);

        return n <= APR_INT64_MAX >> shift ? n << shift : UNSET;
    }
    return *end ? UNSET : n;
}

static const char *out_of_range(const mesh_slot_t *slot, const char *what,
                                const char *unit, apr_pool_t *p)
{
    return apr_psprintf(p,
                        "must be %s from %" APR_INT64_T_FMT "%s to "
                        "%" APR_INT64_T_FMT "%s",
                        what, slot->min, unit, slot->max, unit);
}

static const char *parse(const mesh_slot_t *slot, void *conf, const char *arg,
                         apr_pool_t *p)
{
    void *to = member(conf, slot);
    apr_interval_time_t span;
    apr_int64_t n;
    char *end;

    switch (slot->kind) {
    case KIND_STRING: *(const char **)to = arg; return NULL;
    case KIND_FLAG:
        if (ap_cstr_casecmp(arg, "on") && ap_cstr_casecmp(arg, "off")) {
            return "must be On or Off";
        }
        *(int *)to = !ap_cstr_casecmp(arg, "on");
        return NULL;
    case KIND_INT:
        n = apr_strtoi64(arg, &end, 10);
        if (end == arg || *end || n < slot->min || n > slot->max) {
            return out_of_range(slot, "a number", "", p);
        }
        *(int *)to = (int)n;
        return NULL;
    case KIND_SIZE:
        n = parse_size(arg);
        if (n < slot->min || n > slot->max) {
            return out_of_range(slot, "a size such as 32M,", " bytes", p);
        }
        *(apr_off_t *)to = (apr_off_t)n;
        return NULL;
    case KIND_DURATION:
        if (ap_timeout_parameter_parse(arg, &span, "s") != APR_SUCCESS
            || span < apr_time_from_sec(slot->min)
            || span > apr_time_from_sec(slot->max)) {
            return out_of_range(slot, "a time such as 30s,", "s", p);
        }
        *(apr_interval_time_t *)to = span;
        return NULL;
    }
    return "has an unknown kind";
}

static const char *set_slot(cmd_parms *cmd, void *dconf, const char *arg)
{
    const mesh_slot_t *slot = cmd->info;
    const char *problem = NULL;

    (void)dconf;
    if (slot->is_global) {
        problem = ap_check_cmd_context(cmd, GLOBAL_ONLY);
        if (problem) {
            return problem;
        }
    }
    problem = parse(slot, mesh_config_of(cmd->server), arg, cmd->pool);
    return problem ? apr_pstrcat(cmd->pool, cmd->cmd->name, " ", problem, NULL)
                   : NULL;
}

static const char *set_agent(cmd_parms *cmd, void *dconf, const char *agent,
                             const char *setting, const char *value)
{
    (void)dconf;
    apr_table_set(mesh_config_of(cmd->server)->settings,
                  apr_pstrcat(cmd->pool, agent, " ", setting, NULL), value);
    return NULL;
}

/* ---- Creating and merging ----------------------------------------------- */

void *mesh_config_create(apr_pool_t *p, server_rec *s)
{
    mesh_config_t *conf = apr_palloc(p, sizeof(*conf));

    (void)s;
    memset(conf, 0xff, sizeof(*conf)); /* every int, size and time is UNSET */
    EACH_SLOT (row, slot) {
        if (slot->kind == KIND_STRING) {
            *(const char **)member(conf, slot) = NULL;
        }
    }
    conf->settings = apr_table_make(p, 4);
    conf->site = NULL;
    return conf;
}

void *mesh_config_merge(apr_pool_t *p, void *base, void *add)
{
    mesh_config_t *conf = apr_pmemdup(p, base, sizeof(*conf));

    EACH_SLOT (row, slot) {
        if (is_set(add, slot)) {
            memcpy(member(conf, slot), member(add, slot), width(slot));
        }
    }
    conf->settings = apr_table_overlay(p, ((mesh_config_t *)base)->settings,
                                       ((mesh_config_t *)add)->settings);
    apr_table_compress(conf->settings, APR_OVERLAP_TABLES_SET);
    return conf;
}

/* ---- Checking ----------------------------------------------------------- */

static const char *check_setting(const char *agent_name, const char *name,
                                 const char *value, apr_pool_t *p)
{
    const mesh_agent_t *agent =
        ap_lookup_provider("mspmesh-agent", agent_name, "1");
    char *end;
    double x;

    if (!agent) {
        return apr_psprintf(p, "there is no agent %s", agent_name);
    }
    for (const mesh_setting_t *setting = agent->settings;
         setting && setting->name; setting++) {
        if (strcmp(setting->name, name)) {
            continue;
        }
        x = strtod(value, &end);
        if (setting->min < setting->max
            && (end == value || *end || !(x >= setting->min)
                || !(x <= setting->max))) {
            return apr_psprintf(p, "%s must be a number from %g to %g", name,
                                setting->min, setting->max);
        }
        return NULL;
    }
    return apr_psprintf(p, "%s has no setting %s", agent_name, name);
}

static const char *check_prefix(const char *prefix)
{
    apr_size_t length = strlen(prefix);

    if (*prefix != '/' || length < 2 || prefix[length - 1] == '/'
        || strpbrk(prefix, "%?#{} ") || strstr(prefix, "//")
        || strstr(prefix, "/.")) {
        return "must be a path such as /api, without a slash at its end";
    }
    return NULL;
}

/* Development conveniences must not be offered to the world. */
static const char *check_listeners(apr_pool_t *p)
{
    for (const ap_listen_rec *at = ap_listeners; at; at = at->next) {
        const apr_sockaddr_t *address = at->bind_addr;
        char *ip = NULL;

        apr_sockaddr_ip_get(&ip, (apr_sockaddr_t *)address);
        if (!ip || (strncmp(ip, "127.", 4) && strcmp(ip, "::1"))) {
            return apr_psprintf(p,
                                "needs every Listen on 127.0.0.1 or [::1], "
                                "but there is one on %s",
                                ip ? ip : "another address");
        }
    }
    return NULL;
}

static int complain(const server_rec *s, const char *directive,
                    const char *problem)
{
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, s,
                 MESHNO(1001) "%s %s", directive, problem);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static int check_settings(const server_rec *s, const mesh_config_t *conf,
                          apr_pool_t *p)
{
    const apr_array_header_t *all = apr_table_elts(conf->settings);

    for (int i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *entry =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        const char *blank = strchr(entry->key, ' ');
        const char *problem = check_setting(
            apr_pstrmemdup(p, entry->key, (apr_size_t)(blank - entry->key)),
            blank + 1, entry->val, p);

        if (problem) {
            return complain(s, "MspMeshAgent:", problem);
        }
    }
    return OK;
}

int mesh_config_check(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s)
{
    const server_rec *main_server = s;
    int is_enabled = 0, is_development = 0;
    const char *problem;

    (void)plog;
    for (; s; s = s->next) {
        mesh_config_t *conf = mesh_config_of(s);

        EACH_SLOT (row, slot) {
            if (!is_set(conf, slot) && slot->fallback) {
                parse(slot, conf, slot->fallback, p);
            }
        }
        is_enabled |= conf->enabled;
        is_development |= conf->development;
        if ((problem = check_prefix(conf->prefix)) != NULL) {
            return complain(s, "MspMeshPrefix", problem);
        }
        if (check_settings(s, conf, ptemp) != OK) {
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    if (is_development && (problem = check_listeners(ptemp)) != NULL) {
        return complain(main_server, "MspMeshDevelopment", problem);
    }
    if (is_enabled && (problem = mesh_pool_check(ptemp, main_server)) != NULL) {
        return complain(main_server, "MspMesh", problem);
    }
    return OK;
}
