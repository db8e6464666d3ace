/* SPDX-License-Identifier: Apache-2.0 */
/* boost.c -- boosted trees, learnt by XGBoost. */
#include "train/boost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include <xgboost/c_api.h>

/* Rows that are missing a value are told by NaN. */
#define MISSING NAN

/* To choose the depth with: steps that are large, a look after each few, and
 * the end when so many brought nothing. */
static const struct pace_t {
    double rate;
    int rounds, step, patience;
} coarse = { 0.3, 150, 5, 15 };

#define FINE_STEP     10
#define FINE_PATIENCE 50
#define MIN_RATE      0.03

/* XGBoost says what is wrong in a text of its own. */
#define TRY_XGB(p, call)                                                      \
    do {                                                                      \
        if ((call) != 0) {                                                    \
            return mesh_err(p, MESH_BUG, "xgboost", "%s", XGBGetLastError()); \
        }                                                                     \
    } while (0)

static apr_status_t free_matrix(void *handle)
{
    XGDMatrixFree(handle);
    return APR_SUCCESS;
}

static apr_status_t free_booster(void *handle)
{
    XGBoosterFree(handle);
    return APR_SUCCESS;
}

/* ---- Matrices and boosters ---------------------------------------------- */

/* The rows of JOB that are in fold AT, or those that are not; all when AT is
 * negative. */
static int is_in(const mesh_boost_job_t *job, int row, int at, int is_held)
{
    return at < 0 || (job->folds[row] == at) == is_held;
}

static mesh_err_t *make_matrix(DMatrixHandle *matrix, int *n_made,
                               const mesh_boost_job_t *job, int at, int is_held,
                               apr_pool_t *p)
{
    apr_size_t width = (apr_size_t)job->n_features;
    apr_pool_t *scratch;
    float *values, *labels;
    int n = 0;

    apr_pool_create(&scratch, p);
    for (int i = 0; i < job->n_rows; i++) {
        n += is_in(job, i, at, is_held);
    }
    values = apr_palloc(scratch, ((apr_size_t)n * width + 1) * sizeof(float));
    labels = apr_palloc(scratch, ((apr_size_t)n + 1) * sizeof(float));
    n = 0;
    for (int i = 0; i < job->n_rows; i++) {
        if (is_in(job, i, at, is_held)) {
            memcpy(values + (apr_size_t)n * width,
                   job->values + (apr_size_t)i * width, width * sizeof(float));
            labels[n++] = job->labels[i];
        }
    }
    *n_made = n;
    TRY_XGB(p, XGDMatrixCreateFromMat_omp(values, (bst_ulong)n, width, MISSING,
                                          matrix, 1));
    apr_pool_cleanup_register(p, *matrix, free_matrix, apr_pool_cleanup_null);
    TRY_XGB(p, XGDMatrixSetFloatInfo(*matrix, "label", labels, (bst_ulong)n));
    apr_pool_destroy(scratch);
    return NULL;
}

/* Where all trees begin: the share of positives among those learnt from. */
static float share_of(const mesh_boost_job_t *job, int at)
{
    int n = 0, positives = 0;

    for (int i = 0; i < job->n_rows; i++) {
        if (is_in(job, i, at, 0)) {
            n++;
            positives += job->labels[i];
        }
    }
    return ((float)positives + 0.5f) / ((float)n + 1);
}

