/* SPDX-License-Identifier: MIT
 *
 * Backward, the gradients of h and c of a step are written over those of the step after it. A band
 * reads the rows next to it, too, which its neighbours write over meanwhile: of these there are
 * copies, made before the bands begin. For band_backward.c. */
#ifndef NN_BAND_EDGES_H
#define NN_BAND_EDGES_H

#include "band_step.h"
#include "band_sums.h"

/* What is written over: dh or dy, and dc or c. */
enum nn_band_edge { NN_BAND_OF_H, NN_BAND_OF_C };
/* Copies the rows next to every band; nothing to do where nothing is written over. */
void nn_band_edges_save(struct nn_band *b, const struct nn_band_backward *f);
/* The copy of row y, which is at most `pad` rows away from the band. */
struct nn_band_rows nn_band_edge_row(const struct nn_band_step *s, enum nn_band_edge tensor, int y);

#endif
