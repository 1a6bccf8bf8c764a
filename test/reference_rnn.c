/* SPDX-License-Identifier: MIT
 *
 * An LSTM and a GRU along rows as plain loops in double precision, record by record; see
 * reference.h. */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One record at work. Sums of a step are (gates, K); a: those of x, u: those of h. */
struct one {
    const struct ref_rnn *s;
    int gates;
    const double *x; /* (C, T) */
    double *a, *u;   /* (T, gates · K) */
    double *h, *c;   /* (T + 1, K), that of step t at t + 1 */
};

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

/* y += m v; m (rows, columns). */
static void add_product(int rows, int columns, const double *m, const double *v, double *y)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) y[i] += m[i * columns + j] * v[j];
}

/* v += m' y, dm += y v'. */
static void add_transposed(int rows, int columns, const double *m, const double *y, const double *v,
                           double *dv, double *dm)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            dv[j] += m[i * columns + j] * y[i];
            dm[i * columns + j] += y[i] * v[j];
        }
}

static void column(const struct one *o, int t, double *to)
{
    for (int c = 0; c < o->s->c; c++) to[c] = o->x[c * o->s->t + t];
}

static void unit(const struct one *o, int t, int k)
{
    const int n = o->s->k;
    const double *a = o->a + t * o->gates * n, *u = o->u + t * o->gates * n;
    double *h = o->h + (t + 1) * n, *c = o->c + (t + 1) * n;
    if (o->s->gru) {
        const double r = sigmoid(a[k] + u[k]), z = sigmoid(a[n + k] + u[n + k]);
        h[k] = (1 - z) * tanh(a[2 * n + k] + r * u[2 * n + k]) + z * h[k - n];
    } else {
        const double i = sigmoid(a[k] + u[k]), f = sigmoid(a[n + k] + u[n + k]);
        c[k] = f * c[k - n] + i * tanh(a[2 * n + k] + u[2 * n + k]);
        h[k] = sigmoid(a[3 * n + k] + u[3 * n + k]) * tanh(c[k]);
    }
}

static struct one run(const struct ref_rnn *s, const double *x)
{
    struct one o = {.s = s, .gates = s->gru ? 3 : 4, .x = x};
    const int sums = o.gates * s->k;
    o.a = ref_zeros((size_t)s->t * sums), o.u = ref_zeros((size_t)s->t * sums);
    o.h = ref_zeros((size_t)(s->t + 1) * s->k), o.c = ref_zeros((size_t)(s->t + 1) * s->k);
    double *now = ref_zeros((size_t)s->c);
    for (int t = 0; t < s->t; t++) {
        memcpy(o.a + t * sums, s->b, (size_t)sums * sizeof *now);
        memcpy(o.u + t * sums, s->d, (size_t)sums * sizeof *now);
        column(&o, t, now);
        add_product(sums, s->c, s->w, now, o.a + t * sums);
        add_product(sums, s->k, s->v, o.h + t * s->k, o.u + t * sums);
        for (int k = 0; k < s->k; k++) unit(&o, t, k);
    }
    free(now);
    return o;
}

static void clear(struct one *o)
{
    free(o->a), free(o->u), free(o->h), free(o->c);
}

/* The sums of step t become derivatives of the loss; dh, dc (K) those of the step before. */
static void unit_back(const struct one *o, int t, int k, double dh, double *before, double *dc)
{
    const int n = o->s->k;
    double *a = o->a + t * o->gates * n, *u = o->u + t * o->gates * n;
    const double *c = o->c + (t + 1) * n, last = o->h[t * n + k];
    if (o->s->gru) {
        const double r = sigmoid(a[k] + u[k]), z = sigmoid(a[n + k] + u[n + k]);
        const double g = tanh(a[2 * n + k] + r * u[2 * n + k]);
        const double to_g = dh * (1 - z) * (1 - g * g);
        a[k] = to_g * u[2 * n + k] * r * (1 - r);
        a[n + k] = dh * (last - g) * z * (1 - z);
        a[2 * n + k] = to_g;
        u[k] = a[k], u[n + k] = a[n + k], u[2 * n + k] = to_g * r;
        *before += dh * z;
        return;
    }
    const double i = sigmoid(a[k] + u[k]), f = sigmoid(a[n + k] + u[n + k]);
    const double g = tanh(a[2 * n + k] + u[2 * n + k]), e = sigmoid(a[3 * n + k] + u[3 * n + k]);
    const double d = *dc + dh * e * (1 - pow(tanh(c[k]), 2));
    *dc = d * f;
    a[k] = d * g * i * (1 - i);
    a[n + k] = d * c[k - n] * f * (1 - f);
    a[2 * n + k] = d * i * (1 - g * g);
    a[3 * n + k] = dh * tanh(c[k]) * e * (1 - e);
    for (int q = 0; q < 4; q++) u[q * n + k] = a[q * n + k];
}

void ref_rnn_forward(const struct ref_rnn *s, const double *x, double *y)
{
    for (int n = 0; n < s->n; n++, x += s->c * s->t) {
        struct one o = run(s, x);
        for (int k = 0; k < s->k; k++)
            for (int t = 0; t < s->t; t++) *y++ = o.h[(t + 1) * s->k + k];
        clear(&o);
    }
}

static void back(struct one *o, const double *dy, double *dx, const struct ref_rnn_gradients *d)
{
    const struct ref_rnn *s = o->s;
    const int sums = o->gates * s->k;
    double *dh = ref_zeros((size_t)(s->t + 1) * s->k), *dc = ref_zeros((size_t)s->k);
    double *now = ref_zeros((size_t)s->c), *dnow = ref_zeros((size_t)s->c);
    for (int t = s->t - 1; t >= 0; t--) {
        double *before = dh + t * s->k;
        for (int k = 0; k < s->k; k++)
            unit_back(o, t, k, before[s->k + k] + dy[k * s->t + t], &before[k], &dc[k]);
        column(o, t, now);
        memset(dnow, 0, (size_t)s->c * sizeof *dnow);
        add_transposed(sums, s->c, s->w, o->a + t * sums, now, dnow, d->dw);
        add_transposed(sums, s->k, s->v, o->u + t * sums, o->h + t * s->k, before, d->dv);
        for (int c = 0; c < s->c; c++) dx[c * s->t + t] += dnow[c];
        for (int i = 0; i < sums; i++) d->db[i] += o->a[t * sums + i];
        for (int i = 0; i < sums; i++) d->dd[i] += o->u[t * sums + i];
    }
    free(dh), free(dc), free(now), free(dnow);
}

void ref_rnn_backward(const struct ref_rnn *s, const double *x, const double *dy, double *dx,
                      const struct ref_rnn_gradients *d)
{
    for (int n = 0; n < s->n; n++, x += s->c * s->t, dx += s->c * s->t, dy += s->k * s->t) {
        struct one o = run(s, x);
        back(&o, dy, dx, d);
        clear(&o);
    }
}
