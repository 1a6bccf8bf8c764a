/* SPDX-License-Identifier: MIT
 *
 * The table of heads: one row each, in the order of the documentation. */
#include "build.h"

/* clang-format off */
#define HEADS(ROW) \
    ROW(flatten)   \
    ROW(mean)      \
    ROW(max)       \
    ROW(mean_max)  \
    ROW(linear)    \
    ROW(fastai)    \
    ROW(benchmark) \
    ROW(benchmark_last)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_head_type model_head_##name;
#define LIST(name)    &model_head_##name,
HEADS(DECLARE)
static const struct leadseq_head_type *const heads[] = {HEADS(LIST) NULL};

const struct leadseq_head_type *model_head_at(size_t i)
{
    return i < LEADSEQ_COUNT(heads) ? heads[i] : NULL;
}

const char *leadseq_head_name(size_t i)
{
    const struct leadseq_head_type *head = model_head_at(i);
    return head ? head->name : NULL;
}

const char *model_head_help(size_t i)
{
    const struct leadseq_head_type *head = model_head_at(i);
    return head ? head->help : NULL;
}

const struct leadseq_option_group *leadseq_head_options(size_t i)
{
    const struct leadseq_head_type *head = model_head_at(i);
    return head ? head->options : NULL;
}
