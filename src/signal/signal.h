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

/* --- presence.c: is there anything to see? ------------------------------------------------ */

enum leadseq_lead_state {
    LEADSEQ_LEAD_THERE,
    LEADSEQ_LEAD_MISSING, /* no two neighbouring samples are there: no line can be drawn */
    LEADSEQ_LEAD_FLAT,    /* a straight line, from its first to its last sample */
};
enum leadseq_lead_state leadseq_lead_state(const float *mv, size_t n);
/* Of (LEADSEQ_LEADS, n) samples: whether no lead is there, and the share that is missing. */
bool leadseq_signal_empty(const float *mv, size_t n);
double leadseq_signal_missing(const float *mv, size_t n);
/* The refusal of a record that is empty. Returns -1. */
int leadseq_fail_empty(const char *name);

/* --- The others ---------------------------------------------------------------------------- */

bool leadseq_preparation_same(const struct leadseq_preparation *a,
                              const struct leadseq_preparation *b);
/* ", high-pass 0.5 Hz, notch 50 Hz, window from 3 s for 5 s"; "" where nothing was asked for. */
const char *leadseq_preparation_text(const struct leadseq_preparation *preparation, char text[128]);

/* "right arm and left arm exchanged", "none" … */
const char *leadseq_reversal_text(enum leadseq_reversal reversal);

#endif
