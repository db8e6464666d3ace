/* SPDX-License-Identifier: Apache-2.0 */
/* trees.c -- what a forest says, and that its reasons add up. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "algo/trees.h"

static apr_pool_t *pool;

static mesh_err_t *load(mesh_trees_t **trees, const char *text)
{
    mesh_json_t *json;

    MESH_TRY(mesh_json_parse(&json, text, strlen(text), pool));
    return mesh_trees_load(trees, json, 3, pool);
}

/*
 * Feature 0 below 2 goes left, feature 1 there below 5; missing ones go right
 * and left.  The second tree asks for feature 0 twice.
 */
static const char forest[] =
    "{\"base\":0.5,\"trees\":["
    "{\"feature\":[0,1,-1,-1,-1],\"split\":[2,5,1,-2,3],"
    "\"left\":[1,2,0,0,0],\"right\":[4,3,0,0,0],\"missing\":[4,2,0,0,0],"
    "\"cover\":[10,6,2,4,4]},"
    "{\"feature\":[0,-1,2,-1,0,-1,-1],\"split\":[1,0.25,0,-0.5,3,1.5,-1],"
    "\"left\":[1,0,3,0,5,0,0],\"right\":[2,0,4,0,6,0,0],"
    "\"missing\":[2,0,3,0,6,0,0],\"cover\":[10,3,7,2,5,1,4]},"
    "{\"feature\":[-1],\"split\":[0.125],\"left\":[0],\"right\":[0],"
    "\"missing\":[0],\"cover\":[10]}]}";

static const float rows[][3] = {
    { 1, 4, 0 },     { 1, 5, 0 },    { 2, 4, -1 },     { NAN, 4, 1 },
    { 1, NAN, NAN }, { 2.5f, 9, 3 }, { 3, NAN, NAN },  { 0, 0, 0 },
    { NAN, NAN, 1 }, { 1, 4.9f, 0 }, { 2, NAN, 0.1f },
};
#define N_ROWS ((int)(sizeof(rows) / sizeof(*rows)))

static void answers(const mesh_trees_t *trees)
{
    static const double margins[] = {
        /* 0.5 + first + second + 0.125 */
        0.625 + 1 + 1.5, 0.625 - 2 + 1.5, 0.625 + 3 - 0.5, 0.625 + 3 - 1,
        0.625 + 1 - 0.5, 0.625 + 3 + 1.5, 0.625 + 3 - 0.5, 0.625 + 1 + 0.25,
        0.625 + 3 - 1,   0.625 + 1 + 1.5, 0.625 + 3 + 1.5,
    };
    double worst = 0;

    for (int i = 0; i < N_ROWS; i++) {
        worst =
            fmax(worst, fabs(mesh_trees_margin(trees, rows[i]) - margins[i]));
        worst =
            fmax(worst, fabs((double)mesh_trees_margin_in_floats(trees, rows[i])
                             - margins[i]));
    }
    ok(worst == 0, "every row falls into its leaf, missing or not");
    is_near(mesh_trees_expected(trees),
            0.625 + (2 * 1 + 4 * -2 + 4 * 3) / 10.0
                + (3 * 0.25 + 2 * -0.5 + 1 * 1.5 + 4 * -1) / 10.0,
            1e-12, "the average row's answer is the average of the leaves");
}

/* ---- Shapley values by their definition --------------------------------- */

/* The answer of one tree if only the features in KNOWN are known: the others
 * go both ways, weighed by the training rows (Lundberg 2020, algorithm 1). */
static double known_only(const mesh_json_t *tree, apr_size_t at,
                         const float *row, unsigned known)
{
#define AT(name, i) \
    mesh_json_number(mesh_json_element(mesh_json_member(tree, name), i))
    int feature = (int)AT("feature", at);
    apr_size_t left = (apr_size_t)AT("left", at);
    apr_size_t right = (apr_size_t)AT("right", at);

    if (feature < 0) {
        return AT("split", at);
    }
    if (known & 1u << feature) {
        apr_size_t next = isnan(row[feature]) ? (apr_size_t)AT("missing", at)
                          : row[feature] < (float)AT("split", at) ? left
                                                                  : right;

        return known_only(tree, next, row, known);
    }
    return (known_only(tree, left, row, known) * AT("cover", left)
            + known_only(tree, right, row, known) * AT("cover", right))
           / AT("cover", at);
#undef AT
}

