/* SPDX-License-Identifier: MIT
 *
 * Products of matrices for rnn.c, whose right side has 64 columns: four gates of sixteen units, or
 * 64 values of h. A tile is six rows of sums in registers.
 *
 * In float32 an element is a float; in bfloat16 a pair of values that follow each other in the
 * direction of the sum, of the same size, whose products both go to the same float32 sum
 * (AVX-512's vdpbf16ps). So addresses are the same in both: strides count elements of four bytes.
 *
 * Each sum is taken in the order of its terms, whatever rows are in a tile, so that neither the
 * number of threads nor how rows are divided among them changes a bit. */
#ifndef NN_RNN_TILE_H
#define NN_RNN_TILE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NN_UNITS = 16, /* of a panel: a vector of floats */
    NN_GATES = 4,  /* vectors of a row of a panel */
    NN_PANEL = NN_UNITS * NN_GATES
};

/* c (rows, 64) += Σ over blocks of a (rows, k) b (k, 64). */
struct nn_tiles {
    size_t rows, blocks, k;
    const void *a;
    size_t a_row, a_k, a_block; /* from an element of a to the next */
    const void *b;
    size_t b_block;
    float *c;
    size_t c_row;
    int without; /* a vector of b and c that is left out, 2 or 3; 0: none is */
};

struct nn_rnn_kernels {
    size_t pair; /* values of an element */
    void (*run)(const struct nn_tiles *t);
    /* n values that follow each other as (n + pair - 1) / pair elements, in bfloat16. */
    void (*along)(const float *x, size_t n, void *to);
    /* Of two rows one beside the other; the second may be NULL: zeros. */
    void (*across)(const float *x, const float *next, size_t n, void *to);
};
/* In float32 there is nothing to convert: both are NULL. */
extern const struct nn_rnn_kernels nn_rnn_f32, nn_rnn_bf16;
/* Whether the CPU that runs has the instructions of nn_rnn_bf16. */
bool nn_rnn_bf16_runs(void);

#endif
