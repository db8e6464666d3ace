/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classifier_train.c -- learning who leaves: weights, trees, or both.
 *
 * Rows are learnt from twice: four fifths of them, to see on the last fifth
 * how the whole procedure does; then all, for the model that is kept.  Each
 * time every candidate scores every row by cross-validation over the same
 * folds, and these scores calibrate and compare them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_allocator.h>
#include <apr_strings.h>

#include "algo/calibration.h"
#include "algo/classifier_int.h"
#include "algo/folds.h"
#include "algo/logistic.h"
#include "algo/logistic_folds.h"

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

/* Shallow where signs add up, deep where they only count together. */
static const int depths[] = { 2, 3, 5 };
#define N_DEPTHS ((int)(sizeof(depths) / sizeof(*depths)))

/* More make no better model that could be measured. */
#define TREES 200

/* Trees over fewer rows of the rarer class learn these rows. */
#define MIN_CLASS_FOR_TREES 50

/* What fits into the memory that trees are given. */
#define MAX_CELLS 16000000

/* How the time trees take compares to the fits of weights. */
#define TREE_STEPS 10

/* Enough to see what weighs how much. */
#define WEIGHED_ROWS 500

typedef struct {
    const mesh_classifier_plan_t *plan;
    const mesh_dataset_t *data;
    int folds;
    int has_weights, has_trees; /* what there is to try */
    const char *problem;        /* why there are no trees, or NULL */
    int done;                   /* fits, of ALL */
    int all;
    int is_stopped; /* somebody asked: what is left is not fitted */
} training_t;

/* Rows, and what each candidate made of them. */
typedef struct {
    const int *rows;
    int n;
    const int *labels;
    const int *fold;
    const mesh_encoder_t *encoder;
    const double *linear; /* scores by the other folds, or NULL */
    double c;
    const mesh_boosting_t *boosted; /* or NULL */
} stage_t;

/* One candidate: how it scores, and how well. */
typedef struct {
    const char *name;
    double linear_share;
    double *scores;
    mesh_calibration_platt_t platt;
    double log_loss;
} candidate_t;

static int tell_steps(training_t *training, int steps)
{
    training->done += steps;
    if (training->plan->on_progress && !training->is_stopped) {
        training->is_stopped = training->plan->on_progress(
            training->plan->baton, (double)training->done / training->all);
    }
    return training->is_stopped;
}

static int tell(void *training)
{
    return tell_steps(training, 1);
}

/*
 * Encoded rows are many times the size of the table, and no two folds are of
 * quite the same size: a pool for them that gives back what it has cleared,
 * where P would keep it all for a use that does not come.
 */
static apr_pool_t *make_desk(apr_pool_t *p)
{
    apr_allocator_t *allocator;
    apr_pool_t *desk;

    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        apr_pool_create(&desk, p);
        return desk;
    }
    apr_allocator_max_free_set(allocator, STAGE_KEEPS);
    apr_pool_create_ex(&desk, p, NULL, allocator);
    apr_allocator_owner_set(allocator, desk);
    return desk;
}

/* ---- Weights ------------------------------------------------------------ */

