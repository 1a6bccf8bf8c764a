/* SPDX-License-Identifier: MIT */
#include "signal/signal.h"

#include "folder.h"

#include <glob.h>
#include <math.h>

TestSuite(resample);

static struct leadseq_record *record_of(double rate_hz, size_t n)
{
    struct leadseq_record *r = leadseq_calloc(1, sizeof *r);
    strcpy(r->name, "made");
    r->rate_hz = rate_hz;
    r->n_samples = n;
    r->mv = leadseq_calloc(LEADSEQ_LEADS * n, sizeof *r->mv);
    return r;
}

/* Lead i is a sine of amplitude 1 mV, `hz` and phase i. */
static struct leadseq_record *sines(double rate_hz, double seconds, double hz)
{
    struct leadseq_record *r = record_of(rate_hz, (size_t)(rate_hz * seconds));
    for (size_t i = 0; i < LEADSEQ_LEADS; i++)
        for (size_t k = 0; k < r->n_samples; k++)
            r->mv[i * r->n_samples + k] =
                (float)sin(2 * M_PI * hz * (double)k / rate_hz + (double)i);
    return r;
}

static float *resample(const struct leadseq_record *r, double rate_hz, size_t *n)
{
    float *mv = leadseq_signal_resample(r, rate_hz, n);
    cr_assert(mv, "%s", leadseq_error());
    return mv;
}

static const double rates[][2] = {
    // from, to
    {500, 100},   {1000, 100}, {257, 100}, {100, 500}, {257, 500},     {1000, 500},
    {128.5, 100}, {500, 257},  {360, 100}, {500, 300}, {249.887, 100}, {999.4121, 500},
};

Test(resample, rates_that_have_no_ratio_are_refused)
{
    static const double wrong[] = {0, -100, NAN, INFINITY, 1e9, 1e-3};
    struct leadseq_record *r = record_of(500, 100);
    for (size_t i = 0; i < LEADSEQ_COUNT(wrong); i++) {
        size_t n;
        leadseq_error_clear();
        cr_assert_null(leadseq_signal_resample(r, wrong[i], &n), "accepted %g Hz", wrong[i]);
        cr_assert_error_has("resampling");
    }
    leadseq_record_close(r);
}

Test(resample, any_rate_is_met_to_a_millionth)
{
    static const double odd[] = {249.887,   250.0001,  257.0693,   499.7060552, 999.4121,  128.0001,
                                 360.01,    333.3333,  977,        1000.5,      62.4725,   31.25,
                                 4000,      50,        M_PI * 80,  99.99999,    100.00001, 500.0001,
                                 1000 / 3., 2000 / 7., 31.0000007, 12345.6789};
    for (size_t i = 0; i < 2 * LEADSEQ_COUNT(odd); i++) {
        double from = odd[i / 2], to = i % 2 ? 500 : 100, hz = 3;
        struct leadseq_record *r = sines(from, 10, hz);
        size_t n;
        float *mv = resample(r, to, &n);
        size_t expected = (size_t)ceil((double)r->n_samples * to / from);
        cr_assert(n + 1 >= expected && n <= expected + 1, "%g to %g: %zu", from, to, n);
        size_t k = n - 3 * (size_t)to; // 7 s from the beginning
        double is = sin(2 * M_PI * hz * (double)k / to), slope = 2 * M_PI * hz * 1e-5;
        cr_assert_float_eq((double)mv[k], is, 3e-4 + slope, "%g to %g: %g for %g", from, to,
                           (double)mv[k], is);
        free(mv);
        leadseq_record_close(r);
    }
}

/* A sine that has been drawn 10 µs late or early differs by 2π · hz · 1e-5. */
Test(resample, rates_a_few_millionths_off_a_simple_ratio_keep_the_time)
{
    static const double near[] = {100.0001, 100.0002, 100.0005, 99.9995,  99.9999,  49.99995,
                                  199.9998, 200.0002, 499.999,  499.9995, 500.001,  500.002,
                                  999.999,  1000.003, 9999.99,  99999.9,  100.0011, 250.0003};
    for (size_t i = 0; i < 2 * LEADSEQ_COUNT(near); i++) {
        double from = near[i / 2], to = i % 2 ? 500 : 100, hz = 19;
        struct leadseq_record *r = sines(from, 10, hz);
        r->mv[r->n_samples] = NAN; // lead II, the first sample
        for (size_t k = 0; k < r->n_samples; k++) r->mv[2 * r->n_samples + k] = -1.234f;
        size_t n;
        float *mv = resample(r, to, &n);
        cr_assert_eq(n, (size_t)ceil((double)r->n_samples * to / from), "%.9g to %g: %zu", from, to,
                     n);
        for (size_t k = (size_t)to; k < n - (size_t)to; k++) {
            double is = sin(2 * M_PI * hz * (double)k / to), slope = 2 * M_PI * hz * 1e-5;
            cr_assert_float_eq((double)mv[k], is, 2e-4 + slope, "%.9g to %g: %g for %g", from, to,
                               (double)mv[k], is);
        }
        for (size_t k = 0; k < n; k++) {
            cr_assert_float_eq(mv[2 * n + k], -1.234, 1e-6);
            cr_assert(isfinite(mv[11 * n + k]));
        }
        cr_assert(isnan(mv[n]) && isfinite(mv[n + 50]), "%.9g to %g", from, to);
        free(mv);
        leadseq_record_close(r);
    }
}

