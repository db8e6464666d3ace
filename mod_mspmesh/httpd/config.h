/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h -- what the directives set.
 *
 * Every directive is one row of config.c and one entry of conf/mspmesh.conf.
 * Code reads the members; there are no getters.  Frozen after check_config.
 */
#ifndef MESH_CONFIG_H
#define MESH_CONFIG_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

extern module AP_MODULE_DECLARE_DATA mspmesh_module
    __attribute__((visibility("default")));

APLOG_USE_MODULE(mspmesh);

typedef struct mesh_config_t {
    /* One for the server. */
    int workers;
    int development;
    apr_interval_time_t pool_wait;
    const char *trainer;

    /* Of a virtual host. */
    int enabled;
    const char *prefix;
    apr_off_t body_limit;
    apr_interval_time_t session_lifetime;
    apr_table_t *settings; /* "client-health late-habit" -> value */

    const struct mesh_site_t *site; /* made of these in post_config */
} mesh_config_t;

extern const command_rec mesh_directives[];

mesh_config_t *mesh_config_of(const server_rec *s);

void *mesh_config_create(apr_pool_t *p, server_rec *s);
void *mesh_config_merge(apr_pool_t *p, void *base, void *add);

/* Fill in defaults and find contradictions; a hook, so that configtest does. */
int mesh_config_check(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s);

#endif
