/* SPDX-License-Identifier: MIT
 *
 * The update of Adam and AdamW, in float32 in the order of operations torch.optim uses. */
#include "moves.h"

#include <math.h>

#define FIELD(member) LEADSEQ_FIELD(struct moves_adaptive, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"train.betas", &leadseq_option_pair, .offset = offsetof(struct moves_adaptive, beta1),
     .size = 2 * sizeof(double), .standard = "[0.9, 0.999]", .least = 0, .most = 0.999999999,
     .expected = "two numbers from 0 to below 1, as [0.9, 0.999]",
     .help = "how much of the running means of the gradient and of its square a step keeps"},
    {"train.epsilon", &leadseq_option_number, FIELD(epsilon), .standard = "1e-08", .least = 0,
     .above = true, .most = 1, .help = "added to the gradient's usual size before dividing by it"},
};
// clang-format on
const struct leadseq_option_group moves_adaptive_options[] = {LEADSEQ_GROUP(rows, 0), {0}};

static const struct moves_adaptive *options_of(const struct leadseq_optim *how)
{
    return (const void *)&how->of_optimizer;
}

double moves_beta1(const struct leadseq_optim *how, bool *plain)
{
    *plain = false;
    return options_of(how)->beta1;
}

void moves_adaptively(const struct leadseq_optim *how, const struct leadseq_update *u, float keep,
                      float l2)
{
    float *restrict p = u->value;
    float *restrict m = u->moment[0], *restrict v = u->moment[1];
    const float *restrict g = u->gradient;
    const double beta2 = options_of(how)->beta2;
    const float b1 = (float)u->momentum, c1 = (float)(1 - u->momentum);
    const float b2 = (float)beta2, c2 = (float)(1 - beta2);
    // Moments start at 0 and are too small at first; the powers of β say by how much.
    const float size = (float)(u->lr / (1 - pow(u->momentum, (double)u->step)));
    const float root = (float)sqrt(1 - pow(beta2, (double)u->step));
    const float epsilon = (float)options_of(how)->epsilon;
#pragma omp parallel for simd if (u->count >= MOVES_PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < u->count; i++) {
        float value = p[i] * keep, d = g[i] + l2 * p[i];
        m[i] = b1 * m[i] + c1 * d;
        v[i] = b2 * v[i] + c2 * d * d;
        p[i] = value - size * (m[i] / (sqrtf(v[i]) / root + epsilon));
    }
}
