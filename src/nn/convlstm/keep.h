/* SPDX-License-Identifier: MIT
 *
 * What the ConvLSTM keeps of each step from forward to backward, and in which slot. For
 * steps_band.c. Owns no memory and knows only numbers of slots: all functions but nn_keep_choose()
 * are answers from a few numbers, so they may run concurrently. doc/convlstm.md works through five
 * steps; test/test_keep.c runs every T up to 14. */
#ifndef NN_KEEP_H
#define NN_KEEP_H

#include "nn/nn.h"

/* With only h of the last step as the layer's output, R steps rewound, T steps:
 *
 *   t    0   1   2   3  …  R-1 | R … T-2 | T-1
 *        a   b   a   b       b |         |
 *   c        c       c       c |    c    |  c
 *   h        h       h       h |         |  is the output
 *   gates                      |  gates  |
 *
 * In the backward pass, ahead of a step b, the step a that precedes it is run forward again, with
 * its gates and c going into the slots of step R, which is done with by then. The gates of steps b
 * and of T - 1 are computed again row by row. h of the other steps is o tanh(c). An odd R begins
 * with a step b.
 *
 * With `low` memory R = T - 2, and no gates are kept at all: those of every step are computed again
 * row by row. Step a, run forward again, leaves its h and c; one slot of h, 0, serves step T - 2
 * and then the steps a in turn.
 *
 * Where the output is every h, all c are kept, and the gates of steps before R are computed
 * again row by row. */
struct nn_keep {
    int steps, rewound;             /* T, R */
    bool last_only, training, bare; /* bare: no gates, though not every h is kept */
};

/* R: none with `high` memory, three fifths of the steps with `normal`, all that can be with `low`;
 * 0 in evaluation, which keeps one c and two h in turn. */
struct nn_keep nn_keep_choose(int steps, bool last_only, bool training, enum leadseq_memory memory);
/* Number of slots: of gates (4S floats each), c and h (S each). */
int nn_keep_gates(const struct nn_keep *k);
int nn_keep_c(const struct nn_keep *k);
int nn_keep_h(const struct nn_keep *k);

/* Slots of h, from 0, that are free when the backward pass begins: 2, or 0. */
int nn_keep_spare_h(const struct nn_keep *k);

/* Where step t's are; -1: nowhere. */
int nn_keep_gates_at(const struct nn_keep *k, int t);
int nn_keep_c_at(const struct nn_keep *k, int t);
int nn_keep_h_at(const struct nn_keep *k, int t); /* -1: in the output */

/* Whether forward stores the gates of step t; whether step t must be run forward again before the
 * backward pass reaches step t + 1; whether h of step t is in memory then. */
bool nn_keep_stores_gates(const struct nn_keep *k, int t);
bool nn_keep_rewinds(const struct nn_keep *k, int t);
bool nn_keep_has_h(const struct nn_keep *k, int t);

#endif
