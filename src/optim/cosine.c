/* SPDX-License-Identifier: MIT
 *
 * Half a cosine from lr to min_lr (Loshchilov & Hutter 2017, without restarts), after the linear
 * warmup of w steps:
 *   min_lr + (lr - min_lr)/2 · (1 + cos(π (step - w)/(total - w)))
 * as torch's CosineAnnealingLR with T_max = total - w, stepped in every step. */
#include "rates.h"

struct cosine {
    double min_lr;
};

// clang-format off
static const struct leadseq_option rows[] = {
    {"train.min_lr", &leadseq_option_number, LEADSEQ_FIELD(struct cosine, min_lr), .standard = "0",
     .least = 0, .most = 100, .help = "the rate at the end"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static double least(const struct leadseq_optim *how)
{
    return ((const struct cosine *)(const void *)&how->of_schedule)->min_lr;
}

static int check(const struct leadseq_optim *how)
{
    return rates_check_least(how, least(how));
}

static double fall(const struct leadseq_optim *how, const struct leadseq_training_place *at)
{
    uint64_t warmup = (uint64_t)how->warmup;
    if (at->step <= warmup || at->total <= warmup) return how->lr;
    double share = (double)(at->step - warmup) / (double)(at->total - warmup);
    return rates_anneal(how->lr, least(how), fmin(share, 1));
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
    .bytes = sizeof(struct cosine),
    .options = groups,
    .check = check,
    .rate = rate,
};
