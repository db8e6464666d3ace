/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survival.h -- how long clients stay, counting those who are still here.
 *
 * The product-limit estimate (Kaplan & Meier 1958, Nonparametric estimation
 * from incomplete observations) with 95 % bands from Greenwood's variance
 * (1926) on the log-log scale, which keeps them between 0 and 1 (Kalbfleisch &
 * Prentice 1980).  Beyond the longest time observed the curve goes on as the
 * exponential through its last point (Brown, Hollander & Korwar 1974).
 *
 * Times are in one unit of the caller's choice, days by custom.
 *
 * Pool: a curve lives in the pool it was made in.
 * Thread: a curve is read only once made.
 */
#ifndef MESH_SURVIVAL_H
#define MESH_SURVIVAL_H

#include <apr_pools.h>

#include "base/err.h"

typedef struct mesh_survival_step_t {
    double time; /* of an event */
    int at_risk; /* observed just before */
    int events;
    double survival; /* from this time on */
    double low;      /* 95 % band; equal to SURVIVAL when that is 0 */
    double high;
} mesh_survival_step_t;

typedef struct mesh_survival_t {
    int n;      /* observations */
    int events; /* among them */
    double longest;
    int n_steps;
    const mesh_survival_step_t *steps; /* by rising time; none: nobody left */
    double tail_hazard;                /* per unit of time, after LONGEST */
} mesh_survival_t;

/*
 * Estimate from N durations, of which EVENTS[i] says whether it ended (1) or
 * was still running when last seen (0).  INVALID: "too_few_rows" (none),
 * "bad_duration" (negative or not finite; says which).
 */
mesh_err_t *mesh_survival_fit(mesh_survival_t **curve, const double *durations,
                              const int *events, int n, apr_pool_t *result,
                              apr_pool_t *scratch);

/*
 * The share that stays longer than TIME; from LONGEST on the tail, which is
 * above 0 even where the last step came to it.
 */
double mesh_survival_at(const mesh_survival_t *curve, double time);

/*
 * The chance that who has stayed for TIME stays for FURTHER more, when the
 * hazard is exp(LOG_HAZARD) times that of the curve (Cox 1972):
 * (S(time + further) / S(time)) ^ exp(log_hazard).
 */
double mesh_survival_after(const mesh_survival_t *curve, double time,
                           double further, double log_hazard);

/*
 * The LOG_HAZARD with which who has stayed for TIME leaves within FURTHER with
 * chance RISK; 0 when the curve says nothing about that span.
 */
double mesh_survival_log_hazard(const mesh_survival_t *curve, double time,
                                double further, double risk);

#endif
