/* SPDX-License-Identifier: Apache-2.0 */
/* learn.c -- models from tables: posted ones, or an agent's own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>

#include "algo/classifier.h"
#include "import/csv.h"
#include "mesh/call_state.h"
#include "mesh/learn_boost.h"
#include "mesh/mesh.h"

/* ---- Finding ------------------------------------------------------------ */

static mesh_err_t *load(void **made, const char *artefact, apr_pool_t *p)
{
    mesh_classifier_t *classifier;
    mesh_json_t *json;

    MESH_TRY(mesh_json_parse(&json, artefact, strlen(artefact), p));
    MESH_TRY(mesh_classifier_load(&classifier, json, p));
    *made = classifier;
    return NULL;
}

mesh_err_t *mesh_learn_find(mesh_call_t *call, mesh_model_t **model,
                            const struct mesh_classifier_t **classifier,
                            const char *name)
{
    void *made = NULL;

    *classifier = NULL;
    MESH_TRY(mesh_model_find(call, model, name));
    if (*model) {
        MESH_TRY(mesh_artefact(call, &made, (*model)->id, load));
        *classifier = made;
    }
    return NULL;
}

/* ---- A posted table ----------------------------------------------------- */

/* A value as cells are compared: 1 = 1.0 = "1". */
static const char *value_of(const mesh_json_t *in, const char *name,
                            apr_pool_t *p)
{
    const mesh_json_t *value = mesh_json_member(in, name);

    if (!value || mesh_json_kind(value) == MESH_JSON_NULL) {
        return NULL;
    }
    return mesh_table_canonical(mesh_json_kind(value) == MESH_JSON_STRING
                                    ? mesh_json_text(value)
                                    : mesh_json_format(value, p),
                                p);
}

static apr_array_header_t *names_of(const mesh_json_t *in, const char *name,
                                    apr_pool_t *p)
{
    const mesh_json_t *list = mesh_json_member(in, name);
    apr_array_header_t *names = apr_array_make(p, 4, sizeof(const char *));

    for (apr_size_t i = 0; list && i < mesh_json_count(list); i++) {
        APR_ARRAY_PUSH(names, const char *) =
            mesh_json_text(mesh_json_element(list, i));
    }
    return names;
}

static mesh_err_t *under(mesh_err_t *err, const char *prefix, apr_pool_t *p)
{
    if (err) {
        err->pointer =
            err->pointer ? apr_pstrcat(p, prefix, err->pointer, NULL) : prefix;
    }
    return err;
}

static mesh_err_t *read_table(mesh_table_t **table, const mesh_json_t *in,
                              apr_pool_t *p)
{
    const mesh_json_t *rows = mesh_json_member(in, "rows");
    const mesh_json_t *csv = mesh_json_member(in, "csv");
    mesh_csv_t *read;

    if (!rows == !csv) {
        return mesh_err(p, MESH_INVALID, "missing_member",
                        "Send the table either as rows or as csv.");
    }
    if (csv) {
        MESH_TRY(under(mesh_csv_parse(&read, mesh_json_text(csv),
                                      mesh_json_text_length(csv), p),
                       "/csv", p));
        *table = mesh_table_of_texts(read->names, read->n_columns, read->cells,
                                     read->n_rows, p);
    }
    else {
        MESH_TRY(under(mesh_table_of_json(table, rows, p), "/rows", p));
    }
    mesh_table_infer(*table);
    return NULL;
}

static mesh_classifier_algorithm_t algorithm_of(const mesh_json_t *in)
{
    const char *name = mesh_json_member_text(in, "algorithm");

    return !name || !strcmp(name, "auto") ? MESH_CLASSIFIER_AUTO
           : !strcmp(name, "boosted")     ? MESH_CLASSIFIER_BOOSTED
                                          : MESH_CLASSIFIER_LOGISTIC;
}

static void read_plan(mesh_classifier_plan_t *plan, const mesh_json_t *in,
                      apr_pool_t *p)
{
    memset(plan, 0, sizeof(*plan));
    plan->algorithm = algorithm_of(in);
    plan->data.target = mesh_json_member_text(in, "target");
    plan->data.positive = value_of(in, "positive", p);
    plan->data.id = mesh_json_member_text(in, "id");
    plan->data.exclude = names_of(in, "exclude", p);
    plan->data.force = names_of(in, "force", p);
    plan->folds = (int)mesh_json_integer(mesh_json_member(in, "folds"));
}

