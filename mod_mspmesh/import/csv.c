/* SPDX-License-Identifier: Apache-2.0 */
/* csv.c -- tables as spreadsheets write them (RFC 4180). */
#include "import/csv.h"

#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "base/text.h"

/* Where we are in the copy that is being cut into cells. */
typedef struct {
    char *at;
    char *end; /* holds a NUL */
    int line;  /* of AT, from 1 */
    char delimiter;
    int is_at_row; /* AT begins a row */
    apr_pool_t *p;
} reader_t;

static mesh_err_t *refuse(reader_t *reader, const char *name, int line,
                          const char *words)
{
    return mesh_err(reader->p, MESH_INVALID, name, "Line %d %s.", line, words);
}

/* The line of TEXT in which its byte OFFSET is. */
static int line_of(const char *text, apr_size_t offset)
{
    int line = 1;

    for (apr_size_t i = 0; i < offset; i++) {
        line += text[i] == '\n';
    }
    return line;
}

/* What the header line has most of, outside quotes; the first wins a tie. */
static char sniff(const char *s, const char *end)
{
    static const char candidates[] = { ',', ';', '\t' };
    int counts[sizeof(candidates)] = { 0 };
    int best = 0, is_quoted = 0;

    for (; s < end && (is_quoted || *s != '\n'); s++) {
        is_quoted ^= *s == '"';
        for (apr_size_t i = 0; i < sizeof(candidates); i++) {
            counts[i] += !is_quoted && *s == candidates[i];
        }
    }
    for (int i = 1; i < (int)sizeof(candidates); i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return candidates[best];
}

static int is_line_end(const reader_t *reader, const char *s)
{
    return s == reader->end || *s == '\n'
           || (*s == '\r' && (s + 1 == reader->end || s[1] == '\n'));
}

/*
 * Cut the next cell off, ending it with a NUL where the delimiter was, or in
 * the room that its quotes leave.
 */
static mesh_err_t *read_cell(reader_t *reader, const char **cell)
{
    int first_line = reader->line;
    char *s = reader->at, *to = s, *start = s, *close;

    if (*s == '"') {
        start = to = ++s;
        for (; s < reader->end && (*s != '"' || s[1] == '"'); s++) {
            s += *s == '"';
            reader->line += *s == '\n';
            *to++ = *s;
        }
        if (s >= reader->end) {
            return refuse(reader, "ragged_csv", first_line,
                          "opens a quote that is never closed");
        }
        s++;
        if (*s != reader->delimiter && !is_line_end(reader, s)) {
            return refuse(reader, "ragged_csv", reader->line,
                          "has something between a closing quote and the "
                          "next cell");
        }
    }
    else {
        while (*s != reader->delimiter && !is_line_end(reader, s)) {
            s++;
        }
        to = s;
    }
    if (to - start > MESH_CSV_MAX_CELL) {
        return mesh_err(reader->p, MESH_INVALID, "cell_too_long",
                        "Line %d has a cell of more than %d bytes.", first_line,
                        MESH_CSV_MAX_CELL);
    }
    close = to;
    reader->is_at_row = 0;
    if (s == reader->end) {
        reader->is_at_row = 1;
    }
    else if (*s == reader->delimiter) {
        s++;
    }
    else {
        s += *s == '\r' && s + 1 < reader->end;
        s += s < reader->end;
        reader->line++;
        reader->is_at_row = 1;
    }
    *close = '\0';
    reader->at = s;
    *cell = start;
    return NULL;
}

/* Is there nothing but empty lines from here on? */
static int is_done(const reader_t *reader)
{
    for (const char *s = reader->at; s < reader->end; s++) {
        if (*s != '\n' && *s != '\r') {
            return 0;
        }
    }
    return 1;
}

static mesh_err_t *read_header(mesh_csv_t *csv, reader_t *reader)
{
    apr_array_header_t *names =
        apr_array_make(reader->p, 32, sizeof(const char *));
    apr_hash_t *seen = apr_hash_make(reader->p);

    do {
        const char *name;

        MESH_TRY(read_cell(reader, &name));
        name = mesh_text_trim(name, reader->p);
        if (!*name) {
            return mesh_err(reader->p, MESH_INVALID, "bad_header",
                            "Column %d has no name in the header.",
                            names->nelts + 1);
        }
        if (apr_hash_get(seen, name, APR_HASH_KEY_STRING)) {
            return mesh_err(reader->p, MESH_INVALID, "bad_header",
                            "The header has \"%s\" more than once.", name);
        }
        if (names->nelts == MESH_CSV_MAX_COLUMNS) {
            return mesh_err(reader->p, MESH_INVALID, "too_many_columns",
                            "There are more than %d columns.",
                            MESH_CSV_MAX_COLUMNS);
        }
        apr_hash_set(seen, name, APR_HASH_KEY_STRING, name);
        APR_ARRAY_PUSH(names, const char *) = name;
    } while (!reader->is_at_row);
    csv->names = (const char *const *)names->elts;
    csv->n_columns = names->nelts;
    return NULL;
}

static mesh_err_t *read_rows(mesh_csv_t *csv, reader_t *reader)
{
    apr_array_header_t *cells =
        apr_array_make(reader->p, 64 * csv->n_columns, sizeof(const char *));

    for (; !is_done(reader); csv->n_rows++) {
        int line = reader->line, n = 0;

        if (csv->n_rows == MESH_CSV_MAX_ROWS) {
            return mesh_err(reader->p, MESH_INVALID, "too_many_rows",
                            "There are more than %d rows.", MESH_CSV_MAX_ROWS);
        }
        if (cells->nelts > MESH_CSV_MAX_CELLS - csv->n_columns) {
            return mesh_err(reader->p, MESH_INVALID, "too_many_cells",
                            "There are more than %d cells.",
                            MESH_CSV_MAX_CELLS);
        }
        do {
            const char *cell;

            MESH_TRY(read_cell(reader, &cell));
            if (n++ < csv->n_columns) {
                APR_ARRAY_PUSH(cells, const char *) = cell;
            }
        } while (!reader->is_at_row);
        if (n != csv->n_columns) {
            return mesh_err(reader->p, MESH_INVALID, "ragged_csv",
                            "Line %d has %d cells, the header has %d.", line, n,
                            csv->n_columns);
        }
    }
    csv->cells = (const char *const *)cells->elts;
    return NULL;
}

mesh_err_t *mesh_csv_parse(mesh_csv_t **csv, const char *text,
                           apr_size_t length, apr_pool_t *p)
{
    static const char mark[] = "\xef\xbb\xbf";
    mesh_csv_t *made = apr_pcalloc(p, sizeof(*made));
    reader_t reader = { .line = 1, .is_at_row = 1, .p = p };
    const char *nul;
    apr_size_t bad;

    *csv = NULL;
    if (length >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (!mesh_text_is_utf8(text, length, &bad)) {
        return refuse(&reader, "not_utf8", line_of(text, bad), "is not UTF-8");
    }
    nul = length > 0 ? memchr(text, '\0', length) : NULL;
    if (nul) {
        return refuse(&reader, "bad_string",
                      line_of(text, (apr_size_t)(nul - text)), "has a NUL");
    }

    reader.at = apr_pstrmemdup(p, text, length);
    reader.end = reader.at + length;
    reader.delimiter = made->delimiter = sniff(reader.at, reader.end);
    if (is_done(&reader)) {
        return mesh_err(p, MESH_INVALID, "empty_csv",
                        "There is no header line.");
    }
    MESH_TRY(read_header(made, &reader));
    MESH_TRY(read_rows(made, &reader));
    if (made->n_rows == 0) {
        return mesh_err(p, MESH_INVALID, "empty_csv",
                        "There is a header, but no row.");
    }
    *csv = made;
    return NULL;
}
