/* SPDX-License-Identifier: MIT
 *
 * Several outputs judged together: figures against hand-computed numbers and loops over copies. */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Three records of two outputs. As the threshold falls (called, hits of each record):
 *   .9  first: 1 of 1                      P 1          R (1 + 0 + 0)/3     F 1/2
 *   .8  second: wrong                      P (1 + 0)/2  R 1/3               F 2/5
 *   .6  third: 1 of 1                      P 2/3        R (1 + 0 + 1/2)/3   F 4/7
 *   .5  second: 1 of 2, third: 2 of 2      P (1 + 1/2 + 1)/3 = 5/6, R 1     F 10/11
 *   .1  first: 1 of 2                      P 2/3        R 1                 F 4/5 */
static const double p[] = {.9, .1, .8, .5, .6, .5};
static const uint8_t y[] = {1, 0, 0, 1, 1, 1};

Test(joint, f_max_over_records_is_that_done_by_hand)
{
    struct leadseq_joint j;
    double value[LEADSEQ_JOINTS];
    cr_assert_eq(leadseq_joint_init(&j, p, y, 3, 2), 0);
    cr_assert_eq(leadseq_joint_measure(value, &j), 0);
    cr_assert_float_eq(value[LEADSEQ_JOINT_F_MAX], 10. / 11, 1e-15);
    leadseq_joint_clear(&j);
    // At .9, a third record without a true output counts in P once it is called, never in R.
    const double q[] = {.9, .1, .2, .1, .95, .1};
    const uint8_t none[] = {1, 0, 0, 1, 0, 0};
    cr_assert_eq(leadseq_joint_init(&j, q, none, 3, 2), 0);
    cr_assert_eq(leadseq_joint_measure(value, &j), 0);
    // .95: P 0; .9: P 1/2, R 1/2; .2: P 1/3, R 1/2; .1: P (1/2 + 1/2 + 0)/3, R 1: F 1/2.
    cr_assert_float_eq(value[LEADSEQ_JOINT_F_MAX], .5, 1e-15);
    leadseq_joint_clear(&j);
}

Test(joint, an_unknown_label_is_neither_called_nor_wanted)
{
    const uint8_t unknown[] = {1, 255, 0, 1, 1, 1};
    struct leadseq_joint j;
    double value[LEADSEQ_JOINTS];
    cr_assert_eq(leadseq_joint_init(&j, p, unknown, 3, 2), 0);
    cr_assert_eq(leadseq_joint_measure(value, &j), 0);
    cr_assert_float_eq(value[LEADSEQ_JOINT_F_MAX], 10. / 11, 1e-15);
    cr_assert_eq(j.single, 1, "the second alone has exactly one known truth and all labels");
    leadseq_joint_clear(&j);
    const uint8_t nothing[] = {0, 0, 0, 255, 0, 0};
    cr_assert_eq(leadseq_joint_init(&j, p, nothing, 3, 2), 0);
    cr_assert_eq(leadseq_joint_measure(value, &j), 0);
    for (int k = 0; k < LEADSEQ_JOINTS; k++) cr_assert(isnan(value[k]), "%d", k);
    leadseq_joint_clear(&j);
}

/* --- Against copies ----------------------------------------------------------------------------
 */

enum { N = 90, K = 3, RESAMPLES = 60 };

struct made {
    double a[N * K], b[N * K];
    uint8_t label[N * K];
    int patient[N];
};

static void make(struct made *m, uint64_t seed)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) {
        m->patient[i] = (int)(i * 2 / 3);
        size_t class = leadseq_random_below(&r, K);
        for (size_t c = 0; c < K; c++) {
            m->label[i * K + c] = c == class || leadseq_random_uniform(&r) < .1;
            double skill = m->label[i * K + c];
            m->a[i * K + c] = round(20 * leadseq_temper(leadseq_random_normal(&r) + skill, 1)) / 20;
            m->b[i * K + c] = round(20 * leadseq_temper(leadseq_random_normal(&r), 1)) / 20;
        }
    }
}

/* Over every threshold, from the definition. */
static double f_by_loops(const double *probability, const uint8_t *label, size_t n)
{
    double best = 0;
    for (size_t t = 0; t < n * K; t++) {
        double precisions = 0, answered = 0, recalls = 0, wanted = 0;
        for (size_t i = 0; i < n; i++) {
            double called = 0, hits = 0, truths = 0;
            for (size_t c = 0; c < K; c++) {
                bool call = probability[i * K + c] >= probability[t];
                called += call;
                truths += label[i * K + c];
                hits += call && label[i * K + c];
            }
            if (called > 0) precisions += hits / called, answered++;
            if (truths > 0) recalls += hits / truths, wanted++;
        }
        double P = precisions / answered, R = recalls / wanted;
        if (P + R > 0) best = fmax(best, 2 * P * R / (P + R));
    }
    return best;
}

static void measured(double value[LEADSEQ_JOINTS], const double *probability, const uint8_t *label,
                     size_t n)
{
    struct leadseq_joint j;
    cr_assert_eq(leadseq_joint_init(&j, probability, label, n, K), 0);
    cr_assert_eq(leadseq_joint_measure(value, &j), 0);
    leadseq_joint_clear(&j);
}