static double brute_force(const mesh_json_t *list, const float *row,
                          int feature)
{
    static const double weights[] = { 2 / 6.0, 1 / 6.0, 2 / 6.0 };
    double sum = 0;

    for (unsigned known = 0; known < 8; known++) {
        double gain = 0;

        if (known & 1u << feature) {
            continue;
        }
        for (apr_size_t i = 0; i < mesh_json_count(list); i++) {
            const mesh_json_t *tree = mesh_json_element(list, i);

            gain += known_only(tree, 0, row, known | 1u << feature)
                    - known_only(tree, 0, row, known);
        }
        sum += weights[__builtin_popcount(known)] * gain;
    }
    return sum;
}

static void explains(const mesh_trees_t *trees)
{
    double worst = 0, worst_sum = 0;
    const mesh_json_t *list;
    mesh_json_t *json;

    mesh_json_parse(&json, forest, strlen(forest), pool);
    list = mesh_json_member(json, "trees");
    for (int i = 0; i < N_ROWS; i++) {
        double shares[3] = { 0 }, sum = mesh_trees_expected(trees);

        mesh_trees_explain(trees, rows[i], shares);
        for (int k = 0; k < 3; k++) {
            worst =
                fmax(worst, fabs(shares[k] - brute_force(list, rows[i], k)));
            sum += shares[k];
        }
        worst_sum =
            fmax(worst_sum, fabs(sum - mesh_trees_margin(trees, rows[i])));
    }
    ok(worst < 1e-12, "reasons are Shapley values (%g)", worst);
    ok(worst_sum < 1e-12, "which are the whole way to the answer (%g)",
       worst_sum);
}

static void comes_back(const mesh_trees_t *trees)
{
    const char *text = mesh_json_format(mesh_trees_save(trees, pool), pool);
    mesh_trees_t *again;
    int is_same = 1;

    ok(!load(&again, text) && mesh_trees_count(again) == 3,
       "a forest is read from its text");
    for (int i = 0; again && i < N_ROWS; i++) {
        is_same &= mesh_trees_margin(again, rows[i])
                   == mesh_trees_margin(trees, rows[i]);
    }
    ok(is_same, "and says the same");
    is_text(mesh_json_format(mesh_trees_save(again, pool), pool), text,
            "and is written the same");
}

/* ---- What may come from anywhere ---------------------------------------- */

