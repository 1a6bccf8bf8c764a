/* SPDX-License-Identifier: MIT
 *
 * The weights' gradient of a band: a vector of partial sums for every weight while the band is in
 * work, their totals in double afterwards, separately for each slot so that the order of the sums
 * does not depend on the threads.
 *
 *   dw[g][c][ky][kx] = Σ over rows y, columns x of  d[g](y, x) · in[c](y - pad + ky, x - pad + kx)
 *
 * A kernel call covers one row, a group of gates and up to three neighbouring kx, whose inputs are
 * the same row shifted: each vector of d is loaded once for all of them.
 *
 * Two rows at once take four products for six (Winograd's F(3, 2) along y). With the mixed rows
 * u0 … u3 of [h, x], rows d0, d1 of dgates, and d0 + d1, d1 - d0, of which sums are kept:
 *
 *   m0 = Σ u0 d0,  m1 = Σ u1 (d0 + d1),  m2 = Σ u2 (d1 - d0),  m3 = Σ u3 d1
 *   dw[0] = m0 + (m1 - m2) / 2,  dw[1] = (m1 + m2) / 2,  dw[2] = m3 + (m1 - m2) / 2 */
#include "band_sums.h"

#include <string.h>

uint32_t *nn_band_d_row(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    return s->w->d + (size_t)((y + b->d_ring) % b->d_ring) * (size_t)b->d_words * b->stride;
}

static size_t element_bytes(const struct nn_band *b)
{
    return nn_band_element_bytes(b->o.kernels);
}

/* dgates of a channel of row y as elements: floats of the ring, or bf16 of the last row packed. */
static const char *d_elements(const struct nn_band_step *s, int y, int channel)
{
    const struct nn_band *b = s->b;
    const char *row =
        b->o.kernels->pairs ? (const char *)s->w->d_planar : (const char *)nn_band_d_row(s, y);
    return row + ((size_t)channel * b->stride + NN_BAND_LEFT) * element_bytes(b);
}

/* Row y of the ring of [h, x] at channel c and column shift kx. */
static const char *in_elements(const struct nn_band_step *s, int y, int c, int kx)
{
    const struct nn_band *b = s->b;
    const char *ring = b->o.kernels->pairs ? (const char *)s->w->in_planar : (const char *)s->w->in;
    size_t row = (size_t)((y + b->ring) % b->ring) * (size_t)s->k->channels + (size_t)c;
    return ring + (row * b->stride + (size_t)(NN_BAND_LEFT - b->pad + kx)) * element_bytes(b);
}

/* The sums of gates [from, from + channels) with all of [h, x]. */
static float *sum_group(const struct nn_band_step *s, int y, int from, int channels, float *sums)
{
    const struct nn_band_options *o = &s->b->o;
    const int elements = o->kernels->lanes * 4 / (int)element_bytes(s->b);
    struct nn_band_row r = {.d = d_elements(s, y, from),
                            .stride = s->b->stride,
                            .vectors = (o->w + elements - 1) / elements,
                            .sums = sums};
    for (int c = 0; c < s->k->channels; c++)
        for (int ky = 0; ky < o->kernel; ky++)
            for (int kx = 0; kx < o->kernel; kx += NN_BAND_SHIFTS) {
                int shifts = o->kernel - kx < NN_BAND_SHIFTS ? o->kernel - kx : NN_BAND_SHIFTS;
                r.in = in_elements(s, y - s->b->pad + ky, c, kx);
                o->kernels->sum[channels][shifts](&r);
                r.sums += channels * shifts * o->kernels->lanes;
            }
    return r.sums;
}

void nn_band_mix_d(const struct nn_band_step *s, int y, int from, int to)
{
    const struct nn_band *b = s->b;
    const int lanes = b->o.kernels->lanes, all = 4 * b->o.hidden;
    struct nn_band_mix m = {.row_stride = b->stride,
                            .mixed_stride = b->stride,
                            .channels = to - from,
                            .vectors = (b->o.w + lanes - 1) / lanes};
    for (int i = 0; i < 2; i++) {
        m.row[1 + i] = (const float *)(const void *)nn_band_d_row(s, y + i) +
                       (size_t)from * b->stride + NN_BAND_LEFT;
        m.mixed[1 + i] = s->w->d_mixed + (size_t)(i * all + from) * b->stride + NN_BAND_LEFT;
    }
    b->o.kernels->mix(&m);
}

