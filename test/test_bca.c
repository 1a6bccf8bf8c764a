/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

enum { DRAWS = 1999, GROUPS = 50, FIGURES = 2 };

/* A resampling as if it had been made: the tests fill it. */
struct made {
    double value[FIGURES], draws[FIGURES * DRAWS], left[FIGURES * GROUPS];
    const char *obstacle[FIGURES];
};
static struct made made;

static struct leadseq_resampled as_made(void)
{
    return (struct leadseq_resampled){
        .figures = FIGURES,
        .resamples = DRAWS,
        .groups = GROUPS,
        .value = made.value,
        .draws = made.draws,
        .left = made.left,
        .obstacle = made.obstacle,
    };
}

/* Figure 0: draws at the quantiles of N(middle, 1), in no order; left: skewed by `skew`. */
static void make(double value, double middle, double skew)
{
    memset(&made, 0, sizeof made);
    made.value[0] = value;
    for (size_t i = 0; i < DRAWS; i++) {
        size_t at = i * 7 % DRAWS;
        made.draws[at] = middle + gsl_cdf_ugaussian_Pinv((double)(i + 1) / (DRAWS + 1));
    }
    for (size_t g = 0; g < GROUPS; g++) {
        double x = gsl_cdf_ugaussian_Pinv((g + .5) / GROUPS);
        made.left[g] = value - (x + skew * (x * x - 1)) / GROUPS;
    }
}

static struct leadseq_estimate estimate(size_t figure)
{
    struct leadseq_resampled r = as_made();
    struct leadseq_estimate e;
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, figure), 0);
    return e;
}

Test(bca, what_gives_no_interval_says_why)
{
    make(NAN, 0, 0);
    cr_assert(strstr(estimate(0).method, "not defined"));
    make(0, 0, 0);
    made.obstacle[0] = "too few patients";
    struct leadseq_estimate e = estimate(0);
    cr_assert(e.value == 0 && isnan(e.low) && isnan(e.high));
    cr_assert_str_eq(e.method, "too few patients");
    make(4, 0, 0);
    cr_assert(strstr(estimate(0).method, "one side"));
    make(0, 0, 0);
    for (size_t i = 0; i < DRAWS / 20 + 1; i++) made.draws[i] = NAN;
    cr_assert(strstr(estimate(0).method, "too few resamples"));
    make(0, 0, 0);
    for (size_t i = 0; i < DRAWS; i++) made.draws[i] = .25;
    e = estimate(0);
    cr_assert(isnan(e.low) && isnan(e.high) && strstr(e.method, "do not vary"));
}

Test(bca, a_few_undefined_draws_are_left_out)
{
    make(0, 0, 0);
    for (size_t i = 0; i < DRAWS / 20; i++) made.draws[i * 20] = NAN;
    struct leadseq_estimate e = estimate(0);
    cr_assert_float_eq(e.low, -1.96, .05);
    cr_assert_float_eq(e.high, 1.96, .05);
}

Test(bca, without_bias_and_skewness_it_is_the_percentile_interval)
{
    make(0, 0, 0);
    struct leadseq_estimate e = estimate(0);
    cr_assert_str_eq(e.method, "BCa bootstrap of records");
    cr_assert_float_eq(e.low, -1.96, .01);
    cr_assert_float_eq(e.high, 1.96, .01);
}

/* A middle .2 too low: z0 = .2, so that the percentiles are those of 2·.2 ± 1.96. */
Test(bca, bias_is_corrected_twice)
{
    make(0, -.2, 0);
    struct leadseq_estimate e = estimate(0);
    cr_assert_float_eq(e.low, -.2 + .4 - 1.96, .03);
    cr_assert_float_eq(e.high, -.2 + .4 + 1.96, .03);
}

/* Draws are standard normal, so that an end is (z0 + z)/(1 - a(z0 + z)) with the
 * acceleration a summed here. */
Test(bca, skewness_accelerates)
{
    make(0, 0, .4);
    double mean = 0, squares = 0, cubes = 0;
    for (size_t g = 0; g < GROUPS; g++) mean += made.left[g] / GROUPS;
    for (size_t g = 0; g < GROUPS; g++) {
        double d = mean - made.left[g];
        squares += d * d;
        cubes += d * d * d;
    }
    double a = cubes / (6 * pow(squares, 1.5));
    struct leadseq_estimate e = estimate(0);
    cr_assert_gt(a, .03);
    cr_assert_float_eq(e.low, -1.959964 / (1 + a * 1.959964), .01);
    cr_assert_float_eq(e.high, 1.959964 / (1 - a * 1.959964), .015);
}

Test(bca, an_interval_that_ends_at_zero_has_the_p_of_five_hundredths)
{
    make(0, -.1, .3);
    double high = estimate(0).high;
    for (size_t i = 0; i < DRAWS; i++) made.draws[i] -= high;
    for (size_t g = 0; g < GROUPS; g++) made.left[g] -= high;
    made.value[0] -= high;
    struct leadseq_resampled r = as_made();
    struct leadseq_difference d;
    const struct leadseq_term term = {0, 1};
    cr_assert_eq(leadseq_resampled_sum(&d, &r, &term, 1), 0);
    cr_assert_float_eq(d.high, 0, 1e-12);
    cr_assert_float_eq(d.p, .05, .002);
}

