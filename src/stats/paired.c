/* SPDX-License-Identifier: MIT
 *
 * Two deciders on the same records: McNemar's test, exact and mid-p, and the
 * difference of their shares with Newcombe's interval; that of deciders on
 * different records, too. Records count as independent; for patients see permute.c
 * and draws.c. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

double leadseq_mcnemar(size_t b, size_t c)
{
    size_t least = b < c ? b : c;
    if (b == c) return 1; // also where no pair is discordant
    return fmin(1, 2 * gsl_cdf_binomial_P((unsigned)least, .5, (unsigned)(b + c)));
}

double leadseq_mcnemar_mid(size_t b, size_t c)
{
    size_t least = b < c ? b : c;
    if (b + c == 0) return 1;
    double point = gsl_ran_binomial_pdf((unsigned)least, .5, (unsigned)(b + c));
    return b == c ? 1 - point / 2 : leadseq_mcnemar(b, c) - point;
}

struct leadseq_pairs leadseq_pairs_right(const struct leadseq_predicted *a,
                                         const struct leadseq_predicted *b, int label)
{
    struct leadseq_pairs pairs = {0};
    if (isnan(a->threshold) || isnan(b->threshold)) return pairs;
    for (size_t i = 0; i < a->n; i++) {
        if (label >= 0 && a->label[i] != label) continue;
        bool right_a = (a->probability[i] >= a->threshold) == a->label[i];
        bool right_b = (b->probability[i] >= b->threshold) == a->label[i];
        if (right_a)
            right_b ? pairs.both++ : pairs.only_a++;
        else
            right_b ? pairs.only_b++ : pairs.neither++;
    }
    return pairs;
}

/* The correlation of the two shares' errors, continuity corrected where it is positive. */
static double correlation(const struct leadseq_pairs *t)
{
    double a = (double)t->both, b = (double)t->only_a, c = (double)t->only_b,
           d = (double)t->neither;
    double norm = sqrt((a + b) * (c + d)) * sqrt((a + c) * (b + d)), excess = a * d - b * c;
    if (norm == 0) return 0;
    if (excess > 0) excess = fmax(excess - (a + b + c + d) / 2, 0);
    return excess / norm;
}

struct leadseq_difference leadseq_newcombe(const struct leadseq_pairs *t)
{
    size_t n = t->both + t->only_a + t->only_b + t->neither;
    struct leadseq_estimate a = leadseq_wilson(t->both + t->only_a, n);
    struct leadseq_estimate b = leadseq_wilson(t->both + t->only_b, n);
    if (!n) return (struct leadseq_difference){NAN, NAN, NAN, NAN, a.method};
    double phi = correlation(t), difference = ((double)t->only_a - (double)t->only_b) / (double)n;
    double a_down = a.value - a.low, a_up = a.high - a.value;
    double b_down = b.value - b.low, b_up = b.high - b.value;
    double down = a_down * a_down - 2 * phi * a_down * b_up + b_up * b_up;
    double up = a_up * a_up - 2 * phi * a_up * b_down + b_down * b_down;
    return (struct leadseq_difference){
        .difference = difference,
        .low = difference - sqrt(fmax(0, down)),
        .high = difference + sqrt(fmax(0, up)),
        .p = leadseq_mcnemar(t->only_a, t->only_b),
        .method = "Newcombe, paired; p: exact McNemar",
    };
}

/* Newcombe, Statistics in Medicine 1998, 17:873, method 10: Wilson's intervals of both shares, as
 * the paired one with correlation 0. */
struct leadseq_difference leadseq_newcombe_independent(size_t a, size_t n, size_t b, size_t m)
{
    struct leadseq_estimate p = leadseq_wilson(a, n), q = leadseq_wilson(b, m);
    if (!n || !m) return (struct leadseq_difference){NAN, NAN, NAN, NAN, n ? q.method : p.method};
    double difference = p.value - q.value;
    return (struct leadseq_difference){
        .difference = difference,
        .low = difference - hypot(p.value - p.low, q.high - q.value),
        .high = difference + hypot(p.high - p.value, q.value - q.low),
        .p = NAN,
        .method = "Newcombe, independent",
    };
}
