/* SPDX-License-Identifier: Apache-2.0 */
/* identity_cache.c -- verified identities, in memory that all children share.
 */
#include "mesh/identity_cache.h"

#include <stdatomic.h>
#include <string.h>

#define SETS 1024
#define WAYS 4

#define YOUNG     apr_time_from_sec(60)
#define CONFIRMED apr_time_from_sec(1)

/* What an entry holds, in words so that it can be copied atomically. */
typedef struct {
    unsigned char digest[32];
    apr_uint64_t revision;
    apr_int64_t read_at;
    char text[MESH_IDENTITY_TEXT];
} content_t;

#define WORDS (sizeof(content_t) / sizeof(apr_uint64_t))

typedef struct {
    _Atomic apr_uint64_t sequence; /* odd while it is written */
    _Atomic apr_uint64_t words[WORDS];
} entry_t;

struct mesh_identity_cache_t {
    _Atomic apr_uint64_t revision;
    _Atomic apr_int64_t confirmed_at;
    _Atomic apr_uint64_t turn; /* which way is overwritten next */
    entry_t entries[SETS][WAYS];
};

_Static_assert(sizeof(content_t) % sizeof(apr_uint64_t) == 0,
               "an entry is whole words");

apr_size_t mesh_identity_cache_size(void)
{
    return sizeof(mesh_identity_cache_t);
}

void mesh_identity_cache_format(mesh_identity_cache_t *cache)
{
    atomic_store(&cache->revision, 0);
    atomic_store(&cache->confirmed_at, 0);
}

static entry_t *set_of(mesh_identity_cache_t *cache,
                       const unsigned char digest[32])
{
    return cache->entries[(digest[0] | digest[1] << 8) % SETS];
}

static int copy_out(entry_t *entry, content_t *content)
{
    apr_uint64_t words[WORDS];
    apr_uint64_t before =
        atomic_load_explicit(&entry->sequence, memory_order_acquire);

    if (before == 0 || before % 2) {
        return 0;
    }
    for (apr_size_t i = 0; i < WORDS; i++) {
        words[i] = atomic_load_explicit(&entry->words[i], memory_order_acquire);
    }
    if (atomic_load_explicit(&entry->sequence, memory_order_acquire)
        != before) {
        return 0;
    }
    memcpy(content, words, sizeof(*content));
    return 1;
}

int mesh_identity_cache_find(mesh_identity_cache_t *cache,
                             const unsigned char digest[32],
                             char text[MESH_IDENTITY_TEXT], apr_time_t now)
{
    entry_t *set = set_of(cache, digest);
    apr_uint64_t revision = atomic_load(&cache->revision);

    if (mesh_identity_cache_is_older(cache, CONFIRMED, now)) {
        return 0;
    }
    for (int way = 0; way < WAYS; way++) {
        content_t content;

        if (copy_out(&set[way], &content)
            && !memcmp(content.digest, digest, sizeof(content.digest))
            && content.revision == revision && now - content.read_at < YOUNG) {
            memcpy(text, content.text, MESH_IDENTITY_TEXT);
            return 1;
        }
    }
    return 0;
}

void mesh_identity_cache_put(mesh_identity_cache_t *cache,
                             const unsigned char digest[32],
                             const char text[MESH_IDENTITY_TEXT],
                             apr_uint64_t revision, apr_time_t now)
{
    entry_t *set = set_of(cache, digest), *entry = NULL;
    content_t content;
    apr_uint64_t words[WORDS], sequence;

    for (int way = 0; way < WAYS && !entry; way++) {
        if (copy_out(&set[way], &content)
            && !memcmp(content.digest, digest, sizeof(content.digest))) {
            entry = &set[way];
        }
    }
    if (!entry) {
        entry = &set[atomic_fetch_add(&cache->turn, 1) % WAYS];
    }
    memset(&content, 0, sizeof(content));
    memcpy(content.digest, digest, sizeof(content.digest));
    memcpy(content.text, text, MESH_IDENTITY_TEXT);
    content.revision = revision;
    content.read_at = now;
    memcpy(words, &content, sizeof(words));

    sequence = atomic_load(&entry->sequence);
    if (sequence % 2
        || !atomic_compare_exchange_strong(&entry->sequence, &sequence,
                                           sequence + 1)) {
        return; /* somebody else writes it: the next request tries again */
    }
    for (apr_size_t i = 0; i < WORDS; i++) {
        atomic_store_explicit(&entry->words[i], words[i], memory_order_release);
    }
    atomic_store_explicit(&entry->sequence, sequence + 2, memory_order_release);
}

void mesh_identity_cache_confirm(mesh_identity_cache_t *cache,
                                 apr_uint64_t revision, apr_time_t now)
{
    apr_uint64_t known = atomic_load(&cache->revision);

    /* Children ask side by side: an answer that was overtaken is dropped. */
    while (
        known < revision
        && !atomic_compare_exchange_weak(&cache->revision, &known, revision)) {
    }
    if (known <= revision) {
        atomic_store(&cache->confirmed_at, now);
    }
}

int mesh_identity_cache_is_older(mesh_identity_cache_t *cache,
                                 apr_interval_time_t age, apr_time_t now)
{
    return now - atomic_load(&cache->confirmed_at) >= age;
}
