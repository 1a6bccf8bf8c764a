/* SPDX-License-Identifier: MIT
 *
 * Softmax cross-entropy: the outputs are one choice of several classes, and their probabilities
 * sum to 1.
 *
 *   p_k = exp(z_k) / Σ_j exp(z_j)                cost = -Σ_k w_k t_k log p_k
 *   dz_k = (p_k Σ_j w_j t_j - w_k t_k) / Σ w      w_k: weight of class k, Σ w: of the records'
 * classes
 *
 * One output is a choice of two: its logit is the difference of theirs, that of yes minus that of
 * no, and softmax of the two is softmax of (z, 0). No has weight 1.
 *
 * Exponents are taken relative to the largest logit, so that none overflows; sums are double. */
#include "loss.h"

#include <math.h>

/* log Σ exp(z_k) */
static double log_sum(const float *z, int outputs)
{
    double most = z[0], sum = 0;
    for (int k = 1; k < outputs; k++) most = fmax(most, z[k]);
    if (!isfinite(most)) return most; // inf or nan: so is every cost
    for (int k = 0; k < outputs; k++) sum += exp(z[k] - most);
    return most + log(sum);
}

static void probability(const float *z, int outputs, float *p)
{
    if (outputs == 1) {
        nn_probability_sigmoid(z, 1, p);
        return;
    }
    double total = log_sum(z, outputs);
    for (int k = 0; k < outputs; k++) p[k] = (float)exp(z[k] - total);
}

static float classes(const struct leadseq_record_loss *r);

/* Yes or no, as two classes. */
static float record(const struct leadseq_record_loss *r)
{
    if (r->outputs > 1) return classes(r);
    const bool known = r->t[0] >= 0;
    const float z[] = {r->z[0], 0}, t[] = {r->t[0], known ? 1 - r->t[0] : r->t[0]};
    const float weight[] = {r->positive_weight[0], 1};
    double slope[2];
    float part[2];
    const struct leadseq_record_loss two = {.outputs = 2,
                                            .z = z,
                                            .t = t,
                                            .positive_weight = weight,
                                            .scale = r->scale,
                                            .slope = slope,
                                            .part = part};
    const float cost = classes(&two);
    if (r->slope) r->slope[0] = slope[0];
    if (r->part) r->part[0] = cost;
    return cost;
}

/* A record without a known class has one unknown target, and then all are. */
static float classes(const struct leadseq_record_loss *r)
{
    double total = log_sum(r->z, r->outputs), cost = 0, weights = 0;
    bool known = true;
    for (int k = 0; k < r->outputs; k++) known = known && r->t[k] >= 0;
    for (int k = 0; k < r->outputs; k++) {
        const double weight = known ? (double)r->positive_weight[k] * (double)r->t[k] : 0;
        const double part = weight > 0 ? weight * (total - r->z[k]) : 0;
        weights += weight;
        cost += part;
        if (r->part) r->part[k] = (float)part;
        if (r->slope) r->slope[k] = -r->scale * weight;
    }
    for (int k = 0; r->slope && k < r->outputs; k++)
        r->slope[k] = known ? r->scale * weights * exp(r->z[k] - total) + r->slope[k] : 0;
    return (float)cost;
}

const struct leadseq_loss_type nn_loss_softmax = {
    .name = "softmax",
    .help =
        "cross-entropy of one class of several, or of yes and no as two classes (two units of "
        "the last layer, whose difference is the logit), weighted by the positive_weight of its "
        "class",
    .exclusive = true,
    .weighted = true,
    .record = record,
    .probability = probability,
};