static void tell_ignored(mesh_json_t *out, const apr_array_header_t *ignored)
{
    mesh_json_t *list = mesh_json_set_array(out, "ignored");

    for (int i = 0; i < ignored->nelts; i++) {
        mesh_json_add_text(
            list, APR_ARRAY_IDX(ignored, i, mesh_dataset_ignored_t).column);
    }
}

mesh_err_t *mesh_learn_post(mesh_call_t *call, const mesh_json_t *in,
                            mesh_json_t *out, const char *job_action)
{
    apr_pool_t *p = call->pool;
    const char *name = mesh_json_member_text(in, "model"), *job_id;
    mesh_classifier_plan_t plan;
    mesh_dataset_t *data;
    mesh_table_t *table;
    mesh_model_t *model;
    mesh_json_t *task;

    MESH_TRY(mesh_call_must_keep(call));
    MESH_TRY(read_table(&table, in, p));
    read_plan(&plan, in, p);
    if (plan.algorithm == MESH_CLASSIFIER_BOOSTED
        && !mesh_learn_booster(call->order->mesh->trainer, p)) {
        return mesh_err_at(mesh_err(p, MESH_INVALID, "no_trainer",
                                    "Boosted trees need mspmesh-train, which "
                                    "is not installed here; auto and logistic "
                                    "do without."),
                           p, "/algorithm");
    }
    MESH_TRY(mesh_dataset_make(&data, table, &plan.data, p, p));
    MESH_TRY(mesh_model_create(
        call, &model, name,
        mesh_call_sha256(call, call->order->raw, call->order->raw_length)));
    task = mesh_json_copy(in, p);
    mesh_json_set_text(task, "model_id", model->id);
    mesh_json_set_integer(task, "version", model->version);
    MESH_TRY(mesh_enqueue(call, &job_id, job_action, task));
    MESH_TRY(mesh_model_await(call, model, job_id));
    mesh_json_set_text(out, "outcome", "queued");
    mesh_json_set_text(out, "job_id", job_id);
    mesh_json_set_text(out, "model", name);
    mesh_json_set_integer(out, "version", model->version);
    mesh_json_set_text(out, "state", "training");
    mesh_json_set_integer(out, "rows", table->n_rows);
    tell_ignored(out, data->ignored);
    return NULL;
}

/* ---- What was learned, told --------------------------------------------- */

static void set_figure(mesh_json_t *object, const char *name, double x)
{
    mesh_json_set_number(object, name, mesh_json_round(x, 6));
}

static void tell_calibration(mesh_json_t *out,
                             const mesh_classifier_report_t *report)
{
    mesh_json_t *calibration = mesh_json_set_object(out, "calibration"), *bins;

    mesh_json_set_integer(calibration, "n", report->holdout_rows);
    set_figure(calibration, "ece", report->ece);
    set_figure(calibration, "brier", report->brier);
    bins = mesh_json_set_array(calibration, "bins");
    for (int i = 0; i < MESH_METRICS_BINS; i++) {
        const mesh_metrics_bin_t *bin = &report->bins[i];

        if (bin->n) {
            mesh_json_t *entry = mesh_json_add_object(bins);

            set_figure(entry, "predicted", bin->predicted);
            set_figure(entry, "observed", bin->observed);
            mesh_json_set_integer(entry, "n", bin->n);
        }
    }
}

static void tell_columns(mesh_json_t *out,
                         const mesh_classifier_report_t *report)
{
    mesh_json_t *features = mesh_json_set_array(out, "features");
    mesh_json_t *leaks = mesh_json_set_array(out, "leak_warnings");

    for (int i = 0; i < report->n_features; i++) {
        mesh_json_t *entry = mesh_json_add_object(features);

        mesh_json_set_text(entry, "name", report->features[i].column);
        mesh_json_set_text(entry, "kind",
                           report->features[i].kind == MESH_TABLE_NUMBER
                               ? "number"
                               : "category");
        set_figure(entry, "weight", report->features[i].weight);
    }
    for (int i = 0; i < report->leaks->nelts; i++) {
        const mesh_dataset_leak_t *leak =
            &APR_ARRAY_IDX(report->leaks, i, mesh_dataset_leak_t);
        mesh_json_t *entry = mesh_json_add_object(leaks);

        mesh_json_set_text(entry, "column", leak->column);
        set_figure(entry, "auc", leak->auc);
        mesh_json_set_boolean(entry, "dropped", !leak->is_forced);
    }
    tell_ignored(out, report->ignored);
}

