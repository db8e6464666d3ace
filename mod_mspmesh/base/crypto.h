/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h -- hashes, tokens, passwords; the one home of OpenSSL and libsodium.
 *
 * Thread: any, once mesh_crypto_init() has run.
 */
#ifndef MESH_CRYPTO_H
#define MESH_CRYPTO_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/err.h"

#define MESH_SHA256_SIZE 32
#define MESH_UUID_SIZE   37 /* with the final NUL */

/* Once a process, before any thread; fails only without a random source. */
mesh_err_t *mesh_crypto_init(apr_pool_t *p);

void mesh_crypto_random(void *bytes, apr_size_t length);

/* FIPS 180-4. */
void mesh_crypto_sha256(unsigned char digest[MESH_SHA256_SIZE],
                        const void *bytes, apr_size_t length);

/* Whether two secrets of LENGTH bytes agree, in time that tells nothing. */
int mesh_crypto_equal(const void *a, const void *b, apr_size_t length);

const char *mesh_crypto_hex(const void *bytes, apr_size_t length,
                            apr_pool_t *p);

/* RFC 4648 section 5, without padding. */
const char *mesh_crypto_base64url(const void *bytes, apr_size_t length,
                                  apr_pool_t *p);

/* A new UUID of version 7 (RFC 9562): sorts by the time it was made. */
const char *mesh_crypto_uuid(apr_pool_t *p);

/* Whether TEXT is a UUID in the usual form, of any version. */
int mesh_crypto_is_uuid(const char *text);

/*
 * Passwords by Argon2id (RFC 9106), 64 MiB and two passes: about a tenth of a
 * second, so callers bound how many run at once.
 */
mesh_err_t *mesh_crypto_hash_password(const char **hash, const char *password,
                                      apr_pool_t *p);
int mesh_crypto_is_password(const char *hash, const char *password);

/* Whether CODE is SECRET's one-time code at T or one step (30 s) around it
 * (RFC 6238, HMAC-SHA-1, six digits). */
int mesh_crypto_is_totp(const void *secret, apr_size_t length, const char *code,
                        apr_time_t t);

#endif
