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
