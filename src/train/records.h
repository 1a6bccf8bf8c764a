/* SPDX-License-Identifier: MIT
 *
 * What a run writes as JSON, each file replaced as a whole: environment.json, input.json,
 * metrics.json. */
#ifndef TRAIN_RECORDS_H
#define TRAIN_RECORDS_H

#include "stats/stats.h"

#include "environment.h"
#include "input.h"

int train_environment_write(const struct train_environment *env, const struct train_input *input,
                            const char *path) LEADSEQ_CHECKED;
int train_input_write(const struct train_input *input, const char *path) LEADSEQ_CHECKED;
int train_input_read(struct train_input *input, const char *path) LEADSEQ_CHECKED;

struct train_output_scores { /* of the records whose label is known */
    const char *name;
    size_t n, positive, unknown;
    double value[LEADSEQ_MONITOR_LOSS], threshold; /* value: of leadseq_monitor_metric */
    struct leadseq_confusion at_threshold;
};
struct train_scores {       /* of one part */
    const char *checkpoint; /* "best" */
    uint64_t epoch, step;
    size_t n, empty;             /* empty: of records that show nothing, which are among the n */
    size_t left_out;             /* as in struct train_part; of another stack: all without labels */
    double loss, class_accuracy; /* class_accuracy: of classes that exclude each other, else NaN */
    const char *threshold_origin;
    enum leadseq_precision computed_in;
    const char *stack; /* where it is not the one the run was trained on, else NULL */
    int outputs;
    struct train_output_scores output[LEADSEQ_OUTPUTS_MOST];
};
/* Whether scores can be added to a metrics.json: it is absent, or JSON. */
int train_scores_check(const char *path) LEADSEQ_CHECKED;
/* Puts the scores under parts.NAME of a metrics.json, which may exist already. */
int train_scores_write(const struct train_scores *scores, const char *part,
                       const char *path) LEADSEQ_CHECKED;
/* Only the counts, where the part has no scores in the file. */
int train_counts_write(const struct train_part *counts, const char *part,
                       const char *path) LEADSEQ_CHECKED;

#endif
