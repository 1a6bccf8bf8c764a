/* SPDX-License-Identifier: MIT
 *
 * Adam (Kingma & Ba 2015). Weight decay λ is part of the gradient: g + λ·p. */
#include "moves.h"

static void step(const struct leadseq_optim *how, const struct leadseq_update *u)
{
    moves_adaptively(how, u, 1, u->decays ? (float)how->weight_decay : 0);
}

const struct leadseq_optimizer_type optim_adam = {
    .name = "adam",
    .title = "Adam",
    .help =
        "moves each parameter by its mean gradient over the gradient's usual size; weight decay "
        "is added to the gradient",
    .bytes = sizeof(struct moves_adaptive),
    .options = moves_adaptive_options,
    .moments = {"m", "v"},
    .scales_gradient = true,
    .momentum = moves_beta1,
    .step = step,
};
