/* SPDX-License-Identifier: MIT
 *
 * A network as a graph of named operations, for files that other programs read. Operations and
 * their attributes are those of ONNX (operator set 17); this folder knows no file format.
 *
 * A layer adds the nodes of what it computes in evaluation (nn_layer_type.graph). A record's images
 * are as many values, each (N, C, H, W) for N records: a layer that sees each image alone adds one
 * node per image, all with the same weights, and a recurrent layer is unrolled over them:
 *
 *   x0 ─► Conv ─► …  h0 ┐
 *   x1 ─► Concat ◄──────┘ ─► Conv ─► …  h1        both Convs read the constant convlstm0.weight
 *
 * Functions return a value's number, or -1 with a message; they also return -1 where an input is
 * -1, so that calls may be nested. Threads: a graph belongs to one thread at a time. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include "base/base.h"

enum { NN_GRAPH_INPUTS = 64, NN_GRAPH_ATTRIBUTES = 4 };

enum nn_graph_kind { NN_GRAPH_NOTHING, NN_GRAPH_INTEGER, NN_GRAPH_INTEGERS, NN_GRAPH_REAL };
struct nn_graph_attribute {
    const char *name;
    enum nn_graph_kind kind;
    int n; /* of INTEGERS */
    int64_t integer[4];
    double real;
};
#define NN_GRAPH_INT(title, v)                                                                     \
    {                                                                                              \
        .name = title, .kind = NN_GRAPH_INTEGER, .integer = { v }                                  \
    }
#define NN_GRAPH_FLOAT(title, v)                                                                   \
    {                                                                                              \
        .name = title, .kind = NN_GRAPH_REAL, .real = v                                            \
    }
#define NN_GRAPH_INTS(title, count, ...)                                                           \
    {                                                                                              \
        .name = title, .kind = NN_GRAPH_INTEGERS, .n = count, .integer = { __VA_ARGS__ }           \
    }

/* An operation that is to be added. */
struct nn_graph_op {
    const char *op;    /* "Conv" */
    const char *layer; /* what its outputs are named after */
    int n_inputs, input[NN_GRAPH_INPUTS];
    int n_outputs; /* 0: one */
    struct nn_graph_attribute attribute[NN_GRAPH_ATTRIBUTES];
};
struct nn_graph_node {
    struct nn_graph_op is; /* `layer` is not to be read */
    int output;            /* the first; the others have the numbers after it */
};
struct nn_graph_constant {
    int value, n_dims;
    int64_t dims[5];
    size_t count;
    const float *real; /* one of the two: borrowed from the network's parameters, or `own` */
    int64_t *integer;
    float *own;
};
struct nn_graph {
    char (*name)[96]; /* of values */
    bool *rows;       /* (N, features), not (N, C, H, W) */
    int n_values;
    struct nn_graph_node *node; /* each after those whose outputs it reads */
    int n_nodes;
    struct nn_graph_constant *constant;
    int n_constants;
};
/* The images of a record at some place of the network. */
struct nn_graph_images {
    int n, value[NN_GRAPH_INPUTS];
};

void nn_graph_clear(struct nn_graph *g); /* takes zeros */
/* A value that comes from elsewhere, with that name. */
int nn_graph_input(struct nn_graph *g, const char *name) LEADSEQ_CHECKED;
struct leadseq_params;
/* A slice of the parameters or statistics, under its name; each is there once. */
int nn_graph_slice(struct nn_graph *g, const struct leadseq_params *params,
                   int slice) LEADSEQ_CHECKED;
/* (n) numbers of the graph's own; n 0: one number, without dimensions. */
int nn_graph_integers(struct nn_graph *g, const char *layer, const int64_t *v,
                      int n) LEADSEQ_CHECKED;
int nn_graph_reals(struct nn_graph *g, const char *layer, const float *v, int n) LEADSEQ_CHECKED;
/* The same with dimensions; the numbers are copied. */
int nn_graph_array(struct nn_graph *g, const char *layer, const float *v, int n_dims,
                   const int64_t *dims) LEADSEQ_CHECKED;
/* Adds a node; returns its first output. */
int nn_graph_add(struct nn_graph *g, const struct nn_graph_op *op) LEADSEQ_CHECKED;
/* The same with one or two inputs, one output and no attributes. */
int nn_graph_one(struct nn_graph *g, const char *layer, const char *op, int a) LEADSEQ_CHECKED;
int nn_graph_two(struct nn_graph *g, const char *layer, const char *op, int a,
                 int b) LEADSEQ_CHECKED;
/* All values of a record as one row: (N, features); what is a row stays as it is. */
int nn_graph_row(struct nn_graph *g, const char *layer, int value) LEADSEQ_CHECKED;
/* One node per image, which takes the place of input 0. */
int nn_graph_each(struct nn_graph *g, struct nn_graph_images *x,
                  const struct nn_graph_op *op) LEADSEQ_CHECKED;
/* Several images as one value, next to each other along an axis. */
int nn_graph_concat(struct nn_graph *g, const char *layer, const struct nn_graph_images *x,
                    int axis) LEADSEQ_CHECKED;

#endif
