/* SPDX-License-Identifier: MIT */
#include "signal/signal.h"

#include "folder.h"

#include <math.h>

TestSuite(prepare);

/* Sample k of lead i is i + k/rate: which one was taken can be read off. */
static struct leadseq_record *ramp(double rate_hz, size_t n)
{
    struct leadseq_record *r = leadseq_calloc(1, sizeof *r);
    strcpy(r->name, "ramp");
    r->rate_hz = rate_hz;
    r->n_samples = n;
    r->mv = leadseq_calloc(LEADSEQ_LEADS * n, sizeof *r->mv);
    for (size_t i = 0; i < LEADSEQ_LEADS; i++)
        for (size_t k = 0; k < n; k++) r->mv[i * n + k] = (float)i + (float)((double)k / rate_hz);
    return r;
}

Test(prepare, a_window_behind_the_end_is_refused_with_the_records_length)
{
    struct leadseq_record *r = ramp(100, 1200);
    struct leadseq_prepared p;
    static const struct leadseq_preparation cases[] = {{.window_start_s = 12},
                                                       {.window_start_s = 500, .window_s = 1}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        cr_assert_eq(leadseq_signal_prepare(&p, r, &cases[i], 100), -1);
        cr_assert_error_has("a record of 12 s");
        cr_assert_null(p.mv);
    }
    leadseq_record_close(r);
}

/* What counts is what is drawn: the window, not the record. */
Test(prepare, a_window_without_a_signal_is_empty)
{
    struct leadseq_record *r = ramp(100, 2000);
    for (size_t i = 0; i < LEADSEQ_LEADS; i++)
        for (size_t k = 0; k < 1000; k++) r->mv[i * 2000 + k] = NAN;
    struct leadseq_prepared p;
    static const struct {
        double start_s, missing;
        bool empty;
    } cases[] = {{0, 1, true}, {5, .5, false}, {10, 0, false}, {17.5, .75, false}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        const struct leadseq_preparation window = {.window_start_s = cases[i].start_s};
        cr_assert_eq(leadseq_signal_prepare(&p, r, &window, 100), 0, "%s", leadseq_error());
        cr_assert_eq(p.empty, cases[i].empty, "case %zu", i);
        cr_assert_float_eq(p.missing, cases[i].missing, 1e-9, "case %zu", i);
        leadseq_prepared_clear(&p);
    }
    leadseq_record_close(r);
}

Test(prepare, a_window_holds_the_samples_of_its_seconds_and_nan_behind_the_end)
{
    static const struct {
        double rate_hz, to_hz, seconds;
        struct leadseq_preparation p;
        size_t n, there;
        bool cut, padded;
    } cases[] = {
        {100, 100, 10, {.window_s = 0}, 1000, 1000, false, false},
        {100, 100, 12, {.window_s = 0}, 1000, 1000, true, false},
        {500, 100, 38.4, {.window_s = 0}, 1000, 1000, true, false},
        {500, 100, 9, {.window_s = 0}, 1000, 900, false, true},
        {500, 500, 30, {.window_start_s = 12.5, .window_s = 4}, 2000, 2000, true, false},
        {1000, 100, 30, {.window_start_s = 25}, 1000, 500, true, true},
        {100, 500, 10, {.window_start_s = 9.99, .window_s = 0.1}, 50, 5, true, true},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_record *r =
            ramp(cases[i].rate_hz, (size_t)lround(cases[i].seconds * cases[i].rate_hz));
        struct leadseq_prepared p;
        cr_assert_eq(leadseq_signal_prepare(&p, r, &cases[i].p, cases[i].to_hz), 0, "%s",
                     leadseq_error());
        cr_assert_eq(p.n, cases[i].n, "case %zu", i);
        cr_assert(p.cut == cases[i].cut && p.padded == cases[i].padded, "case %zu", i);
        cr_assert_eq(p.resampled, cases[i].rate_hz != cases[i].to_hz);
        for (size_t k = 0; k < LEADSEQ_LEADS * p.n; k++) {
            size_t lead = k / p.n, at = k % p.n;
            double t = (double)lead + cases[i].p.window_start_s + (double)at / cases[i].to_hz;
            if (at >= cases[i].there)
                cr_assert(isnan(p.mv[k]), "case %zu sample %zu", i, at);
            else
                cr_assert_float_eq(p.mv[k], t, 5e-3, "case %zu sample %zu: %g for %g", i, at,
                                   (double)p.mv[k], t);
        }
        leadseq_prepared_clear(&p);
        leadseq_record_close(r);
    }
}

Test(prepare, what_is_drawn_does_not_depend_on_where_the_window_lies)
{
    struct leadseq_record *r = ramp(500, 15000);
    for (size_t k = 0; k < LEADSEQ_LEADS * r->n_samples; k++)
        r->mv[k] += (float)sin((double)k) + (float)(k % 400 == 0);
    struct leadseq_preparation whole = {.notch_hz = 50, .highpass_hz = 0.5, .window_s = 30};
    struct leadseq_preparation part = whole;
    part.window_start_s = 11, part.window_s = 3;
    struct leadseq_prepared a, b;
    cr_assert_eq(leadseq_signal_prepare(&a, r, &whole, 100), 0);
    cr_assert_eq(leadseq_signal_prepare(&b, r, &part, 100), 0);
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        cr_assert_eq(memcmp(b.mv + lead * b.n, a.mv + lead * a.n + 1100, 300 * sizeof *b.mv), 0);
    leadseq_prepared_clear(&a);
    leadseq_prepared_clear(&b);
    leadseq_record_close(r);
}

Test(prepare, filters_work_at_the_records_own_rate)
{
    // 90 Hz would be 10 Hz at 100 samples a second, and 50 Hz has no notch there
    struct leadseq_record *r = ramp(500, 10000);
    for (size_t k = 0; k < LEADSEQ_LEADS * r->n_samples; k++)
        r->mv[k] =
            (float)(sin(2 * M_PI * 90 * (double)k / 500) + sin(2 * M_PI * 49.9 * (double)k / 500));
    struct leadseq_preparation p = {.notch_hz = 50, .window_start_s = 5};
    struct leadseq_prepared out;
    cr_assert_eq(leadseq_signal_prepare(&out, r, &p, 100), 0, "%s", leadseq_error());
    for (size_t k = 0; k < LEADSEQ_LEADS * out.n; k++) cr_assert_lt(fabsf(out.mv[k]), 0.01F);
    leadseq_prepared_clear(&out);
    leadseq_record_close(r);
}

Test(prepare, preparations_are_the_same_where_they_mean_the_same)
{
    struct leadseq_preparation a = {.notch_hz = 50}, b = {.notch_hz = 50, .window_s = 10};
    cr_assert(leadseq_preparation_same(&a, &b));
    b.window_s = 5;
    cr_assert_not(leadseq_preparation_same(&a, &b));
    b = a, b.highpass_hz = 0.5;
    cr_assert_not(leadseq_preparation_same(&a, &b));
    b = a, b.window_start_s = 1;
    cr_assert_not(leadseq_preparation_same(&a, &b));
    b = a, b.notch_hz = 60;
    cr_assert_not(leadseq_preparation_same(&a, &b));
    char text[128];
    cr_assert_str_eq(leadseq_preparation_text(&(struct leadseq_preparation){0}, text), "");
    cr_assert_str_eq(leadseq_preparation_text(&(struct leadseq_preparation){50, 0.5, 3, 0}, text),
                     ", high-pass 0.5 Hz, notch 50 Hz, window from 3 s for 10 s");
}
