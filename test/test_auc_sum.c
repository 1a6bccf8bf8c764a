/* SPDX-License-Identifier: MIT
 *
 * Intervals of sums of AUCs: as one AUC and a difference of two have them, against a covariance by
 * loops over pairs, and by simulation of outputs of the same records whose labels differ. */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 160, K = 4, MODELS = 2 };

/* Records of patients with one or two of them. What outputs of a record have in common, and what
 * records of a patient have, makes AUCs correlated. */
struct made {
    double score[MODELS][K][N];
    uint8_t label[K][N];
    int patient[N];
};

static const double shift = 1.2;

static void make(struct made *m, uint64_t seed, bool single)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_TEST, 7, 0);
    double of_patient = 0, class_of_patient = 0;
    for (size_t i = 0; i < N; i++) {
        bool next = single || i % 2 == 0;
        if (next) of_patient = leadseq_random_normal(&r);
        if (next) class_of_patient = leadseq_random_uniform(&r);
        m->patient[i] = single ? (int)i : (int)(i / 2);
        double of_record = leadseq_random_normal(&r);
        for (size_t k = 0; k < K; k++) {
            double u = fmod(class_of_patient + .15 * (double)k, 1);
            m->label[k][i] = u < .3;
            for (size_t a = 0; a < MODELS; a++)
                m->score[a][k][i] = .6 * of_patient + .5 * of_record +
                                    sqrt(1 - .36 - .25) * leadseq_random_normal(&r) +
                                    shift * m->label[k][i];
        }
    }
}

static void fill(struct leadseq_output_term *term, const struct made *m, size_t model, double sign)
{
    for (size_t k = 0; k < K; k++)
        term[k] = (struct leadseq_output_term){
            {N, m->score[model][k], m->label[k], NAN, m->patient}, NULL, k, sign / K};
}

Test(auc_sum, one_area_has_its_own_interval)
{
    static struct made m;
    struct leadseq_difference sum;
    struct leadseq_estimate auc;
    make(&m, 1, false);
    struct leadseq_output_term term = {{N, m.score[0][0], m.label[0], NAN, m.patient}, NULL, 0, 1};
    cr_assert_eq(leadseq_auc_sum(&sum, &term, 1, m.patient, N), 0);
    cr_assert_eq(leadseq_auc_interval(&auc, m.score[0][0], m.label[0], m.patient, N), 0);
    cr_assert_float_eq(sum.difference, auc.value, 1e-14);
    cr_assert_float_eq(sum.low, auc.low, 1e-12);
    cr_assert_float_eq(sum.high, auc.high, 1e-12);
    cr_assert(isnan(sum.p));
    const double constant[N] = {0};
    term.of.probability = constant;
    cr_assert_eq(leadseq_auc_sum(&sum, &term, 1, m.patient, N), 0);
    cr_assert(isnan(sum.low) && strstr(sum.method, "variance is zero"));
}

/* Two copies of one output are no more than one; copies of one model do not differ. */
Test(auc_sum, copies_say_nothing_new)
{
    static struct made m;
    struct leadseq_difference once, twice;
    struct leadseq_output_term term[2 * K];
    make(&m, 2, true);
    fill(term, &m, 0, 1);
    fill(term + K, &m, 0, -1);
    cr_assert_eq(leadseq_auc_sum(&once, term, 2 * K, NULL, N), 0);
    cr_assert(once.difference == 0 && once.p == 1 && isnan(once.low));
    term[1] = term[0];
    term[1].question = 1; // the same labels, but as another output
    term[0].factor = term[1].factor = .5;
    cr_assert_eq(leadseq_auc_sum(&twice, term, 2, m.patient, N), 0);
    term[0].factor = 1;
    cr_assert_eq(leadseq_auc_sum(&once, term, 1, m.patient, N), 0);
    cr_assert_float_eq(twice.difference, once.difference, 1e-14);
    cr_assert_float_eq(twice.low, once.low, .002); // but for factors n/(n - 1)
}

/* --- The covariance of two outputs by loops over pairs ---------------------------------------- */

static double win(double x, double y)
{
    return x > y ? 1 : x < y ? 0 : .5;
}

/* What output k owes to record i: its placement less the area, over the records of its class. */
static double influence(const struct made *m, size_t k, size_t i)
{
    const double *s = m->score[0][k];
    const uint8_t *y = m->label[k];
    double wins = 0, own = 0, others = 0, area = 0, pairs = 0;
    for (size_t a = 0; a < N; a++) {
        own += y[a] == y[i];
        others += y[a] != y[i];
        if (y[a] != y[i]) wins += y[i] ? win(s[i], s[a]) : win(s[a], s[i]);
        for (size_t b = 0; b < N; b++)
            if (y[a] && !y[b]) area += win(s[a], s[b]), pairs++;
    }
    return (wins / others - area / pairs) / own;
}

