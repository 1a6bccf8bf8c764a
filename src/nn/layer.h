/* SPDX-License-Identifier: MIT
 *
 * What a layer is made of: its type, its parameters, its bindings. A new layer is one file with
 * a `const struct nn_layer_type` and one row in layers.c; the tests of every type
 * (test/test_layers.c) then check its gradients, precision and memory on its samples.
 *
 * A layer is described once and bound as often as needed:
 *
 *   layer    (nn_layer)   name, options, shapes for one record, slices of the parameters
 *   binding  (nn_bound)   one layer for one batch size and mode: primitives, tensors, scratch
 *
 * Binding runs in two passes. Upwards, `bind` sees x (described, without memory yet) and
 * describes y. Downwards, in training, `bind_backward` sees dy and describes dx. Layers keep the
 * layout they are given unless their primitive is faster in another one, and reorder then.
 * Afterwards the chain gives y and dx their memory, so data pointers are read when running, never
 * when binding. Nothing is allocated in forward or backward.
 *
 * The order in which a type's functions are called, for a network of two layers a and b:
 *
 *   check a, init a, check b, init b                 when the network is built
 *   initialise a, initialise b                       after the parameters are drawn
 *   bind a, bind b, bind_backward b, bind_backward a,
 *   place a, place b                                  once for each batch size and mode
 *   forward a, forward b, backward b, backward a     each step
 *   unbind a, unbind b
 *
 * Threads: a layer may be bound several times, and bindings that only evaluate may run at the
 * same time on engines of their own. Training bindings write the parameters' gradients (and batch
 * norm its running averages) and must not run concurrently with others of the same parameters. */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include "tensor.h"

/* --- Parameters (params.c) ---------------------------------------------------------------- */

/* What a new slice holds: centre + U(-spread, spread), or with a deviation centre +
 * N(0, deviation²), drawn from a stream of its name. */
struct nn_slice_options {
    const char *layer, *name; /* the slice is called "layer.name" */
    int dims[5], n_dims;
    float centre, spread, deviation;
    bool decays, norm;
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

/* --- Layers (layer.c; chain.c drives them) ---------------------------------------------------- */

/* What all layers of a network share while it is built. */
struct nn_store {
    struct leadseq_params *params; /* trained */
    struct leadseq_params *state;  /* running statistics */
};

struct nn_pass {         /* what forward and backward are told */
    uint64_t seed, step; /* key dropout's draws, with a record's place in the whole batch */
    int first;           /* the place of the first record here */
    bool idle;           /* padding records: they count in no statistics */
    leadseq_observer *observer;
    void *user;
};

/* The layers after one in its chain. A type whose passes can compute some of them on the way, and
 * so save memory's traffic, says when it is bound how many it takes; its y is then that of the last
 * of them. Layers that are taken are not bound. */
struct nn_layer;
struct nn_after {
    struct nn_layer *const *layer;
    int n;
};

/* Bytes of a binding apart from x, y, dy and dx, estimated before it is made. The chain fills in
 * what is "told" and the defaults; `need` of a type changes what differs. */
struct nn_need {
    struct leadseq_engine *engine; /* told */
    struct nn_after after;         /* told */
    bool first;                    /* told: x is the chain's input, plain, and dx is not wanted */
    int block_x;                   /* told: channels of x that lie side by side */
    int block;                     /* of y; as x's unless the layer says otherwise */
    size_t size_x;                 /* told: bytes of a value of x */
    size_t size;                   /* of y; float32 unless the layer says otherwise */
    size_t kept;                   /* from forward to backward; training */
    size_t in_turn;                /* scratch that all layers use, one after the other */
    size_t scratch;                /* copies, weights in another layout */
    size_t shared;                 /* what layers take turns in (scratch_bytes of a binding) */
    bool view;                     /* y is x's memory */
    int takes;                     /* layers after this one that its passes compute, too */
};

/* A named number of a layer's options, for listings and for tests that build the same layer in
 * double precision. Flags are 0 or 1. */
struct nn_option {
    const char *name;
    double value;
};
enum { NN_OPTIONS_MAX = 8 };

/* A small layer for the tests every type passes: sizes that fill no block, one pixel, one row, one
 * channel, one record. */
struct nn_layer_sample {
    struct nn_shape in;
    int batch;           /* 0 ends a list */
    const void *options; /* the type's own */
};

struct nn_bound;
struct nn_layer_type {
    const char *name; /* "conv" */
    const char *help; /* what it computes, in a line */
    size_t size;      /* of its own struct, whose first member is a struct nn_layer */

    /* The shape of y for one record, or -1 with a message that says which option or side was
     * expected to be what. Called before anything is built (nn_layer_check()), so that a
     * specification is refused when it is read and never when it is bound. */
    int (*check)(struct nn_shape in, const void *options, struct nn_shape *out) LEADSEQ_CHECKED;
    /* Copies the options, counts the arithmetic and declares the slices; in and out are set. */
    int (*init)(struct nn_layer *layer, const void *options) LEADSEQ_CHECKED;
    /* Its options by name; returns how many. NULL: it has none. */
    int (*options)(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX]);
    void (*initialise)(struct nn_layer *layer); /* optional: after nn_params_initialise() */
    void (*release)(struct nn_layer *layer);    /* optional: frees what init took */
    /* optional: adds what it computes in evaluation to a graph; x becomes y. NULL: the layer has no
     * form in files of graphs, and a network with it is refused there. */
    int (*graph)(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x);

