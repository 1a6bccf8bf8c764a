/* SPDX-License-Identifier: MIT
 *
 * The optimisers and schedules available. The order is the one in which help and documentation
 * list them. */
#include "optim.h"

extern const struct leadseq_optimizer_type optim_sgd, optim_adam, optim_adamw;
static const struct leadseq_optimizer_type *const optimizers[] = {
    &optim_sgd,
    &optim_adam,
    &optim_adamw,
};

extern const struct leadseq_schedule_type optim_constant, optim_step, optim_cosine, optim_one_cycle;
static const struct leadseq_schedule_type *const schedules[] = {
    &optim_constant,
    &optim_step,
    &optim_cosine,
    &optim_one_cycle,
};

const struct leadseq_optimizer_type *leadseq_optimizer_at(size_t i)
{
    return i < LEADSEQ_COUNT(optimizers) ? optimizers[i] : NULL;
}

const struct leadseq_schedule_type *leadseq_schedule_at(size_t i)
{
    return i < LEADSEQ_COUNT(schedules) ? schedules[i] : NULL;
}

const char *leadseq_optimizer_name(size_t i)
{
    return i < LEADSEQ_COUNT(optimizers) ? optimizers[i]->name : NULL;
}

const char *leadseq_schedule_name(size_t i)
{
    return i < LEADSEQ_COUNT(schedules) ? schedules[i]->name : NULL;
}
