/* SPDX-License-Identifier: MIT
 *
 * Rows of a band: packed from memory into a thread's rings, and what kernels read of them. For
 * band_forward.c and band_backward.c. A call works in the scratch it is given, so calls with
 * different scratch may run concurrently. */
#ifndef NN_BAND_ROWS_H
#define NN_BAND_ROWS_H

#include "band_step.h"

struct nn_band_place {
    int n, y; /* image, row */
};
/* Packs a row of [h, x] into its place in the rings; zeros for rows outside of the image. */
void nn_band_pack(const struct nn_band *b, const struct nn_band_work *w,
                  const struct nn_band_weights *k, const struct nn_band_source *s,
                  const struct nn_band_place *at);
/* Points a tile to the rows above, at and below row y in a ring, at the leftmost tap of column
 * x. These rows must be in the ring. */
void nn_band_taps(const struct nn_band *b, const uint32_t *ring, int words, int y, int x,
                  struct nn_band_tile *t);
int nn_band_vectors(const struct nn_band *b, int x); /* that the tile at column x needs: 1 or 2 */
/* Mixes the rows that unit y depends on and that are in the ring into work->in_mixed; nothing to
 * do where a unit is one row. */
void nn_band_mix(const struct nn_band *b, const struct nn_band_work *w,
                 const struct nn_band_weights *k, int y);
/* The sums of the gates of unit y, into (4K, stride) of each of its rows; NULL: not wanted. */
void nn_band_sums(const struct nn_band *b, const struct nn_band_work *w,
                  const struct nn_band_weights *k, int y, float *const row[2]);

#endif
