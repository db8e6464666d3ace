/* SPDX-License-Identifier: Apache-2.0 */
/* survival.c -- how long clients stay, counting those who are still here. */
#include "algo/survival.h"

#include <math.h>
#include <stdlib.h>

/* The 97.5 % point of the normal distribution. */
#define Z_95 1.959963984540054

typedef struct {
    double time;
    int ended;
} observation_t;

static int by_time(const void *a, const void *b)
{
    double x = ((const observation_t *)a)->time;
    double y = ((const observation_t *)b)->time;

    return (x > y) - (x < y);
}

/*
 * The band around SURVIVAL, of which VARIANCE is Greenwood's sum
 * of d / (n (n - d)).
 */
static void set_band(mesh_survival_step_t *step, double variance)
{
    double log_survival = log(step->survival);
    double width;

    if (!(step->survival > 0 && step->survival < 1)) {
        step->low = step->high = step->survival;
        return;
    }
    width = Z_95 * sqrt(variance) / fabs(log_survival);
    step->low = exp(log_survival * exp(width));
    step->high = exp(log_survival * exp(-width));
}

mesh_err_t *mesh_survival_fit(mesh_survival_t **curve, const double *durations,
                              const int *events, int n, apr_pool_t *result,
                              apr_pool_t *scratch)
{
    observation_t *seen;
    mesh_survival_step_t *steps;
    mesh_survival_t *made = apr_pcalloc(result, sizeof(*made));
    double survival = 1, variance = 0, last;

    *curve = NULL;
    if (n < 1) {
        return mesh_err(result, MESH_INVALID, "too_few_rows",
                        "There is no duration to learn from.");
    }
    seen = apr_palloc(scratch, (apr_size_t)n * sizeof(*seen));
    for (int i = 0; i < n; i++) {
        if (!isfinite(durations[i]) || durations[i] < 0) {
            return mesh_err(result, MESH_INVALID, "bad_duration",
                            "Duration %d is negative or not a number.", i + 1);
        }
        seen[i].time = durations[i];
        seen[i].ended = !!events[i];
        made->events += seen[i].ended;
    }
    qsort(seen, (size_t)n, sizeof(*seen), by_time);

    steps = apr_pcalloc(result, (apr_size_t)made->events * sizeof(*steps));
    for (int i = 0, end; i < n; i = end) {
        int ended = 0, at_risk = n - i;
        mesh_survival_step_t *step = &steps[made->n_steps];

        for (end = i; end < n && seen[end].time == seen[i].time; end++) {
            ended += seen[end].ended;
        }
        if (ended == 0) {
            continue;
        }
        survival *= (double)(at_risk - ended) / at_risk;
        variance += ended / ((double)at_risk * (at_risk - ended));
        step->time = seen[i].time;
        step->at_risk = at_risk;
        step->events = ended;
        step->survival = survival;
        set_band(step, variance);
        made->n_steps++;
    }
    made->n = n;
    made->steps = steps;
    made->longest = seen[n - 1].time;

    /* A curve that came to 0 would let nobody live a day longer, on the word
     * of a single client: half a client is taken to have stayed. */
    last = survival;
    if (made->n_steps > 0 && survival == 0) {
        last = made->n_steps > 1 ? steps[made->n_steps - 2].survival : 1;
        last *= 0.5 / steps[made->n_steps - 1].at_risk;
    }
    if (made->longest > 0) {
        made->tail_hazard = -log(last) / made->longest;
    }
    *curve = made;
    return NULL;
}

/* Minus the logarithm of what is left at TIME; the tail never comes to 0. */
static double hazard_until(const mesh_survival_t *curve, double time)
{
    int low = 0, high = curve->n_steps;

    if (time >= curve->longest) {
        return curve->tail_hazard * time;
    }
    while (low < high) { /* the first step after TIME */
        int middle = low + (high - low) / 2;

        if (curve->steps[middle].time <= time) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low == 0 ? 0 : -log(curve->steps[low - 1].survival);
}

double mesh_survival_at(const mesh_survival_t *curve, double time)
{
    return exp(-hazard_until(curve, time));
}

double mesh_survival_after(const mesh_survival_t *curve, double time,
                           double further, double log_hazard)
{
    double hazard =
        hazard_until(curve, time + further) - hazard_until(curve, time);

    return exp(-fmax(hazard, 0) * exp(log_hazard));
}

double mesh_survival_log_hazard(const mesh_survival_t *curve, double time,
                                double further, double risk)
{
    double usual = mesh_survival_after(curve, time, further, 0);

    if (!(usual > 0 && usual < 1 && risk > 0 && risk < 1)) {
        return 0;
    }
    return log(log1p(-risk) / log(usual));
}
