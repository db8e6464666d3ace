/* SPDX-License-Identifier: Apache-2.0 */
/* learn_boost.c -- boosted trees for whoever learns, grown by mspmesh-train. */
#include "mesh/learn_boost.h"

#include <string.h>
#include <apr_strings.h>

#include "base/log.h"
#include "io/process.h"

/* Chance has one seed, so that the same table makes the same trees. */
#define SEED 1

/* A table as large as is taken, 100,000 rows of 100 columns, needs minutes and
 * a gigabyte. */
#define DEADLINE   apr_time_from_sec(900)
#define MAX_MEMORY ((apr_size_t)3 << 30)
#define MAX_OUTPUT ((apr_size_t)256 << 20)

static const char *job_of(const mesh_boosting_task_t *task, int must_show,
                          apr_pool_t *p)
{
    mesh_json_t *job = mesh_json_object(p), *depths;

    mesh_json_set_integer(job, "rows", task->n_rows);
    mesh_json_set_integer(job, "features", task->n_features);
    mesh_json_set_integer(job, "folds", task->n_folds);
    depths = mesh_json_set_array(job, "depths");
    for (int i = 0; i < task->n_depths; i++) {
        mesh_json_add_integer(depths, task->depths[i]);
    }
    if (task->rate > 0) {
        mesh_json_set_number(job, "rate", task->rate);
    }
    mesh_json_set_integer(job, "trees", task->trees);
    mesh_json_set_number(job, "sample", task->sample);
    mesh_json_set_number(job, "row_sample", task->row_sample);
    mesh_json_set_integer(job, "seed", SEED);
    mesh_json_set_boolean(job, "show", must_show);
    return mesh_json_format(job, p);
}

static mesh_err_t *bad_answer(apr_pool_t *p)
{
    return mesh_err(p, MESH_BUG, "bad_answer",
                    "The trainer of trees gave no answer of its kind.");
}

static mesh_err_t *read_numbers(const double **numbers, const mesh_json_t *json,
                                const char *name, apr_size_t n, apr_pool_t *p)
{
    const mesh_json_t *list = mesh_json_member(json, name);
    double *read = apr_palloc(p, n * sizeof(*read));

    if (!list || mesh_json_count(list) != n) {
        return bad_answer(p);
    }
    for (apr_size_t i = 0; i < n; i++) {
        read[i] = mesh_json_number(mesh_json_element(list, i));
    }
    *numbers = read;
    return NULL;
}

static mesh_err_t *read_answer(mesh_boosting_t **grown, mesh_json_t **answer,
                               const mesh_boosting_task_t *task,
                               const char *text, apr_size_t length,
                               apr_pool_t *p)
{
    mesh_boosting_t *made = apr_pcalloc(p, sizeof(*made));
    mesh_trees_t *trees;

    MESH_TRY(mesh_json_parse(answer, text, length, p));
    MESH_TRY(read_numbers(&made->scores, *answer, "scores",
                          (apr_size_t)task->n_rows, p));
    MESH_TRY(mesh_trees_load(&trees, mesh_json_member(*answer, "trees"),
                             task->n_features, p));
    made->trees = trees;
    made->depth = (int)mesh_json_integer(mesh_json_member(*answer, "depth"));
    made->rate = mesh_json_number(mesh_json_member(*answer, "rate"));
    made->rounds = (int)mesh_json_integer(mesh_json_member(*answer, "rounds"));
    *grown = made;
    return NULL;
}

/* What the caller may know; the log knows the rest. */
static mesh_err_t *translate(const mesh_err_t *err, apr_pool_t *p)
{
    mesh_log(MESH_LOG_WARNING, MESHNO(2050) "trainer: %s: %s", err->name,
             err->detail ? err->detail : err->message);
    if (err->code == MESH_BUSY) {
        return mesh_err(p, MESH_INVALID, "training_too_long",
                        "Growing trees for this table takes too long.");
    }
    return mesh_err(p, MESH_BUG, "trainer_failed",
                    "The trainer of trees failed.");
}

static mesh_err_t *run(mesh_boosting_t **grown, mesh_json_t **answer,
                       const mesh_boosting_task_t *task, int must_show,
                       int (*should_stop)(void *stopper), void *stopper,
                       const char *path, apr_pool_t *p)
{
    apr_size_t rows = (apr_size_t)task->n_rows;
    const char *const arguments[] = { path, NULL };
    const char *job = job_of(task, must_show, p), *text;
    const struct iovec input[] = {
        { (void *)(apr_uintptr_t)job, strlen(job) },
        { (void *)(apr_uintptr_t) "\n", 1 },
        { (void *)(apr_uintptr_t)task->values,
          rows * (apr_size_t)task->n_features * sizeof(float) },
        { (void *)(apr_uintptr_t)task->labels, rows },
        { (void *)(apr_uintptr_t)task->folds, rows },
    };
    const mesh_process_plan_t plan = {
        .arguments = arguments,
        .input = input,
        .n_input = sizeof(input) / sizeof(*input),
        .max_output = MAX_OUTPUT,
        .max_memory = MAX_MEMORY,
        .deadline = DEADLINE,
        .should_stop = should_stop,
        .baton = stopper,
    };
    mesh_err_t *err;
    apr_size_t length;

    err = mesh_process_run(&text, &length, &plan, p);
    if (!err) {
        err = read_answer(grown, answer, task, text, length, p);
    }
    return !err || !strcmp(err->name, "stopped") ? err : translate(err, p);
}

static mesh_err_t *grow(mesh_boosting_t **grown,
                        const mesh_boosting_task_t *task,
                        int (*should_stop)(void *stopper), void *stopper,
                        void *baton, apr_pool_t *p)
{
    mesh_json_t *answer;

    return run(grown, &answer, task, 0, should_stop, stopper, baton, p);
}

const mesh_booster_t *mesh_learn_booster(const char *path, apr_pool_t *p)
{
    mesh_booster_t *booster = apr_palloc(p, sizeof(*booster));

    if (!mesh_process_is_program(path)) {
        return NULL;
    }
    booster->grow = grow;
    booster->baton = apr_pstrdup(p, path);
    return booster;
}

mesh_err_t *mesh_learn_show(mesh_boosting_t **grown, const double **margins,
                            const double **contributions,
                            const mesh_boosting_task_t *task, const char *path,
                            apr_pool_t *p)
{
    apr_size_t rows = (apr_size_t)task->n_rows;
    mesh_json_t *answer;

    MESH_TRY(run(grown, &answer, task, 1, NULL, NULL, path, p));
    MESH_TRY(read_numbers(margins, answer, "margins", rows, p));
    return read_numbers(contributions, answer, "contributions",
                        rows * ((apr_size_t)task->n_features + 1), p);
}
