/* SPDX-License-Identifier: MIT
 *
 * Between the files of signal: gaps and ends. */
#ifndef SIGNAL_PRIVATE_H
#define SIGNAL_PRIVATE_H

#include "signal/signal.h"

/* --- ends.c ------------------------------------------------------------------ */

/* Copies x and bridges its gaps linearly; before the first and after the last sample that is not
 * missing, its value is repeated. */
void signal_bridge_gaps(const float *x, size_t n, double *to);
/* Continues the n samples at padded + reach by `reach` on both sides by odd reflection,
 * which keeps level and slope. */
void signal_reflect_ends(double *padded, size_t n, size_t reach);

/* --- electrodes.c ------------------------------------------------------------ */

/* Fills reversal, its evidence and its bit; the other bits are set already. */
int signal_judge_electrodes(struct leadseq_signal_quality *quality,
                            const struct leadseq_record *record) LEADSEQ_CHECKED;

#endif
