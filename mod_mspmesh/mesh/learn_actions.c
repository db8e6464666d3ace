/* SPDX-License-Identifier: Apache-2.0 */
/* learn_actions.c -- what agents that learn from tables have in common: rows
 * for a posted model, the models there are, and the shape of the requests. */
#include <string.h>
#include <apr_strings.h>

#include "algo/classifier.h"
#include "mesh/call_state.h"

/* Above this many rows contributions are told only if they are asked for. */
#define EXPLAINED_ROWS 1000

/* ---- Rows for a posted model -------------------------------------------- */

/* Members of the rows that the model does not know. */
static void tell_ignored(mesh_json_t *out, const mesh_table_t *table,
                         const mesh_classifier_t *classifier)
{
    mesh_json_t *ignored = mesh_json_set_array(out, "ignored");

    for (int i = 0; i < table->n_columns; i++) {
        int is_known = 0;

        for (int j = 0; j < mesh_classifier_columns(classifier); j++) {
            is_known |= !strcmp(table->columns[i].name,
                                mesh_classifier_column(classifier, j));
        }
        if (!is_known) {
            mesh_json_add_text(ignored, table->columns[i].name);
        }
    }
}

static mesh_err_t *bad_cell(const mesh_classifier_t *classifier, int row,
                            int column, apr_pool_t *p)
{
    return mesh_err_at(
        mesh_err(p, MESH_INVALID, "bad_cell",
                 "The model takes a number here, up to 1e15."),
        p,
        apr_psprintf(p, "/rows/%d/%s", row,
                     mesh_classifier_column(classifier, column)));
}

static const char *no_words(const char *column, double value, apr_pool_t *p)
{
    (void)column;
    (void)value;
    (void)p;
    return NULL;
}

static void explain(mesh_json_t *result, const mesh_classifier_t *classifier,
                    const mesh_table_t *table, int row,
                    const mesh_classifier_prediction_t *prediction,
                    apr_pool_t *p)
{
    mesh_learn_explain(result, classifier, table, row, prediction,
                       "The average row", no_words, p);
    /* A row repeats itself if it also says these. */
    mesh_json_remove(result, "factors");
    mesh_json_remove(result, "feature_importance");
}

mesh_err_t *
mesh_learn_predict(mesh_call_t *call, const mesh_json_t *in, mesh_json_t *out,
                   void (*describe)(mesh_json_t *result, double probability))
{
    apr_pool_t *p = call->pool;
    const mesh_json_t *rows = mesh_json_member(in, "rows");
    const mesh_json_t *wish = mesh_json_member(in, "explain");
    int want_why =
        wish ? mesh_json_true(wish) : mesh_json_count(rows) <= EXPLAINED_ROWS;
    const mesh_classifier_prediction_t *predictions;
    const mesh_classifier_t *classifier;
    const char *id;
    mesh_json_t *results;
    mesh_table_t *table;
    mesh_model_t *model;
    mesh_err_t *err;

    MESH_TRY(mesh_learn_find(call, &model, &classifier,
                             mesh_json_member_text(in, "model")));
    if (!classifier) {
        return mesh_err_at(mesh_err(p, MESH_NOT_FOUND, "unknown_model",
                                    "There is no model of this name that is "
                                    "ready."),
                           p, "/model");
    }
    err = mesh_table_of_json(&table, rows, p);
    if (err) {
        return mesh_err_at(err, p, apr_pstrcat(p, "/rows", err->pointer, NULL));
    }
    id = mesh_json_member_text(model->metrics, "id");
    mesh_json_set_text(out, "model_used", model->name);
    mesh_json_set_integer(out, "model_version", model->version);
    tell_ignored(out, table, classifier);
    results = mesh_json_set_array(out, "results");
    predictions = mesh_classifier_predict(classifier, table, want_why, p);
    for (int i = 0; i < table->n_rows; i++) {
        mesh_json_t *result = mesh_json_add_object(results);
        const mesh_json_t *row = mesh_json_element(rows, (apr_size_t)i);

        if (predictions[i].bad_column >= 0) {
            return bad_cell(classifier, i, predictions[i].bad_column, p);
        }
        if (id && mesh_json_member(row, id)) {
            mesh_json_set(result, "id",
                          mesh_json_copy(mesh_json_member(row, id), p));
        }
        describe(result, predictions[i].probability);
        if (want_why) {
            explain(result, classifier, table, i, &predictions[i], p);
        }
    }
    return NULL;
}

/* ---- The models there are ----------------------------------------------- */

mesh_err_t *mesh_learn_models(mesh_call_t *call, const mesh_json_t *in,
                              mesh_json_t *out)
{
    mesh_json_t *models = mesh_json_set_array(out, "models");

    (void)in;
    MESH_TRY(mesh_model_list(call, models));
    mesh_json_set_integer(out, "total", (apr_int64_t)mesh_json_count(models));
    return NULL;
}

