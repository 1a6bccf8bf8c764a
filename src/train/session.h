/* SPDX-License-Identifier: MIT
 *
 * What training, evaluating and measuring share: the resolved experiment, its stack and split,
 * what the model is fed, the network. A session owns all of it until train_session_close().
 *
 * bench measures a training's own session, so this header is also for it. */
#ifndef TRAIN_SESSION_H
#define TRAIN_SESSION_H

#include "network.h"

struct train_session {
    struct leadseq_experiment e; /* resolved */
    struct leadseq_stack *stack;
    struct leadseq_split split;
    struct train_input input;
    struct train_network net;
};
/* The stack and what identifies it; s->e, as given, is resolved. */
int train_session_data(struct train_session *s, const char *data) LEADSEQ_CHECKED;
int train_session_split(struct train_session *s) LEADSEQ_CHECKED;
/* All of it; `threads`, unless 0, where train.threads is 0. */
int train_session_open(struct train_session *s, const struct leadseq_experiment *e,
                       const char *data, int threads) LEADSEQ_CHECKED;
void train_session_close(struct train_session *s);
/* Moments of the training records into s->input, where the experiment standardises. */
int train_fit_input(struct train_session *s) LEADSEQ_CHECKED;
/* Positive records of a part. */
size_t train_positives(const struct train_session *s, int part);
/* Steps per epoch, and of the whole training. */
uint64_t train_epoch_steps(const struct train_session *s);
uint64_t train_total_steps(const struct train_session *s);
/* How training is fed: with its records, order and augmentation, this rank's part of each batch. */
struct leadseq_batch_options train_feed_options(const struct train_session *s);

#endif
