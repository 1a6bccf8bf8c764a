/* SPDX-License-Identifier: MIT
 *
 * Layer norm of the ConvLSTM's gates: statistics of a step's sums, and its second
 * pass over them, forward and backward. Sums over an image are double and are
 * added in an order that follows from the shape, so that threads change no bit. */
#include "band_norm.h"
#include "nn/vector.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* --- Rows ------------------------------------------------------------------------------------ */

CLONES void nn_band_norm_moments(const float *a, size_t count, double sum[2])
{
    double first = 0, second = 0;
#pragma omp simd reduction(+ : first, second)
    for (size_t p = 0; p < count; p++) {
        double v = (double)a[p];
        first += v;
        second += v * v;
    }
    sum[0] += first;
    sum[1] += second;
}

CLONES void nn_band_norm_row(const float *k, const float *a, size_t count, float *y)
{
    const float mean = k[0], scale = k[1], shift = k[2];
#pragma omp simd
    for (size_t p = 0; p < count; p++) y[p] = (a[p] - mean) * scale + shift;
}

CLONES void nn_band_norm_row_back(const float *k, const float *d, const float *a, size_t count,
                                  float *da)
{
    const float mean = k[0], u = k[1], v = k[2], w = k[3];
#pragma omp simd
    for (size_t p = 0; p < count; p++) da[p] = u * d[p] + (v * (a[p] - mean) + w);
}

/* sum[0] += Σ d, sum[1] += Σ d (a - mean). */
CLONES static void products_row(const float *d, const float *a, float mean, size_t count,
                                double sum[2])
{
    double first = 0, second = 0;
#pragma omp simd reduction(+ : first, second)
    for (size_t p = 0; p < count; p++) {
        first += (double)d[p];
        second += (double)d[p] * ((double)a[p] - (double)mean);
    }
    sum[0] += first;
    sum[1] += second;
}

/* --- Life ------------------------------------------------------------------------------------- */

static size_t gate_channels(const struct nn_band *b)
{
    return 4 * (size_t)b->o.hidden;
}

int nn_band_norm_init(struct nn_band_norm *m, const struct nn_band *b, const float *gain,
                      const float *shift)
{
    size_t channels = gate_channels(b);
    *m = (struct nn_band_norm){.b = b, .gain = gain, .shift = shift};
    m->partial = nn_aligned((size_t)b->pieces * channels * 2 * sizeof *m->partial);
    m->affine = nn_aligned((size_t)b->o.n * channels * 4 * sizeof *m->affine);
    return m->partial && m->affine ? 0 : -1;
}

void nn_band_norm_clear(struct nn_band_norm *m)
{
    free(m->partial);
    free(m->affine);
    *m = (struct nn_band_norm){0};
}

/* --- Statistics ------------------------------------------------------------------------------- */

/* The two sums of channel k over all rows of record n, added in the order of the pieces, whichever
 * thread filled them. */
static void total(const struct nn_band_norm *m, int n, size_t k, double sum[2])
{
    const struct nn_band *b = m->b;
    sum[0] = sum[1] = 0;
    for (int i = 0; i < b->per_image; i++) {
        size_t piece = (size_t)(n * b->per_image + i);
        const double *at = m->partial + (piece * gate_channels(b) + k) * 2;
        sum[0] += at[0];
        sum[1] += at[1];
    }
}

/* M = K·H·W. */
static double values_of_a_gate(const struct nn_band *b)
{
    return (double)b->o.hidden * b->o.h * b->o.w;
}

void nn_band_norm_statistics(const struct nn_band_norm *m, double *statistic)
{
    const struct nn_band *b = m->b;
    const double count = values_of_a_gate(b);
    for (int n = 0; n < b->o.n; n++)
        for (size_t gate = 0; gate < 4; gate++, statistic += 2) {
            double first = 0, second = 0, sum[2];
            for (size_t k = 0; k < (size_t)b->o.hidden; k++) {
                total(m, n, gate * (size_t)b->o.hidden + k, sum);
                first += sum[0];
                second += sum[1];
            }
            double mean = first / count, variance = second / count - mean * mean;
            if (variance < 0) variance = 0; /* NaN stays */
            statistic[0] = mean;
            statistic[1] = 1 / sqrt(variance + NN_CELL_NORM_EPSILON);
        }
}

