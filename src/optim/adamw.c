/* SPDX-License-Identifier: MIT
 *
 * AdamW (Loshchilov & Hutter 2019): Adam with weight decay λ apart from the gradient, so that it
 * is not divided by the gradient's size: p *= 1 - lr·λ before Adam's step. */
#include "moves.h"

static void step(const struct leadseq_optim *how, const struct leadseq_update *u)
{
    double decay = u->decays ? how->weight_decay : 0;
    moves_adaptively(how, u, (float)(1 - u->lr * decay), 0);
}

const struct leadseq_optimizer_type optim_adamw = {
    .name = "adamw",
    .title = "AdamW",
    .help = "adam with weight decay apart from the gradient",
    .bytes = sizeof(struct moves_adaptive),
    .options = moves_adaptive_options,
    .moments = {"m", "v"},
    .scales_gradient = true,
    .momentum = moves_beta1,
    .step = step,
};
