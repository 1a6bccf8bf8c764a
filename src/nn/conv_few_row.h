/* SPDX-License-Identifier: MIT
 *
 * What conv_few.c gives to the kernels of a precision, a row at a time. */
#ifndef NN_CONV_FEW_ROW_H
#define NN_CONV_FEW_ROW_H

#include "conv_few.h"

enum { NN_FEW_TAPS = 9, NN_FEW_RUN = 64 }; /* 3 x 3; pixels that are added in registers */

/* A row of y or dy and the three rows of x around it. */
struct nn_few_row {
    const struct nn_conv_few *f;
    const float *in[3]; /* each (C, length), as `fill` left it */
    size_t length;      /* of a row in the ring, in floats */
    char *out;          /* of y, or dy, in block 0 */
    size_t block;       /* bytes from a block to the next */
    float *partial;     /* of the band */
};

/* A pass over all rows. Rows count from 1 in the ring, so that the row above the image is 0. */
struct nn_few_pass {
    /* A row of all channels, `rows` x `columns` values apart, into the ring, which has zeros. */
    void (*fill)(const struct nn_conv_few *f, const float *row, size_t length, float *to);
    void (*run)(const struct nn_few_row *r);
};
struct nn_few_kernels {
    struct nn_few_pass forward, gradient;
    void (*arrange)(const struct nn_conv_few *f, const float *w); /* (K, C, 3, 3) to f->weights */
};
extern const struct nn_few_kernels nn_few_f32, nn_few_bf16;
/* Whether the CPU that runs has the instructions of nn_few_bf16. */
bool nn_few_bf16_runs(void);

#endif
