/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c -- who calls, and what they may do. */
#include "mesh/identity.h"

#include <string.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "base/crypto.h"

#define KEY_ID_LENGTH 12

/* How long a sign-in waits for a permit to hash. */
#define HASHING_WAIT apr_time_from_sec(2)

/* ---- Rights ------------------------------------------------------------- */

static const struct {
    const char *role;
    mesh_right_t most;
} roles[] = {
    { "admin", MESH_ADMIN },    { "analyst", MESH_MANAGE },
    { "service", MESH_MANAGE }, { "technician", MESH_RUN },
    { "viewer", MESH_READ },    { "client-viewer", MESH_READ },
};

static mesh_right_t most_of(const char *role)
{
    for (apr_size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        if (!strcmp(roles[i].role, role)) {
            return roles[i].most;
        }
    }
    return MESH_PUBLIC;
}

int mesh_identity_is_role(const char *role)
{
    return most_of(role) != MESH_PUBLIC;
}

/* One scope is "*", "<agent>:<right>", "<agent>:*" or "*:<right>". */
static int does_scope_cover(const char *scope, apr_size_t length,
                            const char *agent, const char *right)
{
    apr_size_t agent_length = strlen(agent);
    const char *colon = memchr(scope, ':', length);
    apr_size_t left = colon ? (apr_size_t)(colon - scope) : length;

    if (length == 1 && *scope == '*') {
        return 1;
    }
    if (!colon
        || !((left == 1 && *scope == '*')
             || (left == agent_length && !memcmp(scope, agent, left)))) {
        return 0;
    }
    length -= left + 1;
    return (length == 1 && colon[1] == '*')
           || (length == strlen(right) && !memcmp(colon + 1, right, length));
}

int mesh_identity_may(const mesh_identity_t *who, const char *agent,
                      mesh_right_t right)
{
    static const char *const names[] = { "public", "read", "run", "manage",
                                         "admin" };
    const char *scope = who->scopes;

    if (right == MESH_PUBLIC) {
        return 1;
    }
    if (right > most_of(who->role)) {
        return 0;
    }
    while (*scope) {
        apr_size_t length = strcspn(scope, " ");

        if (does_scope_cover(scope, length, agent, names[right])) {
            return 1;
        }
        scope += length + (scope[length] == ' ');
    }
    return 0;
}

/* ---- Writing an identity down ------------------------------------------- */

/* The members in a fixed order, each ended by NUL. */
static int pack(char text[MESH_IDENTITY_TEXT], const mesh_identity_t *who,
                apr_pool_t *p)
{
    const char *const parts[] = {
        who->is_session ? "session" : "key",
        who->actor,
        who->msp_id,
        who->client_id ? who->client_id : "",
        who->role,
        who->scopes,
        who->user_id ? who->user_id : "",
        who->name ? who->name : "",
        who->email ? who->email : "",
        who->msp_name ? who->msp_name : "",
        apr_off_t_toa(p, who->expires),
    };
    apr_size_t at = 0;

    memset(text, 0, MESH_IDENTITY_TEXT);
    for (apr_size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        apr_size_t size = strlen(parts[i]) + 1;

        if (at + size > MESH_IDENTITY_TEXT) {
            return 0; /* too long to remember: verified each time */
        }
        memcpy(text + at, parts[i], size);
        at += size;
    }
    return 1;
}

static const char *next_part(const char **at)
{
    const char *part = *at;

    *at += strlen(part) + 1;
    return part;
}

static const char *next_or_null(const char **at)
{
    const char *part = next_part(at);

    return *part ? part : NULL;
}

