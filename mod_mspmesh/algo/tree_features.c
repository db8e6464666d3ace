/* SPDX-License-Identifier: Apache-2.0 */
/* tree_features.c -- columns of a table as the numbers that trees compare. */
#include "algo/tree_features.h"

#include <math.h>

#include "algo/encoder_int.h"

/* Trees find their way with fewer values than weights do. */
#define MAX_LEVELS 32

static int levels_of(const mesh_encoder_column_t *column)
{
    return column->n_levels < MAX_LEVELS ? column->n_levels : MAX_LEVELS;
}

static int has_other(const mesh_encoder_column_t *column)
{
    return column->other >= 0 || column->n_levels > MAX_LEVELS;
}

/* What a cell of a category may be: a level, another one, none. */
static int kinds_of(const mesh_encoder_column_t *column)
{
    return levels_of(column) + has_other(column) + (column->gap >= 0);
}

static int features_of(const mesh_encoder_column_t *column)
{
    int n = column->kind == MESH_TABLE_NUMBER ? 1 : kinds_of(column);

    return n == 2 ? 1 : n;
}

int mesh_tree_features(const mesh_encoder_t *encoder)
{
    int n = 0;

    for (int i = 0; i < encoder->n_columns; i++) {
        n += features_of(&encoder->columns[i]);
    }
    return n;
}

const int *mesh_tree_sources(const mesh_encoder_t *encoder, apr_pool_t *p)
{
    int *sources = apr_palloc(p, (apr_size_t)mesh_tree_features(encoder)
                                     * sizeof(*sources));
    int n = 0;

    for (int i = 0; i < encoder->n_columns; i++) {
        for (int k = features_of(&encoder->columns[i]); k > 0; k--) {
            sources[n++] = i;
        }
    }
    return sources;
}

/* Which of kinds_of() the cell is, or -1: training saw none such. */
static int kind_of(const mesh_encoder_column_t *column,
                   const mesh_table_cell_t *cell)
{
    char buffer[MESH_TEXT_NUMBER_SIZE];
    const char *text = cell ? mesh_table_text(cell, buffer) : NULL;
    const char **level;

    if (!text) {
        return column->gap >= 0 ? kinds_of(column) - 1 : -1;
    }
    level = apr_hash_get(column->by_level, text, APR_HASH_KEY_STRING);
    if (level && level - column->levels < levels_of(column)) {
        return (int)(level - column->levels);
    }
    return has_other(column) ? levels_of(column) : -1;
}

void mesh_tree_encode(const mesh_encoder_view_t *view, int row, float *values)
{
    const mesh_encoder_t *encoder = view->encoder;

    for (int i = 0; i < encoder->n_columns; i++) {
        const mesh_encoder_column_t *column = &encoder->columns[i];
        const mesh_table_cell_t *cell =
            view->cells[i] ? &view->cells[i][row] : NULL;
        int n = features_of(column);

        if (column->kind == MESH_TABLE_NUMBER) {
            double x = NAN;

            if (cell) {
                mesh_table_is_number(cell, &x);
            }
            *values++ = (float)x;
        }
        else {
            int kind = kind_of(column, cell);

            for (int k = 0; k < n; k++) {
                *values++ = kind < 0 ? NAN : (float)(k == kind);
            }
        }
    }
}
