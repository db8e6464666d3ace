/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c -- the connections of mod_dbd. */
#include "httpd/pool.h"

#include <stdlib.h>
#include <ap_mpm.h>
#include <apr_dbd.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <mod_dbd.h>

#include "base/log.h"
#include "httpd/config.h"

/* mod_dbd's own default. */
#define DBD_MAX 10

/* Besides the pool's, a child keeps one to listen; one more is for the leader
 * of a generation that is being replaced. */
#define OWN_CONNECTIONS 2

static const char *directive(const char *name)
{
    const char *found = NULL;

    for (const ap_directive_t *at = ap_conftree; at; at = at->next) {
        if (!ap_cstr_casecmp(at->directive, name)) {
            found = at->args;
        }
    }
    return found;
}

static int dbd_max(void)
{
    const char *max = directive("DBDMax");
    int n = max ? (int)strtol(max, NULL, 10) : DBD_MAX;

    return n > 0 ? n : DBD_MAX;
}

int mesh_pool_budget(void)
{
    int servers = 1;

    ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &servers);
    return servers * (dbd_max() + OWN_CONNECTIONS);
}

const char *mesh_pool_check(apr_pool_t *p, const server_rec *s)
{
    const char *driver = directive("DBDriver");

    if (!APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open)) {
        return "needs mod_dbd: LoadModule dbd_module";
    }
    if (!driver || ap_cstr_casecmp(driver, "pgsql")) {
        return "needs \"DBDriver pgsql\" in the main server";
    }
    if (!directive("DBDParams")) {
        return "needs DBDParams, which says where the database is";
    }
    ap_log_error(
        APLOG_MARK, APLOG_NOTICE, 0, s,
        MESHNO(
            1010) "database: up to %d connections, that is "
                  "ServerLimit x (DBDMax %d + %d); max_connections must allow "
                  "them",
        mesh_pool_budget(), dbd_max(), OWN_CONNECTIONS);
    (void)p;
    return NULL;
}

static void *take(void *baton, void **native, apr_pool_t **life, apr_pool_t *p)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) *open =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    ap_dbd_t *dbd = open ? open(p, baton) : NULL;

    if (dbd) {
        *native = apr_dbd_native_handle(dbd->driver, dbd->handle);
        *life = dbd->pool;
    }
    return dbd;
}

static void give(void *baton, void *lease)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) *close =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);

    close(baton, lease);
}

mesh_err_t *mesh_pool_create(mesh_db_t **db, server_rec *s,
                             apr_interval_time_t wait, apr_pool_t *p)
{
    const mesh_db_source_t source = { take, give, s };

    return mesh_db_create(db, &source, dbd_max(), wait, p);
}
