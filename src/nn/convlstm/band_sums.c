/* SPDX-License-Identifier: MIT
 *
 * The weights' gradient of a band: a vector of partial sums for every weight while the band is in
 * work, their totals in double afterwards, separately for each slot so that the order of the sums
 * does not depend on the threads.
 *
 *   dw[g][c][ky][kx] = Σ over rows y, columns x of  d[g](y, x) · in[c](y - pad + ky, x - pad + kx)
 *
 * A kernel call covers one row, a group of gates and up to three neighbouring kx, whose inputs are
 * the same row shifted: each vector of d is loaded once for all of them. */
#include "band_sums.h"

#include <string.h>

uint32_t *nn_band_d_row(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    return s->w->d + (size_t)((y + b->ring) % b->ring) * (size_t)b->d_words * b->stride;
}

static size_t element_bytes(const struct nn_band *b)
{
    return b->o.kernels->pairs ? sizeof(uint16_t) : sizeof(float);
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

/* All gates with all taps, then with ones: the gradient of the biases is Σ d. */
void nn_band_sum_row(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    const int elements = b->o.kernels->lanes * 4 / (int)element_bytes(b);
    float *sums = s->w->sums;
    for (int i = 0; i < b->sums.count; i++) {
        int from = nn_band_group_at(&b->sums, i);
        sums = sum_group(s, y, from, nn_band_group_at(&b->sums, i + 1) - from, sums);
    }
    struct nn_band_row r = {
        .stride = b->stride, .in = s->w->ones, .vectors = (b->o.w + elements - 1) / elements};
    for (int i = 0; b->o.bias && i < b->sums.count; i++) {
        int from = nn_band_group_at(&b->sums, i);
        r.d = d_elements(s, y, from);
        r.sums = sums + from * b->o.kernels->lanes;
        b->o.kernels->sum[nn_band_group_at(&b->sums, i + 1) - from][1](&r);
    }
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

void nn_band_sums_clear(const struct nn_band_step *s)
{
    const struct nn_band *b = s->b;
    memset(s->w->sums, 0, b->n_weights * (size_t)b->o.kernels->lanes * sizeof *s->w->sums);
}

void nn_band_sums_add(const struct nn_band_step *s, double *to)
{
    const struct nn_band *b = s->b;
    const float *sums = s->w->sums;
    for (int i = 0; i < b->sums.count; i++) {
        int from = nn_band_group_at(&b->sums, i);
        sums = add_group(s, from, nn_band_group_at(&b->sums, i + 1) - from, sums, to);
    }
    to += b->n_weights - 4 * (size_t)b->o.hidden;
    for (int g = 0; b->o.bias && g < 4 * b->o.hidden; g++, sums += b->o.kernels->lanes)
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
