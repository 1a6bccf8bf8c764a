/* SPDX-License-Identifier: MIT
 *
 * Binary cross-entropy on logits: its gradient p - t does not die however far out a logit is. */
#include "loss.h"

#include <math.h>

/* max(x, 0) + log(1 + e^-|x|): neither branch can overflow. */
static float softplus(float x)
{
    return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x)));
}

static void output(float z, float t, float positive_weight, float scale, float *cost, float *slope)
{
    *cost = positive_weight * t * softplus(-z) + (1.0f - t) * softplus(z);
    *slope = scale * ((1.0f - t) * leadseq_sigmoid(z) - positive_weight * t * leadseq_sigmoid(-z));
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
