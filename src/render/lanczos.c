/* SPDX-License-Identifier: MIT
 *
 * Grey pictures to another size by Lanczos's kernel, a = 4: sinc(t)·sinc(t/4) over
 * the eight nearest pixels, whatever the scale, weights brought to a sum of 1, edges
 * repeated. Pixel centres keep their places: source = (target + 1/2)·scale - 1/2.
 * This is the resizing that the published code called; made smaller, it does not
 * average more pixels than eight. Weights are in 1/2048, as its 8-bit arithmetic had them. */
#include "render_private.h"

#include <math.h>
#include <stdlib.h>

enum { TAPS = 8, BITS = 11, ONE = 1 << BITS };

/* Weights of the pixels first … first + 7 for each target place. */
struct taps {
    int first;
    int16_t weight[TAPS];
};

/* sin(π t) is the same for all taps but for its sign, and leaves with the sum. */
static void set_weights(struct taps *taps, double at)
{
    int base = (int)floor(at);
    float fraction = (float)(at - base), w[TAPS], sum = 0;
    taps->first = base - 3;
    for (int i = 0; i < TAPS; i++) {
        double t = (double)fraction + 3 - i;
        w[i] = fabs(t) < 1e-6 ? 1e30f : (float)((i % 2 ? -1 : 1) * sin(M_PI * t / 4) / (t * t));
        sum += w[i];
    }
    for (int i = 0; i < TAPS; i++) taps->weight[i] = (int16_t)lrintf(w[i] / sum * ONE);
}

static struct taps *taps_new(int from, int to)
{
    struct taps *taps = leadseq_calloc((size_t)to, sizeof *taps);
    double scale = (double)from / to;
    for (int i = 0; taps && i < to; i++) set_weights(&taps[i], (i + 0.5) * scale - 0.5);
    return taps;
}

static int inside(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* One row to its new width, in 1/2048. */
static void resize_row(const struct taps *taps, const uint8_t *from, int width, int to, int *row)
{
    for (int x = 0; x < to; x++) {
        int sum = 0;
        for (int i = 0; i < TAPS; i++)
            sum += taps[x].weight[i] * from[inside(taps[x].first + i, width)];
        row[x] = sum;
    }
}

static uint8_t rounded(int64_t sum)
{
    int64_t v = (sum + ((int64_t)1 << (2 * BITS - 1))) >> (2 * BITS);
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

int render_lanczos(const uint8_t *from, int width, int height, uint8_t *pixels, int to_width,
                   int to_height, size_t stride)
{
    int status = -1;
    struct taps *across = taps_new(width, to_width), *down = taps_new(height, to_height);
    int *rows = leadseq_calloc((size_t)height * (size_t)to_width, sizeof *rows);
    if (!across || !down || !rows) goto end;
    for (int y = 0; y < height; y++)
        resize_row(across, from + (size_t)y * (size_t)width, width, to_width,
                   rows + (size_t)y * (size_t)to_width);
    for (int y = 0; y < to_height; y++) {
        const int *source[TAPS];
        for (int i = 0; i < TAPS; i++)
            source[i] = rows + (size_t)inside(down[y].first + i, height) * (size_t)to_width;
        for (int x = 0; x < to_width; x++) {
            int64_t sum = 0;
            for (int i = 0; i < TAPS; i++) sum += (int64_t)down[y].weight[i] * source[i][x];
            pixels[(size_t)y * stride + (size_t)x] = rounded(sum);
        }
    }
    status = 0;
end:
    free(across);
    free(down);
    free(rows);
    return status;
}
