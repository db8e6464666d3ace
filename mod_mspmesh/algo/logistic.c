/* SPDX-License-Identifier: Apache-2.0 */
/* logistic.c -- logistic regression: a weight for each feature and no more. */
#include "algo/logistic.h"

#include <math.h>
#include <pthread.h>
#include <linear.h>

/* The intercept is the weight of a feature that is always this: the larger,
 * the less of a penalty is left on it. */
#define BIAS 10.0

static void say_nothing(const char *words)
{
    (void)words;
}

/* The library would write its progress to standard output; where it writes
 * is one variable for the whole process, so it is set once for all. */
static void silence(void)
{
    set_print_string_function(say_nothing);
}

static apr_status_t forget(void *model)
{
    struct model *theirs = model;

    free_and_destroy_model(&theirs);
    return APR_SUCCESS;
}

/* The rows as the library wants them: from 1, the bias, then an end mark. */
static struct problem problem_of(const mesh_logistic_matrix_t *matrix,
                                 const int *labels, apr_pool_t *p)
{
    apr_size_t n = (apr_size_t)matrix->n_rows;
    apr_size_t n_values = (apr_size_t)matrix->starts[n];
    struct feature_node *node =
        apr_palloc(p, (n_values + 2 * n) * sizeof(*node));
    struct problem problem = {
        .l = matrix->n_rows,
        .n = matrix->n_features + 1,
        .bias = BIAS,
        .y = apr_palloc(p, n * sizeof(double)),
        .x = apr_palloc(p, n * sizeof(struct feature_node *)),
    };

    for (int i = 0; i < matrix->n_rows; i++) {
        problem.x[i] = node;
        problem.y[i] = labels[i];
        for (int k = matrix->starts[i]; k < matrix->starts[i + 1]; k++) {
            node->index = matrix->values[k].feature + 1;
            node->value = matrix->values[k].value;
            node++;
        }
        node->index = problem.n;
        node->value = BIAS;
        node++;
        node->index = -1;
        node++;
    }
    return problem;
}

void mesh_logistic_fit(double *weights, double *intercept,
                       const mesh_logistic_matrix_t *matrix, const int *labels,
                       double c, double precision, apr_pool_t *scratch)
{
    static pthread_once_t silenced = PTHREAD_ONCE_INIT;
    int n = matrix->n_features, n_rows = matrix->n_rows, positives = 0;
    double *start = apr_palloc(scratch, ((apr_size_t)n + 1) * sizeof(*start));
    struct parameter parameter = {
        .solver_type = L2R_LR,
        .C = c,
        .eps = precision,
        .init_sol = start,
    };
    struct problem problem;
    struct model *model;
    double sign;

    pthread_once(&silenced, silence);
    for (int i = 0; i < n_rows; i++) {
        positives += labels[i];
    }
    if (positives == 0 || positives == n_rows) {
        for (int i = 0; i < n; i++) {
            weights[i] = 0;
        }
        *intercept = log((positives + 1.0) / (n_rows - positives + 1.0));
        return;
    }

    /* The library's own positive class is that of the first row. */
    sign = labels[0] ? 1 : -1;
    for (int i = 0; i < n; i++) {
        start[i] = sign * weights[i];
    }
    start[n] = sign * *intercept / BIAS;
    problem = problem_of(matrix, labels, scratch);
    model = train(&problem, &parameter);
    apr_pool_cleanup_register(scratch, model, forget, apr_pool_cleanup_null);
    for (int i = 0; i < n; i++) {
        weights[i] = sign * model->w[i];
    }
    *intercept = sign * model->w[n] * BIAS;
    apr_pool_cleanup_run(scratch, model, forget);
}

mesh_logistic_matrix_t *mesh_logistic_matrix(const mesh_encoder_view_t *view,
                                             const mesh_encoder_t *encoder,
                                             const int *rows, int n_rows,
                                             apr_pool_t *p)
{
    mesh_logistic_matrix_t *matrix = apr_palloc(p, sizeof(*matrix));
    int *starts = apr_palloc(p, ((apr_size_t)n_rows + 1) * sizeof(*starts));
    mesh_encoder_value_t *values = apr_palloc(
        p, (apr_size_t)mesh_encoder_width(encoder) * sizeof(*values));
    int n;

    /* Encoded twice, first to learn how much room is needed: the widest row
     * there might be is many times the usual one. */
    starts[0] = 0;
    for (int i = 0; i < n_rows; i++) {
        mesh_encoder_encode(view, rows[i], values, &n);
        starts[i + 1] = starts[i] + n;
    }
    values = apr_palloc(p, (apr_size_t)starts[n_rows] * sizeof(*values));
    for (int i = 0; i < n_rows; i++) {
        mesh_encoder_encode(view, rows[i], values + starts[i], &n);
    }
    matrix->n_rows = n_rows;
    matrix->n_features = mesh_encoder_features(encoder);
    matrix->starts = starts;
    matrix->values = values;
    return matrix;
}

double mesh_logistic_score(const double *weights, double intercept,
                           const mesh_logistic_matrix_t *matrix, int row)
{
    double sum = intercept;

    for (int k = matrix->starts[row]; k < matrix->starts[row + 1]; k++) {
        sum += weights[matrix->values[k].feature] * matrix->values[k].value;
    }
    return sum;
}
