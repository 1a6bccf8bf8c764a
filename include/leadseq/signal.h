/* SPDX-License-Identifier: MIT
 *
 * What can be said of, or done to, sampled millivolts before they are drawn. */
#ifndef LEADSEQ_SIGNAL_H
#define LEADSEQ_SIGNAL_H

#include <leadseq/io.h>

/* What a record's own samples show. */
struct leadseq_signal_quality {
    uint8_t bits;                           /* FLAT_LEAD, SATURATED, MISSING, EINTHOVEN of enum leadseq_quality */
    bool flat[LEADSEQ_LEADS], saturated[LEADSEQ_LEADS];
    size_t missing[LEADSEQ_LEADS];          /* samples that are NaN */
    double einthoven_mv;                    /* root mean square of II - I - III, mV */
};

void leadseq_signal_quality(struct leadseq_signal_quality *quality, const struct leadseq_record *record);

/* Resamples (12, n_samples) at record->rate_hz to rate_hz by a windowed-sinc FIR;
 * equal rates are copied. Fills n_out and returns fresh (12, *n_out). */
float *leadseq_signal_resample(const struct leadseq_record *record, double rate_hz,
                               size_t *n_out) LEADSEQ_CHECKED;

#endif
