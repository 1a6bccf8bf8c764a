/* SPDX-License-Identifier: MIT
 *
 * What the files of this layer share, and what src/model builds networks from.
 *
 * A network is described once and bound as often as needed:
 *
 *   layers   (nn_layer)   name, options, shapes for one record, slices of the parameters
 *   binding  (nn_bound)   one layer for one batch size and mode: primitives, tensors, scratch
 *
 * Order of work: construct all layers (each declares its slices), nn_params_allocate(),
 * nn_layers' init through nn_chain_initialise(), then nn_chain_bind() for every (batch,
 * mode) wanted: all bindings read and write the same parameters.
 *
 * Binding runs in two passes. Upwards, `bind` sees x (described, not yet placed) and
 * describes y. Downwards, training only, `bind_backward` sees dy and describes dx. Layers
 * keep the layout they are given unless their primitive is faster in another one, and
 * reorder then. Afterwards the chain gives y and dx their memory, so that data pointers
 * are read when running, never when binding. Nothing is allocated in forward or backward.
 *
 * Ownership: a chain owns its layers; a bound chain owns its tensors; layers do not own
 * the parameter blocks. */
#ifndef NN_PRIVATE_H
#define NN_PRIVATE_H

#include "tensor.h"

/* --- Parameters (params.c) ---------------------------------------------------------------- */

/* What a new slice holds: centre + U(-spread, spread), drawn from a stream of its name. */
struct nn_slice_options {
    const char *layer, *name; /* the slice is called "layer.name" */
    int dims[5], n_dims;
    float centre, spread;
    bool decays;
};
/* Returns the slice's index, -1 on failure (a name used twice). Only before nn_params_allocate().
 */
int nn_params_declare(struct leadseq_params *params,
                      const struct nn_slice_options *o) LEADSEQ_CHECKED;
/* One block, slices start on 64 bytes (the gaps stay zero); gradients on request. */
int nn_params_allocate(struct leadseq_params *params, bool gradient) LEADSEQ_CHECKED;
void nn_params_initialise(struct leadseq_params *params, uint64_t seed);
void nn_params_clear(struct leadseq_params *params);
float *nn_params_value(const struct leadseq_params *params, int slice);
float *nn_params_gradient(const struct leadseq_params *params, int slice);
/* PyTorch's default for convolutions and dense layers: 1 / √fan_in. */
float nn_default_spread(int fan_in);

/* --- Layers (chain.c drives them) ----------------------------------------------------------- */

/* What all layers of a network share while it is built. */
struct nn_store {
    struct leadseq_params *params; /* trained */
    struct leadseq_params *state;  /* running statistics */
};

struct nn_pass {         /* what forward and backward are told */
    uint64_t seed, step; /* key dropout's draws, with a record's place in the whole batch */
    int first;           /* the place of the first record here */
    bool idle;           /* these records stand in for none: they count in no statistics */
    leadseq_observer *observer;
    void *user;
};

/* Bytes of a binding besides x, y, dy and dx, known before it is made. */
struct nn_need {
    struct leadseq_engine *engine; /* told */
    bool first;                    /* told: x is the chain's input, plain, and dx is not wanted */
    int block_x;                   /* told: channels of x lie in blocks of so many */
    int block;                     /* of y; as x's unless the layer says otherwise */
    size_t size_x;                 /* told: bytes of a value of x */
    size_t size;                   /* of y; float32 unless the layer says otherwise */
    size_t kept;                   /* from forward to backward; training */
    size_t scratch;                /* copies, weights in another layout */
    bool view;                     /* y is x's memory */
};

struct nn_layer;
struct nn_bound;
struct nn_layer_type {
    const char *name;
    /* b->x is described: describe b->y, make forward's primitives and scratch in b->state. */
    int (*bind)(struct nn_bound *b);
    /* b->dy is described: describe b->dx if b->need_dx, make backward's primitives. */
    int (*bind_backward)(struct nn_bound *b);
    int (*forward)(struct nn_bound *b, const struct nn_pass *pass);
    /* Adds to the gradients of the parameters; writes b->dx if b->need_dx. */
    int (*backward)(struct nn_bound *b, const struct nn_pass *pass);
    void (*unbind)(struct nn_bound *b); /* frees b->state, which may be NULL or half built */
    void (*initialise)(struct nn_layer *layer); /* optional: after nn_params_initialise() */
    void (*free)(struct nn_layer *layer);       /* optional: free() of the layer follows */
    /* optional: fills `need`, zero but for what is told, for the summary and to refuse what does
     * not fit
     */
    void (*need)(const struct nn_layer *layer, int batch, bool training, struct nn_need *need);
};

