/* SPDX-License-Identifier: MIT
 *
 * Steps of an open session, in memory. */
#ifndef TRAIN_REHEARSE_H
#define TRAIN_REHEARSE_H

#include "session.h"

/* how->run may be NULL where it begins from the seed. */
int train_rehearse(struct train_session *s, const struct leadseq_rehearsal *how) LEADSEQ_CHECKED;

#endif
