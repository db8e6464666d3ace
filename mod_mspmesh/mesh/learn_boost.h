/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn_boost.h -- boosted trees for whoever learns, grown by mspmesh-train.
 *
 * Thread: any; it waits for the program, one process at a time per call.
 * Pool:   a booster lives in the pool it was made in.
 */
#ifndef MESH_LEARN_BOOST_H
#define MESH_LEARN_BOOST_H

#include "algo/boosting.h"

/* A booster that runs the program at PATH; NULL when there is none to run. */
const mesh_booster_t *mesh_learn_booster(const char *path, apr_pool_t *p);

/* The same, and what XGBoost itself says of every row of the task, for tests:
 * margins[n_rows] and contributions[n_rows][n_features + 1]. */
mesh_err_t *mesh_learn_show(mesh_boosting_t **grown, const double **margins,
                            const double **contributions,
                            const mesh_boosting_task_t *task, const char *path,
                            apr_pool_t *p);

#endif
