/* SPDX-License-Identifier: Apache-2.0 */
/* users.c -- the people of a tenant. */
#include <string.h>
#include <apr_strings.h>

#include "mesh/call.h"

static mesh_err_t *hash_of(mesh_call_t *call, const char **hash,
                           const mesh_json_t *in)
{
    const char *password = mesh_json_member_text(in, "password");

    *hash = NULL;
    if (!password) {
        return NULL;
    }
    return mesh_identity_hash_password(
        hash, (mesh_identities_t *)&mesh_call_order(call)->mesh->identities,
        password, mesh_call_pool(call));
}

static mesh_err_t *list(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    mesh_json_t *users = mesh_json_set_array(out, "users");
    mesh_rows_t *rows;

    (void)in;
    MESH_TRY(mesh_query(call, &rows,
                        "select id, email, name, role, client_id, disabled_at,"
                        " created_at from mesh.app_user order by email"
                        " limit 1000",
                        MESH_NO_ARGS));
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_add(users, mesh_rows_object(rows, i, mesh_call_pool(call)));
    }
    mesh_json_set_integer(out, "total", mesh_rows_count(rows));
    return NULL;
}

static mesh_err_t *create(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    char *email = apr_pstrdup(p, mesh_json_member_text(in, "email"));
    const char *hash, *id = mesh_call_uuid(call);

    for (char *c = email; *c; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
    }
    MESH_TRY(hash_of(call, &hash, in));
    MESH_TRY(mesh_send(
        call,
        "insert into mesh.app_user (id, msp_id, email, name, role, client_id,"
        " password_hash) values ($1::uuid, $2::uuid, $3, $4, $5, $6::uuid, $7)",
        MESH_ARGS(mesh_arg_text(id), mesh_arg_text(mesh_call_tenant(call)),
                  mesh_arg_text(email),
                  mesh_arg_text(mesh_json_member_text(in, "name")),
                  mesh_arg_text(mesh_json_member_text(in, "role")),
                  mesh_arg_text(mesh_json_member_text(in, "client_id")),
                  mesh_arg_text(hash))));
    mesh_json_set_text(out, "id", id);
    mesh_json_set_text(out, "email", email);
    return NULL;
}

static mesh_err_t *change(mesh_call_t *call, const mesh_json_t *in,
                          mesh_json_t *out)
{
    const mesh_json_t *disabled = mesh_json_member(in, "disabled");
    const char *hash;
    mesh_rows_t *rows;

    MESH_TRY(hash_of(call, &hash, in));
    MESH_TRY(mesh_query(
        call, &rows,
        "update mesh.app_user set name = coalesce($2, name),"
        " role = coalesce($3, role),"
        " disabled_at = case $4 when 'true' then coalesce(disabled_at, now())"
        " when 'false' then null else disabled_at end "
        "where id = $1::uuid returning id, email, name, role, disabled_at",
        MESH_ARGS(mesh_arg_text(mesh_json_member_text(in, "id")),
                  mesh_arg_text(mesh_json_member_text(in, "name")),
                  mesh_arg_text(mesh_json_member_text(in, "role")),
                  mesh_arg_text(!disabled                  ? NULL
                                : mesh_json_true(disabled) ? "true"
                                                           : "false"))));
    if (!mesh_rows_count(rows)) {
        return mesh_err(mesh_call_pool(call), MESH_NOT_FOUND, "unknown_user",
                        "There is no such user.");
    }
    if (hash) {
        /* Nobody may read a hash, so it is not kept by being written again. */
        MESH_TRY(
            mesh_send(call,
                      "update mesh.app_user set password_hash = $2"
                      " where id = $1::uuid",
                      MESH_ARGS(mesh_arg_text(mesh_json_member_text(in, "id")),
                                mesh_arg_text(hash))));
    }
    mesh_json_set_text(out, "id", mesh_rows_text(rows, 0, "id"));
    mesh_json_set_text(out, "email", mesh_rows_text(rows, 0, "email"));
    return NULL;
}

static const char *const roles[] = { "admin",  "analyst",       "technician",
                                     "viewer", "client-viewer", NULL };

static const mesh_field_t create_input[] = {
    { "email", MESH_STRING, MESH_REQUIRED, 3, 254, "To sign in with.", NULL,
      NULL, "^[^@\\s]+@[^@\\s]+$" },
    { "name", MESH_STRING, MESH_REQUIRED, 1, 200, "As shown." },
    { "role", MESH_STRING, MESH_REQUIRED, 0, 0, "What they may do.", NULL,
      roles },
    { "password", MESH_STRING, 0, 12, 1024, "At least twelve characters." },
    { "client_id", MESH_STRING, 0, 36, 36, "Of a client-viewer.", NULL, NULL,
      "^[0-9a-fA-F-]{36}$" },
    { NULL },
};

static const mesh_field_t change_input[] = {
    { "id", MESH_STRING, MESH_REQUIRED | MESH_IN_PATH, 36, 36, "Whom.", NULL,
      NULL, "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" },
    { "name", MESH_STRING, 0, 1, 200, "As shown." },
    { "role", MESH_STRING, 0, 0, 0, "What they may do.", NULL, roles },
    { "password", MESH_STRING, 0, 12, 1024, "At least twelve characters." },
    { "disabled", MESH_BOOLEAN, 0, 0, 0, "Whether they may sign in no more." },
    { NULL },
};

static const mesh_field_t user_output[] = {
    { "id", MESH_STRING, MESH_REQUIRED },
    { "email", MESH_STRING, MESH_REQUIRED },
    { NULL },
};

static const mesh_field_t list_output[] = {
    { "users", MESH_ARRAY, MESH_REQUIRED, 0, 0, "Without their passwords." },
    { "total", MESH_INTEGER, MESH_REQUIRED, 0, 0, "How many." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "list", "GET", "", MESH_ADMIN, MESH_PLATFORM, "The people there are",
      NULL, list_output, list },
    { "create", "POST", "", MESH_ADMIN, MESH_PLATFORM | MESH_WRITES,
      "Add somebody", create_input, user_output, create, NULL, 201 },
    { "change", "PATCH", "/{id}", MESH_ADMIN, MESH_PLATFORM | MESH_WRITES,
      "Change name, role, password or whether they may sign in", change_input,
      user_output, change },
    { NULL },
};

MESH_AGENT(users) = {
    .name = "users",
    .title = "Users",
    .summary = "The people of a tenant.",
    .route = "/users",
    .version = "1",
    .is_platform = 1,
    .actions = actions,
};