static mesh_err_t *make_booster(BoosterHandle *booster,
                                const mesh_boost_job_t *job, int depth,
                                double rate, float share,
                                const DMatrixHandle *matrices, int n_matrices,
                                apr_pool_t *p)
{
    const char *const settings[][2] = {
        { "objective", "binary:logistic" },
        { "tree_method", "hist" },
        { "nthread", "1" },
        { "verbosity", "0" },
        { "max_depth", apr_itoa(p, depth) },
        { "eta", apr_psprintf(p, "%.6f", rate) },
        { "colsample_bynode", apr_psprintf(p, "%.6f", job->sample) },
        { "subsample", apr_psprintf(p, "%.6f", job->row_sample) },
        { "base_score", apr_psprintf(p, "%.8f", (double)share) },
        { "seed", apr_itoa(p, job->seed) },
    };

    TRY_XGB(p, XGBoosterCreate(matrices, (bst_ulong)n_matrices, booster));
    apr_pool_cleanup_register(p, *booster, free_booster, apr_pool_cleanup_null);
    for (apr_size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        TRY_XGB(p, XGBoosterSetParam(*booster, settings[i][0], settings[i][1]));
    }
    return NULL;
}

/* ---- Cross-validation --------------------------------------------------- */

typedef struct {
    int at;
    BoosterHandle booster; /* NULL: nothing to learn from, or to judge */
    DMatrixHandle seen, held;
} fold_t;

typedef struct {
    int depth;
    int rounds;
    double loss;
    float *scores;
} found_t;

static mesh_err_t *judge(float *scores, const mesh_boost_job_t *job,
                         const fold_t *fold, apr_pool_t *p)
{
    const float *margins;
    bst_ulong n;
    int k = 0;

    TRY_XGB(p,
            XGBoosterPredict(fold->booster, fold->held, 1, 0, 0, &n, &margins));
    for (int i = 0; i < job->n_rows; i++) {
        if (is_in(job, i, fold->at, 1)) {
            scores[i] = margins[k++];
        }
    }
    return NULL;
}

static double loss_of(const float *scores, const mesh_boost_job_t *job)
{
    double sum = 0;

    for (int i = 0; i < job->n_rows; i++) {
        double x = job->labels[i] ? -(double)scores[i] : (double)scores[i];

        sum += x > 30 ? x : log1p(exp(x));
    }
    return sum / job->n_rows;
}

static mesh_err_t *grow(found_t *best, const mesh_boost_job_t *job, int depth,
                        const struct pace_t *pace, fold_t *folds, float *scores,
                        apr_pool_t *p)
{
    double least = INFINITY; /* at this depth */

    for (int k = 0; k < job->n_folds; k++) {
        fold_t *fold = &folds[k];
        DMatrixHandle both[] = { fold->seen, fold->held };

        if (fold->seen) {
            MESH_TRY(make_booster(&fold->booster, job, depth, pace->rate,
                                  share_of(job, fold->at), both, 2, p));
        }
    }
    for (int round = 0, since = 0;
         round < pace->rounds && since < pace->patience;) {
        double loss;

        for (int k = 0; k < job->n_folds; k++) {
            for (int i = 0; folds[k].seen && i < pace->step; i++) {
                TRY_XGB(p, XGBoosterUpdateOneIter(folds[k].booster, round + i,
                                                  folds[k].seen));
            }
            if (folds[k].seen) {
                MESH_TRY(judge(scores, job, &folds[k], p));
            }
        }
        round += pace->step;
        since += pace->step;
        loss = loss_of(scores, job);
        if (loss < least) {
            least = loss;
            since = 0;
        }
        if (loss < best->loss) {
            *best = (found_t){ depth, round, loss, best->scores };
            memcpy(best->scores, scores,
                   (apr_size_t)job->n_rows * sizeof(*scores));
        }
    }
    return NULL;
}

static mesh_err_t *make_folds(fold_t *folds, const mesh_boost_job_t *job,
                              apr_pool_t *p)
{
    for (int k = 0; k < job->n_folds; k++) {
        int n_seen = 0, n_held = 0;

        for (int i = 0; i < job->n_rows; i++) {
            n_held += job->folds[i] == k;
        }
        n_seen = job->n_rows - n_held;
        folds[k].at = k;
        if (n_seen > 0 && n_held > 0) {
            MESH_TRY(make_matrix(&folds[k].seen, &n_seen, job, k, 0, p));
            MESH_TRY(make_matrix(&folds[k].held, &n_held, job, k, 1, p));
        }
    }
    return NULL;
}

