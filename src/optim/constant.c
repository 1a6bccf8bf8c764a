/* SPDX-License-Identifier: MIT
 *
 * lr in every step, after a linear rise over the w warmup steps: lr · min(1, (step + 1)/w). */
#include "rates.h"

static void rate(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate)
{
    (void)plain;
    rate->lr = how->lr * rates_warmth(at->step, (uint64_t)how->warmup);
}

const struct leadseq_schedule_type optim_constant = {
    .name = "constant",
    .help = "the rate stays lr",
    .rate = rate,
};
