/* SPDX-License-Identifier: MIT
 *
 * Learning rates by step: constant, and the one-cycle policy (Smith & Topin
 * 2018) in the form of torch.optim.lr_scheduler.OneCycleLR. */
#include "train_private.h"

#include <math.h>

static const double PEAK_SHARE = 0.3, DIVISOR = 25, FINAL_DIVISOR = 1e4;
static const double MOMENTUM_LOW = 0.85, MOMENTUM_HIGH = 0.95;

/* Half a cosine from `from` (share 0) to `to` (share 1). */
static double anneal(double from, double to, double share)
{
    return to + (from - to) / 2 * (1 + cos(M_PI * share));
}

/* Up until step .3·total - 1, down until step total - 1. For fewer than four
 * steps the first phase ends before step 0, as it does in torch. */
static struct train_rate one_cycle(double most, uint64_t step, uint64_t total)
{
    double first = most / DIVISOR, last = first / FINAL_DIVISOR;
    double peak = PEAK_SHARE * (double)total - 1, end = (double)total - 1;
    double at = (double)step < end ? (double)step : end;
    if (at <= peak) {
        double share = at / peak;
        return (struct train_rate){anneal(first, most, share),
                                   anneal(MOMENTUM_HIGH, MOMENTUM_LOW, share)};
    }
    double share = (at - peak) / (end - peak);
    return (struct train_rate){anneal(most, last, share),
                               anneal(MOMENTUM_LOW, MOMENTUM_HIGH, share)};
}

/* 1/w, 2/w … 1 in the first w steps, 1 from then. */
static double warmth(uint64_t step, uint64_t warmup)
{
    return step < warmup ? (double)(step + 1) / (double)warmup : 1;
}

struct train_rate train_schedule(const struct leadseq_experiment *e, uint64_t step, uint64_t total)
{
    bool sgd = e->train.optimizer == LEADSEQ_SGD;
    double own = sgd ? e->train.momentum : e->train.beta1;
    if (e->train.schedule == LEADSEQ_CONSTANT)
        return (struct train_rate){e->train.lr * warmth(step, (uint64_t)e->train.warmup), own};
    struct train_rate rate = one_cycle(e->train.lr, step, total);
    if (!e->train.cycle_momentum || (sgd && own == 0)) rate.beta1 = own;
    return rate;
}
