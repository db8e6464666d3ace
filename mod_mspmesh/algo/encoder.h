/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder.h -- columns of a table as the numbers a linear model multiplies.
 *
 * Every source column becomes a run of neighbouring features, its parts:
 * see encoder.c for which, and why.  What a part needs to know (mean, spread,
 * levels) is learnt from the training rows alone and travels with the model.
 *
 * Pool: an encoder lives in the pool of fit or load and keeps nothing of the
 *       table it was fitted on.  A view lives as long as both its encoder and
 *       its table.
 * Thread: an encoder and a view are read only once made.
 */
#ifndef MESH_ENCODER_H
#define MESH_ENCODER_H

#include <apr_pools.h>

#include "algo/table.h"
#include "base/err.h"
#include "base/json.h"

typedef struct mesh_encoder_t mesh_encoder_t;
typedef struct mesh_encoder_view_t mesh_encoder_view_t;

/* One feature of one row; a feature that is not given is 0. */
typedef struct mesh_encoder_value_t {
    int feature;
    double value;
} mesh_encoder_value_t;

/*
 * Learn how to encode the columns COLUMNS of TABLE, which has been inferred,
 * from its rows ROWS.
 */
mesh_encoder_t *mesh_encoder_fit(const mesh_table_t *table, const int *columns,
                                 int n_columns, const int *rows, int n_rows,
                                 apr_pool_t *result, apr_pool_t *scratch);

/* How many source columns; the name, kind and feature range of one. */
int mesh_encoder_columns(const mesh_encoder_t *encoder);
const char *mesh_encoder_name(const mesh_encoder_t *encoder, int column);
mesh_table_kind_t mesh_encoder_kind(const mesh_encoder_t *encoder, int column);

/* How many features in all, and how many values a row has at most. */
int mesh_encoder_features(const mesh_encoder_t *encoder);
int mesh_encoder_width(const mesh_encoder_t *encoder);

/* The source column of each feature. */
const int *mesh_encoder_sources(const mesh_encoder_t *encoder);

/* The mean of each feature over the rows of fit. */
const double *mesh_encoder_means(const mesh_encoder_t *encoder);

/* Find ENCODER's columns in TABLE, once for all rows. */
mesh_encoder_view_t *mesh_encoder_view(const mesh_encoder_t *encoder,
                                       const mesh_table_t *table,
                                       apr_pool_t *p);

/*
 * Encode row ROW: *N values, by rising feature, into VALUES, which has room
 * for mesh_encoder_width().  Returns -1, or the first of the encoder's columns
 * whose cell cannot be read: a text where numbers were learnt, or a number out
 * of bounds; such a cell is encoded as missing.
 */
int mesh_encoder_encode(const mesh_encoder_view_t *view, int row,
                        mesh_encoder_value_t *values, int *n);

/*
 * Write as JSON, read it back.  What is read may come from anywhere: anything
 * that is not an encoder as written is INVALID "bad_model".
 */
mesh_json_t *mesh_encoder_save(const mesh_encoder_t *encoder, apr_pool_t *p);
mesh_err_t *mesh_encoder_load(mesh_encoder_t **encoder, const mesh_json_t *json,
                              apr_pool_t *p);

#endif
