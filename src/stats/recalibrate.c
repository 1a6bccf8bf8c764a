/* SPDX-License-Identifier: MIT
 *
 * Logistic recalibration of a model's logits (Cox, Biometrika 1958) with Wald's
 * intervals. The regression itself: logistic.c. */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

static struct leadseq_estimate wald(double value, double variance, const char *obstacle_)
{
    double half = stats_z() * sqrt(variance);
    if (obstacle_) return (struct leadseq_estimate){NAN, NAN, NAN, obstacle_};
    return (struct leadseq_estimate){value, value - half, value + half, "Wald"};
}

struct leadseq_recalibration leadseq_recalibrate(const struct leadseq_scored *s)
{
    struct stats_view view = stats_view_of(s);
    struct stats_logistic both = {s->offset, s->slope, {0}, NULL};
    struct stats_logistic shift = {s->intercept, 1, {0}, NULL};
    stats_logistic_fit(&both, &view, STATS_EXACT);
    stats_shift_fit(&shift, &view, STATS_EXACT);
    const double *h = both.information;
    double determinant = h[0] * h[2] - h[1] * h[1];
    return (struct leadseq_recalibration){
        .slope = wald(both.slope, h[0] / determinant, both.obstacle),
        .offset = wald(both.offset, h[2] / determinant, both.obstacle),
        .in_the_large = wald(shift.offset, 1 / shift.information[0], shift.obstacle),
    };
}
