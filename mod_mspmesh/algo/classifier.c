/* SPDX-License-Identifier: Apache-2.0 */
/* classifier.c -- learn who leaves from a table of who left, and say why. */
#include "algo/classifier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_allocator.h>
#include <apr_strings.h>

#include "algo/calibration.h"
#include "algo/encoder.h"
#include "algo/folds.h"
#include "algo/logistic.h"

#define DEFAULT_FOLDS 5
#define HOLDOUT_FOLDS 5 /* a fifth is held out */

/* Each use of chance has its own, so that no two cuts are related. */
#define HOLDOUT_SEED 1
#define FOLD_SEED    2

/* Good enough to tell two costs apart, and for the weights that stay. */
#define ROUGH 1e-3
#define FINE  1e-6

#define STAGE_KEEPS (1024 * 1024)

/* From few rows and many columns to many rows that bear every bend. */
static const double costs[] = { 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3 };
#define N_COSTS ((int)(sizeof(costs) / sizeof(*costs)))

struct mesh_classifier_t {
    const char *positive;
    const char *negative;
    const mesh_encoder_t *encoder;
    double base;     /* calibrated, at the mean of every feature */
    double *weights; /* calibrated, per feature */
    double *offsets; /* per column: what the mean of its features is worth */
};

/* ---- Making a model ----------------------------------------------------- */

static void set_offsets(mesh_classifier_t *model, apr_pool_t *p)
{
    const int *sources = mesh_encoder_sources(model->encoder);
    const double *means = mesh_encoder_means(model->encoder);

    model->offsets = apr_pcalloc(
        p, (apr_size_t)mesh_encoder_columns(model->encoder) * sizeof(double));
    for (int i = 0; i < mesh_encoder_features(model->encoder); i++) {
        model->offsets[sources[i]] += model->weights[i] * means[i];
    }
}

/* A line calibrated by a line is a line: weights and intercept take it up. */
static mesh_classifier_t *calibrate(const mesh_dataset_t *data,
                                    const mesh_encoder_t *encoder,
                                    const double *weights, double intercept,
                                    mesh_calibration_platt_t platt,
                                    apr_pool_t *p)
{
    mesh_classifier_t *model = apr_palloc(p, sizeof(*model));
    int n = mesh_encoder_features(encoder);
    double base = platt.slope * intercept + platt.shift;

    model->positive = apr_pstrdup(p, data->positive);
    model->negative = apr_pstrdup(p, data->negative);
    model->encoder = encoder;
    model->weights = apr_palloc(p, (apr_size_t)n * sizeof(double));
    for (int i = 0; i < n; i++) {
        model->weights[i] = mesh_text_round_number(platt.slope * weights[i]);
    }
    set_offsets(model, p);
    for (int i = 0; i < mesh_encoder_columns(encoder); i++) {
        base += model->offsets[i];
    }
    model->base = mesh_text_round_number(base);
    return model;
}

/* ---- Predicting --------------------------------------------------------- */

mesh_classifier_prediction_t *
mesh_classifier_predict(const mesh_classifier_t *model,
                        const mesh_table_t *table, int want_why, apr_pool_t *p)
{
    const mesh_encoder_t *encoder = model->encoder;
    const int *sources = mesh_encoder_sources(encoder);
    apr_size_t columns = (apr_size_t)mesh_encoder_columns(encoder);
    apr_size_t n_rows = (apr_size_t)table->n_rows;
    mesh_encoder_view_t *view = mesh_encoder_view(encoder, table, p);
    mesh_encoder_value_t *values = apr_palloc(
        p, (apr_size_t)mesh_encoder_width(encoder) * sizeof(*values));
    mesh_classifier_prediction_t *predictions =
        apr_palloc(p, n_rows * sizeof(*predictions));
    double *shares =
        apr_palloc(p, (want_why ? n_rows : 1) * columns * sizeof(*shares));

    for (int row = 0; row < table->n_rows; row++) {
        mesh_classifier_prediction_t *prediction = &predictions[row];
        double log_odds = model->base;
        int n;

        prediction->bad_column = mesh_encoder_encode(view, row, values, &n);
        for (apr_size_t i = 0; i < columns; i++) {
            shares[i] = -model->offsets[i];
        }
        for (int i = 0; i < n; i++) {
            shares[sources[values[i].feature]] +=
                model->weights[values[i].feature] * values[i].value;
        }
        for (apr_size_t i = 0; i < columns; i++) {
            log_odds += shares[i];
        }
        prediction->log_odds = log_odds;
        prediction->probability = mesh_calibration_logistic(log_odds);
        prediction->contributions = want_why ? shares : NULL;
        shares += want_why ? columns : 0;
    }
    return predictions;
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
    return model->base;
}