Test(resample, a_refused_rate_is_told_with_its_digits)
{
    struct leadseq_record *r = record_of(100000, 10);
    size_t n;
    cr_assert_null(leadseq_signal_resample(r, 0.0012345678, &n));
    cr_assert_error_has("from 100000 to 0.0012345678 Hz");
    leadseq_record_close(r);
}

Test(resample, a_record_without_samples_is_refused)
{
    struct leadseq_record *r = record_of(500, 0);
    size_t n;
    cr_assert_null(leadseq_signal_resample(r, 100, &n));
    cr_assert_error_has("found 0");
    leadseq_record_close(r);
}

Test(resample, equal_rates_are_copied)
{
    struct leadseq_record *r = sines(100, 3, 7);
    r->mv[5] = NAN;
    size_t n;
    float *mv = resample(r, 100, &n);
    cr_assert_eq(n, 300);
    cr_assert_eq(memcmp(mv, r->mv, 12 * n * sizeof *mv), 0);
    free(mv);
    leadseq_record_close(r);
}

Test(resample, lengths_are_those_of_the_duration)
{
    static const struct {
        double from, to;
        size_t n, out;
    } cases[] = {
        {500, 100, 5000, 1000},   {100, 500, 1000, 5000}, {257, 100, 2570, 1000},
        {1000, 100, 38400, 3840}, {500, 100, 1, 1},       {500, 100, 6, 2},
        {100, 500, 1, 5},         {500, 100, 5001, 1001},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_record *r = record_of(cases[i].from, cases[i].n);
        size_t n;
        float *mv = resample(r, cases[i].to, &n);
        cr_assert_eq(n, cases[i].out, "%g to %g Hz: %zu", cases[i].from, cases[i].to, n);
        free(mv);
        leadseq_record_close(r);
    }
}

/* Largest difference from the sine itself, `margin` seconds from the ends. */
static double sine_error(double from, double to, double hz, double margin)
{
    struct leadseq_record *r = sines(from, 10, hz);
    size_t n;
    float *mv = resample(r, to, &n);
    double worst = 0;
    for (size_t i = 0; i < LEADSEQ_LEADS; i++)
        for (size_t k = (size_t)(margin * to); k < n - (size_t)(margin * to); k++) {
            double is = sin(2 * M_PI * hz * (double)k / to + (double)i);
            worst = fmax(worst, fabs((double)mv[i * n + k] - is));
        }
    free(mv);
    leadseq_record_close(r);
    return worst;
}

Test(resample, sines_of_the_pass_band_keep_amplitude_and_phase)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(rates); i++) {
        double top = 0.8 * fmin(rates[i][0], rates[i][1]) / 2;
        for (double share = 0.01; share <= 1; share += 0.11) {
            double error = sine_error(rates[i][0], rates[i][1], share * top, 0.6);
            cr_assert_lt(error, 3e-4, "%g to %g Hz: %g Hz off by %g", rates[i][0], rates[i][1],
                         share * top, error);
        }
    }
}

Test(resample, sines_of_the_stop_band_are_80_db_down)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(rates); i++) {
        double from = rates[i][0], to = rates[i][1];
        if (to >= from) continue;
        for (double hz = to / 2; hz < from / 2; hz += (from - to) / 2 / 9) {
            struct leadseq_record *r = sines(from, 10, hz);
            size_t n;
            float *mv = resample(r, to, &n);
            size_t margin = (size_t)(0.6 * to);
            for (size_t k = margin; k < n - margin; k++)
                cr_assert_lt(fabsf(mv[3 * n + k]), 2e-4, "%g to %g Hz: %g Hz leaks %g", from, to,
                             hz, (double)mv[3 * n + k]);
            free(mv);
            leadseq_record_close(r);
        }
    }
}

