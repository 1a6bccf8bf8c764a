/* SPDX-License-Identifier: MIT
 *
 * A part of a stack evaluated: predictions-PART.tsv, and its scores in metrics.json. */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include "checkpoint.h"
#include "session.h"

struct train_evaluation {            /* what the network holds, and the threshold to decide at */
    const char *folder, *checkpoint; /* the caller's; "best" or "last" */
    bool elsewhere, force;           /* not the run's own folder; a table in it is replaced */
    bool foreign;                    /* not the stack the run was trained on, which is told */
    uint64_t epoch, step;
    double threshold[LEADSEQ_OUTPUTS_MOST]; /* (outputs) */
    char threshold_origin[1024];
};
/* Without validation no epoch is the best: the best checkpoint is the last one and is called so. */
struct train_evaluation train_evaluation_of(const char *folder, enum leadseq_checkpoint which,
                                            const struct leadseq_task *task,
                                            const struct train_state *state);
/* "best", "last" */
const char *train_checkpoint_name(enum leadseq_checkpoint which);
/* Predicts a part (-1: every labelled record) and writes both; 1 where a signal stopped it. */
int train_evaluate(struct train_session *s, const struct train_evaluation *how,
                   int part) LEADSEQ_CHECKED;

#endif
