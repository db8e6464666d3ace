/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h -- how good a probability was, once the truth is known.
 *
 * SCORES are any numbers where more means likelier; PROBABILITIES are from 0
 * to 1; LABELS are 0 or 1; all have N elements.  A figure that is not defined,
 * such as an AUC of one class, is NaN.
 *
 * Thread: anyone.  Nothing is kept.
 */
#ifndef MESH_METRICS_H
#define MESH_METRICS_H

#include <apr_pools.h>

/* Bins of mesh_metrics_calibration(), of equal width: [0, .1), [.1, .2) ... */
#define MESH_METRICS_BINS 10

typedef struct mesh_metrics_bin_t {
    double predicted; /* mean probability in the bin; NaN when N is 0 */
    double observed;  /* share of positives in it; NaN when N is 0 */
    int n;
} mesh_metrics_bin_t;

/*
 * Area under the ROC curve: the chance that a positive is scored above a
 * negative, ties counting half (Mann & Whitney 1947; Hanley & McNeil 1982).
 */
double mesh_metrics_auc(const double *scores, const int *labels, int n,
                        apr_pool_t *scratch);

/* Mean negative log-likelihood, probabilities kept 1e-15 off 0 and 1. */
double mesh_metrics_log_loss(const double *probabilities, const int *labels,
                             int n);

/* Mean squared error (Brier 1950, in the two-class form from 0 to 1). */
double mesh_metrics_brier(const double *probabilities, const int *labels,
                          int n);

/*
 * Fill BINS, and return the expected calibration error: the mean over all rows
 * of |predicted - observed| of the row's bin, bins of equal width (Naeini,
 * Cooper & Hauskrecht 2015; Guo et al. 2017).
 */
double mesh_metrics_calibration(const double *probabilities, const int *labels,
                                int n,
                                mesh_metrics_bin_t bins[MESH_METRICS_BINS]);

/*
 * Share of positives among the tenth with the highest scores, by the share of
 * positives among all.  The tenth is rounded up; rows that tie at its edge
 * count with the share of positives among them.
 */
double mesh_metrics_lift10(const double *scores, const int *labels, int n,
                           apr_pool_t *scratch);

#endif
