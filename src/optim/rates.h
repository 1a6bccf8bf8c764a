/* SPDX-License-Identifier: MIT
 *
 * What the schedules' files share. */
#ifndef OPTIM_RATES_H
#define OPTIM_RATES_H

#include "optim.h"

#include <math.h>

/* The linear rise of a warmup of w steps: 1/w, 2/w … 1 in the first w steps, then 1. */
static inline double rates_warmth(uint64_t step, uint64_t w)
{
    return step < w ? (double)(step + 1) / (double)w : 1;
}

/* Half a cosine from `from` (share 0) to `to` (share 1). */
static inline double rates_anneal(double from, double to, double share)
{
    return to + (from - to) / 2 * (1 + cos(M_PI * share));
}

/* Whether a schedule's least rate is at most lr. */
static inline int rates_check_least(const struct leadseq_optim *how, double least)
{
    if (least <= how->lr) return 0;
    return leadseq_fail("train.min_lr: expected at most train.lr, %g, found %g", how->lr, least);
}

#endif
