/* SPDX-License-Identifier: MIT
 *
 * Predictions of a network for records of a stack, and the threshold chosen on them. */
#ifndef TRAIN_PREDICT_H
#define TRAIN_PREDICT_H

#include "network.h"

struct train_predictions {
    size_t n;
    const size_t *position;      /* (n), the caller's */
    double *logit, *probability; /* (n) */
    uint8_t *label;              /* (n) */
    double loss;                 /* mean cost */
};
/* Predicts records of a stack in their order; every rank gets all predictions. 0 done; 1 stopped
 * by a signal, with what is predicted so far; -1 failed. */
int train_predict(struct train_predictions *p, struct train_network *net,
                  const struct leadseq_experiment *e, const struct train_input *input,
                  struct leadseq_stack *stack, const size_t *position, size_t n,
                  const char *label) LEADSEQ_CHECKED;
void train_predictions_clear(struct train_predictions *p);
/* The probability of the largest Youden index, or its nine printed digits where they are lower:
 * the record it is taken from is positive whether probabilities are compared as computed or as
 * printed. NaN where a class is absent. */
double train_threshold(const struct train_predictions *p);

#endif
