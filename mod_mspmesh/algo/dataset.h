/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dataset.h -- a table made ready to learn from, or the reason why not.
 *
 * Any learner starts here: the target is found and checked, the columns that
 * may be learnt from are chosen, and those that give the answer away, or say
 * nothing, are named.
 *
 * Pool: a data set lives in RESULT, and as long as its table and its plan.
 * Thread: read only once made.
 */
#ifndef MESH_DATASET_H
#define MESH_DATASET_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "algo/table.h"
#include "base/err.h"

#define MESH_DATASET_MIN_ROWS  20
#define MESH_DATASET_MIN_CLASS 5    /* rows of the rarer class */
#define MESH_DATASET_LEAK_AUC  0.98 /* alone above this is too good */

typedef struct mesh_dataset_plan_t {
    const char *target;   /* column to learn */
    const char *positive; /* its value to predict; NULL: see make */
    const char *id;       /* column that names a row, or NULL */
    const char *group;    /* rows alike in it stay together in
                             tests; never learnt from; or NULL */
    const apr_array_header_t *exclude; /* const char *: not to be learnt from */
    const apr_array_header_t *force;   /* const char *: learnt from, leak or
                                          not; either may be NULL */
} mesh_dataset_plan_t;

typedef struct mesh_dataset_leak_t {
    const char *column;
    double auc;    /* of this column alone */
    int is_forced; /* the plan wants it all the same, so it is kept */
} mesh_dataset_leak_t;

typedef struct mesh_dataset_ignored_t {
    const char *column;
    const char *why; /* "id", "excluded", "group", "leak" or "unique_text" */
} mesh_dataset_ignored_t;

typedef struct mesh_dataset_t {
    const mesh_table_t *table;
    int positives;
    const int *labels;    /* per row: 1 for POSITIVE, else 0 */
    const int *groups;    /* per row, or NULL */
    const char *positive; /* the two values of the target */
    const char *negative;
    const int *columns; /* what may be learnt from */
    int n_columns;
    apr_array_header_t *leaks;   /* mesh_dataset_leak_t */
    apr_array_header_t *ignored; /* mesh_dataset_ignored_t */
} mesh_dataset_t;

/*
 * Make TABLE, which has been inferred, ready.  Without plan->positive it is
 * the value that means it ("yes", "true", "churned" ..., or 1 against 0 or
 * -1), else the rarer one.
 *
 * INVALID, in this order: "target_missing" (no such column), "target_has_gaps"
 * (how many rows, and the first), "one_class", "target_not_binary" (how many
 * values), "bad_positive" (not a value of the target), "too_few_rows",
 * "unknown_column" (named by the plan but not there), "number_out_of_range"
 * (row and column), "constant_column" (all of them at once), "no_columns".
 * Rows are counted from 1 in messages.
 *
 * A column is a leak when it ranks the rows with an AUC above
 * MESH_DATASET_LEAK_AUC all by itself: a number by its value, either way
 * round, gaps before or after all others; a category by the rate of positives
 * its value has in the other folds.  A text that is nearly unique to its row
 * is an id or prose, and is ignored.
 */
mesh_err_t *mesh_dataset_make(mesh_dataset_t **dataset,
                              const mesh_table_t *table,
                              const mesh_dataset_plan_t *plan,
                              apr_pool_t *result, apr_pool_t *scratch);

/* The labels of the N rows ROWS. */
int *mesh_dataset_labels(const mesh_dataset_t *data, const int *rows, int n,
                         apr_pool_t *p);

#endif