static mesh_identity_t *unpack(const char text[MESH_IDENTITY_TEXT],
                               apr_pool_t *p)
{
    mesh_identity_t *who = apr_pcalloc(p, sizeof(*who));
    const char *at = apr_pmemdup(p, text, MESH_IDENTITY_TEXT);

    who->is_session = !strcmp(next_part(&at), "session");
    who->actor = next_part(&at);
    who->msp_id = next_part(&at);
    who->client_id = next_or_null(&at);
    who->role = next_part(&at);
    who->scopes = next_part(&at);
    who->user_id = next_or_null(&at);
    who->name = next_or_null(&at);
    who->email = next_or_null(&at);
    who->msp_name = next_or_null(&at);
    who->expires = apr_strtoi64(next_part(&at), NULL, 10);
    return who;
}

/* ---- Recognising -------------------------------------------------------- */

static mesh_err_t *unauthenticated(apr_pool_t *p)
{
    return mesh_err(p, MESH_DENIED, "unauthenticated",
                    "Sign in, or send an API key that is valid.");
}

/* A digest as PostgreSQL reads a bytea. */
static const char *as_bytea(const unsigned char digest[MESH_SHA256_SIZE],
                            apr_pool_t *p)
{
    return apr_pstrcat(p, "\\x", mesh_crypto_hex(digest, MESH_SHA256_SIZE, p),
                       NULL);
}

/* Microseconds since 1970, as the statements below return a timestamptz. */
#define EPOCH(column) "(extract(epoch from " column ") * 1000000)::bigint"

/* The remembered identity of what has DIGEST, or NULL. */
static mesh_identity_t *recall(mesh_identities_t *identities,
                               const unsigned char digest[MESH_SHA256_SIZE],
                               apr_pool_t *p)
{
    char text[MESH_IDENTITY_TEXT];
    apr_time_t now = apr_time_now();
    mesh_identity_t *who;

    if (!mesh_identity_cache_find(identities->cache, digest, text, now)) {
        return NULL;
    }
    who = unpack(text, p);
    return who->expires && who->expires <= now ? NULL : who;
}

static void remember(mesh_identities_t *identities,
                     const unsigned char digest[MESH_SHA256_SIZE],
                     const mesh_identity_t *who, const mesh_rows_t *rows,
                     apr_pool_t *p)
{
    char text[MESH_IDENTITY_TEXT];

    if (pack(text, who, p)) {
        mesh_identity_cache_put(
            identities->cache, digest, text,
            (apr_uint64_t)mesh_rows_integer(rows, 0, "revision"),
            apr_time_now());
    }
}

mesh_err_t *mesh_identity_by_key(mesh_identity_t **who,
                                 mesh_identities_t *identities, const char *key,
                                 apr_pool_t *p)
{
    unsigned char digest[MESH_SHA256_SIZE], secret[MESH_SHA256_SIZE];
    apr_size_t length = strlen(key);
    mesh_identity_t *made;
    mesh_rows_t *rows;
    const char *id;

    if (length < 4 + KEY_ID_LENGTH + 1 + 20 || length > 120
        || strncmp(key, "msk_", 4) || key[4 + KEY_ID_LENGTH] != '_') {
        return unauthenticated(p);
    }
    mesh_crypto_sha256(digest, key, length);
    if ((*who = recall(identities, digest, p))) {
        return NULL;
    }
    id = apr_pstrndup(p, key + 4, KEY_ID_LENGTH);
    for (const char *c = id; *c; c++) {
        if (!apr_isdigit(*c) && !apr_islower(*c)) {
            return unauthenticated(p);
        }
    }
    MESH_TRY(mesh_db_query(
        identities->db, &rows, NULL,
        "select secret_sha256, msp_id, client_id, role, scopes, "
        "revision, " EPOCH(
            "expires_at") " as expires from mesh.key_identity($1)",
        1, &id, p));
    mesh_crypto_sha256(secret, key + 4 + KEY_ID_LENGTH + 1,
                       length - 4 - KEY_ID_LENGTH - 1);
    if (!mesh_rows_count(rows)
        || !mesh_crypto_equal(as_bytea(secret, p),
                              mesh_rows_text(rows, 0, "secret_sha256"),
                              2 + 2 * MESH_SHA256_SIZE)) {
        return unauthenticated(p);
    }
    made = apr_pcalloc(p, sizeof(*made));
    made->actor = apr_pstrcat(p, "key:", id, NULL);
    made->msp_id = mesh_rows_text(rows, 0, "msp_id");
    made->client_id = mesh_rows_text(rows, 0, "client_id");
    made->role = mesh_rows_text(rows, 0, "role");
    made->scopes = mesh_rows_text(rows, 0, "scopes");
    made->expires = mesh_rows_integer(rows, 0, "expires");
    remember(identities, digest, made, rows, p);
    *who = made;
    return NULL;
}

