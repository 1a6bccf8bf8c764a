/* SPDX-License-Identifier: MIT
 *
 * The one-cycle policy (Smith & Topin 2018) as torch's OneCycleLR with cosines, pct_start .3,
 * div_factor 25 and final_div_factor 1e4: the rate rises to lr and then falls, the momentum
 * moves the other way. A warmup of w steps puts the peak at step w - 1. */
#include "rates.h"

struct one_cycle {
    bool cycle_momentum;
};

// clang-format off
static const struct leadseq_option rows[] = {
    {"train.cycle_momentum", &leadseq_option_bool, LEADSEQ_FIELD(struct one_cycle, cycle_momentum),
     .standard = "true",
     .help = "whether beta1 (or sgd's momentum, unless 0) moves from 0.95 to 0.85 and back"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static const double PEAK_SHARE = 0.3, DIVISOR = 25, FINAL_DIVISOR = 1e4;
static const double MOMENTUM_LOW = 0.85, MOMENTUM_HIGH = 0.95;

/* Up until step .3·total - 1 (w - 1 where a warmup is given), down until step total - 1. With
 * fewer than four steps the first phase ends before step 0, as it does in torch. */
static struct leadseq_rate cycle(double most, double warmup, uint64_t step, uint64_t total)
{
    double first = most / DIVISOR, last = first / FINAL_DIVISOR;
    double peak = (warmup > 0 ? warmup : PEAK_SHARE * (double)total) - 1, end = (double)total - 1;
    double at = (double)step < end ? (double)step : end;
    if (at <= peak && peak > 0) {
        double share = at / peak;
        return (struct leadseq_rate){rates_anneal(first, most, share),
                                     rates_anneal(MOMENTUM_HIGH, MOMENTUM_LOW, share)};
    }
    double share = end > peak ? (at - peak) / (end - peak) : 0;
    return (struct leadseq_rate){rates_anneal(most, last, share),
                                 rates_anneal(MOMENTUM_LOW, MOMENTUM_HIGH, share)};
}

static void rate(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate)
{
    const struct one_cycle *o = (const void *)&how->of_schedule;
    struct leadseq_rate moved = cycle(how->lr, how->warmup, at->step, at->total);
    rate->lr = moved.lr;
    if (o->cycle_momentum && !plain) rate->momentum = moved.momentum;
}

const struct leadseq_schedule_type optim_one_cycle = {
    .name = "one-cycle",
    .help = "up to lr in the first 30 % of steps, then down, by cosines",
    .bytes = sizeof(struct one_cycle),
    .options = groups,
    .rate = rate,
};
