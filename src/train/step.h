/* SPDX-License-Identifier: MIT
 *
 * One step of a training. */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "work.h"

/* One part of a step, on the next batch; the last one takes the step, and t->parts.done is 0
 * again. A cost or gradient that is not finite fails then, after a checkpoint of everything from
 * before the step. */
int train_step(struct train_work *t, const struct leadseq_batch *batch) LEADSEQ_CHECKED;

#endif
