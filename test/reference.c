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

int ref_pool_size(const struct ref_pool *s, int size)
{
    int n = size + 2 * s->pad < s->kernel ? s->partial
                                          : ref_output_size(size, s->kernel, s->stride, s->pad);
    while (s->partial && (n - 1) * s->stride + s->kernel < size + s->pad &&
           n * s->stride < size + s->pad)
        n++;
    return n;
}

/* Where value (p, q) of window (i, j) is within its plane; SIZE_MAX: outside. */
static size_t window_at(const struct ref_pool *s, int i, int j, int p, int q)
{
    int y = s->row ? i : i * s->stride + p - s->pad, x = j * s->stride + q - s->pad;
    return y >= 0 && y < s->h && x >= 0 && x < s->w ? (size_t)y * s->w + x : SIZE_MAX;
}

/* The places of a window's values within x's plane; how many there are. */
static int window_places(const struct ref_pool *s, int i, int j, size_t place[])
{
    int n = 0;
    for (int p = 0; p < (s->row ? 1 : s->kernel); p++)
        for (int q = 0; q < s->kernel; q++) {
            place[n] = window_at(s, i, j, p, q);
            if (place[n] != SIZE_MAX) n++;
        }
    return n;
}

enum { WINDOW_MAX = 64 * 64 };

static void pool_window(const struct ref_pool *s, const double *plane, int i, int j, double *y)
{
    size_t place[WINDOW_MAX];
    const int n = window_places(s, i, j, place);
    *y = s->max ? -INFINITY : 0;
    for (int k = 0; k < n; k++) *y = s->max ? fmax(*y, plane[place[k]]) : *y + plane[place[k]] / n;
}

static void spread_window(const struct ref_pool *s, const double *plane, int i, int j, double dy,
                          double *dx)
{
    size_t place[WINDOW_MAX], best = SIZE_MAX;
    const int n = window_places(s, i, j, place);
    for (int k = 0; k < n; k++) {
        if (best == SIZE_MAX || plane[place[k]] > plane[best]) best = place[k];
        if (!s->max) dx[place[k]] += dy / n;
    }
    if (s->max) dx[best] += dy;
}

static int pool_rows(const struct ref_pool *s)
{
    return s->row ? s->h : ref_pool_size(s, s->h);
}

void ref_pool_forward(const struct ref_pool *s, const double *x, double *y)
{
    for (int m = 0; m < s->n * s->c; m++)
        for (int i = 0; i < pool_rows(s); i++)
            for (int j = 0; j < ref_pool_size(s, s->w); j++)
                pool_window(s, x + (size_t)m * s->h * s->w, i, j, y++);
}

void ref_pool_backward(const struct ref_pool *s, const double *x, const double *dy, double *dx)
{
    for (int m = 0; m < s->n * s->c; m++)
        for (int i = 0; i < pool_rows(s); i++)
            for (int j = 0; j < ref_pool_size(s, s->w); j++) {
                const size_t plane = (size_t)m * s->h * s->w;
                spread_window(s, x + plane, i, j, *dy++, dx + plane);
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
