/* SPDX-License-Identifier: MIT
 *
 * Falls every step_size epochs, as torch's StepLR, after the linear warmup:
 *   max(min_lr, lr · gamma^⌊epoch/step_size⌋) · min(1, (step + 1)/w) */
#include "rates.h"

static void rate(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate)
{
    (void)plain;
    uint64_t falls = at->step / at->epoch_steps / (uint64_t)how->step_size;
    double lr = fmax(how->min_lr, how->lr * pow(how->gamma, (double)falls));
    rate->lr = lr * rates_warmth(at->step, (uint64_t)how->warmup);
}

const struct leadseq_schedule_type optim_step = {
    .name = "step",
    .help = "lr times gamma every step_size epochs",
    .rate = rate,
};
