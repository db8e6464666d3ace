/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boosting.h -- what a learner asks of whoever can grow boosted trees.
 *
 * The algorithms know no process and no library for it: whoever trains a
 * classifier hands in a function that does it (mesh/learn_boost.c).
 */
#ifndef MESH_BOOSTING_H
#define MESH_BOOSTING_H

#include "algo/trees.h"

typedef struct mesh_boosting_task_t {
    int n_rows;
    int n_features;
    int n_folds;
    const float *values; /* row after row; NaN is missing */
    const unsigned char *labels;
    const unsigned char *folds; /* below N_FOLDS */
    int n_depths;               /* of trees, to choose from */
    const int *depths;
    double rate;       /* of learning; 0: choose it, */
    int trees;         /* so that there are about so many */
    double sample;     /* share of the features each node may choose from */
    double row_sample; /* share of the rows each tree is grown from */
} mesh_boosting_task_t;

typedef struct mesh_boosting_t {
    const double *scores;      /* per row: by the trees of the other folds */
    const mesh_trees_t *trees; /* learnt from all rows */
    int depth;
    double rate;
    int rounds;
} mesh_boosting_t;

typedef struct mesh_booster_t {
    /* BUSY "stopped" once SHOULD_STOP(STOPPER) is true; it is asked often. */
    mesh_err_t *(*grow)(mesh_boosting_t **grown,
                        const mesh_boosting_task_t *task,
                        int (*should_stop)(void *stopper), void *stopper,
                        void *baton, apr_pool_t *p);
    void *baton;
} mesh_booster_t;

#endif
