/* SPDX-License-Identifier: Apache-2.0 */
/* table.c -- cells compare by value, columns know their kind. */
#include "tap.h"

#include <apr_general.h>

#include "algo/table.h"

static apr_pool_t *pool;

static mesh_table_t *of_json(const char *text, mesh_err_t **err)
{
    mesh_json_t *json;
    mesh_table_t *table;

    *err = mesh_json_parse(&json, text, strlen(text), pool);
    if (!*err) {
        *err = mesh_table_of_json(&table, json, pool);
    }
    if (*err) {
        return NULL;
    }
    mesh_table_infer(table);
    return table;
}

/* A table of one column of texts. */
static mesh_table_column_t *column_of(const char *const *texts, int n)
{
    static const char *const names[] = { "x" };
    mesh_table_t *table = mesh_table_of_texts(names, 1, texts, n, pool);

    mesh_table_infer(table);
    return &table->columns[0];
}

static void kinds(void)
{
    static const char *const numbers[] = { "1",   " 1.0 ", "",    "N/A",
                                           "nan", "NULL",  "2e0", "none",
                                           "-0",  "0" };
    static const char *const mixed[] = { "1", "1.00", "A",    "",
                                         " ", "None", "none", " A " };
    static const char *const truths[] = { "True", "true", "FALSE", "x" };
    static const char *const large[] = { "1", "12345678901234567890" };
    static const char *const accounts[] = { "1", "12345678901234567890",
                                            "12345678901234567891", "a" };
    static const char *const blank[] = { "", " ", "\t" };
    const mesh_table_column_t *column = column_of(numbers, 10);
    char buffer[MESH_TEXT_NUMBER_SIZE];

    ok(column->kind == MESH_TABLE_NUMBER,
       "numbers among words for missing are numbers");
    ok(column->missing == 5 && column->distinct == 3,
       "1 and 1.0 are one value, 0 and -0 are, and NA is none");
    column = column_of(mixed, 8);
    ok(column->kind == MESH_TABLE_CATEGORY, "one word makes a category");
    ok(column->missing == 2 && column->distinct == 4,
       "in a category None is a value, blank is missing, 1 is 1.00");
    is_text(column->cells[1].text, "1", "a number in a category is its text");
    ok(column->cells[0].text == column->cells[1].text,
       "equal values are the same text in memory");
    ok(column_of(truths, 4)->distinct == 3, "True is true");
    column = column_of(large, 2);
    ok(column->kind == MESH_TABLE_NUMBER && column->too_large == 1,
       "a number beyond 1e15 is noticed");
    column = column_of(accounts, 4);
    ok(column->distinct == 4 && column->too_large < 0,
       "account numbers among texts keep all digits");
    column = column_of(blank, 3);
    ok(column->missing == 3 && column->distinct == 0
           && column->kind == MESH_TABLE_CATEGORY,
       "blank cells are missing");
    is_text(mesh_table_canonical(" 1.50 ", pool), "1.5", "as are arguments");
    ok(!mesh_table_text(&column->cells[0], buffer),
       "a missing cell is no text");
}

static void json(void)
{
    mesh_err_t *err;
    mesh_table_t *table =
        of_json("[{\"a\":1,\"b\":\"x\"},{\"b\":true,\"c\":null,\"a\":\"1.0\"},"
                "{\"a\":1.0,\"c\":12345678901234567}]",
                &err);
    double x;

    ok(table && table->n_rows == 3 && table->n_columns == 3,
       "columns are all members there are");
    ok(mesh_table_find(table, "c") == 2 && mesh_table_find(table, "d") == -1,
       "and are found by name");
    ok(table->columns[0].distinct == 1, "1 = \"1.0\" = 1.0");
    ok(table->columns[1].missing == 1, "an absent member is missing");
    is_text(table->columns[1].cells[1].text, "true", "a boolean is a text");
    is_text(table->columns[2].cells[2].text, "12345678901234567",
            "a long integer keeps its digits");
    ok(!mesh_table_is_number(&table->columns[2].cells[2], &x),
       "but is no number of ours");
    of_json("[{\"a\":1},{\"a/b\":[1]}]", &err);
    is_text(err ? err->name : NULL, "bad_cell", "an array is no cell");
    is_text(err ? err->pointer : NULL, "/1/a~1b", "and is pointed at");
    of_json("[{\"a\":1},7]", &err);
    is_text(err ? err->name : NULL, "not_rows", "a number is no row");
    of_json("{\"a\":1}", &err);
    is_text(err ? err->name : NULL, "not_rows", "an object is no table");
    table = of_json("[]", &err);
    ok(table && table->n_rows == 0 && table->n_columns == 0,
       "a table may be empty");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    kinds();
    json();
    apr_terminate();
    return done_testing();
}
