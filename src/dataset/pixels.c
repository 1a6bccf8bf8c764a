/* SPDX-License-Identifier: MIT
 *
 * Pixels as bytes to pixels as floats, and their moments by exact counts. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* p = u/255, inverted 1 - p; value = (p - mean)·scale. Division keeps paper at exactly 1. */
static float converted(const struct dataset_conversion *how, int byte)
{
    const float p = (float)byte / 255.0f;
    return ((how->invert ? 1.0f - p : p) - how->mean) * how->scale;
}

/* By a table of the 256 values: a division for each takes half as long again. */
void dataset_pixels_convert(const struct dataset_conversion *how, const uint8_t *restrict bytes,
                            size_t stride, float *restrict values, size_t n)
{
    float of[256];
    for (int byte = 0; byte < 256; byte++) of[byte] = converted(how, byte);
    if (stride == 1)
        for (size_t i = 0; i < n; i++) values[i] = of[bytes[i]];
    else
        for (size_t i = 0; i < n; i++) values[i] = of[bytes[i * stride]];
}

void dataset_values_convert(const struct dataset_conversion *how, const float *restrict p,
                            size_t stride, float *restrict values, size_t n)
{
    const float sign = how->invert ? -1.0f : 1.0f, zero = how->invert ? 1.0f : 0.0f;
    const float mean = how->mean, scale = how->scale;
    for (size_t i = 0; i < n; i++) values[i] = (zero + sign * p[i * stride] - mean) * scale;
}

/* Four counters a value: neighbouring pixels are mostly equal, and adding to the
 * same counter would wait for itself. */
static void count_bytes(const uint8_t *bytes, size_t n, uint64_t count[256])
{
    uint32_t part[4][256] = {{0}};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++) part[k][bytes[i + k]]++;
    for (; i < n; i++) part[0][bytes[i]]++;
    for (int v = 0; v < 256; v++)
        count[v] += (uint64_t)part[0][v] + part[1][v] + part[2][v] + part[3][v];
}

/* Values of each of `channels` kinds, which take turns. */
static void count_channels(const uint8_t *bytes, size_t n, int channels, uint64_t count[3][256])
{
    if (channels == 1) {
        count_bytes(bytes, n, count[0]);
        return;
    }
    for (size_t i = 0; i < n; i++) count[i % (size_t)channels][bytes[i]]++;
}

static int count_record(struct leadseq_stack *stack, size_t position, int channels,
                        uint64_t count[3][256])
{
    size_t bytes = leadseq_drawing_bytes(leadseq_stack_drawing(stack));
    uint8_t *images = leadseq_calloc(bytes, 1);
    if (!images) return -1;
    int status = leadseq_stack_read(stack, position, images);
    if (!status) count_channels(images, bytes, channels, count);
    free(images);
    return status;
}

/* Every k-th record, so that at most `most` are read. */
static int count_records(struct leadseq_stack *stack, const size_t *position, size_t n, size_t most,
                         int channels, uint64_t total[3][256])
{
    size_t taken = n < most ? n : most;
    char *message = NULL;
#pragma omp parallel
    {
        uint64_t count[3][256] = {{0}};
        int status = 0;
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < taken; i++)
            if (!status) status = count_record(stack, position[i * n / taken], channels, count);
#pragma omp critical
        {
            for (int c = 0; c < channels; c++)
                for (int v = 0; v < 256; v++) total[c][v] += count[c][v];
            if (status && !message) message = leadseq_format("%s", leadseq_error());
        }
    }
    if (!message) return 0;
    leadseq_fail("%s", message); // of the thread that failed
    free(message);
    return -1;
}

static void moments_of(const uint64_t count[256], bool invert, double *mean, double *deviation)
{
    uint64_t pixels = 0;
    double sum = 0, squares = 0;
    for (int v = 0; v < 256; v++) {
        pixels += count[v];
        sum += (double)count[v] * v / 255;
    }
    *mean = sum / (double)pixels;
    for (int v = 0; v < 256; v++) {
        double d = v / 255.0 - *mean;
        squares += (double)count[v] * d * d;
    }
    *deviation = sqrt(squares / (double)pixels);
    if (invert) *mean = 1 - *mean;
}

int leadseq_batches_moments(struct leadseq_stack *stack, const size_t *position, size_t n,
                            bool invert, int channels, double *mean, double *deviation)
{
    enum { ENOUGH = 4096 };
    if (n == 0) return leadseq_fail("%s: no records to standardise by", leadseq_stack_path(stack));
    uint64_t count[3][256] = {{0}};
    if (count_records(stack, position, n, ENOUGH, channels, count)) return -1;
    for (int c = 0; c < channels; c++) moments_of(count[c], invert, &mean[c], &deviation[c]);
    return 0;
}