/* y = γ (a - μ) r + β, as (a - m) k1 + k2 with m the float next to μ: where μ is large against
 * the deviation, only what a itself was rounded by is left. */
static void set_forward(const struct nn_band_norm *m, const double *statistic)
{
    const size_t channels = gate_channels(m->b), hidden = channels / 4;
    for (size_t i = 0; i < (size_t)m->b->o.n * channels; i++) {
        const double *s = statistic + (i / channels * 4 + i % channels / hidden) * 2;
        double scale = (double)m->gain[i % channels] * s[1];
        float *k = m->affine + 4 * i;
        k[0] = (float)s[0];
        k[1] = (float)scale;
        k[2] = (float)((double)m->shift[i % channels] - scale * (s[0] - (double)k[0]));
    }
}

/* --- Forward ---------------------------------------------------------------------------------- */

struct place {
    int n, y;
    size_t state, gates; /* of row y of channel 0 of record n */
};

static struct place place_of(const struct nn_band *b, int n, int y)
{
    size_t plane = (size_t)b->o.h * (size_t)b->o.w, row = (size_t)y * (size_t)b->o.w;
    size_t image = (size_t)n * (size_t)b->o.hidden * plane;
    return (struct place){n, y, image + row, 4 * image + row};
}

/* y of a row, into the thread's gates. */
static void norm_rows(const struct nn_band_norm *m, const struct nn_band_work *w,
                      const struct nn_band_norm_step *s, const struct place *at)
{
    const struct nn_band *b = m->b;
    const size_t channels = gate_channels(b), plane = (size_t)b->o.h * (size_t)b->o.w;
    const float *k = m->affine + 4 * (size_t)at->n * channels;
    for (size_t c = 0; c < channels; c++)
        nn_band_norm_row(k + 4 * c, s->sums + at->gates + c * plane, (size_t)b->o.w,
                         w->gates + c * b->stride);
}

static void forward_row(const struct nn_band_norm *m, const struct nn_band_work *w,
                        const struct nn_band_norm_step *s, const struct place *at)
{
    const struct nn_band *b = m->b;
    norm_rows(m, w, s, at);
    struct nn_band_gates g = {.hidden = b->o.hidden,
                              .count = b->o.w,
                              .sums = w->gates,
                              .sums_stride = b->stride,
                              .plane = (size_t)b->o.h * (size_t)b->o.w,
                              .c_before = s->c_before ? s->c_before + at->state : NULL,
                              .c = s->c + at->state,
                              .h = s->h + at->state};
    b->o.kernels->forward(&g);
    for (size_t k = 0; s->gates && k < gate_channels(b); k++)
        memcpy(s->gates + at->gates + k * g.plane, g.sums + k * b->stride,
               (size_t)b->o.w * sizeof *g.sums);
}

/* Rows are independent once the statistics are known, so all of the batch are divided evenly. */
void nn_band_norm_forward(const struct nn_band_norm *m, const struct nn_band_norm_step *s)
{
    const struct nn_band *b = m->b;
    set_forward(m, s->statistic);
#pragma omp parallel for schedule(static) num_threads(b->o.threads)
    for (int i = 0; i < b->o.n * b->o.h; i++) {
        struct place at = place_of(b, i / b->o.h, i % b->o.h);
        forward_row(m, &b->work[omp_get_thread_num()], s, &at);
    }
}

/* --- Backward --------------------------------------------------------------------------------- */

static struct nn_band_rows maybe(const float *p, size_t at, size_t plane)
{
    return (struct nn_band_rows){p ? p + at : NULL, plane};
}

