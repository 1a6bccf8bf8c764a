/* SPDX-License-Identifier: MIT
 *
 * The parts of the ConvLSTM, for its own files alone: the two ways to compute its
 * steps; for oneDNN's, the convolution to the gates, the pass over them, and what
 * one binding holds (our own way: band.h). Other layers need only
 * nn_convlstm_new() of nn_private.h.
 *
 * K hidden channels, C input channels; tensors are NHWC where oneDNN is fast
 * with it, else NCHW (nn_gate_conv_channels_last()). */
#ifndef NN_CONVLSTM_H
#define NN_CONVLSTM_H

#include "nn/nn_private.h"

/* --- The convolution to the gates (gateconv.c) ---------------------------------------- */

/* A float32 tensor as the convolution multiplies it: itself or, under bf16, a copy that holds
 * bfloat16 or what that can hold. */
struct nn_narrow {
    struct nn_tensor copy;
    struct nn_plan reorder; /* from any tensor of the shape */
};

/* The convolution to the gates' sums, of [h, x] (`recurrent`) or of x alone (the first step,
 * where h is zero). Inside, h comes first, so that its channels stand as c's do; weights and
 * gradients of the parameter block have PyTorch's order [x, h]. */
struct nn_gate_conv {
    struct nn_convolution s;
    int hidden, inputs; /* K, C */
    bool recurrent;
    const float *weight; /* (4K, C + K, kernel, kernel) */
    dnnl_primitive_desc_t forward_pd;
    struct nn_tensor w, bias, dw, db;
    struct nn_adapter w_forward, w_data, dw_out;
    struct nn_narrow in, dgates;
    struct nn_plan forward, data, weights;
};
struct nn_gate_conv_options {
    int n, h, w, hidden, inputs, kernel;
    bool recurrent, training, need_data;
    bool channels_last;   /* the tensors' layout */
    float *weight, *bias; /* bias NULL: none */
};
/* Whether the ConvLSTM's tensors are NHWC, by shape and instruction set, never by timing. */
bool nn_gate_conv_channels_last(struct leadseq_engine *engine,
                                const struct nn_gate_conv_options *o);
int nn_gate_conv_init(struct nn_gate_conv *g, struct leadseq_engine *engine,
                      const struct nn_gate_conv_options *o) LEADSEQ_CHECKED;
void nn_gate_conv_clear(struct nn_gate_conv *g);
/* A step; tensors are float32, whatever is multiplied. */
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
/* Adds what nn_gate_conv_weights() left to gradients in the block's order; dbias may be NULL. */
int nn_gate_conv_add(struct nn_gate_conv *g, struct leadseq_engine *engine, float *dweight,
                     float *dbias) LEADSEQ_CHECKED;

/* --- The pass over the gates (cell.c, cell_last.c, cell_planes.c) --------------------- */

/* The pass over the gates of one step; all tensors in the same layout. */
struct nn_cell {
    int n, hidden, inputs, pixels; /* N, K, C, H·W */
    bool channels_last;
    int threads;
    float *scratch;      /* a tile for each thread */
    int32_t *tanh_lanes; /* (a tile's gates): -1 where the activation is tanh, else 0 */
};
int nn_cell_init(struct nn_cell *cell) LEADSEQ_CHECKED; /* all but the pointers are given */
void nn_cell_clear(struct nn_cell *cell);
struct nn_cell_forward {
    float *gates;          /* in: sums; out, with keep: after activation */
    const float *c_before; /* NULL: zero */
    float *c;              /* may be c_before */
    float *next;           /* [h, x] of the next step, NULL: none */
    const float *x_next;   /* x of the next step */
    float *y;              /* h once more, NULL: none */
    bool keep;
};
void nn_cell_forward(const struct nn_cell *cell, const struct nn_cell_forward *f);
struct nn_cell_backward {
    float *gates;              /* in: after activation; out: derivative of the sums */
    const float *c, *c_before; /* c_before NULL: zero */
    const float *dnext;        /* of [h, x] of the next step, NULL: none */
    const float *dy;           /* NULL: none */
    float *dc; /* in: of c from the next step (not read with `last`); out: of c_before */
    bool last;
};
void nn_cell_backward(const struct nn_cell *cell, const struct nn_cell_backward *f);
/* dx of a step from the derivative of its [h, x]. */
void nn_cell_split(const struct nn_cell *cell, const float *dhx, float *dx);

/* A thread's scratch for sixteen pixels, channels last. */
enum { NN_CELL_TILE = 16 };
struct nn_cell_tile {
    float *gates, *d;                       /* (16, 4K) */
    float *before, *c, *t, *dc, *dc_before; /* (16, K) */
    float *h;                               /* (16, K + C): h, [h, x] or dh */
};
/* A piece of the pass: pixels of one image. */
struct nn_cell_range {
    int n;
    size_t begin, end;
    struct nn_cell_tile tile;
};
void nn_cell_last_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                          const struct nn_cell_range *r);
void nn_cell_last_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                           const struct nn_cell_range *r);
void nn_cell_last_split(const struct nn_cell *cell, const float *dhx, float *dx,
                        const struct nn_cell_range *r);
void nn_cell_planes_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                            const struct nn_cell_range *r);
void nn_cell_planes_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                             const struct nn_cell_range *r);
void nn_cell_planes_split(const struct nn_cell *cell, const float *dhx, float *dx,
                          const struct nn_cell_range *r);
