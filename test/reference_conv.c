/* SPDX-License-Identifier: MIT
 *
 * Convolution and dense layer as plain loops in double precision; see reference.h. */
#include "reference.h"

/* Calls `add` for every (n, k, c) and every tap (p, q): y's plane k of image n meets x's
 * plane c through the weight w, moved by p and q. */
struct tap {
    const struct ref_conv *s;
    size_t x, y, w; /* offsets of the two planes and the weight */
    int p, q, oh, ow;
};
struct conv_data {
    const double *x, *w, *dy;
    double *y, *dx, *dw;
};

/* Sizes along columns, which a kernel of a row leaves alone. */
static int rows_of_kernel(const struct ref_conv *s)
{
    return s->row ? 1 : s->kernel;
}

static int out_rows(const struct ref_conv *s)
{
    return s->row ? s->h : ref_output_size(s->h, s->kernel, s->stride, s->pad);
}

static int stride_down(const struct ref_conv *s)
{
    return s->row ? 1 : s->stride;
}

static int pad_above(const struct ref_conv *s)
{
    return s->row ? 0 : s->pad;
}

static void conv_each(const struct ref_conv *s, void (*add)(const struct tap *, struct conv_data *),
                      struct conv_data *d)
{
    struct tap t = {
        .s = s, .oh = out_rows(s), .ow = ref_output_size(s->w, s->kernel, s->stride, s->pad)};
    for (int n = 0; n < s->n; n++)
        for (int k = 0; k < s->k; k++)
            for (int c = 0; c < s->c; c++)
                for (t.p = 0; t.p < rows_of_kernel(s); t.p++)
                    for (t.q = 0; t.q < s->kernel; t.q++) {
                        t.x = ((size_t)n * s->c + c) * s->h * s->w;
                        t.y = ((size_t)n * s->k + k) * t.oh * t.ow;
                        t.w = (((size_t)k * s->c + c) * rows_of_kernel(s) + t.p) * s->kernel + t.q;
                        add(&t, d);
                    }
}

/* The outputs [*begin, *end) of `out` whose input i·stride - pad + tap lies in [0, size). */
static void inside(int stride, int pad, int tap, int size, int out, int *begin, int *end)
{
    *begin = 0, *end = 0;
    while (*begin < out && *begin * stride - pad + tap < 0) ++*begin;
    for (int i = *begin; i < out && i * stride - pad + tap < size; i++) *end = i + 1;
}

/* Rows [r[0], r[1]) and columns [r[2], r[3]) of the outputs that a tap of the kernel reaches. */
static void reached(const struct tap *t, int r[4])
{
    const struct ref_conv *s = t->s;
    inside(stride_down(s), pad_above(s), t->p, s->h, t->oh, &r[0], &r[1]);
    inside(s->stride, s->pad, t->q, s->w, t->ow, &r[2], &r[3]);
}

/* The row of x that row i of y meets. */
static size_t row_of(const struct tap *t, int i)
{
    return t->x + (size_t)(i * stride_down(t->s) - pad_above(t->s) + t->p) * t->s->w;
}

static void conv_multiply(const struct tap *t, struct conv_data *d)
{
    const struct ref_conv *s = t->s;
    int r[4];
    reached(t, r);
    for (int i = r[0]; i < r[1]; i++) {
        const double *x = d->x + row_of(t, i);
        double *y = d->y + t->y + (size_t)i * t->ow, w = d->w[t->w];
        for (int j = r[2]; j < r[3]; j++) y[j] += w * x[j * s->stride - s->pad + t->q];
    }
}

static void conv_transpose_data(const struct tap *t, struct conv_data *d)
{
    const struct ref_conv *s = t->s;
    int r[4];
    reached(t, r);
    for (int i = r[0]; i < r[1]; i++) {
        double *dx = d->dx + row_of(t, i), w = d->w[t->w];
        const double *dy = d->dy + t->y + (size_t)i * t->ow;
        for (int j = r[2]; j < r[3]; j++) dx[j * s->stride - s->pad + t->q] += w * dy[j];
    }
}

static void conv_transpose_weights(const struct tap *t, struct conv_data *d)
{
    const struct ref_conv *s = t->s;
    int r[4];
    reached(t, r);
    for (int i = r[0]; i < r[1]; i++) {
        const double *x = d->x + row_of(t, i);
        const double *dy = d->dy + t->y + (size_t)i * t->ow;
        for (int j = r[2]; j < r[3]; j++) d->dw[t->w] += x[j * s->stride - s->pad + t->q] * dy[j];
    }
}

void ref_conv_forward(const struct ref_conv *s, const double *x, const double *w, const double *b,
                      double *y)
{
    size_t plane = (size_t)out_rows(s) * ref_output_size(s->w, s->kernel, s->stride, s->pad);
    for (size_t i = 0; i < (size_t)s->n * s->k * plane; i++) y[i] = b ? b[i / plane % s->k] : 0;
    conv_each(s, conv_multiply, &(struct conv_data){.x = x, .w = w, .y = y});
}

void ref_conv_backward(const struct ref_conv *s, const double *x, const double *w, const double *dy,
                       double *dx, double *dw, double *db)
{
    size_t plane = (size_t)out_rows(s) * ref_output_size(s->w, s->kernel, s->stride, s->pad);
    struct conv_data d = {.x = x, .w = w, .dy = dy, .dx = dx, .dw = dw};
    if (db)
        for (size_t i = 0; i < (size_t)s->n * s->k * plane; i++) db[i / plane % s->k] += dy[i];
    if (dx) conv_each(s, conv_transpose_data, &d);
    if (dw) conv_each(s, conv_transpose_weights, &d);
}

/* --- Dense: a convolution whose kernel is one pixel --------------------------------- */

static struct ref_conv dense_as_conv(const struct ref_dense *s)
{
    return (struct ref_conv){
        .n = s->n, .c = s->in, .h = 1, .w = 1, .k = s->out, .kernel = 1, .stride = 1};
}

void ref_dense_forward(const struct ref_dense *s, const double *x, const double *w, const double *b,
                       double *y)
{
    struct ref_conv c = dense_as_conv(s);
    ref_conv_forward(&c, x, w, b, y);
}

void ref_dense_backward(const struct ref_dense *s, const double *x, const double *w,
                        const double *dy, double *dx, double *dw, double *db)
{
    struct ref_conv c = dense_as_conv(s);
    ref_conv_backward(&c, x, w, dy, dx, dw, db);
}
