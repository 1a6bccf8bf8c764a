/* SPDX-License-Identifier: MIT
 *
 * Phases of a training: the frozen epochs, and the others. */
#ifndef TRAIN_PHASE_H
#define TRAIN_PHASE_H

#include "work.h"

/* As an epoch begins, or continues: t->phase, and the optimiser's groups and rate, are those of the
 * epoch. The first epoch of a later phase begins with fresh moments. */
void train_phase_enter(struct train_work *t);
/* After the moments were read from a checkpoint: how many steps they are of. */
void train_phase_resume(struct train_work *t);
/* Whether groups and rates fit the model, and every phase trains something. */
int train_phase_check(struct train_session *s) LEADSEQ_CHECKED;

#endif
