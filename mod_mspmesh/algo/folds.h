/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folds.h -- who is in which part when a table is cut for testing.
 *
 * Rows are dealt in the order of a fixed hash of their index, so that a table
 * sorted by date or by name is cut fairly, and the same table is always cut
 * the same way.  Every part gets its share of both classes (Kohavi 1995, A
 * study of cross-validation and bootstrap); rows of one group stay together.
 *
 * Thread: anyone.  Nothing is kept.
 */
#ifndef MESH_FOLDS_H
#define MESH_FOLDS_H

#include <apr_pools.h>

/*
 * Give each of the N rows ROWS a fold, 0 to FOLDS - 1: FOLD[i] is that of row
 * ROWS[i].  LABELS (0 or 1) and GROUPS have an element for every row of the
 * table; rows with the same group, a number of 0 or more, share a fold; GROUPS
 * may be NULL.  Another SEED is another cut.
 */
void mesh_folds_deal(int *fold, int folds, const int *labels, const int *groups,
                     const int *rows, int n, apr_uint64_t seed,
                     apr_pool_t *scratch);

/*
 * Part the N rows ROWS into PARTED: those whose fold is AT come last; WHERE
 * says where in ROWS each was.  Returns how many came last.
 */
int mesh_folds_part(int *parted, int *where, const int *rows, const int *fold,
                    int n, int at);

#endif
