/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trees.c -- a forest of boosted trees: what it says of a row, and why.
 *
 * For Shapley values a tree is the sum of its leaves, and a leaf is what a row
 * gets if it meets all conditions on the way there.  Several conditions on one
 * feature are one: an interval, and whether a missing value passes.  So a leaf
 * is a product of independent factors, one per feature: 1 or 0 if the feature
 * is known, the share of training rows that pass if not.  For such a product
 * the Shapley value of a feature is a short sum over the numbers of other
 * features known, which are the coefficients of a polynomial: no recursion
 * over subsets, and nothing to unwind.
 */
#include "algo/trees.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <apr_strings.h>

#include "base/text.h"

/* Nodes of all trees together; what was learnt has some thousands. */
#define MAX_NODES (1 << 20)

/* No leaf or cover that was learnt comes near; with it no sum overflows. */
#define MAX_VALUE 1e9

typedef struct {
    float split; /* the value of a leaf */
    int feature; /* -1: a leaf */
    int left;    /* these count from the first node of the forest */
    int right;
    int missing;
} node_t;

/* One feature's part of the way to a leaf. */
typedef struct {
    int feature;
    int passes_missing;
    float low, high; /* low <= x < high */
    double share;    /* of the training rows that come by, passing */
} condition_t;

typedef struct {
    double value;
    int first; /* of its conditions */
    int n;
} leaf_t;

struct mesh_trees_t {
    float base;
    int n_features;
    int n_trees;
    const int *roots; /* N_TREES + 1 */
    node_t *nodes;
    float *covers;

    int n_leaves;
    leaf_t *leaves;
    condition_t *conditions;
    double expected;
};

/* ---- Evaluating --------------------------------------------------------- */

static float leaf_of(const node_t *nodes, int at, const float *row)
{
    const node_t *node = &nodes[at];

    while (node->feature >= 0) {
        float x = row[node->feature];

        node = &nodes[isnan(x) ? node->missing
                               : (x < node->split ? node->left : node->right)];
    }
    return node->split;
}

double mesh_trees_margin(const mesh_trees_t *trees, const float *row)
{
    double margin;

    mesh_trees_margins(trees, row, 1, &margin);
    return margin;
}

void mesh_trees_margins(const mesh_trees_t *trees, const float *rows, int n,
                        double *margins)
{
    apr_size_t width = (apr_size_t)trees->n_features;

    for (int i = 0; i < n; i++) {
        margins[i] = trees->base;
    }
    /* A tree stays in the cache while all rows go through it. */
    for (int k = 0; k < trees->n_trees; k++) {
        for (int i = 0; i < n; i++) {
            margins[i] += leaf_of(trees->nodes, trees->roots[k],
                                  rows + (apr_size_t)i * width);
        }
    }
}

float mesh_trees_margin_in_floats(const mesh_trees_t *trees, const float *row)
{
    float sum = trees->base;

    for (int i = 0; i < trees->n_trees; i++) {
        sum += leaf_of(trees->nodes, trees->roots[i], row);
    }
    return sum;
}

int mesh_trees_count(const mesh_trees_t *trees)
{
    return trees->n_trees;
}

double mesh_trees_expected(const mesh_trees_t *trees)
{
    return trees->expected;
}

/* ---- Explaining --------------------------------------------------------- */

static int passes(const condition_t *condition, const float *row)
{
    float x = row[condition->feature];

    return isnan(x) ? condition->passes_missing
                    : x >= condition->low && x < condition->high;
}

/* k! (n - 1 - k)! / n!: how much a feature counts that joins K of N - 1. */
typedef double weights_t[MESH_TREES_MAX_DEPTH + 1][MESH_TREES_MAX_DEPTH];

static void fill_weights(weights_t weights)
{
    for (int n = 1; n <= MESH_TREES_MAX_DEPTH; n++) {
        weights[n][0] = 1.0 / n;
        for (int k = 1; k < n; k++) {
            weights[n][k] = weights[n][k - 1] * k / (n - k);
        }
    }
}

/*
 * With a share for each condition, what K known features are worth together is
 * the coefficient of y^k in the product of (share + y) over the conditions that
 * are met, times the shares of those that are not: one that is not met is
 * worth nothing once it is known.
 */