mesh_err_t *mesh_learn_model(mesh_call_t *call, const mesh_json_t *in,
                             mesh_json_t *out)
{
    return mesh_model_show(call, out, mesh_json_member_text(in, "name"));
}

/* ---- The shape of it ---------------------------------------------------- */

static const mesh_field_t text[] = { { "", MESH_STRING } };
static const mesh_field_t cell[] = { { "", MESH_SCALAR, 0, 0, 65536 } };
static const mesh_field_t column[] = { { "", MESH_STRING, 0, 1, 200 } };

const mesh_field_t mesh_learn_row[] = {
    { "", MESH_MAP, 0, 1, 1000, NULL, cell },
};

static const char *const directions[] = { "up", "down", NULL };

static const mesh_field_t factor_fields[] = {
    { "feature", MESH_STRING, MESH_REQUIRED, 0, 0, "Column, or base_rate." },
    { "value", MESH_SCALAR, MESH_REQUIRED, 0, 0, "Null when not known." },
    { "contribution", MESH_NUMBER, MESH_REQUIRED, 0, 0, "In log-odds." },
    { "direction", MESH_STRING, MESH_REQUIRED, 0, 0, NULL, NULL, directions },
    { "words", MESH_STRING, MESH_REQUIRED, 0, 0, "The same, to read." },
    { NULL },
};

const mesh_field_t mesh_learn_factor[] = {
    { "", MESH_OBJECT, 0, 0, 0, NULL, factor_fields },
};

static const char *const algorithms[] = { "auto", "logistic", "boosted", NULL };
static const char *const sources[] = { "history", NULL };

const mesh_field_t mesh_learn_train_input[] = {
    { "from", MESH_STRING, 0, 0, 0,
      "history: learn from your own rows; needs nothing else.", NULL, sources },
    { "model", MESH_STRING, 0, 1, 64, "Its name.", NULL, NULL,
      MESH_LEARN_MODEL_NAME },
    { "target", MESH_STRING, 0, 1, 200, "The column to learn." },
    { "positive", MESH_SCALAR, 0, 0, 200, "Its value to predict." },
    { "id", MESH_STRING, 0, 1, 200, "The column that names a row." },
    { "rows", MESH_ARRAY, 0, 1, 100000, "The table, or", mesh_learn_row },
    { "csv", MESH_STRING, 0, 0, 33554432, "the table as one string." },
    { "exclude", MESH_ARRAY, 0, 0, 1000, "Columns not to learn from.", column },
    { "force", MESH_ARRAY, 0, 0, 1000,
      "Columns to learn from although they look like leaks.", column },
    { "algorithm", MESH_STRING, 0, 0, 0,
      "Default auto: the best by cross-validated log loss, or a blend.", NULL,
      algorithms },
    { "folds", MESH_INTEGER, 0, 2, 10, "Of cross-validation; default 5." },
    { NULL },
};

const mesh_field_t mesh_learn_train_output[] = {
    { "model", MESH_STRING, MESH_REQUIRED | MESH_IN_EVENT },
    { "version", MESH_INTEGER, MESH_IN_EVENT },
    { "state", MESH_STRING, MESH_REQUIRED | MESH_IN_EVENT },
    { "rows", MESH_INTEGER },
    { "ignored", MESH_ARRAY, 0, 0, 0, "Columns not learned from.", text },
    { NULL },
};

/* What the job is given: the request as it was checked, and its model. */
const mesh_field_t mesh_learn_fit_input[] = {
    { "from", MESH_STRING },     { "model", MESH_STRING },
    { "model_id", MESH_STRING }, { "version", MESH_INTEGER },
    { "target", MESH_STRING },   { "positive", MESH_SCALAR },
    { "id", MESH_STRING },       { "rows", MESH_ARRAY },
    { "csv", MESH_STRING },      { "exclude", MESH_ARRAY },
    { "force", MESH_ARRAY },     { "algorithm", MESH_STRING },
    { "folds", MESH_INTEGER },   { NULL },
};

const mesh_field_t mesh_learn_fit_output[] = {
    { "model", MESH_STRING, MESH_IN_EVENT, 0, 0, "What was learned." },
    { "version", MESH_INTEGER, MESH_IN_EVENT },
    { "state", MESH_STRING, MESH_IN_EVENT },
    { "have", MESH_OBJECT, 0, 0, 0, "What there was to learn from." },
    { "need", MESH_OBJECT, 0, 0, 0, "What was missing." },
    { NULL },
};

const mesh_field_t mesh_learn_models_output[] = {
    { "models", MESH_ARRAY, MESH_REQUIRED, 0, 0, "The newest of each name." },
    { "total", MESH_INTEGER, MESH_REQUIRED },
    { NULL },
};

const mesh_field_t mesh_learn_model_input[] = {
    { "name", MESH_STRING, MESH_REQUIRED | MESH_IN_PATH, 1, 64, "Its name.",
      NULL, NULL, MESH_LEARN_MODEL_NAME },
    { NULL },
};
