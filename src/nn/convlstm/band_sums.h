/* SPDX-License-Identifier: MIT
 *
 * One band of one step backward, and its share of the weights' gradient. For band_backward.c and
 * band_sums.c. */
#ifndef NN_BAND_SUMS_H
#define NN_BAND_SUMS_H

#include "band_step.h"

struct nn_band_step {
    const struct nn_band *b;
    const struct nn_band_work *w; /* the thread's */
    const struct nn_band_weights *k;
    const struct nn_band_backward *f;
    int n, begin, end; /* image; rows */
    size_t plane;      /* H·W */
    int from, to;      /* of the groups `sums` of gates: those whose weights' gradient is summed */
};
/* Row y of dgates in its ring. */
uint32_t *nn_band_d_row(const struct nn_band_step *s, int y);
/* Two rows at once: mixes gates [from, to) of rows y and y + 1 of dgates, which are in their ring.
 */
void nn_band_mix_d(const struct nn_band_step *s, int y, int from, int to);
/* Adds unit y, whose dgates and [h, x] are in the rings, and mixed where a unit is two rows, to the
 * weights' sums of the thread. */
void nn_band_sum_unit(const struct nn_band_step *s, int y);
void nn_band_sums_clear(const struct nn_band_step *s);
/* Adds the thread's sums to gradients (n_weights) in the parameters' order. */
void nn_band_sums_add(const struct nn_band_step *s, double *to);

#endif
