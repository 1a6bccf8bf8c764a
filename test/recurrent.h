/* SPDX-License-Identifier: MIT
 *
 * A ConvLSTM of any shape on the rig, held against plain loops in double
 * precision. Failures end the test or are reported with the shape's name. */
#ifndef TEST_RECURRENT_H
#define TEST_RECURRENT_H

#include "reference.h"
#include "rig.h"

struct recurrent {
    int t, n, c, h, w, k, kernel; /* leads, batch, inputs, rows, columns, hidden */
    bool bias, last_only, without_dx;
};
/* The layer "lstm", its parameters drawn, bound for training on s->n records. */
void recurrent_build(struct rig *r, const struct recurrent *s,
                     const struct leadseq_engine_options *engine);

/* Everything the layer computes, from the rig's parameters; dy as the layer's y. */
struct recurrent_truth {
    struct ref_convlstm s;
    size_t n_w, n_b, n_h; /* n_h of one step */
    double *x, *w, *b, *h, *c, *gates, *dy;
    struct ref_convlstm_gradients d;
};
void recurrent_truth_init(struct recurrent_truth *u, struct rig *r, const struct recurrent *s,
                          const float *x, const float *dy);
void recurrent_truth_clear(struct recurrent_truth *u);

/* Largest difference from the plain loops, over the largest value there. */
struct recurrent_errors {
    double y, dx, dw, db;
    bool evaluation_differs; /* its y has other bits than training's */
};
struct recurrent_errors recurrent_measure(const struct recurrent *s,
                                          const struct leadseq_engine_options *engine);
/* Expects 1e-5 and the same bits in evaluation. */
void recurrent_compare(const struct recurrent *s, const struct leadseq_engine_options *engine,
                       const char *name);

#endif
