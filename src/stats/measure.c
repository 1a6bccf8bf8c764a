/* SPDX-License-Identifier: MIT
 *
 * Every metric of one model in passes over its records in the order of their
 * scores, with weights, so that a resample costs O(n). What is computed once and read
 * by several metrics (sweep, bins, recalibrations, counts) is gathered in a sample. */
#include "metric.h"

#include <math.h>

void stats_sample_order(struct stats_sample *sample, const struct stats_view *view)
{
    sample->view = *view;
    stats_sweep_run(&sample->sweep, view);
}

void stats_sample_probabilities(struct stats_sample *sample, const struct stats_view *view,
                                const struct leadseq_scored *start)
{
    struct stats_bin bin[2][LEADSEQ_BINS];
    struct stats_logistic both = {start->offset, start->slope, {0}, NULL};
    struct stats_logistic shift = {start->intercept, 1, {0}, NULL};
    sample->view = *view;
    stats_bins_fill(bin, view);
    for (int k = 0; k < 2; k++) sample->ece[k] = stats_bins_ece(bin[k], NULL);
    stats_logistic_fit(&both, view, STATS_CLOSE);
    sample->slope = both.slope;
    stats_shift_fit(&shift, view, STATS_CLOSE);
    sample->intercept = shift.offset;
}

void stats_sample_measure(double *value, const struct stats_sample *sample,
                          enum leadseq_metric_needs needs)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++)
        if (leadseq_metrics[k]->needs == needs) value[k] = leadseq_metrics[k]->value(sample);
}

struct leadseq_confusion stats_counts(const struct stats_view *v, size_t called)
{
    size_t count[2][2] = {{0}};
    for (size_t r = 0; r < v->n; r++)
        count[r < called][v->truth[r]] += v->weight ? v->weight[r] : 1;
    return (struct leadseq_confusion){
        .tp = count[1][1], .fp = count[1][0], .fn = count[0][1], .tn = count[0][0]};
}

void stats_measure(double *value, const struct stats_view *view, size_t called,
                   const struct leadseq_scored *of)
{
    struct stats_sample sample = {0}; // without a threshold all counts stay 0: metrics are NaN
    stats_sample_order(&sample, view);
    stats_sample_probabilities(&sample, view, of);
    if (!isnan(of->threshold)) sample.decisions = stats_counts(view, called);
    for (int k = 0; k < LEADSEQ_METRICS; k++) value[k] = leadseq_metrics[k]->value(&sample);
}

void leadseq_measure(double value[LEADSEQ_METRICS], const struct leadseq_scored *scored)
{
    struct stats_view view = stats_view_of(scored);
    stats_measure(value, &view, scored->called, scored);
}

int leadseq_metric_of(double *value, enum leadseq_metric metric, const struct leadseq_predicted *p)
{
    const struct leadseq_metric_type *type = leadseq_metrics[metric];
    double all[LEADSEQ_METRICS];
    struct leadseq_scored scored;
    *value = NAN;
    if (type->plain) {
        *value = type->plain(p);
        return 0;
    }
    if (leadseq_scored_init(&scored, p->probability, p->label, p->n, p->threshold)) return -1;
    leadseq_measure(all, &scored);
    *value = all[metric];
    leadseq_scored_clear(&scored);
    return 0;
}
