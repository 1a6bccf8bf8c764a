/* SPDX-License-Identifier: MIT
 *
 * Binary cross-entropy, on probabilities with clamped logarithms and on logits.
 *
 * The first is the paper's, fault included: every operation is float32 and in
 * PyTorch's order, because it is their rounding that makes a cost exactly 0, 50
 * or 100 and its gradient exactly 0. Nothing here may be "improved": see
 * doc/mathematics.md, "The dead gradient". */
#include "nn/nn.h"

#include <math.h>

static const float LOG_CLAMP = -100.0f;
static const float VARIANCE_CLAMP = 1e-12f; // of p(1 - p), in the derivative

float leadseq_sigmoid(float z)
{
    return 1.0f / (1.0f + expf(-z)); // expf overflows below z = -88.7: exactly 0 there
}

/* max(x, 0) + log(1 + e^-|x|): neither branch can overflow. */
static float softplus(float x)
{
    return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x)));
}

static float bce_cost(float p, float t)
{
    float log_q = fmaxf(logf(1.0f - p), LOG_CLAMP);
    float log_p = fmaxf(logf(p), LOG_CLAMP);
    return (t - 1.0f) * log_q - t * log_p + 0.0f; // + 0: a cost of -0 would print as such
}

/* scale: what the mean's derivative hands down, 1 / n. */
static float bce_derivative(float p, float t, float scale)
{
    float dp = scale * (p - t) / fmaxf((1.0f - p) * p, VARIANCE_CLAMP);
    return dp * (1.0f - p) * p;
}

static float logits_cost(float z, float t, float positive_weight)
{
    return positive_weight * t * softplus(-z) + (1.0f - t) * softplus(z);
}

static float logits_derivative(float z, float t, float positive_weight, float scale)
{
    return scale * ((1.0f - t) * leadseq_sigmoid(z) - positive_weight * t * leadseq_sigmoid(-z));
}

float leadseq_loss(enum leadseq_loss loss, float positive_weight, const float *z, const float *t,
                   int n, float *cost, float *dz)
{
    double sum = 0;
    float scale = 1.0f / (float)n;
    for (int i = 0; i < n; i++) {
        float one, slope;
        if (loss == LEADSEQ_LOSS_BCE) {
            float p = leadseq_sigmoid(z[i]);
            one = bce_cost(p, t[i]);
            slope = bce_derivative(p, t[i], scale);
        } else {
            one = logits_cost(z[i], t[i], positive_weight);
            slope = logits_derivative(z[i], t[i], positive_weight, scale);
        }
        sum += one;
        if (cost) cost[i] = one;
        if (dz) dz[i] = slope;
    }
    return (float)(sum / n);
}