/* What was compared, and what came of it. */
static void tell_algorithm(mesh_json_t *out,
                           const mesh_classifier_report_t *report)
{
    mesh_json_t *list = mesh_json_set_array(out, "candidates");

    for (int i = 0; i < report->n_candidates; i++) {
        const mesh_classifier_candidate_t *candidate = &report->candidates[i];
        mesh_json_t *entry = mesh_json_add_object(list);

        mesh_json_set_text(entry, "algorithm", candidate->algorithm);
        set_figure(entry, "log_loss_cv", candidate->log_loss_cv);
        set_figure(entry, "auc_cv", candidate->auc_cv);
        if (candidate->problem) {
            mesh_json_set_text(entry, "problem", candidate->problem);
        }
    }
    mesh_json_set_number(out, "regularisation", report->c);
    if (report->trees) {
        mesh_json_set_integer(out, "trees", report->trees);
        mesh_json_set_integer(out, "depth", report->depth);
        mesh_json_set_number(out, "linear_share", report->linear_share);
    }
}

static mesh_json_t *tell(const mesh_classifier_report_t *report,
                         const mesh_dataset_plan_t *plan, apr_pool_t *p)
{
    mesh_json_t *metrics = mesh_json_object(p);

    mesh_json_set_text(metrics, "target", plan->target);
    mesh_json_set_text(metrics, "positive", report->positive);
    if (plan->id) {
        mesh_json_set_text(metrics, "id", plan->id);
    }
    mesh_json_set_integer(metrics, "positives", report->positives);
    mesh_json_set_integer(metrics, "holdout_rows", report->holdout_rows);
    mesh_json_set_integer(metrics, "folds", report->folds);
    tell_algorithm(metrics, report);
    set_figure(metrics, "auc_cv", report->auc_cv);
    set_figure(metrics, "log_loss_cv", report->log_loss_cv);
    set_figure(metrics, "auc_holdout", report->auc_holdout);
    set_figure(metrics, "brier", report->brier);
    set_figure(metrics, "ece", report->ece);
    set_figure(metrics, "lift10", report->lift10);
    tell_columns(metrics, report);
    tell_calibration(metrics, report);
    return metrics;
}

/* ---- Learning ----------------------------------------------------------- */

typedef struct {
    mesh_call_t *call;
    apr_time_t told;
    mesh_err_t *stopped; /* the job is not ours any more */
} watch_t;

static int on_progress(void *baton, double done)
{
    watch_t *watch = baton;
    apr_time_t now = apr_time_now();

    if (!watch->stopped && now - watch->told > apr_time_from_msec(500)) {
        watch->told = now;
        watch->stopped = mesh_progress(watch->call, done);
    }
    return watch->stopped != NULL;
}

struct mesh_learned_t {
    mesh_classifier_plan_t plan;
    mesh_classifier_t *classifier;
    mesh_classifier_report_t *report;
};

static mesh_err_t *train(mesh_call_t *call, mesh_learned_t *learned,
                         const mesh_table_t *table)
{
    watch_t watch = { .call = call };
    mesh_err_t *err;

    learned->plan.on_progress = on_progress;
    learned->plan.baton = &watch;
    learned->plan.booster =
        mesh_learn_booster(call->order->mesh->trainer, call->pool);
    err = mesh_classifier_train(&learned->classifier, &learned->report, table,
                                &learned->plan, call->pool, call->pool);
    return watch.stopped ? watch.stopped : err;
}

static mesh_err_t *keep(mesh_call_t *call, const mesh_model_t *model,
                        const mesh_learned_t *learned, const char *guard)
{
    return mesh_model_ready(
        call, model, learned->report->algorithm,
        mesh_classifier_save(learned->classifier, call->pool),
        learned->report->n_rows,
        tell(learned->report, &learned->plan.data, call->pool), guard);
}

