/* SPDX-License-Identifier: MIT
 *
 * A training from its first step, or the last checkpoint, to its last epoch. */
#ifndef TRAIN_LOOP_H
#define TRAIN_LOOP_H

#include "folder.h"
#include "session.h"

/* Runs the epochs that are left; 1 where a signal stopped it after a checkpoint. */
int train_loop(struct train_session *s, struct train_folder *f,
               const struct leadseq_hooks *hooks) LEADSEQ_CHECKED;

#endif
