/* SPDX-License-Identifier: MIT
 *
 * What rank 0 gives the other ranks. Collective: every rank makes the same calls in the same
 * order. */
#ifndef TRAIN_SHARE_H
#define TRAIN_SHARE_H

#include "work.h"

/* Weights and running statistics; those, moments and place; the place alone. */
void train_share_network(const struct train_network *net);
void train_share_work(struct train_work *t);
void train_share_place(struct train_state *state);

#endif