mesh_err_t *mesh_learn_job(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out)
{
    mesh_model_t model = { .id = mesh_json_member_text(in, "model_id"),
                           .name = mesh_json_member_text(in, "model") };
    mesh_learned_t learned;
    mesh_table_t *table;
    mesh_err_t *err;

    mesh_json_set_text(out, "model", model.name);
    mesh_json_set_integer(out, "version",
                          mesh_json_integer(mesh_json_member(in, "version")));
    read_plan(&learned.plan, in, call->pool);
    err = read_table(&table, in, call->pool);
    if (!err) {
        err = train(call, &learned, table);
    }
    if (err && err->code == MESH_INVALID) {
        mesh_json_set_text(out, "state", "failed");
        return mesh_model_failed(call, model.id, err);
    }
    MESH_TRY(err);
    mesh_json_set_text(out, "state", "ready");
    return keep(call, &model, &learned, NULL);
}

mesh_err_t *mesh_learn_table(mesh_call_t *call, mesh_learned_t **learned,
                             const struct mesh_table_t *table,
                             const struct mesh_dataset_plan_t *plan)
{
    *learned = apr_pcalloc(call->pool, sizeof(**learned));
    (*learned)->plan.data = *plan;
    return train(call, *learned, table);
}

mesh_err_t *mesh_learn_keep(mesh_call_t *call, const char *name,
                            const mesh_learned_t *learned, const char *guard)
{
    mesh_model_t *model;

    MESH_TRY(mesh_model_create(call, &model, name, NULL));
    return keep(call, model, learned, guard);
}

/* ---- Why ---------------------------------------------------------------- */

static const mesh_table_cell_t *cell_at(const mesh_table_t *table, int row,
                                        const char *column)
{
    int at = mesh_table_find(table, column);

    return at < 0 ? NULL : &table->columns[at].cells[row];
}

/* A cell as an answer shows it. */
static void set_cell(mesh_json_t *out, const char *name,
                     const mesh_table_cell_t *cell)
{
    if (cell && cell->text) {
        mesh_json_set_text(out, name, cell->text);
    }
    else {
        mesh_json_set_number(out, name,
                             cell ? mesh_json_round(cell->number, 6) : NAN);
    }
}

static int by_size(const void *a, const void *b)
{
    const double *const *left = a, *const *right = b;
    double difference = fabs(**right) - fabs(**left);

    /* Equal ones stay in the order of columns, so that answers are equal. */
    return difference > 0 ? 1 : difference < 0 ? -1 : *left < *right ? -1 : 1;
}

static void add_factor(mesh_json_t *list, const char *feature,
                       double contribution, const char *words,
                       const mesh_table_cell_t *cell)
{
    mesh_json_t *factor = mesh_json_add_object(list);

    mesh_json_set_text(factor, "feature", feature);
    set_cell(factor, "value", cell);
    mesh_json_set_number(factor, "contribution", contribution);
    mesh_json_set_text(factor, "direction", contribution > 0 ? "up" : "down");
    mesh_json_set_text(factor, "words", words);
}

void mesh_learn_explain(mesh_json_t *out,
                        const struct mesh_classifier_t *classifier,
                        const struct mesh_table_t *table, int row,
                        const struct mesh_classifier_prediction_t *prediction,
                        const char *base_words,
                        const char *(*words)(const char *column, double value,
                                             apr_pool_t *p),
                        apr_pool_t *p)
{
    mesh_json_t *list = mesh_json_set_array(out, "risk_factors");
    mesh_json_t *values = mesh_json_set_object(out, "factors");
    mesh_json_t *shares = mesh_json_set_object(out, "feature_importance");
    int n = mesh_classifier_columns(classifier);
    const double *contributions = prediction->contributions;
    const double **order = apr_palloc(p, (apr_size_t)n * sizeof(*order));
    double base = mesh_classifier_base(classifier), total = 0;
    mesh_table_cell_t rate = { NULL, 1 / (1 + exp(-base)) };

    for (int i = 0; i < n; i++) {
        order[i] = &contributions[i];
        total += fabs(contributions[i]);
    }
    qsort(order, (size_t)n, sizeof(*order), by_size);
    add_factor(list, "base_rate", base, base_words, &rate);
    for (int i = 0; i < n; i++) {
        int column = (int)(order[i] - contributions);
        const char *name = mesh_classifier_column(classifier, column);
        const mesh_table_cell_t *cell = cell_at(table, row, name);
        const char *told = cell && cell->text
                               ? NULL
                               : words(name, cell ? cell->number : NAN, p);

        add_factor(list, name, *order[i], told ? told : name, cell);
        set_cell(values, name, cell);
        mesh_json_set_number(
            shares, name,
            total > 0 ? mesh_json_round(fabs(*order[i]) / total, 4) : 0);
    }
}
