/* SPDX-License-Identifier: MIT
 *
 * Binary cross-entropy on logits: its gradient p - t does not die however far out a logit is. */
#include "loss.h"

#include <math.h>

/* max(x, 0) + log(1 + e^-|x|): neither branch can overflow. */
static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static void output(float z, float t, float positive_weight, double scale, float *cost,
                   double *slope)
{
    const double x = (double)z, yes = (double)positive_weight * (double)t, no = 1 - (double)t;
    *cost = (float)(yes * softplus(-x) + no * softplus(x));
    *slope = scale * (no * sigmoid(x) - yes * sigmoid(-x));
}

static float record(const struct leadseq_record_loss *r)
{
    return nn_sum_outputs(output, r);
}

const struct leadseq_loss_type nn_loss_bce_logits = {
    .name = "bce-logits",
    .help = "cross-entropy of each output's logit, positives weighted by positive_weight",
    .weighted = true,
    .record = record,
    .probability = nn_probability_sigmoid,
};
