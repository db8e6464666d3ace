/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree_features.h -- columns of a table as the numbers that trees compare.
 *
 * A number is itself, as a float; missing is NaN.  A category becomes one
 * feature per frequent value, 1 or 0, one for all others and one for none;
 * where there are two such features one says it all.  What training never saw
 * is NaN in all of them.  What is frequent is the encoder's to know.
 */
#ifndef MESH_TREE_FEATURES_H
#define MESH_TREE_FEATURES_H

#include "algo/encoder.h"

int mesh_tree_features(const mesh_encoder_t *encoder);

/* The source column of each feature. */
const int *mesh_tree_sources(const mesh_encoder_t *encoder, apr_pool_t *p);

/* Encode row ROW into VALUES[mesh_tree_features()].  What cannot be read is
 * missing; mesh_encoder_encode() tells which column it is. */
void mesh_tree_encode(const mesh_encoder_view_t *view, int row, float *values);

#endif
