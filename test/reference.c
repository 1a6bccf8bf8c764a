/* SPDX-License-Identifier: MIT
 *
 * Plain loops in double precision; see reference.h. */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double *ref_zeros(size_t n)
{
    double *y = calloc(n ? n : 1, sizeof *y);
    if (!y) abort();
    return y;
}

double *ref_widen(const float *x, size_t n)
{
    double *y = ref_zeros(n);
    for (size_t i = 0; i < n; i++) y[i] = x[i];
    return y;
}

void ref_narrow(const double *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = (float)x[i];
}

double ref_difference(const float *a, const double *b, size_t n)
{
    double worst = 0, scale = 1e-30;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a[i])) return INFINITY;
        worst = fmax(worst, fabs(a[i] - b[i]));
        scale = fmax(scale, fabs(b[i]));
    }
    return worst / scale;
}

int ref_output_size(int size, int kernel, int stride, int pad)
{
    return (size + 2 * pad - kernel) / stride + 1;
}

/* --- Pooling ------------------------------------------------------------------------- */

/* Where value (p, q) of window (i, j) is within its plane; SIZE_MAX: outside. */
static size_t window_at(const struct ref_pool *s, int i, int j, int p, int q)
{
    int y = i * s->stride + p - s->pad, x = j * s->stride + q - s->pad;
    return y >= 0 && y < s->h && x >= 0 && x < s->w ? (size_t)y * s->w + x : SIZE_MAX;
}

/* Position of the window's maximum within x's plane. */
static size_t window_argmax(const struct ref_pool *s, const double *plane, int i, int j)
{
    size_t best = SIZE_MAX;
    for (int p = 0; p < s->kernel; p++)
        for (int q = 0; q < s->kernel; q++) {
            size_t at = window_at(s, i, j, p, q);
            if (at != SIZE_MAX && (best == SIZE_MAX || plane[at] > plane[best])) best = at;
        }
    return best;
}

static double window_sum(const struct ref_pool *s, const double *plane, int i, int j)
{
    double sum = 0;
    for (int p = 0; p < s->kernel; p++)
        for (int q = 0; q < s->kernel; q++) sum += plane[window_at(s, i, j, p, q)];
    return sum;
}

static void window_spread(const struct ref_pool *s, double *plane, int i, int j, double d)
{
    for (int p = 0; p < s->kernel; p++)
        for (int q = 0; q < s->kernel; q++) plane[window_at(s, i, j, p, q)] += d;
}

void ref_pool_forward(const struct ref_pool *s, const double *x, double *y)
{
    int oh = ref_output_size(s->h, s->kernel, s->stride, s->pad);
    int ow = ref_output_size(s->w, s->kernel, s->stride, s->pad);
    double area = (double)s->kernel * s->kernel;
    for (int m = 0; m < s->n * s->c; m++)
        for (int i = 0; i < oh; i++)
            for (int j = 0; j < ow; j++) {
                const double *plane = x + (size_t)m * s->h * s->w;
                *y++ = s->max ? plane[window_argmax(s, plane, i, j)]
                              : window_sum(s, plane, i, j) / area;
            }
}

void ref_pool_backward(const struct ref_pool *s, const double *x, const double *dy, double *dx)
{
    int oh = ref_output_size(s->h, s->kernel, s->stride, s->pad);
    int ow = ref_output_size(s->w, s->kernel, s->stride, s->pad);
    double area = (double)s->kernel * s->kernel;
    for (int m = 0; m < s->n * s->c; m++)
        for (int i = 0; i < oh; i++)
            for (int j = 0; j < ow; j++, dy++) {
                size_t plane = (size_t)m * s->h * s->w;
                if (s->max)
                    dx[plane + window_argmax(s, x + plane, i, j)] += *dy;
                else
                    window_spread(s, dx + plane, i, j, *dy / area);
            }
}

