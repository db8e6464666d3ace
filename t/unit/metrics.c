/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c -- figures of published examples, and their edges. */
#include "tap.h"

#include <apr_general.h>

#include "algo/metrics.h"

static apr_pool_t *pool;

/*
 * Hanley & McNeil 1982, Radiology 143:29, table I: 109 CT images rated from
 * definitely normal to definitely abnormal.  Their area is .893.
 */
static void hanley_mcneil(void)
{
    static const int normal[] = { 33, 6, 6, 11, 2 };
    static const int abnormal[] = { 3, 2, 2, 11, 33 };
    double scores[109];
    int labels[109], n = 0;

    for (int rating = 0; rating < 5; rating++) {
        for (int i = 0; i < normal[rating] + abnormal[rating]; i++) {
            scores[n] = rating;
            labels[n++] = i >= normal[rating];
        }
    }
    is_near(mesh_metrics_auc(scores, labels, n, pool), 0.893, 0.0005,
            "the area of Hanley and McNeil's example is theirs");
}

int main(void)
{
    static const double scores[] = { 0.1, 0.4, 0.35, 0.8 };
    static const int labels[] = { 0, 0, 1, 1 };
    static const double forecast[] = { 0.1, 0.9, 0.8, 0.3 };
    static const int came[] = { 0, 1, 1, 0 };
    static const double spam[] = { 0.9, 0.1, 0.2, 0.65 };
    static const int is_spam[] = { 1, 0, 0, 1 };
    static const double level[] = { 0.5, 0.5, 0.5, 0.5 };
    static const double sure[] = { 1, 0, 1, 0 };
    static const int ones[] = { 1, 1, 1, 1 };
    double edge[20];
    int first[20];
    mesh_metrics_bin_t bins[MESH_METRICS_BINS];

    apr_initialize();
    apr_pool_create(&pool, NULL);
    hanley_mcneil();
    is_near(mesh_metrics_auc(scores, labels, 4, pool), 0.75, 1e-15,
            "three of four pairs are in order");
    is_near(mesh_metrics_auc(level, labels, 4, pool), 0.5, 1e-15,
            "ties count half");
    ok(isnan(mesh_metrics_auc(scores, ones, 4, pool)), "one class has no area");
    is_near(mesh_metrics_brier(forecast, came, 4), 0.0375, 1e-15,
            "the Brier score is the mean squared error");
    is_near(mesh_metrics_log_loss(spam, is_spam, 4), 0.21616187468057912, 1e-12,
            "the log loss is the mean of the logarithms");
    is_near(mesh_metrics_log_loss(sure, labels, 4), -log(1e-15) / 2, 0.1,
            "being sure and wrong is dear, but finite");

    is_near(mesh_metrics_calibration(forecast, came, 4, bins), 0.175, 1e-12,
            "the calibration error is the mean gap");
    ok(bins[1].n == 1 && bins[9].n == 1 && bins[8].n == 1 && bins[3].n == 1,
       "bins are tenths");
    ok(bins[0].n == 0 && isnan(bins[0].predicted), "an empty bin says nothing");
    is_near(mesh_metrics_calibration(level, labels, 4, bins), 0, 1e-15,
            "half of them at a half is right");
    mesh_metrics_calibration(sure, labels, 4, bins);
    ok(bins[9].n == 2 && bins[0].n == 2, "1 is in the last bin");

    for (int i = 0; i < 20; i++) {
        edge[i] = i;
        first[i] = i >= 18 || i < 3;
    }
    is_near(mesh_metrics_lift10(edge, first, 20, pool), 1 / 0.25, 1e-12,
            "both of the top tenth are positive, of a quarter in all");
    for (int i = 0; i < 20; i++) {
        edge[i] = 1;
    }
    is_near(mesh_metrics_lift10(edge, first, 20, pool), 1, 1e-12,
            "a score that tells nothing lifts nothing");
    apr_terminate();
    return done_testing();
}
