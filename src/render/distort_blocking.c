/* SPDX-License-Identifier: MIT
 *
 * Saved as JPEG with little patience: cosine transform of 8 × 8 blocks, coefficients rounded to
 * multiples of the standard's tables (ITU-T T.81, annex K, scaled to a quality as the
 * Independent JPEG Group does), and back. Quality is 100 - 95 × strength. Colour passes
 * as luma and two chromas of the full size (JFIF). No file is written, nothing is entropy coded. */
#include "distortion.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 8, AREA = SIDE * SIDE };

static const uint8_t luma[AREA] = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
};
static const uint8_t chroma[AREA] = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
    99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
};

struct coder {
    float cosine[AREA];  // (frequency, position), orthonormal
    float step[2][AREA]; // luma, chroma
};

static float scaled(int base, double quality)
{
    double percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    double step = floor((base * percent + 50) / 100);
    return (float)(step < 1 ? 1 : step > 255 ? 255 : step);
}

static void coder_init(struct coder *coder, double quality)
{
    for (int u = 0; u < SIDE; u++)
        for (int x = 0; x < SIDE; x++)
            coder->cosine[u * SIDE + x] =
                (float)(sqrt((u ? 2.0 : 1.0) / SIDE) * cos((2 * x + 1) * u * M_PI / (2 * SIDE)));
    for (int i = 0; i < AREA; i++) {
        coder->step[0][i] = scaled(luma[i], quality);
        coder->step[1][i] = scaled(chroma[i], quality);
    }
}

/* out = m · block along columns, transposed: twice of it transforms both axes. */
static void along(const float *m, bool back, const float *block, float *out)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            float sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += m[back ? k * SIDE + i : i * SIDE + k] * block[k * SIDE + j];
            out[j * SIDE + i] = sum;
        }
}

static void code_block(const struct coder *coder, int table, float *block)
{
    float half[AREA], both[AREA];
    along(coder->cosine, false, block, half);
    along(coder->cosine, false, half, both);
    for (int i = 0; i < AREA; i++) {
        float step = coder->step[table][i];
        both[i] = roundf(both[i] / step) * step;
    }
    along(coder->cosine, true, both, half);
    along(coder->cosine, true, half, block);
}

/* RGB to luma and chromas less 128, and back (JFIF). */
static void to_luma(float v[3])
{
    float r = v[0], g = v[1], b = v[2];
    v[0] = 0.299f * r + 0.587f * g + 0.114f * b;
    v[1] = (b - v[0]) / 1.772f;
    v[2] = (r - v[0]) / 1.402f;
}

static void to_rgb(float v[3])
{
    float y = v[0], cb = v[1], cr = v[2];
    v[0] = y + 1.402f * cr;
    v[1] = y - (0.114f * 1.772f * cb + 0.299f * 1.402f * cr) / 0.587f;
    v[2] = y + 1.772f * cb;
}

/* The pixel of a block's cell; beyond the border the last row or column continues. */
static size_t cell_at(const struct leadseq_image *image, int x, int y)
{
    if (x >= image->width) x = image->width - 1;
    if (y >= image->height) y = image->height - 1;
    return ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
}

static void load_block(const struct leadseq_image *image, int x, int y, float block[3][AREA])
{
    for (int i = 0; i < AREA; i++) {
        const uint8_t *from = image->pixels + cell_at(image, x + i % SIDE, y + i / SIDE);
        float v[3] = {0};
        for (int c = 0; c < image->channels; c++) v[c] = from[c];
        if (image->channels == 3) to_luma(v);
        v[0] -= 128;
        for (int c = 0; c < image->channels; c++) block[c][i] = v[c];
    }
}

static void keep_block(struct leadseq_image *image, int x, int y, float block[3][AREA])
{
    for (int i = 0; i < AREA; i++) {
        if (x + i % SIDE >= image->width || y + i / SIDE >= image->height) continue;
        float v[3] = {block[0][i] + 128};
        for (int c = 1; c < image->channels; c++) v[c] = block[c][i];
        if (image->channels == 3) to_rgb(v);
        uint8_t *to = image->pixels + cell_at(image, x + i % SIDE, y + i / SIDE);
        for (int c = 0; c < image->channels; c++)
            to[c] = (uint8_t)(v[c] < 0 ? 0 : v[c] > 254.5f ? 255 : v[c] + 0.5f);
    }
}

int render_block(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    (void)r; // nothing about it is left to chance
    struct coder coder;
    float block[3][AREA];
    coder_init(&coder, 100 - 95 * strength);
    for (int y = 0; y < image->height; y += SIDE)
        for (int x = 0; x < image->width; x += SIDE) {
            load_block(image, x, y, block);
            for (int c = 0; c < image->channels; c++) code_block(&coder, c > 0, block[c]);
            keep_block(image, x, y, block);
        }
    return 0;
}
