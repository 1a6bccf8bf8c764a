/* SPDX-License-Identifier: MIT
 *
 * Binary cross-entropy on probabilities with clamped logarithms: the paper's, fault included.
 *
 * Every operation is float32 and in PyTorch's order, because it is their rounding that makes a cost
 * exactly 0, 50 or 100 and its gradient exactly 0. Nothing here may be "improved": see
 * doc/mathematics.md, "The dead gradient". */
#include "loss.h"

#include <math.h>

static const float LOG_CLAMP = -100.0f;
static const float VARIANCE_CLAMP = 1e-12f; // of p(1 - p), in the derivative

static float cost_of(float p, float t)
{
    float log_q = fmaxf(logf(1.0f - p), LOG_CLAMP);
    float log_p = fmaxf(logf(p), LOG_CLAMP);
    return (t - 1.0f) * log_q - t * log_p + 0.0f; // + 0: a cost of -0 would print as such
}

static float slope_of(float p, float t, float scale)
{
    float dp = scale * (p - t) / fmaxf((1.0f - p) * p, VARIANCE_CLAMP);
    return dp * (1.0f - p) * p;
}

static void output(float z, float t, float positive_weight, double scale, float *cost,
                   double *slope)
{
    (void)positive_weight; // the paper's loss has none
    float p = leadseq_sigmoid(z);
    *cost = cost_of(p, t);
    *slope = (double)slope_of(p, t, (float)scale);
}

static float record(const struct leadseq_record_loss *r)
{
    return nn_sum_outputs(output, r);
}

const struct leadseq_loss_type nn_loss_bce = {
    .name = "bce",
    .help = "cross-entropy of each output's probability, logarithms clamped at -100",
    .dies = true,
    .record = record,
    .probability = nn_probability_sigmoid,
};
