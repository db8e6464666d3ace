/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder_int.h -- what the files of the encoder know of it.
 */
#ifndef MESH_ENCODER_INT_H
#define MESH_ENCODER_INT_H

#include <apr_hash.h>

#include "algo/encoder.h"

#define MESH_ENCODER_MAX_LEVELS 100
#define MESH_ENCODER_MAX_TENTS  11

/* Narrower is as good as constant; it keeps quotients finite. */
#define MESH_ENCODER_MIN_SPREAD 1e-100

typedef struct {
    const char *name;
    mesh_table_kind_t kind;
    int first; /* of its features */
    int gap;   /* feature of a missing cell, or -1: training saw none */

    /* a number: its score, its logarithm's, its tents, in this order */
    double low, high;
    double mean, spread; /* SPREAD is 0 when it is constant */
    double log_mean,
        log_spread; /* LOG_SPREAD is 0 when there is no such part */
    int n_tents;
    const double *tents; /* rising strictly */

    /* a category: its levels, from the most frequent on */
    int other; /* feature of a rare level, or -1: there was none */
    int n_levels;
    const char **levels;
    apr_hash_t *by_level; /* level to its place in levels[] */
} mesh_encoder_column_t;

struct mesh_encoder_t {
    int n_columns;
    int n_features;
    int width;
    mesh_encoder_column_t *columns;
    int *sources;
    double *means;
};

struct mesh_encoder_view_t {
    const mesh_encoder_t *encoder;
    const mesh_table_cell_t *const *cells; /* per column, NULL: not in table */
};

/* Has COLUMN a part for its logarithm; how many parts has it. */
int mesh_encoder_has_log(const mesh_encoder_column_t *column);
int mesh_encoder_parts(const mesh_encoder_column_t *column);

/* Once all columns are known: number their features and find their sources. */
void mesh_encoder_lay_out(mesh_encoder_t *encoder, apr_pool_t *p);
void mesh_encoder_index_levels(mesh_encoder_column_t *column, apr_pool_t *p);

#endif