/* The best of trees of DEPTHS, at PACE. */
static mesh_err_t *compare(found_t *best, const mesh_boost_job_t *job,
                           const int *depths, int n_depths,
                           const struct pace_t *pace, fold_t *folds,
                           apr_pool_t *p)
{
    apr_size_t size = (apr_size_t)job->n_rows * sizeof(float);
    apr_pool_t *iterpool;

    *best = (found_t){ .loss = INFINITY, .scores = apr_pcalloc(p, size) };
    apr_pool_create(&iterpool, p);
    for (int i = 0; i < n_depths; i++) {
        apr_pool_clear(iterpool);
        MESH_TRY(grow(best, job, depths[i], pace, folds,
                      apr_pcalloc(iterpool, size), iterpool));
    }
    apr_pool_destroy(iterpool);
    return NULL;
}

static mesh_err_t *cross_validate(found_t *best, double *rate,
                                  const mesh_boost_job_t *job, apr_pool_t *p)
{
    fold_t *folds = apr_pcalloc(p, (apr_size_t)job->n_folds * sizeof(*folds));
    int depth = job->depths[0];
    struct pace_t fine;

    *rate = job->rate;
    MESH_TRY(make_folds(folds, job, p));
    if (*rate == 0) {
        MESH_TRY(
            compare(best, job, job->depths, job->n_depths, &coarse, folds, p));
        depth = best->depth;
        *rate = fmin(fmax(coarse.rate * best->rounds / job->trees, MIN_RATE),
                     coarse.rate);
    }
    fine = (struct pace_t){ *rate, 2 * job->trees, FINE_STEP, FINE_PATIENCE };
    return compare(best, job, &depth, 1, &fine, folds, p);
}

/* ---- The forest, in our form -------------------------------------------- */

static double number_at(const mesh_json_t *tree, const char *name,
                        apr_int64_t i)
{
    return mesh_json_number(
        mesh_json_element(mesh_json_member(tree, name), (apr_size_t)i));
}

static apr_int64_t integer_at(const mesh_json_t *tree, const char *name,
                              apr_int64_t i)
{
    return mesh_json_integer(
        mesh_json_element(mesh_json_member(tree, name), (apr_size_t)i));
}

/* Nodes in the order in which a walk by levels meets them: XGBoost's own
 * numbers may have holes where it cut branches off. */
static void add_tree(mesh_json_t *list, const mesh_json_t *tree, apr_pool_t *p)
{
    static const char *const names[] = { "feature", "split",   "left",
                                         "right",   "missing", "cover" };
    apr_size_t room = mesh_json_count(mesh_json_member(tree, "left_children"));
    apr_int64_t *queue = apr_palloc(p, (room + 2) * sizeof(*queue));
    mesh_json_t *to = mesh_json_add_object(list), *arrays[6];
    apr_size_t n = 1;

    for (int i = 0; i < 6; i++) {
        arrays[i] = mesh_json_set_array(to, names[i]);
    }
    queue[0] = 0;
    for (apr_size_t i = 0; i < n && n <= room; i++) {
        apr_int64_t at = queue[i];
        apr_int64_t left = integer_at(tree, "left_children", at);
        /* Written as 0 and 1, or as false and true. */
        const mesh_json_t *flag = mesh_json_element(
            mesh_json_member(tree, "default_left"), (apr_size_t)at);
        int is_left = mesh_json_true(flag) || mesh_json_integer(flag);
        int has_more = left >= 0;

        mesh_json_add_integer(
            arrays[0], has_more ? integer_at(tree, "split_indices", at) : -1);
        mesh_json_add_number(arrays[1],
                             number_at(tree, "split_conditions", at));
        mesh_json_add_integer(arrays[2], has_more ? (apr_int64_t)n : 0);
        mesh_json_add_integer(arrays[3], has_more ? (apr_int64_t)n + 1 : 0);
        mesh_json_add_integer(
            arrays[4], has_more ? (apr_int64_t)n + (is_left ? 0 : 1) : 0);
        mesh_json_add_number(arrays[5], number_at(tree, "sum_hessian", at));
        if (has_more) {
            queue[n++] = left;
            queue[n++] = integer_at(tree, "right_children", at);
        }
    }
}

