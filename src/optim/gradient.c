/* SPDX-License-Identifier: MIT
 *
 * The norm of the gradient, and its clipping. */
#include "optim.h"

#include <math.h>

enum { PARALLEL_FROM = 1 << 15, PIECE = 1 << 16 };
enum { SQUARES, ZEROS };

static void gradient_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const float *g = of;
    double squares = 0;
    size_t zeros = 0;
#pragma omp simd reduction(+ : squares, zeros) // or each addition waits for the one before
    for (size_t i = from; i < to; i++) {
        squares += (double)g[i] * (double)g[i];
        zeros += g[i] == 0;
    }
    s->sum[SQUARES] = squares;
    s->sum[ZEROS] = (double)zeros;
}

double leadseq_gradient_norm(const struct leadseq_params *params, size_t *zeros)
{
    double squares = 0, zero = 0;
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *slice = &params->slice[i];
        struct leadseq_sums s = leadseq_sum_pieces(gradient_piece, params->gradient + slice->offset,
                                                   slice->count, PIECE);
        squares += s.sum[SQUARES];
        zero += s.sum[ZEROS];
    }
    if (zeros) *zeros = (size_t)zero;
    return sqrt(squares);
}

void leadseq_gradient_clip(struct leadseq_params *params, double norm, double most)
{
    float factor = (float)(most / (norm + 1e-6));
    if (!(factor < 1)) return;
#pragma omp parallel for simd if (params->count >= PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < params->count; i++) params->gradient[i] *= factor;
}

double leadseq_gradient_limit(struct leadseq_params *params, double most, size_t *zeros)
{
    double norm = leadseq_gradient_norm(params, zeros);
    if (isfinite(norm) && most > 0) leadseq_gradient_clip(params, norm, most);
    return norm;
}
