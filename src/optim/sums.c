/* SPDX-License-Identifier: MIT
 *
 * Sums over many values on all threads, the same bits for every number of threads. A plain
 * OpenMP reduction would add the threads' sums in whatever order they end, and cut the values
 * by the number of threads; here the pieces are fixed, and added in their order. */
#include "optim.h"

#include <math.h>

enum { WAVE = 64 }; /* pieces summed at once, before they are added */

static void add(struct leadseq_sums *to, const struct leadseq_sums *from)
{
    for (int k = 0; k < LEADSEQ_SUMS; k++) to->sum[k] += from->sum[k];
    if (from->most > to->most || isnan(from->most)) to->most = from->most;
}

struct leadseq_sums leadseq_sum_pieces(leadseq_sum_piece *piece, const void *of, size_t n,
                                       size_t length)
{
    struct leadseq_sums whole = {0}, part[WAVE];
    for (size_t begin = 0; begin < n; begin += WAVE * length) {
        size_t left = n - begin, pieces = (left + length - 1) / length;
        if (pieces > WAVE) pieces = WAVE;
#pragma omp parallel for if (pieces > 1) schedule(static)
        for (size_t k = 0; k < pieces; k++) {
            size_t from = k * length, to = left - from < length ? left : from + length;
            part[k] = (struct leadseq_sums){0};
            piece(of, begin + from, begin + to, &part[k]);
        }
        for (size_t k = 0; k < pieces; k++) add(&whole, &part[k]);
    }
    return whole;
}