static mesh_err_t *tell_trees(mesh_json_t *answer, BoosterHandle booster,
                              float share, apr_pool_t *p)
{
    static const char *const path[] = { "learner", "gradient_booster", "model",
                                        "trees" };
    mesh_json_t *whole, *forest = mesh_json_set_object(answer, "trees"), *list;
    const mesh_json_t *trees;
    const char *text;
    bst_ulong length;

    TRY_XGB(p, XGBoosterSaveModelToBuffer(booster, "{\"format\":\"json\"}",
                                          &length, &text));
    MESH_TRY(mesh_json_parse(&whole, text, length, p));
    trees = whole;
    for (apr_size_t i = 0; trees && i < sizeof(path) / sizeof(*path); i++) {
        trees = mesh_json_member(trees, path[i]);
    }
    if (!trees) {
        return mesh_err(p, MESH_BUG, "xgboost", "It writes another format.");
    }
    /* As XGBoost turns a probability into a margin. */
    mesh_json_set_number(forest, "base", (double)-logf(1.0f / share - 1.0f));
    list = mesh_json_set_array(forest, "trees");
    for (apr_size_t i = 0; i < mesh_json_count(trees); i++) {
        add_tree(list, mesh_json_element(trees, i), p);
    }
    return NULL;
}

static mesh_err_t *show(mesh_json_t *answer, const char *name, int option,
                        BoosterHandle booster, DMatrixHandle all, apr_pool_t *p)
{
    mesh_json_t *list = mesh_json_set_array(answer, name);
    const float *values;
    bst_ulong n;

    TRY_XGB(p, XGBoosterPredict(booster, all, option, 0, 0, &n, &values));
    for (bst_ulong i = 0; i < n; i++) {
        mesh_json_add_number(list, (double)values[i]);
    }
    return NULL;
}

mesh_err_t *mesh_boost_learn(mesh_json_t **answer, const mesh_boost_job_t *job,
                             apr_pool_t *p)
{
    mesh_json_t *made = mesh_json_object(p), *scores;
    found_t best = { 0 };
    BoosterHandle booster;
    DMatrixHandle all;
    apr_pool_t *stage;
    double rate;
    float share;
    int n;

    apr_pool_create(&stage, p);
    MESH_TRY(cross_validate(&best, &rate, job, stage));
    mesh_json_set_integer(made, "depth", best.depth);
    mesh_json_set_number(made, "rate", rate);
    mesh_json_set_integer(made, "rounds", best.rounds);
    mesh_json_set_number(made, "log_loss", best.loss);
    scores = mesh_json_set_array(made, "scores");
    for (int i = 0; i < job->n_rows; i++) {
        mesh_json_add_number(scores, (double)best.scores[i]);
    }
    apr_pool_destroy(stage);

    /* What is read again is what it starts from. */
    share = strtof(apr_psprintf(p, "%.8f", (double)share_of(job, -1)), NULL);
    MESH_TRY(make_matrix(&all, &n, job, -1, 0, p));
    MESH_TRY(make_booster(&booster, job, best.depth, rate, share, &all, 1, p));
    for (int round = 0; round < best.rounds; round++) {
        TRY_XGB(p, XGBoosterUpdateOneIter(booster, round, all));
    }
    MESH_TRY(tell_trees(made, booster, share, p));
    if (job->must_show) {
        MESH_TRY(show(made, "margins", 1, booster, all, p));
        MESH_TRY(show(made, "contributions", 4, booster, all, p));
    }
    *answer = made;
    return NULL;
}
