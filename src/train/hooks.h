/* SPDX-License-Identifier: MIT
 *
 * The calls of hooks around a training; those within a step are the step's. */
#ifndef TRAIN_HOOKS_H
#define TRAIN_HOOKS_H

#include "work.h"

int train_hooks_begin(struct train_work *t) LEADSEQ_CHECKED;
int train_hooks_start(struct train_work *t) LEADSEQ_CHECKED;
/* Returns `status`, or -1 where that was no failure but ending was. */
int train_hooks_end(struct train_work *t, int status);

#endif
