/* SPDX-License-Identifier: MIT
 *
 * Predictions of a network for records of a stack, and the threshold chosen on them.
 *
 * Values are stored by output, so that each output's are an array by itself: logit[k · n + i] is
 * of record i and output k. */
#ifndef TRAIN_PREDICT_H
#define TRAIN_PREDICT_H

#include "stats/stats.h"

#include "network.h"

struct train_predictions {
    size_t n;
    int outputs;
    const size_t *position;      /* (n), the caller's */
    double *logit, *probability; /* (outputs, n) */
    uint8_t *label;              /* (outputs, n) 0, 1 or LEADSEQ_UNKNOWN */
    double loss;                 /* mean cost */
};
/* Predicts records of a stack, whose labels are `labels`, in their order; every rank gets all
 * predictions. 0 done; 1 stopped by a signal, with what is predicted so far; -1 failed. */
int train_predict(struct train_predictions *p, struct train_network *net,
                  const struct leadseq_experiment *e, const struct train_input *input,
                  struct leadseq_stack *stack, const struct leadseq_labels *labels,
                  const size_t *position, size_t n, const char *name) LEADSEQ_CHECKED;
void train_predictions_clear(struct train_predictions *p);

/* The records of an output whose label is known, for the statistics of one label. */
struct train_output {
    size_t n, positive, unknown;
    double *probability; /* (n) */
    uint8_t *label;      /* (n) */
};
int train_output_init(struct train_output *o, const struct train_predictions *p,
                      int output) LEADSEQ_CHECKED;
void train_output_clear(struct train_output *o);
/* The probability of the largest Youden index, or its nine printed digits where they are lower:
 * the record it is taken from is positive whether probabilities are compared as computed or as
 * printed. NaN where a class is absent. */
double train_threshold(const struct train_output *o);
/* The mean over the outputs where a value is defined, NaN where it is nowhere. */
double train_macro(const double *value, int outputs);

/* A score for a person: "0.8333", or "undefined" where it is NaN, as an AUC of one class; `text`.
 */
enum { TRAIN_SCORE_TEXT = 24 };
const char *train_score_text(char text[TRAIN_SCORE_TEXT], double value);

#endif
