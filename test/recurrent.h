/* SPDX-License-Identifier: MIT
 *
 * A ConvLSTM of any shape on the rig, computed in any way there is, held against
 * plain loops in double precision. Failures end the test or are reported with
 * the names of shape and way. */
#ifndef TEST_RECURRENT_H
#define TEST_RECURRENT_H

#include "reference.h"
#include "rig.h"

struct recurrent {
    int t, n, c, h, w, k, kernel; /* leads, batch, inputs, rows, columns, hidden */
    bool bias, last_only, without_dx;
    bool norm; /* layer norm of the gates, whose gain and shift are drawn too */
};
/* How it is computed. */
struct recurrent_way {
    const char *name;
    enum leadseq_precision precision;
    enum leadseq_memory memory;
    bool compose; /* of plain layers, on oneDNN */
    int threads;
    double bound; /* on the largest difference over the largest value */
};
/* The layer "lstm", its parameters drawn, bound for training on s->n records. */
void recurrent_build(struct rig *r, const struct recurrent *s, const struct recurrent_way *way);

/* Everything the layer computes, from the rig's parameters; dy as the layer's y. */
struct recurrent_truth {
    struct ref_convlstm s;
    size_t n_w, n_b, n_h; /* n_h of one step */
    double *x, *w, *b, *h, *c, *gates, *dy;
    double *gain, *shift;
    struct ref_convlstm_gradients d;
};
void recurrent_truth_init(struct recurrent_truth *u, struct rig *r, const struct recurrent *s,
                          const float *x, const float *dy);
void recurrent_truth_clear(struct recurrent_truth *u);

/* Runs the shape in each way and expects outputs and all gradients within the way's
 * bound of the plain loops, and the bits of training's y in evaluation. */
void recurrent_compare(const struct recurrent *s, const struct recurrent_way *ways, int n_ways);

#endif
