/* SPDX-License-Identifier: MIT
 *
 * Files of tensors in the safetensors format: named arrays of numbers and nothing that could be
 * run. Read with every rule of the format checked, since files come from anywhere; written as its
 * own library writes them.
 *
 *   u64 N, little-endian | N bytes of JSON | buffer
 *   {"__metadata__": {"format": "pt"},
 *    "conv1.weight": {"dtype": "F32", "shape": [64, 3, 7, 7], "data_offsets": [0, 37632]}, …}
 *
 * Threads: an open file may be read by one thread at a time. */
#ifndef EXCHANGE_SAFETENSORS_H
#define EXCHANGE_SAFETENSORS_H

#include "base/base.h"

enum { SAFETENSORS_RANK_MOST = 8 };
enum { SAFETENSORS_HEADER_MOST = 100000000 };

struct safetensor {
    char *name;
    const char *dtype; /* "F32" */
    size_t shape[SAFETENSORS_RANK_MOST];
    int rank;          /* 0: one number */
    size_t count;      /* numbers */
    size_t begin, end; /* bytes of the buffer */
};
struct safetensors {
    char *path;
    FILE *file;
    size_t header; /* bytes before the buffer */
    struct safetensor *tensor;
    size_t n; /* in the order of their bytes */
};
/* Whether a file begins as a safetensors file does: 9 bytes, the last of them "{". */
bool safetensors_begins(const unsigned char head[9]);
struct safetensors *safetensors_open(const char *path) LEADSEQ_CHECKED;
void safetensors_close(struct safetensors *s); /* takes NULL */
/* NULL: there is none of that name. */
const struct safetensor *safetensors_find(const struct safetensors *s, const char *name);
/* value (count): rounded to float32 where the file has another type. A number that is not finite is
 * refused. */
int safetensors_read(struct safetensors *s, const struct safetensor *t,
                     float *value) LEADSEQ_CHECKED;

/* A tensor to be written, in float32. */
struct safetensors_part {
    const char *name;
    const size_t *shape;
    int rank;
    const float *value;
};
/* Tensors by name; `part` is put in that order. */
int safetensors_write(FILE *out, struct safetensors_part *part, size_t n) LEADSEQ_CHECKED;

#endif
