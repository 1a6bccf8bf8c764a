/* SPDX-License-Identifier: MIT
 *
 * Optimisers and schedules by name, with options as texts, for the tests of optim. */
#ifndef TEST_OPTIM_OPTIONS_H
#define TEST_OPTIM_OPTIONS_H

#include "optim/optim.h"

#include <criterion/criterion.h>
#include <string.h>

static inline const struct leadseq_schedule_type *optim_schedule_named(const char *name)
{
    size_t i = 0;
    while (strcmp(leadseq_schedule_name(i), name)) i++;
    return leadseq_schedule_at(i);
}

static inline struct leadseq_optim optim_of(const char *optimizer, const char *schedule)
{
    struct leadseq_optim how;
    size_t i = 0;
    while (strcmp(leadseq_optimizer_name(i), optimizer)) i++;
    leadseq_optim_init(&how, leadseq_optimizer_at(i), optim_schedule_named(schedule));
    return how;
}

/* Another schedule, with the defaults of its options. */
static inline void optim_schedule(struct leadseq_optim *how, const char *name)
{
    how->schedule = optim_schedule_named(name);
    leadseq_schedule_defaults(how->schedule, &how->of_schedule);
}

/* An option of either type. */
static inline void optim_set(struct leadseq_optim *how, const char *key, const char *value)
{
    const struct leadseq_option_group *group;
    void *block = &how->of_optimizer;
    const struct leadseq_option *o = leadseq_group_find(how->optimizer->options, key, &group);
    if (!o) {
        block = &how->of_schedule;
        o = leadseq_group_find(how->schedule->options, key, &group);
    }
    cr_assert(o, "neither %s nor %s has %s", how->optimizer->name, how->schedule->name, key);
    cr_assert_eq(leadseq_option_read((char *)block + group->offset, o, value), 0, "%s",
                 leadseq_error());
}

#endif
