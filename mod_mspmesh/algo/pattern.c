/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.c -- regular expressions on PCRE2, with limits. */
#include "algo/pattern.h"

#include <string.h>
#include <apr_strings.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct mesh_pattern_t {
    const char *text;
    pcre2_code *code;
    pcre2_match_context *limits; /* only read after it was made */
};

static apr_status_t release(void *data)
{
    mesh_pattern_t *pattern = data;

    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    return APR_SUCCESS;
}

static const char *words(int number, apr_pool_t *p)
{
    PCRE2_UCHAR text[256];

    if (pcre2_get_error_message(number, text, sizeof(text)) < 0) {
        return apr_psprintf(p, "error %d", number);
    }
    return apr_pstrdup(p, (const char *)text);
}

mesh_err_t *mesh_pattern_compile(mesh_pattern_t **pattern, const char *text,
                                 apr_pool_t *p)
{
    /* What makes PCRE2 agree with ECMA 262; and \C would tear code points. */
    const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX
                             | PCRE2_ALLOW_EMPTY_CLASS
                             | PCRE2_MATCH_UNSET_BACKREF
                             | PCRE2_NEVER_BACKSLASH_C;
    mesh_pattern_t *made = apr_pcalloc(p, sizeof(*made));
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    int number = 0;
    PCRE2_SIZE at = 0;

    *pattern = NULL;
    if (context) {
        pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
        pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
        made->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                   options, &number, &at, context);
        pcre2_compile_context_free(context);
    }
    if (!made->code) {
        return mesh_err(p, MESH_BUG, "bad_pattern",
                        "The pattern %s is wrong at byte %" APR_SIZE_T_FMT
                        ": %s.",
                        text, (apr_size_t)at, words(number, p));
    }
    made->text = apr_pstrdup(p, text);
    made->limits = pcre2_match_context_create(NULL);
    apr_pool_cleanup_register(p, made, release, apr_pool_cleanup_null);
    if (!made->limits) {
        return mesh_err(p, MESH_BUG, "bad_pattern", "No memory is left.");
    }
    pcre2_set_match_limit(made->limits, MESH_PATTERN_MAX_STEPS);
    pcre2_set_heap_limit(made->limits, MESH_PATTERN_MAX_MEMORY);
    *pattern = made;
    return NULL;
}

mesh_err_t *mesh_pattern_match(const mesh_pattern_t *pattern, int *matches,
                               const char *text, apr_size_t length,
                               apr_pool_t *p)
{
    /* Where it matched is not asked for, so one pair of offsets does.  The
     * block is the only thing a match writes to: each match has its own. */
    pcre2_match_data *block = pcre2_match_data_create(1, NULL);
    int result = PCRE2_ERROR_NOMEMORY;

    *matches = 0;
    if (block) {
        result = pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0, 0,
                             block, pattern->limits);
        pcre2_match_data_free(block);
    }
    if (result >= 0) {
        *matches = 1;
        return NULL;
    }
    if (result == PCRE2_ERROR_NOMATCH) {
        return NULL;
    }
    if (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21) {
        return mesh_err(p, MESH_INVALID, "not_utf8", "The text is not UTF-8.");
    }
    return mesh_err_detail(
        mesh_err(p, MESH_INVALID, "too_hard",
                 "The text is too long or too repetitive to be compared "
                 "with a pattern."),
        p, "%s: %s", pattern->text, words(result, p));
}

const char *mesh_pattern_text(const mesh_pattern_t *pattern)
{
    return pattern->text;
}
