/* SPDX-License-Identifier: Apache-2.0 */
/* folds.c -- who is in which part when a table is cut for testing. */
#include "algo/folds.h"

#include <stdlib.h>

typedef struct {
    apr_uint64_t order;
    int number;
    int n_rows;
    int has_positive;
} group_t;

/* SplitMix64 (Steele, Lea & Flood 2014): spreads neighbours far apart. */
static apr_uint64_t hash(apr_uint64_t x)
{
    x += APR_UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * APR_UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * APR_UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Big groups first: the small ones then level what they left uneven. */
static int by_size_and_order(const void *a, const void *b)
{
    const group_t *x = a, *y = b;

    if (x->n_rows != y->n_rows) {
        return x->n_rows < y->n_rows ? 1 : -1;
    }
    if (x->order != y->order) {
        return x->order > y->order ? 1 : -1;
    }
    return x->number - y->number;
}

void mesh_folds_deal(int *fold, int folds, const int *labels, const int *groups,
                     const int *rows, int n, apr_uint64_t seed,
                     apr_pool_t *scratch)
{
    int *rows_in = apr_palloc(scratch, (apr_size_t)folds * sizeof(*rows_in));
    int *fold_of, n_groups = 0;
    group_t *dealt;

    for (int i = 0; i < n; i++) { /* without groups each row is its own */
        int group = groups ? groups[rows[i]] : rows[i];

        n_groups = group < n_groups ? n_groups : group + 1;
    }
    dealt = apr_pcalloc(scratch, (apr_size_t)n_groups * sizeof(*dealt));
    fold_of = apr_palloc(scratch, (apr_size_t)n_groups * sizeof(*fold_of));
    for (int i = 0; i < n_groups; i++) {
        dealt[i].number = i;
        dealt[i].order = hash(hash(seed) ^ (apr_uint64_t)i);
    }
    for (int i = 0; i < n; i++) {
        group_t *group = &dealt[groups ? groups[rows[i]] : rows[i]];

        group->n_rows++;
        group->has_positive |= labels[rows[i]];
    }
    qsort(dealt, (size_t)n_groups, sizeof(*dealt), by_size_and_order);

    /* Each class is dealt by itself, to the fold that has the fewest rows of
     * it; the second class goes round the other way, so that sizes match. */
    for (int positive = 0; positive <= 1; positive++) {
        for (int i = 0; i < folds; i++) {
            rows_in[i] = 0;
        }
        for (int i = 0; i < n_groups; i++) {
            int best = positive ? folds - 1 : 0;

            if (dealt[i].n_rows == 0 || dealt[i].has_positive != positive) {
                continue;
            }
            for (int k = 0; k < folds; k++) {
                int other = positive ? folds - 1 - k : k;

                if (rows_in[other] < rows_in[best]) {
                    best = other;
                }
            }
            rows_in[best] += dealt[i].n_rows;
            fold_of[dealt[i].number] = best;
        }
    }
    for (int i = 0; i < n; i++) {
        fold[i] = fold_of[groups ? groups[rows[i]] : rows[i]];
    }
}

int mesh_folds_part(int *parted, int *where, const int *rows, const int *fold,
                    int n, int at)
{
    int kept = 0, held = 0;

    for (int i = 0; i < n; i++) {
        if (fold[i] == at) {
            held++;
            parted[n - held] = rows[i];
            where[n - held] = i;
        }
        else {
            parted[kept] = rows[i];
            where[kept] = i;
            kept++;
        }
    }
    return held;
}