Test(bca, no_draw_beyond_zero_gives_the_least_p_there_is)
{
    make(9, 9, 0);
    struct leadseq_resampled r = as_made();
    struct leadseq_difference d;
    cr_assert_eq(leadseq_resampled_difference(&d, &r, 0, 1), 0);
    cr_assert_float_eq(d.p, 2. / (DRAWS + 1), 1e-12);
    cr_assert_eq(d.difference, 9);
}

Test(bca, a_figure_does_not_differ_from_itself)
{
    make(3, 3, .1);
    memcpy(made.draws + DRAWS, made.draws, DRAWS * sizeof *made.draws);
    memcpy(made.left + GROUPS, made.left, GROUPS * sizeof *made.left);
    made.value[1] = 3;
    struct leadseq_resampled r = as_made();
    struct leadseq_difference d;
    cr_assert_eq(leadseq_resampled_difference(&d, &r, 0, 1), 0);
    cr_assert(d.difference == 0 && d.p == 1 && isnan(d.low));
    cr_assert(strstr(d.method, "do not vary"));
}

/* The difference of two means of three figures each, which are the same but for rounding. */
Test(bca, a_mean_does_not_differ_from_itself)
{
    enum { TERMS = 6, PAIRS = 3 };
    static double value[TERMS], draws[TERMS * DRAWS], left[TERMS * GROUPS];
    const char *obstacle[TERMS] = {0};
    struct leadseq_resampled r = as_made();
    struct leadseq_term term[TERMS];
    r.figures = TERMS;
    r.value = value, r.draws = draws, r.left = left, r.obstacle = obstacle;
    for (size_t k = 0; k < TERMS; k++) {
        size_t output = k % PAIRS;
        term[k] = (struct leadseq_term){k, k < PAIRS ? 1. / PAIRS : -1. / PAIRS};
        value[k] = .5 + .1 * (double)output;
        for (size_t i = 0; i < DRAWS; i++)
            draws[k * DRAWS + i] = .5 + .2 * sin((double)(i * PAIRS + output));
        for (size_t g = 0; g < GROUPS; g++)
            left[k * GROUPS + g] = .5 + .01 * cos((double)(g * PAIRS + output));
    }
    double sum = 0, most = 0; // the sums of draws do not come to 0
    for (size_t i = 0; i < DRAWS; i++, most = fmax(most, fabs(sum)), sum = 0)
        for (size_t k = 0; k < TERMS; k++) sum += term[k].factor * draws[k * DRAWS + i];
    cr_assert_gt(most, 0);
    struct leadseq_difference d;
    cr_assert_eq(leadseq_resampled_sum(&d, &r, term, TERMS), 0);
    cr_assert(d.difference == 0 && d.p == 1 && isnan(d.low), "%g, p %g", d.difference, d.p);
    cr_assert(strstr(d.method, "do not vary"));
    draws[0] += 1e-9; // one resample differs, if little
    cr_assert_eq(leadseq_resampled_sum(&d, &r, term, TERMS), 0);
    cr_assert(isnan(d.p) || d.p < 1 || !isnan(d.low));
}

Test(bca, a_sum_is_the_figure_of_its_terms)
{
    make(1, 1, .2);
    for (size_t i = 0; i < DRAWS; i++) made.draws[DRAWS + i] = sin((double)i);
    for (size_t g = 0; g < GROUPS; g++) made.left[GROUPS + g] = .5 + cos((double)g) / GROUPS;
    made.value[1] = .1;
    struct leadseq_resampled r = as_made();
    const struct leadseq_term mean[] = {{0, .5}, {1, .5}};
    struct leadseq_difference d;
    cr_assert_eq(leadseq_resampled_sum(&d, &r, mean, 2), 0);
    for (size_t i = 0; i < DRAWS; i++) made.draws[i] = (made.draws[i] + made.draws[DRAWS + i]) / 2;
    for (size_t g = 0; g < GROUPS; g++) made.left[g] = (made.left[g] + made.left[GROUPS + g]) / 2;
    made.value[0] = .55;
    struct leadseq_estimate e = estimate(0);
    cr_assert_float_eq(d.difference, e.value, 1e-15);
    cr_assert_float_eq(d.low, e.low, 1e-12);
    cr_assert_float_eq(d.high, e.high, 1e-12);
    made.obstacle[1] = "no";
    cr_assert_eq(leadseq_resampled_sum(&d, &r, mean, 2), 0);
    cr_assert(isnan(d.low) && isnan(d.p));
}

Test(bca, a_figure_far_from_its_resamples_has_no_interval)
{
    make(0, 1.1, 0);
    struct leadseq_estimate e = estimate(0);
    cr_assert(isnan(e.low) && isnan(e.high) && e.value == 0);
    cr_assert(strstr(e.method, "|z0| > 1"));
    make(0, .9, 0);
    cr_assert(isfinite(estimate(0).low));
}