/* d0, d0 + d1, d1 - d0, d1 of rows y and y + 1, from channel `channel` on. */
static const float *d_mixed(const struct nn_band_step *s, int y, int product, int channel)
{
    const struct nn_band *b = s->b;
    const int last = NN_BAND_MIXED - 1;
    const float *row = product == 0 || product == last
                           ? (const float *)(const void *)nn_band_d_row(s, y + product / last)
                           : s->w->d_mixed + (size_t)((product - 1) * 4 * b->o.hidden) * b->stride;
    return row + (size_t)channel * b->stride + NN_BAND_LEFT;
}

/* The products' sums of gates [from, from + channels): (product, K + C, shifts). */
static float *sum_group_of_two(const struct nn_band_step *s, int y, int from, int channels,
                               float *sums)
{
    const struct nn_band *b = s->b;
    const struct nn_band_options *o = &b->o;
    struct nn_band_row r = {.stride = b->stride,
                            .vectors = (o->w + o->kernels->lanes - 1) / o->kernels->lanes,
                            .sums = sums};
    for (int i = 0; i < NN_BAND_MIXED; i++) {
        r.d = d_mixed(s, y, i, from);
        for (int c = 0; c < s->k->channels; c++) {
            r.in = s->w->in_mixed + (size_t)(i * s->k->channels + c) * b->stride + NN_BAND_LEFT -
                   b->pad;
            o->kernels->sum[channels][NN_BAND_SHIFTS](&r);
            r.sums += channels * NN_BAND_SHIFTS * o->kernels->lanes;
        }
    }
    return r.sums;
}

/* The gradient of the biases is Σ d: the sums with ones. */
static void sum_biases(const struct nn_band_step *s, int y, float *sums)
{
    const struct nn_band *b = s->b;
    const int first = nn_band_group_at(&b->sums, s->from);
    const int elements = b->o.kernels->lanes * 4 / (int)element_bytes(b);
    struct nn_band_row r = {
        .stride = b->stride, .in = s->w->ones, .vectors = (b->o.w + elements - 1) / elements};
    for (int i = s->from; b->o.bias && i < s->to; i++) {
        int from = nn_band_group_at(&b->sums, i);
        r.d = b->unit == 2 ? (const void *)d_mixed(s, y, 1, from) : d_elements(s, y, from);
        r.sums = sums + (from - first) * b->o.kernels->lanes;
        b->o.kernels->sum[nn_band_group_at(&b->sums, i + 1) - from][1](&r);
    }
}

void nn_band_sum_unit(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    float *sums = s->w->sums;
    for (int i = s->from; i < s->to; i++) {
        int from = nn_band_group_at(&b->sums, i), to = nn_band_group_at(&b->sums, i + 1);
        sums = b->unit == 2 ? sum_group_of_two(s, y, from, to - from, sums)
                            : sum_group(s, y, from, to - from, sums);
    }
    sum_biases(s, y, sums);
}

/* Offset in the parameters of the weight from channel c of this step's [h, x] to gate g. */
static size_t parameter(const struct nn_band_step *s, int g, int c)
{
    const struct nn_band_options *o = &s->b->o;
    int from = c < s->k->hidden ? o->inputs + c : c - s->k->hidden;
    return ((size_t)g * (size_t)(o->hidden + o->inputs) + (size_t)from) *
           (size_t)(o->kernel * o->kernel);
}

