/* SPDX-License-Identifier: MIT */
#include "signal/signal.h"

#include "folder.h"

#include <math.h>

TestSuite(filter);

enum { RATE = 500, N = 60 * RATE, MIDDLE = 20 * RATE };

static float *sines(double hz)
{
    float *mv = leadseq_calloc(LEADSEQ_LEADS * N, sizeof *mv);
    for (int i = 0; i < LEADSEQ_LEADS; i++)
        for (int k = 0; k < N; k++) mv[i * N + k] = (float)sin(2 * M_PI * hz * k / RATE + i);
    return mv;
}

/* Amplitude and phase of what is left of a sine of 1 mV, in the middle third. */
struct left {
    double amplitude, delay_rad;
};

static struct left pass(const struct leadseq_preparation *p, double hz, int lead)
{
    float *mv = sines(hz);
    cr_assert_eq(leadseq_signal_filter(p, RATE, mv, N), 0, "%s", leadseq_error());
    double a = 0, b = 0;
    for (int k = MIDDLE; k < 2 * MIDDLE; k++) {
        double phase = 2 * M_PI * hz * k / RATE + lead;
        a += (double)mv[lead * N + k] * sin(phase) * 2 / MIDDLE;
        b += (double)mv[lead * N + k] * cos(phase) * 2 / MIDDLE;
    }
    free(mv);
    return (struct left){hypot(a, b), -atan2(b, a)};
}

