/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sizes {
    struct ref_conv conv; /* of [x, h] to the gates' sums */
    size_t x, h, gates, hx, plane;
};

static struct sizes sizes_of(const struct ref_convlstm *s)
{
    struct sizes z = {.plane = (size_t)s->h * (size_t)s->w};
    z.conv = (struct ref_conv){.n = s->n,
                               .c = s->c + s->k,
                               .h = s->h,
                               .w = s->w,
                               .k = 4 * s->k,
                               .kernel = s->kernel,
                               .stride = 1,
                               .pad = s->kernel / 2};
    z.x = (size_t)s->n * (size_t)s->c * z.plane;
    z.h = (size_t)s->n * (size_t)s->k * z.plane;
    z.gates = 4 * z.h;
    z.hx = z.x + z.h;
    return z;
}

/* torch.cat([x, h], 1) */
static void join(const struct ref_convlstm *s, const double *x, const double *h, double *out)
{
    size_t plane = (size_t)s->h * (size_t)s->w, c = (size_t)s->c * plane, k = (size_t)s->k * plane;
    for (size_t n = 0; n < (size_t)s->n; n++) {
        memcpy(out + n * (c + k), x + n * c, c * sizeof *x);
        if (h)
            memcpy(out + n * (c + k) + c, h + n * k, k * sizeof *h);
        else
            memset(out + n * (c + k) + c, 0, k * sizeof *out);
    }
}

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

/* Value i of c or h to the offsets of its four gates. */
static void gate_offsets(const struct ref_convlstm *s, size_t i, size_t at[4])
{
    size_t one = (size_t)s->k * (size_t)s->h * (size_t)s->w;
    for (size_t q = 0; q < 4; q++) at[q] = (i / one) * 4 * one + q * one + i % one;
}

static void activate(const struct ref_convlstm *s, size_t count, const double *before,
                     double *gates, double *c, double *h)
{
    for (size_t i = 0; i < count; i++) {
        size_t at[4];
        gate_offsets(s, i, at);
        for (int q = 0; q < 3; q++) gates[at[q]] = sigmoid(gates[at[q]]);
        gates[at[3]] = tanh(gates[at[3]]);
        c[i] = gates[at[1]] * (before ? before[i] : 0) + gates[at[0]] * gates[at[3]];
        h[i] = gates[at[2]] * tanh(c[i]);
    }
}

static void norm_forward(const struct ref_convlstm *s, double *gates)
{
    const int hw = s->h * s->w;
    for (int n = 0; s->gain && n < s->n; n++, gates += (size_t)4 * s->k * hw)
        ref_layer_norm_forward(4, s->k, hw, gates, s->gain, s->shift, gates);
}

/* da becomes the derivative of the sums of [x, h], which are computed again. */
static void norm_back(const struct ref_convlstm *s, const struct sizes *z, const double *xh,
                      const double *w, const double *b, double *da,
                      const struct ref_convlstm_gradients *d)
{
    const size_t one = z->gates / (size_t)s->n;
    double *sums = ref_zeros(z->gates), *none = ref_zeros(4 * (size_t)s->k);
    ref_conv_forward(&z->conv, xh, w, b ? b : none, sums);
    for (int n = 0; n < s->n; n++)
        ref_layer_norm_backward(4, s->k, s->h * s->w, sums + n * one, s->gain, da + n * one,
                                da + n * one, d->dgain, d->dshift);
    free(sums), free(none);
}

void ref_convlstm_forward(const struct ref_convlstm *s, const double *x, const double *w,
                          const double *b, double *h, double *c, double *gates)
{
    struct sizes z = sizes_of(s);
    double *xh = ref_zeros(z.hx), *none = ref_zeros(4 * (size_t)s->k);
    for (size_t t = 0; t < (size_t)s->t; t++) {
        join(s, x + t * z.x, t ? h + (t - 1) * z.h : NULL, xh);
        ref_conv_forward(&z.conv, xh, w, b ? b : none, gates + t * z.gates);
        norm_forward(s, gates + t * z.gates);
        activate(s, z.h, t ? c + (t - 1) * z.h : NULL, gates + t * z.gates, c + t * z.h,
                 h + t * z.h);
    }
    free(xh), free(none);
}

/* da from dh (complete); dc becomes complete, and dc_before that of the step before. */
static void gates_back(const struct ref_convlstm *s, size_t count, const double *gates,
                       const double *c, const double *before, const double *dh, double *dc,
                       double *dc_before, double *da)
{
    for (size_t j = 0; j < count; j++) {
        size_t at[4];
        gate_offsets(s, j, at);
        double i = gates[at[0]], f = gates[at[1]], o = gates[at[2]], g = gates[at[3]];
        double t = tanh(c[j]);
        dc[j] += dh[j] * o * (1 - t * t);
        da[at[0]] = dc[j] * g * i * (1 - i);
        da[at[1]] = dc[j] * (before ? before[j] : 0) * f * (1 - f);
        da[at[2]] = dh[j] * t * o * (1 - o);
        da[at[3]] = dc[j] * i * (1 - g * g);
        if (dc_before) dc_before[j] = dc[j] * f;
    }
}

/* d[x, h] to dx (added, may be NULL) and the dh of the step before (overwritten, may be NULL). */
static void part(const struct ref_convlstm *s, const double *dxh, double *dx, double *dh)
{
    size_t plane = (size_t)s->h * (size_t)s->w, c = (size_t)s->c * plane, k = (size_t)s->k * plane;
    for (size_t n = 0; n < (size_t)s->n; n++) {
        for (size_t i = 0; dx && i < c; i++) dx[n * c + i] += dxh[n * (c + k) + i];
        if (dh) memcpy(dh + n * k, dxh + n * (c + k) + c, k * sizeof *dh);
    }
}

void ref_convlstm_backward(const struct ref_convlstm *s, const double *x, const double *w,
                           const struct ref_convlstm_saved *saved, const double *dy,
                           const struct ref_convlstm_gradients *d)
{
    struct sizes z = sizes_of(s);
    double *xh = ref_zeros(z.hx), *dxh = ref_zeros(z.hx), *sums = ref_zeros(z.gates);
    memset(d->dh, 0, (size_t)s->t * z.h * sizeof *d->dh);
    memset(d->dc, 0, (size_t)s->t * z.h * sizeof *d->dc);
    for (size_t t = (size_t)s->t; t-- > 0;) {
        const double *before = t ? saved->c + (t - 1) * z.h : NULL;
        double *dh = d->dh + t * z.h, *dc = d->dc + t * z.h, *da = d->da + t * z.gates;
        for (size_t i = 0; i < z.h; i++) dh[i] += dy[t * z.h + i];
        gates_back(s, z.h, saved->gates + t * z.gates, saved->c + t * z.h, before, dh, dc,
                   t ? dc - z.h : NULL, da);
        join(s, x + t * z.x, t ? saved->h + (t - 1) * z.h : NULL, xh);
        memset(dxh, 0, z.hx * sizeof *dxh);
        memcpy(sums, da, z.gates * sizeof *sums);
        if (s->gain) norm_back(s, &z, xh, w, saved->b, sums, d);
        ref_conv_backward(&z.conv, xh, w, sums, dxh, d->dw, d->db);
        part(s, dxh, d->dx ? d->dx + t * z.x : NULL, t ? dh - z.h : NULL);
    }
    free(xh), free(dxh), free(sums);
}