/* First member of every layer's own struct. Shapes are for one record: n is the number of
 * images a record has at this place (T within a sequence, else 1); a sequence of a batch
 * is (T·N, C, H, W) with the step outermost. */
struct nn_layer {
    const struct nn_layer_type *type;
    char name[48];
    struct nn_shape in, out;
    struct nn_store store;
    /* Of one record: forward, and as many for the gradients of the parameters; backward to the
     * layer's own earlier states; backward to x, where that is wanted. */
    uint64_t multiply_adds, state_multiply_adds, dx_multiply_adds;
};
/* calloc of `size` with the head filled in (out = in); NULL on failure. */
void *nn_layer_new(size_t size, const struct nn_layer_type *type, const struct nn_store *store,
                   const char *name, struct nn_shape in) LEADSEQ_CHECKED;
void nn_layer_free(struct nn_layer *layer); /* takes NULL */

struct nn_bound {
    struct nn_layer *layer;
    struct leadseq_engine *engine;
    int batch;            /* N */
    bool training;        /* evaluation keeps nothing for backward */
    bool need_dx;         /* false for the first layer: nobody wants the image's gradient */
    struct nn_tensor *x;  /* the layer below's y */
    struct nn_tensor y;   /* described by bind, placed by the chain */
    struct nn_tensor *dy; /* the layer above's dx */
    struct nn_tensor dx;  /* described by bind_backward, placed by the chain */
    bool y_is_x;          /* y is another view of x's memory (bind sets it; dx then is dy's) */
    void *state;
    size_t kept_bytes; /* kept for backward beyond x and y, for the summary */
};
/* The shape `one` has for a record, for the batch. */
struct nn_shape nn_bound_shape(const struct nn_bound *b, struct nn_shape one);

/* --- A chain: layer after layer (chain.c) -------------------------------------------- */

struct nn_chain {
    struct nn_layer **layer;
    int n_layers;
};
/* Owns `layer` from now on, also on failure; NULL (a constructor failed) is passed on as -1. */
int nn_chain_add(struct nn_chain *chain, struct nn_layer *layer) LEADSEQ_CHECKED;
/* Output shape for one record of the last layer added. */
struct nn_shape nn_chain_out(const struct nn_chain *chain);
/* Each layer's own touch (forget bias ...), after nn_params_initialise(). */
void nn_chain_initialise(struct nn_chain *chain);
void nn_chain_clear(struct nn_chain *chain);

struct nn_bound_chain {
    struct nn_chain *chain;
    struct leadseq_engine *engine;
    struct nn_bound *bound; /* (n_layers) */
    struct nn_tensor input; /* plain NCHW, fill input.data before forward; unused if x was given */
    struct nn_tensor dy;    /* plain NCHW gradient of the output; unused if one was given */
    void *memory;           /* shared by y (evaluation) and dx */
    struct nn_pass pass;    /* set observer, user, seed, step before forward */
};
struct nn_bind_options {
    int batch;
    bool training, need_dx;
    struct nn_tensor *x;  /* borrowed input in any layout, NULL: plain, bound chain's own */
    bool lent;            /* ... its memory not its own: nn_chain_lend() before each forward */
    struct nn_tensor *dy; /* borrowed gradient of the output, NULL: plain, bound chain's own */
};
int nn_chain_bind(struct nn_bound_chain *b, struct nn_chain *chain, struct leadseq_engine *engine,
                  const struct nn_bind_options *o) LEADSEQ_CHECKED;
void nn_chain_unbind(struct nn_bound_chain *b); /* takes zeros */
/* Where the input of the passes to come lies: as many values as it has, there until they are done.
 */
int nn_chain_lend(struct nn_bound_chain *b, const float *x) LEADSEQ_CHECKED;
int nn_chain_forward(struct nn_bound_chain *b) LEADSEQ_CHECKED;
/* For the forward pass just made; dy is filled, and may be written over. */
int nn_chain_backward(struct nn_bound_chain *b) LEADSEQ_CHECKED;
struct nn_tensor *nn_chain_y(struct nn_bound_chain *b);
struct nn_tensor *nn_chain_dx(struct nn_bound_chain *b); /* with need_dx */
/* Bytes a bound layer keeps for backward: its output and what it adds. */
size_t nn_bound_kept(const struct nn_bound *b);

