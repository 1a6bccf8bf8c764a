/* SPDX-License-Identifier: MIT
 *
 * See conv_fold.h. */
#include "conv_fold.h"

#include "lanes.h"
#include "norm.h"

#include <stdlib.h>

int nn_conv_fold_init(struct nn_conv_fold *f, const struct nn_layer *norm, int channels)
{
    *f = (struct nn_conv_fold){.norm = norm};
    f->scale = leadseq_calloc(2 * (size_t)channels, sizeof *f->scale);
    if (!f->scale) return -1;
    f->shift = f->scale + channels;
    return 0;
}

void nn_conv_fold_clear(struct nn_conv_fold *f)
{
    free(f->scale);
    *f = (struct nn_conv_fold){0};
}

/* Each lane a digest of its own: d = (d ^ value) · odd, so that one changed value always shows. */
CLONES static void digest(uint32_t to[NN_DIGEST], const void *from, size_t bytes)
{
    bits d;
    memcpy(&d, to, sizeof d);
    for (size_t i = 0; i < bytes; i += sizeof d) {
        bits v = {0};
        memcpy(&v, (const char *)from + i, bytes - i < sizeof v ? bytes - i : sizeof v);
        d = (d ^ v) * 0x9e3779b1u;
        d ^= d >> 15;
    }
    memcpy(to, &d, sizeof d);
}

CLONES static void scale_row(float *to, const float *from, double scale, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = (float)(scale * (double)from[i]);
}

bool nn_conv_fold_run(struct nn_conv_fold *f, const float *w, size_t each, const float *bias,
                      float *to, float *to_bias)
{
    const size_t channels = (size_t)f->norm->in.c;
    uint32_t now[NN_DIGEST] = {1};
    nn_norm_line(f->norm, f->scale, f->shift);
    digest(now, f->scale, 2 * channels * sizeof *f->scale);
    digest(now, w, channels * each * sizeof *w);
    if (bias) digest(now, bias, channels * sizeof *bias);
    if (f->folded && !memcmp(now, f->digest, sizeof now)) return false;
    memcpy(f->digest, now, sizeof now);
    f->folded = true;
#pragma omp parallel for schedule(static)
    for (size_t k = 0; k < channels; k++) {
        scale_row(to + k * each, w + k * each, f->scale[k], each);
        to_bias[k] = (float)((bias ? f->scale[k] * (double)bias[k] : 0) + f->shift[k]);
    }
    return true;
}
