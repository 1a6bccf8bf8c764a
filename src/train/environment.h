/* SPDX-License-Identifier: MIT
 *
 * The machine and the program a run was made with. */
#ifndef TRAIN_ENVIRONMENT_H
#define TRAIN_ENVIRONMENT_H

#include "train/train.h"

struct train_counts { /* labels of an output */
    size_t positive, negative, unknown;
};
struct train_part {     /* of a split */
    size_t n, left_out; /* records in it; of its folds that are in no part for want of labels */
    const struct leadseq_labels *labels;              /* their names; the session's */
    struct train_counts output[LEADSEQ_OUTPUTS_MOST]; /* (labels->outputs) */
};

struct train_environment {
    char started[32], host[128], system[256], cpu[128], engine[256], git_commit[64], command[2048];
    int threads, processors;
    const char *stack_path; /* the stack's own */
    struct train_part part[LEADSEQ_PARTS];
    size_t left_out; /* records of the stack that are in no part for want of labels */
    size_t patients_on_both_sides, records_of_those; /* as in struct leadseq_split */
};
void train_environment_fill(struct train_environment *env, const struct leadseq_engine *engine,
                            const struct leadseq_stack *stack);

#endif
