/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder.c -- columns of a table as the numbers a linear model multiplies.
 *
 * A number becomes its standard score; the standard score of log(1 + x) when
 * it is never negative, as sums of money and counts grow by factors; and tents
 * over its quantiles, a linear spline in the basis in which at most two parts
 * are not 0 (de Boor 1978).  So what a number says may rise, level off or turn
 * round, and with strong regularisation comes back to a straight line.  It is
 * kept within what training saw: nobody knows how the line goes on.
 *
 * A category becomes one part per frequent value, one for all rare ones, and
 * one for none.  What training never saw is encoded as the average row, and
 * so contributes nothing.
 */
#include "algo/encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include "algo/encoder_int.h"

/* Fewer distinct values than this need no spline, few rows bear none. */
#define MIN_DISTINCT 10

/* Tents are lower than a score is wide, so that the penalty on weights bends
 * the line only where the rows insist.  Measured: log loss over five folds of
 * telco_churn and online_retail is least at about a half. */
#define TENT_HEIGHT 0.5

/* ---- Encoding one cell -------------------------------------------------- */

typedef struct {
    mesh_encoder_value_t *next;
} sink_t;

static void put(sink_t *sink, int feature, double value)
{
    sink->next->feature = feature;
    sink->next->value = value;
    sink->next++;
}

/* The average row has these parts; those of a score are 0. */
static void put_means(sink_t *sink, const double *means, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        put(sink, i, means[i]);
    }
}

int mesh_encoder_has_log(const mesh_encoder_column_t *column)
{
    return column->log_spread > 0;
}

static int first_tent(const mesh_encoder_column_t *column)
{
    return column->first + 1 + mesh_encoder_has_log(column);
}

static void put_tents(sink_t *sink, const mesh_encoder_column_t *column,
                      double x)
{
    const double *tents = column->tents;
    int first = first_tent(column), i = 1;
    double share;

    while (i < column->n_tents - 1 && x > tents[i]) {
        i++;
    }
    share = (x - tents[i - 1]) / (tents[i] - tents[i - 1]);
    share = fmin(fmax(share, 0), 1);
    put(sink, first + i - 1, TENT_HEIGHT * (1 - share));
    put(sink, first + i, TENT_HEIGHT * share);
}

static int put_number(sink_t *sink, const mesh_encoder_column_t *column,
                      const double *means, const mesh_table_cell_t *cell)
{
    double x;
    int is_good = mesh_table_is_number(cell, &x);

    if (isnan(x)) {
        put_means(sink, means, first_tent(column), column->n_tents);
        if (column->gap >= 0) {
            put(sink, column->gap, 1);
        }
        return is_good;
    }
    x = fmin(fmax(x, column->low), column->high);
    if (column->spread > 0) {
        put(sink, column->first, (x - column->mean) / column->spread);
    }
    if (mesh_encoder_has_log(column)) {
        put(sink, column->first + 1,
            (log1p(x) - column->log_mean) / column->log_spread);
    }
    if (column->n_tents > 0) {
        put_tents(sink, column, x);
    }
    return 1;
}

static void put_level(sink_t *sink, const mesh_encoder_column_t *column,
                      const double *means, int n_parts,
                      const mesh_table_cell_t *cell)
{
    char buffer[MESH_TEXT_NUMBER_SIZE];
    const char *text = mesh_table_text(cell, buffer);
    const char **level;
    int feature;

    if (!text) {
        feature = column->gap;
    }
    else {
        level = apr_hash_get(column->by_level, text, APR_HASH_KEY_STRING);
        feature = level ? column->first + (int)(level - column->levels)
                        : column->other;
    }
    if (feature >= 0) {
        put(sink, feature, 1);
    }
    else {
        put_means(sink, means, column->first, n_parts);
    }
}

int mesh_encoder_parts(const mesh_encoder_column_t *column)
{
    int parts = column->kind == MESH_TABLE_NUMBER
                    ? 1 + mesh_encoder_has_log(column) + column->n_tents
                    : column->n_levels + (column->other >= 0);

    return parts + (column->gap >= 0);
}

int mesh_encoder_encode(const mesh_encoder_view_t *view, int row,
                        mesh_encoder_value_t *values, int *n)
{
    static const mesh_table_cell_t missing = { .text = NULL, .number = NAN };
    const mesh_encoder_t *encoder = view->encoder;
    sink_t sink = { .next = values };
    int bad = -1;

    for (int i = 0; i < encoder->n_columns; i++) {
        const mesh_encoder_column_t *column = &encoder->columns[i];
        const mesh_table_cell_t *cell =
            view->cells[i] ? &view->cells[i][row] : &missing;

        if (column->kind == MESH_TABLE_CATEGORY) {
            put_level(&sink, column, encoder->means, mesh_encoder_parts(column),
                      cell);
        }
        else if (!put_number(&sink, column, encoder->means, cell) && bad < 0) {
            bad = i;
        }
    }
    *n = (int)(sink.next - values);
    return bad;
}

