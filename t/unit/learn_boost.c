/* SPDX-License-Identifier: Apache-2.0 */
/* learn_boost.c -- trees from the trainer, and models that are made of them. */
#include "tap.h"

#include <unistd.h>
#include <apr_file_info.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "algo/classifier.h"
#include "mesh/learn_boost.h"

static apr_pool_t *pool;

/* Where a build in development puts it. */
#define TRAINER ".build/mspmesh-train"

/* A fixed sequence from 0 to 1 (Knuth's MMIX generator). */
static double next(apr_uint64_t *state)
{
    *state = *state * APR_UINT64_C(6364136223846793005)
             + APR_UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* ---- What XGBoost says, and we --------------------------------------------
 */

#define ROWS     600
#define FEATURES 6

static mesh_boosting_task_t task_of(void)
{
    static const int depths[] = { 2, 4 };
    float *values = apr_palloc(pool, ROWS * FEATURES * sizeof(float));
    unsigned char *labels = apr_palloc(pool, ROWS);
    unsigned char *folds = apr_palloc(pool, ROWS);
    apr_uint64_t seed = 11;

    for (int i = 0; i < ROWS; i++) {
        float *row = values + i * FEATURES;

        for (int k = 0; k < FEATURES; k++) {
            row[k] = (float)(next(&seed) * (k == 1 ? 1e6 : 1));
            if (k == 3) {
                row[k] = row[k] > 0.5f;
            }
            if (next(&seed) < 0.1) {
                row[k] = NAN;
            }
        }
        labels[i] = (row[0] > 0.5f) != (row[2] > 0.3f) ? next(&seed) < 0.9
                                                       : next(&seed) < 0.2;
        folds[i] = (unsigned char)(i % 5);
    }
    return (mesh_boosting_task_t){ .n_rows = ROWS,
                                   .n_features = FEATURES,
                                   .n_folds = 5,
                                   .values = values,
                                   .labels = labels,
                                   .folds = folds,
                                   .n_depths = 2,
                                   .depths = depths,
                                   .trees = 100,
                                   .sample = 0.6,
                                   .row_sample = 0.7 };
}

static void agrees(const char *path)
{
    mesh_boosting_task_t task = task_of();
    const double *margins, *contributions;
    double worst = 0, worst_share = 0, worst_sum = 0;
    mesh_boosting_t *grown, *again;
    const mesh_booster_t *booster = mesh_learn_booster(path, pool);
    int is_same = 1;
    mesh_err_t *err =
        mesh_learn_show(&grown, &margins, &contributions, &task, path, pool);

    ok(!err, "trees are grown");
    if (err) {
        printf("# %s\n", err->message);
        return;
    }
    ok(grown->depth >= 2 && grown->rounds > 20
           && mesh_trees_count(grown->trees) == grown->rounds,
       "%d of depth %d, at rate %g", grown->rounds, grown->depth, grown->rate);
    for (int i = 0; i < ROWS; i++) {
        const float *row = task.values + i * FEATURES;
        const double *theirs = contributions + i * (FEATURES + 1);
        double ours[FEATURES] = { 0 }, margin, sum;

        mesh_trees_explain(grown->trees, row, ours);
        margin = mesh_trees_margin(grown->trees, row);
        sum = mesh_trees_expected(grown->trees);
        is_same &=
            mesh_trees_margin_in_floats(grown->trees, row) == (float)margins[i];
        worst = fmax(worst, fabs(margin - margins[i]));
        for (int k = 0; k < FEATURES; k++) {
            worst_share = fmax(worst_share, fabs(ours[k] - theirs[k]));
            sum += ours[k];
        }
        worst_share = fmax(worst_share, fabs(mesh_trees_expected(grown->trees)
                                             - theirs[FEATURES]));
        worst_sum = fmax(worst_sum, fabs(sum - margin));
    }
    ok(is_same, "we say what XGBoost says, to the last bit of its floats");
    /* Its floats round at every tree. */
    ok(worst < 5e-6, "and in doubles what its floats round (%.1e)", worst);
    ok(worst_share < 1e-5, "and give the same reasons (%.1e)", worst_share);
    ok(worst_sum < 1e-9, "which add up (%.1e)", worst_sum);
    err = booster->grow(&again, &task, NULL, NULL, booster->baton, pool);
    ok(!err, "they are grown again");
    is_text(err ? ""
                : mesh_json_format(mesh_trees_save(again->trees, pool), pool),
            mesh_json_format(mesh_trees_save(grown->trees, pool), pool),
            "and are the same");
}

static int at_once(void *unused)
{
    (void)unused;
    return 1;
}

static void fails(const char *path)
{
    mesh_boosting_task_t task = task_of();
    const mesh_booster_t *booster = mesh_learn_booster("/bin/true", pool);
    unsigned char *labels = apr_pmemdup(pool, task.labels, ROWS);
    mesh_boosting_t *grown;
    mesh_err_t *err;

    err = booster->grow(&grown, &task, NULL, NULL, booster->baton, pool);
    is_text(err ? err->name : NULL, "trainer_failed",
            "a program that answers nothing is no trainer");
    ok(!mesh_learn_booster("/nowhere/trainer", pool)
           && !mesh_learn_booster(NULL, pool),
       "where there is no program there is no booster");
    if (!path) {
        return;
    }
    booster = mesh_learn_booster(path, pool);
    labels[7] = 2;
    task.labels = labels;
    err = booster->grow(&grown, &task, NULL, NULL, booster->baton, pool);
    is_text(err ? err->name : NULL, "trainer_failed",
            "the trainer refuses what is no job");
    task = task_of();
    err = booster->grow(&grown, &task, at_once, NULL, booster->baton, pool);
    is_text(err ? err->name : NULL, "stopped", "it can be stopped");
}

/* ---- Models -------------------------------------------------------------- */

/* Clients who leave when two things differ, which no sum can say. */
static mesh_table_t *clients(int n, apr_uint64_t seed)
{
    static const char *const names[] = { "x", "plan", "y", "left" };
    static const char *const plans[] = { "basic", "silver", "gold" };
    mesh_table_t *table = mesh_table_make(names, 4, n, pool);

    for (int i = 0; i < n; i++) {
        double x = next(&seed), y = next(&seed);
        int plan = (int)(3 * next(&seed));

        mesh_table_put_number(table, i, 0, x);
        mesh_table_put_text(table, i, 1, plans[plan]);
        if (next(&seed) > 0.05) {
            mesh_table_put_number(table, i, 2, y);
        }
        mesh_table_put_number(
            table, i, 3,
            next(&seed) < ((x > 0.5) != (y > 0.5) ? 0.9 : 0.1 + 0.1 * plan));
    }
    mesh_table_infer(table);
    return table;
}

static void is_a_model(const mesh_classifier_t *model, const char *what)
{
    mesh_table_t *fresh = clients(300, 9);
    const char *text =
        mesh_json_format(mesh_classifier_save(model, pool), pool);
    const mesh_classifier_prediction_t *with =
        mesh_classifier_predict(model, fresh, 1, pool);
    const mesh_classifier_prediction_t *after = NULL;
    mesh_classifier_t *loaded;
    mesh_json_t *json;
    double worst = 0;
    int is_same = 1;

    if (!mesh_json_parse(&json, text, strlen(text), pool)
        && !mesh_classifier_load(&loaded, json, pool)) {
        after = mesh_classifier_predict(loaded, fresh, 0, pool);
    }
    for (int i = 0; i < 300; i++) {
        double sum = mesh_classifier_base(model);

        for (int k = 0; k < mesh_classifier_columns(model); k++) {
            sum += with[i].contributions[k];
        }
        worst = fmax(worst, fabs(sum - with[i].log_odds));
        is_same &= after && after[i].log_odds == with[i].log_odds;
    }
    ok(worst < 1e-9, "%s: base and contributions are the log-odds", what);
    ok(is_same, "%s: saved and loaded it predicts the same", what);
    mesh_json_remove(mesh_json_member(json, "forest"), "base");
    ok(mesh_classifier_load(&loaded, json, pool) != NULL,
       "%s: without its forest it is none", what);
}

static void learns(const char *path)
{
    mesh_classifier_plan_t plan = { .data = { .target = "left" } };
    mesh_classifier_report_t *report;
    mesh_classifier_t *model;
    mesh_booster_t broken = *mesh_learn_booster("/bin/true", pool);
    mesh_table_t *table = clients(1500, 3);
    mesh_err_t *err;

    plan.booster = mesh_learn_booster(path, pool);
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    ok(!err && report->n_candidates == 3 && report->trees > 0
           && report->candidates[1].log_loss_cv + 0.1
                  < report->candidates[0].log_loss_cv,
       "of two, the one that understands is found");
    ok(!err && report->auc_holdout > 0.85 && report->auc_cv > 0.85,
       "and does well (%.3f, %.3f)", report->auc_holdout, report->auc_cv);
    ok(!err && report->ece < 0.08, "and is calibrated (%.3f)", report->ece);
    is_a_model(model, report->algorithm);
    plan.algorithm = MESH_CLASSIFIER_BOOSTED;
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    ok(!err && !strcmp(report->algorithm, "boosted")
           && report->n_candidates == 1 && report->linear_share == 0,
       "trees alone can be asked for");
    is_a_model(model, "boosted");

    plan.booster = &broken;
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    is_text(err ? err->name : NULL, "trainer_failed",
            "who asks for trees is told that there are none");
    plan.algorithm = MESH_CLASSIFIER_AUTO;
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    ok(!err && !strcmp(report->algorithm, "logistic")
           && report->n_candidates == 2 && report->candidates[1].problem,
       "who asks for the best gets the best there is, and is told");
    plan.booster = NULL;
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    ok(!err && !strcmp(report->algorithm, "logistic")
           && report->candidates[1].problem,
       "also where there is no trainer at all");
    plan.algorithm = MESH_CLASSIFIER_BOOSTED;
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    is_text(err ? err->name : NULL, "no_trainer", "which is an error by name");
    plan.booster = mesh_learn_booster(path, pool);
    plan.algorithm = MESH_CLASSIFIER_AUTO;
    err = mesh_classifier_train(&model, &report, clients(80, 4), &plan, pool,
                                pool);
    ok(!err && report->candidates[1].problem, "few rows are not worth trees");
}

int main(void)
{
    char *here, *path = NULL;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_filepath_get(&here, 0, pool);
    path = apr_pstrcat(pool, here, "/" TRAINER, NULL);
    if (access(path, X_OK) != 0) {
        skip("mspmesh-train is not built", "trees are grown");
        path = NULL;
    }
    fails(path);
    if (path) {
        agrees(path);
        learns(path);
    }
    apr_terminate();
    return done_testing();
}
