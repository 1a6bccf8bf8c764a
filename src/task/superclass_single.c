/* SPDX-License-Identifier: MIT
 *
 * Which of the five superclasses: a choice, so only records with exactly one take part. */
#include "types.h"

#include <string.h>

static int parse(struct leadseq_task *task, const char *text)
{
    return task_parse_superclasses(task, text, "superclass-single", LEADSEQ_TASK_MULTI_CLASS);
}

static void combine(const struct leadseq_task *task, const uint8_t *column, uint8_t *label)
{
    int yes = 0, unknown = 0;
    for (int k = 0; k < task->outputs; k++) {
        yes += column[k] == 1;
        unknown += column[k] > 1;
    }
    if (yes == 1 && !unknown)
        memcpy(label, column, (size_t)task->outputs);
    else
        memset(label, LEADSEQ_UNKNOWN, (size_t)task->outputs);
}

extern const struct leadseq_task_type task_superclass_single;
const struct leadseq_task_type task_superclass_single = {
    .name = "superclass-single",
    .help = "which of NORM, MI, STTC, CD and HYP, of records with exactly one of them",
    .loss = "softmax",
    .left_out = "they have no superclass, several, or an unknown one",
    .parse = parse,
    .combine = combine,
};
