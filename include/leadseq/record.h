/* SPDX-License-Identifier: MIT
 *
 * WFDB records of twelve leads, and what can be said of, or done to, their samples.
 *
 * Ownership: what open returns is freed by close, what a function fills by the matching
 * clear; both take NULL. leadseq_signal_resample() returns memory that is the caller's to
 * free().
 *
 * Threads: reentrant. Different records may be used from different threads at once; one
 * record may be read by several threads, since nothing here changes it. */
#ifndef LEADSEQ_RECORD_H
#define LEADSEQ_RECORD_H

#include <leadseq/base.h>

LEADSEQ_BEGIN

enum { LEADSEQ_LEADS = 12 };
/* I II III AVR AVL AVF V1 … V6, PTB-XL's order and spelling. */
extern const char *const leadseq_lead_name[LEADSEQ_LEADS];
/* The lead a name means, whatever its case; -1 where it is none of the twelve. */
int leadseq_lead_index(const char *name);

struct leadseq_record {
    char name[128];
    char *path; /* of the header */
    double rate_hz;
    size_t n_samples;
    float *mv; /* (LEADSEQ_LEADS, n_samples) millivolts, standard order; NaN where missing */
    char *comments;
};

/* Opens the record of PATH, PATH.hea, PATH.dat or PATH.mat. Verifies the length of
 * every signal file and every initial value and checksum the header gives, also of
 * signals outside the twelve leads, which are then dropped (as WFDB has it, a
 * header without a number of samples has no checksums to verify). Finds the twelve
 * leads by name in any order and case; missing and duplicate ones are named. Signals may
 * be in several files, of formats 16, 24, 32, 61, 80 and 212, after a byte offset, in
 * MATLAB v4 matrices (whose head is verified), with several samples in a frame (the
 * same number for all twelve leads; the rate is then that many times the header's) and
 * with a skew, by which they are advanced, NaN following their end. */
struct leadseq_record *leadseq_record_open(const char *path) LEADSEQ_CHECKED;
void leadseq_record_close(struct leadseq_record *record);
/* What the header's comments say, as the PhysioNet challenges and others write it: "Age: 80",
 * "Sex: Female"; -1 where they do not. sex: 0 male, 1 female. */
void leadseq_record_person(const struct leadseq_record *record, int *age_years, int *sex);

/* Writes FOLDER/NAME.hea and .dat in format 16 at 1000 ADC units per mV, baseline
 * 0, as PTB-XL's, with checksums and initial values. mv: (12, n_samples); NaN is
 * written as missing, and a sample beyond ±32.767 mV is an error: nothing is clipped. */
int leadseq_record_write(const char *folder, const char *name, double rate_hz, const float *mv,
                         size_t n_samples) LEADSEQ_CHECKED;

/* --- Diagnoses and quality -------------------------------------------------------------- */

enum leadseq_superclass {
    LEADSEQ_NORM,
    LEADSEQ_MI,
    LEADSEQ_STTC,
    LEADSEQ_CD,
    LEADSEQ_HYP,
    LEADSEQ_SUPERCLASSES
};
extern const char *const leadseq_superclass_name[LEADSEQ_SUPERCLASSES];

enum leadseq_quality { /* bits of /quality: the table's flags and what the signal itself shows */
                       LEADSEQ_QUALITY_BASELINE_DRIFT = 1,
                       LEADSEQ_QUALITY_STATIC_NOISE = 2,
                       LEADSEQ_QUALITY_BURST_NOISE = 4,
                       LEADSEQ_QUALITY_ELECTRODES = 8,
                       LEADSEQ_QUALITY_FLAT_LEAD = 16,
                       LEADSEQ_QUALITY_SATURATED = 32,
                       LEADSEQ_QUALITY_MISSING = 64,
                       LEADSEQ_QUALITY_EINTHOVEN = 128,
                       LEADSEQ_QUALITY_REVERSED = 256,
                       LEADSEQ_QUALITY_EMPTY = 512,
                       LEADSEQ_QUALITY_AMPLITUDE = 1024,
};

/* --- What the samples show ----------------------------------------------------------- */

/* Where limb electrodes may be instead of their places. */
enum leadseq_reversal {
    LEADSEQ_REVERSAL_NONE,
    LEADSEQ_REVERSAL_ARMS,               /* P, QRS and T of I inverted, AVR upright */
    LEADSEQ_REVERSAL_RIGHT_ARM_LEFT_LEG, /* II inverted */
    LEADSEQ_REVERSAL_RIGHT_ARM_ON_LEG,  /* right arm's and a leg's exchanged: II without a signal */
    LEADSEQ_REVERSAL_LEFT_ARM_ON_LEG,   /* III without a signal */
    LEADSEQ_REVERSAL_BOTH_ARMS_ON_LEGS, /* I without a signal */
};
/* What a record's own samples show. Thresholds and how often they are wrong on real
 * records: doc/quality.md. */
struct leadseq_signal_quality {
    uint16_t bits;                   /* of enum leadseq_quality: FLAT_LEAD, SATURATED, MISSING,
                                        EINTHOVEN, REVERSED, EMPTY: every lead is missing or flat,
                                        AMPLITUDE */
    bool flat[LEADSEQ_LEADS];        /* within 10 µV for a second or longer */
    bool saturated[LEADSEQ_LEADS];   /* pinned to its own extreme, 1 mV or more from its median */
    bool implausible[LEADSEQ_LEADS]; /* beyond 20 mV, or with all others that move within 10 µV:
                                       the gain or the unit is wrong */
    size_t missing[LEADSEQ_LEADS];   /* samples that are NaN */
    double einthoven_mv;             /* root mean square of II - I - III, mV; NaN where no sample
                                        has all three */
    double augmented_mv;             /* the largest root mean square of aVR + (I + II)/2,
                                        aVL - (I - III)/2, aVF - (II + III)/2 */
    enum leadseq_reversal reversal;  /* which exchange REVERSED means */
    double agreement;                /* mean correlation of I and II with what V1 to V6 let expect,
                                        after a high-pass of 0.5 Hz; NaN if unknown */
    double agreement_exchanged;      /* the same with electrodes put back, at best */
    enum leadseq_reversal exchange;  /* the exchange it belongs to, suspected or not */
    double limb_mv[3];               /* root mean square of I, II, III after that high-pass */
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
 * result between two inputs of which one is missing is missing. Rates that
 * are in no ratio of small whole numbers (249.887 Hz) are taken to be in one within 1e-6 of
 * theirs: off by at most 10 µs after 10 s, mostly by 1 µs at the record's end. */
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
/* The window's length in seconds. */
double leadseq_preparation_seconds(const struct leadseq_preparation *preparation);

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
    size_t n;       /* the window's samples at the requested rate */
    bool resampled; /* the record's rate was another */
    bool cut;       /* the record has more than the window */
    bool padded;    /* the record ends before the window: what is missing there is NaN */
    bool empty;     /* every lead is missing or flat: there is nothing to draw */
    double missing; /* share of the samples that are NaN, 0 to 1 */
};
/* Filters the record at its own rate, resamples it and cuts the window out. A window that
 * begins after the record's end is refused. clear() frees and takes NULL. */
int leadseq_signal_prepare(struct leadseq_prepared *out, const struct leadseq_record *record,
                           const struct leadseq_preparation *preparation,
                           double rate_hz) LEADSEQ_CHECKED;
void leadseq_prepared_clear(struct leadseq_prepared *prepared);

LEADSEQ_END

#endif
