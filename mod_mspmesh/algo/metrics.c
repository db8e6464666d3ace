/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c -- how good a probability was, once the truth is known. */
#include "algo/metrics.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    double score;
    int label;
} scored_t;

static int by_falling_score(const void *a, const void *b)
{
    double x = ((const scored_t *)a)->score, y = ((const scored_t *)b)->score;

    return (x < y) - (x > y);
}

static scored_t *sorted(const double *scores, const int *labels, int n,
                        apr_pool_t *p)
{
    scored_t *rows = apr_palloc(p, (apr_size_t)n * sizeof(*rows));

    for (int i = 0; i < n; i++) {
        rows[i] = (scored_t){ .score = scores[i], .label = labels[i] };
    }
    qsort(rows, (size_t)n, sizeof(*rows), by_falling_score);
    return rows;
}

/* One past the last row that ties with FIRST, and how many are positive. */
static int end_of_tie(const scored_t *rows, int first, int n, int *positives)
{
    int end = first;

    for (*positives = 0; end < n && rows[end].score == rows[first].score;
         end++) {
        *positives += rows[end].label;
    }
    return end;
}

double mesh_metrics_auc(const double *scores, const int *labels, int n,
                        apr_pool_t *scratch)
{
    const scored_t *rows = sorted(scores, labels, n, scratch);
    double wins = 0, above = 0, below = 0;

    for (int i = 0, end; i < n; i = end) {
        int positives, negatives;

        end = end_of_tie(rows, i, n, &positives);
        negatives = end - i - positives;
        wins += negatives * (above + positives / 2.0);
        above += positives;
        below += negatives;
    }
    return above > 0 && below > 0 ? wins / (above * below) : NAN;
}

double mesh_metrics_log_loss(const double *probabilities, const int *labels,
                             int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++) {
        double p = fmin(fmax(probabilities[i], 1e-15), 1 - 1e-15);

        sum -= log(labels[i] ? p : 1 - p);
    }
    return n > 0 ? sum / n : NAN;
}

double mesh_metrics_brier(const double *probabilities, const int *labels, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++) {
        double error = probabilities[i] - labels[i];

        sum += error * error;
    }
    return n > 0 ? sum / n : NAN;
}

double mesh_metrics_calibration(const double *probabilities, const int *labels,
                                int n,
                                mesh_metrics_bin_t bins[MESH_METRICS_BINS])
{
    double error = 0;

    for (int i = 0; i < MESH_METRICS_BINS; i++) {
        bins[i] = (mesh_metrics_bin_t){ .n = 0 };
    }
    for (int i = 0; i < n; i++) {
        int at = (int)(probabilities[i] * MESH_METRICS_BINS);
        mesh_metrics_bin_t *bin =
            &bins[at < MESH_METRICS_BINS ? at : MESH_METRICS_BINS - 1];

        bin->predicted += probabilities[i];
        bin->observed += labels[i];
        bin->n++;
    }
    for (int i = 0; i < MESH_METRICS_BINS; i++) {
        mesh_metrics_bin_t *bin = &bins[i];

        error += fabs(bin->predicted - bin->observed);
        bin->predicted = bin->n > 0 ? bin->predicted / bin->n : NAN;
        bin->observed = bin->n > 0 ? bin->observed / bin->n : NAN;
    }
    return n > 0 ? error / n : NAN;
}

double mesh_metrics_lift10(const double *scores, const int *labels, int n,
                           apr_pool_t *scratch)
{
    const scored_t *rows = sorted(scores, labels, n, scratch);
    int top = (n + 9) / 10, all = 0;
    double found = 0;

    for (int i = 0, end; i < n; i = end) {
        int positives;

        end = end_of_tie(rows, i, n, &positives);
        all += positives;
        if (i < top) {
            int inside = end < top ? end - i : top - i;

            found += positives * (double)inside / (end - i);
        }
    }
    return all > 0 ? found / top / ((double)all / n) : NAN;
}
