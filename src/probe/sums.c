/* SPDX-License-Identifier: MIT
 *
 * Sums that several probes take. Values are cut into pieces of a fixed length and the pieces' sums
 * are added in order, so that the result has the same bits for any number of threads. */
#include "sums.h"

#include <math.h>

enum { PIECE = 1 << 15 }; /* values summed by one thread at a time */

struct leadseq_sums probe_sum(leadseq_sum_piece *piece, const void *of, size_t n)
{
    return leadseq_sum_pieces(piece, of, n, PIECE);
}

static void square_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const float *x = of;
    double squares = 0;
#pragma omp simd reduction(+ : squares)
    for (size_t i = from; i < to; i++) squares += (double)x[i] * x[i];
    s->sum[0] = squares;
}

double probe_norm(const float *x, size_t n)
{
    return sqrt(probe_sum(square_piece, x, n).sum[0]);
}

struct pair {
    const float *x, *y;
};

static void dot_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct pair *p = of;
    double dot = 0;
#pragma omp simd reduction(+ : dot)
    for (size_t i = from; i < to; i++) dot += (double)p->x[i] * p->y[i];
    s->sum[0] = dot;
}

double probe_dot(const float *x, const float *y, size_t n)
{
    return probe_sum(dot_piece, &(struct pair){x, y}, n).sum[0];
}

/* Vectors of a state are long (hundreds of thousands of values), so their loops use all threads;
 * every element is computed by itself, so the result has the same bits for any number of threads.
 */
void probe_scale(float *x, size_t n, double by)
{
    const float f = (float)by;
#pragma omp parallel for simd schedule(static) if (n > 65536)
    for (size_t i = 0; i < n; i++) x[i] *= f;
}

void probe_subtract(float *x, const float *y, size_t n, double times)
{
    const float f = (float)times;
#pragma omp parallel for simd schedule(static) if (n > 65536)
    for (size_t i = 0; i < n; i++) x[i] -= f * y[i];
}
