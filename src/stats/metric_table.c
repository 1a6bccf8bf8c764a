/* SPDX-License-Identifier: MIT
 *
 * The metrics as an array, made from the rows of metric_table.h. */
#include "stats/stats.h"

#define DECLARE(NAME, name) extern const struct leadseq_metric_type leadseq_metric_##name;
LEADSEQ_METRIC_TABLE(DECLARE, DECLARE)
#undef DECLARE

#define ENTRY(NAME, name) [LEADSEQ_##NAME] = &leadseq_metric_##name,
const struct leadseq_metric_type *const leadseq_metrics[LEADSEQ_METRICS] = {
    LEADSEQ_METRIC_TABLE(ENTRY, ENTRY)};
#undef ENTRY

#define NAME(NAME, name)   #name,
#define METRIC(NAME, name) LEADSEQ_##NAME,
const char *const leadseq_monitor_name[LEADSEQ_MONITORS + 1] = {
    LEADSEQ_METRIC_TABLE(LEADSEQ_MONITOR_NONE, NAME) "loss", NULL};
const enum leadseq_metric leadseq_monitor_metric[LEADSEQ_MONITOR_LOSS] = {
    LEADSEQ_METRIC_TABLE(LEADSEQ_MONITOR_NONE, METRIC)};
#undef NAME
#undef METRIC
