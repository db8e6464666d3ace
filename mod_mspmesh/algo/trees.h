/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trees.h -- a forest of boosted trees: what it says of a row, and why.
 *
 * A forest is a base and trees that are added to it.  It is learnt elsewhere
 * (train/); here it is read, evaluated and explained.  A row is one float per
 * feature, NaN where it is missing; comparisons are between floats, as where
 * it was learnt, so that every row falls into the leaf it fell into there.
 *
 * Pool: a forest lives in the pool of load and keeps nothing of the JSON.
 * Thread: read only once made.
 */
#ifndef MESH_TREES_H
#define MESH_TREES_H

#include <apr_pools.h>

#include "base/err.h"
#include "base/json.h"

#define MESH_TREES_MAX       4000
#define MESH_TREES_MAX_DEPTH 12 /* conditions on the way to a leaf */

typedef struct mesh_trees_t mesh_trees_t;

/*
 * Read a forest over N_FEATURES features.  What is read may come from
 * anywhere: anything that is not a forest as written is INVALID "bad_model".
 *
 * {"base": 0.1, "trees": [{"feature": [...], "split": [...], "left": [...],
 *   "right": [...], "missing": [...], "cover": [...]}, ...]}
 *
 * Each array has one element per node, the root first.  A row goes left when
 * its feature is below the split, right when it is not, and to the node
 * "missing" (one of the two) when it is missing.  A leaf has the feature -1,
 * its value as split, and no further node: 0, 0, 0.  The cover is the weight
 * of the training rows that came by.
 */
mesh_err_t *mesh_trees_load(mesh_trees_t **trees, const mesh_json_t *json,
                            int n_features, apr_pool_t *p);
mesh_json_t *mesh_trees_save(const mesh_trees_t *trees, apr_pool_t *p);

int mesh_trees_count(const mesh_trees_t *trees);

/* What the forest says of ROW: the base and one leaf of each tree; or of N
 * rows, one behind the other, which is faster. */
double mesh_trees_margin(const mesh_trees_t *trees, const float *row);
void mesh_trees_margins(const mesh_trees_t *trees, const float *rows, int n,
                        double *margins);

/* The same added up in floats, the trees in order: to the last bit what XGBoost
 * itself says. */
float mesh_trees_margin_in_floats(const mesh_trees_t *trees, const float *row);

/* What it says of the average training row; where contributions begin. */
double mesh_trees_expected(const mesh_trees_t *trees);

/*
 * Add to SHARES[n_features] what each feature of ROW moves the margin away
 * from the expected one; together they are the whole way.  Shapley values
 * where a feature that is not known follows the training rows down both sides
 * (Lundberg et al. 2020, From local explanations to global understanding with
 * explainable AI for trees; path-dependent TreeSHAP).
 */
void mesh_trees_explain(const mesh_trees_t *trees, const float *row,
                        double *shares);

#endif
