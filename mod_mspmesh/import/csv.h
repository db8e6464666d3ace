/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.h -- tables as spreadsheets write them (RFC 4180).
 *
 * UTF-8, with or without byte order mark; lines end with LF or CR LF; a cell
 * may be quoted, then it may hold anything, quotes doubled.  The delimiter is
 * the comma, semicolon or tab that the header line has most of.  The header is
 * required.  Empty lines at the end do not count.
 *
 * Pool: the text is copied once, into P, and cut there; cells and names point
 *       into that copy.
 * Thread: read only once made.
 */
#ifndef MESH_CSV_H
#define MESH_CSV_H

#include <apr_pools.h>

#include "base/err.h"

#define MESH_CSV_MAX_ROWS    100000
#define MESH_CSV_MAX_COLUMNS 1000
#define MESH_CSV_MAX_CELLS   10000000
#define MESH_CSV_MAX_CELL    65536 /* bytes of one cell */

typedef struct mesh_csv_t {
    char delimiter;
    int n_columns;
    int n_rows;               /* without the header; at least 1 */
    const char *const *names; /* white space around them cut off */
    const char *const *cells; /* row after row, exactly as written */
} mesh_csv_t;

/*
 * Read TEXT of LENGTH bytes.  INVALID, lines counted from 1: "empty_csv" (no
 * header or no row), "not_utf8" (line), "bad_string" (a NUL; line),
 * "bad_header" (a name is empty or given twice), "ragged_csv" (a row has not
 * as many cells as the header: line and counts; or a quote is not closed, or
 * is followed by something else: line), "too_many_rows", "too_many_columns",
 * "too_many_cells", "cell_too_long" (line).
 */
mesh_err_t *mesh_csv_parse(mesh_csv_t **csv, const char *text,
                           apr_size_t length, apr_pool_t *p);

#endif