/* An image of a tone at `hz` would appear at rate - hz, so a single tone is enough. */
Test(resample, upsampling_leaves_no_image)
{
    cr_assert_lt(sine_error(100, 500, 39, 0.6), 3e-4);
    cr_assert_lt(sine_error(100, 257, 39, 0.6), 3e-4);
}

Test(resample, levels_stay_and_ramps_stay_straight_up_to_the_ends)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(rates); i++) {
        struct leadseq_record *r = record_of(rates[i][0], 2000);
        for (size_t k = 0; k < 2000; k++) {
            r->mv[k] = -1.234f;
            r->mv[2000 + k] = (float)((double)k / rates[i][0]);
        }
        size_t n;
        float *mv = resample(r, rates[i][1], &n);
        for (size_t k = 0; k < n; k++) {
            cr_assert_float_eq(mv[k], -1.234, 1e-6);
            cr_assert_float_eq(mv[n + k], (double)k / rates[i][1], 2e-4, "sample %zu of %zu", k, n);
        }
        free(mv);
        leadseq_record_close(r);
    }
}

Test(resample, a_slow_wave_is_right_up_to_the_ends)
{
    cr_assert_lt(sine_error(500, 100, 1, 0), 0.005);
    cr_assert_lt(sine_error(1000, 100, 1, 0), 0.005);
    cr_assert_lt(sine_error(100, 500, 1, 0), 0.01);
}

Test(resample, a_result_beside_a_missing_sample_is_missing_and_no_other)
{
    struct leadseq_record *r = sines(500, 10, 2);
    for (size_t k = 1000; k < 1501; k++) r->mv[k] = NAN; // 2 s to 3 s
    r->mv[2503] = NAN;                                   // between two results
    size_t n;
    float *mv = resample(r, 100, &n);
    for (size_t k = 0; k < n; k++) {
        cr_assert_eq(isnan(mv[k]) != 0, k >= 200 && k <= 300, "sample %zu", k);
        cr_assert(!isnan(mv[n + k]), "other leads have all");
    }
    double is = sin(2 * M_PI * 2 * 5.0);
    cr_assert_float_eq(mv[500], is, 0.002, "one bridged sample does not show");
    free(mv);
    leadseq_record_close(r);
}

Test(resample, a_lead_that_is_missing_stays_missing)
{
    struct leadseq_record *r = sines(100, 2, 2);
    for (size_t k = 0; k < r->n_samples; k++) r->mv[k] = NAN;
    for (size_t k = 1; k < r->n_samples; k++) r->mv[r->n_samples + k] = NAN; // all but the first
    size_t n;
    float *mv = resample(r, 500, &n);
    for (size_t k = 0; k < n; k++) cr_assert(isnan(mv[k]) && (k == 0 || isnan(mv[n + k])));
    cr_assert_eq(mv[n], r->mv[r->n_samples]);
    free(mv);
    leadseq_record_close(r);
}

/* The publishers' own filter delays by 1 ms, half a sample of the 500 Hz records, and
 * takes what is beyond the ends as 0 mV; so only the inner part is compared, and a
 * difference of 1 ms allowed for (a delay of one sample would give about 1). */
Test(resample, original_500_hz_records_become_the_published_100_hz_ones)
{
    const char *root = real_folder(NULL, "ptbxl-original");
    if (!root) cr_skip_test("no folder ptbxl-original");
    char pattern[600];
    snprintf(pattern, sizeof pattern, "%s/records100/*/*_lr.hea", root);
    glob_t found;
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i += 5) {
        struct leadseq_record *low = leadseq_record_open(found.gl_pathv[i]);
        char *at = strstr(found.gl_pathv[i], "records100");
        char *path = leadseq_format("%.*srecords500%.*s_hr.hea", (int)(at - found.gl_pathv[i]),
                                    found.gl_pathv[i], (int)strlen(at + 10) - 7, at + 10);
        struct leadseq_record *high = leadseq_record_open(path);
        cr_assert(low && high, "%s", leadseq_error());
        size_t n;
        float *mv = resample(high, 100, &n);
        cr_assert_eq(n, low->n_samples);
        double sum = 0, power = 0;
        for (size_t k = 0; k < 12 * n; k++) {
            if (k % n < 50 || k % n >= n - 50) continue;
            double d = (double)mv[k] - (double)low->mv[k];
            sum += d * d, power += (double)low->mv[k] * (double)low->mv[k];
        }
        cr_log_info("%s: %g", found.gl_pathv[i], sqrt(sum / power));
        cr_assert_lt(sqrt(sum / power), 0.15, "%s", path);
        free(mv), free(path);
        leadseq_record_close(low), leadseq_record_close(high);
    }
    globfree(&found);
}