mesh_err_t *mesh_identity_by_session(mesh_identity_t **who,
                                     mesh_identities_t *identities,
                                     const char *token, apr_pool_t *p)
{
    unsigned char digest[MESH_SHA256_SIZE];
    mesh_identity_t *made;
    mesh_rows_t *rows;
    const char *bytea;

    if (strlen(token) != 43) {
        return unauthenticated(p);
    }
    mesh_crypto_sha256(digest, token, strlen(token));
    if ((*who = recall(identities, digest, p))) {
        return NULL;
    }
    bytea = as_bytea(digest, p);
    MESH_TRY(mesh_db_query(
        identities->db, &rows, NULL,
        "select user_id, msp_id, client_id, role, name, email, msp_name, "
        "revision, " EPOCH("expires_at") " as expires "
                                         "from mesh.session_identity($1)",
        1, &bytea, p));
    if (!mesh_rows_count(rows)) {
        return unauthenticated(p);
    }
    made = apr_pcalloc(p, sizeof(*made));
    made->is_session = 1;
    made->user_id = mesh_rows_text(rows, 0, "user_id");
    made->actor = apr_pstrcat(p, "user:", made->user_id, NULL);
    made->msp_id = mesh_rows_text(rows, 0, "msp_id");
    made->client_id = mesh_rows_text(rows, 0, "client_id");
    made->role = mesh_rows_text(rows, 0, "role");
    made->scopes = "*";
    made->name = mesh_rows_text(rows, 0, "name");
    made->email = mesh_rows_text(rows, 0, "email");
    made->msp_name = mesh_rows_text(rows, 0, "msp_name");
    made->expires = mesh_rows_integer(rows, 0, "expires");
    remember(identities, digest, made, rows, p);
    *who = made;
    return NULL;
}

/* ---- Signing in and out ------------------------------------------------- */

static mesh_err_t *too_many(apr_pool_t *p)
{
    return mesh_err(p, MESH_BUSY, "sign_in_busy",
                    "Too many are signing in just now; try again shortly.");
}

mesh_err_t *mesh_identity_hash_password(const char **hash,
                                        mesh_identities_t *identities,
                                        const char *password, apr_pool_t *p)
{
    mesh_err_t *err;

    if (!mesh_permits_take(identities->hashing, HASHING_WAIT)) {
        return too_many(p);
    }
    err = mesh_crypto_hash_password(hash, password, p);
    mesh_permits_give(identities->hashing);
    return err;
}

/* Nobody learns from the time it takes whether the address is known. */
static mesh_err_t *check_password(int *is_right, mesh_identities_t *identities,
                                  const char *hash, const char *password,
                                  apr_pool_t *p)
{
    const char *made;

    if (!hash) {
        *is_right = 0;
        return mesh_identity_hash_password(&made, identities, password, p);
    }
    if (!mesh_permits_take(identities->hashing, HASHING_WAIT)) {
        return too_many(p);
    }
    *is_right = mesh_crypto_is_password(hash, password);
    mesh_permits_give(identities->hashing);
    return NULL;
}

/* "\x6162" -> "ab"; returns the length. */
static apr_size_t from_bytea(unsigned char *bytes, apr_size_t size,
                             const char *text)
{
    apr_size_t n = 0;

    for (text += 2; text[0] && text[1] && n < size; text += 2) {
        const char pair[] = { text[0], text[1], '\0' };

        bytes[n++] = (unsigned char)apr_strtoi64(pair, NULL, 16);
    }
    return n;
}

