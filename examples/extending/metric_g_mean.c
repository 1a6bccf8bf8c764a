/* SPDX-License-Identifier: MIT
 *
 * The geometric mean of sensitivity and specificity, √(sensitivity · specificity): 0 as soon as
 * one class is never found, whatever the other's share (Kubat & Matwin 1997).
 *
 * file  src/stats/metric_g_mean.c
 * row   src/stats/metric_table.h LEADSEQ_METRIC_TABLE METRIC(G_MEAN, g_mean)
 */
#include "metric.h"

#include <math.h>

static double g_mean(const struct stats_sample *sample)
{
    const struct leadseq_confusion *c = &sample->decisions;
    return sqrt(leadseq_sensitivity(c) * leadseq_specificity(c));
}

const struct leadseq_metric_type leadseq_metric_g_mean = {
    .name = "g_mean",
    .title = "G-mean",
    .needs = LEADSEQ_OF_DECISIONS,
    .place = LEADSEQ_IN_SUMMARY,
    .needs_positives = true,
    .needs_negatives = true,
    .value = g_mean,
};
