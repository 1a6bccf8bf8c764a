/* SPDX-License-Identifier: MIT
 *
 * What a run's model is fed: how records are drawn or sampled, and scaled (RUN/input.json), and
 * whether a stack has them that way. */
#ifndef TRAIN_INPUT_H
#define TRAIN_INPUT_H

#include "train/train.h"

struct train_input { /* RUN/input.json: enough to draw and scale a record as in training */
    char style[32];
    struct leadseq_drawing drawing;
    double mean[3], deviation[3]; /* of each colour's p; 0 and 1 where not normalised */
    /* Signals: samples of a lead (0: images are read), the gain they are stored with (0: float32),
     * and the moments of each lead in standard order. Of `drawing` rate_hz and preparation count.
     */
    size_t samples;
    double gain;
    double lead_mean[LEADSEQ_LEADS], lead_deviation[LEADSEQ_LEADS];
    char source[256];  /* of the stack's data */
    char checksum[32]; /* of the stack's contents, leadseq_train_checksum() */
};
/* "signals of 1000 samples at 100 Hz, high-pass 0.5 Hz": of a stack that has them. */
void train_signals_text(char text[256], const struct leadseq_drawing *drawing, size_t samples);
/* Whether a stack is drawn, or sampled, as the run's input; the message says what differs. */
int train_input_check(const struct train_input *input,
                      const struct leadseq_stack *stack) LEADSEQ_CHECKED;

#endif
