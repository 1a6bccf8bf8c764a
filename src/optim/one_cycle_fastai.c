/* SPDX-License-Identifier: MIT
 *
 * The one-cycle policy as fastai 2's fit_one_cycle and fine_tune have it. Of a phase of n steps,
 * step k is at s = k / n: the rate rises from lr / start_div to lr while s < rise and then falls
 * towards lr / end_div, which it would reach at s = 1, after the last step; the momentum moves from
 * 0.95 to 0.85 and back. Halves are cosines. (one-cycle, PyTorch's, reaches its end at the last
 * step, so it is one step off, and has other ends.)
 *
 * Epochs of train.freeze_epochs are a phase of their own, in which fine_tune rises in 99 % of the
 * steps from lr / 25. */
#include "rates.h"

struct one_cycle_fastai {
    double rise, start_div, end_div;
};

#define FIELD(member) LEADSEQ_FIELD(struct one_cycle_fastai, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"train.rise", &leadseq_option_number, FIELD(rise), .unit = "share of steps", .standard = "0.25", .least = 0,
     .above = true, .most = 0.999, .help = "share of a phase's steps in which the rate rises, unless train.warmup counts them; of frozen epochs it is 0.99"},
    {"train.start_div", &leadseq_option_number, FIELD(start_div), .standard = "25", .least = 1, .most = 1e9,
     .help = "the first rate is the largest one divided by this; of frozen epochs it is 25"},
    {"train.end_div", &leadseq_option_number, FIELD(end_div), .standard = "100000", .least = 1, .most = 1e9,
     .help = "what the rate falls towards is the largest one divided by this"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static const double FROZEN_RISE = 0.99, FROZEN_START_DIV = 25;
static const double MOMENTUM_LOW = 0.85, MOMENTUM_HIGH = 0.95;

/* Of a warmup the last step has the largest rate, as in other schedules. */
static double rise_of(const struct leadseq_optim *how, const struct leadseq_training_place *at)
{
    const struct one_cycle_fastai *o = (const void *)&how->of_schedule;
    if (at->frozen) return FROZEN_RISE;
    return how->warmup > 0 ? (how->warmup - 1) / (double)at->total : o->rise;
}

static void rate(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate)
{
    const struct one_cycle_fastai *o = (const void *)&how->of_schedule;
    const double rise = rise_of(how, at), most = how->lr;
    const double first = most / (at->frozen ? FROZEN_START_DIV : o->start_div);
    const double s = at->total ? (double)at->step / (double)at->total : 0;
    const bool up = s < rise;
    const double share = up ? s / rise : (s - rise) / (1 - rise);
    rate->lr = up ? rates_anneal(first, most, share) : rates_anneal(most, most / o->end_div, share);
    if (!plain)
        rate->momentum = up ? rates_anneal(MOMENTUM_HIGH, MOMENTUM_LOW, share)
                            : rates_anneal(MOMENTUM_LOW, MOMENTUM_HIGH, share);
}

const struct leadseq_schedule_type optim_one_cycle_fastai = {
    .name = "one-cycle-fastai",
    .help = "up to lr and down again by cosines, at fastai's positions and from and to its ends",
    .bytes = sizeof(struct one_cycle_fastai),
    .options = groups,
    .rate = rate,
};
