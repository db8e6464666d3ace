/* SPDX-License-Identifier: Apache-2.0 */
/* tap.h -- the test protocol in twenty lines. */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>

static int tap_count, tap_failed;

#define ok(cond, ...)                                           \
    do {                                                        \
        int pass_ = !!(cond);                                   \
        tap_failed += !pass_;                                   \
        printf("%sok %d - ", pass_ ? "" : "not ", ++tap_count); \
        printf(__VA_ARGS__);                                    \
        printf("\n");                                           \
        if (!pass_) {                                           \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
        }                                                       \
    } while (0)

#define skip(why, ...)                   \
    do {                                 \
        printf("ok %d - ", ++tap_count); \
        printf(__VA_ARGS__);             \
        printf(" # SKIP %s\n", (why));   \
    } while (0)

#define done_testing() (printf("1..%d\n", tap_count), tap_failed != 0)

#endif
