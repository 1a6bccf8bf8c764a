/* SPDX-License-Identifier: MIT
 *
 * What can be said of, or done to, sampled millivolts before they are drawn.
 *
 * Ownership: leadseq_signal_resample() returns memory that is the caller's to free(); what
 * leadseq_signal_prepare() fills is freed by leadseq_prepared_clear(). */
#ifndef LEADSEQ_SIGNAL_H
#define LEADSEQ_SIGNAL_H

#include <leadseq/record.h>

#include "io/io.h"

bool leadseq_preparation_same(const struct leadseq_preparation *a,
                              const struct leadseq_preparation *b);
/* ", high-pass 0.5 Hz, notch 50 Hz, window from 3 s for 5 s"; "" where nothing was asked for. */
const char *leadseq_preparation_text(const struct leadseq_preparation *preparation, char text[128]);

/* "right arm and left arm exchanged", "none" … */
const char *leadseq_reversal_text(enum leadseq_reversal reversal);

#endif
