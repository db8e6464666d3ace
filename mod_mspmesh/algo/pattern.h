/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h -- regular expressions; the one home of PCRE2.
 *
 * The language is that of ECMA 262 as far as PCRE2 speaks it: \d, \w and \s
 * know ASCII only, $ is the very end, \uXXXX is a code point, and a pattern
 * matches anywhere in a text unless it is anchored.
 *
 * Thread: a compiled pattern never changes; any number of threads may match
 *         with it at once.
 * Pool: a pattern lives in the pool it was compiled in.
 */
#ifndef MESH_PATTERN_H
#define MESH_PATTERN_H

#include <apr_pools.h>

#include "base/err.h"

typedef struct mesh_pattern_t mesh_pattern_t;

/*
 * How long one match may try, and how much memory it may take, before the
 * text is refused: some 20 ms at worst, so that no text can hold a thread.
 */
#define MESH_PATTERN_MAX_STEPS  1000000
#define MESH_PATTERN_MAX_MEMORY 16384 /* KiB */

/*
 * Compile TEXT, which must be UTF-8, into *PATTERN.  BUG ("bad_pattern") with
 * the position when it is no regular expression: patterns are ours.
 */
mesh_err_t *mesh_pattern_compile(mesh_pattern_t **pattern, const char *text,
                                 apr_pool_t *p);

/*
 * Set *MATCHES to whether PATTERN occurs in TEXT of LENGTH bytes.  INVALID
 * when TEXT is not UTF-8 ("not_utf8") or so contrived that the match reaches
 * a limit ("too_hard").
 */
mesh_err_t *mesh_pattern_match(const mesh_pattern_t *pattern, int *matches,
                               const char *text, apr_size_t length,
                               apr_pool_t *p);

/* The pattern as it was written. */
const char *mesh_pattern_text(const mesh_pattern_t *pattern);

#endif
