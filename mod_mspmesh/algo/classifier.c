/* SPDX-License-Identifier: Apache-2.0 */
/* classifier.c -- a model: what it says of rows and why, and how it is kept. */
#include "algo/classifier.h"

#include <math.h>
#include <string.h>
#include <apr_strings.h>

#include "algo/calibration.h"
#include "algo/classifier_int.h"

/* ---- Making a model ----------------------------------------------------- */

static void set_offsets(mesh_classifier_t *model, apr_pool_t *p)
{
    const int *sources = mesh_encoder_sources(model->encoder);
    const double *means = mesh_encoder_means(model->encoder);

    model->offsets = apr_pcalloc(
        p, (apr_size_t)mesh_encoder_columns(model->encoder) * sizeof(double));
    for (int i = 0; model->weights && i < mesh_encoder_features(model->encoder);
         i++) {
        model->offsets[sources[i]] += model->weights[i] * means[i];
    }
}

mesh_classifier_t *mesh_classifier_make(const mesh_dataset_t *data,
                                        const mesh_encoder_t *encoder,
                                        const mesh_classifier_parts_t *parts,
                                        apr_pool_t *p)
{
    mesh_classifier_t *model = apr_pcalloc(p, sizeof(*model));
    int n = mesh_encoder_features(encoder);
    double slope = parts->platt.slope * parts->linear_share;
    double base = parts->platt.shift;

    model->positive = apr_pstrdup(p, data->positive);
    model->negative = apr_pstrdup(p, data->negative);
    model->encoder = encoder;
    if (parts->weights) {
        model->weights = apr_palloc(p, (apr_size_t)n * sizeof(double));
        for (int i = 0; i < n; i++) {
            model->weights[i] =
                mesh_text_round_number(slope * parts->weights[i]);
        }
        base += slope * parts->intercept;
    }
    set_offsets(model, p);
    for (int i = 0; i < mesh_encoder_columns(encoder); i++) {
        base += model->offsets[i];
    }
    model->base = mesh_text_round_number(base);
    if (parts->trees) {
        model->trees = parts->trees;
        model->tree_sources = mesh_tree_sources(encoder, p);
        model->tree_scale = mesh_text_round_number(parts->platt.slope
                                                   * (1 - parts->linear_share));
    }
    return model;
}

/* ---- Predicting --------------------------------------------------------- */

/* Rows that go through a forest together. */
#define BLOCK 64

typedef struct {
    mesh_encoder_view_t *view;
    mesh_encoder_value_t *values;
    float *floats; /* BLOCK rows */
    double *moves; /* of the features of trees */
    double *none;  /* shares nobody asked for */
} desk_t;

/* Add what the trees say to N predictions of the rows FIRST on, or ROWS. */
static void add_trees(mesh_classifier_prediction_t *predictions,
                      const mesh_classifier_t *model, desk_t *desk,
                      const int *rows, int first, int n, double *shares)
{
    int features = mesh_tree_features(model->encoder);
    apr_size_t columns = (apr_size_t)mesh_encoder_columns(model->encoder);
    double margins[BLOCK];

    for (int i = 0; i < n; i++) {
        mesh_tree_encode(desk->view, rows ? rows[i] : first + i,
                         desk->floats + (apr_size_t)i * (apr_size_t)features);
    }
    mesh_trees_margins(model->trees, desk->floats, n, margins);
    for (int i = 0; i < n; i++) {
        predictions[i].log_odds += model->tree_scale * margins[i];
        predictions[i].probability =
            mesh_calibration_logistic(predictions[i].log_odds);
    }
    for (int i = 0; shares && i < n; i++, shares += columns) {
        memset(desk->moves, 0, (apr_size_t)features * sizeof(*desk->moves));
        mesh_trees_explain(model->trees,
                           desk->floats + (apr_size_t)i * (apr_size_t)features,
                           desk->moves);
        for (int k = 0; k < features; k++) {
            shares[model->tree_sources[k]] +=
                model->tree_scale * desk->moves[k];
        }
    }
}

static void predict_row(mesh_classifier_prediction_t *prediction,
                        const mesh_classifier_t *model, desk_t *desk, int row,
                        double *wanted)
{
    const int *sources = mesh_encoder_sources(model->encoder);
    int columns = mesh_encoder_columns(model->encoder), n;
    double *shares = wanted ? wanted : desk->none;

    prediction->log_odds = model->base;
    prediction->bad_column =
        mesh_encoder_encode(desk->view, row, desk->values, &n);
    for (int i = 0; i < columns; i++) {
        shares[i] = -model->offsets[i];
    }
    for (int i = 0; model->weights && i < n; i++) {
        shares[sources[desk->values[i].feature]] +=
            model->weights[desk->values[i].feature] * desk->values[i].value;
    }
    for (int i = 0; i < columns; i++) {
        prediction->log_odds += shares[i];
    }
    prediction->probability = mesh_calibration_logistic(prediction->log_odds);
    prediction->contributions = wanted;
}

