/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_save.c -- an encoder as JSON, and back. */
#include <math.h>
#include <string.h>
#include <apr_strings.h>

#include "algo/encoder_int.h"

/*
 * {"columns": [
 *   {"name", "kind": "number", "low", "high", "mean", "spread", "log_mean",
 *    "log_spread", "tents": [...], "gap": true, "means": [...]},
 *   {"name", "kind": "category", "levels": [...], "other": true, "gap": true,
 *    "means": [...]}]}
 */

/* What a hostile model may not exceed, so that no sum of it overflows. */
#define MAX_COLUMNS 1000

static void save_numbers(mesh_json_t *object, const char *name, const double *x,
                         int n)
{
    mesh_json_t *array = mesh_json_set_array(object, name);

    for (int i = 0; i < n; i++) {
        mesh_json_add_number(array, x[i]);
    }
}

mesh_json_t *mesh_encoder_save(const mesh_encoder_t *encoder, apr_pool_t *p)
{
    mesh_json_t *json = mesh_json_object(p);
    mesh_json_t *columns = mesh_json_set_array(json, "columns");

    for (int i = 0; i < encoder->n_columns; i++) {
        const mesh_encoder_column_t *column = &encoder->columns[i];
        mesh_json_t *to = mesh_json_add_object(columns);
        int is_number = column->kind == MESH_TABLE_NUMBER;

        mesh_json_set_text(to, "name", column->name);
        mesh_json_set_text(to, "kind", is_number ? "number" : "category");
        if (is_number) {
            mesh_json_set_number(to, "low", column->low);
            mesh_json_set_number(to, "high", column->high);
            mesh_json_set_number(to, "mean", column->mean);
            mesh_json_set_number(to, "spread", column->spread);
            mesh_json_set_number(to, "log_mean", column->log_mean);
            mesh_json_set_number(to, "log_spread", column->log_spread);
            save_numbers(to, "tents", column->tents, column->n_tents);
        }
        else {
            mesh_json_t *levels = mesh_json_set_array(to, "levels");

            for (int k = 0; k < column->n_levels; k++) {
                mesh_json_add_text(levels, column->levels[k]);
            }
            mesh_json_set_boolean(to, "other", column->other >= 0);
        }
        mesh_json_set_boolean(to, "gap", column->gap >= 0);
        save_numbers(to, "means", encoder->means + column->first,
                     mesh_encoder_parts(column));
    }
    return json;
}

static mesh_err_t *refuse(apr_pool_t *p, const char *name)
{
    return mesh_err(p, MESH_INVALID, "bad_model",
                    "This is no model of ours: its member \"%s\" is missing or "
                    "not as it was written.",
                    name);
}

static mesh_err_t *load_number(double *x, const mesh_json_t *object,
                               const char *name, double low, double high,
                               apr_pool_t *p)
{
    const mesh_json_t *member = mesh_json_member(object, name);

    if (!member || !mesh_json_is_number(member)) {
        return refuse(p, name);
    }
    *x = mesh_json_number(member);
    return *x >= low && *x <= high ? NULL : refuse(p, name);
}

static mesh_err_t *load_flag(int *feature, const mesh_json_t *object,
                             const char *name, apr_pool_t *p)
{
    const mesh_json_t *member = mesh_json_member(object, name);

    if (!member || mesh_json_kind(member) != MESH_JSON_BOOLEAN) {
        return refuse(p, name);
    }
    *feature = mesh_json_true(member) ? 0 : -1;
    return NULL;
}

/* An array of at most MAX elements, its count in *N. */
static mesh_err_t *load_array(const mesh_json_t **array, int *n,
                              const mesh_json_t *object, const char *name,
                              int max, apr_pool_t *p)
{
    *array = mesh_json_member(object, name);
    if (!*array || mesh_json_kind(*array) != MESH_JSON_ARRAY
        || mesh_json_count(*array) > (apr_size_t)max) {
        return refuse(p, name);
    }
    *n = (int)mesh_json_count(*array);
    return NULL;
}

static mesh_err_t *load_spread(double *x, const mesh_json_t *object,
                               const char *name, apr_pool_t *p)
{
    MESH_TRY(load_number(x, object, name, 0, MESH_TABLE_MAX_NUMBER * 2, p));
    return *x == 0 || *x >= MESH_ENCODER_MIN_SPREAD ? NULL : refuse(p, name);
}

