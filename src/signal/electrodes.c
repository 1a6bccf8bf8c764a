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

#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { I, II, III, V1 = 6, CHEST = 6, POWERS = 3 };

/* I and II of V1 … V6: least squares over records, fitted by test/fit_chest.py. */
static const double expected_of[2][CHEST] = {
    {-0.495, 0.200, 0.008, -0.014, 0.074, 0.292},
    {-0.040, -0.081, 0.118, 0.104, -0.078, 0.503},
};
static const double slowest_hz = 8; // a second of fewer samples than that shows no heart
static const double disagrees = 0.1, agrees_more_by = 0.6;
static const double silent_share = 0.1, heard_mv = 0.03, broken_mv = 0.05;

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

/* --- Second by second --------------------------------------------------------------------------
 * An artefact is of one second or of a few; where the electrodes are, all of them show. So each
 * second is looked at by itself, and what the median of them says counts. */

struct sums {                         // over the samples of a second that all eight leads have
    double xx[2][2], ee[2], xe[2][2]; // x: I and II as recorded, e: as expected
    double limb[3];                   // squares of I, II, III
    double law[4];                    // squares of what Einthoven's law leaves of four sums
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

static void add_law(struct sums *s, const float *mv, size_t n)
{
    const double i = (double)mv[0], ii = (double)mv[n], iii = (double)mv[2 * n];
    const double left[] = {ii - i - iii, (double)mv[3 * n] + (i + ii) / 2,
                           (double)mv[4 * n] - (i - iii) / 2, (double)mv[5 * n] - (ii + iii) / 2};
    for (size_t k = 0; k < LEADSEQ_COUNT(left); k++)
        if (!isnan(left[k])) s->law[k] += left[k] * left[k];
}

static bool is_whole(const float *mv, size_t n)
{
    float sum = mv[0] + mv[n];
    for (size_t v = 0; v < CHEST; v++) sum += mv[(V1 + v) * n];
    return !isnan(sum);
}

static void remove_part(double *x, const double *unit, size_t n)
{
    double dot = 0;
    for (size_t k = 0; k < n; k++) dot += unit[k] * x[k];
    for (size_t k = 0; k < n; k++) x[k] -= dot * unit[k];
}

/* 1, t and t² over the samples of a second that are whole, orthonormal; zeros elsewhere. */
static void make_basis(double *basis, const float *mv, size_t n, size_t length)
{
    for (size_t power = 0; power < POWERS; power++) {
        double *p = basis + power * length, squares = 0;
        for (size_t k = 0; k < length; k++)
            p[k] = is_whole(mv + k, n) ? pow(2 * (double)k / (double)length - 1, (double)power) : 0;
        for (size_t j = 0; j < power; j++) remove_part(p, basis + j * length, length);
        for (size_t k = 0; k < length; k++) squares += p[k] * p[k];
        for (size_t k = 0; k < length; k++) p[k] = squares > 1e-9 ? p[k] / sqrt(squares) : 0;
    }
}

/* Takes a parabola out of each lead, which leaves no wander. A filter would carry an artefact into
 * the seconds beside it. room: 4 · length. */
static void level(float *mv, size_t n, size_t length, double *room)
{
    double *x = room + POWERS * length;
    make_basis(room, mv, n, length);
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        float *of = mv + lead * n;
        for (size_t k = 0; k < length; k++) x[k] = is_whole(mv + k, n) ? (double)of[k] : 0;
        for (size_t power = 0; power < POWERS; power++)
            remove_part(x, room + power * length, length);
        for (size_t k = 0; k < length; k++)
            if (!isnan(of[k])) of[k] = (float)x[k];
    }
}

static void add_up(struct sums *s, const float *mv, size_t n, size_t length)
{
    for (size_t k = 0; k < length; k++) {
        if (!is_whole(mv + k, n)) continue;
        double x[2] = {(double)mv[k], (double)mv[n + k]}, e[2] = {0};
        for (size_t v = 0; v < CHEST; v++)
            for (int i = 0; i < 2; i++) e[i] += expected_of[i][v] * (double)mv[(V1 + v) * n + k];
        add_sample(s, x, e);
        add_law(s, mv + k, n);
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

/* Of a second, and their medians over a record. */
enum { AGREEMENT, LIMB = AGREEMENT + LEADSEQ_COUNT(order), LAW = LIMB + 3, FIGURES };

static void fill_figures(double *figure, const struct sums *s)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(order); i++)
        figure[AGREEMENT + i] = agreement(s, order[i].of);
    for (int lead = I; lead <= III; lead++)
        figure[LIMB + lead] = sqrt(s->limb[lead] / (double)s->n);
    figure[LAW] = 0;
    for (size_t k = 0; k < LEADSEQ_COUNT(s->law); k++)
        figure[LAW] = fmax(figure[LAW], sqrt(s->law[k] / (double)s->n));
}

