/* SPDX-License-Identifier: MIT
 *
 * What a training takes at its most, all at the same time: both passes of the model, the
 * optimiser's moments, batches read ahead for training and validation, what probes look at.
 * Parameters are allocated before it is asked. In bytes. */
#ifndef TRAIN_MEMORY_H
#define TRAIN_MEMORY_H

#include "session.h"

struct train_memory {
    size_t training, evaluation, moments, batches, probes;
};
struct train_memory train_memory_need(const struct train_session *s);
/* Fails with each of them and the bytes available. */
int train_memory_check(const struct train_session *s) LEADSEQ_CHECKED;

#endif
