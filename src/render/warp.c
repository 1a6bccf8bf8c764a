/* SPDX-License-Identifier: MIT
 *
 * Moving a picture by a homography H (3 × 3, row by row): the point (x, y) goes to
 *   (H (x, y, 1)ᵀ).xy / (H (x, y, 1)ᵀ).z
 * and every pixel of the result takes its value from where H⁻¹ leads, between four pixels;
 * beyond the border there is paper. */
#include "distortion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAPER = 255 };

void render_warp_point(const double h[9], double *x, double *y)
{
    double u = h[0] * *x + h[1] * *y + h[2], v = h[3] * *x + h[4] * *y + h[5];
    double w = h[6] * *x + h[7] * *y + h[8];
    *x = u / w;
    *y = v / w;
}

void leadseq_warp_multiply(double c[9], const double a[9], const double b[9])
{
    double product[9];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            product[3 * i + j] =
                a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
    memcpy(c, product, sizeof product);
}

/* The adjugate: the inverse but for a factor, which a homography does not feel. */
static void invert(double out[9], const double h[9])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            out[3 * i + j] = h[3 * a + c] * h[3 * b + d] - h[3 * a + d] * h[3 * b + c];
        }
}

static double value_at(const struct leadseq_image *from, int x, int y, int c)
{
    if (x < 0 || y < 0 || x >= from->width || y >= from->height) return PAPER;
    size_t pixel = (size_t)y * (size_t)from->width + (size_t)x;
    return from->pixels[pixel * (size_t)from->channels + (size_t)c];
}

/* (x, y) in the pixels of `from`, whose centres are at halves. */
static void sample(const struct leadseq_image *from, double x, double y, uint8_t *to)
{
    x -= 0.5;
    y -= 0.5;
    if (!(x > -1 && y > -1 && x < from->width && y < from->height)) {
        memset(to, PAPER, (size_t)from->channels);
        return;
    }
    int i = (int)floor(x), j = (int)floor(y);
    double fx = x - i, fy = y - j;
    for (int c = 0; c < from->channels; c++) {
        double up = value_at(from, i, j, c) * (1 - fx) + value_at(from, i + 1, j, c) * fx;
        double low = value_at(from, i, j + 1, c) * (1 - fx) + value_at(from, i + 1, j + 1, c) * fx;
        to[c] = (uint8_t)(up * (1 - fy) + low * fy + 0.5);
    }
}

int render_warp_image(struct leadseq_image *image, const double h[9])
{
    struct leadseq_image from = *image;
    size_t channels = (size_t)image->channels;
    size_t bytes = (size_t)image->width * (size_t)image->height * channels;
    double back[9];
    invert(back, h);
    from.pixels = leadseq_calloc(bytes, 1);
    if (!from.pixels) return -1;
    memcpy(from.pixels, image->pixels, bytes);
    uint8_t *to = image->pixels;
    for (int j = 0; j < image->height; j++)
        for (int i = 0; i < image->width; i++, to += channels) {
            double x = i + 0.5, y = j + 0.5;
            render_warp_point(back, &x, &y);
            sample(&from, x, y, to);
        }
    free(from.pixels);
    return 0;
}
