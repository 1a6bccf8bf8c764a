/* SPDX-License-Identifier: MIT
 *
 * One output from two labels: infarction or ST/T change, as one question. A record counts as yes
 * where either is, as no where both are known to be absent, and as unknown otherwise.
 *
 * file  src/task/ischaemia.c
 * row   src/task/table.c TASKS ROW(ischaemia)
 */
#include "types.h"

#include <string.h>

static int parse(struct leadseq_task *task, const char *text)
{
    if (strcmp(text, "ischaemia")) return 1;
    task->kind = LEADSEQ_TASK_BINARY;
    task->outputs = 1;
    snprintf(task->name[0], sizeof task->name[0], "ischaemia");
    return 0;
}

static void combine(const struct leadseq_task *task, const uint8_t *column, uint8_t *label)
{
    (void)task;
    if (column[0] == 1 || column[1] == 1)
        *label = 1;
    else
        *label = column[0] == 0 && column[1] == 0 ? 0 : LEADSEQ_UNKNOWN;
}

const struct leadseq_task_type task_ischaemia = {
    .name = "ischaemia",
    .help = "infarction or ST/T change, one output",
    .positive = "ischaemia",
    .loss = "bce-logits",
    .parse = parse,
    .columns = (const char *const[]){"MI", "STTC", NULL},
    .combine = combine,
};