static int first_maximum(const double *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

void ref_global_forward(bool max, int planes, int hw, const double *x, double *y)
{
    for (int m = 0; m < planes; m++, x += hw) {
        double sum = 0;
        for (int i = 0; i < hw; i++) sum += x[i];
        y[m] = max ? x[first_maximum(x, hw)] : sum / hw;
    }
}

void ref_global_backward(bool max, int planes, int hw, const double *x, const double *dy,
                         double *dx)
{
    for (int m = 0; m < planes; m++, x += hw, dx += hw) {
        if (max) dx[first_maximum(x, hw)] += dy[m];
        for (int i = 0; !max && i < hw; i++) dx[i] += dy[m] / hw;
    }
}

/* --- Batch norm ----------------------------------------------------------------------- */

/* Index of the i-th of channel c's n·hw values. */
static size_t norm_at(const struct ref_norm *s, int c, int i)
{
    return ((size_t)(i / s->hw) * s->c + c) * s->hw + i % s->hw;
}

static void norm_statistics(const struct ref_norm *s, const double *x, int c, double *mean,
                            double *var)
{
    int count = s->n * s->hw;
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) sum += x[norm_at(s, c, i)];
    *mean = sum / count;
    for (int i = 0; i < count; i++) squares += pow(x[norm_at(s, c, i)] - *mean, 2);
    *var = squares / count;
}

void ref_norm_forward(const struct ref_norm *s, const double *x, const double *scale,
                      const double *shift, double *mean, double *var, double *y)
{
    int count = s->n * s->hw;
    for (int c = 0; c < s->c; c++) {
        double m = mean[c], v = var[c];
        if (s->training) {
            norm_statistics(s, x, c, &m, &v);
            double unbiased = count > 1 ? v * count / (count - 1) : v;
            mean[c] += s->momentum * (m - mean[c]);
            var[c] += s->momentum * (unbiased - var[c]);
        }
        for (int i = 0; i < count; i++) {
            size_t at = norm_at(s, c, i);
            y[at] = scale[c] * (x[at] - m) / sqrt(v + s->epsilon) + shift[c];
        }
    }
}

void ref_norm_backward(const struct ref_norm *s, const double *x, const double *scale,
                       const double *dy, double *dx, double *dscale, double *dshift)
{
    int count = s->n * s->hw;
    for (int c = 0; c < s->c; c++) {
        double m, v, sum = 0, sum_hat = 0;
        norm_statistics(s, x, c, &m, &v);
        double inverse = 1 / sqrt(v + s->epsilon);
        for (int i = 0; i < count; i++) {
            size_t at = norm_at(s, c, i);
            sum += dy[at];
            sum_hat += dy[at] * (x[at] - m) * inverse;
        }
        if (dshift) dshift[c] += sum;
        if (dscale) dscale[c] += sum_hat;
        for (int i = 0; dx && i < count; i++) {
            size_t at = norm_at(s, c, i);
            double hat = (x[at] - m) * inverse;
            dx[at] += scale[c] * inverse * (dy[at] - sum / count - hat * sum_hat / count);
        }
    }
}

/* --- One value at a time ------------------------------------------------------------------ */

double ref_apply(enum ref_function f, double x)
{
    if (f == REF_RELU) return x > 0 ? x : 0;
    return f == REF_TANH ? tanh(x) : 1 / (1 + exp(-x));
}

double ref_slope(enum ref_function f, double x)
{
    double y = ref_apply(f, x);
    if (f == REF_RELU) return x > 0;
    return f == REF_TANH ? 1 - y * y : y * (1 - y);
}

void ref_dropout(const uint8_t *mask, double p, const double *x, size_t n, double *y)
{
    for (size_t i = 0; i < n; i++) y[i] = mask[i] ? x[i] / (1 - p) : 0;
}

double ref_softmax_loss(const double *z, const double *t, int n, int outputs, double *dz)
{
    double cost = 0;
    for (int i = 0; i < n; i++, z += outputs, t += outputs, dz += outputs) {
        double sum = 0;
        for (int k = 0; k < outputs; k++) sum += exp(z[k]);
        for (int k = 0; k < outputs; k++) {
            cost -= t[k] * log(exp(z[k]) / sum);
            dz[k] = (exp(z[k]) / sum - t[k]) / n;
        }
    }
    return cost / n;
}

double ref_loss(double w, const double *z, const double *t, int n, double *dz)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double p = ref_apply(REF_SIGMOID, z[i]), q = ref_apply(REF_SIGMOID, -z[i]);
        sum -= w * t[i] * log(p) + (1 - t[i]) * log(q);
        if (dz) dz[i] = ((1 - t[i]) * p - w * t[i] * q) / n;
    }
    return sum / n;
}