static void explain_leaf(const leaf_t *leaf, const condition_t *conditions,
                         const float *row, const double *weights,
                         double *shares)
{
    double known[MESH_TREES_MAX_DEPTH + 1] = { 1 }, rest = leaf->value, sum = 0;
    int met[MESH_TREES_MAX_DEPTH], unmet[MESH_TREES_MAX_DEPTH];
    int n_met = 0, n_unmet = 0;

    for (int i = 0; i < leaf->n; i++) {
        double share = conditions[i].share;

        if (!passes(&conditions[i], row)) {
            unmet[n_unmet++] = i;
            rest *= share;
            continue;
        }
        known[n_met + 1] = 1;
        for (int k = n_met; k > 0; k--) {
            known[k] = known[k] * share + known[k - 1];
        }
        known[0] *= share;
        met[n_met++] = i;
    }
    for (int k = 0; n_unmet > 0 && k <= n_met; k++) {
        sum += weights[k] * known[k];
    }
    for (int i = 0; i < n_unmet; i++) {
        shares[conditions[unmet[i]].feature] -= rest * sum;
    }
    for (int i = 0; i < n_met; i++) {
        /* The same product without this one: divided by it, from the top. */
        double share = conditions[met[i]].share, others = known[n_met];
        double worth = weights[n_met - 1] * others;

        for (int k = n_met - 1; k > 0; k--) {
            others = known[k] - share * others;
            worth += weights[k - 1] * others;
        }
        shares[conditions[met[i]].feature] += (1 - share) * rest * worth;
    }
}

void mesh_trees_explain(const mesh_trees_t *trees, const float *row,
                        double *shares)
{
    weights_t weights;

    fill_weights(weights);
    for (int i = 0; i < trees->n_leaves; i++) {
        const leaf_t *leaf = &trees->leaves[i];

        explain_leaf(leaf, trees->conditions + leaf->first, row,
                     weights[leaf->n], shares);
    }
}

/* ---- Making ------------------------------------------------------------- */

static mesh_err_t *refuse(apr_pool_t *p, const char *words)
{
    return mesh_err(p, MESH_INVALID, "bad_model",
                    "This is no forest of ours: %s.", words);
}

/* From a leaf up to its root, each feature once. */
static int gather(condition_t *conditions, const mesh_trees_t *trees,
                  const int *parents, int at)
{
    int n = 0;

    for (int up = parents[at]; up >= 0; at = up, up = parents[up]) {
        const node_t *node = &trees->nodes[up];
        condition_t *condition = conditions;
        int is_left = node->left == at;

        while (condition < conditions + n
               && condition->feature != node->feature) {
            condition++;
        }
        if (condition == conditions + n) {
            n++;
            *condition = (condition_t){ .feature = node->feature,
                                        .passes_missing = 1,
                                        .low = -INFINITY,
                                        .high = INFINITY,
                                        .share = 1 };
        }
        if (is_left && node->split < condition->high) {
            condition->high = node->split;
        }
        if (!is_left && node->split > condition->low) {
            condition->low = node->split;
        }
        condition->passes_missing &= node->missing == at;
        condition->share *= (double)trees->covers[at] / trees->covers[up];
    }
    return n;
}

