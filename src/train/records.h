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

struct train_scores {       /* of one part at one threshold */
    const char *checkpoint; /* "best" */
    uint64_t epoch, step;
    size_t n, positive;
    double loss, auc, average_precision, brier, threshold;
    const char *threshold_origin;
    enum leadseq_precision computed_in;
    struct leadseq_confusion at_threshold;
};
/* Puts the scores under parts.NAME of a metrics.json, which may exist already. */
int train_scores_write(const struct train_scores *scores, const char *part,
                       const char *path) LEADSEQ_CHECKED;
/* Only the counts, where the part has no scores in the file. */
int train_counts_write(size_t n, size_t positive, const char *part,
                       const char *path) LEADSEQ_CHECKED;

#endif