const char *mesh_classifier_positive(const mesh_classifier_t *model)
{
    return model->positive;
}

/* ---- Training ----------------------------------------------------------- */

typedef struct {
    const mesh_classifier_plan_t *plan;
    const mesh_dataset_t *data;
    int folds;
    int done; /* fits, of ALL */
    int all;
    int is_stopped; /* somebody asked: what is left is not fitted */
} training_t;

static void tell(training_t *training)
{
    training->done++;
    if (training->plan->on_progress && !training->is_stopped) {
        training->is_stopped = training->plan->on_progress(
            training->plan->baton, (double)training->done / training->all);
    }
}

static int *labels_of(const mesh_dataset_t *data, const int *rows, int n,
                      apr_pool_t *p)
{
    int *labels = apr_palloc(p, (apr_size_t)n * sizeof(*labels));

    for (int i = 0; i < n; i++) {
        labels[i] = data->labels[rows[i]];
    }
    return labels;
}

static mesh_encoder_t *encoder_for(const mesh_dataset_t *data, const int *rows,
                                   int n, apr_pool_t *result,
                                   apr_pool_t *scratch)
{
    return mesh_encoder_fit(data->table, data->columns, data->n_columns, rows,
                            n, result, scratch);
}

/* Parts of ROWS: those for which FOLD is AT come last; returns their number. */
static int split(int *parted, int *where, const int *rows, const int *fold,
                 int n, int at)
{
    int kept = 0, held = 0;

    for (int i = 0; i < n; i++) {
        if (fold[i] == at) {
            held++;
            parted[n - held] = rows[i];
            where[n - held] = i;
        }
        else {
            parted[kept] = rows[i];
            where[kept] = i;
            kept++;
        }
    }
    return held;
}

/*
 * Score each of the N rows ROWS by models of the other folds, once for each
 * cost in TRIED, which rise: SCORES[k][i] is row ROWS[i] at TRIED[k].
 */
static void cross_validate(training_t *training, double **scores,
                           const int *rows, const int *fold, int n,
                           const double *tried, int n_tried,
                           apr_pool_t *scratch)
{
    const mesh_dataset_t *data = training->data;
    int *parted = apr_palloc(scratch, (apr_size_t)n * sizeof(*parted));
    int *where = apr_palloc(scratch, (apr_size_t)n * sizeof(*where));
    apr_pool_t *iterpool, *fitpool;

    apr_pool_create(&iterpool, scratch);
    apr_pool_create(&fitpool, scratch);
    for (int at = 0; at < training->folds; at++) {
        mesh_encoder_t *encoder;
        mesh_encoder_view_t *view;
        mesh_logistic_matrix_t *seen, *held;
        const int *labels;
        double *weights, intercept = 0;
        int n_held, n_seen;

        apr_pool_clear(iterpool);
        n_held = split(parted, where, rows, fold, n, at);
        n_seen = n - n_held;
        /* All rows may be of one group. */
        if (n_seen == 0 || training->is_stopped) {
            for (int k = 0; k < n_tried; k++) {
                for (int i = 0; i < n; i++) {
                    scores[k][i] = 0;
                }
                tell(training);
            }
            continue;
        }
        encoder = encoder_for(data, parted, n_seen, iterpool, iterpool);
        view = mesh_encoder_view(encoder, data->table, iterpool);
        seen = mesh_logistic_matrix(view, encoder, parted, n_seen, iterpool);
        held = mesh_logistic_matrix(view, encoder, parted + n_seen, n_held,
                                    iterpool);
        labels = labels_of(data, parted, n_seen, iterpool);
        weights = apr_pcalloc(iterpool,
                              (apr_size_t)seen->n_features * sizeof(*weights));
        for (int k = 0; k < n_tried; k++) {
            apr_pool_clear(fitpool);
            if (training->is_stopped) {
                break;
            }
            /* From the weights of the cost before, most of the way is done. */
            mesh_logistic_fit(weights, &intercept, seen, labels, tried[k],
                              ROUGH, fitpool);
            for (int i = 0; i < n_held; i++) {
                scores[k][where[n_seen + i]] =
                    mesh_logistic_score(weights, intercept, held, i);
            }
            tell(training);
        }
    }
    apr_pool_destroy(fitpool);
    apr_pool_destroy(iterpool);
}

