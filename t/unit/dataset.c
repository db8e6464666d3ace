/* SPDX-License-Identifier: Apache-2.0 */
/* dataset.c -- what may be learnt from, and what is refused and why. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "algo/dataset.h"

#define N 60

static apr_pool_t *pool;

static const char *const names[] = { "id",   "x",    "note", "left",
                                     "flat", "when", "plan", "reason" };
enum { ID, X, NOTE, LEFT, FLAT, WHEN, PLAN, REASON, COLUMNS };

/* Sixty clients, every third has left; WHEN and REASON give it away. */
static mesh_table_t *clients(void)
{
    mesh_table_t *table = mesh_table_make(names, COLUMNS, N, pool);

    for (int i = 0; i < N; i++) {
        int left = i % 3 == 0;

        mesh_table_put_text(table, i, ID, apr_psprintf(pool, "c-%d", i));
        mesh_table_put_number(table, i, X, i * 37 % 11);
        mesh_table_put_text(table, i, NOTE, apr_psprintf(pool, "said %d", i));
        mesh_table_put_text(table, i, LEFT, left ? "Yes" : "No");
        mesh_table_put_text(table, i, FLAT, "same");
        if (left) {
            mesh_table_put_number(table, i, WHEN, i * 7 % 13);
        }
        mesh_table_put_text(table, i, PLAN, i * 5 % 7 < 3 ? "basic" : "gold");
        mesh_table_put_text(table, i, REASON,
                            !left   ? ""
                            : i % 2 ? "price"
                                    : "quality");
    }
    return table;
}

static apr_array_header_t *list(const char *name)
{
    apr_array_header_t *names_of = apr_array_make(pool, 1, sizeof(char *));

    APR_ARRAY_PUSH(names_of, const char *) = name;
    return names_of;
}

static mesh_dataset_t *data;

/* "" when TABLE is good, else the error's name and message. */
static const char *verdict(mesh_table_t *table, const mesh_dataset_plan_t *plan)
{
    mesh_err_t *err;

    mesh_table_infer(table);
    err = mesh_dataset_make(&data, table, plan, pool, pool);
    return err ? apr_pstrcat(pool, err->name, ": ", err->message, NULL) : "";
}

static int says(const char *words, const char *name, const char *detail)
{
    return strncmp(words, name, strlen(name)) == 0 && strstr(words, detail);
}

static const char *ignored(const char *column)
{
    for (int i = 0; i < data->ignored->nelts; i++) {
        const mesh_dataset_ignored_t *one =
            &APR_ARRAY_IDX(data->ignored, i, mesh_dataset_ignored_t);

        if (strcmp(one->column, column) == 0) {
            return one->why;
        }
    }
    return NULL;
}

static void chooses(void)
{
    mesh_dataset_plan_t plan = { .target = "left",
                                 .id = "id",
                                 .exclude = list("flat") };

    is_text(verdict(clients(), &plan), "", "a table of clients is good");
    ok(data->positives == 20 && data->labels[0] == 1 && data->labels[1] == 0,
       "Yes is what to foresee");
    is_text(data->positive, "Yes", "and is named");
    ok(data->n_columns == 2 && data->columns[0] == X
           && data->columns[1] == PLAN,
       "two columns are left to learn from");
    is_text(ignored("id"), "id", "the id is ignored");
    is_text(ignored("flat"), "excluded", "what is excluded is");
    is_text(ignored("note"), "unique_text", "prose is");
    is_text(ignored("when"), "leak", "a date of leaving is a leak");
    is_text(ignored("reason"), "leak", "a reason for leaving is");
    ok(data->leaks->nelts == 2, "both leaks are reported");

    plan.force = list("when");
    verdict(clients(), &plan);
    ok(data->n_columns == 3 && data->leaks->nelts == 2,
       "a leak may be forced, and is reported all the same");

    plan = (mesh_dataset_plan_t){ .target = "left",
                                  .positive = " No ",
                                  .exclude = list("flat"),
                                  .group = "plan" };
    is_text(verdict(clients(), &plan), "", "a group may be named");
    ok(data->positives == 40 && data->labels[1] == 1,
       "the positive value may be named");
    ok(data->groups[0] == 0 && data->groups[1] == 1 && data->groups[7] == 0,
       "groups are equal where values are");
    is_text(ignored("plan"), "group", "a group is not learnt from");
}

