/* SPDX-License-Identifier: MIT
 *
 * What training, evaluating and measuring share: the resolved experiment, its stack and split,
 * what the model is fed, the network. A session owns all of it until train_session_close().
 *
 * bench measures a training's own session, so this header is also for it. */
#ifndef TRAIN_SESSION_H
#define TRAIN_SESSION_H

#include "environment.h"
#include "network.h"

struct train_session {
    struct leadseq_experiment e; /* resolved */
    struct leadseq_stack *stack;
    struct leadseq_labels labels; /* of the task, of every record of the stack */
    struct leadseq_split split;
    struct train_input input;
    struct train_network net;
};
/* The stack, what identifies it, the task's labels; s->e, as given, is resolved. */
int train_session_data(struct train_session *s, const char *data) LEADSEQ_CHECKED;
int train_session_split(struct train_session *s) LEADSEQ_CHECKED;
/* All of it; `threads`, unless 0, where train.threads is 0. */
int train_session_open(struct train_session *s, const struct leadseq_experiment *e,
                       const char *data, int threads) LEADSEQ_CHECKED;
void train_session_close(struct train_session *s);
/* Moments of the training records into s->input, where the experiment standardises. */
int train_fit_input(struct train_session *s) LEADSEQ_CHECKED;
/* Labels in a part, of one output and of all. */
struct train_counts train_count(const struct train_session *s, int part, int output);
void train_count_part(const struct train_session *s, int part, struct train_part *counts);
/* "6 records, 1 with infarction", "6 records: NORM 3, MI 2 (1 unknown)", in fresh memory. */
char *train_counts_text(const struct train_session *s, int part) LEADSEQ_CHECKED;
/* Records that are in no part for want of labels: of the part's folds (0 where the split is not by
 * folds), and, where part is -1, of the whole stack. */
size_t train_left_out(const struct train_session *s, int part);
/* "3 of 9 records are left out: …" for those without a known label, in fresh memory; an empty text
 * where all have one. */
char *train_left_out_text(const struct train_session *s) LEADSEQ_CHECKED;
/* Warns of outputs of which validation or test records have one class only. */
void train_warn_of_classes(const struct train_session *s);
/* Steps per epoch, and of the whole training. */
uint64_t train_epoch_steps(const struct train_session *s);
uint64_t train_total_steps(const struct train_session *s);
/* How training is fed: with its records, order and augmentation, this rank's part of each batch. */
struct leadseq_batch_options train_feed_options(const struct train_session *s);

#endif
