/* SPDX-License-Identifier: MIT */
#include <leadseq/stats.h>

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 40, RESAMPLES = 2000 };

struct sample {
    double x[N];
};

static void measure_mean(double *value, const uint32_t *weight, const void *state)
{
    const struct sample *s = state;
    double sum = 0, count = 0;
    for (size_t i = 0; i < N; i++) {
        sum += weight[i] * s->x[i];
        count += weight[i];
    }
    value[0] = sum / count;
}

static void measure_pairs(double *value, const uint32_t *weight, const void *state)
{
    (void)state;
    value[0] = value[1] = 0;
    for (size_t i = 0; i < N; i += 2) value[0] += weight[i] != weight[i + 1];
    for (size_t i = 0; i < N; i++) value[1] += weight[i];
}

static struct sample normal_sample(void)
{
    struct sample s = {0};
    struct leadseq_random r;
    leadseq_random_init(&r, 7, LEADSEQ_STREAM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) s.x[i] = leadseq_random_normal(&r);
    return s;
}

Test(bootstrap, nothing_to_draw_from_is_refused)
{
    double draws[10];
    struct leadseq_bootstrap_options options = {.resamples = 10};
    cr_assert_eq(leadseq_bootstrap(draws, 1, 0, measure_mean, NULL, &options), -1);
    cr_assert(strstr(leadseq_error(), "no records"));
}

Test(bootstrap, too_many_undefined_draws_give_no_interval)
{
    double low, high, draws[100], p_draws[100];
    for (int i = 0; i < 100; i++) p_draws[i] = draws[i] = i < 6 ? NAN : i;
    cr_assert(isnan(leadseq_bootstrap_p(p_draws, 100)));
    leadseq_percentiles(&low, &high, draws, 100);
    cr_assert(isnan(low) && isnan(high));
}

Test(bootstrap, a_few_undefined_draws_are_left_out)
{
    double low, high, draws[101];
    for (int i = 0; i < 101; i++) draws[i] = i == 50 ? NAN : i < 50 ? i : i - 1;
    leadseq_percentiles(&low, &high, draws, 101);
    cr_assert_float_eq(low, .025 * 99, 1e-9);
    cr_assert_float_eq(high, .975 * 99, 1e-9);
}

Test(bootstrap, draws_that_do_not_vary_give_no_interval)
{
    double low, high, draws[100] = {0};
    leadseq_percentiles(&low, &high, draws, 100);
    cr_assert(isnan(low) && isnan(high));
}

Test(bootstrap, the_same_seed_gives_the_same_bits_and_another_seed_others)
{
    static double first[RESAMPLES], second[RESAMPLES], other[RESAMPLES];
    struct sample s = normal_sample();
    struct leadseq_bootstrap_options options = {.resamples = RESAMPLES, .seed = 3};
    cr_assert_eq(leadseq_bootstrap(first, 1, N, measure_mean, &s, &options), 0);
    cr_assert_eq(leadseq_bootstrap(second, 1, N, measure_mean, &s, &options), 0);
    cr_assert_eq(memcmp(first, second, sizeof first), 0);
    options.seed = 4;
    cr_assert_eq(leadseq_bootstrap(other, 1, N, measure_mean, &s, &options), 0);
    cr_assert_neq(memcmp(first, other, sizeof first), 0);
}

Test(bootstrap, records_of_a_patient_are_drawn_together)
{
    static double draws[2 * RESAMPLES];
    int patient[N];
    for (int i = 0; i < N; i++) patient[i] = 1000 - i / 2;
    struct leadseq_bootstrap_options options = {.resamples = RESAMPLES, .cluster = patient};
    cr_assert_eq(leadseq_bootstrap(draws, 2, N, measure_pairs, NULL, &options), 0);
    for (size_t r = 0; r < RESAMPLES; r++) {
        cr_assert_eq(draws[r], 0);
        cr_assert_eq(draws[RESAMPLES + r], N);
    }
    options.cluster = NULL;
    cr_assert_eq(leadseq_bootstrap(draws, 2, N, measure_pairs, NULL, &options), 0);
    cr_assert_gt(draws[0], 0);
}

/* The standard error of a mean is s/√N; percentiles lie 1.96 of it apart from the middle. */
Test(bootstrap, the_interval_of_a_mean_has_the_width_of_the_normal_one)
{
    static double draws[RESAMPLES];
    struct sample s = normal_sample();
    struct leadseq_bootstrap_options options = {.resamples = RESAMPLES, .seed = 1};
    double mean = 0, square = 0, low, high;
    for (int i = 0; i < N; i++) mean += s.x[i] / N;
    for (int i = 0; i < N; i++) square += (s.x[i] - mean) * (s.x[i] - mean) / N;
    cr_assert_eq(leadseq_bootstrap(draws, 1, N, measure_mean, &s, &options), 0);
    leadseq_percentiles(&low, &high, draws, RESAMPLES);
    double width = 2 * 1.96 * sqrt(square / N);
    cr_assert_float_eq(high - low, width, .08 * width);
    cr_assert_float_eq((low + high) / 2, mean, .08 * width);
}

Test(bootstrap, p_is_twice_the_smaller_tail)
{
    double draws[99];
    for (int i = 0; i < 99; i++) draws[i] = i < 4 ? -1 : 1;
    cr_assert_float_eq(leadseq_bootstrap_p(draws, 99), 2 * 5. / 100, 1e-15);
    for (int i = 0; i < 99; i++) draws[i] = 0;
    cr_assert_eq(leadseq_bootstrap_p(draws, 99), 1);
}
