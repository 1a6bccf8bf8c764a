/* SPDX-License-Identifier: MIT
 *
 * The rate and momentum of a step. */
#include "optim.h"

double leadseq_momentum(const struct leadseq_optim *how)
{
    bool plain;
    return how->optimizer->momentum(how, &plain);
}

struct leadseq_rate leadseq_rate_at(const struct leadseq_optim *how,
                                    const struct leadseq_training_place *at)
{
    bool plain;
    struct leadseq_rate rate = {how->lr, how->optimizer->momentum(how, &plain)};
    how->schedule->rate(how, at, plain, &rate);
    return rate;
}