mesh_classifier_prediction_t *
mesh_classifier_predict_some(const mesh_classifier_t *model,
                             const mesh_table_t *table, const int *rows, int n,
                             int want_why, apr_pool_t *p)
{
    const mesh_encoder_t *encoder = model->encoder;
    apr_size_t columns = (apr_size_t)mesh_encoder_columns(encoder);
    apr_size_t features = (apr_size_t)mesh_tree_features(encoder);
    mesh_classifier_prediction_t *predictions =
        apr_palloc(p, (apr_size_t)n * sizeof(*predictions));
    desk_t desk = {
        .view = mesh_encoder_view(encoder, table, p),
        .values = apr_palloc(p, (apr_size_t)mesh_encoder_width(encoder)
                                    * sizeof(*desk.values)),
        .floats = apr_palloc(p, BLOCK * features * sizeof(*desk.floats)),
        .moves = apr_palloc(p, features * sizeof(*desk.moves)),
        .none = apr_palloc(p, columns * sizeof(*desk.none)),
    };
    double *shares =
        want_why ? apr_palloc(p, (apr_size_t)n * columns * sizeof(*shares))
                 : NULL;

    for (int i = 0; i < n; i++) {
        predict_row(&predictions[i], model, &desk, rows ? rows[i] : i,
                    want_why ? shares + (apr_size_t)i * columns : NULL);
    }
    for (int i = 0; model->trees && i < n; i += BLOCK) {
        add_trees(&predictions[i], model, &desk, rows ? rows + i : NULL, i,
                  n - i < BLOCK ? n - i : BLOCK,
                  want_why ? shares + (apr_size_t)i * columns : NULL);
    }
    return predictions;
}

mesh_classifier_prediction_t *
mesh_classifier_predict(const mesh_classifier_t *model,
                        const mesh_table_t *table, int want_why, apr_pool_t *p)
{
    return mesh_classifier_predict_some(model, table, NULL, table->n_rows,
                                        want_why, p);
}

int mesh_classifier_columns(const mesh_classifier_t *model)
{
    return mesh_encoder_columns(model->encoder);
}

const char *mesh_classifier_column(const mesh_classifier_t *model, int column)
{
    return mesh_encoder_name(model->encoder, column);
}

mesh_table_kind_t mesh_classifier_kind(const mesh_classifier_t *model,
                                       int column)
{
    return mesh_encoder_kind(model->encoder, column);
}

double mesh_classifier_base(const mesh_classifier_t *model)
{
    return model->base
           + (model->trees
                  ? model->tree_scale * mesh_trees_expected(model->trees)
                  : 0);
}

const char *mesh_classifier_positive(const mesh_classifier_t *model)
{
    return model->positive;
}

/* ---- Saving and loading ------------------------------------------------- */

/* No weight that was learnt comes near; with it no sum can overflow. */
#define MAX_WEIGHT 1e100

static const char *kind_of(const mesh_classifier_t *model)
{
    return !model->trees     ? MESH_CLASSIFIER_LOGISTIC_NAME
           : !model->weights ? MESH_CLASSIFIER_BOOSTED_NAME
                             : MESH_CLASSIFIER_BLEND_NAME;
}

mesh_json_t *mesh_classifier_save(const mesh_classifier_t *model, apr_pool_t *p)
{
    mesh_json_t *json = mesh_json_object(p), *weights;

    mesh_json_set_integer(json, "format", MESH_CLASSIFIER_FORMAT);
    mesh_json_set_text(json, "kind", kind_of(model));
    mesh_json_set_text(json, "positive", model->positive);
    mesh_json_set_text(json, "negative", model->negative);
    mesh_json_set_number(json, "base", model->base);
    if (model->weights) {
        weights = mesh_json_set_array(json, "weights");
        for (int i = 0; i < mesh_encoder_features(model->encoder); i++) {
            mesh_json_add_number(weights, model->weights[i]);
        }
    }
    if (model->trees) {
        mesh_json_set_number(json, "scale", model->tree_scale);
        mesh_json_set(json, "forest", mesh_trees_save(model->trees, p));
    }
    mesh_json_set(json, "encoder", mesh_encoder_save(model->encoder, p));
    return json;
}

