/* SPDX-License-Identifier: MIT
 *
 * Sums over many values, on all threads and yet to the same bits for every
 * number of them: pieces of fixed length, added in their order. */
#include "probe_private.h"

enum { PIECE = 1 << 15, WAVE = 64 }; /* pieces summed at once */

static void add(struct diag_sums *to, const struct diag_sums *from)
{
    for (int k = 0; k < DIAG_SUMS; k++) to->sum[k] += from->sum[k];
    if (from->most > to->most || isnan(from->most)) to->most = from->most;
}

struct diag_sums diag_sum(diag_piece *piece, const void *of, size_t n)
{
    struct diag_sums whole = {0}, part[WAVE];
    for (size_t begin = 0; begin < n; begin += (size_t)WAVE * PIECE) {
        size_t left = n - begin, pieces = (left + PIECE - 1) / PIECE;
        if (pieces > WAVE) pieces = WAVE;
#pragma omp parallel for if (pieces > 1) schedule(static)
        for (size_t k = 0; k < pieces; k++) {
            size_t from = k * PIECE, to = left - from < PIECE ? left : from + PIECE;
            part[k] = (struct diag_sums){0};
            piece(of, begin + from, begin + to, &part[k]);
        }
        for (size_t k = 0; k < pieces; k++) add(&whole, &part[k]);
    }
    return whole;
}

static void square_piece(const void *of, size_t from, size_t to, struct diag_sums *s)
{
    const float *x = of;
    double squares = 0;
#pragma omp simd reduction(+ : squares)
    for (size_t i = from; i < to; i++) squares += (double)x[i] * x[i];
    s->sum[0] = squares;
}

double diag_norm(const float *x, size_t n)
{
    return sqrt(diag_sum(square_piece, x, n).sum[0]);
}

struct pair {
    const float *x, *y;
};

static void dot_piece(const void *of, size_t from, size_t to, struct diag_sums *s)
{
    const struct pair *p = of;
    double dot = 0;
#pragma omp simd reduction(+ : dot)
    for (size_t i = from; i < to; i++) dot += (double)p->x[i] * p->y[i];
    s->sum[0] = dot;
}

double diag_dot(const float *x, const float *y, size_t n)
{
    return diag_sum(dot_piece, &(struct pair){x, y}, n).sum[0];
}
