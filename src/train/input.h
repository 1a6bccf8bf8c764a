/* SPDX-License-Identifier: MIT
 *
 * What a run's model is fed: how records are drawn and scaled (RUN/input.json), and whether a
 * stack is drawn that way. */
#ifndef TRAIN_INPUT_H
#define TRAIN_INPUT_H

#include "train/train.h"

struct train_input { /* RUN/input.json: enough to draw and scale a record as in training */
    char style[32];
    struct leadseq_drawing drawing;
    double mean[3], deviation[3]; /* of each colour's p; 0 and 1 where not normalised */
    char source[256];             /* of the stack's data */
    char checksum[32];            /* of the stack's contents, leadseq_train_checksum() */
};
/* Whether a stack is drawn as the run's input; the message says what differs. */
int train_input_check(const struct train_input *input,
                      const struct leadseq_stack *stack) LEADSEQ_CHECKED;

#endif
