/* SPDX-License-Identifier: Apache-2.0 */
/* csv.c -- what spreadsheets write is read, what is broken is told. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "import/csv.h"

static apr_pool_t *pool;

#define PARSE(csv, text) mesh_csv_parse(csv, text, sizeof(text) - 1, pool)

static void good(void)
{
    mesh_csv_t *csv;

    ok(!PARSE(&csv, "a,b\n1,2\n"), "a simple table is read");
    ok(csv->n_columns == 2 && csv->n_rows == 1, "its size is known");
    is_text(csv->names[1], "b", "it has names");
    is_text(csv->cells[1], "2", "and cells");

    ok(!PARSE(&csv, "\xef\xbb\xbf"
                    "a;b\r\n1,5;2\r\n3;4\r\n\r\n\n"),
       "a byte order mark, CR LF, semicolons and empty lines are no trouble");
    ok(csv->delimiter == ';' && csv->n_rows == 2, "the delimiter is sniffed");
    is_text(csv->cells[0], "1,5", "and others are text");
    is_text(csv->cells[3], "4", "to the last cell");

    ok(!PARSE(&csv, "\"a,;;;x\"\tb\n1\t\n"), "quoted delimiters do not count");
    ok(csv->delimiter == '\t', "so this is a table of tabs");
    is_text(csv->cells[1], "", "with an empty cell at the end");

    ok(!PARSE(&csv, "a,b\n\"x \"\"y\"\", z\",\"line 1\nline 2\"\n\"\",last"),
       "quotes hold quotes, delimiters and line ends");
    is_text(csv->cells[0], "x \"y\", z", "quotes are halved");
    is_text(csv->cells[1], "line 1\nline 2", "lines are kept");
    is_text(csv->cells[2], "", "a quoted cell may be empty");
    is_text(csv->cells[3], "last", "the last line needs no end");

    ok(!PARSE(&csv, "a\n1\n\n2\n"), "an empty line among others");
    ok(csv->n_rows == 3, "is a row when there is one column");
    ok(!PARSE(&csv, "a\r\nx\ry\r\n"), "a lone CR");
    is_text(csv->cells[0], "x\ry", "is text");
    ok(!PARSE(&csv, "a,b\n 1 ,x\"y\n"), "a quote inside a cell is itself");
    is_text(csv->cells[1], "x\"y", "as written");
    is_text(csv->cells[0], " 1 ", "cells keep their blanks");
}

static void bad(void)
{
    static const struct {
        const char *text;
        apr_size_t length; /* 0: that of the text */
        const char *name;
        const char *words; /* in the message */
    } cases[] = {
        { "", 0, "empty_csv", "header" },
        { "\n\r\n", 0, "empty_csv", "header" },
        { "\xef\xbb\xbf", 0, "empty_csv", "header" },
        { "a,b\n", 0, "empty_csv", "no row" },
        { "a,b\n1,2\n3,\xff\n", 0, "not_utf8", "Line 3" },
        { "a,b\n1,\0002\n", 8, "bad_string", "Line 2" },
        { "a,a\n1,2\n", 0, "bad_header", "\"a\"" },
        { "a, a \n1,2\n", 0, "bad_header", "\"a\"" },
        { "a,,c\n1,2,3\n", 0, "bad_header", "Column 2" },
        { "a,b\n1,2\n3\n", 0, "ragged_csv", "Line 3 has 1 cells" },
        { "a,b\n1,2,3\n", 0, "ragged_csv", "has 3 cells, the header has 2" },
        { "a,b\n1,2\n\n3,4\n", 0, "ragged_csv", "Line 3 has 1" },
        { "a,b\n\"x\ny\",2\n3\n", 0, "ragged_csv", "Line 4" },
        { "a,b\n1,\"2\n", 0, "ragged_csv", "Line 2 opens a quote" },
        { "a,b\n1,\"", 0, "ragged_csv", "Line 2 opens a quote" },
        { "a,b\n1,\"\"\"", 0, "ragged_csv", "Line 2 opens a quote" },
        { "a,b\n1,\"2\"x\n", 0, "ragged_csv", "closing quote" },
        { "\"a", 0, "ragged_csv", "Line 1 opens a quote" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        mesh_csv_t *csv;
        mesh_err_t *err = mesh_csv_parse(
            &csv, cases[i].text,
            cases[i].length ? cases[i].length : strlen(cases[i].text), pool);

        is_text(err ? err->name : NULL, cases[i].name, "case %d is %s", (int)i,
                cases[i].name);
        ok(err && strstr(err->message, cases[i].words) && !csv,
           "and says \"%s\"", cases[i].words);
    }
}

static char *repeat(const char *head, const char *piece, int n,
                    const char *tail)
{
    size_t length = strlen(piece), at = strlen(head);
    char *text = apr_palloc(pool, at + n * length + strlen(tail) + 1);

    memcpy(text, head, at);
    for (int i = 0; i < n; i++, at += length) {
        memcpy(text + at, piece, length);
    }
    memcpy(text + at, tail, strlen(tail) + 1);
    return text;
}

static const char *verdict(const char *text)
{
    mesh_csv_t *csv;
    mesh_err_t *err = mesh_csv_parse(&csv, text, strlen(text), pool);

    return err ? err->name : "good";
}

static void limits(void)
{
    char *header = repeat("", "c0000,", MESH_CSV_MAX_COLUMNS + 1, "z");

    is_text(verdict(repeat("a\n", "1\n", MESH_CSV_MAX_ROWS, "")), "good",
            "100,000 rows are read");
    is_text(verdict(repeat("a\n", "1\n", MESH_CSV_MAX_ROWS + 1, "")),
            "too_many_rows", "one more is too many");
    is_text(verdict(repeat("a\n", "x", MESH_CSV_MAX_CELL, "\n")), "good",
            "a cell of 64 kB is read");
    is_text(verdict(repeat("a\n", "x", MESH_CSV_MAX_CELL + 1, "\n")),
            "cell_too_long", "a longer one is not");
    for (int i = 0; i <= MESH_CSV_MAX_COLUMNS; i++) {
        apr_snprintf(header + 6 * i, 6, "c%04d", i);
        header[6 * i + 5] = ',';
    }
    is_text(verdict(header), "too_many_columns", "1,001 columns are too many");
}

/* Every beginning of a table, and every byte of it broken, is read safely. */
static void mangled(void)
{
    static const char text[] = "a,\"b \"\"c\"\r\n1,\"x\ny\"\r\n\"\",\xc3\xbc\n";
    static const char bytes[] = "\",\n\r\0\xff;a";
    int n = 0;

    for (apr_size_t length = 0; length < sizeof(text); length++) {
        mesh_csv_t *csv;

        mesh_csv_parse(&csv, apr_pstrmemdup(pool, text, length), length, pool);
        for (apr_size_t i = 0; i < sizeof(bytes) - 1; i++) {
            char *copy = apr_pstrmemdup(pool, text, sizeof(text) - 1);

            copy[length % (sizeof(text) - 1)] = bytes[i];
            mesh_csv_parse(&csv, copy, sizeof(text) - 1, pool);
            n++;
        }
    }
    ok(n > 200, "%d broken tables were survived", n);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    good();
    bad();
    limits();
    mangled();
    apr_terminate();
    return done_testing();
}
