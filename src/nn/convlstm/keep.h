/* SPDX-License-Identifier: MIT
 *
 * What the ConvLSTM keeps of each step from forward to backward, and in which slot. For
 * steps_band.c. Owns no memory and knows only numbers of slots: all functions but nn_keep_choose()
 * are answers from a few numbers, so they may run concurrently. doc/convlstm.md works through five
 * steps; test/test_keep.c runs every T up to 14. */
#ifndef NN_KEEP_H
#define NN_KEEP_H

#include "nn/nn.h"

/* With only h of the last step as the layer's output, the T steps are divided into segments of L,
 * the last ones of each step t = T - 1, T - 1 - L, … (drawn for T = 8, L = 3; the first segment may
 * be shorter):
 *
 *   t        0   1 | 2   3   4 | 5   6   7
 *            a   b | a   a   b | a   a   b
 *   c            c           c   c   c   c
 *   h            h           h           is the output
 *   gates                        gates
 *
 * A step b keeps c and h: a segment can be run again from those before it. The steps a of the last
 * segment keep c and gates; h = o tanh(c). Ahead of the step b of an earlier segment, the backward
 * pass runs its steps a forward again, and what they keep goes into the slots of the last segment,
 * which is done with by then. The gates of steps b are computed again row by row, those of T - 1
 * too.
 *
 * With `low` memory no gates are kept: those of every step are computed again row by row. So steps
 * a keep h and c.
 *
 * Where the output is every h, all c are kept, no step is run again, and the gates of steps before
 * R are computed again row by row. */
struct nn_keep {
    int steps;    /* T */
    int length;   /* L, of a segment; T where the output is every h */
    int segments; /* ⌈T / L⌉ */
    int rewound;  /* R */
    bool last_only, training;
    bool keeps_h; /* steps a keep h and not only gates it follows from */
    bool bare;    /* no gates */
};

/* L: T with `high` memory, two fifths of the steps with `normal`, with `low` what takes least
 * memory; R: none, three fifths, all. Evaluation keeps one c, and h in turn. */
struct nn_keep nn_keep_choose(int steps, bool last_only, bool training, enum leadseq_memory memory);
/* The same where h does not follow from gates, since those are kept rounded: steps a keep h, too.
 */
struct nn_keep nn_keep_with_h(struct nn_keep k);
/* Number of slots: of gates (4S values each), c and h (S each). */
int nn_keep_gates(const struct nn_keep *k);
int nn_keep_c(const struct nn_keep *k);
int nn_keep_h(const struct nn_keep *k);

/* Where step t's are; -1: nowhere. */
int nn_keep_gates_at(const struct nn_keep *k, int t);
int nn_keep_c_at(const struct nn_keep *k, int t);
/* -1: in the output, also where that has but the last h: until then earlier ones use its place. */
int nn_keep_h_at(const struct nn_keep *k, int t);

/* Whether forward stores the gates of step t. */
bool nn_keep_stores_gates(const struct nn_keep *k, int t);
/* The first of the steps that must be run forward again, in order, before step t goes backward: up
 * to t - 1; t itself: none. */
int nn_keep_rewinds_from(const struct nn_keep *k, int t);
/* Whether h of step t is in memory in the backward pass. */
bool nn_keep_has_h(const struct nn_keep *k, int t);

#endif