/* The vectors' totals, added to the gradients of this band's slot. */
static const float *add_group(const struct nn_band_step *s, int from, int channels,
                              const float *sums, double *to)
{
    const struct nn_band_options *o = &s->b->o;
    for (int c = 0; c < s->k->channels; c++)
        for (int ky = 0; ky < o->kernel; ky++)
            for (int kx = 0; kx < o->kernel; kx += NN_BAND_SHIFTS) {
                int shifts = o->kernel - kx < NN_BAND_SHIFTS ? o->kernel - kx : NN_BAND_SHIFTS;
                for (int g = 0; g < channels; g++)
                    for (int i = 0; i < shifts; i++, sums += o->kernels->lanes)
                        to[parameter(s, from + g, c) + (size_t)(ky * o->kernel + kx + i)] +=
                            (double)o->kernels->total(sums);
            }
    return sums;
}

/* The same from the sums of products, vector after vector of gates and shifts. */
static const float *add_group_of_two(const struct nn_band_step *s, int from, int channels,
                                     const float *sums, double *to)
{
    const struct nn_band_kernels *kernels = s->b->o.kernels;
    const int vectors = channels * NN_BAND_SHIFTS;
    const size_t product = (size_t)(s->k->channels * vectors * kernels->lanes);
    for (int c = 0; c < s->k->channels; c++)
        for (int i = 0; i < vectors; i++, sums += kernels->lanes) {
            double m[NN_BAND_MIXED], *row;
            for (size_t p = 0; p < NN_BAND_MIXED; p++)
                m[p] = (double)kernels->total(sums + p * product);
            row = to + parameter(s, from + i / NN_BAND_SHIFTS, c) + i % NN_BAND_SHIFTS;
            row[0] += m[0] + (m[1] - m[2]) / 2;
            row[3] += (m[1] + m[2]) / 2;
            row[6] += m[3] + (m[1] - m[2]) / 2;
        }
    return sums + (NN_BAND_MIXED - 1) * product;
}

void nn_band_sums_clear(const struct nn_band_step *s)
{
    const struct nn_band *b = s->b;
    const size_t gates =
        (size_t)(nn_band_group_at(&b->sums, s->to) - nn_band_group_at(&b->sums, s->from));
    const size_t side = (size_t)b->o.kernel;
    const size_t factors = b->unit == 2 ? NN_BAND_MIXED * side : side * side;
    const size_t vectors = gates * ((size_t)s->k->channels * factors + 1);
    memset(s->w->sums, 0, vectors * (size_t)b->o.kernels->lanes * sizeof *s->w->sums);
}

void nn_band_sums_add(const struct nn_band_step *s, double *to)
{
    const struct nn_band *b = s->b;
    const float *sums = s->w->sums;
    for (int i = s->from; i < s->to; i++) {
        int from = nn_band_group_at(&b->sums, i), n = nn_band_group_at(&b->sums, i + 1) - from;
        sums =
            b->unit == 2 ? add_group_of_two(s, from, n, sums, to) : add_group(s, from, n, sums, to);
    }
    to += b->n_weights - 4 * (size_t)b->o.hidden;
    const int last = nn_band_group_at(&b->sums, s->to);
    for (int g = nn_band_group_at(&b->sums, s->from); b->o.bias && g < last;
         g++, sums += b->o.kernels->lanes)
        to[g] += (double)b->o.kernels->total(sums);
}

void nn_band_gradients_clear(struct nn_band *b)
{
    memset(b->partial, 0, (size_t)b->slots * b->n_weights * sizeof *b->partial);
}

/* Slots in their order, in double; rounded once, into the parameters' float32 gradients. */
void nn_band_gradients_add(const struct nn_band *b, float *dweight, float *dbias)
{
    const size_t biases = 4 * (size_t)b->o.hidden, weights = b->n_weights - biases;
#pragma omp parallel for schedule(static) num_threads(b->o.threads)
    for (size_t i = 0; i < b->n_weights; i++) {
        double sum = 0;
        for (int slot = 0; slot < b->slots; slot++)
            sum += b->partial[(size_t)slot * b->n_weights + i];
        if (i < weights)
            dweight[i] += (float)sum;
        else if (dbias)
            dbias[i - weights] += (float)sum;
    }
}
