/* SPDX-License-Identifier: MIT
 *
 * The convolution to the gates on oneDNN, for steps_onednn.c. K hidden channels, C input
 * channels; tensors are in blocks of 16 channels, in NHWC or in NCHW, whichever oneDNN is fastest
 * with.
 *
 * A nn_gate_conv owns its primitives and copies and borrows the parameters; the tensors of a
 * step are the caller's. Its functions share those copies, so they must not run concurrently. */
#ifndef NN_GATECONV_H
#define NN_GATECONV_H

#include "nn/conv_weights.h"
#include "nn/layers.h"

/* A float32 tensor as the convolution multiplies it: itself or, in bf16, a copy that holds bfloat16
 * or float32 rounded to its values. */
struct nn_narrow {
    struct nn_tensor copy;
    struct nn_plan reorder; /* from any tensor of the shape */
};

/* The convolution to the gates' sums, of [h, x] (`recurrent`) or of x alone (the first step,
 * where h is zero). Inside, h comes first, so that its channels are at the offsets of c's; weights
 * and gradients of the parameter block have PyTorch's order [x, h]. */
struct nn_gate_conv {
    struct nn_convolution s;
    int hidden, inputs; /* K, C */
    bool recurrent;
    const float *weight; /* (4K, C + K, kernel, kernel) */
    dnnl_primitive_desc_t forward_pd;
    struct nn_tensor w, bias;
    struct nn_adapter w_forward, w_data;
    struct nn_narrow in, dgates;
    struct nn_plan forward, data;
    struct nn_conv_groups forward_groups, data_groups; /* in their place, where they have any */
    struct nn_conv_weights weights;
};
struct nn_gate_conv_options {
    int n, h, w, hidden, inputs, kernel;
    bool recurrent, training, need_data;
    enum nn_order order;  /* the tensors' layout */
    float *weight, *bias; /* bias NULL: none */
};
/* The layout of the ConvLSTM's tensors, by shape and instruction set, never by timing. */
enum nn_order nn_gate_conv_order(struct leadseq_engine *engine,
                                 const struct nn_gate_conv_options *o);
int nn_gate_conv_init(struct nn_gate_conv *g, struct leadseq_engine *engine,
                      const struct nn_gate_conv_options *o) LEADSEQ_CHECKED;
void nn_gate_conv_clear(struct nn_gate_conv *g);
/* One step each, in the direction of its name:
 *   forward   gates (N, 4K, H, W) = w * in + b
 *   weights   dw = in ⊠ dgates, db = Σ dgates, added inside until nn_gate_conv_add()
 *   data      din = w ⊛ dgates
 * Tensors are float32, whatever is multiplied. */
int nn_gate_conv_forward(struct nn_gate_conv *g, struct leadseq_engine *engine,
                         const struct nn_tensor *in, const struct nn_tensor *gates) LEADSEQ_CHECKED;
int nn_gate_conv_weights(struct nn_gate_conv *g, struct leadseq_engine *engine,
                         const struct nn_tensor *in,
                         const struct nn_tensor *dgates) LEADSEQ_CHECKED;
/* After nn_gate_conv_weights() of the same dgates. */
int nn_gate_conv_data(struct nn_gate_conv *g, struct leadseq_engine *engine,
                      const struct nn_tensor *dgates, const struct nn_tensor *din) LEADSEQ_CHECKED;
/* Brings the parameters into the primitives' layouts, before the first step. */
int nn_gate_conv_load(struct nn_gate_conv *g, struct leadseq_engine *engine) LEADSEQ_CHECKED;
/* Adds what nn_gate_conv_weights() summed to gradients in the block's order; dbias may be NULL. */
int nn_gate_conv_add(struct nn_gate_conv *g, struct leadseq_engine *engine, float *dweight,
                     float *dbias) LEADSEQ_CHECKED;

#endif
