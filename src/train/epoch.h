/* SPDX-License-Identifier: MIT
 *
 * The end of an epoch. */
#ifndef TRAIN_EPOCH_H
#define TRAIN_EPOCH_H

#include "work.h"

/* Validates, saves, begins the next epoch; 1 where a signal stopped the validation. */
int train_epoch_end(struct train_work *t) LEADSEQ_CHECKED;

#endif
