/* SPDX-License-Identifier: Apache-2.0 */
/* calibration.c -- from a score to a probability one can take at its word. */
#include "algo/calibration.h"

#include <math.h>
#include <stdlib.h>

double mesh_calibration_logistic(double log_odds)
{
    double e = exp(-fabs(log_odds));

    return (log_odds < 0 ? e : 1) / (1 + e);
}

/* ---- Platt -------------------------------------------------------------- */

/* What Platt fits to: as if one row more of either class had been seen. */
typedef struct {
    double positive;
    double negative;
} targets_t;

/* Cross entropy of one row at log-odds Z, in the form that never overflows. */
static double entropy(double z, double target)
{
    return log1p(exp(-fabs(z))) + (z < 0 ? -target * z : (1 - target) * z);
}

static double loss(const double *scores, const int *labels, int n,
                   targets_t targets, double slope, double shift)
{
    double sum = 0;

    for (int i = 0; i < n; i++) {
        sum += entropy(slope * scores[i] + shift,
                       labels[i] ? targets.positive : targets.negative);
    }
    return sum;
}

mesh_calibration_platt_t mesh_calibration_platt(const double *scores,
                                                const int *labels, int n)
{
    const double ridge = 1e-12, enough = 1e-10, shortest = 1e-10;
    double positives = 0, slope = 0, shift, value;
    targets_t targets;

    for (int i = 0; i < n; i++) {
        positives += labels[i];
    }
    targets.positive = (positives + 1) / (positives + 2);
    targets.negative = 1 / (n - positives + 2);
    shift = log((positives + 1) / (n - positives + 1));
    value = loss(scores, labels, n, targets, slope, shift);

    for (int round = 0; round < 100; round++) {
        double h11 = ridge, h22 = ridge, h21 = 0, g1 = 0, g2 = 0;
        double determinant, d_slope, d_shift, descent, step;

        for (int i = 0; i < n; i++) {
            double p = mesh_calibration_logistic(slope * scores[i] + shift);
            double error =
                p - (labels[i] ? targets.positive : targets.negative);
            double weight = p * (1 - p);

            h11 += scores[i] * scores[i] * weight;
            h22 += weight;
            h21 += scores[i] * weight;
            g1 += scores[i] * error;
            g2 += error;
        }
        if (fabs(g1) < enough && fabs(g2) < enough) {
            break;
        }
        determinant = h11 * h22 - h21 * h21;
        if (!(determinant > 0)) {
            break; /* all scores are equal: there is no slope to find */
        }
        d_slope = -(h22 * g1 - h21 * g2) / determinant;
        d_shift = -(h11 * g2 - h21 * g1) / determinant;
        descent = g1 * d_slope + g2 * d_shift;
        for (step = 1; step >= shortest; step /= 2) {
            double tried = loss(scores, labels, n, targets,
                                slope + step * d_slope, shift + step * d_shift);

            if (tried < value + 1e-4 * step * descent) {
                slope += step * d_slope;
                shift += step * d_shift;
                value = tried;
                break;
            }
        }
        if (step < shortest) {
            break;
        }
    }
    if (slope < 0) {
        slope = 0;
        shift = log((positives + 1) / (n - positives + 1));
    }
    return (mesh_calibration_platt_t){ .slope = slope, .shift = shift };
}

/* ---- Isotonic ----------------------------------------------------------- */

typedef struct {
    double score;
    double sum; /* of labels */
    int n;
} block_t;

static int by_rising_score(const void *a, const void *b)
{
    double x = ((const block_t *)a)->score, y = ((const block_t *)b)->score;

    return (x > y) - (x < y);
}

static int falls(const block_t *before, const block_t *block)
{
    return before->sum * block->n >= block->sum * before->n;
}

mesh_calibration_isotonic_t *mesh_calibration_isotonic(const double *scores,
                                                       const int *labels, int n,
                                                       apr_pool_t *result,
                                                       apr_pool_t *scratch)
{
    mesh_calibration_isotonic_t *steps = apr_palloc(result, sizeof(*steps));
    block_t *blocks = apr_palloc(scratch, (apr_size_t)n * sizeof(*blocks));
    int *firsts = apr_palloc(scratch, ((apr_size_t)n + 1) * sizeof(*firsts));
    double *ends, *levels;
    int distinct = 0, kept = 0, made = 0;

    for (int i = 0; i < n; i++) {
        blocks[i] = (block_t){ .score = scores[i], .sum = labels[i], .n = 1 };
    }
    qsort(blocks, (size_t)n, sizeof(*blocks), by_rising_score);
    for (int i = 0; i < n; i++) { /* equal scores are one observation */
        if (distinct > 0 && blocks[i].score == blocks[distinct - 1].score) {
            blocks[distinct - 1].sum += blocks[i].sum;
            blocks[distinct - 1].n++;
        }
        else {
            blocks[distinct++] = blocks[i];
        }
    }

    /* The stack of blocks shares its memory with the scores it needs no more,
     * except for where a block begins and ends. */
    ends = apr_palloc(scratch, (apr_size_t)distinct * sizeof(*ends));
    for (int i = 0; i < distinct; i++) {
        ends[i] = blocks[i].score;
    }
    for (int i = 0; i < distinct; i++) {
        block_t block = blocks[i];

        firsts[kept] = i;
        while (kept > 0 && falls(&blocks[kept - 1], &block)) {
            kept--;
            block.sum += blocks[kept].sum;
            block.n += blocks[kept].n;
        }
        blocks[kept++] = block;
    }
    firsts[kept] = distinct;

    /* A block is level from its first score to its last. */
    steps->scores = apr_palloc(result, 2 * (apr_size_t)kept * sizeof(double));
    levels = apr_palloc(result, 2 * (apr_size_t)kept * sizeof(double));
    steps->probabilities = levels;
    for (int i = 0; i < kept; i++) {
        int first = firsts[i], last = firsts[i + 1] - 1;
        double *to = (double *)(void *)steps->scores;

        to[made] = ends[first];
        levels[made++] = blocks[i].sum / blocks[i].n;
        if (last > first) {
            to[made] = ends[last];
            levels[made++] = blocks[i].sum / blocks[i].n;
        }
    }
    steps->n = made;
    return steps;
}

double mesh_calibration_apply_isotonic(const mesh_calibration_isotonic_t *steps,
                                       double score)
{
    int low = 0, high = steps->n - 1;
    double share;

    if (!(score > steps->scores[low])) {
        return steps->probabilities[low];
    }
    if (score >= steps->scores[high]) {
        return steps->probabilities[high];
    }
    while (high - low > 1) {
        int middle = low + (high - low) / 2;

        if (score < steps->scores[middle]) {
            high = middle;
        }
        else {
            low = middle;
        }
    }
    share = (score - steps->scores[low])
            / (steps->scores[high] - steps->scores[low]);
    return steps->probabilities[low]
           + share * (steps->probabilities[high] - steps->probabilities[low]);
}