static void refuses(void)
{
#define ONE(feature, split, left, right, missing, cover)               \
    "{\"base\":0,\"trees\":[{\"feature\":" feature ",\"split\":" split \
    ",\"left\":" left ",\"right\":" right ",\"missing\":" missing      \
    ",\"cover\":" cover "}]}"
    static const struct {
        const char *text, *what;
    } bad[] = {
        { "[]", "no object" },
        { "{\"trees\":[]}", "no base" },
        { "{\"base\":1e300,\"trees\":[]}", "a base beyond bounds" },
        { "{\"base\":0,\"trees\":{}}", "no list" },
        { "{\"base\":0,\"trees\":[7]}", "a tree that is a number" },
        { "{\"base\":0,\"trees\":[{}]}", "a tree without nodes" },
        { ONE("[]", "[]", "[]", "[]", "[]", "[]"), "an empty tree" },
        { ONE("[-1]", "[1,2]", "[0]", "[0]", "[0]", "[1]"),
          "arrays of other lengths" },
        { ONE("[-1]", "[\"x\"]", "[0]", "[0]", "[0]", "[1]"),
          "a leaf that is a text" },
        { ONE("[-1]", "[1e30]", "[0]", "[0]", "[0]", "[1]"),
          "a leaf beyond bounds" },
        { ONE("[-2]", "[1]", "[0]", "[0]", "[0]", "[1]"),
          "a feature below none" },
        { ONE("[3,-1,-1]", "[1,1,1]", "[1,0,0]", "[2,0,0]", "[1,0,0]",
              "[2,1,1]"),
          "a feature that is not there" },
        { ONE("[0.5,-1,-1]", "[1,1,1]", "[1,0,0]", "[2,0,0]", "[1,0,0]",
              "[2,1,1]"),
          "half a feature" },
        { ONE("[0,-1,-1]", "[1,1,1]", "[0,0,0]", "[2,0,0]", "[2,0,0]",
              "[2,1,1]"),
          "a way back to itself" },
        { ONE("[0,-1,-1]", "[1,1,1]", "[1,0,0]", "[3,0,0]", "[1,0,0]",
              "[2,1,1]"),
          "a way out of the tree" },
        { ONE("[0,-1,-1]", "[1,1,1]", "[1,0,0]", "[2,0,0]", "[0,0,0]",
              "[2,1,1]"),
          "a missing value that goes nowhere" },
        { ONE("[0,-1,-1]", "[1,1,1]", "[1,0,0]", "[1,0,0]", "[1,0,0]",
              "[2,1,1]"),
          "two sides that are one" },
        { ONE("[0,-1,-1,-1]", "[1,1,1,1]", "[1,0,0,0]", "[2,0,0,0]",
              "[1,0,0,0]", "[2,1,1,1]"),
          "a node without a parent" },
        { ONE("[0,0,-1,-1]", "[1,1,1,1]", "[1,2,0,0]", "[2,3,0,0]", "[1,2,0,0]",
              "[2,1,1,1]"),
          "a node with two" },
        { ONE("[0,-1,-1]", "[1,1,1]", "[1,0,0]", "[2,0,0]", "[1,0,0]",
              "[0,1,1]"),
          "a node no row came by" },
        { ONE("[0,-1,-1]", "[1,1,1]", "[1,0,0]", "[2,0,0]", "[1,0,0]",
              "[2,-1,1]"),
          "a weight below none" },
    };
    apr_size_t refused = 0;
    const char *deep, *zeros = "0";
    mesh_trees_t *trees;

    for (apr_size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        mesh_err_t *err = load(&trees, bad[i].text);

        if (err && !strcmp(err->name, "bad_model") && !trees) {
            refused++;
        }
        else {
            printf("# %s was read\n", bad[i].what);
        }
    }
    ok(refused == sizeof(bad) / sizeof(*bad),
       "what is no forest is refused, %d times", (int)refused);

    /* A chain: node 2i asks, 2i + 1 is a leaf. */
    {
        const char *f = "0,-1", *l = "1,0", *r = "2,0", *c = "9,4";

        for (int i = 1; i < 20; i++) {
            f = apr_psprintf(pool, "%s,0,-1", f);
            l = apr_psprintf(pool, "%s,%d,0", l, 2 * i + 1);
            r = apr_psprintf(pool, "%s,%d,0", r, 2 * i + 2);
            c = apr_psprintf(pool, "%s,9,4", c);
            zeros = apr_psprintf(pool, "%s,0,0", zeros);
        }
        deep = apr_psprintf(
            pool,
            "{\"base\":0,\"trees\":[{\"feature\":[%s,-1],\"split\":[%s,0,0],"
            "\"left\":[%s,0],\"right\":[%s,0],\"missing\":[%s,0],"
            "\"cover\":[%s,1]}]}",
            f, zeros, l, r, l, c);
    }
    ok(load(&trees, deep) != NULL, "and one that is too deep");
}

int main(void)
{
    mesh_trees_t *trees;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(!load(&trees, forest), "a forest is read");
    if (trees) {
        answers(trees);
        explains(trees);
        comes_back(trees);
    }
    refuses();
    apr_terminate();
    return done_testing();
}