/* Children follow their parents, so one pass finds every way. */
static mesh_err_t *find_leaves(mesh_trees_t *trees, int n_nodes, apr_pool_t *p)
{
    int *parents = apr_palloc(p, (apr_size_t)n_nodes * sizeof(*parents));
    int *depths = apr_palloc(p, (apr_size_t)n_nodes * sizeof(*depths));
    apr_size_t room = 0;
    int used = 0;

    for (int i = 0; i < n_nodes; i++) {
        parents[i] = -1;
    }
    for (int i = 0; i < n_nodes; i++) {
        const node_t *node = &trees->nodes[i];

        depths[i] = parents[i] < 0 ? 0 : depths[parents[i]] + 1;
        if (depths[i] > MESH_TREES_MAX_DEPTH) {
            return refuse(p, "a tree is too deep");
        }
        if (node->feature < 0) {
            trees->n_leaves++;
            room += (apr_size_t)depths[i];
            continue;
        }
        if (parents[node->left] >= 0 || parents[node->right] >= 0) {
            return refuse(p, "a node has two parents");
        }
        parents[node->left] = parents[node->right] = i;
    }
    for (int i = 0; i < trees->n_trees; i++) {
        for (int k = trees->roots[i] + 1; k < trees->roots[i + 1]; k++) {
            if (parents[k] < 0) {
                return refuse(p, "a node has no parent");
            }
        }
    }
    trees->leaves = apr_palloc(p, (apr_size_t)trees->n_leaves * sizeof(leaf_t));
    trees->conditions = apr_palloc(p, room * sizeof(condition_t));
    trees->n_leaves = 0;
    trees->expected = trees->base;
    for (int i = 0; i < n_nodes; i++) {
        leaf_t *leaf = &trees->leaves[trees->n_leaves];
        double expected = trees->nodes[i].split;

        if (trees->nodes[i].feature >= 0) {
            continue;
        }
        leaf->value = trees->nodes[i].split;
        leaf->first = used;
        leaf->n = gather(trees->conditions + used, trees, parents, i);
        for (int k = 0; k < leaf->n; k++) {
            expected *= trees->conditions[used + k].share;
        }
        trees->expected += expected;
        trees->n_leaves++;
        used += leaf->n;
    }
    return NULL;
}

static const char *const arrays[] = { "feature", "split",   "left",
                                      "right",   "missing", "cover" };
enum { FEATURE, SPLIT, LEFT, RIGHT, MISSING, COVER, N_ARRAYS };

/* An element that is a whole number from LOW to HIGH, else LOW - 1. */
static int whole(const mesh_json_t *array, int at, int low, int high)
{
    const mesh_json_t *x = mesh_json_element(array, (apr_size_t)at);
    apr_int64_t n = mesh_json_integer(x);

    return mesh_json_kind(x) == MESH_JSON_INTEGER && n >= low && n <= high
               ? (int)n
               : low - 1;
}

static int load_float(float *to, const mesh_json_t *x)
{
    if (!x || !mesh_json_is_number(x)
        || !(fabs(mesh_json_number(x)) <= MAX_VALUE)) {
        return 0;
    }
    *to = (float)mesh_json_number(x);
    return 1;
}

/* A split may be at any float, also one that no value lies beyond. */
static int load_split(float *to, const mesh_json_t *x)
{
    if (!x || !mesh_json_is_number(x)) {
        return 0;
    }
    *to = (float)fmax(fmin(mesh_json_number(x), 3e38), -3e38);
    return 1;
}

static mesh_err_t *load_tree(mesh_trees_t *trees, const mesh_json_t *json,
                             int first, int n, apr_pool_t *p)
{
    const mesh_json_t *from[N_ARRAYS];

    for (int i = 0; i < N_ARRAYS; i++) {
        from[i] = mesh_json_member(json, arrays[i]);
        if (!from[i] || mesh_json_kind(from[i]) != MESH_JSON_ARRAY
            || mesh_json_count(from[i]) != (apr_size_t)n) {
            return refuse(
                p, apr_psprintf(p, "\"%s\" is not one per node", arrays[i]));
        }
    }
    for (int i = 0; i < n; i++) {
        node_t *node = &trees->nodes[first + i];
        const mesh_json_t *split = mesh_json_element(from[SPLIT], i);
        int feature = whole(from[FEATURE], i, -1, trees->n_features - 1);

        if (!load_float(&trees->covers[first + i],
                        mesh_json_element(from[COVER], i))
            || !(trees->covers[first + i] >= 0)) {
            return refuse(p, "one of \"cover\" is no weight");
        }
        node->feature = feature;
        if (feature == -1) {
            if (!load_float(&node->split, split)) {
                return refuse(p, "a leaf has no value");
            }
            continue;
        }
        /* Children come after their parent: no way leads round in a circle. */
        node->left = first + whole(from[LEFT], i, i + 1, n - 1);
        node->right = first + whole(from[RIGHT], i, i + 1, n - 1);
        node->missing = first + whole(from[MISSING], i, i + 1, n - 1);
        if (feature < -1 || !load_split(&node->split, split)
            || node->left <= first + i || node->right <= first + i
            || node->left == node->right
            || (node->missing != node->left && node->missing != node->right)
            || !(trees->covers[first + i] > 0)) {
            return refuse(p, "a node is not one");
        }
    }
    return NULL;
}

