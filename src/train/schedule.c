/* SPDX-License-Identifier: MIT
 *
 * Learning rates by step: constant, falling in steps, by half a cosine (Loshchilov
 * & Hutter 2017, without restarts), and the one-cycle policy (Smith & Topin 2018),
 * in the forms of torch.optim.lr_scheduler; and how they warm up. */
#include "train_private.h"

#include <math.h>

static const double PEAK_SHARE = 0.3, DIVISOR = 25, FINAL_DIVISOR = 1e4;
static const double MOMENTUM_LOW = 0.85, MOMENTUM_HIGH = 0.95;

/* Half a cosine from `from` (share 0) to `to` (share 1). */
static double anneal(double from, double to, double share)
{
    return to + (from - to) / 2 * (1 + cos(M_PI * share));
}

/* Up until step .3·total - 1 (warmup - 1 where it is given), down until step total - 1. For fewer
 * than four steps the first phase ends before step 0, as it does in torch. */
static struct train_rate one_cycle(double most, double warmup, uint64_t step, uint64_t total)
{
    double first = most / DIVISOR, last = first / FINAL_DIVISOR;
    double peak = (warmup > 0 ? warmup : PEAK_SHARE * (double)total) - 1, end = (double)total - 1;
    double at = (double)step < end ? (double)step : end;
    if (at <= peak && peak > 0) {
        double share = at / peak;
        return (struct train_rate){anneal(first, most, share),
                                   anneal(MOMENTUM_HIGH, MOMENTUM_LOW, share)};
    }
    double share = end > peak ? (at - peak) / (end - peak) : 0;
    return (struct train_rate){anneal(most, last, share),
                               anneal(MOMENTUM_LOW, MOMENTUM_HIGH, share)};
}

/* 1/w, 2/w … 1 in the first w steps, 1 from then. */
static double warmth(uint64_t step, uint64_t warmup)
{
    return step < warmup ? (double)(step + 1) / (double)warmup : 1;
}

static double stepped(const struct leadseq_experiment *e, uint64_t step, uint64_t epoch_steps)
{
    uint64_t falls = step / epoch_steps / (uint64_t)e->train.step_size;
    return fmax(e->train.min_lr, e->train.lr * pow(e->train.gamma, (double)falls));
}

static double cosine(const struct leadseq_experiment *e, uint64_t step, uint64_t total)
{
    uint64_t warmup = (uint64_t)e->train.warmup;
    if (step <= warmup || total <= warmup) return e->train.lr;
    double share = (double)(step - warmup) / (double)(total - warmup);
    return anneal(e->train.lr, e->train.min_lr, fmin(share, 1));
}

struct train_rate train_schedule(const struct leadseq_experiment *e, uint64_t step,
                                 uint64_t epoch_steps, uint64_t total)
{
    bool sgd = e->train.optimizer == LEADSEQ_SGD;
    double own = sgd ? e->train.momentum : e->train.beta1, lr = e->train.lr;
    if (e->train.schedule == LEADSEQ_ONE_CYCLE) {
        struct train_rate rate = one_cycle(lr, e->train.warmup, step, total);
        if (!e->train.cycle_momentum || (sgd && own == 0)) rate.beta1 = own;
        return rate;
    }
    if (e->train.schedule == LEADSEQ_STEPPED) lr = stepped(e, step, epoch_steps);
    if (e->train.schedule == LEADSEQ_COSINE) lr = cosine(e, step, total);
    return (struct train_rate){lr * warmth(step, (uint64_t)e->train.warmup), own};
}
