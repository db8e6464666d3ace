/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.c -- tests: regular expressions match as ECMA 262 says, in limits. */
#include "algo/pattern.h"

#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <apr_time.h>

#include "tap.h"

static const struct {
    const char *pattern, *text;
    int matches;
} rows[] = {
    { "b", "abc", 1 },
    { "^b", "abc", 0 },
    { "^abc$", "abc", 1 },
    { "^abc$", "abc\n", 0 },
    { "^\\d+$", "42", 1 },
    { "^\\d+$", "\xd9\xa4\xd9\xa2", 0 }, /* Arabic-Indic 42 */
    { "^\\w$", "\xc3\xa9", 0 },
    { "^.$", "\xf0\x9f\x90\xb2", 1 }, /* one code point of four bytes */
    { "^\\u00e9$", "\xc3\xa9", 1 },
    { "^\\u{1F432}$", "\xf0\x9f\x90\xb2", 1 },
    { "^\\p{L}+$", "\xc3\xa9t\xc3\xa9", 1 },
    { "^a.c$", "a\rc", 0 },
    { "[^]", "\n", 1 },
    { "[]", "a", 0 },
    { "", "", 1 },
    { "^(?:[a-z]+)+$", "abc", 1 },
};

static void check_limits(apr_pool_t *p)
{
    mesh_pattern_t *pattern;
    mesh_err_t *err = mesh_pattern_compile(&pattern, "^(a+)+$", p);
    apr_size_t length = 1024 * 1024;
    char *text = apr_palloc(p, length + 1);
    apr_time_t start = apr_time_now();
    int matches = 1;

    memset(text, 'a', length);
    text[length - 1] = '!';
    text[length] = '\0';
    err = err ? err : mesh_pattern_match(pattern, &matches, text, length, p);
    ok(err && err->code == MESH_INVALID && !strcmp(err->name, "too_hard")
           && !matches,
       "a text made to try every way is refused at the limit");
    ok(apr_time_now() - start < apr_time_from_sec(2),
       "and that takes no more than a moment");

    err = mesh_pattern_compile(&pattern, "^[a-z!]+$", p);
    err = err ? err : mesh_pattern_match(pattern, &matches, text, length, p);
    ok(!err && matches, "a megabyte is matched by a plain pattern");

    err = mesh_pattern_match(pattern, &matches, "a\xff", 2, p);
    ok(err && !strcmp(err->name, "not_utf8"), "bad UTF-8 is refused");
}

typedef struct {
    const mesh_pattern_t *pattern;
    apr_pool_t *p;
    int wrong;
} hand_t;

static void *APR_THREAD_FUNC match_often(apr_thread_t *thread, void *data)
{
    hand_t *hand = data;

    (void)thread;
    for (int i = 0; i < 20000; i++) {
        const char *text = i % 2 ? "id-4711" : "id-four";
        int matches;

        if (mesh_pattern_match(hand->pattern, &matches, text, 7, hand->p)
            || matches != i % 2) {
            hand->wrong++;
        }
    }
    return NULL;
}

static void check_threads(apr_pool_t *p)
{
    mesh_pattern_t *pattern;
    apr_thread_t *threads[4];
    hand_t hands[4];
    int wrong = 0;

    if (mesh_pattern_compile(&pattern, "^id-([0-9]+)$", p)) {
        ok(0, "the pattern of the threads compiles");
        return;
    }
    for (int i = 0; i < 4; i++) {
        hands[i] = (hand_t){ .pattern = pattern };
        apr_pool_create_unmanaged(&hands[i].p);
        apr_thread_create(&threads[i], NULL, match_often, &hands[i], p);
    }
    for (int i = 0; i < 4; i++) {
        apr_status_t status;

        apr_thread_join(&status, threads[i]);
        apr_pool_destroy(hands[i].p);
        wrong += hands[i].wrong;
    }
    ok(wrong == 0, "four threads share a pattern");
}

int main(void)
{
    apr_pool_t *p;
    mesh_pattern_t *pattern;
    mesh_err_t *err;

    apr_initialize();
    apr_pool_create(&p, NULL);
    for (apr_size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int matches = -1;

        err = mesh_pattern_compile(&pattern, rows[i].pattern, p);
        err = err ? err
                  : mesh_pattern_match(pattern, &matches, rows[i].text,
                                       strlen(rows[i].text), p);
        ok(!err && matches == rows[i].matches, "%s %s row %d", rows[i].pattern,
           rows[i].matches ? "matches" : "does not match", (int)i);
    }
    err = mesh_pattern_compile(&pattern, "a(b", p);
    ok(err && err->code == MESH_BUG && !strcmp(err->name, "bad_pattern")
           && strstr(err->message, "a(b") && !pattern,
       "a wrong pattern is a bug of ours, and named");
    err = mesh_pattern_compile(&pattern, "a\\Cb", p);
    ok(err != NULL, "half a code point cannot be asked for");
    err = mesh_pattern_compile(&pattern, "^x$", p);
    ok(!err && !strcmp(mesh_pattern_text(pattern), "^x$"),
       "a pattern knows how it was written");
    check_limits(p);
    check_threads(p);
    apr_pool_destroy(p);
    apr_terminate();
    return done_testing();
}
