/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 60, MANY = 4500 };

/* Figure i is the weight of record i. */
static void tell_weights(double *value, const uint32_t *weight, const void *state, void *scratch)
{
    (void)scratch;
    size_t n = *(const size_t *)state;
    for (size_t i = 0; i < n; i++) value[i] = weight[i];
}

/* Uses its scratch whole, so that threads which shared it would disturb each other. */
static void mean_by_scratch(double *value, const uint32_t *weight, const void *state, void *scratch)
{
    const double *x = state;
    double *product = scratch, sum = 0, count = 0;
    for (size_t i = 0; i < N; i++) product[i] = weight[i] * x[i];
    for (size_t i = 0; i < N; i++) sum += product[i], count += weight[i];
    value[0] = sum / count;
}

static size_t n_records = N;
static const struct leadseq_statistic weights = {
    .figures = N, .n = N, .measure = tell_weights, .state = &n_records};

static struct leadseq_resampled resample(const struct leadseq_statistic *statistic,
                                         const struct leadseq_bootstrap_options *options)
{
    struct leadseq_resampled r;
    cr_assert_eq(leadseq_resample(&r, statistic, options), 0, "%s", leadseq_error());
    return r;
}

Test(draws, nothing_to_draw_from_is_refused)
{
    const struct leadseq_bootstrap_options options = {.resamples = 10};
    const struct leadseq_statistic nothing = {.figures = 1, .measure = tell_weights};
    struct leadseq_resampled r;
    cr_assert_eq(leadseq_resample(&r, &nothing, &options), -1);
    cr_assert(strstr(leadseq_error(), "no records"));
    leadseq_resampled_clear(&r);
}

Test(draws, records_count_once_then_as_drawn_then_but_for_one)
{
    const struct leadseq_bootstrap_options options = {.resamples = 50, .seed = 2, .threads = 2};
    struct leadseq_resampled r = resample(&weights, &options);
    cr_assert(r.clusters == N && r.groups == N && r.resamples == 50 && !r.clustered);
    for (size_t i = 0; i < N; i++) {
        cr_assert_eq(r.value[i], 1);
        for (size_t g = 0; g < N; g++) cr_assert_eq(r.left[i * N + g], g != i);
    }
    for (size_t d = 0; d < 50; d++) {
        double drawn = 0, twice = 0;
        for (size_t i = 0; i < N; i++) {
            drawn += r.draws[i * 50 + d];
            twice += r.draws[i * 50 + d] > 1;
        }
        cr_assert_eq(drawn, N);
        cr_assert_gt(twice, 3); // with replacement
    }
    leadseq_resampled_clear(&r);
}

Test(draws, records_of_a_patient_stay_together)
{
    int patient[N];
    for (int i = 0; i < N; i++) patient[i] = 500 - i % 20;
    const struct leadseq_bootstrap_options options = {.resamples = 50, .cluster = patient};
    struct leadseq_resampled r = resample(&weights, &options);
    cr_assert(r.clusters == 20 && r.groups == 20 && r.clustered);
    for (size_t d = 0; d < 50; d++)
        for (size_t i = 0; i < N; i++) cr_assert_eq(r.draws[i * 50 + d], r.draws[i % 20 * 50 + d]);
    for (size_t g = 0; g < 20; g++) {
        double left = 0;
        for (size_t i = 0; i < N; i++) {
            left += r.left[i * 20 + g];
            cr_assert_eq(r.left[i * 20 + g], r.left[i % 20 * 20 + g]);
        }
        cr_assert_eq(left, N - 3);
    }
    leadseq_resampled_clear(&r);
}

Test(draws, many_clusters_are_left_out_in_groups_each_once)
{
    static size_t many = MANY;
    const struct leadseq_statistic statistic = {
        .figures = MANY, .n = MANY, .measure = tell_weights, .state = &many};
    const struct leadseq_bootstrap_options options = {.resamples = 1};
    struct leadseq_resampled r = resample(&statistic, &options);
    cr_assert_eq(r.groups, LEADSEQ_JACKKNIFE_GROUPS);
    for (size_t i = 0; i < MANY; i++) {
        size_t missing = 0;
        for (size_t g = 0; g < r.groups; g++) missing += r.left[i * r.groups + g] == 0;
        cr_assert_eq(missing, 1);
    }
    leadseq_resampled_clear(&r);
}

Test(draws, the_number_of_threads_changes_no_bit)
{
    double x[N];
    for (int i = 0; i < N; i++) x[i] = 1. / (i + 1);
    const struct leadseq_statistic mean = {.figures = 1,
                                           .n = N,
                                           .scratch = N * sizeof(double),
                                           .measure = mean_by_scratch,
                                           .state = x};
    struct leadseq_bootstrap_options options = {.resamples = 3000, .seed = 5, .threads = 1};
    struct leadseq_resampled one = resample(&mean, &options);
    static const int threads[] = {2, 5, 0};
    for (size_t k = 0; k < LEADSEQ_COUNT(threads); k++) {
        options.threads = threads[k];
        struct leadseq_resampled more = resample(&mean, &options);
        cr_assert_eq(memcmp(one.draws, more.draws, 3000 * sizeof *one.draws), 0);
        cr_assert_eq(memcmp(one.left, more.left, N * sizeof *one.left), 0);
        cr_assert_eq(one.value[0], more.value[0]);
        leadseq_resampled_clear(&more);
    }
    options.seed = 6;
    struct leadseq_resampled other = resample(&mean, &options);
    cr_assert_neq(memcmp(one.draws, other.draws, 3000 * sizeof *one.draws), 0);
    leadseq_resampled_clear(&other);
    leadseq_resampled_clear(&one);
}
