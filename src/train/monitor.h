/* SPDX-License-Identifier: MIT
 *
 * What a validation says, and for how long a training waits for a better one. */
#ifndef TRAIN_MONITOR_H
#define TRAIN_MONITOR_H

#include "checkpoint.h"
#include "predict.h"

struct train_validation {
    double value[LEADSEQ_MONITORS];         /* of several outputs the means over them; the loss */
    double threshold[LEADSEQ_OUTPUTS_MOST]; /* (outputs) of the largest Youden index; NaN: none */
    double auc[LEADSEQ_OUTPUTS_MOST];       /* (outputs) */
};
int train_monitor_score(struct train_validation *v,
                        const struct train_predictions *p) LEADSEQ_CHECKED;
/* Whether `value` is better than `than` by more than `margin`; a number is better than NaN. */
bool train_monitor_better(enum leadseq_monitor m, double value, double than, double margin);
/* Notes an epoch that improved. */
void train_patience_look(struct train_patience *p, const struct leadseq_experiment *e,
                         uint64_t epoch, const double value[LEADSEQ_MONITORS]);
/* Whether none of the last train.patience epochs improved. */
bool train_patience_ended(const struct train_state *state, const struct leadseq_experiment *e);

#endif
