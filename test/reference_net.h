/* SPDX-License-Identifier: MIT
 *
 * Layer after layer in double precision: the layers of reference.h as a network,
 * whose parameters and running statistics are those of the network under test,
 * found by the names of their slices. */
#ifndef TEST_REFERENCE_NET_H
#define TEST_REFERENCE_NET_H

#include "reference.h"

enum ref_kind {
    REF_KIND_CONV,     /* NAME.weight, NAME.bias */
    REF_KIND_DENSE,    /* the same */
    REF_KIND_CONVLSTM, /* the same */
    REF_KIND_RNN,      /* NAME.weight_ih, NAME.weight_hh, NAME.bias_ih, NAME.bias_hh */
    REF_KIND_NORM,     /* NAME.weight, NAME.bias, NAME.running_mean, NAME.running_var */
    REF_KIND_RELU,
    REF_KIND_POOL,    /* maximum or mean of windows */
    REF_KIND_GLOBAL,  /* mean, maximum and last value over a record's images */
    REF_KIND_FLATTEN, /* a record's images as one row of features */
    REF_KIND_DROPOUT,
    REF_KIND_SAME, /* y is x: goes back to an earlier layer's */
    REF_KIND_SUM,  /* of x and the output of layer `other` */
};
/* Where a layer's x comes from: the layer before it, the network's input, or 1 + a layer's place.
 */
enum { REF_BEFORE = 0, REF_INPUT = -1 };
struct ref_layer {
    enum ref_kind kind;
    char name[48];
    int source, other;
    int images, c, h, w;   /* of x: a record's images (T), each (C, H, W); filled in */
    int y[4];              /* the same of y */
    int k, kernel, stride; /* k: channels of y, hidden channels or features */
    int pad;               /* -1: same */
    bool row;              /* conv, pool: kernel (1, kernel) */
    bool window_mean;      /* pool: mean, not maximum */
    bool partial;          /* pool: windows over the right and lower end */
    bool bias;             /* conv, dense, convlstm */
    bool last_only;        /* convlstm */
    bool gru;              /* rnn: else an LSTM */
    bool cell_norm;        /* convlstm: NAME.norm_weight, NAME.norm_bias */
    bool mean, max;        /* global */
    bool max_first;        /* [maximum, mean] */
    bool summed;           /* norm: a sum after it is rounded once, with what it adds */
    bool last;             /* global: the last value of the last image, too */
    bool paired;           /* dense: unit k minus unit k + K of twice as many */
    double rate;           /* dropout */
    double slope;          /* relu: below 0 */
    const uint8_t *mask;   /* dropout: (N, features) of 0 or 1; NULL: y is x */
};
enum { REF_LAYERS_MAX = 256 };
struct ref_net {
    const struct leadseq_params *params, *state; /* slices; state may be NULL */
    struct ref_layer layer[REF_LAYERS_MAX];
    int n_layers;
    int images, c, h, w; /* of the output; of the input before the first layer is added */
    int input[4];        /* the input's, once there is a layer */
    /* As a network in bfloat16: x, w, y, dy and dx of convolutions are rounded to it, so are y and
     * dx of norms, ReLUs and pools after them; the rest is not. */
    bool rounds;
};
/* Appends a copy of `layer`, its x being the output so far unless it has another source. */
void ref_net_add(struct ref_net *net, const struct ref_layer *layer);
size_t ref_net_count(const struct ref_net *net, int batch); /* values of the output */

/* x (T·N, C, H, W), step outermost. With dy all gradients are computed as well, and
 * added to. In training the statistics are the batch's; state is not updated. */
struct ref_net_pass {
    int batch;
    bool training;
    const double *x, *params, *state; /* blocks as the slices say */
    const double *dy;                 /* NULL: forward alone */
    double *y;
    double *dx, *dparams; /* with dy; dx may be NULL */
};
void ref_net_run(const struct ref_net *net, const struct ref_net_pass *p);

#endif