Test(joint, a_draw_is_measured_as_a_sample_of_copies_would_be)
{
    static struct made m;
    struct leadseq_joint j;
    struct leadseq_resampled r;
    make(&m, 3);
    const struct leadseq_bootstrap_options o = {
        .resamples = RESAMPLES, .seed = 5, .cluster = m.patient, .threads = 2};
    cr_assert_eq(leadseq_joint_init(&j, m.a, m.label, N, K), 0);
    cr_assert_eq(leadseq_resample_joint(&r, &j, 1, &o), 0);
    double *probability = calloc(3 * N * K, sizeof *probability);
    uint8_t *label = calloc(3 * N * K, 1);
    for (size_t d = 0; d < RESAMPLES; d++) {
        struct leadseq_random random;
        double value[LEADSEQ_JOINTS];
        size_t n = 0;
        leadseq_random_init(&random, 5, LEADSEQ_STREAM_BOOTSTRAP, d, 0);
        for (size_t k = 0; k < r.clusters; k++) {
            int patient = (int)leadseq_random_below(&random, r.clusters);
            for (size_t i = 0; i < N; i++) {
                if (m.patient[i] != patient) continue;
                memcpy(probability + n * K, m.a + i * K, K * sizeof *probability);
                memcpy(label + n++ * K, m.label + i * K, K);
            }
        }
        measured(value, probability, label, n);
        cr_assert_float_eq(value[LEADSEQ_JOINT_F_MAX], f_by_loops(probability, label, n), 1e-12);
        for (size_t k = 0; k < LEADSEQ_JOINTS; k++)
            cr_assert_float_eq(r.draws[k * RESAMPLES + d], value[k], 1e-12, "%zu of %zu", k, d);
    }
    free(probability);
    free(label);
    leadseq_resampled_clear(&r);
    leadseq_joint_clear(&j);
}

/* With few patients every exchange is likely to be drawn: p is near that over all of them. */
Test(joint, p_over_few_patients_is_that_of_all_exchanges)
{
    enum { FEW = 6, ALL = 1 << FEW };
    static struct made m;
    struct leadseq_joint a, b;
    double found[2][LEADSEQ_JOINTS], p_value[LEADSEQ_JOINTS], first[LEADSEQ_JOINTS] = {0};
    size_t extreme[LEADSEQ_JOINTS] = {0};
    int patient[12];
    make(&m, 9);
    for (int i = 0; i < 12; i++) patient[i] = i % FEW;
    for (unsigned bits = 0; bits < ALL; bits++) {
        double x[2][12 * K];
        for (size_t i = 0; i < 12 * K; i++) {
            bool swap = bits >> (i / K % FEW) & 1;
            x[swap][i] = m.a[i];
            x[!swap][i] = m.b[i];
        }
        for (int k = 0; k < 2; k++) measured(found[k], x[k], m.label, 12);
        for (size_t k = 0; k < LEADSEQ_JOINTS; k++) {
            double d = found[0][k] - found[1][k];
            if (!bits) first[k] = d;
            extreme[k] += fabs(d) + 1e-12 >= fabs(first[k]);
        }
    }
    cr_assert_eq(leadseq_joint_init(&a, m.a, m.label, 12, K), 0);
    cr_assert_eq(leadseq_joint_init(&b, m.b, m.label, 12, K), 0);
    const struct leadseq_bootstrap_options o = {.resamples = 20000, .cluster = patient, .seed = 2};
    cr_assert_eq(leadseq_permute_joint(p_value, &a, &b, &o), 0);
    cr_assert_float_eq(p_value[LEADSEQ_JOINT_F_MAX], (double)extreme[LEADSEQ_JOINT_F_MAX] / ALL,
                       .015);
    cr_assert_float_eq(p_value[LEADSEQ_JOINT_ACCURACY],
                       (double)extreme[LEADSEQ_JOINT_ACCURACY] / ALL, .015);
    leadseq_joint_clear(&a);
    leadseq_joint_clear(&b);
}

Test(joint, calls_of_two_models_are_counted_as_pairs)
{
    const double a[] = {.9, .1, .2, .7, .6, .5}, b[] = {.1, .3, .2, .8, .6, .5};
    const uint8_t label[] = {1, 0, 0, 1, 1, 1}; // the third has two classes
    struct leadseq_joint x, z;
    cr_assert_eq(leadseq_joint_init(&x, a, label, 3, 2), 0);
    cr_assert_eq(leadseq_joint_init(&z, b, label, 3, 2), 0);
    struct leadseq_pairs right = leadseq_joint_right(&x, &z);
    cr_assert(right.both == 1 && right.only_a == 1 && right.only_b == 0 && right.neither == 0);
    leadseq_joint_clear(&x);
    leadseq_joint_clear(&z);
}

Test(joint, what_is_no_probability_is_refused)
{
    const double bad[] = {.9, NAN};
    struct leadseq_joint j;
    cr_assert_eq(leadseq_joint_init(&j, bad, y, 1, 2), -1);
    cr_assert(strstr(leadseq_error(), "record 1 of 1: expected probabilities from 0 to 1"));
    cr_assert_eq(leadseq_joint_init(&j, bad, y, 0, 2), -1);
}
