/* SPDX-License-Identifier: MIT
 *
 * PTB-XL's five superclasses as outputs, for the tasks that have them. */
#include "types.h"

#include <string.h>

int task_parse_superclasses(struct leadseq_task *task, const char *text, const char *name,
                            enum leadseq_task_kind kind)
{
    if (strcmp(text, name)) return 1;
    task->kind = kind;
    task->outputs = LEADSEQ_SUPERCLASSES;
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++)
        snprintf(task->name[k], sizeof task->name[k], "%s", leadseq_superclass_name[k]);
    return 0;
}
