/* SPDX-License-Identifier: MIT
 *
 * A record's logits from those of the windows of its signals. */
#ifndef TRAIN_WINDOWS_H
#define TRAIN_WINDOWS_H

#include "experiment/experiment.h"

/* window (windows, outputs) -> logit (outputs). */
void train_aggregate(const struct leadseq_experiment *e, const float *window, size_t windows,
                     int outputs, float *logit);

#endif
