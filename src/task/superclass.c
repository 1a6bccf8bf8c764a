/* SPDX-License-Identifier: MIT
 *
 * The five superclasses, each yes or no: a record may have several. */
#include "types.h"

static int parse(struct leadseq_task *task, const char *text)
{
    return task_parse_superclasses(task, text, "superclass", LEADSEQ_TASK_MULTI_LABEL);
}

extern const struct leadseq_task_type task_superclass;
const struct leadseq_task_type task_superclass = {
    .name = "superclass",
    .help = "NORM, MI, STTC, CD and HYP, five outputs of their own",
    .loss = "bce-logits",
    .parse = parse,
};
