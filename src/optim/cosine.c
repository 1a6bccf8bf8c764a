/* SPDX-License-Identifier: MIT
 *
 * Half a cosine from lr to min_lr (Loshchilov & Hutter 2017, without restarts), after the linear
 * warmup of w steps:
 *   min_lr + (lr - min_lr)/2 · (1 + cos(π (step - w)/(total - w)))
 * as torch's CosineAnnealingLR with T_max = total - w, stepped in every step. */
#include "rates.h"

static double fall(const struct leadseq_optim *how, const struct leadseq_training_place *at)
{
    uint64_t warmup = (uint64_t)how->warmup;
    if (at->step <= warmup || at->total <= warmup) return how->lr;
    double share = (double)(at->step - warmup) / (double)(at->total - warmup);
    return rates_anneal(how->lr, how->min_lr, fmin(share, 1));
}

static void rate(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate)
{
    (void)plain;
    rate->lr = fall(how, at) * rates_warmth(at->step, (uint64_t)how->warmup);
}

const struct leadseq_schedule_type optim_cosine = {
    .name = "cosine",
    .help = "from lr to min_lr by half a cosine",
    .rate = rate,
};
