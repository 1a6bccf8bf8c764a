/* SPDX-License-Identifier: MIT
 *
 * Where a training is, and the file that holds it. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "network.h"

struct train_best {     /* what the best epoch so far had */
    uint64_t epoch;     /* 1, 2, …; 0: none yet */
    double value, loss; /* value: of train.monitor */
};
struct train_patience {
    double value;   /* the monitor's, when it last improved by min_delta; NaN: never yet */
    uint64_t epoch; /* when that was */
};
struct train_state {                        /* where a training is, besides weights and moments */
    uint64_t step;                          /* steps taken */
    uint64_t epoch;                         /* epochs finished, validation included */
    uint64_t batch;                         /* steps of the present epoch */
    double loss_sum;                        /* of the present epoch, over records */
    double loss_smooth;                     /* Σ of costs, each .02 · .98^age, of the phase */
    uint64_t seen;                          /* records of the present epoch */
    int outputs;                            /* of a record; 0 means 1 */
    float *logit;                           /* (seen, outputs) in the order the records came */
    uint8_t *label;                         /* (seen, outputs) 0, 1 or LEADSEQ_UNKNOWN */
    double threshold[LEADSEQ_OUTPUTS_MOST]; /* (outputs) of the last validation, NaN: none */
    uint64_t threshold_epoch;
    struct train_best best;
    struct train_patience patience;
};
/* At the beginning of a training: no thresholds, no best epoch. */
void train_state_init(struct train_state *state);
/* Weights, running statistics and the state; the moments and the present epoch too where `o` is
 * not NULL. The file under `path` is replaced as a whole. */
int train_checkpoint_write(const char *path, const struct train_network *net,
                           const struct leadseq_optimizer *o,
                           const struct train_state *state) LEADSEQ_CHECKED;
/* Reads it back; `o` NULL: weights, step, epoch and threshold only. state->logit and label have
 * room for `room` records. */
int train_checkpoint_read(const char *path, struct train_network *net, struct leadseq_optimizer *o,
                          struct train_state *state, size_t room) LEADSEQ_CHECKED;

#endif
