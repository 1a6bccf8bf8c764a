/* SPDX-License-Identifier: MIT
 *
 * An optimiser and a schedule together: their options, and the rate and momentum of a step. */
#include "optim.h"

#include <assert.h>

static void set_defaults(size_t bytes, const struct leadseq_option_group *groups,
                         struct leadseq_optim_options *options)
{
    assert(bytes <= sizeof *options);
    *options = (struct leadseq_optim_options){{0}};
    leadseq_group_defaults(options, groups, NULL);
}

void leadseq_optimizer_defaults(const struct leadseq_optimizer_type *type,
                                struct leadseq_optim_options *options)
{
    set_defaults(type->bytes, type->options, options);
}

void leadseq_schedule_defaults(const struct leadseq_schedule_type *type,
                               struct leadseq_optim_options *options)
{
    set_defaults(type->bytes, type->options, options);
}

void leadseq_optim_init(struct leadseq_optim *how, const struct leadseq_optimizer_type *optimizer,
                        const struct leadseq_schedule_type *schedule)
{
    *how = (struct leadseq_optim){.optimizer = optimizer, .schedule = schedule};
    leadseq_optimizer_defaults(optimizer, &how->of_optimizer);
    leadseq_schedule_defaults(schedule, &how->of_schedule);
}

int leadseq_optim_check(const struct leadseq_optim *how)
{
    if (how->optimizer->check && how->optimizer->check(how)) return -1;
    return how->schedule->check ? how->schedule->check(how) : 0;
}

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
