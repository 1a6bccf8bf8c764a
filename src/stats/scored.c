/* SPDX-License-Identifier: MIT
 *
 * A model's probabilities made ready for measuring: checked, sorted once, with
 * their logits. Measures nothing (metrics.c). */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

int stats_order(uint32_t *order, const double *score, size_t n)
{
    size_t *index = leadseq_calloc(n, sizeof *index);
    if (!index) return -1;
    gsl_sort_index(index, score, 1, n);
    for (size_t r = 0; r < n; r++) order[r] = (uint32_t)index[n - 1 - r];
    free(index);
    return 0;
}

static int check(const double *probability, const uint8_t *label, size_t n)
{
    if (!n) return leadseq_fail("no records");
    if (n > UINT32_MAX) return leadseq_fail("%zu records: expected at most 2^32 - 1", n);
    for (size_t i = 0; i < n; i++)
        if (!(probability[i] >= 0 && probability[i] <= 1))
            return leadseq_fail("probability %zu of %zu: expected 0 to 1, found %g", i + 1, n,
                                probability[i]);
    return stats_check(probability, label, n);
}

static int allocate(struct leadseq_scored *s)
{
    s->order = leadseq_calloc(s->n, sizeof *s->order);
    s->sorted = leadseq_calloc(s->n, sizeof *s->sorted);
    s->logit = leadseq_calloc(s->n, sizeof *s->logit);
    s->against = leadseq_calloc(s->n, sizeof *s->against);
    s->truth = leadseq_calloc(s->n, sizeof *s->truth);
    return s->order && s->sorted && s->logit && s->against && s->truth ? 0 : -1;
}

static void gather(struct leadseq_scored *s)
{
    for (size_t r = 0; r < s->n; r++) {
        size_t i = s->order[r];
        double p = s->probability[i];
        s->sorted[r] = p;
        s->truth[r] = s->label[i];
        s->logit[r] = leadseq_logit(p);
        s->against[r] = exp(-s->logit[r]);
        s->clamped += leadseq_is_clamped(p);
        s->positives += s->truth[r];
        s->called += p >= s->threshold;
    }
}

static void recalibrate(struct leadseq_scored *s)
{
    struct stats_view view = stats_view_of(s);
    struct stats_logistic both = {0}, shift = {.slope = 1};
    stats_logistic_fit(&both, &view, STATS_EXACT);
    stats_shift_fit(&shift, &view, STATS_EXACT);
    s->slope = both.slope;
    s->offset = both.offset;
    s->intercept = shift.offset;
}

int leadseq_scored_init(struct leadseq_scored *s, const double *probability, const uint8_t *label,
                        size_t n, double threshold)
{
    *s = (struct leadseq_scored){
        .n = n, .probability = probability, .label = label, .threshold = threshold};
    if (check(probability, label, n)) return -1;
    if (allocate(s) || stats_order(s->order, probability, n)) {
        leadseq_scored_clear(s);
        return -1;
    }
    gather(s);
    recalibrate(s);
    return 0;
}

void leadseq_scored_clear(struct leadseq_scored *s)
{
    if (!s) return;
    free(s->order);
    free(s->sorted);
    free(s->logit);
    free(s->against);
    free(s->truth);
    *s = (struct leadseq_scored){0};
}

struct stats_view stats_view_of(const struct leadseq_scored *s)
{
    return (struct stats_view){s->n, s->sorted, s->logit, s->against, s->truth, NULL};
}
