/* SPDX-License-Identifier: MIT
 *
 * The update of Adam and AdamW, in float32 in the order of operations torch.optim uses. */
#include "moves.h"

#include <math.h>

double moves_beta1(const struct leadseq_optim *how, bool *plain)
{
    *plain = false;
    return how->beta1;
}

void moves_adaptively(const struct leadseq_optim *how, const struct leadseq_update *u, float keep,
                      float l2)
{
    float *restrict p = u->value;
    float *restrict m = u->moment[0], *restrict v = u->moment[1];
    const float *restrict g = u->gradient;
    const float b1 = (float)u->momentum, c1 = (float)(1 - u->momentum);
    const float b2 = (float)how->beta2, c2 = (float)(1 - how->beta2);
    // Moments start at 0 and are too small at first; the powers of β say by how much.
    const float size = (float)(u->lr / (1 - pow(u->momentum, (double)u->step)));
    const float root = (float)sqrt(1 - pow(how->beta2, (double)u->step));
    const float epsilon = (float)how->epsilon;
#pragma omp parallel for simd if (u->count >= MOVES_PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < u->count; i++) {
        float value = p[i] * keep, d = g[i] + l2 * p[i];
        m[i] = b1 * m[i] + c1 * d;
        v[i] = b2 * v[i] + c2 * d * d;
        p[i] = value - size * (m[i] / (sqrtf(v[i]) / root + epsilon));
    }
}
