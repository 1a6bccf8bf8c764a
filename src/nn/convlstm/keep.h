/* SPDX-License-Identifier: MIT
 *
 * What the ConvLSTM keeps of each step from forward to backward, and in which slot. For
 * steps_band.c alone. Knows no memory, only numbers of slots. */
#ifndef NN_KEEP_H
#define NN_KEEP_H

#include "nn/nn.h"

/* With h of the last step alone as the layer's output, R steps rewound, T steps:
 *
 *   t    0   1   2   3  …  R-1 | R … T-2 | T-1
 *        a   b   a   b       b |         |
 *   c        c       c       c |    c    |  c
 *   h        h       h       h |         |  is the output
 *   gates                      |  gates  |
 *
 * On the way back, before a step b, the step a before it is run forward again, its gates and c
 * into the slots of step R, which is done with by then. The gates of steps b and of T - 1 are
 * computed again row by row. Elsewhere h = o tanh(c). An odd R begins with a step b.
 *
 * With `low` memory R = T - 2, and no gates are kept at all: those of every step are computed again
 * row by row. Step a, run forward again, leaves its h and c; one slot of h, 0, is for whichever of
 * the steps a, and T - 2, is in work.
 *
 * Where the output is every h, all c are kept, and the gates of steps before R are computed
 * again row by row. */
struct nn_keep {
    int steps, rewound;             /* T, R */
    bool last_only, training, bare; /* bare: no gates, though not every h is kept */
};

/* R: 0 with `high` memory, three fifths of the steps, or as many as can be. */
struct nn_keep nn_keep_choose(int steps, bool last_only, bool training, enum leadseq_memory memory);
/* How many slots there are: of gates (4S floats each), c and h (S each). */
int nn_keep_gates(const struct nn_keep *k);
int nn_keep_c(const struct nn_keep *k);
int nn_keep_h(const struct nn_keep *k);

/* Slots of h, from 0, that nothing is in when the way back begins: 2, or 0. */
int nn_keep_spare_h(const struct nn_keep *k);

/* Where step t's are; -1: nowhere. */
int nn_keep_gates_at(const struct nn_keep *k, int t);
int nn_keep_c_at(const struct nn_keep *k, int t);
int nn_keep_h_at(const struct nn_keep *k, int t); /* -1: in the output */

/* Whether forward stores the gates of step t; whether step t must be run forward again before the
 * way back reaches the step after it; whether h of step t is still there then. */
bool nn_keep_stores_gates(const struct nn_keep *k, int t);
bool nn_keep_rewinds(const struct nn_keep *k, int t);
bool nn_keep_has_h(const struct nn_keep *k, int t);

#endif
