/* SPDX-License-Identifier: MIT
 *
 * The focal loss (Lin et al. 2017) with γ = 2, for every task whose outputs are each yes or no.
 * With x the logit (t = 1) or its negative (t = 0), and q = σ(-x) the probability of the wrong
 * answer:
 *   cost = q² · softplus(-x),   d cost / dx = -q² (2 (1 - q) softplus(-x) + q)
 *
 * file  src/nn/loss_focal.c
 * row   src/nn/loss.c LOSSES ROW(focal)
 */
#include "loss.h"

#include <math.h>

static void output(float z, float t, float positive_weight, double scale, float *cost,
                   double *slope)
{
    (void)positive_weight;
    const double sign = t > 0.5f ? 1 : -1, x = sign * (double)z, q = 1 / (1 + exp(x));
    const double softplus = fmax(-x, 0) + log1p(exp(-fabs(x)));
    *cost = (float)(q * q * softplus);
    *slope = -sign * scale * q * q * (2 * (1 - q) * softplus + q);
}

static float record(const struct leadseq_record_loss *r)
{
    return nn_sum_outputs(output, r);
}

const struct leadseq_loss_type nn_loss_focal = {
    .name = "focal",
    .help = "cross-entropy of each output's logit, less of records that are right already",
    .record = record,
    .probability = nn_probability_sigmoid,
};