static double **make_scores(int n_tried, int n, apr_pool_t *p)
{
    double **scores = apr_palloc(p, (apr_size_t)n_tried * sizeof(*scores));

    for (int k = 0; k < n_tried; k++) {
        scores[k] = apr_pcalloc(p, (apr_size_t)n * sizeof(**scores));
    }
    return scores;
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

/* Score all rows of STAGE at its cost; if that is 0, at the best one. */
static void try_weights(training_t *training, stage_t *stage,
                        apr_pool_t *result, apr_pool_t *scratch)
{
    const double *tried = stage->c > 0 ? &stage->c : costs;
    int n_tried = stage->c > 0 ? 1 : N_COSTS, best = 0;
    double **scores = make_scores(n_tried, stage->n, result);
    double losses[N_COSTS];

    mesh_logistic_by_folds(scores, training->data, stage->rows, stage->fold,
                           stage->n, training->folds,
                           &(mesh_logistic_costs_t){ tried, n_tried, ROUGH },
                           tell, training, scratch);
    for (int k = 0; k < n_tried; k++) {
        losses[k] = log_loss_of(scores[k], stage->labels, stage->n, scratch);
        best = losses[k] < losses[best] ? k : best;
    }
    stage->c = tried[best];
    stage->linear = scores[best];
}

/* ---- Trees -------------------------------------------------------------- */

/* Asked between two steps: the one we stand at is told again. */
static int must_stop(void *training)
{
    return tell_steps(training, 0);
}

/* Score all rows of STAGE by trees of the depth and rate that BEFORE has; if
 * that is NULL, of the best ones. */
static mesh_err_t *try_trees(training_t *training, stage_t *stage,
                             const mesh_boosting_t *before, apr_pool_t *result,
                             apr_pool_t *scratch)
{
    int n_features = mesh_tree_features(stage->encoder);
    apr_size_t width = (apr_size_t)n_features, n = (apr_size_t)stage->n;
    double cells = (double)n_features * stage->n;
    mesh_encoder_view_t *view =
        mesh_encoder_view(stage->encoder, training->data->table, scratch);
    mesh_boosting_task_t task = {
        .n_rows = stage->n,
        .n_features = n_features,
        .n_folds = training->folds,
        .depths = before ? &before->depth : depths,
        .n_depths = before ? 1 : N_DEPTHS,
        .rate = before ? before->rate : 0,
        .trees = TREES,
        /* Trees that do not all see the same rows and features differ, and
         * their sum is better for it (Friedman 2002, Stochastic gradient
         * boosting); but a few features must be there to choose from. */
        .sample = fmin(1, fmax(0.3, 4.0 / n_features)),
        .row_sample = 0.8,
    };
    unsigned char *labels, *folds;
    mesh_boosting_t *grown;
    mesh_err_t *err;
    float *values;

    if (cells > MAX_CELLS) {
        return mesh_err(result, MESH_INVALID, "too_large",
                        "The table is too large for trees.");
    }
    values = apr_palloc(scratch, n * width * sizeof(*values));
    labels = apr_palloc(scratch, n);
    folds = apr_palloc(scratch, n);
    for (apr_size_t i = 0; i < n; i++) {
        mesh_tree_encode(view, stage->rows[i], values + i * width);
        labels[i] = (unsigned char)stage->labels[i];
        folds[i] = (unsigned char)stage->fold[i];
    }
    task.values = values;
    task.labels = labels;
    task.folds = folds;
    err = training->plan->booster->grow(&grown, &task, must_stop, training,
                                        training->plan->booster->baton, result);
    if (!err) {
        stage->boosted = grown;
    }
    tell_steps(training, TREE_STEPS);
    return err;
}

/* ---- Candidates --------------------------------------------------------- */

static double calibrated_loss(mesh_calibration_platt_t *platt,
                              const double *scores, const int *labels, int n,
                              apr_pool_t *scratch)
{
    double *line = apr_palloc(scratch, (apr_size_t)n * sizeof(*line));

    *platt = mesh_calibration_platt(scores, labels, n);
    for (int i = 0; i < n; i++) {
        line[i] = platt->slope * scores[i] + platt->shift;
    }
    return log_loss_of(line, labels, n, scratch);
}

static void judge(candidate_t *candidate, const stage_t *stage,
                  const char *name, double share, apr_pool_t *p)
{
    candidate->name = name;
    candidate->linear_share = share;
    candidate->scores =
        apr_palloc(p, (apr_size_t)stage->n * sizeof(*candidate->scores));
    for (int i = 0; i < stage->n; i++) {
        candidate->scores[i] =
            (share > 0 ? share * stage->linear[i] : 0)
            + (share < 1 ? (1 - share) * stage->boosted->scores[i] : 0);
    }
    candidate->log_loss = calibrated_loss(&candidate->platt, candidate->scores,
                                          stage->labels, stage->n, p);
}

/* All candidates there are, the simplest first; returns their number. */
static int judge_all(candidate_t *candidates, const stage_t *stage,
                     apr_pool_t *p)
{
    candidate_t tried;
    int n = 0;

    if (stage->linear) {
        judge(&candidates[n++], stage, MESH_CLASSIFIER_LOGISTIC_NAME, 1, p);
    }
    if (stage->boosted) {
        judge(&candidates[n++], stage, MESH_CLASSIFIER_BOOSTED_NAME, 0, p);
    }
    if (n == 2) {
        for (int tenths = 1; tenths < 10; tenths++) {
            judge(&tried, stage, MESH_CLASSIFIER_BLEND_NAME, tenths / 10.0, p);
            if (tenths == 1 || tried.log_loss < candidates[n].log_loss) {
                candidates[n] = tried;
            }
        }
        n++;
    }
    return n;
}

static const candidate_t *best_of(const candidate_t *candidates, int n)
{
    const candidate_t *best = candidates;

    for (int i = 1; i < n; i++) {
        best = candidates[i].log_loss < best->log_loss ? &candidates[i] : best;
    }
    return best;
}

static const candidate_t *named(const candidate_t *candidates, int n,
                                const char *name)
{
    for (int i = 0; i < n; i++) {
        if (!strcmp(candidates[i].name, name)) {
            return &candidates[i];
        }
    }
    return candidates;
}

/* Learn from all rows of STAGE what CANDIDATE is made of. */
static mesh_classifier_t *fit(training_t *training, const stage_t *stage,
                              const candidate_t *candidate, apr_pool_t *result,
                              apr_pool_t *scratch)
{
    const mesh_dataset_t *data = training->data;
    mesh_classifier_parts_t parts = { .linear_share = candidate->linear_share,
                                      .platt = candidate->platt };
    mesh_logistic_matrix_t *matrix;
    double *weights;

    if (candidate->linear_share > 0) {
        matrix = mesh_logistic_matrix(
            mesh_encoder_view(stage->encoder, data->table, scratch),
            stage->encoder, stage->rows, stage->n, scratch);
        weights = apr_pcalloc(scratch, (apr_size_t)matrix->n_features
                                           * sizeof(*weights));
        if (!training->is_stopped) {
            mesh_logistic_fit(weights, &parts.intercept, matrix, stage->labels,
                              stage->c, FINE, scratch);
        }
        parts.weights = weights;
    }
    if (candidate->linear_share < 1) {
        parts.trees = stage->boosted->trees;
    }
    tell(training);
    return mesh_classifier_make(data, stage->encoder, &parts, result);
}

/* ---- The report --------------------------------------------------------- */

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
    int columns = mesh_classifier_columns(model);
    /* Trees take long to explain; some rows will do. */
    int step = model->trees ? 1 + table->n_rows / WEIGHED_ROWS : 1;
    int n = 0;
    int *some = apr_palloc(scratch, (apr_size_t)table->n_rows * sizeof(*some));
    mesh_classifier_feature_t *features =
        apr_palloc(result, (apr_size_t)columns * sizeof(*features));
    const mesh_classifier_prediction_t *rows;

    for (int i = 0; i < table->n_rows; i += step) {
        some[n++] = i;
    }
    rows = mesh_classifier_predict_some(model, table, some, n, 1, scratch);
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

static void report_candidates(training_t *training,
                              mesh_classifier_report_t *report,
                              const stage_t *stage,
                              const candidate_t *candidates, int n,
                              const candidate_t *chosen, apr_pool_t *result,
                              apr_pool_t *scratch)
{
    double *probabilities =
        apr_palloc(result, (apr_size_t)stage->n * sizeof(*probabilities));

    for (int i = 0; i < n; i++) {
        report->candidates[i] = (mesh_classifier_candidate_t){
            .algorithm = candidates[i].name,
            .log_loss_cv = candidates[i].log_loss,
            .auc_cv =
                auc_by_fold(candidates[i].scores, stage->labels, stage->fold,
                            training->folds, stage->n, scratch),
        };
        if (&candidates[i] == chosen) {
            report->algorithm = chosen->name;
            report->auc_cv = report->candidates[i].auc_cv;
            report->log_loss_cv = chosen->log_loss;
        }
    }
    report->n_candidates = n;
    if (training->problem) {
        report->candidates[report->n_candidates++] =
            (mesh_classifier_candidate_t){
                .algorithm = MESH_CLASSIFIER_BOOSTED_NAME,
                .log_loss_cv = NAN,
                .auc_cv = NAN,
                .problem = apr_pstrdup(result, training->problem),
            };
    }
    for (int i = 0; i < stage->n; i++) {
        probabilities[i] = mesh_calibration_logistic(
            chosen->platt.slope * chosen->scores[i] + chosen->platt.shift);
    }
    report->probabilities_cv = probabilities;
    report->linear_share = chosen->linear_share;
    report->c = chosen->linear_share > 0 ? stage->c : NAN;
    if (chosen->linear_share < 1) {
        report->trees = mesh_trees_count(stage->boosted->trees);
        report->depth = stage->boosted->depth;
    }
}

static void report_holdout(mesh_classifier_report_t *report,
                           const mesh_classifier_t *model,
                           const mesh_dataset_t *data, const int *rows, int n,
                           apr_pool_t *scratch)
{
    const mesh_classifier_prediction_t *held =
        mesh_classifier_predict_some(model, data->table, rows, n, 0, scratch);
    const int *truth = mesh_dataset_labels(data, rows, n, scratch);
    double *probabilities =
        apr_palloc(scratch, (apr_size_t)n * sizeof(*probabilities));

    for (int i = 0; i < n; i++) {
        probabilities[i] = held[i].probability;
    }
    report->holdout_rows = n;
    report->auc_holdout = mesh_metrics_auc(probabilities, truth, n, scratch);
    report->brier = mesh_metrics_brier(probabilities, truth, n);
    report->ece =
        mesh_metrics_calibration(probabilities, truth, n, report->bins);
    report->lift10 = mesh_metrics_lift10(probabilities, truth, n, scratch);
}

/* ---- Training ----------------------------------------------------------- */

/* Score STAGE's rows by all there is to try.  What BEFORE chose is kept. */
static mesh_err_t *try_all(training_t *training, stage_t *stage,
                           const int *rows, int n, const stage_t *before,
                           apr_pool_t *result, apr_pool_t *desk)
{
    const mesh_dataset_t *data = training->data;
    int *fold = apr_palloc(result, (apr_size_t)n * sizeof(*fold));
    mesh_err_t *err;

    stage->rows = rows;
    stage->n = n;
    stage->c = before ? before->c : 0;
    stage->labels = mesh_dataset_labels(data, rows, n, result);
    stage->fold = fold;
    mesh_folds_deal(fold, training->folds, data->labels, data->groups, rows, n,
                    FOLD_SEED, desk);
    stage->encoder = mesh_encoder_fit(data->table, data->columns,
                                      data->n_columns, rows, n, result, desk);
    if (training->has_weights) {
        try_weights(training, stage, result, desk);
        apr_pool_clear(desk);
    }
    if (!training->has_trees || training->is_stopped) {
        return NULL;
    }
    err = try_trees(training, stage, before ? before->boosted : NULL, result,
                    desk);
    apr_pool_clear(desk);
    if (err && training->has_weights && !training->is_stopped) {
        /* One who asked for the best gets the best there is. */
        training->problem = err->message;
        training->has_trees = 0;
        return NULL;
    }
    return err;
}

static mesh_err_t *learn(training_t *training, mesh_classifier_t **model,
                         mesh_classifier_report_t *report, const int *rows,
                         int n, apr_pool_t *result, apr_pool_t *scratch)
{
    const mesh_dataset_t *data = training->data;
    apr_size_t size = (apr_size_t)n * sizeof(int);
    int *fold = apr_palloc(scratch, size), *parted = apr_palloc(scratch, size);
    int *where = apr_palloc(scratch, size), n_held, n_all, n_part;
    stage_t part = { 0 }, all = { 0 };
    candidate_t of_all[MESH_CLASSIFIER_MAX_CANDIDATES];
    candidate_t of_part[MESH_CLASSIFIER_MAX_CANDIDATES];
    const candidate_t *chosen;
    apr_pool_t *desk = make_desk(scratch);

    mesh_folds_deal(fold, HOLDOUT_FOLDS, data->labels, data->groups, rows, n,
                    HOLDOUT_SEED, scratch);
    n_held = mesh_folds_part(parted, where, rows, fold, n, 0);
    MESH_TRY(try_all(training, &part, parted, n - n_held, NULL, scratch, desk));
    if (!training->is_stopped) {
        /* What the model is made of must live as long as it. */
        MESH_TRY(try_all(training, &all, rows, n, &part, result, desk));
    }
    if (training->is_stopped) {
        return NULL;
    }
    if (!all.boosted) {
        part.boosted = NULL;
    }
    n_all = judge_all(of_all, &all, scratch);
    n_part = judge_all(of_part, &part, scratch);
    chosen = best_of(of_all, n_all);
    report_candidates(training, report, &all, of_all, n_all, chosen, result,
                      scratch);
    report_holdout(report,
                   fit(training, &part, named(of_part, n_part, chosen->name),
                       scratch, desk),
                   data, parted + n - n_held, n_held, desk);
    apr_pool_clear(desk);
    *model = fit(training, &all, chosen, result, desk);
    apr_pool_clear(desk);
    weigh_features(report, *model, data->table, result, desk);
    apr_pool_destroy(desk);
    return NULL;
}

/* What there is to try, and if not trees, why. */
static mesh_err_t *look_around(training_t *training, int rarer, apr_pool_t *p)
{
    const mesh_classifier_plan_t *plan = training->plan;

    training->has_weights = plan->algorithm != MESH_CLASSIFIER_BOOSTED;
    training->has_trees = plan->algorithm != MESH_CLASSIFIER_LOGISTIC;
    if (training->has_trees && !plan->booster) {
        training->problem = "There is no trainer of trees here.";
    }
    else if (plan->algorithm == MESH_CLASSIFIER_AUTO
             && rarer < MIN_CLASS_FOR_TREES) {
        training->problem = "The rarer class has too few rows for trees.";
    }
    if (training->problem) {
        training->has_trees = 0;
        if (!training->has_weights) {
            return mesh_err(p, MESH_INVALID, "no_trainer", "%s",
                            training->problem);
        }
    }
    training->all =
        2 + (training->has_weights ? training->folds * (N_COSTS + 1) : 0)
        + (training->has_trees ? 2 * TREE_STEPS : 0);
    return NULL;
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
    mesh_err_t *err;
    int n = table->n_rows, *rows, rarer, most;

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

    rarer = data->positives < n - data->positives ? data->positives
                                                  : n - data->positives;
    training.data = data;
    /* Once a fifth is held out, every fold still has a row of each class. */
    most = rarer - (rarer + HOLDOUT_FOLDS - 1) / HOLDOUT_FOLDS;
    training.folds = training.folds < most ? training.folds : most;
    MESH_TRY(look_around(&training, rarer, result));

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
    err = learn(&training, model, made, rows, n, result, scratch);
    if (training.is_stopped) {
        *model = NULL;
        return mesh_err(result, MESH_BUSY, "stopped",
                        "The training was stopped.");
    }
    MESH_TRY(err);
    *report = made;
    return NULL;
}