static mesh_err_t *refuse(apr_pool_t *p, const char *words)
{
    return mesh_err(p, MESH_INVALID, "bad_model",
                    "This is no model of ours: %s.", words);
}

static int is_weight(const mesh_json_t *json)
{
    return json && mesh_json_is_number(json)
           && fabs(mesh_json_number(json)) <= MAX_WEIGHT;
}

static mesh_err_t *load_text(const char **text, const mesh_json_t *json,
                             const char *name, apr_pool_t *p)
{
    const mesh_json_t *member = mesh_json_member(json, name);

    if (!member || mesh_json_kind(member) != MESH_JSON_STRING) {
        return refuse(p, apr_psprintf(p, "\"%s\" is not a text", name));
    }
    *text = apr_pstrdup(p, mesh_json_text(member));
    return NULL;
}

static mesh_err_t *load_weights(mesh_classifier_t *model,
                                const mesh_json_t *json, apr_pool_t *p)
{
    const mesh_json_t *weights = mesh_json_member(json, "weights");
    int n = mesh_encoder_features(model->encoder);

    if (!weights || mesh_json_kind(weights) != MESH_JSON_ARRAY
        || mesh_json_count(weights) != (apr_size_t)n) {
        return refuse(p, "\"weights\" is not one number per feature");
    }
    model->weights = apr_palloc(p, (apr_size_t)n * sizeof(double));
    for (int i = 0; i < n; i++) {
        const mesh_json_t *weight = mesh_json_element(weights, (apr_size_t)i);

        if (!is_weight(weight)) {
            return refuse(p, "one of \"weights\" is not a number in bounds");
        }
        model->weights[i] = mesh_json_number(weight);
    }
    return NULL;
}

static mesh_err_t *load_forest(mesh_classifier_t *model,
                               const mesh_json_t *json, apr_pool_t *p)
{
    mesh_trees_t *trees;

    if (!is_weight(mesh_json_member(json, "scale"))) {
        return refuse(p, "\"scale\" is not a number in bounds");
    }
    model->tree_scale = mesh_json_number(mesh_json_member(json, "scale"));
    MESH_TRY(mesh_trees_load(&trees, mesh_json_member(json, "forest"),
                             mesh_tree_features(model->encoder), p));
    model->trees = trees;
    model->tree_sources = mesh_tree_sources(model->encoder, p);
    return NULL;
}

mesh_err_t *mesh_classifier_load(mesh_classifier_t **model,
                                 const mesh_json_t *json, apr_pool_t *p)
{
    mesh_classifier_t *made = apr_pcalloc(p, sizeof(*made));
    int is_logistic, is_boosted;
    const mesh_json_t *format;
    mesh_encoder_t *encoder;
    const char *kind;

    *model = NULL;
    if (!json || mesh_json_kind(json) != MESH_JSON_OBJECT) {
        return refuse(p, "it is not an object");
    }
    format = mesh_json_member(json, "format");
    if (!format || mesh_json_kind(format) != MESH_JSON_INTEGER
        || mesh_json_integer(format) != MESH_CLASSIFIER_FORMAT) {
        return refuse(
            p, apr_psprintf(p, "its format is not %d", MESH_CLASSIFIER_FORMAT));
    }
    MESH_TRY(load_text(&kind, json, "kind", p));
    is_logistic = !strcmp(kind, MESH_CLASSIFIER_LOGISTIC_NAME);
    is_boosted = !strcmp(kind, MESH_CLASSIFIER_BOOSTED_NAME);
    if (!is_logistic && !is_boosted
        && strcmp(kind, MESH_CLASSIFIER_BLEND_NAME) != 0) {
        return refuse(p, "its kind is none we know");
    }
    MESH_TRY(load_text(&made->positive, json, "positive", p));
    MESH_TRY(load_text(&made->negative, json, "negative", p));
    MESH_TRY(mesh_encoder_load(&encoder, mesh_json_member(json, "encoder"), p));
    made->encoder = encoder;
    if (!is_weight(mesh_json_member(json, "base"))) {
        return refuse(p, "\"base\" is not a number in bounds");
    }
    made->base = mesh_json_number(mesh_json_member(json, "base"));
    if (!is_boosted) {
        MESH_TRY(load_weights(made, json, p));
    }
    if (!is_logistic) {
        MESH_TRY(load_forest(made, json, p));
    }
    set_offsets(made, p);
    *model = made;
    return NULL;
}
