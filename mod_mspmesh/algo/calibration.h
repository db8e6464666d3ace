/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration.h -- from a score to a probability one can take at its word.
 *
 * Both kinds are fitted on out-of-fold scores: scores of rows by a model that
 * did not see them.  Platt's keeps a linear model linear, so that what single
 * columns contribute still sums to the log-odds; the isotonic one follows any
 * rising curve but keeps no such sum, and wants some 1,000 rows.
 *
 * Thread: anyone.  A calibration is read only once made.
 */
#ifndef MESH_CALIBRATION_H
#define MESH_CALIBRATION_H

#include <apr_pools.h>

/* Platt's: log-odds = SLOPE * score + SHIFT. */
typedef struct mesh_calibration_platt_t {
    double slope;
    double shift;
} mesh_calibration_platt_t;

/*
 * Rising steps: from SCORES[i] on, the probability is PROBABILITIES[i], in a
 * straight line to the next; before the first and after the last it is level.
 */
typedef struct mesh_calibration_isotonic_t {
    int n;
    const double *scores; /* rising strictly */
    const double *probabilities;
} mesh_calibration_isotonic_t;

/*
 * Fit by Newton's method with backtracking, on targets that are held off 0 and
 * 1 (Platt 1999, Probabilistic outputs for support vector machines; Lin, Lin
 * & Weng 2007, A note on Platt's probabilistic outputs).  A slope that would
 * turn the order of the scores round is refused: then the slope is 0.
 */
mesh_calibration_platt_t mesh_calibration_platt(const double *scores,
                                                const int *labels, int n);

/*
 * Fit by pooling adjacent violators (Ayer et al. 1955; Zadrozny & Elkan 2002).
 * N is at least 1.  The result lives in RESULT.
 */
mesh_calibration_isotonic_t *mesh_calibration_isotonic(const double *scores,
                                                       const int *labels, int n,
                                                       apr_pool_t *result,
                                                       apr_pool_t *scratch);

/* The probability of SCORE. */
double mesh_calibration_apply_isotonic(const mesh_calibration_isotonic_t *steps,
                                       double score);

/* 1 / (1 + exp(-log_odds)), without overflow. */
double mesh_calibration_logistic(double log_odds);

#endif
