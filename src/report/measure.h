/* SPDX-License-Identifier: MIT
 *
 * Between the files that measure. Each step needs those before it:
 *
 *   report_outputs_split      a comparison of each output
 *   report_measure            every metric of every model, by one bootstrap of all
 *   report_pairs_measure      two models each
 *   report_outputs_measure    means over the outputs
 *   report_joint_measure      the outputs together
 *   report_groups_measure, report_subgroups_measure */
#ifndef REPORT_MEASURE_H
#define REPORT_MEASURE_H

#include "comparison.h"

/* --- measure.c -------------------------------------------------------------------- */

struct leadseq_bootstrap_options report_bootstrap_options(const struct report *report);
size_t report_resamples(const struct report *report);
int report_measure(struct report *report) LEADSEQ_CHECKED;
void report_measured_clear(struct report_model *model);
struct leadseq_predicted report_predicted(const struct report *report,
                                          const struct report_model *model);
/* A metric with its customary interval: none where a class has too few records for one. */
int report_estimate(struct leadseq_estimate *estimate, enum leadseq_metric metric,
                    const struct leadseq_predicted *predicted) LEADSEQ_CHECKED;
extern const char *const report_few;
/* The figure of a metric of model i among those resampled together. */
static inline size_t report_figure(const struct report *r, size_t model, size_t metric)
{
    return (r->first_block + model) * LEADSEQ_METRICS + metric;
}
/* What has no value keeps its own reason. */
void report_drop_interval(struct leadseq_estimate *estimate, const char *why);
/* The difference alone stays. */
void report_drop_difference(struct leadseq_difference *difference, const char *why);

/* --- pairs.c ------------------------------------------------------------------------ */

/* The method of a difference whose p is that of the exchange. */
extern const char *const report_rough;
/* All pairs of inputs, without figures. */
int report_pairs_make(struct report *report) LEADSEQ_CHECKED;
int report_pairs_measure(struct report *report) LEADSEQ_CHECKED;
/* Of several outputs: each output's pairs; of the comparison's own the exchange alone. */
int report_pairs_measure_outputs(struct report *report) LEADSEQ_CHECKED;
/* Holm's correction over the pairs, each metric a family of its own. */
int report_pairs_correct(struct report *report) LEADSEQ_CHECKED;

/* --- outputs.c, joint.c, seeds.c, subgroups.c --------------------------------------------------
 */

int report_outputs_split(struct report *report) LEADSEQ_CHECKED;
int report_outputs_measure(struct report *report) LEADSEQ_CHECKED;
/* Whether the outputs are the five superclasses, in their order. */
bool report_are_superclasses(const struct report *report);
int report_joint_measure(struct report *report) LEADSEQ_CHECKED;
void report_outputs_clear(struct report *report);
int report_groups_measure(struct report *report) LEADSEQ_CHECKED;
void report_groups_clear(struct report *report);
int report_subgroups_measure(struct report *report) LEADSEQ_CHECKED;
void report_subgroups_clear(struct report *report);
/* Whether the metric is that of all records in this subgroup: of records without infarction. */
bool report_is_shared(const struct report_subgroup *subgroup, enum leadseq_metric metric);

#endif