static double **make_scores(int n_tried, int n, apr_pool_t *p)
{
    double **scores = apr_palloc(p, (apr_size_t)n_tried * sizeof(*scores));

    for (int k = 0; k < n_tried; k++) {
        scores[k] = apr_pcalloc(p, (apr_size_t)n * sizeof(**scores));
    }
    return scores;
}

/* Fit all of ROWS at cost C, and calibrate by PLATT. */
static mesh_classifier_t *fit(training_t *training, const int *rows, int n,
                              double c, mesh_calibration_platt_t platt,
                              apr_pool_t *result, apr_pool_t *scratch)
{
    const mesh_dataset_t *data = training->data;
    mesh_encoder_t *encoder = encoder_for(data, rows, n, result, scratch);
    mesh_encoder_view_t *view =
        mesh_encoder_view(encoder, data->table, scratch);
    mesh_logistic_matrix_t *matrix =
        mesh_logistic_matrix(view, encoder, rows, n, scratch);
    double *weights =
        apr_pcalloc(scratch, (apr_size_t)matrix->n_features * sizeof(*weights));
    double intercept = 0;

    if (!training->is_stopped) {
        mesh_logistic_fit(weights, &intercept, matrix,
                          labels_of(data, rows, n, scratch), c, FINE, scratch);
    }
    tell(training);
    return calibrate(data, encoder, weights, intercept, platt, result);
}

static double log_loss_of(const double *scores, const int *labels, int n,
                          apr_pool_t *scratch)
{
    double *p = apr_palloc(scratch, (apr_size_t)n * sizeof(*p));

    for (int i = 0; i < n; i++) {
        p[i] = mesh_calibration_logistic(scores[i]);
    }
    return mesh_metrics_log_loss(p, labels, n);
}

/* Learn from four fifths of the rows all there is to learn, and look how that
 * does on the last one. */
static void hold_out(training_t *training, mesh_classifier_report_t *report,
                     const int *rows, int n, apr_pool_t *scratch)
{
    const mesh_dataset_t *data = training->data;
    apr_size_t size = (apr_size_t)n * sizeof(int);
    int *fold = apr_palloc(scratch, size), *parted = apr_palloc(scratch, size);
    int *where = apr_palloc(scratch, size), n_held, n_seen, best = 0;
    double **scores, *losses, *probabilities;
    const int *labels, *truth;
    mesh_classifier_t *model;
    mesh_classifier_prediction_t *all;

    mesh_folds_deal(fold, HOLDOUT_FOLDS, data->labels, data->groups, rows, n,
                    HOLDOUT_SEED, scratch);
    n_held = split(parted, where, rows, fold, n, 0);
    n_seen = n - n_held;
    labels = labels_of(data, parted, n_seen, scratch);
    truth = labels_of(data, parted + n_seen, n_held, scratch);

    mesh_folds_deal(fold, training->folds, data->labels, data->groups, parted,
                    n_seen, FOLD_SEED, scratch);
    scores = make_scores(N_COSTS, n_seen, scratch);
    cross_validate(training, scores, parted, fold, n_seen, costs, N_COSTS,
                   scratch);
    losses = apr_palloc(scratch, N_COSTS * sizeof(*losses));
    for (int k = 0; k < N_COSTS; k++) {
        losses[k] = log_loss_of(scores[k], labels, n_seen, scratch);
        best = losses[k] < losses[best] ? k : best;
    }
    report->c = costs[best];

    model = fit(training, parted, n_seen, costs[best],
                mesh_calibration_platt(scores[best], labels, n_seen), scratch,
                scratch);
    all = mesh_classifier_predict(model, data->table, 0, scratch);
    probabilities =
        apr_palloc(scratch, (apr_size_t)n_held * sizeof(*probabilities));
    for (int i = 0; i < n_held; i++) {
        probabilities[i] = all[parted[n_seen + i]].probability;
    }
    report->holdout_rows = n_held;
    report->auc_holdout =
        mesh_metrics_auc(probabilities, truth, n_held, scratch);
    report->brier = mesh_metrics_brier(probabilities, truth, n_held);
    report->ece =
        mesh_metrics_calibration(probabilities, truth, n_held, report->bins);
    report->lift10 = mesh_metrics_lift10(probabilities, truth, n_held, scratch);
}

