/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classifier.h -- learn who leaves from a table of who left, and say why.
 *
 * The model is a logistic regression over encoded columns, or boosted trees, or
 * a blend of both: their scores averaged with fixed weights.  Calibrated by a
 * line, its log-odds are a sum: a base, near the log-odds of the average row,
 * and one contribution per source column, which is what the column says beyond
 * the average (for trees: their Shapley values, algo/trees.h).
 *
 *     base + contributions = log-odds        (to 1e-9)
 *     probability = 1 / (1 + exp(-log-odds))
 *
 * Pool: a model and a report live in the pool of train or load.
 * Thread: a model is read only; many may predict with one at a time.
 */
#ifndef MESH_CLASSIFIER_H
#define MESH_CLASSIFIER_H

#include <apr_pools.h>

#include "algo/boosting.h"
#include "algo/dataset.h"
#include "algo/metrics.h"
#include "algo/table.h"
#include "base/err.h"
#include "base/json.h"

#define MESH_CLASSIFIER_FORMAT    1
#define MESH_CLASSIFIER_MIN_FOLDS 2
#define MESH_CLASSIFIER_MAX_FOLDS 10

typedef struct mesh_classifier_t mesh_classifier_t;

/* DONE goes from 0 to 1 and never falls.  True asks to stop. */
typedef int mesh_classifier_progress_t(void *baton, double done);

/* The one with the least log loss over folds, or that one. */
typedef enum {
    MESH_CLASSIFIER_AUTO,
    MESH_CLASSIFIER_LOGISTIC,
    MESH_CLASSIFIER_BOOSTED,
} mesh_classifier_algorithm_t;

typedef struct mesh_classifier_plan_t {
    mesh_dataset_plan_t data;
    mesh_classifier_algorithm_t algorithm;
    const mesh_booster_t *booster;           /* or NULL: no trees */
    int folds;                               /* 0 means 5 */
    mesh_classifier_progress_t *on_progress; /* or NULL */
    void *baton;
} mesh_classifier_plan_t;

typedef struct mesh_classifier_feature_t {
    const char *column;
    mesh_table_kind_t kind;
    double weight; /* standard deviation of its contribution over all rows */
} mesh_classifier_feature_t;

/* What was compared, by all rows, each judged by the other folds and then
 * calibrated. */
typedef struct mesh_classifier_candidate_t {
    const char *algorithm; /* "logistic", "boosted" or "blend" */
    double log_loss_cv;
    double auc_cv;       /* mean over the folds that have both classes */
    const char *problem; /* why it has no figures, or NULL */
} mesh_classifier_candidate_t;

#define MESH_CLASSIFIER_MAX_CANDIDATES 3

typedef struct mesh_classifier_report_t {
    int n_rows;
    int positives;
    const char *positive; /* the value whose probability is predicted */
    const char *negative;
    int folds; /* as used: no more than the rarer class has rows */

    const char *algorithm; /* of the candidates, the best or the one asked */
    int n_candidates;
    mesh_classifier_candidate_t candidates[MESH_CLASSIFIER_MAX_CANDIDATES];
    double c; /* regularisation of weights, chosen by log loss over folds */
    int trees, depth;    /* likewise; 0 when there are none */
    double linear_share; /* of the score: 1 logistic, 0 boosted */

    /* All rows, each predicted by the model of the other folds. */
    double auc_cv; /* mean over the folds that have both classes */
    double log_loss_cv;

    /* A fifth of the rows, which neither the model, nor the choice of its
     * regularisation, nor its calibration has seen; only which algorithm it
     * is was decided by all rows. */
    int holdout_rows;
    double auc_holdout;
    double brier;
    double ece;
    double lift10;
    mesh_metrics_bin_t bins[MESH_METRICS_BINS];

    int n_features;
    const mesh_classifier_feature_t *features; /* heaviest first */
    const apr_array_header_t *leaks;           /* mesh_dataset_leak_t */
    const apr_array_header_t *ignored;         /* mesh_dataset_ignored_t */
    const double *probabilities_cv; /* per row: out of fold, calibrated */
} mesh_classifier_report_t;

typedef struct mesh_classifier_prediction_t {
    double probability;
    double log_odds;
    const double *contributions; /* one per column of the model, or NULL */
    int bad_column; /* -1, or the column of the model whose cell made no sense
                       (text for a number, number out of bounds): it was taken
                       as missing, and the caller may want to refuse the row */
} mesh_classifier_prediction_t;

/*
 * Learn PLAN's target from TABLE, which has been inferred.  INVALID as of
 * mesh_dataset_make(), and "bad_folds", "no_trainer" (trees are asked for, and
 * there is no booster); BUSY "stopped"; what the booster says when trees are
 * asked for.  AUTO does without trees that cannot be had, or are not worth
 * trying, and says so.  5,000 rows of 20 columns take about a second, with
 * trees about four.
 */
mesh_err_t *mesh_classifier_train(mesh_classifier_t **model,
                                  mesh_classifier_report_t **report,
                                  const mesh_table_t *table,
                                  const mesh_classifier_plan_t *plan,
                                  apr_pool_t *result, apr_pool_t *scratch);

/*
 * Predict every row of TABLE: an array of n_rows, in P.  Columns are found by
 * name; one that TABLE lacks is missing in every row, one that the model does
 * not know is ignored.  Contributions are made if WANT_WHY.
 */
mesh_classifier_prediction_t *
mesh_classifier_predict(const mesh_classifier_t *model,
                        const mesh_table_t *table, int want_why, apr_pool_t *p);

/* The columns of the model, in the order of contributions. */
int mesh_classifier_columns(const mesh_classifier_t *model);
const char *mesh_classifier_column(const mesh_classifier_t *model, int column);
mesh_table_kind_t mesh_classifier_kind(const mesh_classifier_t *model,
                                       int column);

/* The log-odds of a row whose contributions are all 0. */
double mesh_classifier_base(const mesh_classifier_t *model);

/* The value of the target whose probability is predicted. */
const char *mesh_classifier_positive(const mesh_classifier_t *model);

/*
 * Write as JSON, read it back.  A model is rounded to what its text can carry
 * when it is made, so that one which was saved, formatted, parsed and loaded
 * predicts to the last bit what it did before.  What is read may come from
 * anywhere: anything that is not a model as written is INVALID "bad_model".
 */
mesh_json_t *mesh_classifier_save(const mesh_classifier_t *model,
                                  apr_pool_t *p);
mesh_err_t *mesh_classifier_load(mesh_classifier_t **model,
                                 const mesh_json_t *json, apr_pool_t *p);

#endif
