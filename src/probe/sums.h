/* SPDX-License-Identifier: MIT
 *
 * Sums over many values in double, on all threads, with the same bits for every
 * number of threads. */
#ifndef PROBE_SUMS_H
#define PROBE_SUMS_H

#include "optim/optim.h"

/* leadseq_sum_pieces() over pieces of the length that all probes use. */
struct leadseq_sums probe_sum(leadseq_sum_piece *piece, const void *of, size_t n);
double probe_norm(const float *x, size_t n);
double probe_dot(const float *x, const float *y, size_t n);
/* x <- by x; x <- x - times y. Every value by itself. */
void probe_scale(float *x, size_t n, double by);
void probe_subtract(float *x, const float *y, size_t n, double times);

#endif
