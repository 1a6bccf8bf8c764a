/* SPDX-License-Identifier: MIT
 *
 * What can be said of, or done to, sampled millivolts before they are drawn.
 *
 * Ownership: leadseq_signal_resample() returns memory that is the caller's to free(); what
 * leadseq_signal_prepare() fills is freed by leadseq_prepared_clear(). */
#ifndef LEADSEQ_SIGNAL_H
#define LEADSEQ_SIGNAL_H

#include "io/io.h"

/* Where limb electrodes may be instead of their places. */
enum leadseq_reversal {
    LEADSEQ_REVERSAL_NONE,
    LEADSEQ_REVERSAL_ARMS,               /* P, QRS and T of I inverted, AVR upright */
    LEADSEQ_REVERSAL_RIGHT_ARM_LEFT_LEG, /* II inverted */
    LEADSEQ_REVERSAL_RIGHT_ARM_ON_LEG,  /* right arm's and a leg's exchanged: II without a signal */
    LEADSEQ_REVERSAL_LEFT_ARM_ON_LEG,   /* III without a signal */
    LEADSEQ_REVERSAL_BOTH_ARMS_ON_LEGS, /* I without a signal */
};
/* "right arm and left arm exchanged", "none" … */
const char *leadseq_reversal_text(enum leadseq_reversal reversal);

/* What a record's own samples show. Thresholds and how often they are wrong on real
 * records: doc/quality.md. */
struct leadseq_signal_quality {
    uint16_t bits;                  /* of enum leadseq_quality: FLAT_LEAD, SATURATED, MISSING,
                                       EINTHOVEN, REVERSED */
    bool flat[LEADSEQ_LEADS];       /* within 10 µV for a second or longer */
    bool saturated[LEADSEQ_LEADS];  /* pinned to its own extreme, 1 mV or more from its median */
    size_t missing[LEADSEQ_LEADS];  /* samples that are NaN */
    double einthoven_mv;            /* root mean square of II - I - III, mV; NaN where no sample
                                       has all three */
    double augmented_mv;            /* the largest root mean square of aVR + (I + II)/2,
                                       aVL - (I - III)/2, aVF - (II + III)/2 */
    enum leadseq_reversal reversal; /* what REVERSED stands for */
    double agreement;               /* mean correlation of I and II with what V1 to V6 let expect,
                                       behind a high-pass of 0.5 Hz; NaN where that cannot be said */
    double agreement_exchanged;     /* the same with electrodes put back, at best */
    enum leadseq_reversal exchange; /* the exchange it belongs to, suspected or not */
    double limb_mv[3];              /* root mean square of I, II, III behind that high-pass */
};

/* EINTHOVEN is set where einthoven_mv or augmented_mv exceeds 50 µV: limb leads
 * exchanged, mislabelled, or not of one recording. Where it is not, REVERSED is set where
 * agreement is below 0.1 and agreement_exchanged more by 0.6, or where one of I, II and III
 * has less than a tenth of the others' root mean square. Fails where memory is short. */
int leadseq_signal_quality(struct leadseq_signal_quality *quality,
                           const struct leadseq_record *record) LEADSEQ_CHECKED;

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

/* --- Preparation: what is done to a record before it is drawn -------------------- */

enum { LEADSEQ_WINDOW_S = 10 }; /* PTB-XL's length */

struct leadseq_preparation {
    double notch_hz;       /* mains, 50 or 60; 0: no notch */
    double highpass_hz;    /* corner of -3 dB; 0: no high-pass */
    double window_start_s; /* seconds of the record before the window */
    double window_s;       /* its length; 0: LEADSEQ_WINDOW_S */
};
/* Refuses what no record can be prepared by: corners outside 0.01 to 40 Hz, … */
int leadseq_preparation_check(const struct leadseq_preparation *preparation) LEADSEQ_CHECKED;
bool leadseq_preparation_same(const struct leadseq_preparation *a,
                              const struct leadseq_preparation *b);
/* The window's length in seconds. */
double leadseq_preparation_seconds(const struct leadseq_preparation *preparation);
/* ", high-pass 0.5 Hz, notch 50 Hz, window from 3 s for 5 s"; "" where nothing was asked for. */
const char *leadseq_preparation_text(const struct leadseq_preparation *preparation, char text[128]);

/* Filters (12, n) samples in place, forward and backward, so that nothing is delayed:
 *   high-pass  two passes of a Butterworth filter of second order: -3 dB at the corner,
 *              24 dB an octave below it
 *   notch      two passes of second order: 0 at notch_hz, -3 dB 1 Hz to either side
 * Missing samples are bridged for their neighbours' sake and stay missing. All leads are
 * filtered alike, so that Einthoven's law holds as before. Fails where the rate is too low
 * to have anything at such a frequency. */
int leadseq_signal_filter(const struct leadseq_preparation *preparation, double rate_hz, float *mv,
                          size_t n) LEADSEQ_CHECKED;

struct leadseq_prepared {
    float *mv;      /* (12, n) */
    size_t n;       /* the window's samples at the rate asked for */
    bool resampled; /* the record's rate was another */
    bool cut;       /* the record has more than the window */
    bool padded;    /* the record ends before the window: what is missing there is NaN */
};
/* Filters the record at its own rate, resamples it and cuts the window out. A window that
 * begins behind the record's end is refused. clear() frees and takes NULL. */
int leadseq_signal_prepare(struct leadseq_prepared *out, const struct leadseq_record *record,
                           const struct leadseq_preparation *preparation,
                           double rate_hz) LEADSEQ_CHECKED;
void leadseq_prepared_clear(struct leadseq_prepared *prepared);

#endif
