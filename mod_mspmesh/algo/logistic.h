/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logistic.h -- logistic regression: a weight for each feature and no more.
 *
 * L2-regularised, primal trust region Newton method (Lin, Weng & Keerthi 2008,
 * Trust region Newton method for large-scale logistic regression), by
 * LIBLINEAR (Fan et al. 2008), whose one home this is.  The intercept is not
 * regularised in effect.  The answer is a function of the input alone.
 *
 * Thread: anyone.  Nothing is kept.
 */
#ifndef MESH_LOGISTIC_H
#define MESH_LOGISTIC_H

#include <apr_pools.h>

#include "algo/encoder.h"

/* Encoded rows: row i is VALUES[STARTS[i]] up to VALUES[STARTS[i + 1]]. */
typedef struct mesh_logistic_matrix_t {
    int n_rows;
    int n_features;
    const int *starts;
    const mesh_encoder_value_t *values;
} mesh_logistic_matrix_t;

/*
 * Fit WEIGHTS[n_features] and *INTERCEPT to LABELS (0 or 1, one per row); both
 * are where the search starts from.  C is the cost of an error against that of
 * a weight: small is careful.  PRECISION is the relative size of the gradient
 * at which to stop, such as 1e-6.  When all labels are equal the weights are 0
 * and the intercept is the log-odds of one row more of either class.
 */
void mesh_logistic_fit(double *weights, double *intercept,
                       const mesh_logistic_matrix_t *matrix, const int *labels,
                       double c, double precision, apr_pool_t *scratch);

/* Encode rows ROWS of VIEW's table. */
mesh_logistic_matrix_t *mesh_logistic_matrix(const mesh_encoder_view_t *view,
                                             const mesh_encoder_t *encoder,
                                             const int *rows, int n_rows,
                                             apr_pool_t *p);

/* The log-odds of row ROW. */
double mesh_logistic_score(const double *weights, double intercept,
                           const mesh_logistic_matrix_t *matrix, int row);

#endif
