/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c -- API keys: made, listed, revoked. */
#include <apr_strings.h>

#include "mesh/call.h"

static mesh_err_t *list(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    mesh_json_t *keys = mesh_json_set_array(out, "keys");
    mesh_rows_t *rows;

    (void)in;
    MESH_TRY(mesh_query(call, &rows,
                        "select id, name, role, to_jsonb(scopes) as scopes,"
                        " client_id, expires_at, revoked_at, last_used_at,"
                        " created_at from mesh.api_key order by created_at, id"
                        " limit 1000",
                        MESH_NO_ARGS));
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_add(keys, mesh_rows_object(rows, i, mesh_call_pool(call)));
    }
    mesh_json_set_integer(out, "total", mesh_rows_count(rows));
    return NULL;
}

static mesh_err_t *create(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    const mesh_json_t *scopes = mesh_json_member(in, "scopes");
    const char *role = mesh_json_member_text(in, "role"), *key, *id, *secret;
    mesh_rows_t *rows;

    MESH_TRY(mesh_identity_new_key(&key, &id, &secret, p));
    MESH_TRY(mesh_query(
        call, &rows,
        "insert into mesh.api_key (id, msp_id, name, secret_sha256, role,"
        " scopes, client_id, expires_at) values ($1, $2::uuid, $3, $4::bytea,"
        " $5, coalesce((select array_agg(s) from"
        " jsonb_array_elements_text($6::jsonb) s), '{*}'), $7::uuid,"
        " $8::timestamptz) returning id, name, role,"
        " to_jsonb(scopes) as scopes, client_id, expires_at, created_at",
        MESH_ARGS(mesh_arg_text(id), mesh_arg_text(mesh_call_tenant(call)),
                  mesh_arg_text(mesh_json_member_text(in, "name")),
                  mesh_arg_text(secret), mesh_arg_text(role ? role : "service"),
                  mesh_arg_json(call, scopes),
                  mesh_arg_text(mesh_json_member_text(in, "client_id")),
                  mesh_arg_text(mesh_json_member_text(in, "expires_at")))));
    mesh_json_set(out, "details", mesh_rows_object(rows, 0, p));
    mesh_json_set_text(out, "id", id);
    mesh_json_set_text(out, "key", key);
    return NULL;
}

static mesh_err_t *withdraw(mesh_call_t *call, const mesh_json_t *in,
                            mesh_json_t *out)
{
    mesh_rows_t *rows;

    (void)out;
    MESH_TRY(
        mesh_query(call, &rows,
                   "update mesh.api_key set revoked_at = now()"
                   " where id = $1 and revoked_at is null returning id",
                   MESH_ARGS(mesh_arg_text(mesh_json_member_text(in, "id")))));
    if (!mesh_rows_count(rows)) {
        return mesh_err(mesh_call_pool(call), MESH_NOT_FOUND, "unknown_key",
                        "There is no such key, or it is revoked already.");
    }
    mesh_call_answer_text(call, NULL, NULL, NULL);
    return NULL;
}

static const char *const roles[] = { "admin",  "analyst",       "technician",
                                     "viewer", "client-viewer", "service",
                                     NULL };

static const mesh_field_t scope[] = {
    { "", MESH_STRING, 0, 1, 80, NULL, NULL, NULL,
      "^(\\*|(\\*|[a-z][a-z-]*):(\\*|read|run|manage|admin))$" },
};

static const mesh_field_t create_input[] = {
    { "name", MESH_STRING, MESH_REQUIRED, 1, 200, "What it is for." },
    { "role", MESH_STRING, 0, 0, 0, "Default service.", NULL, roles },
    { "scopes", MESH_ARRAY, 0, 1, 32,
      "Each *, <agent>:<right> or with * in place of either.", scope },
    { "client_id", MESH_STRING, 0, 36, 36, "Of a client-viewer.", NULL, NULL,
      "^[0-9a-fA-F-]{36}$" },
    { "expires_at", MESH_STRING, 0, 10, 40, "RFC 3339; never if absent.", NULL,
      NULL, "^20[0-9]{2}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9:]+))?$" },
    { NULL },
};

static const mesh_field_t create_output[] = {
    { "id", MESH_STRING, MESH_REQUIRED, 0, 0, "Names it." },
    { "key", MESH_STRING, MESH_REQUIRED, 0, 0, "Shown this once." },
    { "details", MESH_OBJECT, MESH_REQUIRED, 0, 0, "As stored." },
    { NULL },
};

static const mesh_field_t id_input[] = {
    { "id", MESH_STRING, MESH_REQUIRED | MESH_IN_PATH, 12, 12, "The key's id.",
      NULL, NULL, "^[a-z0-9]{12}$" },
    { NULL },
};

static const mesh_field_t list_output[] = {
    { "keys", MESH_ARRAY, MESH_REQUIRED, 0, 0, "Without their secrets." },
    { "total", MESH_INTEGER, MESH_REQUIRED, 0, 0, "How many." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "list", "GET", "", MESH_ADMIN, MESH_PLATFORM, "The keys there are", NULL,
      list_output, list },
    { "create", "POST", "", MESH_ADMIN, MESH_PLATFORM | MESH_WRITES,
      "Make a key", create_input, create_output, create, NULL, 201 },
    { "revoke", "DELETE", "/{id}", MESH_ADMIN, MESH_PLATFORM | MESH_WRITES,
      "Revoke a key, everywhere within a second", id_input, NULL, withdraw,
      NULL, 204 },
    { NULL },
};

MESH_AGENT(keys) = {
    .name = "keys",
    .title = "API keys",
    .summary = "Keys for programs: made, listed, revoked.",
    .route = "/keys",
    .version = "1",
    .is_platform = 1,
    .actions = actions,
};
