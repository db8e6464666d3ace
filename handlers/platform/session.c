/* SPDX-License-Identifier: Apache-2.0 */
/* session.c -- signing in and out. */
#include <apr_strings.h>

#include "base/clock.h"
#include "mesh/call.h"

static void set_cookie(mesh_call_t *call, const char *token,
                       apr_interval_time_t lifetime)
{
    const mesh_site_t *site = mesh_call_order(call)->site;

    mesh_call_header(call, "Set-Cookie",
                     apr_psprintf(mesh_call_pool(call),
                                  "%s=%s; Path=/; HttpOnly; SameSite=Strict%s; "
                                  "Max-Age=%" APR_INT64_T_FMT,
                                  site->cookie, token,
                                  site->is_development ? "" : "; Secure",
                                  (apr_int64_t)apr_time_sec(lifetime)));
}

static mesh_err_t *describe(mesh_call_t *call, const mesh_identity_t *who,
                            mesh_json_t *out)
{
    const mesh_scope_t scope = { who->msp_id, who->client_id };
    apr_pool_t *p = mesh_call_pool(call);
    mesh_json_t *user, *msp;
    mesh_rows_t *rows;

    MESH_TRY(mesh_db_query(mesh_call_order(call)->mesh->db, &rows, &scope,
                           "select id, name, currency, time_zone, "
                           "mesh.today() as today from mesh.msp",
                           0, NULL, p));
    if (who->is_session) {
        user = mesh_json_set_object(out, "user");
        mesh_json_set_text(user, "id", who->user_id);
        mesh_json_set_text(user, "name", who->name);
        mesh_json_set_text(user, "email", who->email);
        mesh_json_set_text(user, "role", who->role);
    }
    else {
        mesh_json_set_null(out, "user");
    }
    msp = mesh_json_set_object(out, "msp");
    mesh_json_set_text(msp, "id", who->msp_id);
    mesh_json_set_text(msp, "name", mesh_rows_text(rows, 0, "name"));
    mesh_json_set_text(msp, "currency", mesh_rows_text(rows, 0, "currency"));
    mesh_json_set_text(msp, "time_zone", mesh_rows_text(rows, 0, "time_zone"));
    mesh_json_set_text(out, "today", mesh_rows_text(rows, 0, "today"));
    if (who->expires) {
        mesh_json_set_text(out, "expires_at",
                           mesh_clock_format(who->expires, p));
    }
    return NULL;
}

static mesh_err_t *sign_in(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out)
{
    const mesh_order_t *order = mesh_call_order(call);
    mesh_identities_t *identities =
        (mesh_identities_t *)&order->mesh->identities;
    apr_pool_t *p = mesh_call_pool(call);
    mesh_identity_t *who;
    const char *token;

    MESH_TRY(mesh_identity_sign_in(
        &token, identities, mesh_json_text(mesh_json_member(in, "email")),
        mesh_json_text(mesh_json_member(in, "password")),
        mesh_json_member_text(in, "code"), order->site->session_lifetime, p));
    MESH_TRY(mesh_identity_by_session(&who, identities, token, p));
    set_cookie(call, token, order->site->session_lifetime);
    return describe(call, who, out);
}

static mesh_err_t *show(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    (void)in;
    return describe(call, mesh_call_order(call)->who, out);
}

static mesh_err_t *sign_out(mesh_call_t *call, const mesh_json_t *in,
                            mesh_json_t *out)
{
    const mesh_order_t *order = mesh_call_order(call);

    (void)in;
    (void)out;
    if (order->credential) {
        MESH_TRY(mesh_identity_sign_out(
            (mesh_identities_t *)&order->mesh->identities, order->credential,
            mesh_call_pool(call)));
        set_cookie(call, "", 0);
    }
    mesh_call_answer_text(call, NULL, NULL, NULL);
    return NULL;
}

static const mesh_field_t credentials[] = {
    { "email", MESH_STRING, MESH_REQUIRED, 3, 254, "Who signs in." },
    { "password", MESH_STRING, MESH_REQUIRED, 1, 1024, "Their password." },
    { "code", MESH_STRING, 0, 6, 6, "Of the second factor, if there is one.",
      NULL, NULL, "^[0-9]{6}$" },
    { NULL },
};

static const mesh_field_t user_fields[] = {
    { "id", MESH_STRING, MESH_REQUIRED },
    { "name", MESH_STRING, MESH_REQUIRED },
    { "email", MESH_STRING, MESH_REQUIRED },
    { "role", MESH_STRING, MESH_REQUIRED },
    { NULL },
};

static const mesh_field_t msp_fields[] = {
    { "id", MESH_STRING, MESH_REQUIRED },
    { "name", MESH_STRING, MESH_REQUIRED },
    { "currency", MESH_STRING, MESH_REQUIRED },
    { "time_zone", MESH_STRING, MESH_REQUIRED },
    { NULL },
};

static const mesh_field_t session_fields[] = {
    { "user", MESH_OBJECT, MESH_REQUIRED | MESH_NULLABLE, 0, 0,
      "Null for an API key.", user_fields },
    { "msp", MESH_OBJECT, MESH_REQUIRED, 0, 0, "The tenant.", msp_fields },
    { "today", MESH_STRING, MESH_REQUIRED, 0, 0, "The business date." },
    { "expires_at", MESH_STRING, 0, 0, 0, "When this ends." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "sign-in", "POST", "", MESH_PUBLIC, MESH_PLATFORM,
      "Sign in and receive the session's cookie", credentials, session_fields,
      sign_in },
    { "show", "GET", "", MESH_READ, MESH_PLATFORM, "Who is signed in", NULL,
      session_fields, show },
    { "sign-out", "DELETE", "", MESH_READ, MESH_PLATFORM, "End the session",
      NULL, NULL, sign_out, NULL, 204 },
    { NULL },
};

MESH_AGENT(session) = {
    .name = "session",
    .title = "Session",
    .summary = "Signing in and out.",
    .route = "/session",
    .version = "1",
    .is_platform = 1,
    .actions = actions,
};
