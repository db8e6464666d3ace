/* SPDX-License-Identifier: Apache-2.0 */
/* survival.c -- the remission times everybody tests with. */
#include "tap.h"

#include <apr_general.h>

#include "algo/survival.h"

static apr_pool_t *pool;

/*
 * Freireich et al. 1963, weeks of remission under 6-MP, as in Kleinbaum &
 * Klein, Survival Analysis, tables 2.3 and 2.4.  Negative: still running.
 */
static const double weeks[] = { 6,   6,   6,   -6,  7,   -9,  10,
                                -10, -11, 13,  16,  -17, -19, -20,
                                22,  23,  -25, -32, -32, -34, -35 };
#define N ((int)(sizeof(weeks) / sizeof(*weeks)))

static void worked_example(void)
{
    static const struct {
        double time;
        int at_risk, events;
        double survival, low, high;
    } published[] = {
        { 6, 21, 3, .8571, .6197, .9516 },  { 7, 17, 1, .8067, .5631, .9228 },
        { 10, 15, 1, .7529, .5032, .8894 }, { 13, 12, 1, .6902, .4316, .8491 },
        { 16, 11, 1, .6275, .3675, .8049 }, { 22, 7, 1, .5378, .2678, .7468 },
        { 23, 6, 1, .4482, .1881, .6801 },
    };
    double durations[N], s13;
    int events[N];
    mesh_survival_t *curve;

    for (int i = 0; i < N; i++) {
        durations[N - 1 - i] = fabs(weeks[i]);
        events[N - 1 - i] = weeks[i] > 0;
    }
    ok(!mesh_survival_fit(&curve, durations, events, N, pool, pool),
       "the curve is fitted");
    ok(curve->n == 21 && curve->events == 9 && curve->n_steps == 7,
       "nine of 21 relapsed at seven times");
    for (int i = 0; i < 7; i++) {
        const mesh_survival_step_t *step = &curve->steps[i];

        ok(step->time == published[i].time
               && step->at_risk == published[i].at_risk
               && step->events == published[i].events,
           "at week %g the risk set is the published one", step->time);
        is_near(step->survival, published[i].survival, 5e-5, "so is survival");
        is_near(step->low, published[i].low, 5e-5, "its band from");
        is_near(step->high, published[i].high, 5e-5, "its band to");
    }
    is_near(mesh_survival_at(curve, 5.9), 1, 1e-15, "nobody leaves before");
    is_near(mesh_survival_at(curve, 6), 18 / 21.0, 1e-12,
            "an event counts on its day");
    s13 = mesh_survival_at(curve, 13);
    is_near(mesh_survival_after(curve, 13, 10, 0),
            mesh_survival_at(curve, 23) / s13, 1e-12,
            "who stayed so far has the rest of the curve ahead");
    is_near(mesh_survival_after(curve, 13, 10, log(2)),
            pow(mesh_survival_at(curve, 23) / s13, 2), 1e-12,
            "at twice the hazard, squared");
    is_near(mesh_survival_after(curve, 13, 0, 3), 1, 1e-15, "no time, no risk");
    is_near(mesh_survival_at(curve, 35), mesh_survival_at(curve, 34.9), 1e-12,
            "the tail starts where the curve ends");
    is_near(mesh_survival_at(curve, 70), pow(mesh_survival_at(curve, 35), 2),
            1e-12, "and is the exponential through that point");
    ok(mesh_survival_after(curve, 100, 10, 0) < 1,
       "the tail lets nobody live for ever");
}

static void edges(void)
{
    static const double times[] = { 0, 5, 5, 5 };
    static const int none[] = { 0, 0, 0, 0 }, all[] = { 0, 1, 1, 1 };
    static const double bad[] = { 1, -1 }, worse[] = { 1, NAN };
    mesh_survival_t *curve;
    mesh_err_t *err;

    mesh_survival_fit(&curve, times, none, 4, pool, pool);
    ok(curve->n_steps == 0 && mesh_survival_after(curve, 1, 999, 0) == 1,
       "where nobody ever left, nobody is seen to leave");
    mesh_survival_fit(&curve, times, all, 4, pool, pool);
    ok(curve->steps[0].survival == 0 && curve->steps[0].low == 0,
       "a curve may come to nothing");
    ok(mesh_survival_after(curve, 6, 1, 0) > 0
           && mesh_survival_after(curve, 6, 1, 0) < 1,
       "what comes after is still a probability");
    err = mesh_survival_fit(&curve, times, all, 0, pool, pool);
    is_text(err ? err->name : NULL, "too_few_rows", "nothing is too little");
    err = mesh_survival_fit(&curve, bad, all, 2, pool, pool);
    is_text(err ? err->name : NULL, "bad_duration", "time does not run back");
    err = mesh_survival_fit(&curve, worse, all, 2, pool, pool);
    is_text(err ? err->name : NULL, "bad_duration", "nor is it no number");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    worked_example();
    edges();
    apr_terminate();
    return done_testing();
}
