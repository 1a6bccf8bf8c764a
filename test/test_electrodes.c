/* SPDX-License-Identifier: MIT
 *
 * A heart whose limb leads follow from its chest leads, with its electrodes in
 * their places and elsewhere. */
#include "electrodes.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(electrodes);

enum { I, II, III, AVR, AVL, AVF, V1 };

/* Three sources, P, QRS and T, each seen by V1 … V6 in its own way; I and II are what a
 * wider look at such hearts would give, and 20 µV of noise on each electrode. */
static struct leadseq_record *heart(double rate_hz, double seconds)
{
    static const double place[] = {0.15, 0.32, 0.36, 0.6}, width[] = {0.03, 0.012, 0.014, 0.05};
    static const double seen[4][8] = {// I, II, V1 … V6
                                      {0.08, 0.15, 0.05, 0.06, 0.06, 0.06, 0.06, 0.06},
                                      {0.6, 1.2, 0.3, 0.5, 0.8, 1.2, 1.3, 1.1},
                                      {-0.1, -0.1, -1.0, -1.4, -0.9, -0.4, -0.2, -0.1},
                                      {0.2, 0.3, -0.1, 0.5, 0.5, 0.4, 0.35, 0.3}};
    struct leadseq_record *r = leadseq_calloc(1, sizeof *r);
    size_t n = r->n_samples = (size_t)(rate_hz * seconds);
    r->rate_hz = rate_hz;
    r->mv = leadseq_calloc(LEADSEQ_LEADS * n, sizeof *r->mv);
    struct leadseq_random random;
    leadseq_random_init(&random, 1, LEADSEQ_STREAM_TEST, 0, 0);
    for (size_t k = 0; k < n; k++) {
        double t = fmod((double)k / rate_hz, 0.83), v[8];
        for (int i = 0; i < 8; i++) {
            v[i] = 0.02 * leadseq_random_normal(&random);
            for (int s = 0; s < 4; s++) {
                double z = (t - place[s]) / width[s];
                v[i] += seen[s][i] * exp(-z * z / 2);
            }
        }
        double a = v[0], b = v[1];
        double all[] = {a, b, b - a, -(a + b) / 2, a - b / 2, b - a / 2};
        for (size_t i = 0; i < 6; i++) r->mv[i * n + k] = (float)all[i];
        for (size_t i = 0; i < 6; i++) r->mv[(V1 + i) * n + k] = (float)v[2 + i];
    }
    return r;
}

static struct leadseq_signal_quality quality_of(const struct leadseq_record *r)
{
    struct leadseq_signal_quality q;
    cr_assert_eq(leadseq_signal_quality(&q, r), 0, "%s", leadseq_error());
    return q;
}

Test(electrodes, those_in_their_places_are_not_suspected)
{
    static const double rates[] = {50, 100, 257, 500, 1000};
    for (size_t i = 0; i < LEADSEQ_COUNT(rates); i++) {
        struct leadseq_record *r = heart(rates[i], 10);
        struct leadseq_signal_quality q = quality_of(r);
        cr_assert_eq(q.bits, 0, "%g Hz: bits %d", rates[i], q.bits);
        cr_assert_eq(q.reversal, LEADSEQ_REVERSAL_NONE);
        cr_assert_gt(q.agreement, 0.7, "%g Hz: %g", rates[i], q.agreement);
        leadseq_record_close(r);
    }
}

Test(electrodes, each_exchange_is_named_and_keeps_einthovens_law)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(places); i++)
        for (double rate_hz = 100; rate_hz <= 500; rate_hz += 400) {
            struct leadseq_record *r = heart(rate_hz, 10);
            put_electrodes(r, &places[i]);
            struct leadseq_signal_quality q = quality_of(r);
            cr_assert_eq(q.bits, LEADSEQ_QUALITY_REVERSED, "%s: bits %d, %.2f and %.2f with %s",
                         places[i].name, q.bits, q.agreement, q.agreement_exchanged,
                         leadseq_reversal_text(q.exchange));
            if (places[i].reversal)
                cr_assert_eq(q.reversal, places[i].reversal, "%s: found %s", places[i].name,
                             leadseq_reversal_text(q.reversal));
            cr_assert_lt(q.einthoven_mv, 1e-5);
            leadseq_record_close(r);
        }
}

Test(electrodes, exchanged_arms_turn_lead_i_round_and_avr_upright)
{
    struct leadseq_record *before = heart(100, 10), *after = heart(100, 10);
    put_electrodes(after, &places[0]);
    size_t n = after->n_samples;
    for (size_t k = 0; k < n; k++) {
        cr_assert_float_eq(after->mv[I * n + k], -before->mv[I * n + k], 1e-6);
        cr_assert_float_eq(after->mv[AVR * n + k], before->mv[AVL * n + k], 1e-6);
        cr_assert_float_eq(after->mv[AVF * n + k], before->mv[AVF * n + k], 1e-6);
        cr_assert_float_eq(after->mv[V1 * n + k], before->mv[V1 * n + k], 1e-6);
    }
    leadseq_record_close(before);
    leadseq_record_close(after);
}

Test(electrodes, wander_and_gaps_hide_nothing)
{
    struct leadseq_record *r = heart(100, 10);
    size_t n = r->n_samples;
    put_electrodes(r, &places[0]);
    for (size_t k = 0; k < n; k++) {
        float wander = 2 * (float)sin(2 * M_PI * 0.1 * (double)k / 100);
        r->mv[V1 * n + k] += wander; // V1 alone
        if (k % 300 < 40) r->mv[(V1 + 3) * n + k] = NAN;
    }
    cr_assert_eq(quality_of(r).reversal, LEADSEQ_REVERSAL_ARMS);
    leadseq_record_close(r);
}

