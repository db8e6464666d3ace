/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logistic_folds.h -- logistic regression, judged by rows it has not seen.
 *
 * Thread: anyone.  Nothing is kept.
 */
#ifndef MESH_LOGISTIC_FOLDS_H
#define MESH_LOGISTIC_FOLDS_H

#include "algo/dataset.h"

/* What is tried, rising, and how finely each is fitted. */
typedef struct mesh_logistic_costs_t {
    const double *values;
    int n;
    double precision;
} mesh_logistic_costs_t;

/*
 * Score each of the N rows ROWS by models of the other folds, once for each of
 * COSTS: SCORES[k][i] is row ROWS[i] at costs->values[k].  FOLD is as of
 * mesh_folds_deal().  TELL is called after each fit; once it returns true,
 * nothing more is fitted and the scores mean nothing.
 */
void mesh_logistic_by_folds(double **scores, const mesh_dataset_t *data,
                            const int *rows, const int *fold, int n, int folds,
                            const mesh_logistic_costs_t *costs,
                            int (*tell)(void *baton), void *baton,
                            apr_pool_t *scratch);

#endif
