/* SPDX-License-Identifier: MIT
 *
 * Out of focus: a Gaussian of standard deviation strength · width / 160 px, cut at three of them,
 * along rows and then along columns; the border's pixels continue beyond it. */
#include "distortion.h"

#include <math.h>
#include <stdlib.h>

struct window {
    int reach;
    float *weight; // (2·reach + 1), their sum is 1
};

static int window_init(struct window *w, double sigma)
{
    w->reach = (int)ceil(3 * sigma);
    int n = 2 * w->reach + 1;
    w->weight = leadseq_calloc((size_t)n, sizeof *w->weight);
    if (!w->weight) return -1;
    double sum = 0;
    for (int i = 0; i < n; i++) sum += exp(-pow((i - w->reach) / sigma, 2) / 2);
    for (int i = 0; i < n; i++)
        w->weight[i] = (float)(exp(-pow((i - w->reach) / sigma, 2) / 2) / sum);
    return 0;
}

/* A row of n pixels of c values, `padded` by reach pixels on either side, to `to`. */
static void blur_row(const struct window *w, const float *padded, float *to, int n, int c)
{
    for (int i = 0; i < n * c; i++) to[i] = 0;
    for (int k = 0; k <= 2 * w->reach; k++)
        for (int i = 0; i < n * c; i++) to[i] += w->weight[k] * padded[i + k * c];
}

static void pad_row(const struct window *w, const uint8_t *row, float *padded, int n, int c)
{
    for (int i = -w->reach; i < n + w->reach; i++) {
        int at = i < 0 ? 0 : i >= n ? n - 1 : i;
        for (int k = 0; k < c; k++) padded[(i + w->reach) * c + k] = row[at * c + k];
    }
}

static void blur_columns(const struct window *w, const float *rows, float *sum,
                         struct leadseq_image *image)
{
    int n = image->width * image->channels;
    for (int j = 0; j < image->height; j++) {
        for (int i = 0; i < n; i++) sum[i] = 0;
        for (int k = -w->reach; k <= w->reach; k++) {
            int at = j + k < 0 ? 0 : j + k >= image->height ? image->height - 1 : j + k;
            const float *row = rows + (size_t)at * (size_t)n;
            float weight = w->weight[k + w->reach];
            for (int i = 0; i < n; i++) sum[i] += weight * row[i];
        }
        uint8_t *to = image->pixels + (size_t)j * (size_t)n;
        for (int i = 0; i < n; i++) to[i] = (uint8_t)(sum[i] + 0.5f);
    }
}

int render_blur(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    (void)r; // nothing about it is left to chance
    struct window w = {0};
    size_t n = (size_t)image->width * (size_t)image->channels;
    int status = window_init(&w, strength * image->width / 160);
    size_t room = n + 2 * (size_t)w.reach * (size_t)image->channels;
    float *rows = leadseq_calloc(n * (size_t)image->height, sizeof *rows);
    float *line = leadseq_calloc(room, sizeof *line);
    if (!rows || !line) status = -1;
    for (int j = 0; !status && j < image->height; j++) {
        pad_row(&w, image->pixels + (size_t)j * n, line, image->width, image->channels);
        blur_row(&w, line, rows + (size_t)j * n, image->width, image->channels);
    }
    if (!status) blur_columns(&w, rows, line, image);
    free(w.weight);
    free(rows);
    free(line);
    return status;
}