/* For 0.3 s from a moment on, the electrode of the left arm moves, which changes I, III, the
 * augmented leads and the chest leads' reference and keeps Einthoven's law; an electrode of the
 * chest moves; or a lead alone does, which breaks the law. */
enum artefact { ON_ARM, ON_CHEST, ON_LEAD, ARTEFACTS };

static void disturb(struct leadseq_record *r, enum artefact artefact, double at_s, double mv)
{
    static const double arm[LEADSEQ_LEADS] = {1,       0,       -1,      -.5,     1,       -.5,
                                              -1 / 3., -1 / 3., -1 / 3., -1 / 3., -1 / 3., -1 / 3.};
    const size_t n = r->n_samples, from = (size_t)(at_s * r->rate_hz);
    for (size_t k = from; k < n && (double)k < (at_s + .3) * r->rate_hz; k++) {
        double by = mv * sin(M_PI * (double)(k - from) / (.3 * r->rate_hz));
        for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
            if (artefact == ON_ARM) r->mv[lead * n + k] += (float)(by * arm[lead]);
        if (artefact == ON_CHEST) r->mv[(V1 + 5) * n + k] += (float)by;
        if (artefact == ON_LEAD) r->mv[I * n + k] += (float)by;
    }
}

static const double some_rates[] = {100, 257, 500, 1000}, some_lengths[] = {3, 5, 10, 30};

Test(electrodes, one_artefact_does_not_make_them_suspect)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(some_rates); i++)
        for (size_t k = 0; k < LEADSEQ_COUNT(some_lengths); k++)
            for (int which = 0; which < 2 * ARTEFACTS; which++) {
                struct leadseq_record *r = heart(some_rates[i], some_lengths[k]);
                disturb(r, which / 2, some_lengths[k] / 2 - .2, which % 2 ? -15 : 15);
                struct leadseq_signal_quality q = quality_of(r);
                cr_assert(!(q.bits & LEADSEQ_QUALITY_REVERSED),
                          "%g Hz, %g s, artefact %d: %s, agreement %.2f and %.2f", some_rates[i],
                          some_lengths[k], which, leadseq_reversal_text(q.reversal), q.agreement,
                          q.agreement_exchanged);
                cr_assert_gt(q.agreement, .5);
                leadseq_record_close(r);
            }
}

Test(electrodes, one_artefact_does_not_hide_an_exchange)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(some_rates); i++)
        for (size_t k = 0; k < LEADSEQ_COUNT(some_lengths); k++)
            for (int which = 0; which < 2 * ARTEFACTS; which++) {
                const struct places *to = &places[(size_t)which % 5];
                struct leadseq_record *r = heart(some_rates[i], some_lengths[k]);
                put_electrodes(r, to);
                disturb(r, which / 2, some_lengths[k] / 2 - .2, which % 2 ? -15 : 15);
                struct leadseq_signal_quality q = quality_of(r);
                cr_assert(q.bits & LEADSEQ_QUALITY_REVERSED, "%g Hz, %g s, %s, artefact %d",
                          some_rates[i], some_lengths[k], to->name, which);
                cr_assert_eq(q.reversal, to->reversal, "%g Hz, %g s, %s: %s", some_rates[i],
                             some_lengths[k], to->name, leadseq_reversal_text(q.reversal));
                leadseq_record_close(r);
            }
}

/* What gaps leave is judged: half of the record, or parts of every second. */
Test(electrodes, what_gaps_leave_is_enough)
{
    for (int exchanged = 0; exchanged < 2; exchanged++)
        for (int half = 0; half < 2; half++) {
            struct leadseq_record *r = heart(250, 8);
            size_t n = r->n_samples;
            if (exchanged) put_electrodes(r, &places[0]);
            for (size_t k = 0; k < n; k++)
                if (half ? k >= n / 2 : k % 250 < 100) r->mv[(V1 + 2) * n + k] = NAN;
            disturb(r, ON_ARM, 1.2, 15);
            struct leadseq_signal_quality q = quality_of(r);
            cr_assert_eq(q.reversal, exchanged ? LEADSEQ_REVERSAL_ARMS : LEADSEQ_REVERSAL_NONE,
                         "%d: agreement %.2f and %.2f", half, q.agreement, q.agreement_exchanged);
            leadseq_record_close(r);
        }
}

Test(electrodes, leads_that_break_einthovens_law_are_not_judged)
{
    struct leadseq_record *r = heart(100, 10);
    size_t n = r->n_samples;
    for (size_t k = 0; k < n; k++) r->mv[k] = -r->mv[k]; // I alone: mislabelled
    struct leadseq_signal_quality q = quality_of(r);
    cr_assert_eq(q.bits, LEADSEQ_QUALITY_EINTHOVEN);
    cr_assert_eq(q.reversal, LEADSEQ_REVERSAL_NONE);
    leadseq_record_close(r);
}

Test(electrodes, nothing_is_said_where_nothing_can_be)
{
    struct leadseq_record *r = heart(100, 10);
    size_t n = r->n_samples;
    for (size_t k = 0; k < n; k++) r->mv[(V1 + 2) * n + k] = NAN;
    struct leadseq_signal_quality q = quality_of(r);
    cr_assert(isnan(q.agreement) && isnan(q.limb_mv[0]) && !q.reversal);
    memset(r->mv, 0, LEADSEQ_LEADS * n * sizeof *r->mv);
    q = quality_of(r);
    cr_assert(q.reversal == LEADSEQ_REVERSAL_NONE && q.agreement == 0);
    leadseq_record_close(r);
}