Test(filter, what_makes_no_filter_is_refused)
{
    static const struct {
        struct leadseq_preparation p;
        double rate_hz;
        const char *says;
    } cases[] = {
        {{.notch_hz = 5}, 500, "notch: expected 10 to 1000 Hz"},
        {{.notch_hz = NAN}, 500, "notch"},
        {{.highpass_hz = 0.001}, 500, "high-pass: expected 0.01 to 40 Hz"},
        {{.highpass_hz = -1}, 500, "high-pass"},
        {{.highpass_hz = INFINITY}, 500, "high-pass"},
        {{.notch_hz = 50}, 100, "faster than 102 Hz, found one of 100 Hz"},
        {{.notch_hz = 60}, 122, "faster than 122 Hz"},
        {{.highpass_hz = 30}, 50, "faster than 60 Hz"},
        {{.window_start_s = -1}, 500, "beginning of the window"},
        {{.window_s = 1e9}, 500, "length of the window"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        float mv[LEADSEQ_LEADS * 4] = {0};
        leadseq_error_clear();
        cr_assert_eq(leadseq_signal_filter(&cases[i].p, cases[i].rate_hz, mv, 4), -1, "%s",
                     cases[i].says);
        cr_assert_error_has(cases[i].says);
    }
}

Test(filter, sines_are_attenuated_as_the_formulas_say_and_never_delayed)
{
    static const struct {
        struct leadseq_preparation p;
        double hz, expected, tolerance;
    } cases[] = {
        // r⁴/(1 + r⁴), r = f/g, g the corner / sqrt(sqrt(1 + sqrt(2)))
        {{.highpass_hz = 0.5}, 0.5, M_SQRT1_2, 1e-3},
        {{.highpass_hz = 0.5}, 0.25, 0.1311, 1e-3},
        {{.highpass_hz = 0.5}, 1, 0.9748, 1e-3},
        {{.highpass_hz = 0.5}, 5, 1, 1e-3},
        {{.highpass_hz = 0.5}, 100, 1, 1e-4},
        {{.highpass_hz = 2}, 0.25, 0.000589, 3e-5},
        {{.notch_hz = 50}, 50, 0, 1e-4},
        {{.notch_hz = 50}, 49, M_SQRT1_2, 0.01},
        {{.notch_hz = 50}, 51, M_SQRT1_2, 0.01},
        {{.notch_hz = 60}, 60, 0, 1e-4},
        {{.notch_hz = 60}, 59, M_SQRT1_2, 0.01},
        {{.notch_hz = 60}, 50, 0.997, 0.005},
        {{.notch_hz = 50}, 1, 1, 1e-3},
        {{.notch_hz = 50}, 30, 1, 2e-3},
        {{.notch_hz = 50}, 100, 1, 2e-3},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++)
        for (int lead = 0; lead < LEADSEQ_LEADS; lead += 5) {
            struct left left = pass(&cases[i].p, cases[i].hz, lead);
            cr_assert_float_eq(left.amplitude, cases[i].expected, cases[i].tolerance,
                               "case %zu: %g Hz: %.5f left, expected %.5f", i, cases[i].hz,
                               left.amplitude, cases[i].expected);
            if (left.amplitude > 0.01) // no phase is left where nothing is
                cr_assert_lt(fabs(left.delay_rad), 2e-3, "case %zu: %g rad late", i,
                             left.delay_rad);
        }
}

Test(filter, mains_and_wander_go_and_the_beat_between_stays_where_it_was)
{
    float *mv = leadseq_calloc(LEADSEQ_LEADS * N, sizeof *mv);
    float *clean = leadseq_calloc(LEADSEQ_LEADS * N, sizeof *clean);
    for (int k = 0; k < LEADSEQ_LEADS * N; k++) {
        double t = (double)(k % N) / RATE, from = fmod(t, 0.8) - 0.4;
        // a beat without a mean: the second derivative of a Gaussian of 30 ms
        double z = from / 0.03;
        clean[k] = (float)((1 - z * z) * exp(-z * z / 2));
        mv[k] = clean[k] + 0.3F + 0.2F * (float)sin(2 * M_PI * 50 * t) +
                0.5F * (float)sin(2 * M_PI * 0.05 * t);
    }
    struct leadseq_preparation p = {.notch_hz = 50, .highpass_hz = 0.5};
    cr_assert_eq(leadseq_signal_filter(&p, RATE, mv, N), 0);
    double worst = 0;
    for (int k = 2 * RATE; k < N - 2 * RATE; k++)
        worst = fmax(worst, fabs((double)(mv[k] - clean[k])));
    cr_assert_lt(worst, 0.02, "%.4f mV away", worst);
    free(clean);
    free(mv);
}

Test(filter, a_constant_is_taken_out_or_kept_to_the_last_sample)
{
    for (int n = 1; n < 3000; n = 3 * n + 1) {
        float *mv = leadseq_calloc((size_t)(LEADSEQ_LEADS * n), sizeof *mv);
        for (int k = 0; k < LEADSEQ_LEADS * n; k++) mv[k] = 2.5F;
        cr_assert_eq(leadseq_signal_filter(&(struct leadseq_preparation){.notch_hz = 60}, RATE, mv,
                                           (size_t)n),
                     0);
        for (int k = 0; k < LEADSEQ_LEADS * n; k++) cr_assert_float_eq(mv[k], 2.5, 1e-6);
        cr_assert_eq(leadseq_signal_filter(&(struct leadseq_preparation){.highpass_hz = 0.5}, RATE,
                                           mv, (size_t)n),
                     0);
        for (int k = 0; k < LEADSEQ_LEADS * n; k++) cr_assert_float_eq(mv[k], 0, 1e-6);
        free(mv);
    }
}

Test(filter, missing_samples_stay_missing_and_spoil_no_others)
{
    struct leadseq_preparation p = {.notch_hz = 50, .highpass_hz = 0.5};
    float *mv = sines(10), *whole = sines(10);
    for (int k = 5000; k < 5003; k++) mv[2 * N + k] = NAN;
    for (int k = 0; k < N; k++) mv[7 * N + k] = NAN;
    cr_assert_eq(leadseq_signal_filter(&p, RATE, mv, N), 0);
    cr_assert_eq(leadseq_signal_filter(&p, RATE, whole, N), 0);
    for (int k = 0; k < LEADSEQ_LEADS * N; k++) {
        bool gone = k / N == 7 || (k >= 2 * N + 5000 && k < 2 * N + 5003);
        cr_assert_eq(isnan(mv[k]) != 0, gone, "sample %d", k);
        if (!gone) cr_assert_lt(fabs((double)(mv[k] - whole[k])), 0.01, "sample %d", k);
    }
    free(whole);
    free(mv);
}

Test(filter, einthovens_law_holds_behind_it)
{
    struct leadseq_preparation p = {.notch_hz = 50, .highpass_hz = 0.5};
    float *mv = sines(3);
    for (int k = 0; k < N; k++) {
        mv[k] += 0.1F * (float)(k % 77 == 0);
        mv[2 * N + k] = mv[N + k] - mv[k];
    }
    cr_assert_eq(leadseq_signal_filter(&p, RATE, mv, N), 0);
    for (int k = 0; k < N; k++)
        cr_assert_float_eq(mv[2 * N + k], mv[N + k] - mv[k], 1e-5, "sample %d", k);
    free(mv);
}
