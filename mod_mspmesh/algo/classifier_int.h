/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classifier_int.h -- what the files of the classifier know of a model.
 */
#ifndef MESH_CLASSIFIER_INT_H
#define MESH_CLASSIFIER_INT_H

#include "algo/calibration.h"
#include "algo/classifier.h"
#include "algo/encoder.h"
#include "algo/tree_features.h"
#include "algo/trees.h"

#define MESH_CLASSIFIER_LOGISTIC_NAME "logistic"
#define MESH_CLASSIFIER_BOOSTED_NAME  "boosted"
#define MESH_CLASSIFIER_BLEND_NAME    "blend"

struct mesh_classifier_t {
    const char *positive;
    const char *negative;
    const mesh_encoder_t *encoder;
    double base; /* calibrated, at the mean of every feature, without trees */
    double *weights; /* calibrated, per feature; NULL: trees alone */
    double *offsets; /* per column: what the mean of its features is worth */

    const mesh_trees_t *trees; /* NULL: weights alone */
    const int *tree_sources;
    double tree_scale; /* calibrated: what their margin is multiplied by */
};

/* What a model is put together from. */
typedef struct mesh_classifier_parts_t {
    const double *weights; /* or NULL */
    double intercept;
    const mesh_trees_t *trees; /* or NULL */
    double linear_share; /* of the score before calibration; trees the rest */
    mesh_calibration_platt_t platt;
} mesh_classifier_parts_t;

/* A sum calibrated by a line is a sum: weights and scale take it up. */
mesh_classifier_t *mesh_classifier_make(const mesh_dataset_t *data,
                                        const mesh_encoder_t *encoder,
                                        const mesh_classifier_parts_t *parts,
                                        apr_pool_t *p);

/* As mesh_classifier_predict(), of the N rows ROWS. */
mesh_classifier_prediction_t *
mesh_classifier_predict_some(const mesh_classifier_t *model,
                             const mesh_table_t *table, const int *rows, int n,
                             int want_why, apr_pool_t *p);

#endif