mesh_err_t *mesh_trees_load(mesh_trees_t **trees, const mesh_json_t *json,
                            int n_features, apr_pool_t *p)
{
    mesh_trees_t *made = apr_pcalloc(p, sizeof(*made));
    const mesh_json_t *list = json ? mesh_json_member(json, "trees") : NULL;
    apr_size_t n_nodes = 0;
    int *roots;

    *trees = NULL;
    if (!list || mesh_json_kind(list) != MESH_JSON_ARRAY
        || mesh_json_count(list) > MESH_TREES_MAX) {
        return refuse(p, "\"trees\" is no list of them");
    }
    if (!load_float(&made->base, mesh_json_member(json, "base"))) {
        return refuse(p, "\"base\" is not a number in bounds");
    }
    made->n_features = n_features;
    made->n_trees = (int)mesh_json_count(list);
    roots = apr_palloc(p, ((apr_size_t)made->n_trees + 1) * sizeof(*roots));
    for (int i = 0; i < made->n_trees; i++) {
        const mesh_json_t *tree = mesh_json_element(list, (apr_size_t)i);
        const mesh_json_t *nodes = mesh_json_member(tree, arrays[FEATURE]);
        apr_size_t n = nodes ? mesh_json_count(nodes) : 0;

        roots[i] = (int)n_nodes;
        n_nodes += n;
        if (n == 0 || n_nodes > MAX_NODES) {
            return refuse(p, "a tree has no node, or too many");
        }
    }
    roots[made->n_trees] = (int)n_nodes;
    made->roots = roots;
    made->nodes = apr_pcalloc(p, n_nodes * sizeof(node_t));
    made->covers = apr_pcalloc(p, n_nodes * sizeof(float));
    for (int i = 0; i < made->n_trees; i++) {
        MESH_TRY(load_tree(made, mesh_json_element(list, (apr_size_t)i),
                           roots[i], roots[i + 1] - roots[i], p));
    }
    MESH_TRY(find_leaves(made, (int)n_nodes, p));
    *trees = made;
    return NULL;
}

/* Nine digits are a float, and fewer than those of the same as a double. */
static double in_nine_digits(float x)
{
    char text[MESH_TEXT_NUMBER_SIZE];
    double read = x;

    snprintf(text, sizeof(text), "%.9g", (double)x);
    for (char *c = text; *c; c++) {
        *c = *c == ',' ? '.' : *c; /* some locales write a comma */
    }
    mesh_text_is_number(text, &read);
    return read;
}

mesh_json_t *mesh_trees_save(const mesh_trees_t *trees, apr_pool_t *p)
{
    mesh_json_t *json = mesh_json_object(p), *list;

    mesh_json_set_number(json, "base", in_nine_digits(trees->base));
    list = mesh_json_set_array(json, "trees");
    for (int i = 0; i < trees->n_trees; i++) {
        mesh_json_t *tree = mesh_json_add_object(list), *to[N_ARRAYS];
        int first = trees->roots[i];

        for (int k = 0; k < N_ARRAYS; k++) {
            to[k] = mesh_json_set_array(tree, arrays[k]);
        }
        for (int k = first; k < trees->roots[i + 1]; k++) {
            const node_t *node = &trees->nodes[k];
            int has_more = node->feature >= 0;

            mesh_json_add_integer(to[FEATURE], node->feature);
            mesh_json_add_number(to[SPLIT], in_nine_digits(node->split));
            mesh_json_add_integer(to[LEFT], has_more ? node->left - first : 0);
            mesh_json_add_integer(to[RIGHT],
                                  has_more ? node->right - first : 0);
            mesh_json_add_integer(to[MISSING],
                                  has_more ? node->missing - first : 0);
            mesh_json_add_number(to[COVER], in_nine_digits(trees->covers[k]));
        }
    }
    return json;
}
