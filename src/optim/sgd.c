/* SPDX-License-Identifier: MIT
 *
 * Stochastic gradient descent with momentum μ and L2 weight decay λ, as torch.optim.SGD:
 *   velocity = μ·velocity + g + λ·p
 *   p -= lr·velocity */
#include "moves.h"

struct sgd {
    double momentum;
};

// clang-format off
static const struct leadseq_option rows[] = {
    {"train.momentum", &leadseq_option_number, LEADSEQ_FIELD(struct sgd, momentum), .standard = "0",
     .least = 0, .most = 0.999999, .help = "share of a step's velocity that the next one keeps"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static double momentum(const struct leadseq_optim *how, bool *plain)
{
    const struct sgd *o = (const void *)&how->of_optimizer;
    *plain = o->momentum == 0;
    return o->momentum;
}

static void step(const struct leadseq_optim *how, const struct leadseq_update *u)
{
    float *restrict p = u->value, *restrict m = u->moment[0];
    const float *restrict g = u->gradient;
    float decay = u->decays ? (float)how->weight_decay : 0, mu = (float)u->momentum,
          rate = (float)u->lr;
#pragma omp parallel for simd if (u->count >= MOVES_PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < u->count; i++) {
        m[i] = mu * m[i] + (g[i] + decay * p[i]);
        p[i] -= rate * m[i];
    }
}

const struct leadseq_optimizer_type optim_sgd = {
    .name = "sgd",
    .title = "SGD",
    .help = "gradient descent with momentum; weight decay is added to the gradient",
    .bytes = sizeof(struct sgd),
    .options = groups,
    .moments = {"m"},
    .momentum = momentum,
    .step = step,
};