/* σ and tanh as the pass computes them, n values; within 2e-7 relative (x > -87 for σ). */
void nn_cell_sigmoid(const float *x, size_t n, float *y);
void nn_cell_tanh(const float *x, size_t n, float *y);

/* --- The layer norm of a map's gates (jacobian_norm.c) ------------------------------------- */

/* y = γ (a - μ) r + β of each gate of one record, a (4K, H, W), at the sums it was applied to. */
struct nn_gate_norm {
    size_t gate, pixels;       /* K·H·W; H·W */
    const float *gain, *shift; /* (4K) */
    float *hat;                /* (4K, H, W): (a - μ) r */
    double r[4];
};
int nn_gate_norm_init(struct nn_gate_norm *g,
                      const struct leadseq_cell_map_options *o) LEADSEQ_CHECKED;
void nn_gate_norm_clear(struct nn_gate_norm *g);                   /* takes zeros */
void nn_gate_norm_apply(struct nn_gate_norm *g, float *a);         /* a becomes y; stands there */
void nn_gate_norm_forward(const struct nn_gate_norm *g, float *v); /* J v in place of v */
void nn_gate_norm_reverse(const struct nn_gate_norm *g, float *w); /* J' w in place of w */

/* --- Ways to compute the steps ---------------------------------------------------------- */

/* First member of what a binding of a ConvLSTM holds. */
struct nn_steps_type;
struct nn_steps {
    const struct nn_steps_type *type;
};
struct nn_steps_type {
    /* Sets b->state, also where it fails; bias NULL: none */
    int (*bind)(struct nn_bound *b, const struct nn_convlstm_options *o, float *weight,
                float *bias);
    int (*bind_backward)(struct nn_bound *b);
    int (*begin)(struct nn_bound *b); /* before the first step: x and the weights are there */
    int (*forward)(struct nn_bound *b, const struct nn_pass *pass, int t);
    int (*begin_backward)(struct nn_bound *b); /* before the last: dy is there */
    int (*backward)(struct nn_bound *b, const struct nn_pass *pass, int t);
    int (*end_backward)(struct nn_bound *b);
    void (*unbind)(struct nn_bound *b);
    void (*need)(const struct nn_layer *layer, const struct nn_convlstm_options *o, int batch,
                 bool training, struct nn_need *need);
};
extern const struct nn_steps_type nn_steps_onednn, nn_steps_band, nn_steps_norm;
/* Where gradients go; *dbias NULL: no biases. */
void nn_convlstm_gradients(const struct nn_bound *b, float **dweight, float **dbias);
/* γ and β of the gates' layer norm (4K), their values or where their gradients go. */
struct nn_convlstm_norm {
    float *gain, *shift;
};
struct nn_convlstm_norm nn_convlstm_norm(const struct nn_bound *b, bool gradient);
/* ε of it. */
#define NN_CELL_NORM_EPSILON 1e-5

/* --- On oneDNN (steps_onednn.c, steps_onednn_bind.c) ------------------------------------ */

/* One binding of a ConvLSTM. Training saves every step, evaluation one that all share. */
struct nn_convlstm_state {
    struct nn_steps head;
    struct nn_cell cell;
    int steps, saved; /* T; T in training, else 1 */
    bool last_only;
    struct nn_gate_conv first, rest;
    struct nn_adapter x, dy;            /* in the cell's layout */
    struct nn_tensor x_first, dx_first; /* views of the first step */
    struct nn_tensor *gates, *c, *hx;   /* (saved); hx[t] is [h_{t-1}, x_t] */
    struct nn_tensor dhx, dc;
};
int nn_steps_onednn_bind(struct nn_bound *b, const struct nn_convlstm_options *o, float *weight,
                         float *bias) LEADSEQ_CHECKED;
int nn_steps_onednn_bind_backward(struct nn_bound *b) LEADSEQ_CHECKED;
void nn_steps_onednn_unbind(struct nn_bound *b);

/* --- What observers see (observe.c) ------------------------------------------------------ */

/* Shows the observer of `pass`, if there is one, step t: after its forward pass, before and
 * after its backward pass. Converts to plain NCHW in memory of the call. */
int nn_observe_forward(struct nn_bound *b, const struct nn_pass *pass, int t) LEADSEQ_CHECKED;
int nn_observe_before(struct nn_bound *b, const struct nn_pass *pass, int t) LEADSEQ_CHECKED;
int nn_observe_after(struct nn_bound *b, const struct nn_pass *pass, int t) LEADSEQ_CHECKED;
/* A step about to go backward, plain NCHW: gates after activation; dh and dc from the next step
 * and dy from y, each NULL: zero. dh_sum and dc_sum (N·K·H·W) are written. */
struct nn_observed_back {
    const float *gates, *c, *dh, *dc, *dy;
    float *dh_sum, *dc_sum;
    size_t count; /* N·K·H·W */
    int hidden;
};
/* Shows dh = from the next step + from y;  dc = from the next step + dh ⊙ o ⊙ (1 - tanh²(c)) */
void nn_observe_show_back(struct nn_bound *b, const struct nn_pass *pass, int t,
                          const struct nn_observed_back *s);
/* Shows plain NCHW data of step t, with so many channels. */
void nn_observe_show(struct nn_bound *b, const struct nn_pass *pass, int t,
                     enum leadseq_observed what, const float *data, int channels);

#endif