/* d of a row, and its products with 1 and a - μ. */
static void backward_row(const struct nn_band_norm *m, const struct nn_band_work *w,
                         const struct nn_band_norm_step *s, const struct place *at, double *sum)
{
    const struct nn_band *b = m->b;
    const size_t plane = (size_t)b->o.h * (size_t)b->o.w, width = (size_t)b->o.w;
    const size_t channels = gate_channels(b);
    const float *k = m->affine + 4 * (size_t)at->n * channels;
    norm_rows(m, w, s, at);
    b->o.kernels->activate(w->gates, b->stride, b->o.hidden, b->o.w, false);
    struct nn_band_back g = {.hidden = b->o.hidden,
                             .count = b->o.w,
                             .gates = w->gates,
                             .gates_stride = b->stride,
                             .plane = plane,
                             .c = maybe(s->c, at->state, plane),
                             .c_before = maybe(s->c_before, at->state, plane),
                             .dh = maybe(s->dh, at->state, plane),
                             .dy = maybe(s->dy, at->state, plane),
                             .dc = maybe(s->dc, at->state, plane),
                             .dc_before = s->dc_before ? s->dc_before + at->state : NULL,
                             .d = s->d + at->gates,
                             .d_stride = plane};
    b->o.kernels->backward(&g);
    for (size_t c = 0; c < channels; c++)
        products_row(g.d + c * plane, s->sums + at->gates + c * plane, k[4 * c], width,
                     sum + 2 * c);
}

/* Pieces, not rows, so that partial sums are taken over the same rows on any number of threads. */
static void backward_piece(const struct nn_band_norm *m, const struct nn_band_norm_step *s, int i)
{
    const struct nn_band *b = m->b;
    const struct nn_band_work *w = &b->work[omp_get_thread_num()];
    const int begin = i % b->per_image * b->rows, end = begin + b->rows;
    double *sum = m->partial + (size_t)i * gate_channels(b) * 2;
    memset(sum, 0, gate_channels(b) * 2 * sizeof *sum);
    for (int y = begin; y < end && y < b->o.h; y++) {
        struct place at = place_of(b, i / b->per_image, y);
        backward_row(m, w, s, &at, sum);
    }
}

/* One gate of one record. With S = Σ d and Q = Σ d â of a channel, which are its shares of dβ and
 * dγ, da = r (γ d - Σ_k γ S / M - â Σ_k γ Q / M). */
static void close_gate(const struct nn_band_norm *m, const double *statistic, int n, size_t gate,
                       float *dgain, float *dshift)
{
    const struct nn_band *b = m->b;
    const size_t hidden = (size_t)b->o.hidden;
    const double mean = statistic[0], r = statistic[1], count = values_of_a_gate(b);
    double first = 0, second = 0;
    for (size_t k = gate * hidden; k < (gate + 1) * hidden; k++) {
        const double rest = mean - (double)(float)mean, gain = (double)m->gain[k];
        double sum[2];
        total(m, n, k, sum);
        double product = r * (sum[1] - rest * sum[0]);
        dshift[k] += (float)sum[0];
        dgain[k] += (float)product;
        first += gain * sum[0] / count;
        second += gain * product / count;
    }
    for (size_t k = gate * hidden; k < (gate + 1) * hidden; k++) {
        float *to = m->affine + 4 * ((size_t)n * gate_channels(b) + k);
        to[0] = (float)mean;
        to[1] = (float)(r * (double)m->gain[k]);
        to[2] = (float)(-r * r * second);
        to[3] = (float)(-r * first + r * r * second * (mean - (double)to[0]));
    }
}

/* A first pass gives d, the derivative of y, and its two sums per channel; the coefficients that
 * turn a row of d into derivatives of the sums are left in `affine` for nn_band_backward(). */
void nn_band_norm_backward(const struct nn_band_norm *m, const struct nn_band_norm_step *s,
                           float *dgain, float *dshift)
{
    const struct nn_band *b = m->b;
    set_forward(m, s->statistic);
#pragma omp parallel for schedule(static) num_threads(b->o.threads)
    for (int i = 0; i < b->pieces; i++) backward_piece(m, s, i);
    for (int n = 0; n < b->o.n; n++)
        for (size_t gate = 0; gate < 4; gate++)
            close_gate(m, s->statistic + ((size_t)n * 4 + gate) * 2, n, gate, dgain, dshift);
}