/* A training step's binding as it would be, looked at and let go: what each layer keeps for
 * backward, and the layout of its y. `d` has a place for each layer. */
struct nn_description {
    char layout[16];
    enum nn_values values;
    size_t kept;
};
int nn_chain_describe(struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                      struct nn_description *d) LEADSEQ_CHECKED;

/* --- Memory, estimated before binding (need.c) --------------------------------------- */

/* Values of a shape in a layout whose channels lie in blocks, and their bytes as float32. */
size_t nn_count_by(struct nn_shape s, int block);
size_t nn_bytes_by(struct nn_shape s, int block);
/* float32 in blocks of 16, the widest. */
size_t nn_padded_bytes(struct nn_shape s);
/* Bytes of a value of what convolutions write. */
size_t nn_value_size(const struct leadseq_engine *engine);
/* What layer i keeps for backward, y included. */
size_t nn_chain_kept(const struct nn_chain *chain, struct leadseq_engine *engine, int i, int batch);
/* A binding of the chain, parameters not included. */
size_t nn_chain_need(const struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                     bool training);

/* --- Layers of this folder ----------------------------------------------------------- */

/* y = w * x + b: stride, odd or even kernel, `pad` zeros around (-1: same, (kernel - 1) / 2).
 * Slices NAME.weight (K, C, kernel, kernel), NAME.bias (K). */
struct nn_conv_options {
    int channels, kernel;
    int stride; /* 0: 1 */
    int pad;
    bool bias;
};
struct nn_layer *nn_conv_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_conv_options *o) LEADSEQ_CHECKED;

/* The ConvLSTM over in.n steps, zero initial state:
 *   (i f o g) = w * [x_t, h_{t-1}] + b,  c_t = σ(f) c_{t-1} + σ(i) tanh(g),  h_t = σ(o) tanh(c_t)
 * Slices NAME.weight (4K, C + K, kernel, kernel), NAME.bias (4K), order i f o g.
 * With `norm` each of i f o g goes through a layer norm of its own before σ or tanh, over the K
 * channels, rows and columns of a record; slices NAME.norm_weight, NAME.norm_bias (4K).
 * y is every h (out.n = T) or the last (out.n = 1). */
struct nn_convlstm_options {
    int hidden, kernel; /* K; odd, with norm at most NN_NORMED_KERNEL */
    bool bias, last_only;
    float forget_bias; /* added to the initial bias of f: of its norm where there is one */
    bool norm;
};
enum { NN_NORMED_KERNEL = 15 };
#define NN_CELL_NORM_EPSILON 1e-5 /* ε of the gates' layer norm, as PyTorch's */
struct nn_layer *nn_convlstm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                 const struct nn_convlstm_options *o) LEADSEQ_CHECKED;

/* y = max(x, 0). */
struct nn_layer *nn_relu_new(const struct nn_store *store, const char *name,
                             struct nn_shape in) LEADSEQ_CHECKED;

/* Batch norm of each channel over all images, rows and columns; y = max(·, 0) with `relu`.
 * Slices NAME.weight, NAME.bias (C), of state NAME.running_mean, NAME.running_var (C). */
struct nn_norm_options {
    bool relu;
};
struct nn_layer *nn_norm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_norm_options *o) LEADSEQ_CHECKED;

/* Maximum over kernel × kernel windows, no padding. */
struct nn_pool_options {
    int kernel, stride;
};
struct nn_layer *nn_pool_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_pool_options *o) LEADSEQ_CHECKED;

/* [mean, maximum] of each channel over rows, columns and the record's images: out (1, C or 2C). */
struct nn_global_options {
    bool mean, max;
};
struct nn_layer *nn_global_new(const struct nn_store *store, const char *name, struct nn_shape in,
                               const struct nn_global_options *o) LEADSEQ_CHECKED;

/* (in.n, C, H, W) as one row of features in that order. */
struct nn_layer *nn_flatten_new(const struct nn_store *store, const char *name,
                                struct nn_shape in) LEADSEQ_CHECKED;

/* y = w x + b of features. Slices NAME.weight (features, C), NAME.bias (features). */
struct nn_dense_options {
    int features;
    bool bias;
};
struct nn_layer *nn_dense_new(const struct nn_store *store, const char *name, struct nn_shape in,
                              const struct nn_dense_options *o) LEADSEQ_CHECKED;

/* Features dropped with probability `rate` in training, the others scaled by 1 / (1 - rate). */
struct nn_layer *nn_dropout_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                float rate) LEADSEQ_CHECKED;

#endif
