/* SPDX-License-Identifier: Apache-2.0 */
/* dataset.c -- a table made ready to learn from, or the reason why not. */
#include "algo/dataset.h"

#include <math.h>
#include <string.h>
#include <apr_cstr.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include "algo/folds.h"
#include "algo/metrics.h"

/* A text column that has more values than this, and more than half as many as
 * it has texts, names rows or describes them in prose. */
#define MIN_UNIQUE 10

#define LEAK_FOLDS 5
#define LEAK_SEED  3

/* What tables call the thing that one wants to foresee. */
static const char *const positive_words[] = {
    "1",
    "yes",
    "y",
    "true",
    "t",
    "churn",
    "churned",
    "lost",
    "left",
    "leaver",
    "cancelled",
    "canceled",
    "cancel",
    "exited",
    "terminated",
    "attrited",
    "attrited customer",
    "positive",
    "inactive",
};

static int is_listed(const apr_array_header_t *names, const char *name)
{
    for (int i = 0; names && i < names->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(names, i, const char *), name) == 0) {
            return 1;
        }
    }
    return 0;
}

static int is_named(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

static const mesh_table_column_t *column_named(const mesh_table_t *table,
                                               const char *name)
{
    int at = mesh_table_find(table, name);

    return at >= 0 ? &table->columns[at] : NULL;
}

/* ---- The target --------------------------------------------------------- */

static int means_positive(const char *value, const char *other)
{
    for (apr_size_t i = 0; i < sizeof(positive_words) / sizeof(*positive_words);
         i++) {
        if (apr_cstr_casecmp(value, positive_words[i]) == 0) {
            return i > 0 || strcmp(other, "0") == 0 || strcmp(other, "-1") == 0;
        }
    }
    return 0;
}

static mesh_err_t *choose_positive(mesh_dataset_t *data, const char *wanted,
                                   const char *target,
                                   const char *const *values, const int *counts,
                                   apr_pool_t *p)
{
    int chosen = counts[1] < counts[0];

    if (wanted) {
        wanted = mesh_table_canonical(wanted, p);
        chosen = strcmp(wanted, values[1]) == 0;
        if (strcmp(wanted, values[chosen]) != 0) {
            return mesh_err(p, MESH_INVALID, "bad_positive",
                            "\"%s\" is not a value of \"%s\", which has \"%s\" "
                            "and \"%s\".",
                            wanted, target, values[0], values[1]);
        }
    }
    else if (means_positive(values[0], values[1])
             != means_positive(values[1], values[0])) {
        chosen = means_positive(values[1], values[0]);
    }
    else if (counts[0] == counts[1]) {
        chosen = strcmp(values[1], values[0]) > 0; /* whatever the order */
    }
    data->positive = apr_pstrdup(p, values[chosen]);
    data->negative = apr_pstrdup(p, values[!chosen]);
    data->positives = counts[chosen];
    return NULL;
}

static mesh_err_t *check_size(const mesh_dataset_t *data, apr_pool_t *p)
{
    int n = data->table->n_rows, rarer = data->positives;

    rarer = rarer < n - rarer ? rarer : n - rarer;
    if (n < MESH_DATASET_MIN_ROWS || rarer < MESH_DATASET_MIN_CLASS) {
        return mesh_err(p, MESH_INVALID, "too_few_rows",
                        "There are %d rows, %d of them \"%s\" and %d \"%s\"; "
                        "learning takes at least %d rows and %d of each.",
                        n, data->positives, data->positive, n - data->positives,
                        data->negative, MESH_DATASET_MIN_ROWS,
                        MESH_DATASET_MIN_CLASS);
    }
    return NULL;
}

static mesh_err_t *find_target(mesh_dataset_t *data,
                               const mesh_dataset_plan_t *plan, apr_pool_t *p)
{
    int n = data->table->n_rows, counts[2] = { 0, 0 };
    const mesh_table_column_t *target = column_named(data->table, plan->target);
    char buffers[2][MESH_TEXT_NUMBER_SIZE], buffer[MESH_TEXT_NUMBER_SIZE];
    const char *values[2] = { "", "" };
    int *labels = apr_palloc(p, (apr_size_t)n * sizeof(*labels));

    if (!target) {
        return mesh_err(p, MESH_INVALID, "target_missing",
                        "There is no column \"%s\" to learn.", plan->target);
    }
    if (n == 0) {
        return mesh_err(p, MESH_INVALID, "too_few_rows", "There are no rows.");
    }
    for (int i = 0; i < n && target->missing > 0; i++) {
        if (!mesh_table_text(&target->cells[i], buffer)) {
            return mesh_err(p, MESH_INVALID, "target_has_gaps",
                            "\"%s\" is missing in %d of %d rows, first in row "
                            "%d; leave those rows out.",
                            plan->target, target->missing, n, i + 1);
        }
    }
    if (target->distinct == 1) {
        return mesh_err(p, MESH_INVALID, "one_class",
                        "\"%s\" is \"%s\" in every row; there is nothing to "
                        "tell apart.",
                        plan->target, mesh_table_text(target->cells, buffer));
    }
    if (target->distinct > 2) {
        return mesh_err(p, MESH_INVALID, "target_not_binary",
                        "\"%s\" has %d values; it must have two.", plan->target,
                        target->distinct);
    }
    for (int i = 0; i < n; i++) {
        const char *text = mesh_table_text(&target->cells[i], buffer);

        labels[i] = counts[0] > 0 && strcmp(text, values[0]) != 0;
        if (counts[labels[i]] == 0) {
            values[labels[i]] =
                mesh_table_text(&target->cells[i], buffers[labels[i]]);
        }
        counts[labels[i]]++;
    }
    MESH_TRY(
        choose_positive(data, plan->positive, plan->target, values, counts, p));
    if (strcmp(data->positive, values[1]) != 0) {
        for (int i = 0; i < n; i++) {
            labels[i] = !labels[i];
        }
    }
    data->labels = labels;
    return check_size(data, p);
}

/* ---- Columns that give the answer away ---------------------------------- */

static double auc_of_numbers(const mesh_dataset_t *data,
                             const mesh_table_column_t *column,
                             apr_pool_t *scratch)
{
    int n = data->table->n_rows;
    double *x = apr_palloc(scratch, (apr_size_t)n * sizeof(*x)), best = 0;

    /* A date of leaving is missing for those who stay: a gap is an answer. */
    for (int side = -1; side <= 1; side += 2) {
        double auc;

        for (int i = 0; i < n; i++) {
            x[i] = column->cells[i].number;
            x[i] = isnan(x[i]) ? side * HUGE_VAL : x[i];
        }
        auc = mesh_metrics_auc(x, data->labels, n, scratch);
        best = fmax(best, fmax(auc, 1 - auc));
    }
    return best;
}

typedef struct {
    int n[LEAK_FOLDS + 1]; /* the last is all of them */
    int positives[LEAK_FOLDS + 1];
} rate_t;

static double auc_of_category(const mesh_dataset_t *data,
                              const mesh_table_column_t *column,
                              const int *fold, apr_pool_t *scratch)
{
    int n = data->table->n_rows;
    double base = (double)data->positives / n;
    double *x = apr_palloc(scratch, (apr_size_t)n * sizeof(*x));
    rate_t **rates = apr_palloc(scratch, (apr_size_t)n * sizeof(*rates));
    apr_hash_t *seen = apr_hash_make(scratch);

    for (int i = 0; i < n; i++) {
        const char *text = column->cells[i].text;
        rate_t *rate;

        text = text ? text : "";
        rate = apr_hash_get(seen, text, APR_HASH_KEY_STRING);
        if (!rate) {
            rate = apr_pcalloc(scratch, sizeof(*rate));
            apr_hash_set(seen, text, APR_HASH_KEY_STRING, rate);
        }
        rates[i] = rate;
        rate->n[fold[i]]++;
        rate->n[LEAK_FOLDS]++;
        rate->positives[fold[i]] += data->labels[i];
        rate->positives[LEAK_FOLDS] += data->labels[i];
    }
    for (int i = 0; i < n; i++) {
        const rate_t *rate = rates[i];

        x[i] = (rate->positives[LEAK_FOLDS] - rate->positives[fold[i]] + base)
               / (rate->n[LEAK_FOLDS] - rate->n[fold[i]] + 1);
    }
    return mesh_metrics_auc(x, data->labels, n, scratch);
}

/* ---- Choosing columns --------------------------------------------------- */

static void ignore(mesh_dataset_t *data, const char *column, const char *why)
{
    mesh_dataset_ignored_t *ignored = apr_array_push(data->ignored);

    ignored->column = column;
    ignored->why = why;
}

static mesh_err_t *check_names(const mesh_table_t *table,
                               const mesh_dataset_plan_t *plan, apr_pool_t *p)
{
    const apr_array_header_t *lists[] = { plan->exclude, plan->force };
    const char *names[] = { plan->id, plan->group };
    const char *unknown = NULL;

    for (int i = 0; i < 2; i++) {
        if (names[i] && mesh_table_find(table, names[i]) < 0) {
            unknown = names[i];
        }
        for (int k = 0; lists[i] && k < lists[i]->nelts; k++) {
            const char *name = APR_ARRAY_IDX(lists[i], k, const char *);

            if (mesh_table_find(table, name) < 0) {
                unknown = name;
            }
        }
    }
    if (unknown) {
        return mesh_err(p, MESH_INVALID, "unknown_column",
                        "There is no column \"%s\".", unknown);
    }
    return NULL;
}

static mesh_err_t *check_columns(const mesh_table_t *table, const int *columns,
                                 int n_columns, apr_pool_t *p)
{
    const char *names = NULL;

    for (int i = 0; i < n_columns; i++) {
        const mesh_table_column_t *column = &table->columns[columns[i]];

        if (column->too_large >= 0) {
            return mesh_err(p, MESH_INVALID, "number_out_of_range",
                            "Row %d has %s in \"%s\"; numbers go from -1e15 to "
                            "1e15.",
                            column->too_large + 1,
                            column->cells[column->too_large].text,
                            column->name);
        }
        if (column->distinct + (column->missing > 0) <= 1) {
            names =
                names ? apr_pstrcat(p, names, ", \"", column->name, "\"", NULL)
                      : apr_pstrcat(p, "\"", column->name, "\"", NULL);
        }
    }
    if (names) {
        return mesh_err(p, MESH_INVALID, "constant_column",
                        "These columns have the same value in every row, or "
                        "none: %s. Name them in \"exclude\".",
                        names);
    }
    return NULL;
}

/* Take the candidates COLUMNS, but for prose and leaks. */
static void take_columns(mesh_dataset_t *data, const mesh_dataset_plan_t *plan,
                         const int *columns, int n_columns, apr_pool_t *result,
                         apr_pool_t *scratch)
{
    int n = data->table->n_rows;
    int *taken = apr_palloc(result, (apr_size_t)n_columns * sizeof(*taken));
    int *rows = apr_palloc(scratch, (apr_size_t)n * sizeof(*rows));
    int *fold = apr_palloc(scratch, (apr_size_t)n * sizeof(*fold));
    apr_pool_t *iterpool;

    for (int i = 0; i < n; i++) {
        rows[i] = i;
    }
    mesh_folds_deal(fold, LEAK_FOLDS, data->labels, data->groups, rows, n,
                    LEAK_SEED, scratch);
    apr_pool_create(&iterpool, scratch);
    for (int i = 0; i < n_columns; i++) {
        const mesh_table_column_t *column = &data->table->columns[columns[i]];
        int is_number = column->kind == MESH_TABLE_NUMBER;
        int is_forced = is_listed(plan->force, column->name);
        double auc;

        apr_pool_clear(iterpool);
        if (!is_number && !is_forced && column->distinct > MIN_UNIQUE
            && column->distinct > (n - column->missing) / 2) {
            ignore(data, column->name, "unique_text");
            continue;
        }
        auc = is_number ? auc_of_numbers(data, column, iterpool)
                        : auc_of_category(data, column, fold, iterpool);
        if (auc > MESH_DATASET_LEAK_AUC) {
            mesh_dataset_leak_t *leak = apr_array_push(data->leaks);

            leak->column = column->name;
            leak->auc = auc;
            leak->is_forced = is_forced;
            if (!is_forced) {
                ignore(data, column->name, "leak");
                continue;
            }
        }
        taken[data->n_columns++] = columns[i];
    }
    apr_pool_destroy(iterpool);
    data->columns = taken;
}

/* A number per distinct value of COLUMN; a gap is like no other row. */
static const int *number_groups(const mesh_table_column_t *column, int n,
                                apr_pool_t *result, apr_pool_t *scratch)
{
    int *groups = apr_palloc(result, (apr_size_t)n * sizeof(*groups));
    apr_hash_t *seen = apr_hash_make(scratch);
    char buffer[MESH_TEXT_NUMBER_SIZE];

    for (int i = 0; i < n; i++) {
        const char *text = mesh_table_text(&column->cells[i], buffer);
        const int *first =
            text ? apr_hash_get(seen, text, APR_HASH_KEY_STRING) : NULL;

        groups[i] = first ? *first : i;
        if (text && !first) {
            apr_hash_set(seen, apr_pstrdup(scratch, text), APR_HASH_KEY_STRING,
                         &groups[i]);
        }
    }
    return groups;
}

mesh_err_t *mesh_dataset_make(mesh_dataset_t **dataset,
                              const mesh_table_t *table,
                              const mesh_dataset_plan_t *plan,
                              apr_pool_t *result, apr_pool_t *scratch)
{
    mesh_dataset_t *data = apr_pcalloc(result, sizeof(*data));
    int *columns =
        apr_palloc(scratch, (apr_size_t)table->n_columns * sizeof(*columns));
    int n_columns = 0;

    *dataset = NULL;
    data->table = table;
    data->leaks = apr_array_make(result, 4, sizeof(mesh_dataset_leak_t));
    data->ignored = apr_array_make(result, 4, sizeof(mesh_dataset_ignored_t));
    MESH_TRY(find_target(data, plan, result));
    MESH_TRY(check_names(table, plan, result));
    for (int i = 0; i < table->n_columns; i++) {
        const char *name = table->columns[i].name;

        if (is_named(plan->target, name)) {
            continue;
        }
        if (is_named(plan->id, name)) {
            ignore(data, name, "id");
        }
        else if (is_named(plan->group, name)) {
            ignore(data, name, "group");
        }
        else if (is_listed(plan->exclude, name)) {
            ignore(data, name, "excluded");
        }
        else {
            columns[n_columns++] = i;
        }
    }
    MESH_TRY(check_columns(table, columns, n_columns, result));
    if (plan->group) {
        data->groups = number_groups(column_named(table, plan->group),
                                     table->n_rows, result, scratch);
    }
    take_columns(data, plan, columns, n_columns, result, scratch);
    if (data->n_columns == 0) {
        return mesh_err(result, MESH_INVALID, "no_columns",
                        "No column is left to learn from.");
    }
    *dataset = data;
    return NULL;
}

int *mesh_dataset_labels(const mesh_dataset_t *data, const int *rows, int n,
                         apr_pool_t *p)
{
    int *labels = apr_palloc(p, (apr_size_t)n * sizeof(*labels));

    for (int i = 0; i < n; i++) {
        labels[i] = data->labels[rows[i]];
    }
    return labels;
}