/* The mean over folds of the AUC within each. */
static double auc_by_fold(const double *scores, const int *labels,
                          const int *fold, int folds, int n,
                          apr_pool_t *scratch)
{
    double *part = apr_palloc(scratch, (apr_size_t)n * sizeof(*part)), sum = 0;
    int *truth = apr_palloc(scratch, (apr_size_t)n * sizeof(*truth));
    int defined = 0;

    for (int at = 0; at < folds; at++) {
        int held = 0;
        double auc;

        for (int i = 0; i < n; i++) {
            if (fold[i] == at) {
                part[held] = scores[i];
                truth[held++] = labels[i];
            }
        }
        auc = mesh_metrics_auc(part, truth, held, scratch);
        if (!isnan(auc)) {
            sum += auc;
            defined++;
        }
    }
    return defined > 0 ? sum / defined : NAN;
}

static int by_falling_weight(const void *a, const void *b)
{
    const mesh_classifier_feature_t *x = a, *y = b;

    return x->weight != y->weight ? (x->weight < y->weight ? 1 : -1)
                                  : strcmp(x->column, y->column);
}

static void weigh_features(mesh_classifier_report_t *report,
                           const mesh_classifier_t *model,
                           const mesh_table_t *table, apr_pool_t *result,
                           apr_pool_t *scratch)
{
    int columns = mesh_classifier_columns(model), n = table->n_rows;
    mesh_classifier_feature_t *features =
        apr_palloc(result, (apr_size_t)columns * sizeof(*features));
    const mesh_classifier_prediction_t *rows =
        mesh_classifier_predict(model, table, 1, scratch);

    for (int i = 0; i < columns; i++) {
        double sum = 0, squares = 0;

        for (int row = 0; row < n; row++) {
            sum += rows[row].contributions[i];
        }
        for (int row = 0; row < n; row++) {
            double off = rows[row].contributions[i] - sum / n;

            squares += off * off;
        }
        features[i].column = mesh_classifier_column(model, i);
        features[i].kind = mesh_classifier_kind(model, i);
        features[i].weight = sqrt(squares / n);
    }
    qsort(features, (size_t)columns, sizeof(*features), by_falling_weight);
    report->features = features;
    report->n_features = columns;
}

/* Learn from all rows, as holding out has shown to be best. */
static mesh_classifier_t *learn(training_t *training,
                                mesh_classifier_report_t *report,
                                const int *rows, int n, apr_pool_t *result,
                                apr_pool_t *scratch)
{
    const mesh_dataset_t *data = training->data;
    int *fold = apr_palloc(scratch, (apr_size_t)n * sizeof(*fold));
    double **scores = make_scores(1, n, scratch);
    double *probabilities =
        apr_palloc(result, (apr_size_t)n * sizeof(*probabilities));
    mesh_calibration_platt_t platt;
    mesh_classifier_t *model;

    mesh_folds_deal(fold, training->folds, data->labels, data->groups, rows, n,
                    FOLD_SEED, scratch);
    cross_validate(training, scores, rows, fold, n, &report->c, 1, scratch);
    platt = mesh_calibration_platt(scores[0], data->labels, n);
    for (int i = 0; i < n; i++) {
        probabilities[i] =
            mesh_calibration_logistic(platt.slope * scores[0][i] + platt.shift);
    }
    report->auc_cv =
        auc_by_fold(scores[0], data->labels, fold, training->folds, n, scratch);
    report->log_loss_cv = mesh_metrics_log_loss(probabilities, data->labels, n);
    report->probabilities_cv = probabilities;
    model = fit(training, rows, n, report->c, platt, result, scratch);
    weigh_features(report, model, data->table, result, scratch);
    return model;
}

/*
 * Encoded rows are many times the size of the table, and no two folds are of
 * quite the same size: a pool for them that gives back what it has cleared,
 * where P would keep it all for a use that does not come.
 */
static apr_pool_t *make_stage(apr_pool_t *p)
{
    apr_allocator_t *allocator;
    apr_pool_t *stage;

    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        apr_pool_create(&stage, p);
        return stage;
    }
    apr_allocator_max_free_set(allocator, STAGE_KEEPS);
    apr_pool_create_ex(&stage, p, NULL, allocator);
    apr_allocator_owner_set(allocator, stage);
    return stage;
}