static mesh_err_t *check_code(const mesh_rows_t *user, const char *code,
                              apr_pool_t *p)
{
    const char *secret = mesh_rows_text(user, 0, "totp_secret");
    unsigned char bytes[64];

    if (!secret) {
        return NULL;
    }
    if (!code) {
        return mesh_err(p, MESH_DENIED, "code_required",
                        "Send the code of your second factor too.");
    }
    if (!mesh_crypto_is_totp(bytes, from_bytea(bytes, sizeof(bytes), secret),
                             code, apr_time_now())) {
        return mesh_err(p, MESH_DENIED, "bad_credentials",
                        "Email, password or code is wrong.");
    }
    return NULL;
}

mesh_err_t *mesh_identity_sign_in(const char **token,
                                  mesh_identities_t *identities,
                                  const char *email, const char *password,
                                  const char *code,
                                  apr_interval_time_t lifetime, apr_pool_t *p)
{
    unsigned char random[32], digest[MESH_SHA256_SIZE];
    const char *args[3], *hash;
    mesh_rows_t *user, *opened;
    int is_right = 0;

    MESH_TRY(mesh_db_query(identities->db, &user, NULL,
                           "select id, password_hash, totp_secret "
                           "from mesh.sign_in_user($1)",
                           1, &email, p));
    hash =
        mesh_rows_count(user) ? mesh_rows_text(user, 0, "password_hash") : NULL;
    MESH_TRY(check_password(&is_right, identities, hash, password, p));
    if (!is_right) {
        return mesh_err(p, MESH_DENIED, "bad_credentials",
                        "Email, password or code is wrong.");
    }
    MESH_TRY(check_code(user, code, p));
    mesh_crypto_random(random, sizeof(random));
    *token = mesh_crypto_base64url(random, sizeof(random), p);
    mesh_crypto_sha256(digest, *token, strlen(*token));
    args[0] = as_bytea(digest, p);
    args[1] = mesh_rows_text(user, 0, "id");
    args[2] = apr_psprintf(p, "%" APR_INT64_T_FMT " seconds",
                           (apr_int64_t)apr_time_sec(lifetime));
    return mesh_db_query(identities->db, &opened, NULL,
                         "select mesh.session_open($1::bytea, $2::uuid, "
                         "$3::interval)",
                         3, args, p);
}

mesh_err_t *mesh_identity_sign_out(mesh_identities_t *identities,
                                   const char *token, apr_pool_t *p)
{
    unsigned char digest[MESH_SHA256_SIZE];
    const char *bytea;
    mesh_rows_t *closed;

    mesh_crypto_sha256(digest, token, strlen(token));
    bytea = as_bytea(digest, p);
    return mesh_db_query(identities->db, &closed, NULL,
                         "select mesh.session_close($1::bytea)", 1, &bytea, p);
}

mesh_err_t *mesh_identity_new_key(const char **key, const char **id,
                                  const char **secret_sha256, apr_pool_t *p)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuv";
    unsigned char random[32], digest[MESH_SHA256_SIZE];
    char name[KEY_ID_LENGTH + 1];
    const char *secret;

    mesh_crypto_random(random, KEY_ID_LENGTH);
    for (int i = 0; i < KEY_ID_LENGTH; i++) {
        name[i] = letters[random[i] % 32];
    }
    name[KEY_ID_LENGTH] = '\0';
    mesh_crypto_random(random, sizeof(random));
    secret = mesh_crypto_base64url(random, sizeof(random), p);
    mesh_crypto_sha256(digest, secret, strlen(secret));
    *id = apr_pstrdup(p, name);
    *key = apr_pstrcat(p, "msk_", *id, "_", secret, NULL);
    *secret_sha256 = as_bytea(digest, p);
    return NULL;
}
