/* SPDX-License-Identifier: MIT
 *
 * A session for a person. */
#ifndef TRAIN_SUMMARY_H
#define TRAIN_SUMMARY_H

#include "session.h"

/* Stack, parts, steps, engine, layers. */
int train_session_print(const struct train_session *s, FILE *out) LEADSEQ_CHECKED;

#endif
