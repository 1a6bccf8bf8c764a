/* SPDX-License-Identifier: MIT
 *
 * Probabilities that two models could have given the same records of patients
 * with up to three records each. Few decimals make ties. */
#ifndef MODELS_SAMPLE_H
#define MODELS_SAMPLE_H

#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SAMPLE_MAX = 4000 };

struct models_sample {
    size_t n;
    double a[SAMPLE_MAX], b[SAMPLE_MAX];
    uint8_t label[SAMPLE_MAX];
    int patient[SAMPLE_MAX];
};

static inline double sample_probability(double logit, int decimals)
{
    double unit = pow(10, decimals);
    return round(leadseq_temper(logit, 1) * unit) / unit;
}

/* b is noisier than a. share: of positives. */
static inline void models_sample_init(struct models_sample *s, size_t n, double share, int decimals,
                                      uint64_t seed)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_TEST, n, 0);
    int patient = 100;
    s->n = n;
    for (size_t i = 0; i < n; i++) {
        s->label[i] = leadseq_random_uniform(&r) < share;
        double logit = leadseq_random_normal(&r) + 2 * s->label[i] - 1.5;
        s->a[i] = sample_probability(logit + .4 * leadseq_random_normal(&r), decimals);
        s->b[i] = sample_probability(logit + 1.2 * leadseq_random_normal(&r), decimals);
        patient += i % 3 == 0 || leadseq_random_uniform(&r) < .8;
        s->patient[i] = 7 * patient % 10007; // not in the records' order
    }
}

/* NaN equals NaN. */
static inline bool same_figure(double x, double y, double tolerance)
{
    return (isnan(x) && isnan(y)) || fabs(x - y) <= tolerance;
}

#endif
