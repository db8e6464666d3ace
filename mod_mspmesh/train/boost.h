/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boost.h -- boosted trees, learnt by XGBoost (Chen & Guestrin 2016), whose
 * one home this folder is.
 *
 * How deep trees may be and how many there are is chosen by cross-validation:
 * all folds grow side by side, and where the log loss of all rows, each judged
 * by the folds it was not in, is least, there they stop.  The depth is chosen
 * with few large trees; then the rate of learning is what makes them about
 * TREES, as smaller steps make better trees but take their time.
 *
 * Pool: what was learnt lives in the pool given.
 * Thread: one.
 */
#ifndef MESH_TRAIN_BOOST_H
#define MESH_TRAIN_BOOST_H

#include <apr_pools.h>

#include "base/err.h"
#include "base/json.h"

#define MESH_BOOST_MAX_DEPTHS 8

typedef struct mesh_boost_job_t {
    int n_rows;
    int n_features;
    int n_folds;
    const float *values;         /* row after row; NaN is missing */
    const unsigned char *labels; /* 0 or 1 */
    const unsigned char *folds;  /* below N_FOLDS */

    int n_depths; /* to choose from */
    int depths[MESH_BOOST_MAX_DEPTHS];
    double rate;       /* of learning, eta; 0: choose it */
    int trees;         /* at about so many */
    double sample;     /* share of the features each node may choose from */
    double row_sample; /* share of the rows each tree is grown from */
    int seed;
    int must_show; /* for tests: also what XGBoost says of each row, and why */
} mesh_boost_job_t;

/*
 * Learn, and tell: {depth, rate, rounds, log_loss, scores: [one per row, by the
 * folds it is not in], trees: as of algo/trees.h}; with must_show also
 * {margins: [one per row], contributions: [n_features + 1 per row]}.
 */
mesh_err_t *mesh_boost_learn(mesh_json_t **answer, const mesh_boost_job_t *job,
                             apr_pool_t *p);

#endif
