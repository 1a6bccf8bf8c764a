/* SPDX-License-Identifier: MIT
 *
 * steps.tsv and history.tsv, row by row. */
#ifndef TRAIN_TABLES_H
#define TRAIN_TABLES_H

#include "train/train.h"

#include "monitor.h"

/* Opens a table for appending: keeps the rows whose first column is at most `last`, drops later
 * and half-written ones, writes the header into a new one. */
FILE *train_table_open(const char *path, const char *header, uint64_t last) LEADSEQ_CHECKED;
extern const char train_steps_header[], train_history_header_old[];
/* Of a training with these outputs, in fresh memory; several have a column valid_auc_NAME each. */
char *train_history_header(const struct leadseq_task *task) LEADSEQ_CHECKED;
/* Whether a table exists and this is its first line. */
bool train_table_is(const char *path, const char *header);

struct train_step_row {
    uint64_t step, epoch;
    double cost, grad_norm, lr;
    bool probed, counted; /* logits looked at; gradients counted */
    double logit_mean, logit_min, logit_max;
    int saturated;        /* records whose float32 probability is exactly 0 or 1 */
    double zero_gradient; /* share of gradients that are exactly 0 */
    double waited_s, step_s, probe_s;
    const struct leadseq_step *seen; /* with the cells hooks filled */
};
int train_steps_append(FILE *steps, const struct train_step_row *row) LEADSEQ_CHECKED;
struct train_history_row {
    uint64_t epoch, step;
    double train_loss, train_auc, lr, seconds;
    bool validated, best;
    struct train_validation valid;
    int outputs;
    bool old; /* without the columns the old header lacks */
};
int train_history_append(FILE *history, const struct train_history_row *row) LEADSEQ_CHECKED;
/* Seconds of training up to its last row, 0 where it has none. */
double train_history_seconds(FILE *history);

#endif
