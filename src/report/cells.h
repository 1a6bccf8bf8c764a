/* SPDX-License-Identifier: MIT
 *
 * Between the files that write tables: cells and columns that most of them have. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include "comparison.h"

/* An estimate with its interval, or with the words that take its place. */
void report_add_estimate(struct leadseq_table *table, const struct leadseq_estimate *e,
                         enum leadseq_metric metric);
void report_add_difference(struct leadseq_table *table, const struct leadseq_difference *d);
void report_add_p(struct leadseq_table *table, double p);
/* A column for each model (inputs: without the constant classifier). */
void report_add_models(struct leadseq_table *table, const struct report *report, size_t models);
int report_decimals(enum leadseq_metric metric);
/* The metrics of a section, into metric; returns how many. */
size_t report_metrics_of(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_needs needs);
/* Those shown at least there. */
size_t report_metrics_in(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_place place);
/* A row for each metric, a column for each model: it stays readable on a phone. */
struct leadseq_table *report_table_metrics(const struct report *report, const char *caption,
                                           const enum leadseq_metric *metric,
                                           size_t n) LEADSEQ_CHECKED;

#endif
