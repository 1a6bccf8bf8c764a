/* SPDX-License-Identifier: MIT
 *
 * Limb electrodes on each other's places. What the leads then show obeys Einthoven's
 * law as before, so that only their shape shows the exchange. The chest leads reveal it, which
 * know which way the heart looks: where I and II disagree with what V1 to V6 let
 * expect, and another order of the electrodes agrees, that order is suspected (after
 * Kors & van Herpen 2001). An electrode on the right leg, which measures nothing,
 * leaves one limb lead without a signal. Left arm and left leg exchanged look like a
 * heart that lies differently: that is not judged, and all three moved round are found
 * but cannot be distinguished from two exchanged. doc/quality.md: how often it errs. */
#include "signal_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { I, II, III, V1 = 6, CHEST = 6 };

/* I and II of V1 … V6: least squares over records, fitted by test/fit_chest.py. */
static const double expected_of[2][CHEST] = {
    {-0.495, 0.200, 0.008, -0.014, 0.074, 0.292},
    {-0.040, -0.081, 0.118, 0.104, -0.078, 0.503},
};
static const double wander_hz = 0.5;
static const double disagrees = 0.1, agrees_more_by = 0.6;
static const double silent_share = 0.1, heard_mv = 0.03;

/* I and II as they would be with the electrodes in their places, of those recorded. */
static const struct {
    enum leadseq_reversal reversal;
    int of[2][2];
} order[] = {
    {LEADSEQ_REVERSAL_NONE, {{1, 0}, {0, 1}}},
    {LEADSEQ_REVERSAL_ARMS, {{-1, 0}, {-1, 1}}},
    {LEADSEQ_REVERSAL_RIGHT_ARM_LEFT_LEG, {{1, -1}, {0, -1}}},
};

const char *leadseq_reversal_text(enum leadseq_reversal reversal)
{
    switch (reversal) {
    case LEADSEQ_REVERSAL_NONE:
        return "none";
    case LEADSEQ_REVERSAL_ARMS:
        return "right arm and left arm exchanged";
    case LEADSEQ_REVERSAL_RIGHT_ARM_LEFT_LEG:
        return "right arm and left leg exchanged";
    case LEADSEQ_REVERSAL_RIGHT_ARM_ON_LEG:
        return "right arm's electrode on a leg";
    case LEADSEQ_REVERSAL_LEFT_ARM_ON_LEG:
        return "left arm's electrode on a leg";
    case LEADSEQ_REVERSAL_BOTH_ARMS_ON_LEGS:
        return "both arms' electrodes on the legs";
    }
    return "unknown";
}

struct sums {                         // over the samples that all eight leads have
    double xx[2][2], ee[2], xe[2][2]; // x: I and II as recorded, e: as expected
    double limb[3];                   // squares of I, II, III
    size_t n;
};

static void add_sample(struct sums *s, const double x[2], const double e[2])
{
    for (int i = 0; i < 2; i++) {
        s->ee[i] += e[i] * e[i];
        for (int k = 0; k < 2; k++) {
            s->xx[i][k] += x[i] * x[k];
            s->xe[i][k] += x[i] * e[k];
        }
    }
    s->limb[I] += x[I] * x[I];
    s->limb[II] += x[II] * x[II];
    s->limb[III] += (x[II] - x[I]) * (x[II] - x[I]);
    s->n++;
}

static void add_up(struct sums *s, const float *mv, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double x[2] = {(double)mv[k], (double)mv[n + k]}, e[2] = {0};
        for (size_t v = 0; v < CHEST; v++)
            for (int i = 0; i < 2; i++) e[i] += expected_of[i][v] * (double)mv[(V1 + v) * n + k];
        if (!isnan(x[0] + x[1] + e[0] + e[1])) add_sample(s, x, e);
    }
}

/* The mean of the correlations of I and of II with what is expected, in another order. */
static double agreement(const struct sums *s, const int of[2][2])
{
    double sum = 0;
    for (int i = 0; i < 2; i++) {
        double a = of[i][0], b = of[i][1];
        double own = a * a * s->xx[0][0] + 2 * a * b * s->xx[0][1] + b * b * s->xx[1][1];
        double common = a * s->xe[0][i] + b * s->xe[1][i], power = own * s->ee[i];
        sum += power > 0 ? common / sqrt(power) : 0;
    }
    return sum / 2;
}

static void judge_order(struct leadseq_signal_quality *q, const struct sums *s)
{
    q->agreement = agreement(s, order[0].of);
    for (size_t i = 1; i < LEADSEQ_COUNT(order); i++) {
        double other = agreement(s, order[i].of);
        if (i > 1 && other <= q->agreement_exchanged) continue;
        q->agreement_exchanged = other;
        q->exchange = order[i].reversal;
    }
    if (q->agreement < disagrees && q->agreement_exchanged > q->agreement + agrees_more_by)
        q->reversal = q->exchange;
}

/* A limb lead has no signal where both its electrodes are on legs. */
static void judge_silence(struct leadseq_signal_quality *q, const struct sums *s)
{
    static const enum leadseq_reversal meaning[] = {LEADSEQ_REVERSAL_BOTH_ARMS_ON_LEGS,
                                                    LEADSEQ_REVERSAL_RIGHT_ARM_ON_LEG,
                                                    LEADSEQ_REVERSAL_LEFT_ARM_ON_LEG};
    for (int lead = I; lead <= III; lead++) q->limb_mv[lead] = sqrt(s->limb[lead] / (double)s->n);
    for (int lead = I; lead <= III; lead++) {
        double others = fmin(q->limb_mv[(lead + 1) % 3], q->limb_mv[(lead + 2) % 3]);
        if (others >= heard_mv && q->limb_mv[lead] < silent_share * others)
            q->reversal = meaning[lead];
    }
}

int signal_judge_electrodes(struct leadseq_signal_quality *q, const struct leadseq_record *r)
{
    const struct leadseq_preparation without_wander = {.highpass_hz = wander_hz};
    q->agreement = q->agreement_exchanged = NAN;
    for (int lead = I; lead <= III; lead++) q->limb_mv[lead] = NAN;
    if (r->rate_hz <= 2 * wander_hz) return 0;
    size_t samples = LEADSEQ_LEADS * r->n_samples;
    float *mv = leadseq_calloc(samples, sizeof *mv);
    if (!mv) return -1;
    memcpy(mv, r->mv, samples * sizeof *mv);
    struct sums s = {.n = 0};
    int status = leadseq_signal_filter(&without_wander, r->rate_hz, mv, r->n_samples);
    if (!status) add_up(&s, mv, r->n_samples);
    free(mv);
    if (status || !s.n) return status;
    judge_order(q, &s);
    judge_silence(q, &s);
    if (q->bits & LEADSEQ_QUALITY_EINTHOVEN) q->reversal = LEADSEQ_REVERSAL_NONE; // says nothing
    if (q->reversal) q->bits |= LEADSEQ_QUALITY_REVERSED;
    return 0;
}
