/* SPDX-License-Identifier: Apache-2.0 */
/* auth.c -- who sent a request. */
#include "httpd/auth.h"

#include <string.h>
#include <ap_provider.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_auth.h>

#include "base/log.h"
#include "httpd/config.h"
#include "httpd/process.h"
#include "mesh/mesh.h"

static const char *key_of(request_rec *r)
{
    const char *key = apr_table_get(r->headers_in, "X-API-Key");
    const char *bearer = apr_table_get(r->headers_in, "Authorization");

    if (!key && bearer && !ap_cstr_casecmpn(bearer, "Bearer ", 7)) {
        key = bearer + 7;
        key += strspn(key, " ");
    }
    return key;
}

/* The value of the cookie NAME, or NULL. */
static const char *cookie_of(request_rec *r, const char *name)
{
    const char *at = apr_table_get(r->headers_in, "Cookie");
    apr_size_t length = strlen(name);

    while (at && *at) {
        at += strspn(at, "; ");
        if (!strncmp(at, name, length) && at[length] == '=') {
            at += length + 1;
            return apr_pstrmemdup(r->pool, at, strcspn(at, ";"));
        }
        at += strcspn(at, ";");
    }
    return NULL;
}

/*
 * A browser says which page makes it send something.  Only ours may use the
 * session to change things; what says nothing is no browser, and has no
 * session by accident.
 */
static int is_same_origin(request_rec *r)
{
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *host = apr_table_get(r->headers_in, "Host");
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *scheme = ap_http_scheme(r);

    if (!strcmp(r->method, "GET") || !strcmp(r->method, "HEAD")) {
        return 1;
    }
    if (!origin) {
        return site && !strcmp(site, "same-origin");
    }
    if (!host) {
        return 0;
    }
    if (!strcmp(origin, apr_pstrcat(r->pool, scheme, "://", host, NULL))) {
        return 1;
    }
    /* Behind a proxy that ends TLS the scheme is the proxy's. */
    return !strcmp(origin, apr_pstrcat(r->pool, "https://", host, NULL));
}

mesh_err_t *mesh_auth_identify(request_rec *r, mesh_request_t *request)
{
    const mesh_site_t *site = mesh_config_of(r->server)->site;
    mesh_t *mesh = mesh_process_mesh();
    const char *key = key_of(r);

    if (request->is_identified) {
        return request->refused;
    }
    request->is_identified = 1;
    if (key) {
        request->refused = mesh_identity_by_key(
            &request->who, &mesh->identities, key, r->pool);
    }
    else if ((request->credential = cookie_of(r, site->cookie)) != NULL) {
        request->refused = mesh_identity_by_session(
            &request->who, &mesh->identities, request->credential, r->pool);
        if (!request->refused && !is_same_origin(r)) {
            request->who = NULL;
            request->refused =
                mesh_err(r->pool, MESH_DENIED, "bad_origin",
                         "A session may be used only by this server's own "
                         "pages.");
        }
    }
    if (request->who) {
        r->user = (char *)request->who->actor;
        apr_table_setn(r->subprocess_env, "MSPMESH_TENANT",
                       request->who->msp_id);
    }
    return request->refused;
}

/* ---- AuthType MspMesh --------------------------------------------------- */

static int check_user(request_rec *r)
{
    const char *type = ap_auth_type(r);
    mesh_request_t *request = mesh_request_of(r);
    mesh_err_t *err;

    if (!type || ap_cstr_casecmp(type, "MspMesh")
        || !mesh_config_of(r->server)->site) {
        return DECLINED;
    }
    if (!request) {
        request = apr_pcalloc(r->pool, sizeof(*request));
    }
    err = mesh_auth_identify(r, request);
    if (request->who) {
        r->ap_auth_type = (char *)"MspMesh";
        apr_table_setn(r->notes, "mspmesh_role", request->who->role);
        return OK;
    }
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  MESHNO(1110) "request(%s): nobody we know", r->uri);
    return err && err->code != MESH_DENIED ? HTTP_SERVICE_UNAVAILABLE
                                           : HTTP_UNAUTHORIZED;
}

static authz_status check_role(request_rec *r, const char *roles,
                               const void *parsed)
{
    const char *role = apr_table_get(r->notes, "mspmesh_role");
    const char *word;

    (void)parsed;
    if (!r->user) {
        return AUTHZ_DENIED_NO_USER;
    }
    while (role && *(word = ap_getword_conf(r->pool, &roles))) {
        if (!strcmp(word, role)) {
            return AUTHZ_GRANTED;
        }
    }
    return AUTHZ_DENIED;
}

static const char *parse_roles(cmd_parms *cmd, const char *line,
                               const void **parsed)
{
    const char *rest = line, *word;
    int n = 0;

    while (*(word = ap_getword_conf(cmd->temp_pool, &rest))) {
        if (!mesh_identity_is_role(word)) {
            return apr_pstrcat(cmd->pool, "mspmesh-role knows no ", word, NULL);
        }
        n++;
    }
    *parsed = line;
    return n ? NULL : "mspmesh-role needs at least one role";
}

static const authz_provider role_provider = { check_role, parse_roles };

void mesh_auth_register(apr_pool_t *p)
{
    ap_hook_check_authn(check_user, NULL, NULL, APR_HOOK_MIDDLE,
                        AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "mspmesh-role",
                              AUTHZ_PROVIDER_VERSION, &role_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
}
