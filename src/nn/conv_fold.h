/* SPDX-License-Identifier: MIT
 *
 * A norm's line in the weights and biases of the convolution before it, (s w) and (s b + t).
 * Weights and statistics may have changed with every pass; a digest of them shows it, so that
 * evaluating many batches folds once. */
#ifndef NN_CONV_FOLD_H
#define NN_CONV_FOLD_H

#include "layer.h"

enum { NN_DIGEST = 16 };

struct nn_conv_fold {
    const struct nn_layer *norm; /* NULL: none is folded */
    double *scale, *shift;       /* (K) its line */
    uint32_t digest[NN_DIGEST];  /* of what was folded last */
    bool folded;
};
int nn_conv_fold_init(struct nn_conv_fold *f, const struct nn_layer *norm,
                      int channels) LEADSEQ_CHECKED;
void nn_conv_fold_clear(struct nn_conv_fold *f); /* takes zeros */
/* (K, each) of `w` and (K) of `bias`, which may be NULL, into `to` and `to_bias`. False: they are
 * there already. */
bool nn_conv_fold_run(struct nn_conv_fold *f, const float *w, size_t each, const float *bias,
                      float *to, float *to_bias);

#endif
