/* SPDX-License-Identifier: MIT
 *
 * The convolution of a few plain channels, as images are, to blocks of sixteen: for conv.c, 3 x 3
 * with the same padding. oneDNN would copy x into NHWC and keep the copy until the backward pass;
 * in float32 it takes AVX2 for the weights' gradient, in bfloat16 half as long again forward. */
#ifndef NN_CONV_FEW_H
#define NN_CONV_FEW_H

#include "tensor.h"

struct nn_few_kernels; /* conv_few_row.h */

/* x (N, C, H, W) in NCHW, float32; y (N, K, H, W) in nChw16c, K whole blocks, in the convolution's
 * values. In bfloat16 x and w are rounded as they are read. */
struct nn_conv_few {
    size_t images, inputs, blocks, rows, columns; /* N, C, K / 16, H, W */
    size_t band, bands;                           /* rows of a piece of work, pieces of an image */
    size_t threads, size;                         /* bytes of a value of y */
    const struct nn_few_kernels *kernels;
    float *weights; /* (K / 16, C, 3, 3, 16), or as the kernels arrange them */
    float *bias;    /* (K) */
    float *ring;    /* (threads, 3, C, a row with zeros around it) */
    float *partial; /* (N, bands, K / 16, 9 C + 1, 16): the gradients of each piece; training */
};
/* Whether it is made for such a convolution, by shape and instruction set. */
bool nn_conv_few_suits(const struct nn_convolution *s);
int nn_conv_few_init(struct nn_conv_few *f, const struct leadseq_engine *engine,
                     const struct nn_convolution *s) LEADSEQ_CHECKED;
void nn_conv_few_clear(struct nn_conv_few *f); /* takes zeros */
size_t nn_conv_few_bytes(const struct nn_convolution *s, bool training);
/* w (K, C, 3, 3), bias (K) or NULL. */
void nn_conv_few_forward(const struct nn_conv_few *f, const float *w, const float *bias,
                         const float *x, void *y);
/* Adds to dw, and to db unless that is NULL. */
void nn_conv_few_gradient(const struct nn_conv_few *f, const float *x, const void *dy, float *dw,
                          float *db);

#endif
