/* SPDX-License-Identifier: Apache-2.0 */
/* folds.c -- fair, fixed, and never through a group. */
#include "tap.h"

#include <apr_general.h>

#include "algo/folds.h"

#define N 1000

int main(void)
{
    static int labels[N], groups[N], rows[N], fold[N], again[N], fold_of[N];
    int size[5] = { 0 }, positives[5] = { 0 }, early[5] = { 0 };
    int is_fair = 1, is_mixed = 1, is_whole = 1, differs = 0;
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    for (int i = 0; i < N; i++) {
        rows[i] = i;
        labels[i] = i < 103; /* sorted by what is to be learnt */
        groups[i] = i / 7;
        fold_of[i] = -1;
    }
    mesh_folds_deal(fold, 5, labels, NULL, rows, N, 1, p);
    for (int i = 0; i < N; i++) {
        size[fold[i]]++;
        positives[fold[i]] += labels[i];
        early[fold[i]] += i < N / 2;
    }
    for (int k = 0; k < 5; k++) {
        is_fair &= size[k] == 200 && positives[k] >= 20 && positives[k] <= 21;
        is_mixed &= early[k] > 70 && early[k] < 130;
    }
    ok(is_fair, "every fold has its share of rows and of positives");
    ok(is_mixed, "and of early and late rows");
    mesh_folds_deal(again, 5, labels, NULL, rows, N, 1, p);
    ok(memcmp(fold, again, sizeof(fold)) == 0, "the same cut every time");
    mesh_folds_deal(again, 5, labels, NULL, rows, N, 2, p);
    for (int i = 0; i < N; i++) {
        differs += fold[i] != again[i];
    }
    ok(differs > 600, "another seed is another cut");

    mesh_folds_deal(fold, 5, labels, groups, rows + 10, N - 10, 1, p);
    memset(size, 0, sizeof(size));
    for (int i = 10; i < N; i++) {
        int at = fold[i - 10];

        is_whole &= fold_of[groups[i]] < 0 || fold_of[groups[i]] == at;
        fold_of[groups[i]] = at;
        size[at]++;
    }
    ok(is_whole, "a group is never cut through");
    for (int k = 0; k < 5; k++) {
        is_fair &= size[k] > 180 && size[k] < 216;
    }
    ok(is_fair, "and folds of groups are of a size");
    apr_terminate();
    return done_testing();
}