/* Seconds that a gap has left less than half of what the fullest has say nothing. `room` is for
 * FIGURES · n values. */
static size_t take_medians(double median[FIGURES], const struct sums *second, size_t n,
                           double *room)
{
    size_t fullest = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        if (second[i].n > fullest) fullest = second[i].n;
    for (size_t i = 0; fullest && i < n; i++) {
        double figure[FIGURES];
        if (2 * second[i].n < fullest) continue;
        fill_figures(figure, &second[i]);
        for (size_t f = 0; f < FIGURES; f++) room[f * n + kept] = figure[f];
        kept++;
    }
    for (size_t f = 0; f < FIGURES; f++) median[f] = leadseq_median(room + f * n, kept);
    return kept;
}

/* 1 where there is no second to look at. */
static int measure(double median[FIGURES], float *mv, size_t n, double rate_hz)
{
    const size_t seconds = (size_t)fmax(1, round((double)n / rate_hz));
    struct sums *second = leadseq_calloc(seconds, sizeof *second);
    const size_t most = 4 * (n / seconds + 1) + FIGURES * seconds;
    double *room = second ? leadseq_calloc(most, sizeof *room) : NULL;
    int status = room ? 0 : -1;
    for (size_t i = 0; !status && i < seconds; i++) {
        size_t from = n * i / seconds, length = n * (i + 1) / seconds - from;
        level(mv + from, n, length, room);
        add_up(&second[i], mv + from, n, length);
    }
    if (!status) status = !take_medians(median, second, seconds, room);
    free(second);
    free(room);
    return status;
}

/* --- What that means -------------------------------------------------------------------------- */

static void judge_order(struct leadseq_signal_quality *q, const double median[FIGURES])
{
    q->agreement = median[AGREEMENT];
    for (size_t i = 1; i < LEADSEQ_COUNT(order); i++) {
        double other = median[AGREEMENT + i];
        if (i > 1 && other <= q->agreement_exchanged) continue;
        q->agreement_exchanged = other;
        q->exchange = order[i].reversal;
    }
    if (q->agreement < disagrees && q->agreement_exchanged > q->agreement + agrees_more_by)
        q->reversal = q->exchange;
}

/* A limb lead has no signal where both its electrodes are on legs. */
static void judge_silence(struct leadseq_signal_quality *q, const double median[FIGURES])
{
    static const enum leadseq_reversal meaning[] = {LEADSEQ_REVERSAL_BOTH_ARMS_ON_LEGS,
                                                    LEADSEQ_REVERSAL_RIGHT_ARM_ON_LEG,
                                                    LEADSEQ_REVERSAL_LEFT_ARM_ON_LEG};
    for (int lead = I; lead <= III; lead++) q->limb_mv[lead] = median[LIMB + lead];
    for (int lead = I; lead <= III; lead++) {
        double others = fmin(q->limb_mv[(lead + 1) % 3], q->limb_mv[(lead + 2) % 3]);
        if (others >= heard_mv && q->limb_mv[lead] < silent_share * others)
            q->reversal = meaning[lead];
    }
}

int signal_judge_electrodes(struct leadseq_signal_quality *q, const struct leadseq_record *r)
{
    q->agreement = q->agreement_exchanged = NAN;
    for (int lead = I; lead <= III; lead++) q->limb_mv[lead] = NAN;
    if (r->rate_hz < slowest_hz) return 0;
    size_t samples = LEADSEQ_LEADS * r->n_samples;
    float *mv = leadseq_calloc(samples, sizeof *mv);
    if (!mv) return -1;
    memcpy(mv, r->mv, samples * sizeof *mv);
    double median[FIGURES];
    int status = measure(median, mv, r->n_samples, r->rate_hz);
    free(mv);
    if (status) return status < 0 ? -1 : 0;
    judge_order(q, median);
    judge_silence(q, median);
    if (median[LAW] > broken_mv) q->reversal = LEADSEQ_REVERSAL_NONE; // says nothing
    if (q->reversal) q->bits |= LEADSEQ_QUALITY_REVERSED;
    return 0;
}
