/* SPDX-License-Identifier: MIT
 *
 * The passes of an LSTM or a GRU over all steps of a batch, for rnn.c. A group of records goes from
 * step to step on one thread; the weights' gradient is taken afterwards, some units a thread.
 *
 * Units come in panels of sixteen, of which a row has four vectors side by side, where the tiles of
 * rnn_tile.h write their sums:
 *
 *   LSTM  i f g o        the activated gates; backward, the derivatives of their sums
 *   GRU   r z n n'       n' = V h + d of the last gate, which W x has no part in; the third is what
 *                        V h has no part in
 *
 * Units beyond K have weights of zero. */
#ifndef NN_RNN_STEPS_H
#define NN_RNN_STEPS_H

#include "rnn_tile.h"
#include "tensor.h"

/* A layer's sizes and memory, of one binding. */
struct nn_rnn {
    size_t steps, records, in, hidden, panels; /* T, N, C, K, K / 16 rounded up */
    int threads;
    bool gru, training;
    const struct nn_rnn_kernels *kernels;

    float *gates;           /* (T, panels, N, 64); evaluation: of one step */
    float *cells;           /* (T, panels, N, 16), of an LSTM; evaluation: of one step */
    float *bias;            /* (panels, 64) */
    float *w, *v;           /* (panels, C elements, 64), (panels, K elements, 64) */
    float *back_w, *back_v; /* (C / 64, panels, 64 / pair, 64), and of K; training */
    float *x, *last;        /* bfloat16: (N, C elements), (N, K elements) */
    float *halves;          /* bfloat16: (panels, N, 64 / pair), derivatives of a step */
    float *dh, *dx, *dc;    /* (N, K to whole 64s), (N, C to whole 64s), (panels, N, 16) */
    float *dw, *dv;         /* (C, panels, 64), (K, panels, 64) */
    double *db;             /* (panels, 64) */
    float *pairs;           /* bfloat16, of each thread: rows of x, h and of a panel in pairs */
    size_t bytes, kept;     /* of all; of those that backward reads */
};
/* What a pass reads and writes. */
struct nn_rnn_pass {
    const float *x, *w, *v, *b, *d, *dy; /* x (T, N, C); the layer's slices; dy (T, N, K) */
    float *h, *dx;                       /* (T, N, K), (T, N, C) or NULL */
    float *dw, *dv, *db, *dd;            /* added to */
};
/* Takes memory for the sizes that are set. */
int nn_rnn_init(struct nn_rnn *r) LEADSEQ_CHECKED;
void nn_rnn_clear(struct nn_rnn *r); /* takes zeros */
/* Sets `bytes` and `kept` alone. */
void nn_rnn_measure(struct nn_rnn *r);
void nn_rnn_forward(const struct nn_rnn *r, const struct nn_rnn_pass *p);
void nn_rnn_backward(const struct nn_rnn *r, const struct nn_rnn_pass *p);

#endif
