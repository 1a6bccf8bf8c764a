/* SPDX-License-Identifier: MIT
 *
 * A rig for tests of layers: builds a chain, binds it, and runs it on plain
 * arrays. Every failure ends the test with the library's message. */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include "nn/nn_private.h"

struct rig {
    struct leadseq_engine *engine;
    struct leadseq_params params, state;
    struct nn_store store; /* for the layers' constructors */
    struct nn_chain chain;
    struct nn_bound_chain bound;
    size_t n_x, n_y; /* values of input and output of the binding */
    bool without_dx; /* set before rig_bind(): training does not ask for dx */
};

void rig_init(struct rig *r, int threads);
/* The same with any engine. */
void rig_open(struct rig *r, const struct leadseq_engine_options *options);
void rig_add(struct rig *r, struct nn_layer *layer);
/* Allocates and draws the parameters; after the last rig_add(). */
void rig_build(struct rig *r, uint64_t seed);
/* (Re)binds for a batch; training asks for dx as well, unless it is not wanted. */
void rig_bind(struct rig *r, int batch, bool training);
void rig_clear(struct rig *r);

/* Plain NCHW in and out; y may be NULL. */
void rig_forward(struct rig *r, const float *x, float *y);
/* Zeroes the gradients first; dx may be NULL. */
void rig_backward(struct rig *r, const float *dy, float *dx);
float *rig_value(struct rig *r, const char *slice);
float *rig_gradient(struct rig *r, const char *slice);

/* n floats from [-1, 1), keyed by seed; the caller frees. */
float *rig_random(size_t n, uint64_t seed);
float *rig_floats(size_t n);

#endif
