/* SPDX-License-Identifier: MIT
 *
 * Between the files that write report.json. */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include "report_private.h"

struct leadseq_json *results_estimate(const struct leadseq_estimate *e);
struct leadseq_json *results_difference(const struct leadseq_difference *d);
/* A model's superclasses: each against the rest, their means, who was called what. */
struct leadseq_json *results_classes(const struct report_model *model);
/* Seeds, subgroups and checklists. */
void results_set_more(struct leadseq_json *json, const struct report *report);

#endif