/* ---- Learning ----------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void standardise(const double *x, int n, double *mean, double *spread)
{
    double sum = 0, squares = 0;

    for (int i = 0; i < n; i++) {
        sum += x[i];
    }
    *mean = mesh_text_round_number(sum / n);
    for (int i = 0; i < n; i++) {
        squares += (x[i] - *mean) * (x[i] - *mean);
    }
    *spread = mesh_text_round_number(sqrt(squares / n));
    if (*spread < MESH_ENCODER_MIN_SPREAD) {
        *spread = 0;
    }
}

/* Quantiles of the N rising numbers at X, each once. */
static void pitch_tents(mesh_encoder_column_t *column, const double *x, int n,
                        apr_pool_t *p)
{
    double *tents = apr_palloc(p, MESH_ENCODER_MAX_TENTS * sizeof(*tents));
    int distinct = 1;

    for (int i = 1; i < n; i++) {
        distinct += x[i] > x[i - 1];
    }
    if (distinct < MIN_DISTINCT) {
        return;
    }
    for (int i = 0; i < MESH_ENCODER_MAX_TENTS; i++) {
        double at = (double)i * (n - 1) / (MESH_ENCODER_MAX_TENTS - 1);
        int below = (int)at, above = below + 1 < n ? below + 1 : below;
        double tent = mesh_text_round_number(
            x[below] + (at - below) * (x[above] - x[below]));

        if (column->n_tents == 0 || tent > tents[column->n_tents - 1]) {
            tents[column->n_tents++] = tent;
        }
    }
    column->tents = tents;
    if (column->n_tents < 3) {
        column->n_tents = 0; /* two would be the straight line again */
    }
}

/* Two values are on one straight line, whatever their scale. */
static int has_third_value(const double *x, int n)
{
    for (int i = 1; i < n; i++) {
        if (x[i] > x[0] && x[i] < x[n - 1]) {
            return 1;
        }
    }
    return 0;
}

static void fit_number(mesh_encoder_column_t *column,
                       const mesh_table_cell_t *cells, const int *rows,
                       int n_rows, apr_pool_t *result, apr_pool_t *scratch)
{
    double *x = apr_palloc(scratch, (apr_size_t)n_rows * sizeof(*x));
    int n = 0;

    for (int i = 0; i < n_rows; i++) {
        if (!isnan(cells[rows[i]].number)) {
            x[n++] = cells[rows[i]].number;
        }
    }
    column->gap = n < n_rows ? 0 : -1;
    if (n == 0) {
        return;
    }
    qsort(x, (size_t)n, sizeof(*x), by_value);
    column->low = mesh_text_round_number(x[0]);
    column->high = mesh_text_round_number(x[n - 1]);
    standardise(x, n, &column->mean, &column->spread);
    pitch_tents(column, x, n, result);

    if (column->low >= 0 && has_third_value(x, n)) {
        for (int i = 0; i < n; i++) {
            x[i] = log1p(x[i]);
        }
        standardise(x, n, &column->log_mean, &column->log_spread);
    }
}

typedef struct {
    const char *text;
    int n;
} level_t;

static int by_falling_count(const void *a, const void *b)
{
    const level_t *x = a, *y = b;

    return x->n != y->n ? y->n - x->n : strcmp(x->text, y->text);
}

void mesh_encoder_index_levels(mesh_encoder_column_t *column, apr_pool_t *p)
{
    column->by_level = apr_hash_make(p);
    for (int i = 0; i < column->n_levels; i++) {
        apr_hash_set(column->by_level, column->levels[i], APR_HASH_KEY_STRING,
                     &column->levels[i]);
    }
}

static void fit_category(mesh_encoder_column_t *column,
                         const mesh_table_cell_t *cells, const int *rows,
                         int n_rows, apr_pool_t *result, apr_pool_t *scratch)
{
    apr_hash_t *seen = apr_hash_make(scratch);
    level_t *levels = apr_palloc(scratch, (apr_size_t)n_rows * sizeof(*levels));
    /* A value in fewer than a thousandth of the rows, or in one, is a rare
     * one: its weight would be its rows' luck. */
    int n = 0, enough = n_rows > 2000 ? (n_rows + 999) / 1000 : 2;

    for (int i = 0; i < n_rows; i++) {
        const char *text = cells[rows[i]].text;
        level_t *level;

        if (!text) {
            column->gap = 0;
            continue;
        }
        level = apr_hash_get(seen, text, APR_HASH_KEY_STRING);
        if (!level) {
            level = &levels[n++];
            *level = (level_t){ .text = text };
            apr_hash_set(seen, text, APR_HASH_KEY_STRING, level);
        }
        level->n++;
    }
    qsort(levels, (size_t)n, sizeof(*levels), by_falling_count);
    while (column->n_levels < n && column->n_levels < MESH_ENCODER_MAX_LEVELS
           && levels[column->n_levels].n >= enough) {
        column->n_levels++;
    }
    column->other = column->n_levels < n ? 0 : -1;
    column->levels = apr_palloc(result, (apr_size_t)column->n_levels
                                            * sizeof(*column->levels));
    for (int i = 0; i < column->n_levels; i++) {
        column->levels[i] = apr_pstrdup(result, levels[i].text);
    }
    mesh_encoder_index_levels(column, result);
}

