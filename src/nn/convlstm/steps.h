/* SPDX-License-Identifier: MIT
 *
 * Between the ConvLSTM layer (convlstm.c) and the ways to compute its steps. The layer owns the
 * parameters and runs the loop over time; a way owns everything it keeps from forward to
 * backward. There are three:
 *
 *   steps_band.c     our own kernels, band by band; what is kept follows keep.h
 *   steps_norm.c     the same kernels with layer norm of the gates
 *   steps_onednn.c   oneDNN's convolution and a pass over the gates; wide channels
 *
 * The layer takes the first that suits the shape, so that the choice, and with it the bits,
 * never depends on timing. doc/convlstm.md explains the engine with an example.
 *
 * Threads: a binding belongs to one thread at a time, which calls the functions below in order;
 * each of them divides its own work among the engine's threads. Different bindings may run
 * concurrently as long as their engines differ and only one of them writes gradients. */
#ifndef NN_STEPS_H
#define NN_STEPS_H

#include "nn/layers.h"

/* First member of what a binding of a ConvLSTM holds in b->state. */
struct nn_steps {
    const struct nn_steps_type *type;
};

/* All but `suits` and `need` work on a binding; -1 with a message on failure. Order of calls:
 *   bind, bind_backward (training)
 *   begin, forward(0) … forward(T - 1)
 *   begin_backward, backward(T - 1) … backward(0), end_backward   after that forward pass
 *   unbind */
struct nn_steps_type {
    const char *name;
    bool (*suits)(const struct nn_layer *layer, const struct leadseq_engine *engine, int batch);
    /* Describes b->y; sets b->state, also where it fails, so that unbind can free it. */
    int (*bind)(struct nn_bound *b);
    int (*bind_backward)(struct nn_bound *b); /* describes b->dx if b->need_dx */
    int (*begin)(struct nn_bound *b);         /* x and the weights have their values */
    int (*forward)(struct nn_bound *b, const struct nn_pass *pass, int t);
    int (*begin_backward)(struct nn_bound *b); /* dy has its values */
    int (*backward)(struct nn_bound *b, const struct nn_pass *pass, int t);
    int (*end_backward)(struct nn_bound *b); /* the parameters' gradients are complete after it */
    void (*unbind)(struct nn_bound *b);
    void (*need)(const struct nn_layer *layer, int batch, bool training, struct nn_need *need);
};
extern const struct nn_steps_type nn_steps_onednn, nn_steps_band, nn_steps_norm;

/* --- What every way needs of the layer (steps.c) ------------------------------------------ */

struct nn_convlstm {
    struct nn_layer layer;
    struct nn_convlstm_options o;
    int weight, bias;           /* slices; bias -1: none */
    int norm_weight, norm_bias; /* without norm not set */
};
const struct nn_convlstm_options *nn_convlstm_options_of(const struct nn_layer *layer);

/* The parameters, or where their gradients go; borrowed from the store, valid as long as it is.
 * weight (4K, C + K, kernel, kernel), the others (4K); bias NULL: none; gain (γ) and shift (β)
 * of the gates' layer norm NULL: no norm. */
struct nn_convlstm_values {
    float *weight, *bias, *gain, *shift;
};
struct nn_convlstm_values nn_convlstm_parameters(const struct nn_layer *layer);
struct nn_convlstm_values nn_convlstm_gradients(const struct nn_layer *layer);

/* x_t, or its gradient, within `x` (T·N, C, H, W), plain. */
float *nn_step_of_x(const struct nn_bound *b, float *x, int t);
/* h_t, or its gradient, within `y`: every h, or the last alone. NULL where y has no h_t. Steps
 * are contiguous in plain order and channels last. */
float *nn_step_of_y(const struct nn_bound *b, const struct nn_tensor *y, int t);

/* --- What observers see (steps.c) ---------------------------------------------------------- */

/* Shows plain NCHW data of step t, with `channels` channels, to the pass's observer. */
void nn_step_show(struct nn_bound *b, const struct nn_pass *pass, int t, enum leadseq_observed what,
                  const float *data, int channels);
/* A step about to go backward, plain NCHW: gates after activation; dh and dc from the next step
 * and dy from y, each NULL: zero. dh_sum and dc_sum (N·K·H·W) are written. */
struct nn_step_back {
    const float *gates, *c, *dh, *dc, *dy;
    float *dh_sum, *dc_sum;
};
/* Shows dh = from the next step + from y;  dc = from the next step + dh ⊙ o ⊙ (1 - tanh²(c)) */
void nn_step_show_back(struct nn_bound *b, const struct nn_pass *pass, int t,
                       const struct nn_step_back *s);

#endif
