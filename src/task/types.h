/* SPDX-License-Identifier: MIT
 *
 * What several types of tasks share (columns.c, superclass.c, superclass_single.c). */
#ifndef TASK_TYPES_H
#define TASK_TYPES_H

#include "task/task.h"

/* Outputs named as PTB-XL's superclasses, where `text` is the type's name; as a type's parse(). */
int task_parse_superclasses(struct leadseq_task *task, const char *text, const char *name,
                            enum leadseq_task_kind kind);

#endif
