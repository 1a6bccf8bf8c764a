/* SPDX-License-Identifier: MIT
 *
 * Layer norm of the gates' sums. Each gate of a record, its K channels over all rows and columns
 * (M = K·H·W values), is brought to mean 0 and variance 1 and then scaled and shifted channel by
 * channel:
 *
 *   μ = mean a,  r = 1 / √(mean (a - μ)² + ε),  â = (a - μ) r,  y = γ â + β
 *
 * A mean needs the whole image, so a step goes over its sums twice: nn_band_forward() writes
 * them and adds up their moments, nn_band_norm_forward() does the rest. Calls use the engine's
 * threads and the scratch of the nn_band: they must not overlap with each other or with its
 * steps. */
#ifndef NN_BAND_NORM_H
#define NN_BAND_NORM_H

#include "band.h"

struct nn_band_norm {
    const struct nn_band *b;
    const float *gain, *shift; /* γ, β (4K), of the parameters */
    double *partial;           /* (pieces, 4K, 2): sums of a pass, added in the order of pieces */
    float *affine;             /* (N, 4K, 4): a pass's coefficients */
};
int nn_band_norm_init(struct nn_band_norm *m, const struct nn_band *b, const float *gain,
                      const float *shift) LEADSEQ_CHECKED;
void nn_band_norm_clear(struct nn_band_norm *m); /* takes zeros */
/* (N, 4) of {μ, r} from partial, which nn_band_forward() has filled with moments. */
void nn_band_norm_statistics(const struct nn_band_norm *m, double *statistic);

/* One step of the batch; all (N, ·, H, W), plain, borrowed for the call. */
struct nn_band_norm_step {
    const float *sums;
    const double *statistic;
    const float *c_before;     /* NULL: zero */
    float *c, *h;              /* out, forward; in (c alone), backward */
    float *gates;              /* out, forward: after activation; NULL: not wanted */
    const float *dh, *dy, *dc; /* NULL: zero */
    float *dc_before;          /* NULL: not wanted; may be dc */
    float *d;                  /* out, backward: of y, what the activations see */
};
void nn_band_norm_forward(const struct nn_band_norm *m, const struct nn_band_norm_step *s);
/* What nn_band_backward() computes the derivatives of the sums from: u d + v (a - μ) + w. */
struct nn_band_norm_back {
    const float *d, *sums; /* (N, 4K, H, W) */
    const float *affine;   /* (N, 4K, 4): μ, u, v, w */
};
/* Writes d and fills m->affine; adds to dgain and dshift (4K). */
void nn_band_norm_backward(const struct nn_band_norm *m, const struct nn_band_norm_step *s,
                           float *dgain, float *dshift);
/* --- Rows, for the files of the band ------------------------------------------------------- */

/* `count` values of a row: y = (a - μ) k[1] + k[2] with μ = k[0]. */
void nn_band_norm_row(const float *k, const float *a, size_t count, float *y);
/* da = k[1] d + k[2] (a - μ) + k[3] */
void nn_band_norm_row_back(const float *k, const float *d, const float *a, size_t count, float *da);
/* sum[0] += Σ a, sum[1] += Σ a². */
void nn_band_norm_moments(const float *a, size_t count, double sum[2]);

#endif
