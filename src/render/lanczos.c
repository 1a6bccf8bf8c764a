/* SPDX-License-Identifier: MIT
 *
 * Grey pictures to another size by Lanczos's kernel, a = 4: sinc(t)·sinc(t/4) over
 * the eight nearest pixels, whatever the scale, weights brought to a sum of 1, edges
 * repeated. Pixel centres keep their places: source = (target + 1/2)·scale - 1/2.
 * This is the resizing that the published code called; made smaller, it does not
 * average more pixels than eight. Weights are in 1/2048, as its 8-bit arithmetic had them. */
#include "lanczos.h"

#include <math.h>
#include <stdlib.h>

enum { TAPS = 8, BITS = 11, ONE = 1 << BITS, PAPER = 255, BLOCK = 32 };

/* Weights of the pixels first … first + 7 for each target place. */
struct taps {
    int first, sum;
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
    for (int i = 0; i < TAPS; i++) {
        taps->weight[i] = (int16_t)lrintf(w[i] / sum * ONE);
        taps->sum += taps->weight[i];
    }
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

static uint8_t rounded(int64_t sum)
{
    int64_t v = (sum + ((int64_t)1 << (2 * BITS - 1))) >> (2 * BITS);
    return (uint8_t)(v < 0 ? 0 : v > PAPER ? PAPER : v);
}

/* Most of a picture is paper: what is summed is how far pixels are from white, and
 * blocks of columns without any ink are passed over. */
struct resizing {
    const uint8_t *from;
    int width, height, to_width, blocks;
    struct taps *across, *down;
    int *row;       /* (height, to_width) distances from white, in 1/2048 */
    uint8_t *inked; /* (height, blocks) */
};

static bool has_ink(const uint8_t *p, int n)
{
    for (int i = 0; i < n; i++)
        if (p[i] != PAPER) return true;
    return false;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static void resize_row(const struct resizing *r, int y)
{
    const uint8_t *from = r->from + (size_t)y * (size_t)r->width;
    int *row = r->row + (size_t)y * (size_t)r->to_width;
    for (int b = 0; b < r->blocks; b++) {
        int x0 = b * BLOCK, x1 = smaller(x0 + BLOCK, r->to_width);
        int first = inside(r->across[x0].first, r->width);
        int last = inside(r->across[x1 - 1].first + TAPS - 1, r->width);
        if (!has_ink(from + first, last - first + 1)) continue;
        r->inked[(size_t)y * (size_t)r->blocks + (size_t)b] = 1;
        for (int x = x0; x < x1; x++) {
            const struct taps *t = &r->across[x];
            bool edge = t->first < 0 || t->first + TAPS > r->width;
            int sum = 0;
            for (int i = 0; i < TAPS; i++) {
                int k = t->first + i;
                sum += t->weight[i] * (from[edge ? inside(k, r->width) : k] - PAPER);
            }
            row[x] = sum;
        }
    }
}

/* Columns x0 … x1 - 1 of row y of the result. */
static void resize_block(const struct resizing *r, int y, int b, uint8_t *pixels)
{
    const struct taps *t = &r->down[y];
    int source[TAPS], x0 = b * BLOCK, x1 = smaller(x0 + BLOCK, r->to_width), n = 0, weight[TAPS];
    for (int i = 0; i < TAPS; i++) {
        int k = inside(t->first + i, r->height);
        if (!r->inked[(size_t)k * (size_t)r->blocks + (size_t)b]) continue;
        weight[n] = t->weight[i];
        source[n++] = k;
    }
    int64_t white = (int64_t)PAPER * t->sum;
    for (int x = x0; x < x1; x++) {
        int64_t sum = white * r->across[x].sum;
        for (int i = 0; i < n; i++)
            sum += (int64_t)weight[i] * r->row[(size_t)source[i] * (size_t)r->to_width + (size_t)x];
        pixels[x] = rounded(sum);
    }
}

int render_lanczos(const uint8_t *from, int width, int height, uint8_t *pixels, int to_width,
                   int to_height, size_t stride)
{
    struct resizing r = {.from = from,
                         .width = width,
                         .height = height,
                         .to_width = to_width,
                         .blocks = (to_width + BLOCK - 1) / BLOCK};
    r.across = taps_new(width, to_width);
    r.down = taps_new(height, to_height);
    r.row = leadseq_calloc((size_t)height * (size_t)to_width, sizeof *r.row);
    r.inked = leadseq_calloc((size_t)height * (size_t)r.blocks, 1);
    int status = r.across && r.down && r.row && r.inked ? 0 : -1;
    for (int y = 0; !status && y < height; y++) resize_row(&r, y);
    for (int y = 0; !status && y < to_height; y++)
        for (int b = 0; b < r.blocks; b++) resize_block(&r, y, b, pixels + (size_t)y * stride);
    free(r.across);
    free(r.down);
    free(r.row);
    free(r.inked);
    return status;
}