/* Number the features of all columns; then their sources are known. */
void mesh_encoder_lay_out(mesh_encoder_t *encoder, apr_pool_t *p)
{
    for (int i = 0; i < encoder->n_columns; i++) {
        mesh_encoder_column_t *column = &encoder->columns[i];
        int parts = mesh_encoder_parts(column), last;

        column->first = encoder->n_features;
        encoder->n_features += parts;
        encoder->width += parts;
        last = encoder->n_features - 1;
        if (column->gap >= 0) {
            column->gap = last--;
        }
        if (column->other >= 0) {
            column->other = last;
        }
    }
    encoder->sources = apr_palloc(p, (apr_size_t)encoder->n_features
                                         * sizeof(*encoder->sources));
    for (int i = 0; i < encoder->n_columns; i++) {
        const mesh_encoder_column_t *column = &encoder->columns[i];

        for (int k = 0; k < mesh_encoder_parts(column); k++) {
            encoder->sources[column->first + k] = i;
        }
    }
    encoder->means = apr_pcalloc(p, (apr_size_t)encoder->n_features
                                        * sizeof(*encoder->means));
}

mesh_encoder_t *mesh_encoder_fit(const mesh_table_t *table, const int *columns,
                                 int n_columns, const int *rows, int n_rows,
                                 apr_pool_t *result, apr_pool_t *scratch)
{
    mesh_encoder_t *encoder = apr_pcalloc(result, sizeof(*encoder));
    mesh_encoder_value_t *values;
    mesh_encoder_view_t *view;
    double *sums;
    apr_pool_t *iterpool;

    encoder->n_columns = n_columns;
    encoder->columns = apr_pcalloc(result, (apr_size_t)n_columns
                                               * sizeof(mesh_encoder_column_t));
    apr_pool_create(&iterpool, scratch);
    for (int i = 0; i < n_columns; i++) {
        const mesh_table_column_t *from = &table->columns[columns[i]];
        mesh_encoder_column_t *column = &encoder->columns[i];

        apr_pool_clear(iterpool);
        column->name = apr_pstrdup(result, from->name);
        column->kind = from->kind;
        column->gap = column->other = -1;
        (column->kind == MESH_TABLE_NUMBER ? fit_number : fit_category)(
            column, from->cells, rows, n_rows, result, iterpool);
    }
    apr_pool_destroy(iterpool);
    mesh_encoder_lay_out(encoder, result);

    /* Scores are 0 on average by construction, to rounding; a missing one is
     * 0, and the average must be what a missing one is. */
    view = mesh_encoder_view(encoder, table, scratch);
    values = apr_palloc(scratch, (apr_size_t)encoder->width * sizeof(*values));
    sums =
        apr_pcalloc(scratch, (apr_size_t)encoder->n_features * sizeof(*sums));
    for (int i = 0; i < n_rows; i++) {
        int n;

        mesh_encoder_encode(view, rows[i], values, &n);
        for (int k = 0; k < n; k++) {
            sums[values[k].feature] += values[k].value;
        }
    }
    for (int i = 0; i < n_columns; i++) {
        const mesh_encoder_column_t *column = &encoder->columns[i];
        int parts = mesh_encoder_parts(column), k = 0;

        if (column->kind == MESH_TABLE_NUMBER) {
            k = first_tent(column) - column->first;
        }
        for (; k < parts; k++) {
            int feature = column->first + k;

            encoder->means[feature] =
                mesh_text_round_number(sums[feature] / n_rows);
        }
    }
    return encoder;
}

/* ---- Looking ------------------------------------------------------------ */

int mesh_encoder_columns(const mesh_encoder_t *encoder)
{
    return encoder->n_columns;
}

const char *mesh_encoder_name(const mesh_encoder_t *encoder, int column)
{
    return encoder->columns[column].name;
}

mesh_table_kind_t mesh_encoder_kind(const mesh_encoder_t *encoder, int column)
{
    return encoder->columns[column].kind;
}

int mesh_encoder_features(const mesh_encoder_t *encoder)
{
    return encoder->n_features;
}

int mesh_encoder_width(const mesh_encoder_t *encoder)
{
    return encoder->width;
}

const int *mesh_encoder_sources(const mesh_encoder_t *encoder)
{
    return encoder->sources;
}

const double *mesh_encoder_means(const mesh_encoder_t *encoder)
{
    return encoder->means;
}

mesh_encoder_view_t *mesh_encoder_view(const mesh_encoder_t *encoder,
                                       const mesh_table_t *table, apr_pool_t *p)
{
    mesh_encoder_view_t *view = apr_palloc(p, sizeof(*view));
    const mesh_table_cell_t **cells =
        apr_pcalloc(p, (apr_size_t)encoder->n_columns * sizeof(*cells));

    for (int i = 0; i < encoder->n_columns; i++) {
        int at = mesh_table_find(table, encoder->columns[i].name);

        if (at >= 0) {
            cells[i] = table->columns[at].cells;
        }
    }
    view->encoder = encoder;
    view->cells = cells;
    return view;
}
