/* SPDX-License-Identifier: MIT
 *
 * Infarction or not, the paper's task. */
#include "task/task.h"

#include <string.h>

static int parse(struct leadseq_task *task, const char *text)
{
    if (strcmp(text, "mi")) return 1;
    task->kind = LEADSEQ_TASK_BINARY;
    task->outputs = 1;
    strcpy(task->name[0], "mi");
    return 0;
}

extern const struct leadseq_task_type task_mi;
const struct leadseq_task_type task_mi = {
    .name = "mi",
    .help = "infarction: any diagnostic code of class MI, whatever its likelihood",
    .positive = "infarction",
    .loss = "bce", // the paper's
    .parse = parse,
};
