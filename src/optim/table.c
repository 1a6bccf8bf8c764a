/* SPDX-License-Identifier: MIT
 *
 * The optimisers and schedules available. The order is the one in which help and documentation
 * list them. */
#include "optim.h"

/* clang-format off */
#define OPTIMIZERS(ROW) \
    ROW(sgd)            \
    ROW(adam)           \
    ROW(adamw)

#define SCHEDULES(ROW) \
    ROW(constant)      \
    ROW(step)          \
    ROW(cosine)        \
    ROW(one_cycle)     \
    ROW(one_cycle_fastai)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_optimizer_type optim_##name;
#define LIST(name)    &optim_##name,
OPTIMIZERS(DECLARE)
static const struct leadseq_optimizer_type *const optimizers[] = {OPTIMIZERS(LIST)};
#undef DECLARE

#define DECLARE(name) extern const struct leadseq_schedule_type optim_##name;
SCHEDULES(DECLARE)
static const struct leadseq_schedule_type *const schedules[] = {SCHEDULES(LIST)};

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

const char *leadseq_optimizer_help(size_t i)
{
    return i < LEADSEQ_COUNT(optimizers) ? optimizers[i]->help : NULL;
}

const char *leadseq_schedule_help(size_t i)
{
    return i < LEADSEQ_COUNT(schedules) ? schedules[i]->help : NULL;
}
