/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap.h -- the Test Anything Protocol, for the pure floors.
 *
 * A test program includes this once, calls ok() and its like, and ends with
 * `return done_testing();`.
 */
#ifndef MESH_TAP_H
#define MESH_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 4, 5))) static inline int
tap_result(int pass, const char *file, int line, const char *fmt, ...)
{
    va_list args;

    printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
    if (!pass) {
        tap_failed++;
        printf("# failed at %s:%d\n", file, line);
    }
    return pass;
}

static inline int tap_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The sentence, a printf format, says what is true of the product. */
#define ok(pass, ...) tap_result(!!(pass), __FILE__, __LINE__, __VA_ARGS__)

#define is_text(got, want, ...)                                 \
    do {                                                        \
        const char *got_ = (got), *want_ = (want);              \
        if (!ok(tap_same(got_, want_), __VA_ARGS__)) {          \
            printf("# got %s, want %s\n", got_ ? got_ : "NULL", \
                   want_ ? want_ : "NULL");                     \
        }                                                       \
    } while (0)

#define is_near(got, want, tolerance, ...)                         \
    do {                                                           \
        double got_ = (got), want_ = (want);                       \
        if (!ok(fabs(got_ - want_) <= (tolerance), __VA_ARGS__)) { \
            printf("# got %.12g, want %.12g\n", got_, want_);      \
        }                                                          \
    } while (0)

#define skip(...) (printf("# skipped: " __VA_ARGS__), printf("\n"))

static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
