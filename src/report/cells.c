/* SPDX-License-Identifier: MIT
 *
 * Cells and columns that most tables for people have, and which metrics a table shows. */
#include "cells.h"

size_t report_metrics_of(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_needs needs)
{
    size_t n = 0;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++)
        if (leadseq_metrics[k]->needs == needs) metric[n++] = (enum leadseq_metric)k;
    return n;
}

size_t report_metrics_in(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_place place)
{
    size_t n = 0;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++)
        if (leadseq_metrics[k]->place >= place) metric[n++] = (enum leadseq_metric)k;
    return n;
}

int report_decimals(enum leadseq_metric metric)
{
    return leadseq_metrics[metric]->decimals ? leadseq_metrics[metric]->decimals : 3;
}

void report_add_estimate(struct leadseq_table *t, const struct leadseq_estimate *e,
                         enum leadseq_metric metric)
{
    leadseq_table_interval(t, report_decimals(metric), false, e->value, e->low, e->high);
    if (isnan(e->value) || isnan(e->low) || isnan(e->high))
        leadseq_table_remark(t, e->method ? e->method : "not defined");
}

void report_add_difference(struct leadseq_table *t, const struct leadseq_difference *d)
{
    leadseq_table_interval(t, 3, true, d->difference, d->low, d->high);
    if (isnan(d->difference) || isnan(d->low))
        leadseq_table_remark(t, d->method ? d->method : "not defined");
}

void report_add_p(struct leadseq_table *t, double p)
{
    char text[32];
    leadseq_p_text(text, p);
    leadseq_table_cell(t, "%s", text);
}

void report_add_models(struct leadseq_table *t, const struct report *r, size_t models)
{
    for (size_t i = 0; i < models; i++) leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
}

struct leadseq_table *report_table_metrics(const struct report *r, const char *caption,
                                           const enum leadseq_metric *metric, size_t n)
{
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    report_add_models(t, r, r->n_models);
    for (size_t k = 0; k < n; k++) {
        leadseq_table_cell(t, "%s", leadseq_metrics[metric[k]]->title);
        for (size_t i = 0; i < r->n_models; i++)
            report_add_estimate(t, &r->model[i].metric[metric[k]], metric[k]);
    }
    return t;
}
