/* SPDX-License-Identifier: Apache-2.0 */
/* table.c -- rows and columns as somebody sent them, and what they mean. */
#include "algo/table.h"

#include <math.h>
#include <string.h>
#include <apr_cstr.h>
#include <apr_strings.h>
#include <apr_tables.h>

static const mesh_table_cell_t missing = { .text = NULL, .number = NAN };

static int is_missing(const mesh_table_cell_t *cell)
{
    return !cell->text && isnan(cell->number);
}

/* What a table of numbers says where it has none. */
static int means_missing(const char *text)
{
    static const char *const words[] = { "na", "n/a", "nan", "null", "none" };

    if (strlen(text) > 4) {
        return 0;
    }
    for (apr_size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (apr_cstr_casecmp(text, words[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* ---- Filling ------------------------------------------------------------ */

mesh_table_t *mesh_table_make(const char *const *names, int n_columns,
                              int n_rows, apr_pool_t *p)
{
    mesh_table_t *table = apr_pcalloc(p, sizeof(*table));

    table->n_rows = n_rows;
    table->n_columns = n_columns;
    table->pool = p;
    table->by_name = apr_hash_make(p);
    table->columns =
        apr_pcalloc(p, (apr_size_t)n_columns * sizeof(*table->columns));
    for (int i = 0; i < n_columns; i++) {
        mesh_table_column_t *column = &table->columns[i];

        column->name = apr_pstrdup(p, names[i]);
        column->too_large = -1;
        column->cells =
            apr_palloc(p, (apr_size_t)n_rows * sizeof(*column->cells));
        for (int row = 0; row < n_rows; row++) {
            column->cells[row] = missing;
        }
        apr_hash_set(table->by_name, column->name, APR_HASH_KEY_STRING, column);
    }
    return table;
}

/*
 * The cell that TEXT is.  Whether a word like "NA" is one is for the column to
 * say, which is not known yet.
 */
static mesh_table_cell_t cell_of(const char *text, apr_pool_t *p)
{
    mesh_table_cell_t cell = missing;

    if (mesh_text_is_number(text, &cell.number)) {
        if (fabs(cell.number) > MESH_TABLE_MAX_NUMBER) {
            cell.text = mesh_text_trim(text, p);
        }
        return cell;
    }
    cell.number = NAN;
    text = mesh_text_trim(text, p);
    if (apr_cstr_casecmp(text, "true") == 0) {
        text = "true";
    }
    else if (apr_cstr_casecmp(text, "false") == 0) {
        text = "false";
    }
    cell.text = *text ? text : NULL;
    return cell;
}

void mesh_table_put_text(mesh_table_t *table, int row, int column,
                         const char *text)
{
    table->columns[column].cells[row] = cell_of(text, table->pool);
}

void mesh_table_put_number(mesh_table_t *table, int row, int column, double x)
{
    mesh_table_cell_t cell = { .text = NULL, .number = x };
    char buffer[MESH_TEXT_NUMBER_SIZE];

    if (fabs(x) > MESH_TABLE_MAX_NUMBER) {
        cell.text =
            apr_pstrdup(table->pool, mesh_text_format_number(x, buffer));
    }
    table->columns[column].cells[row] = cell;
}

static const char *pointer_to(int row, const char *name, apr_pool_t *p)
{
    return mesh_err_pointer(apr_psprintf(p, "/%d", row), name, p);
}

mesh_err_t *mesh_table_put_json(mesh_table_t *table, int row, int column,
                                const mesh_json_t *value)
{
    mesh_table_column_t *to = &table->columns[column];
    apr_int64_t n;

    switch (mesh_json_kind(value)) {
    case MESH_JSON_NULL: to->cells[row] = missing; break;
    case MESH_JSON_BOOLEAN:
        to->cells[row].text = mesh_json_true(value) ? "true" : "false";
        to->cells[row].number = NAN;
        break;
    case MESH_JSON_INTEGER:
        n = mesh_json_integer(value);
        mesh_table_put_number(table, row, column, (double)n);
        if (to->cells[row].text) {
            /* An account number of 17 digits is a name, and keeps them all. */
            to->cells[row].text =
                apr_psprintf(table->pool, "%" APR_INT64_T_FMT, n);
        }
        break;
    case MESH_JSON_REAL:
        mesh_table_put_number(table, row, column, mesh_json_number(value));
        break;
    case MESH_JSON_STRING:
        mesh_table_put_text(table, row, column, mesh_json_text(value));
        break;
    default:
        return mesh_err_at(mesh_err(table->pool, MESH_INVALID, "bad_cell",
                                    "Row %d has an array or an object in "
                                    "\"%s\"; a cell is a text, a number, a "
                                    "boolean or null.",
                                    row + 1, to->name),
                           table->pool, pointer_to(row, to->name, table->pool));
    }
    return NULL;
}

static mesh_err_t *refuse_row(int row, apr_pool_t *p)
{
    return mesh_err_at(mesh_err(p, MESH_INVALID, "not_rows",
                                "Row %d is not an object of columns.", row + 1),
                       p, apr_psprintf(p, "/%d", row));
}

mesh_err_t *mesh_table_put_row(mesh_table_t *table, int row,
                               const mesh_json_t *object)
{
    if (mesh_json_kind(object) != MESH_JSON_OBJECT) {
        return refuse_row(row, table->pool);
    }
    for (mesh_json_iter_t *m = mesh_json_first(object); m;
         m = mesh_json_next(object, m)) {
        int column = mesh_table_find(table, mesh_json_name(m));

        if (column >= 0) {
            MESH_TRY(
                mesh_table_put_json(table, row, column, mesh_json_value(m)));
        }
    }
    return NULL;
}

mesh_table_t *mesh_table_of_texts(const char *const *names, int n_columns,
                                  const char *const *cells, int n_rows,
                                  apr_pool_t *p)
{
    mesh_table_t *table = mesh_table_make(names, n_columns, n_rows, p);

    for (int row = 0; row < n_rows; row++) {
        for (int column = 0; column < n_columns; column++) {
            mesh_table_put_text(table, row, column, *cells++);
        }
    }
    return table;
}

mesh_err_t *mesh_table_of_json(mesh_table_t **table, const mesh_json_t *rows,
                               apr_pool_t *p)
{
    apr_hash_t *seen = apr_hash_make(p);
    apr_array_header_t *names = apr_array_make(p, 32, sizeof(const char *));
    int n_rows = (int)mesh_json_count(rows);

    *table = NULL;
    if (mesh_json_kind(rows) != MESH_JSON_ARRAY) {
        return mesh_err(p, MESH_INVALID, "not_rows",
                        "The rows are not an array of objects.");
    }
    for (int row = 0; row < n_rows; row++) {
        const mesh_json_t *object = mesh_json_element(rows, (apr_size_t)row);

        if (mesh_json_kind(object) != MESH_JSON_OBJECT) {
            return refuse_row(row, p);
        }
        for (mesh_json_iter_t *m = mesh_json_first(object); m;
             m = mesh_json_next(object, m)) {
            const char *name = mesh_json_name(m);

            if (!apr_hash_get(seen, name, APR_HASH_KEY_STRING)) {
                apr_hash_set(seen, name, APR_HASH_KEY_STRING, name);
                APR_ARRAY_PUSH(names, const char *) = name;
            }
        }
    }
    *table = mesh_table_make((const char *const *)names->elts, names->nelts,
                             n_rows, p);
    for (int row = 0; row < n_rows; row++) {
        MESH_TRY(mesh_table_put_row(*table, row,
                                    mesh_json_element(rows, (apr_size_t)row)));
    }
    return NULL;
}

/* ---- Reading ------------------------------------------------------------ */

int mesh_table_find(const mesh_table_t *table, const char *name)
{
    const mesh_table_column_t *column =
        apr_hash_get(table->by_name, name, APR_HASH_KEY_STRING);

    return column ? (int)(column - table->columns) : -1;
}

int mesh_table_is_number(const mesh_table_cell_t *cell, double *x)
{
    *x = cell->number;
    if (cell->text) {
        *x = NAN;
        return isnan(cell->number) && means_missing(cell->text);
    }
    return 1;
}

const char *mesh_table_text(const mesh_table_cell_t *cell,
                            char buffer[MESH_TEXT_NUMBER_SIZE])
{
    if (cell->text || isnan(cell->number)) {
        return cell->text;
    }
    return mesh_text_format_number(cell->number, buffer);
}

const char *mesh_table_canonical(const char *text, apr_pool_t *p)
{
    mesh_table_cell_t cell = cell_of(text, p);
    char buffer[MESH_TEXT_NUMBER_SIZE];

    text = mesh_table_text(&cell, buffer);
    return text ? apr_pstrdup(p, text) : "";
}

/* ---- Inferring ---------------------------------------------------------- */

static mesh_table_kind_t kind_of(const mesh_table_column_t *column, int n_rows)
{
    int has_number = 0;

    for (int row = 0; row < n_rows; row++) {
        const mesh_table_cell_t *cell = &column->cells[row];

        if (!isnan(cell->number)) {
            has_number = 1;
        }
        else if (cell->text && !means_missing(cell->text)) {
            return MESH_TABLE_CATEGORY;
        }
    }
    return has_number ? MESH_TABLE_NUMBER : MESH_TABLE_CATEGORY;
}

/*
 * Count what COLUMN has, and make all its cells alike: numbers in a column of
 * numbers, texts in a category, the same text at the same address.
 */
static void count(mesh_table_column_t *column, int n_rows, apr_pool_t *p,
                  apr_pool_t *scratch)
{
    apr_hash_t *seen = apr_hash_make(scratch);
    char buffer[MESH_TEXT_NUMBER_SIZE];

    for (int row = 0; row < n_rows; row++) {
        mesh_table_cell_t *cell = &column->cells[row];
        const void *key;
        apr_ssize_t length;

        if (column->kind == MESH_TABLE_NUMBER && isnan(cell->number)) {
            *cell = missing;
        }
        if (is_missing(cell)) {
            column->missing++;
            continue;
        }
        if (column->kind == MESH_TABLE_NUMBER) {
            if (cell->text && column->too_large < 0) {
                column->too_large = row;
            }
            cell->number += 0.0; /* minus 0 is 0 */
            key = &cell->number;
            length = sizeof(cell->number);
        }
        else {
            const char *known;

            key = mesh_table_text(cell, buffer);
            known = apr_hash_get(seen, key, APR_HASH_KEY_STRING);
            if (known) {
                key = known;
            }
            else if (key == buffer) {
                key = apr_pstrdup(p, buffer);
            }
            cell->text = key;
            cell->number = NAN;
            length = APR_HASH_KEY_STRING;
        }
        apr_hash_set(seen, key, length, key);
    }
    column->distinct = (int)apr_hash_count(seen);
}

void mesh_table_infer(mesh_table_t *table)
{
    apr_pool_t *scratch;

    apr_pool_create(&scratch, table->pool);
    for (int i = 0; i < table->n_columns; i++) {
        mesh_table_column_t *column = &table->columns[i];

        apr_pool_clear(scratch);
        column->kind = kind_of(column, table->n_rows);
        column->missing = column->distinct = 0;
        column->too_large = -1;
        count(column, table->n_rows, table->pool, scratch);
    }
    apr_pool_destroy(scratch);
}
