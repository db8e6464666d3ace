/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_cache.h -- verified identities, in memory that all children share.
 *
 * An entry is found by the SHA-256 of what the caller showed.  Reading takes
 * no lock: an entry carries a sequence number that is odd while it is written
 * (a seqlock; Lameter 2005), and is copied out word by word.
 *
 * Thread: any, of any process that shares the memory.
 */
#ifndef MESH_IDENTITY_CACHE_H
#define MESH_IDENTITY_CACHE_H

#include <apr_time.h>

#define MESH_IDENTITY_TEXT 456 /* bytes of an identity, as written down */

typedef struct mesh_identity_cache_t mesh_identity_cache_t;

/* The size of a cache, and making one of zeroed memory of that size. */
apr_size_t mesh_identity_cache_size(void);
void mesh_identity_cache_format(mesh_identity_cache_t *cache);

/*
 * Copy the entry of DIGEST into TEXT; 0 when there is none, it is older than
 * a minute, read under an older revision, or the revision itself has not been
 * confirmed for a second.
 */
int mesh_identity_cache_find(mesh_identity_cache_t *cache,
                             const unsigned char digest[32],
                             char text[MESH_IDENTITY_TEXT], apr_time_t now);

/* Remember TEXT, which was read under REVISION. */
void mesh_identity_cache_put(mesh_identity_cache_t *cache,
                             const unsigned char digest[32],
                             const char text[MESH_IDENTITY_TEXT],
                             apr_uint64_t revision, apr_time_t now);

/* The newest revision, as the database just said. */
void mesh_identity_cache_confirm(mesh_identity_cache_t *cache,
                                 apr_uint64_t revision, apr_time_t now);

/* Whether the last confirmation is older than AGE. */
int mesh_identity_cache_is_older(mesh_identity_cache_t *cache,
                                 apr_interval_time_t age, apr_time_t now);

#endif
