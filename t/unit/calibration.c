/* SPDX-License-Identifier: Apache-2.0 */
/* calibration.c -- Platt's line and the rising steps. */
#include "tap.h"

#include <apr_general.h>

#include "algo/calibration.h"

static apr_pool_t *pool;

static void platt(void)
{
    static const double scores[] = { -3, -2.5, -1.2, -1,  -.4, -.1,
                                     .2, .3,   .9,   1.1, 1.7, 2.4 };
    static const int labels[] = { 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1 };
    static const int reversed[] = { 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0 };
    static const double apart[] = { -2, -1, 1, 2 };
    static const int parted[] = { 0, 0, 1, 1 };
    static const double equal[] = { 3, 3, 3, 3 };
    mesh_calibration_platt_t line = mesh_calibration_platt(scores, labels, 12);

    /* As scikit-learn 1.2's _SigmoidCalibration fits the same rows. */
    is_near(line.slope, 0.52169498, 1e-6, "the slope is the known one");
    is_near(line.shift, -0.30211608, 1e-6, "and the shift");
    line = mesh_calibration_platt(scores, reversed, 12);
    ok(line.slope == 0, "an order that is wrong is not turned round");
    is_near(line.shift, 0, 1e-12, "what remains is the base rate");
    line = mesh_calibration_platt(apart, parted, 4);
    ok(line.slope > 0.5 && line.slope < 5,
       "classes that are apart do not make it sure");
    line = mesh_calibration_platt(equal, parted, 4);
    is_near(mesh_calibration_logistic(3 * line.slope + line.shift), 0.5, 1e-6,
            "equal scores get the base rate");
}

static void isotonic(void)
{
    static const double scores[] = { 7, 1, 2, 3, 3, 4, 5, 6 };
    static const int labels[] = { 1, 0, 1, 0, 1, 0, 1, 0 };
    static const struct {
        double score, probability;
    } known[] = {
        { 0, 0 },  { 1, 0 },     { 1.5, .25 }, { 2, .5 }, { 4.5, .5 },
        { 6, .5 }, { 6.5, .75 }, { 7, 1 },     { 9, 1 },
    };
    static const double many[] = { 1, 2, 3, 4, 5, 6 };
    static const int falling[] = { 1, 1, 1, 0, 0, 0 };
    mesh_calibration_isotonic_t *steps =
        mesh_calibration_isotonic(scores, labels, 8, pool, pool);

    /* As scikit-learn 1.2's IsotonicRegression fits the same rows. */
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        is_near(mesh_calibration_apply_isotonic(steps, known[i].score),
                known[i].probability, 1e-12, "the steps at %g are the known",
                known[i].score);
    }
    steps = mesh_calibration_isotonic(many, falling, 6, pool, pool);
    is_near(mesh_calibration_apply_isotonic(steps, 3.3), 0.5, 1e-12,
            "what falls is levelled");
    steps = mesh_calibration_isotonic(many, falling, 1, pool, pool);
    is_near(mesh_calibration_apply_isotonic(steps, -5), 1, 1e-12,
            "one row is one step");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    is_near(mesh_calibration_logistic(0), 0.5, 1e-15, "even odds");
    ok(mesh_calibration_logistic(1e308) == 1
           && mesh_calibration_logistic(-1e308) == 0,
       "no odds overflow");
    platt();
    isotonic();
    apr_terminate();
    return done_testing();
}
