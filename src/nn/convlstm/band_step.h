/* SPDX-License-Identifier: MIT
 *
 * One step of a whole batch on bands, forward and backward. All tensors are (N, ·, H, W), plain,
 * borrowed for the call. Each call divides its bands among the engine's threads; calls on the
 * same nn_band must not overlap, as they share its scratch. Nothing fails. */
#ifndef NN_BAND_STEP_H
#define NN_BAND_STEP_H

#include "band.h"

/* Where a step's [h, x] comes from. With neither h, h of the previous step is computed again as
 * o tanh(c) from its gates and c (not with pairs). All NULL: the first step. What is `kept` is in
 * the kernels' elements. */
struct nn_band_source {
    const float *h;
    const void *kept_h;
    const void *kept_gates; /* of the previous step */
    const float *c;
    const float *x;
};

struct nn_band_forward {
    bool first; /* h and c before are zero: source.h and c_before are NULL */
    struct nn_band_source source;
    const float *c_before;
    float *c;                  /* may be c_before */
    float *h;                  /* NULL: not wanted */
    void *kept_h, *kept_gates; /* in elements; NULL: not kept */
    float *gates;              /* as they are used; NULL: not wanted */
    float *sums;               /* not NULL: only the gates' sums (N, 4K, H, W) are wanted */
    double *moments; /* of those; (pieces, 4K, 2): Σa, Σa² of a band's rows; NULL: not wanted */
};
void nn_band_forward(struct nn_band *b, const struct nn_band_forward *f);

struct nn_band_backward {
    bool first;
    struct nn_band_source source;
    const void *kept_gates; /* in elements; NULL: computed again, row by row */
    const float *c, *c_before;
    const float *dh, *dy, *dc; /* of this step's h and c; NULL: zero */
    /* out; NULL at the first step. With `in_place`, dh_before may be dh or, where that is NULL, dy;
     * dc_before dc or, where that is NULL, c */
    float *dh_before, *dc_before;
    float *dx;     /* out; NULL: not wanted */
    float *dgates; /* out; NULL: not wanted */
    /* not NULL: a layer norm has left the derivatives of its outputs here, and those of the sums
     * follow from them; kept_gates, c, dh, dy and dc are not read, dc_before is not written */
    const struct nn_band_norm_back *norm;
};
/* Adds to the gradients of the weights, which stay in `partial` until all steps are done. */
void nn_band_backward(struct nn_band *b, const struct nn_band_backward *f);
void nn_band_gradients_clear(struct nn_band *b);
/* Adds the sum over slots, in their order, to the parameters' gradients; dbias may be NULL. */
void nn_band_gradients_add(const struct nn_band *b, float *dweight, float *dbias);

#endif
