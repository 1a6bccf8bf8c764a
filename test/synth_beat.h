/* SPDX-License-Identifier: MIT
 *
 * One simulated beat without noise, measured as a reader would measure it, and the
 * mean of many hearts. Everything is in mV and seconds. */
#ifndef TEST_SYNTH_BEAT_H
#define TEST_SYNTH_BEAT_H

#include "synth/synth_private.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { I, II, III, AVR, AVL, AVF, V1, V2, V3, V4, V5, V6, HEARTS = 50 };
enum { R_AT = 2500 }; /* the sample at which the R wave is due */

struct beat {
    double high[LEADSEQ_LEADS], low[LEADSEQ_LEADS]; /* of the whole beat */
    double q_mv[LEADSEQ_LEADS],
        q_s[LEADSEQ_LEADS];                     /* depth (> 0) and duration of a first wave down */
    double r_mv[LEADSEQ_LEADS];                 /* highest of QRS */
    double st[LEADSEQ_LEADS], t[LEADSEQ_LEADS]; /* 120 ms after R; T at its peak */
    double p[LEADSEQ_LEADS];
    double qrs_s;
};

/* Twelve leads of one beat at R_AT, noise-free. */
static inline const float *beat_signal(const struct synth_disease *disease, double difficulty,
                                       uint64_t key)
{
    struct synth_patient p = {
        .age_years = 50, .weight_kg = 75, .difficulty = difficulty, .disease = *disease};
    struct synth_heart heart;
    static struct synth_beats beats;
    static double dipole[SYNTH_DIPOLE];
    static float mv[LEADSEQ_LEADS * SYNTH_SAMPLES];
    struct synth_findings findings = {0};
    struct leadseq_random r;
    leadseq_random_init(&r, key, LEADSEQ_STREAM_TEST, 0, 0);
    synth_heart_make(&heart, &p, &r);
    synth_heart_ail(&heart, &p, &r);
    beats = (struct synth_beats){.n = 1, .beat = {{.at_s = 5, .rr_s = 1}}};
    synth_dipole(&heart, &beats, &r, dipole);
    cr_assert_eq(synth_leads(&heart, &beats, 0, dipole, &r, mv, &findings), 0);
    return mv;
}

/* A Q wave: below -20 µV before anything rises above +20 µV. */
static inline void measure_q(const float *v, double rest, double *depth, double *duration)
{
    int k = R_AT - 40, from;
    *depth = *duration = 0;
    while (k < R_AT + 30 && fabs((double)v[k] - rest) < 0.02) k++;
    if ((double)v[k] - rest > 0 || k == R_AT + 30) return;
    for (from = k; k < R_AT + 60 && (double)v[k] - rest < -0.02; k++)
        *depth = fmax(*depth, rest - (double)v[k]);
    *duration = (k - from) / (double)SYNTH_RATE_HZ;
}

/* From the first to the last sample at which some lead moves by 12 µV in 2 ms. */
static inline double measure_qrs(const float *mv)
{
    int first = 0, last = 0;
    for (int k = R_AT - 45; k < R_AT + 70; k++) {
        double fastest = 0;
        for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
            const float *v = mv + lead * SYNTH_SAMPLES;
            fastest = fmax(fastest, fabs((double)(v[k + 1] - v[k])));
        }
        if (fastest < 0.012) continue;
        if (!first) first = k;
        last = k + 1;
    }
    return (last - first) / (double)SYNTH_RATE_HZ;
}

/* The extreme of v between two times from R, against the rest. */
static inline double extreme(const float *v, double rest, double from_s, double until_s)
{
    double most = 0;
    for (int k = R_AT + (int)(from_s * 500); k < R_AT + (int)(until_s * 500); k++)
        if (fabs((double)v[k] - rest) > fabs(most)) most = (double)v[k] - rest;
    return most;
}

static inline struct beat measure(const float *mv)
{
    struct beat b = {.qrs_s = measure_qrs(mv)};
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        const float *v = mv + lead * SYNTH_SAMPLES;
        double rest = (double)v[0];
        for (int k = R_AT - 125; k < R_AT + 225; k++) {
            double d = (double)v[k] - rest;
            b.high[lead] = fmax(b.high[lead], d);
            b.low[lead] = fmin(b.low[lead], d);
            if (k > R_AT - 35 && k < R_AT + 40) b.r_mv[lead] = fmax(b.r_mv[lead], d);
        }
        measure_q(v, rest, &b.q_mv[lead], &b.q_s[lead]);
        b.st[lead] = (double)v[R_AT + 60] - rest;
        b.t[lead] = extreme(v, rest, 0.20, 0.40);
        b.p[lead] = extreme(v, rest, -0.22, -0.09);
    }
    return b;
}

static inline struct beat one_beat(const struct synth_disease *disease, double difficulty,
                                   uint64_t key)
{
    return measure(beat_signal(disease, difficulty, key));
}

/* Means over many hearts: of every number of a beat. */
static inline struct beat mean_beat(const struct synth_disease *disease, double difficulty)
{
    struct beat sum = {{0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, 0};
    for (uint64_t key = 0; key < HEARTS; key++) {
        struct beat b = one_beat(disease, difficulty, key);
        double *to = (double *)&sum;
        const double *from = (const double *)&b;
        for (size_t i = 0; i < sizeof b / sizeof *to; i++) to[i] += from[i] / HEARTS;
    }
    return sum;
}

static const struct synth_disease healthy = {.infarct = -1};

static inline int infarct_of(const char *code)
{
    for (int i = 0; i < SYNTH_INFARCTS; i++)
        if (!strcmp(synth_infarct[i].code, code)) return i;
    cr_assert_fail("%s", code);
    return -1;
}

#endif
