/* SPDX-License-Identifier: MIT
 *
 * What an estimate needs of a session and of rehearsals. */
#ifndef TRAIN_ESTIMATE_H
#define TRAIN_ESTIMATE_H

#include "train_private.h"

/* Stack, parts, steps, engine, layers, for a person (session.c). */
int train_session_print(const struct train_session *s, FILE *out) LEADSEQ_CHECKED;
/* Steps of an open session, in memory; how->run may be NULL where it begins from the seed
 * (rehearse.c). */
int train_rehearse(struct train_session *s, const struct leadseq_rehearsal *how) LEADSEQ_CHECKED;

#endif
