/* SPDX-License-Identifier: Apache-2.0 */
/* identity_cache.c -- who was verified, shared by all; and who is not any
 * more. */
#include <apr_general.h>
#include <apr_thread_proc.h>

#include "mesh/identity_cache.h"
#include "tap.h"

#define NOW        apr_time_from_sec(1000000)
#define SECONDS(n) apr_time_from_sec(n)

static mesh_identity_cache_t *cache;

/* The digest of N; those of one SET compete for the same few places. */
static void digest_of(unsigned char digest[32], unsigned int set,
                      unsigned int n)
{
    memset(digest, 0, 32);
    digest[0] = (unsigned char)set;
    digest[1] = (unsigned char)(set >> 8);
    memcpy(digest + 8, &n, sizeof(n));
}

static void put(unsigned int set, unsigned int n, const char *words,
                apr_uint64_t revision, apr_time_t now)
{
    unsigned char digest[32];
    char text[MESH_IDENTITY_TEXT] = "";

    snprintf(text, sizeof(text), "%s", words);
    digest_of(digest, set, n);
    mesh_identity_cache_put(cache, digest, text, revision, now);
}

static const char *find(unsigned int set, unsigned int n, apr_time_t now)
{
    static char text[MESH_IDENTITY_TEXT];
    unsigned char digest[32];

    digest_of(digest, set, n);
    return mesh_identity_cache_find(cache, digest, text, now) ? text : NULL;
}

static void clear(void)
{
    memset(cache, 0, mesh_identity_cache_size());
    mesh_identity_cache_format(cache);
}

static void remembers(void)
{
    clear();
    put(1, 1, "ada", 5, NOW);
    is_text(find(1, 1, NOW), NULL, "before the first word nobody is known");
    mesh_identity_cache_confirm(cache, 5, NOW);
    is_text(find(1, 1, NOW), "ada", "who was verified is known");
    is_text(find(1, 2, NOW), NULL, "nobody else is");
    is_text(find(2, 1, NOW), NULL, "of the same number neither");
    put(1, 1, "ada, admin", 5, NOW);
    is_text(find(1, 1, NOW), "ada, admin", "the newest word counts");
    mesh_identity_cache_confirm(cache, 5, NOW + SECONDS(59));
    is_text(find(1, 1, NOW + SECONDS(59)), "ada, admin", "for a minute");
    mesh_identity_cache_confirm(cache, 5, NOW + SECONDS(60));
    is_text(find(1, 1, NOW + SECONDS(60)), NULL, "no longer");
}

static void forgets(void)
{
    clear();
    mesh_identity_cache_confirm(cache, 5, NOW);
    put(1, 1, "ada", 5, NOW);
    is_text(find(1, 1, NOW + SECONDS(1) - 1), "ada", "a second old is new");
    is_text(find(1, 1, NOW + SECONDS(1)), NULL,
            "without word from the database for a second nobody is known");
    ok(mesh_identity_cache_is_older(cache, SECONDS(1), NOW + SECONDS(1)),
       "which can be asked");
    mesh_identity_cache_confirm(cache, 5, NOW + SECONDS(2));
    is_text(find(1, 1, NOW + SECONDS(2)), "ada", "until it comes");
    mesh_identity_cache_confirm(cache, 6, NOW + SECONDS(2));
    is_text(find(1, 1, NOW + SECONDS(2)), NULL,
            "when a right was lost, all are asked again");
    put(1, 1, "ada", 5, NOW + SECONDS(2));
    is_text(find(1, 1, NOW + SECONDS(2)), NULL,
            "what was read before that does not count");
    put(1, 1, "ada", 6, NOW + SECONDS(2));
    is_text(find(1, 1, NOW + SECONDS(2)), "ada", "what was read after does");
    mesh_identity_cache_confirm(cache, 5, NOW + SECONDS(3));
    is_text(find(1, 1, NOW + SECONDS(2)), "ada",
            "an answer that was overtaken changes nothing");
    ok(mesh_identity_cache_is_older(cache, SECONDS(1), NOW + SECONDS(3)),
       "and confirms nothing");
}

static void is_full(void)
{
    int known = 0;

    clear();
    mesh_identity_cache_confirm(cache, 1, NOW);
    for (unsigned int n = 0; n < 100; n++) {
        put(7, n, "x", 1, NOW);
        known += find(7, n, NOW) != NULL;
    }
    ok(known == 100, "the newest always finds a place");
    known = 0;
    for (unsigned int n = 0; n < 100; n++) {
        known += find(7, n, NOW) != NULL;
    }
    ok(known == 4, "that of an older one");
    ok(find(7, 99, NOW) != NULL, "itself it stays");
}

/* ---- Many at once -------------------------------------------------------- */

#define READERS 4
#define WRITERS 2
#define TURNS   60000

static int torn[READERS], seen[READERS];

/* A text whose every letter tells who wrote it: a mixture would show. */
static void *APR_THREAD_FUNC write_many(apr_thread_t *thread, void *data)
{
    unsigned int writer = *(unsigned int *)data;

    for (unsigned int i = 0; i < TURNS; i++) {
        char text[MESH_IDENTITY_TEXT];
        unsigned char digest[32];

        memset(text, 'a' + (int)((i + writer) % 26), sizeof(text));
        text[sizeof(text) - 1] = '\0';
        digest_of(digest, 3, i % 6);
        mesh_identity_cache_put(cache, digest, text, 1, NOW);
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void *APR_THREAD_FUNC read_many(apr_thread_t *thread, void *data)
{
    unsigned int reader = *(unsigned int *)data;

    for (unsigned int i = 0; i < TURNS; i++) {
        char text[MESH_IDENTITY_TEXT];
        unsigned char digest[32];

        digest_of(digest, 3, i % 6);
        if (mesh_identity_cache_find(cache, digest, text, NOW)) {
            seen[reader]++;
            torn[reader] += strspn(text, (char[]){ text[0], '\0' })
                            != MESH_IDENTITY_TEXT - 1;
        }
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void crowds(apr_pool_t *pool)
{
    apr_thread_t *threads[READERS + WRITERS];
    unsigned int numbers[READERS + WRITERS];
    int all_torn = 0, all_seen = 0;
    apr_status_t rv;

    clear();
    mesh_identity_cache_confirm(cache, 1, NOW);
    for (unsigned int i = 0; i < 6; i++) {
        char text[MESH_IDENTITY_TEXT] = "";
        unsigned char digest[32];

        /* There from the start, whoever is faster. */
        memset(text, 'a', sizeof(text) - 1);
        digest_of(digest, 3, i);
        mesh_identity_cache_put(cache, digest, text, 1, NOW);
    }
    for (unsigned int i = 0; i < READERS + WRITERS; i++) {
        numbers[i] = i < READERS ? i : i - READERS;
        apr_thread_create(&threads[i], NULL,
                          i < READERS ? read_many : write_many, &numbers[i],
                          pool);
    }
    for (int i = 0; i < READERS + WRITERS; i++) {
        apr_thread_join(&rv, threads[i]);
    }
    for (int i = 0; i < READERS; i++) {
        all_torn += torn[i];
        all_seen += seen[i];
    }
    ok(all_seen > 0, "who reads while others write finds something (%d)",
       all_seen);
    ok(all_torn == 0, "and never half of one and half of another");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cache = apr_pcalloc(pool, mesh_identity_cache_size());
    remembers();
    forgets();
    is_full();
    crowds(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
