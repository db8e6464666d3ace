/* SPDX-License-Identifier: Apache-2.0 */
/* logistic_folds.c -- logistic regression, judged by rows it has not seen. */
#include "algo/logistic_folds.h"

#include "algo/folds.h"
#include "algo/logistic.h"

void mesh_logistic_by_folds(double **scores, const mesh_dataset_t *data,
                            const int *rows, const int *fold, int n, int folds,
                            const mesh_logistic_costs_t *costs,
                            int (*tell)(void *baton), void *baton,
                            apr_pool_t *scratch)
{
    int *parted = apr_palloc(scratch, (apr_size_t)n * sizeof(*parted));
    int *where = apr_palloc(scratch, (apr_size_t)n * sizeof(*where));
    apr_pool_t *iterpool, *fitpool;
    int is_stopped = 0;

    apr_pool_create(&iterpool, scratch);
    apr_pool_create(&fitpool, scratch);
    for (int at = 0; at < folds; at++) {
        mesh_encoder_t *encoder;
        mesh_encoder_view_t *view;
        mesh_logistic_matrix_t *seen, *held;
        const int *labels;
        double *weights, intercept = 0;
        int n_held, n_seen;

        apr_pool_clear(iterpool);
        n_held = mesh_folds_part(parted, where, rows, fold, n, at);
        n_seen = n - n_held;
        /* All rows may be of one group. */
        if (n_seen == 0 || is_stopped) {
            for (int k = 0; k < costs->n; k++) {
                for (int i = 0; i < n; i++) {
                    scores[k][i] = 0;
                }
                is_stopped |= tell(baton);
            }
            continue;
        }
        encoder = mesh_encoder_fit(data->table, data->columns, data->n_columns,
                                   parted, n_seen, iterpool, iterpool);
        view = mesh_encoder_view(encoder, data->table, iterpool);
        seen = mesh_logistic_matrix(view, encoder, parted, n_seen, iterpool);
        held = mesh_logistic_matrix(view, encoder, parted + n_seen, n_held,
                                    iterpool);
        labels = mesh_dataset_labels(data, parted, n_seen, iterpool);
        weights = apr_pcalloc(iterpool,
                              (apr_size_t)seen->n_features * sizeof(*weights));
        for (int k = 0; k < costs->n; k++) {
            apr_pool_clear(fitpool);
            if (is_stopped) {
                break;
            }
            /* From the weights of the cost before, most of the way is done. */
            mesh_logistic_fit(weights, &intercept, seen, labels,
                              costs->values[k], costs->precision, fitpool);
            for (int i = 0; i < n_held; i++) {
                scores[k][where[n_seen + i]] =
                    mesh_logistic_score(weights, intercept, held, i);
            }
            is_stopped |= tell(baton);
        }
    }
    apr_pool_destroy(fitpool);
    apr_pool_destroy(iterpool);
}
