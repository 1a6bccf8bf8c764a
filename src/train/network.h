/* SPDX-License-Identifier: MIT
 *
 * An experiment's network: engine, model, room for the logits of a pass.
 *
 * A network is used by one thread at a time. On several ranks its passes are collective: every
 * rank runs the same passes in the same order. */
#ifndef TRAIN_NETWORK_H
#define TRAIN_NETWORK_H

#include "input.h"

struct train_network {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    int whole;   /* records of a pass, of all ranks: train.batch / train.accumulate */
    int batch;   /* of this rank's part of it */
    int outputs; /* logits per record, as many as the task has */
    float *logit,
        *dlogit; /* (whole + 1, outputs): the last for a rank without a record in a pass */
};
int train_network_open(struct train_network *net, const struct leadseq_experiment *e,
                       const struct train_input *input, int threads) LEADSEQ_CHECKED;
void train_network_close(struct train_network *net);
/* Whether a pass has a record for every rank. */
int train_ranks_check(const struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* How images or signals reach it, of these the window in the middle; without records and shuffling.
 */
struct leadseq_batch_options train_batch_options(const struct leadseq_experiment *e,
                                                 const struct train_network *net,
                                                 const struct train_input *input);

#endif
