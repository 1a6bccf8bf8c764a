/* SPDX-License-Identifier: MIT
 *
 * A DEFLATE encoder for pictures, between its files and pack.c. */
#ifndef DATASET_DEFLATE_H
#define DATASET_DEFLATE_H

#include "base/base.h"

enum { DEFLATE_SYMBOLS = 288 }; /* most of one code */

/* Lengths of a Huffman code for n symbols of these counts, none above `most` bits; 0 where the
 * count is. */
void deflate_lengths(const uint32_t *count, int n, int most, uint8_t *length);
/* The canonical code of these lengths, first bit lowest. */
void deflate_codes(const uint8_t *length, int n, uint16_t *code);

struct deflate; /* what one thread encodes with */
/* pixel, row: bytes from one pixel to the next and from one row to the next, at most 32768. */
struct deflate *deflate_new(size_t pixel, size_t row) LEADSEQ_CHECKED;
void deflate_free(struct deflate *d);
/* The most bytes that a stream of `bytes` bytes can take. */
size_t deflate_bound(size_t bytes);
/* DEFLATE blocks of the bytes, without any wrapper; returns how many bytes they take. */
size_t deflate_encode(struct deflate *d, const uint8_t *bytes, size_t n, uint8_t *out);

#endif
