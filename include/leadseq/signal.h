/* SPDX-License-Identifier: MIT
 *
 * What can be said of, or done to, sampled millivolts before they are drawn.
 *
 * Ownership: leadseq_signal_resample() returns memory that is the caller's to free(). */
#ifndef LEADSEQ_SIGNAL_H
#define LEADSEQ_SIGNAL_H

#include <leadseq/io.h>

/* What a record's own samples show. Thresholds and how often they are wrong on real
 * records: doc/quality.md. */
struct leadseq_signal_quality {
    uint8_t bits;                  /* of enum leadseq_quality: FLAT_LEAD, SATURATED, MISSING,
                                      EINTHOVEN */
    bool flat[LEADSEQ_LEADS];      /* within 10 µV for a second or longer */
    bool saturated[LEADSEQ_LEADS]; /* pinned to its own extreme, 1 mV or more from its median */
    size_t missing[LEADSEQ_LEADS]; /* samples that are NaN */
    double einthoven_mv;           /* root mean square of II - I - III, mV; NaN where no sample
                                      has all three */
    double augmented_mv;           /* the largest root mean square of aVR + (I + II)/2,
                                      aVL - (I - III)/2, aVF - (II + III)/2 */
};

/* EINTHOVEN is set where einthoven_mv or augmented_mv exceeds 50 µV: limb leads
 * exchanged, mislabelled, or not of one recording. */
void leadseq_signal_quality(struct leadseq_signal_quality *quality,
                            const struct leadseq_record *record);

/* Resamples (12, n_samples) at record->rate_hz to rate_hz by a Kaiser-windowed sinc;
 * equal rates are copied. Fills n_out and returns fresh (12, *n_out). With
 * f = min(both rates)/2: flat to 0.8·f, 80 dB down from f on, gain 1 at 0 Hz exactly,
 * no delay: sample k of the result is at k/rate_hz seconds, and there are
 * ceil(n_samples·rate_hz/record->rate_hz) of them. Ends are continued by odd
 * reflection. Missing samples are bridged linearly for their neighbours' sake; a
 * result between two inputs of which one is missing is missing. Rates must stand
 * in a ratio of whole numbers. */
float *leadseq_signal_resample(const struct leadseq_record *record, double rate_hz,
                               size_t *n_out) LEADSEQ_CHECKED;

#endif
