/* SPDX-License-Identifier: MIT
 *
 * Phases of a training: the frozen epochs, and the others. */
#ifndef TRAIN_PHASE_H
#define TRAIN_PHASE_H

#include "work.h"

struct train_phase {
    uint64_t first, total; /* its first step, and its steps */
    bool frozen;           /* all but the head */
    bool separate;         /* the frozen epochs, before others */
};
struct train_phase train_phase_at(const struct train_session *s, uint64_t step);
/* The rate and the momentum of a step, counted from 0. */
struct leadseq_rate train_rate_at(const struct train_work *t, uint64_t step);
/* Before a step: sets what the phase trains in the optimiser, which begins again with a phase. */
void train_phase_enter(struct train_work *t, uint64_t step);
/* After the moments were read from a checkpoint: how many steps they are of. */
void train_phase_resume(struct train_work *t);
/* Whether groups and rates fit the model, and every phase trains something. */
int train_phase_check(struct train_session *s) LEADSEQ_CHECKED;

#endif
