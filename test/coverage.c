/* SPDX-License-Identifier: MIT
 *
 * How often the intervals of an AUC, and of the difference of two, hold the truth:
 * the table of doc/statistics.md. Not a test, as it takes minutes: `make coverage`.
 *
 *   coverage [REPETITIONS [FIRST]]     FIRST: continue with that row, from 0
 *
 * Scores are normal, positives `d` above negatives (AUC = Φ(d/√2)), or exponential, where
 * positives have mean A/(1 - A) and negatives 1 (AUC = A): skewed, with few records that decide.
 * With two records per patient both are of one class and their normal parts are correlated by ½.
 * The second model's scores are correlated with the first's by ½, and its AUC is smaller. */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 5500 };

struct cell {
    double auc;
    int positives, negatives, per_patient;
    bool skewed;
};

struct sample {
    double a[MOST], b[MOST];
    uint8_t label[MOST];
    int patient[MOST], n;
};

/* What the score of the class is, from a standard normal value. */
static double score_of(const struct cell *c, double auc, bool positive, double z)
{
    if (!c->skewed) return z + (positive ? sqrt(2) * gsl_cdf_ugaussian_Pinv(auc) : 0);
    return -log(gsl_cdf_ugaussian_Q(z)) * (positive ? auc / (1 - auc) : 1);
}

static double second_auc(const struct cell *c)
{
    return gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Pinv(c->auc) - .15);
}

static void draw(struct sample *s, const struct cell *c, uint64_t repetition)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 7, LEADSEQ_STREAM_TEST, repetition, 0);
    double shared[2] = {0, 0};
    s->n = c->positives + c->negatives;
    for (int i = 0; i < s->n; i++) {
        bool positive = i < c->positives;
        int place = positive ? i : i - c->positives;
        if (place % c->per_patient == 0)
            for (int k = 0; k < 2; k++) shared[k] = leadseq_random_normal(&r);
        double z[2];
        for (int k = 0; k < 2; k++) {
            double own = leadseq_random_normal(&r);
            z[k] = c->per_patient > 1 ? sqrt(.5) * (own + shared[k]) : own;
        }
        s->label[i] = positive;
        s->patient[i] = place / c->per_patient * 2 + positive;
        s->a[i] = score_of(c, c->auc, positive, z[0]);
        s->b[i] = score_of(c, second_auc(c), positive, .5 * z[0] + sqrt(.75) * z[1]);
    }
}

struct held {
    int plain, shown, below, above, difference, none;
};

static void count(struct held *h, const struct sample *s, const struct cell *c)
{
    struct leadseq_estimate plain, shown;
    struct leadseq_difference d;
    const size_t n = (size_t)s->n;
    const double truth = c->auc - second_auc(c);
    if (leadseq_auc_delong(&plain, s->a, s->label, n) ||
        leadseq_auc_interval(&shown, s->a, s->label, s->patient, n) ||
        leadseq_auc_difference(&d, s->a, s->b, s->label, s->patient, n)) {
        fprintf(stderr, "%s\n", leadseq_error());
        exit(1);
    }
    bool plain_holds = plain.low <= c->auc && c->auc <= plain.high;
    bool holds = shown.low <= c->auc && c->auc <= shown.high;
    bool difference = d.low <= truth && truth <= d.high;
#pragma omp critical
    {
        h->plain += plain_holds;
        h->shown += holds;
        h->below += shown.high < c->auc;
        h->above += shown.low > c->auc;
        h->difference += difference;
        h->none += isnan(shown.low);
    }
}

static void measure(const struct cell *c, int repetitions)
{
    struct held h = {0};
#pragma omp parallel
    {
        struct sample *s = malloc(sizeof *s);
        if (!s) exit(1);
#pragma omp for schedule(dynamic, 8)
        for (int i = 0; i < repetitions; i++) {
            draw(s, c, (uint64_t)i);
            count(&h, s, c);
        }
        free(s);
    }
    const double n = repetitions;
    printf("%s\t%.2f\t%d\t%d\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%d\n",
           c->skewed ? "exponential" : "normal", c->auc, c->positives, c->negatives, c->per_patient,
           h.plain / n, h.shown / n, h.above / n, h.below / n, h.difference / n, h.none);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const double auc[] = {.7, .8, .9, .95, .98};
    static const int positives[] = {25, 26, 50, 100, 250, 500}, ratio[] = {1, 3, 10};
    const int repetitions = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 4000;
    long skip = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    puts("scores\tauc\tpositives\tnegatives\tper_patient\tdelong\tshown\ttoo_high\ttoo_low\t"
         "difference\tno_interval");
    for (int skewed = 0; skewed < 2; skewed++)
        for (int per = 1; per <= 2; per++)
            for (size_t p = 0; p < LEADSEQ_COUNT(positives); p++)
                for (size_t k = 0; k < LEADSEQ_COUNT(ratio); k++)
                    for (size_t a = 0; a < LEADSEQ_COUNT(auc); a++) {
                        int m = positives[p], n = m * ratio[k] > 100 ? m * ratio[k] : 100;
                        if (k && m * ratio[k] <= 100) continue; // the same 100
                        if (skip-- > 0) continue;
                        m -= m % per, n -= n % per;
                        measure(&(struct cell){auc[a], m, n, per, skewed}, repetitions);
                    }
    return 0;
}
