/* SPDX-License-Identifier: MIT */
#include "models_sample.h"

#include <string.h>

static struct models_sample sample;
static double logit[SAMPLE_MAX];

static void make_logits(size_t n, double factor)
{
    models_sample_init(&sample, n, .4, 12, 3);
    for (size_t i = 0; i < n; i++) logit[i] = factor * leadseq_logit(sample.a[i]);
}

static double cross_entropy(double temperature)
{
    double sum = 0;
    for (size_t i = 0; i < sample.n; i++)
        sum += log1p(exp((sample.label[i] ? -1 : 1) * logit[i] / temperature));
    return sum / (double)sample.n;
}

Test(temperature, logits_that_have_none_say_why)
{
    static const struct none {
        double logit[4];
        uint8_t label[4];
        const char *words;
    } none[] = {
        {{1, NAN, 2, 3}, {0, 1, 0, 1}, "not finite"},
        {{1, INFINITY, 2, 3}, {0, 1, 0, 1}, "not finite"},
        {{1, 2, 3, 4}, {1, 1, 1, 1}, "one class"},
        {{1, 2, 3, 4}, {1, 0, 9, 1}, "neither 0 nor 1"},
        {{-1, -2, 3, 4}, {0, 0, 1, 1}, "separate"},
        {{1, 2, -3, -4}, {0, 0, 1, 1}, "do not distinguish"},
        {{0, 0, 0, 0}, {0, 0, 1, 1}, "do not distinguish"},
    };
    for (size_t k = 0; k < LEADSEQ_COUNT(none); k++) {
        struct leadseq_estimate t = leadseq_temperature(none[k].logit, none[k].label, 4);
        cr_assert(isnan(t.value) && isnan(t.low) && isnan(t.high), "row %zu", k);
        cr_assert(strstr(t.method, none[k].words), "row %zu: %s", k, t.method);
    }
    cr_assert(isnan(leadseq_temperature(NULL, NULL, 0).value));
}

Test(temperature, none_near_it_has_a_smaller_cross_entropy)
{
    make_logits(600, 1);
    double t = leadseq_temperature(logit, sample.label, 600).value;
    cr_assert(t > .2 && t < 5, "%g", t);
    for (double factor = .9; factor < 1.11; factor += .01)
        cr_assert_leq(cross_entropy(t), cross_entropy(t * factor) + 1e-15);
}

/* Wald's for 1/T, so that they scale as T does. */
Test(temperature, logits_ten_times_as_sure_are_ten_times_as_hot)
{
    make_logits(600, 1);
    struct leadseq_estimate t = leadseq_temperature(logit, sample.label, 600);
    static const double factors[] = {.001, .1, 10, 1000};
    for (size_t k = 0; k < LEADSEQ_COUNT(factors); k++) {
        make_logits(600, factors[k]);
        struct leadseq_estimate u = leadseq_temperature(logit, sample.label, 600);
        cr_assert_float_eq(u.value / t.value, factors[k], 1e-6 * factors[k], "%g", u.value);
        cr_assert_float_eq(u.low / t.low, factors[k], 1e-6 * factors[k]);
        cr_assert_float_eq(u.high / t.high, factors[k], 1e-6 * factors[k]);
    }
    cr_assert(t.low < t.value && t.value < t.high);
}

/* One logit ten thousand times the others: Newton's step must not be bound by it. */
Test(temperature, an_outlier_does_not_keep_it_from_converging)
{
    make_logits(600, 1);
    logit[0] = sample.label[0] ? 1e4 : -1e4;
    double t = leadseq_temperature(logit, sample.label, 600).value;
    cr_assert(t > .2 && t < 5, "%g", t);
}

Test(temperature, an_interval_that_reaches_no_information_is_none)
{
    const double few[] = {-1, 1, -1, 1, 1.5};
    const uint8_t label[] = {0, 1, 1, 0, 1};
    struct leadseq_estimate t = leadseq_temperature(few, label, 5);
    cr_assert(!isnan(t.value) && isnan(t.low) && isnan(t.high));
    cr_assert(strstr(t.method, "reaches zero"), "%s", t.method);
}
