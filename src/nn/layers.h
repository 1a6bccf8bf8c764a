/* SPDX-License-Identifier: MIT
 *
 * The layers of this folder: the table of their types and, for each, its options and a
 * constructor with typed options. A constructor returns a layer the caller owns (usually
 * nn_chain_add() takes it), or NULL with a message. */
#ifndef NN_LAYERS_H
#define NN_LAYERS_H

#include "layer.h"

/* Every type, NULL at the end (layers.c). */
extern const struct nn_layer_type *const nn_layer_types[];
extern const struct nn_layer_type nn_conv_type, nn_convlstm_type, nn_norm_type, nn_relu_type,
    nn_pool_type, nn_global_type, nn_flatten_type, nn_dropout_type, nn_dense_type, nn_residual_type,
    nn_rnn_type;
/* The type of that name, or NULL. */
const struct nn_layer_type *nn_layer_type_named(const char *name);

/* y = w * x + b: stride, odd or even kernel, `pad` zeros around (-1: same, (kernel - 1) / 2).
 * Slices NAME.weight (K, C, kernel, kernel), NAME.bias (K). With `row`, for signals, the kernel is
 * (1, kernel), and stride and zeros are along rows alone. */
struct nn_conv_options {
    int channels, kernel;
    int stride; /* 0: 1 */
    int pad;
    bool bias;
    bool exact; /* in training no algorithm forward that rounds more than sums as they are */
    /* Of the initial weights, which are normal then, and biases 0; 0: uniform, 1 / √fan_in. */
    float deviation;
    bool row;
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
    int hidden, kernel; /* K; odd, with norm at most LEADSEQ_NORMED_KERNEL_MAX */
    bool bias, last_only;
    float forget_bias; /* added to the initial bias of f: of its norm where there is one */
    bool norm;
};
#define NN_CELL_NORM_EPSILON 1e-5 /* ε of the gates' layer norm, as PyTorch's */
struct nn_layer *nn_convlstm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                 const struct nn_convlstm_options *o) LEADSEQ_CHECKED;

/* y = max(x, 0); a leaky ReLU: slope x where x <= 0. Options may be NULL. */
struct nn_relu_options {
    float slope; /* 0 to 1 */
};
struct nn_layer *nn_relu_new(const struct nn_store *store, const char *name,
                             struct nn_shape in) LEADSEQ_CHECKED;
struct nn_layer *nn_leaky_relu_new(const struct nn_store *store, const char *name,
                                   struct nn_shape in, float slope) LEADSEQ_CHECKED;

/* Batch norm of each channel over all images, rows and columns; y = max(·, 0) with `relu`.
 * Slices NAME.weight, NAME.bias (C), of state NAME.running_mean, NAME.running_var (C). */
struct nn_norm_options {
    bool relu;
    float bias; /* initial */
};
struct nn_layer *nn_norm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_norm_options *o) LEADSEQ_CHECKED;

/* Maximum over kernel × kernel windows; what lies in the `pad` rows and columns around an image is
 * less than any value. With `row`, as of a convolution, windows are of one row. With `mean` it is
 * the mean of each window, and `partial` ones at the right and below, of what is in the image. */
struct nn_pool_options {
    int kernel, stride, pad;
    bool row, mean, partial;
};
struct nn_layer *nn_pool_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_pool_options *o) LEADSEQ_CHECKED;

/* [mean, maximum, last] of each channel over rows, columns and the record's images, the last being
 * the lower right value of the last image: out (1, C, 2C or 3C). */
struct nn_global_options {
    bool mean, max;
    bool max_first; /* [maximum, mean] */
    bool last;
};
struct nn_layer *nn_global_new(const struct nn_store *store, const char *name, struct nn_shape in,
                               const struct nn_global_options *o) LEADSEQ_CHECKED;

/* (in.n, C, H, W) as one row of features in that order. */
struct nn_layer *nn_flatten_new(const struct nn_store *store, const char *name,
                                struct nn_shape in) LEADSEQ_CHECKED;

/* y = w x + b of features. Slices NAME.weight (features, C), NAME.bias (features). With `paired`
 * both are of twice as many units, and y_k = unit k - unit (features + k): the log of odds between
 * two classes whose probabilities are a softmax of two units. */
struct nn_dense_options {
    int features;
    bool bias, paired;
    float deviation; /* as of a convolution; biases begin at 0 then */
};
struct nn_layer *nn_dense_new(const struct nn_store *store, const char *name, struct nn_shape in,
                              const struct nn_dense_options *o) LEADSEQ_CHECKED;

/* y = first(x) + second(x), or the maximum of that and 0, where each of the two is a chain of
 * layers, or x itself: NULL. Layers of the chains are called NAME.LINK, and so are their slices. */
struct nn_link { /* a layer of a chain, before it is built; type NULL ends a chain */
    const struct nn_layer_type *type;
    const char *name;
    const void *options; /* the type's own */
};
struct nn_residual_options {
    const struct nn_link *first, *second; /* at least one of them has a layer */
    bool relu;
};
struct nn_layer *nn_residual_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                 const struct nn_residual_options *o) LEADSEQ_CHECKED;
/* Its chains, 0 and 1, without layers where it is x itself; NULL: the layer is of another type. */
struct nn_chain;
const struct nn_chain *nn_residual_chain(const struct nn_layer *layer, int i);

/* An LSTM, or with `gru` a GRU, along rows: x (1, C, 1, T), y (1, K, 1, T), whose columns are the
 * steps. Zero initial state; PyTorch's formulas, slices and order of gates (i f g o, r z n):
 * NAME.weight_ih (G K, C), NAME.weight_hh (G K, K), NAME.bias_ih, NAME.bias_hh (G K). */
struct nn_rnn_options {
    int hidden; /* K */
    bool gru;
};
struct nn_layer *nn_rnn_new(const struct nn_store *store, const char *name, struct nn_shape in,
                            const struct nn_rnn_options *o) LEADSEQ_CHECKED;

/* Features dropped with probability `rate` in training, the others scaled by 1 / (1 - rate). */
struct nn_dropout_options {
    float rate;
};
struct nn_layer *nn_dropout_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                float rate) LEADSEQ_CHECKED;

#endif
