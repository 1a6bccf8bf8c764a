/* SPDX-License-Identifier: MIT
 *
 * Layer after layer as one network: binding, running and what it takes. For src/model, which
 * builds chains, for layers that are made of chains (residual.c), and for tests.
 *
 * A chain owns its layers; a bound chain owns its tensors; neither owns the parameter blocks,
 * which must outlive them. A bound chain belongs to one thread at a time. */
#ifndef NN_CHAIN_H
#define NN_CHAIN_H

#include "layer.h"

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
/* The layers after layer i that its passes may compute, too: none where layers are to compute
 * alone. */
struct nn_after nn_chain_after(const struct nn_chain *chain, const struct leadseq_engine *engine,
                               int i);

/* Adds what it computes in evaluation to a graph; x becomes y. A layer that has no form there is
 * refused by its name and type. */
int nn_chain_graph(const struct nn_chain *chain, struct nn_graph *g,
                   struct nn_graph_images *x) LEADSEQ_CHECKED;

/* A chain bound to a batch size and a mode. Between nn_chain_bind() and nn_chain_unbind() its
 * passes may run any number of times; each forward pass overwrites the tensors of the one before.
 */
struct nn_bound_chain {
    struct nn_chain *chain;
    struct leadseq_engine *engine;
    struct nn_bound *bound; /* (n_layers) */
    struct nn_tensor input; /* plain NCHW, fill input.data before forward; unused if x was given */
    struct nn_tensor dy;    /* plain NCHW gradient of the output; unused if one was given */
    void *memory;           /* shared by y (evaluation) and dx; NULL in a chain within a layer */
    struct nn_pass pass;    /* set observer, user, seed, step before forward */
};
struct nn_bind_options {
    int batch;
    bool training, need_dx;
    struct nn_tensor *x;  /* borrowed input in any layout, NULL: plain, bound chain's own */
    bool lent;            /* ... its memory not its own: nn_chain_lend() before each forward */
    bool sum, relu;       /* the last y is to be added to what is there, with ReLU, if it can */
    struct nn_tensor *dy; /* borrowed gradient of the output, NULL: plain, bound chain's own */
};
/* On failure (a primitive oneDNN does not have, memory) `b` is left empty. */
int nn_chain_bind(struct nn_bound_chain *b, struct nn_chain *chain, struct leadseq_engine *engine,
                  const struct nn_bind_options *o) LEADSEQ_CHECKED;
void nn_chain_unbind(struct nn_bound_chain *b); /* takes zeros */

/* The three parts of nn_chain_bind(), for a layer that is made of chains: `up` when it is bound
 * itself, its x being theirs (o->x), `down` with the dy they are to read, `place` once x and dy
 * have memory. After a failure nn_chain_unbind() frees what was made. */
int nn_chain_bind_up(struct nn_bound_chain *b, struct nn_chain *chain,
                     struct leadseq_engine *engine,
                     const struct nn_bind_options *o) LEADSEQ_CHECKED;
int nn_chain_bind_down(struct nn_bound_chain *b, struct nn_tensor *dy) LEADSEQ_CHECKED;
/* What may lie in memory of the layer's own: y of the last layer, dx of the first, each in the same
 * layout as theirs; neither may be a view. NULL: in the chain's. */
struct nn_places {
    void *memory; /* nn_chain_scratch() bytes, 64-byte aligned */
    struct nn_tensor *y, *dx;
};
size_t nn_chain_scratch(const struct nn_bound_chain *b, const struct nn_places *p);
int nn_chain_place(struct nn_bound_chain *b, const struct nn_places *p) LEADSEQ_CHECKED;
/* Views of x at the start of the chain follow it to where it is now. */
int nn_chain_follow(struct nn_bound_chain *b) LEADSEQ_CHECKED;
/* The last layer that is bound. */
struct nn_bound *nn_chain_last(const struct nn_bound_chain *b);

/* Sets the memory of the input of the following passes: at least its number of values, which must
 * stay valid and unchanged until they are done. */
int nn_chain_lend(struct nn_bound_chain *b, const float *x) LEADSEQ_CHECKED;
int nn_chain_forward(struct nn_bound_chain *b) LEADSEQ_CHECKED;
/* For the forward pass just made; dy is filled, and may be written over. */
int nn_chain_backward(struct nn_bound_chain *b) LEADSEQ_CHECKED;
struct nn_tensor *nn_chain_y(struct nn_bound_chain *b);
struct nn_tensor *nn_chain_dx(struct nn_bound_chain *b); /* with need_dx */
/* Bytes a bound layer keeps for backward: its output and what it adds. */
size_t nn_bound_kept(const struct nn_bound *b);

/* What a training step's binding would be, without memory for it: what each layer keeps for
 * backward, and the layout of its y. `d` has a place for each layer. */
struct nn_description {
    char layout[16];
    enum nn_values values;
    size_t kept;
};
int nn_chain_describe(struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                      struct nn_description *d) LEADSEQ_CHECKED;

/* --- Memory, estimated before binding (need.c) --------------------------------------- */

/* What layer i keeps for backward, y included. */
size_t nn_chain_kept(const struct nn_chain *chain, struct leadseq_engine *engine, int i, int batch);
/* The same in total, of a chain within a layer, of which `need` says what the layer was told. */
struct nn_chain_sizes {
    size_t kept, scratch; /* sums; the last y is among what is kept */
    size_t shared;        /* memory that layers take turns in */
    size_t in_turn;       /* scratch of the engine that all layers use, one after the other */
    size_t last;          /* bytes of the last y */
    int block;            /* of it: channels that lie side by side */
    size_t size;          /* bytes per value */
};
struct nn_chain_sizes nn_chain_measure(const struct nn_chain *chain, const struct nn_need *need,
                                       int batch, bool training);
/* A binding of the chain, parameters not included. */
size_t nn_chain_need(const struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                     bool training);

#endif
