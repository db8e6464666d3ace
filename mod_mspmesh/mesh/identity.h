/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h -- who calls, and what they may do.
 *
 * A caller shows an API key (msk_<id>_<secret>) or a session token.  Both are
 * stored as SHA-256 only.  What was verified is remembered in shared memory;
 * it is trusted while the revision of identities that it was read under is
 * still the newest, and that is known to be so since less than a second:
 * whoever loses a right loses it everywhere within that second.
 *
 * Thread: any.  Pool: an identity lives in the pool given.
 * Errors: DENIED "unauthenticated" (nobody we know), "bad_credentials",
 *         "code_required"; those of io/db.h.
 */
#ifndef MESH_IDENTITY_H
#define MESH_IDENTITY_H

#include "base/permits.h"
#include "io/db.h"
#include "mesh/identity_cache.h"
#include "mesh_agent.h"

typedef struct mesh_identity_t {
    const char *actor; /* "key:ab12…", "user:<uuid>": for rows and logs */
    const char *msp_id;
    const char *client_id; /* the only client they may see, or NULL */
    const char *role;
    const char *scopes; /* of a key, separated by blanks; "*" for a session */
    int is_session;
    const char *user_id, *name, *email, *msp_name; /* of a session */
    apr_time_t expires;                            /* 0: never */
} mesh_identity_t;

typedef struct mesh_identities_t {
    mesh_db_t *db;
    mesh_identity_cache_t *cache; /* in shared memory */
    mesh_permits_t *hashing;      /* how many passwords are hashed at once */
} mesh_identities_t;

mesh_err_t *mesh_identity_by_key(mesh_identity_t **who,
                                 mesh_identities_t *identities, const char *key,
                                 apr_pool_t *p);
mesh_err_t *mesh_identity_by_session(mesh_identity_t **who,
                                     mesh_identities_t *identities,
                                     const char *token, apr_pool_t *p);

/* Whether WHO may use an action of AGENT that needs RIGHT. */
int mesh_identity_may(const mesh_identity_t *who, const char *agent,
                      mesh_right_t right);

/* Whether ROLE is one of ours. */
int mesh_identity_is_role(const char *role);

/*
 * Open a session for whoever has EMAIL and PASSWORD, and CODE where they have
 * a second factor; *TOKEN is for the cookie.  Costs a tenth of a second.
 */
mesh_err_t *mesh_identity_sign_in(const char **token,
                                  mesh_identities_t *identities,
                                  const char *email, const char *password,
                                  const char *code,
                                  apr_interval_time_t lifetime, apr_pool_t *p);
mesh_err_t *mesh_identity_sign_out(mesh_identities_t *identities,
                                   const char *token, apr_pool_t *p);

/* Hash a password, when there is a permit. */
mesh_err_t *mesh_identity_hash_password(const char **hash,
                                        mesh_identities_t *identities,
                                        const char *password, apr_pool_t *p);

/* A new key: *KEY is shown once, the rest is stored. */
mesh_err_t *mesh_identity_new_key(const char **key, const char **id,
                                  const char **secret_sha256, apr_pool_t *p);

#endif