Test(auc_sum, the_covariance_is_that_of_loops_over_pairs)
{
    static struct made m;
    make(&m, 3, false);
    double by_patient[2][N / 2] = {{0}}, both = 0, own[2];
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < N; i++) by_patient[k][m.patient[i]] += influence(&m, k, i);
    for (size_t i = 0; i < N / 2; i++) both += by_patient[0][i] * by_patient[1][i];
    both *= (double)(N / 2) / (N / 2 - 1);
    struct leadseq_difference sum;
    struct leadseq_estimate auc[2];
    for (size_t k = 0; k < 2; k++) {
        cr_assert_eq(leadseq_auc_interval(&auc[k], m.score[0][k], m.label[k], m.patient, N), 0);
        // Obuchowski's variance of one: its sums within a class have factors of their own.
        double v10 = 0, v01 = 0, across = 0, patients[2] = {0};
        for (size_t i = 0; i < N; i += 2) {
            double s = 0, t = 0;
            for (size_t j = i; j < i + 2; j++) *(m.label[k][j] ? &s : &t) += influence(&m, k, j);
            v10 += s * s, v01 += t * t, across += 2 * s * t;
            patients[1] += m.label[k][i] || m.label[k][i + 1];
            patients[0] += !m.label[k][i] || !m.label[k][i + 1];
        }
        own[k] = v10 * patients[1] / (patients[1] - 1) + v01 * patients[0] / (patients[0] - 1) +
                 across * (N / 2) / (N / 2 - 1);
    }
    double r = both / sqrt(own[0] * own[1]);
    struct leadseq_output_term term[K];
    fill(term, &m, 0, K / 2.);
    cr_assert_eq(leadseq_auc_sum(&sum, term, 2, m.patient, N), 0);
    double a = (auc[0].value - auc[0].low) / 2, b = (auc[1].value - auc[1].low) / 2;
    cr_assert_float_eq(sum.difference - sum.low, sqrt(a * a + b * b + 2 * r * a * b), 1e-12);
    cr_assert_gt(fabs(r), .02);
}

/* --- By simulation ------------------------------------------------------------------------------
 */

enum { SAMPLES = 1500 };

/* Of SAMPLES: shares that hold the truth; both of the variance and the mean of the squared half
 * widths over 1.96² are to be alike. */
static void simulate(bool single, double *mean, double *difference, double *ratio)
{
    static struct made m;
    const double truth = .5 * erfc(-shift / 2);
    double sum = 0, squares = 0, widths = 0;
    *mean = *difference = 0;
    for (size_t s = 0; s < SAMPLES; s++) {
        struct leadseq_output_term term[2 * K];
        struct leadseq_difference d;
        make(&m, 100 + s, single);
        fill(term, &m, 0, 1);
        fill(term + K, &m, 1, -1);
        cr_assert_eq(leadseq_auc_sum(&d, term, K, m.patient, N), 0);
        *mean += (d.low <= truth && truth <= d.high) / (double)SAMPLES;
        sum += d.difference / SAMPLES;
        squares += d.difference * d.difference / SAMPLES;
        widths += pow((d.high - d.low) / (2 * 1.96), 2) / SAMPLES;
        cr_assert_eq(leadseq_auc_sum(&d, term, 2 * K, m.patient, N), 0);
        *difference += (d.low <= 0 && 0 <= d.high) / (double)SAMPLES;
        cr_assert((d.p >= .05) == (d.low <= 0 && 0 <= d.high));
    }
    *ratio = widths / (squares - sum * sum);
}

Test(auc_sum, intervals_of_means_hold_the_truth_as_often_as_they_say)
{
    for (int single = 0; single < 2; single++) {
        double mean, difference, ratio;
        simulate(single, &mean, &difference, &ratio);
        cr_assert(mean > .935 && mean < .97, "%d: mean %.3f", single, mean);
        cr_assert(difference > .935 && difference < .97, "%d: difference %.3f", single, difference);
        cr_assert(ratio > .85 && ratio < 1.2, "%d: variance estimated %.2f times", single, ratio);
    }
}

/* --- Where something is missing -----------------------------------------------------------------
 */

Test(auc_sum, an_output_of_one_class_leaves_no_mean_and_says_so)
{
    static struct made m;
    struct leadseq_output_term term[K];
    struct leadseq_difference d;
    make(&m, 4, false);
    memset(m.label[2], 0, N);
    fill(term, &m, 0, 1);
    cr_assert_eq(leadseq_auc_sum(&d, term, K, m.patient, N), 0);
    cr_assert(isnan(d.difference) && isnan(d.low) && strstr(d.method, "one class"));
}

/* Output 1 knows the first half alone; a separated output has its exact bound in the mean. */
Test(auc_sum, parts_of_the_records_and_separations_are_counted_as_they_are)
{
    static struct made m;
    static size_t record[N];
    struct leadseq_output_term term[K];
    struct leadseq_difference d, without;
    struct leadseq_estimate bound;
    make(&m, 5, true);
    fill(term, &m, 0, 1);
    for (size_t i = 0; i < N / 2; i++) record[i] = i;
    term[1].of.n = N / 2;
    term[1].record = record;
    cr_assert_eq(leadseq_auc_sum(&d, term, K, m.patient, N), 0);
    cr_assert(d.low < d.difference && d.difference < d.high);
    for (size_t i = 0; i < N; i++) m.score[0][2][i] = m.label[2][i];
    cr_assert_eq(leadseq_auc_interval(&bound, m.score[0][2], m.label[2], m.patient, N), 0);
    cr_assert_eq(leadseq_auc_sum(&d, term, K, m.patient, N), 0);
    term[2] = term[3];
    cr_assert_eq(leadseq_auc_sum(&without, term, K - 1, m.patient, N), 0);
    double one = (1 - bound.low) / K;
    cr_assert_float_eq(pow(d.difference - d.low, 2),
                       pow(without.difference - without.low, 2) + one * one, 1e-9);
}