    /* b->x is described: describe b->y, make forward's primitives and scratch in b->state. */
    int (*bind)(struct nn_bound *b);
    /* b->dy is described: describe b->dx if b->need_dx, make backward's primitives. */
    int (*bind_backward)(struct nn_bound *b);
    /* optional: x, y, dy and dx have memory now, and so has what b->scratch_bytes asked for. */
    int (*place)(struct nn_bound *b, void *scratch);
    int (*forward)(struct nn_bound *b, const struct nn_pass *pass);
    /* Adds to the gradients of the parameters; writes b->dx if b->need_dx. */
    int (*backward)(struct nn_bound *b, const struct nn_pass *pass);
    void (*unbind)(struct nn_bound *b); /* frees b->state, which may be NULL or half built */
    /* optional: fills `need`, zero but for what is told, for the summary and to refuse what does
     * not fit into memory */
    void (*need)(const struct nn_layer *layer, int batch, bool training, struct nn_need *need);

    const struct nn_layer_sample *samples;
    bool recurrent; /* has a state that goes from one image of a record to the next */
    bool sees_all;  /* a value of y depends on the whole image, not on an option "kernel" of it */
    bool bent;      /* its derivative jumps (ReLU, maximum): tests take small steps */
    bool differs_in_training; /* evaluation computes something else (batch norm, dropout) */
    bool reads_y;             /* backward reads y, which must stay as forward left it */
    bool spoils_dy;           /* backward may write over dy */
};

/* First member of every layer's own struct. Shapes are for one record: n is the number of
 * images a record has at this place (T within a sequence, else 1); a sequence of a batch
 * is (T·N, C, H, W) with the step outermost. */
struct nn_layer {
    const struct nn_layer_type *type;
    char name[48];
    struct nn_shape in, out;
    struct nn_store store;
    /* Of one record: forward, and the same number for the gradients of the parameters; backward to
     * the layer's own earlier states; backward to x, where that is wanted. */
    uint64_t multiply_adds, state_multiply_adds, dx_multiply_adds;
};
/* Whether the type takes such an input with such options; the message names the layer. */
int nn_layer_check(const struct nn_layer_type *type, const char *name, struct nn_shape in,
                   const void *options, struct nn_shape *out) LEADSEQ_CHECKED;
/* A layer of any type: check, then init. The caller owns it; NULL on failure. */
struct nn_layer *nn_layer_new(const struct nn_layer_type *type, const struct nn_store *store,
                              const char *name, struct nn_shape in,
                              const void *options) LEADSEQ_CHECKED;
void nn_layer_free(struct nn_layer *layer); /* takes NULL */
/* The layer's option of that name; `missing` where its type has none such. */
double nn_layer_option(const struct nn_layer *layer, const char *name, double missing);
/* For `check`: whether a kernel or window has a side from 1 to LEADSEQ_KERNEL_MAX. */
int nn_kernel_check(int kernel) LEADSEQ_CHECKED;

struct nn_bound {
    struct nn_layer *layer;
    struct leadseq_engine *engine;
    int batch;             /* N */
    bool training;         /* evaluation keeps nothing for backward */
    bool need_dx;          /* false for the first layer: the gradient of the images is not used */
    struct nn_after after; /* nothing where layers are to compute alone */
    int takes;             /* of those: bind sets it */
    bool taken;            /* by one before: neither bound nor run */
    bool wants_sum;        /* evaluation: y is to be added to what is there, and then ... */
    bool wants_relu;       /* ... goes through a ReLU. A type that can and computes the chain's */
    bool adds;             /* last layer does so (bind sets it) */
    bool spare_x;          /* evaluation: x is read by this layer alone; y may be in its place */
    struct nn_tensor *x;   /* the layer below's y */
    struct nn_tensor y;    /* described by bind, placed by the chain; of the last layer it takes */
    struct nn_tensor *dy;  /* the layer above's dx */
    struct nn_tensor dx;   /* described by bind_backward, placed by the chain */
    bool y_is_x;           /* y is another view of x's memory (bind sets it; dx then is dy's) */
    bool y_rectified; /* y has passed a ReLU, whose mask backward applies to dy (bind sets it) */
    bool x_rectified; /* x is such a y: dx may be left 0 where x <= 0 ... */
    bool dx_masked;   /* ... and is (bind_backward sets it) */
    bool dy_masked;   /* dy is already 0 where y <= 0 */
    void *state;
    size_t kept_bytes; /* kept for backward beyond x and y, for the summary */
    /* Memory that is used within a pass alone, 64-byte aligned, which the layers of a network take
     * turns in: bind or bind_backward says how much, place gets it. */
    size_t scratch_bytes;
};
/* The shape `one` has for a record, for the batch. */
struct nn_shape nn_bound_shape(const struct nn_bound *b, struct nn_shape one);

#endif