mesh_err_t *mesh_classifier_train(mesh_classifier_t **model,
                                  mesh_classifier_report_t **report,
                                  const mesh_table_t *table,
                                  const mesh_classifier_plan_t *plan,
                                  apr_pool_t *result, apr_pool_t *scratch)
{
    training_t training = { .plan = plan };
    mesh_classifier_report_t *made;
    mesh_dataset_t *data;
    apr_pool_t *stage;
    int n = table->n_rows, *rows, rarer;

    *model = NULL;
    *report = NULL;
    training.folds = plan->folds ? plan->folds : DEFAULT_FOLDS;
    if (training.folds < MESH_CLASSIFIER_MIN_FOLDS
        || training.folds > MESH_CLASSIFIER_MAX_FOLDS) {
        return mesh_err(result, MESH_INVALID, "bad_folds",
                        "The number of folds must be from %d to %d.",
                        MESH_CLASSIFIER_MIN_FOLDS, MESH_CLASSIFIER_MAX_FOLDS);
    }
    MESH_TRY(mesh_dataset_make(&data, table, &plan->data, result, scratch));

    /* Once a fifth is held out, every fold still has a row of each class. */
    rarer = data->positives < n - data->positives ? data->positives
                                                  : n - data->positives;
    rarer -= (rarer + HOLDOUT_FOLDS - 1) / HOLDOUT_FOLDS;
    training.folds = training.folds < rarer ? training.folds : rarer;
    training.data = data;
    training.all = training.folds * (N_COSTS + 1) + 2;

    made = apr_pcalloc(result, sizeof(*made));
    made->n_rows = n;
    made->positives = data->positives;
    made->positive = data->positive;
    made->negative = data->negative;
    made->folds = training.folds;
    made->leaks = data->leaks;
    made->ignored = data->ignored;
    rows = apr_palloc(scratch, (apr_size_t)n * sizeof(*rows));
    for (int i = 0; i < n; i++) {
        rows[i] = i;
    }
    stage = make_stage(scratch);
    hold_out(&training, made, rows, n, stage);
    apr_pool_clear(stage);
    *model = learn(&training, made, rows, n, result, stage);
    apr_pool_destroy(stage);
    if (training.is_stopped) {
        *model = NULL;
        return mesh_err(result, MESH_BUSY, "stopped",
                        "The training was stopped.");
    }
    *report = made;
    return NULL;
}

/* ---- Saving and loading ------------------------------------------------- */

/* No weight that was learnt comes near; with it no sum can overflow. */
#define MAX_WEIGHT 1e100

mesh_json_t *mesh_classifier_save(const mesh_classifier_t *model, apr_pool_t *p)
{
    mesh_json_t *json = mesh_json_object(p), *weights;

    mesh_json_set_integer(json, "format", MESH_CLASSIFIER_FORMAT);
    mesh_json_set_text(json, "kind", "logistic");
    mesh_json_set_text(json, "positive", model->positive);
    mesh_json_set_text(json, "negative", model->negative);
    mesh_json_set_number(json, "base", model->base);
    weights = mesh_json_set_array(json, "weights");
    for (int i = 0; i < mesh_encoder_features(model->encoder); i++) {
        mesh_json_add_number(weights, model->weights[i]);
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

mesh_err_t *mesh_classifier_load(mesh_classifier_t **model,
                                 const mesh_json_t *json, apr_pool_t *p)
{
    mesh_classifier_t *made = apr_pcalloc(p, sizeof(*made));
    const mesh_json_t *format, *weights;
    mesh_encoder_t *encoder;
    const char *kind;
    int n;

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
    if (strcmp(kind, "logistic") != 0) {
        return refuse(p, "its kind is not \"logistic\"");
    }
    MESH_TRY(load_text(&made->positive, json, "positive", p));
    MESH_TRY(load_text(&made->negative, json, "negative", p));
    MESH_TRY(mesh_encoder_load(&encoder, mesh_json_member(json, "encoder"), p));
    made->encoder = encoder;
    if (!is_weight(mesh_json_member(json, "base"))) {
        return refuse(p, "\"base\" is not a number in bounds");
    }
    made->base = mesh_json_number(mesh_json_member(json, "base"));

    n = mesh_encoder_features(encoder);
    weights = mesh_json_member(json, "weights");
    if (!weights || mesh_json_kind(weights) != MESH_JSON_ARRAY
        || mesh_json_count(weights) != (apr_size_t)n) {
        return refuse(p, "\"weights\" is not one number per feature");
    }
    made->weights = apr_palloc(p, (apr_size_t)n * sizeof(double));
    for (int i = 0; i < n; i++) {
        const mesh_json_t *weight = mesh_json_element(weights, (apr_size_t)i);

        if (!is_weight(weight)) {
            return refuse(p, "one of \"weights\" is not a number in bounds");
        }
        made->weights[i] = mesh_json_number(weight);
    }
    set_offsets(made, p);
    *model = made;
    return NULL;
}
