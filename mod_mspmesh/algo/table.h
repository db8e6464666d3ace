/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h -- rows and columns as somebody sent them, and what they mean.
 *
 * A cell is missing, a number or a text.  Cells are compared by value: the
 * texts "1", " 1 " and "1.0" and the number 1 are the same cell; so are true,
 * "True" and "TRUE".  White space around a text does not count, and a text of
 * nothing else is missing.
 *
 * A column is a NUMBER when it has a number and every cell of it is one, or is
 * missing, or says so ("NA", "N/A", "null", "NaN", "None", in any case);
 * otherwise it is a CATEGORY, in which those words are values like others.
 *
 * Pool: a table and all in it live in the pool of mesh_table_make().  Names
 *       are copied.  Texts are not: they must live as long as the table.
 * Thread: one thread fills a table; once inferred, many may read it.
 */
#ifndef MESH_TABLE_H
#define MESH_TABLE_H

#include <apr_hash.h>
#include <apr_pools.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

/* Numbers may be from minus to plus this; it keeps whole ones exact. */
#define MESH_TABLE_MAX_NUMBER 1e15

typedef enum {
    MESH_TABLE_NUMBER,
    MESH_TABLE_CATEGORY,
} mesh_table_kind_t;

/*
 * Both members NULL and NaN: missing.  TEXT alone: a text.  NUMBER alone: a
 * number.  Both: a number beyond MESH_TABLE_MAX_NUMBER, as it was written.
 */
typedef struct mesh_table_cell_t {
    const char *text;
    double number;
} mesh_table_cell_t;

typedef struct mesh_table_column_t {
    const char *name;
    mesh_table_cell_t *cells; /* one per row */

    /* known after mesh_table_infer() */
    mesh_table_kind_t kind;
    int missing;   /* cells that are missing */
    int distinct;  /* values among the others */
    int too_large; /* first row whose number is out of bounds, or -1; only in
                      a NUMBER column, elsewhere such a number is a text */
} mesh_table_column_t;

typedef struct mesh_table_t {
    int n_rows;
    int n_columns;
    mesh_table_column_t *columns;
    apr_hash_t *by_name; /* name to column, for mesh_table_find() */
    apr_pool_t *pool;
} mesh_table_t;

/* A table of ROWS by COLUMNS cells, all missing.  NAMES must differ. */
mesh_table_t *mesh_table_make(const char *const *names, int n_columns,
                              int n_rows, apr_pool_t *p);

/*
 * A table of texts: CELLS are row after row, as the CSV reader has them.
 */
mesh_table_t *mesh_table_of_texts(const char *const *names, int n_columns,
                                  const char *const *cells, int n_rows,
                                  apr_pool_t *p);

/*
 * A table of a JSON array of objects, one per row; the columns are all members
 * there are, in the order in which they first occur.  ROWS must outlive it.
 * INVALID with a pointer into ROWS: "not_rows" (no array, or an element is no
 * object), "bad_cell" (a value is an array or an object).
 */
mesh_err_t *mesh_table_of_json(mesh_table_t **table, const mesh_json_t *rows,
                               apr_pool_t *p);

/* Set one cell.  A number that is not a number (NaN) is missing. */
void mesh_table_put_text(mesh_table_t *table, int row, int column,
                         const char *text);
void mesh_table_put_number(mesh_table_t *table, int row, int column, double x);

/*
 * Set one cell to a JSON value.  An array or an object is INVALID "bad_cell"
 * with the pointer /ROW/NAME; the error lives in the table's pool.
 */
mesh_err_t *mesh_table_put_json(mesh_table_t *table, int row, int column,
                                const mesh_json_t *value);

/*
 * Set a row to the members of OBJECT that are columns; the others are none of
 * the table's business.  Errors as above, and "not_rows" if it is no object.
 */
mesh_err_t *mesh_table_put_row(mesh_table_t *table, int row,
                               const mesh_json_t *object);

/* The index of the column called NAME, or -1. */
int mesh_table_find(const mesh_table_t *table, const char *name);

/*
 * Decide the kind and count the facts of every column.  Needed for training;
 * a table that is only predicted from does without.
 */
void mesh_table_infer(mesh_table_t *table);

/*
 * Read a cell as a cell of a NUMBER column: *X is NaN when it is missing.
 * False when it is neither: a text, or a number out of bounds.
 */
int mesh_table_is_number(const mesh_table_cell_t *cell, double *x);

/* The text by which a cell is compared, perhaps in BUFFER; NULL is missing. */
const char *mesh_table_text(const mesh_table_cell_t *cell,
                            char buffer[MESH_TEXT_NUMBER_SIZE]);

/* The same for a value that is not in a table, such as a caller's argument. */
const char *mesh_table_canonical(const char *text, apr_pool_t *p);

#endif