static void infers_positive(void)
{
    static const struct {
        const char *values[2]; /* of every third row, and of the others */
        const char *positive;
    } cases[] = {
        { { "Yes", "No" }, "Yes" },
        { { "no", "YES" }, "YES" },
        { { "1", "0" }, "1" },
        { { "0", "1.0" }, "1" },
        { { "1", "2" }, "1" },
        { { "2", "1" }, "2" },
        { { "-1", "1" }, "1" },
        { { "TRUE", "False" }, "true" },
        { { "stayed", "Churned" }, "Churned" },
        { { "red", "blue" }, "red" },
        { { "blue", "red" }, "blue" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        mesh_dataset_plan_t plan = { .target = "left",
                                     .exclude = list("flat") };
        mesh_table_t *table = clients();

        for (int row = 0; row < N; row++) {
            mesh_table_put_text(table, row, LEFT,
                                cases[i].values[row % 3 != 0]);
        }
        verdict(table, &plan);
        is_text(data ? data->positive : NULL, cases[i].positive,
                "of %s and %s, %s is foreseen", cases[i].values[0],
                cases[i].values[1], cases[i].positive);
    }
}

static void refuses(void)
{
    mesh_dataset_plan_t plan = { .target = "left", .exclude = list("flat") };
    mesh_dataset_plan_t other = plan;
    mesh_table_t *table;

    other.target = "gone";
    ok(says(verdict(clients(), &other), "target_missing", "gone"),
       "a target that is not there");
    table = clients();
    mesh_table_put_text(table, 4, LEFT, " ");
    mesh_table_put_text(table, 9, LEFT, "");
    ok(says(verdict(table, &plan), "target_has_gaps",
            "2 of 60 rows, first in "
            "row 5"),
       "a target with gaps");
    table = clients();
    mesh_table_put_text(table, 4, LEFT, "perhaps");
    ok(says(verdict(table, &plan), "target_not_binary", "3 values"),
       "a target of three values");
    for (int i = 0; i < N; i++) {
        mesh_table_put_text(table, i, LEFT, "No");
    }
    ok(says(verdict(table, &plan), "one_class", "No"), "a target of one value");
    for (int i = 0; i < 4; i++) {
        mesh_table_put_text(table, i, LEFT, "Yes");
    }
    ok(says(verdict(table, &plan), "too_few_rows", "4 of them \"Yes\""),
       "four of a class");
    other = plan;
    other.positive = "maybe";
    ok(says(verdict(clients(), &other), "bad_positive", "maybe"),
       "a positive value that does not occur");
    other = plan;
    other.exclude = list("flaat");
    ok(says(verdict(clients(), &other), "unknown_column", "flaat"),
       "an excluded column that is not there");
    other = plan;
    other.exclude = NULL;
    table = clients();
    for (int i = 0; i < N; i++) {
        mesh_table_put_text(table, i, X, "");
    }
    ok(says(verdict(table, &other), "constant_column", "\"x\", \"flat\"")
           && strstr(verdict(table, &other), "exclude"),
       "constant columns, all at once");
    table = clients();
    mesh_table_put_number(table, 6, X, 2e15);
    ok(says(verdict(table, &plan), "number_out_of_range", "Row 7")
           && strstr(verdict(table, &plan), "\"x\""),
       "a number out of range");
    other = plan;
    other.exclude = apr_array_append(pool, list("x"), list("flat"));
    other.id = "plan";
    ok(says(verdict(clients(), &other), "no_columns", "left"),
       "a table of nothing but leaks and prose");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    chooses();
    infers_positive();
    refuses();
    apr_terminate();
    return done_testing();
}