static mesh_err_t *load_number_column(mesh_encoder_column_t *column,
                                      const mesh_json_t *json, apr_pool_t *p)
{
    const double max = MESH_TABLE_MAX_NUMBER;
    const mesh_json_t *array;
    double *tents;

    MESH_TRY(load_number(&column->low, json, "low", -max, max, p));
    MESH_TRY(load_number(&column->high, json, "high", column->low, max, p));
    MESH_TRY(load_number(&column->mean, json, "mean", -max, max, p));
    MESH_TRY(load_spread(&column->spread, json, "spread", p));
    MESH_TRY(load_number(&column->log_mean, json, "log_mean", -max, max, p));
    MESH_TRY(load_spread(&column->log_spread, json, "log_spread", p));
    if (mesh_encoder_has_log(column) && column->low < 0) {
        return refuse(p, "low");
    }
    MESH_TRY(load_array(&array, &column->n_tents, json, "tents",
                        MESH_ENCODER_MAX_TENTS, p));
    if (column->n_tents == 1) {
        return refuse(p, "tents");
    }
    tents = apr_palloc(p, MESH_ENCODER_MAX_TENTS * sizeof(*tents));
    for (int i = 0; i < column->n_tents; i++) {
        const mesh_json_t *tent = mesh_json_element(array, (apr_size_t)i);

        tents[i] = mesh_json_number(tent);
        if (!mesh_json_is_number(tent) || !(fabs(tents[i]) <= max)
            || (i > 0 && !(tents[i] > tents[i - 1]))) {
            return refuse(p, "tents");
        }
    }
    column->tents = tents;
    return NULL;
}

static mesh_err_t *load_category_column(mesh_encoder_column_t *column,
                                        const mesh_json_t *json, apr_pool_t *p)
{
    const mesh_json_t *array;

    MESH_TRY(load_array(&array, &column->n_levels, json, "levels",
                        MESH_ENCODER_MAX_LEVELS, p));
    column->levels =
        apr_palloc(p, (apr_size_t)column->n_levels * sizeof(*column->levels));
    for (int i = 0; i < column->n_levels; i++) {
        const mesh_json_t *level = mesh_json_element(array, (apr_size_t)i);

        if (mesh_json_kind(level) != MESH_JSON_STRING) {
            return refuse(p, "levels");
        }
        column->levels[i] = apr_pstrdup(p, mesh_json_text(level));
    }
    mesh_encoder_index_levels(column, p);
    if (apr_hash_count(column->by_level) != (unsigned)column->n_levels) {
        return refuse(p, "levels");
    }
    return load_flag(&column->other, json, "other", p);
}

static mesh_err_t *load_column(mesh_encoder_column_t *column,
                               const mesh_json_t *json, apr_pool_t *p)
{
    const mesh_json_t *name, *kind;

    column->gap = column->other = -1;
    if (mesh_json_kind(json) != MESH_JSON_OBJECT) {
        return refuse(p, "columns");
    }
    name = mesh_json_member(json, "name");
    if (!name || mesh_json_kind(name) != MESH_JSON_STRING) {
        return refuse(p, "name");
    }
    column->name = apr_pstrdup(p, mesh_json_text(name));
    MESH_TRY(load_flag(&column->gap, json, "gap", p));
    kind = mesh_json_member(json, "kind");
    if (!kind || mesh_json_kind(kind) != MESH_JSON_STRING) {
        return refuse(p, "kind");
    }
    if (strcmp(mesh_json_text(kind), "number") == 0) {
        column->kind = MESH_TABLE_NUMBER;
        return load_number_column(column, json, p);
    }
    if (strcmp(mesh_json_text(kind), "category") == 0) {
        column->kind = MESH_TABLE_CATEGORY;
        return load_category_column(column, json, p);
    }
    return refuse(p, "kind");
}

mesh_err_t *mesh_encoder_load(mesh_encoder_t **encoder, const mesh_json_t *json,
                              apr_pool_t *p)
{
    mesh_encoder_t *made = apr_pcalloc(p, sizeof(*made));
    apr_hash_t *names = apr_hash_make(p);
    const mesh_json_t *columns;

    *encoder = NULL;
    if (!json || mesh_json_kind(json) != MESH_JSON_OBJECT) {
        return refuse(p, "encoder");
    }
    MESH_TRY(load_array(&columns, &made->n_columns, json, "columns",
                        MAX_COLUMNS, p));
    made->columns = apr_pcalloc(p, (apr_size_t)made->n_columns
                                       * sizeof(mesh_encoder_column_t));
    for (int i = 0; i < made->n_columns; i++) {
        mesh_encoder_column_t *column = &made->columns[i];

        MESH_TRY(
            load_column(column, mesh_json_element(columns, (apr_size_t)i), p));
        apr_hash_set(names, column->name, APR_HASH_KEY_STRING, column);
    }
    if (apr_hash_count(names) != (unsigned)made->n_columns) {
        return refuse(p, "columns");
    }
    mesh_encoder_lay_out(made, p);
    for (int i = 0; i < made->n_columns; i++) {
        const mesh_encoder_column_t *column = &made->columns[i];
        const mesh_json_t *means;
        int n;

        MESH_TRY(load_array(&means, &n,
                            mesh_json_element(columns, (apr_size_t)i), "means",
                            made->n_features, p));
        if (n != mesh_encoder_parts(column)) {
            return refuse(p, "means");
        }
        for (int k = 0; k < n; k++) {
            const mesh_json_t *mean = mesh_json_element(means, (apr_size_t)k);
            double x = mesh_json_number(mean);

            if (!mesh_json_is_number(mean) || !(x >= 0 && x <= 1)) {
                return refuse(p, "means");
            }
            made->means[column->first + k] = x;
        }
    }
    *encoder = made;
    return NULL;
}
