/* SPDX-License-Identifier: MIT
 *
 * A chain of layers on the test bench: plain arrays in, plain arrays out,
 * whatever layout the layers are given in between. Failures end the test. */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H

#include "nn/nn_private.h"

struct bench {
    struct leadseq_engine *engine;
    struct leadseq_params params, state;
    struct nn_store store;
    struct nn_chain chain;
    struct nn_bound_chain bound;
    struct nn_tensor x, dy;       /* in the layout asked for */
    float *in, *out, *dout, *din; /* plain: x, y, dy, dx */
    size_t n_in, n_out;
    float *probe; /* u of the loss Σ u y that bench_loss() computes */
};

void bench_open(struct bench *r);
void bench_add(struct bench *r, struct nn_layer *layer);
/* Allocates and draws the parameters, unless an earlier call did, and binds.
 * Input and dy are random at first. */
struct bench_bind {
    int batch;
    bool evaluate;
    dnnl_format_tag_t tag; /* layout of x and dy; 0: plain */
    enum nn_values values; /* how x and dy are held */
};
void bench_bind(struct bench *r, const struct bench_bind *o);
void bench_close(struct bench *r);

void bench_forward(struct bench *r);  /* in -> out */
void bench_backward(struct bench *r); /* dout -> din, and gradients; zeroes those first */

/* Σ probe · out after a forward pass, in double. */
double bench_loss(void *bench);
/* Central differences of that loss by every parameter and every input against
 * backward's gradients: the worse of both (see check_differences()). */
double bench_differences(struct bench *r, double step);

#endif
