/* SPDX-License-Identifier: MIT
 *
 * The table of tasks. Names of labels come last: that type takes every text that
 * the others leave. */
#include "task/task.h"

/* clang-format off */
#define TASKS(ROW)         \
    ROW(mi)                \
    ROW(superclass)        \
    ROW(superclass_single)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_task_type task_##name;
#define LIST(name)    &task_##name,
TASKS(DECLARE)
DECLARE(columns)
static const struct leadseq_task_type *const types[] = {TASKS(LIST) & task_columns};

const struct leadseq_task_type *leadseq_task_at(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i] : NULL;
}

const char *leadseq_task_name(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->name : NULL;
}

const char *leadseq_task_help(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->help : NULL;
}

int leadseq_task_parse(struct leadseq_task *task, const char *text)
{
    int status = 1;
    for (size_t i = 0; status == 1 && i < LEADSEQ_COUNT(types); i++) {
        *task = (struct leadseq_task){.type = types[i]};
        status = types[i]->parse(task, text);
    }
    return status == 1 ? leadseq_fail("expected a task, found \"%s\"", text) : status;
}
