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
    REF_KIND_NORM,     /* NAME.weight, NAME.bias, NAME.running_mean, NAME.running_var */
    REF_KIND_RELU,
    REF_KIND_POOL,    /* maximum */
    REF_KIND_GLOBAL,  /* mean, maximum or both over a record's images */
    REF_KIND_FLATTEN, /* a record's images as one row of features */
    REF_KIND_DROPOUT,
};
struct ref_layer {
    enum ref_kind kind;
    char name[48];
    int images, c, h, w;   /* of x: a record's images (T), each (C, H, W); filled in */
    int k, kernel, stride; /* k: channels of y, hidden channels or features */
    int pad;               /* -1: same */
    bool bias;             /* conv, dense, convlstm */
    bool last_only;        /* convlstm */
    bool cell_norm;        /* convlstm: NAME.norm_weight, NAME.norm_bias */
    bool mean, max;        /* global */
    double rate;           /* dropout */
    const uint8_t *mask;   /* dropout: (N, features) of 0 or 1; NULL: y is x */
};
enum { REF_LAYERS_MAX = 48 };
struct ref_net {
    const struct leadseq_params *params, *state; /* slices; state may be NULL */
    struct ref_layer layer[REF_LAYERS_MAX];
    int n_layers;
    int images, c, h, w; /* of the output; of the input before the first layer is added */
    /* As a network in bfloat16: x, w, y, dy and dx of convolutions are rounded to it, so are y and
     * dx of norms, ReLUs and pools after them; the rest is not. */
    bool rounds;
};
/* Appends a copy of `layer`, its x being the output so far. */
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
