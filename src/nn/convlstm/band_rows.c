/* SPDX-License-Identifier: MIT
 *
 * A band's rows: packing [h, x] into the rings, and the gates' sums from them. A row of a ring, per
 * word (a channel, or a pair of channels):
 *
 *   | 32 zeros | w(0) w(1) … w(W-1) | zeros up to whole vectors |
 *              ^ NN_BAND_LEFT; a tap left of the image reads the zeros before it */
#include "band_rows.h"

#include <string.h>

static size_t plane_of(const struct nn_band *b)
{
    return (size_t)b->o.h * (size_t)b->o.w;
}

/* Offset of row y in a ring with `channels` words per pixel; y may be as low as -ring. */
static size_t slot(const struct nn_band *b, int channels, int y)
{
    return (size_t)((y + b->ring) % b->ring) * (size_t)channels * b->stride;
}

/* Row y of channel c of a tensor with `channels` channels. */
static size_t row_at(const struct nn_band *b, size_t channels, const struct nn_band_place *at,
                     size_t c)
{
    return ((size_t)at->n * channels + c) * plane_of(b) + (size_t)at->y * (size_t)b->o.w;
}

/* Row y of channel c of [h, x] of image n, in float32; `spare` holds it where it is computed. */
static const float *row_of(const struct nn_band *b, const struct nn_band_weights *k,
                           const struct nn_band_source *s, const struct nn_band_place *at, int c,
                           float *spare)
{
    const size_t hidden = (size_t)b->o.hidden, channel = (size_t)c;
    if (c >= k->hidden)
        return s->x + row_at(b, (size_t)b->o.inputs, at, channel - (size_t)k->hidden);
    const size_t h = row_at(b, hidden, at, channel);
    if (s->h) return s->h + h;
    if (s->kept_h) return (const float *)s->kept_h + h;
    const float *o = (const float *)s->kept_gates + row_at(b, 4 * hidden, at, 2 * hidden + channel);
    b->o.kernels->hidden(o, s->c + h, (size_t)b->o.w, spare);
    return spare;
}

/* bf16: each channel is rounded into `planar`, which the weights' gradient reads, and joined with
 * its neighbour to words, which the convolution reads. */
static void pack_pairs(const struct nn_band *b, const struct nn_band_work *w,
                       const struct nn_band_weights *k, const struct nn_band_source *s,
                       const struct nn_band_place *at)
{
    const struct nn_band_kernels *kernels = b->o.kernels;
    const size_t width = (size_t)b->o.w;
    uint32_t *word = w->in + slot(b, k->words, at->y) + NN_BAND_LEFT;
    uint16_t *planar = w->in_planar + slot(b, k->channels, at->y) + NN_BAND_LEFT;
    for (int c = 0; c < k->channels; c++) {
        uint16_t *to = planar + (size_t)c * b->stride;
        if (s->kept_h && c < k->hidden)
            memcpy(to, (const uint16_t *)s->kept_h + row_at(b, (size_t)k->hidden, at, (size_t)c),
                   width * sizeof *to);
        else
            kernels->narrow(row_of(b, k, s, at, c, NULL), width, to);
    }
    for (int c = 0; c < k->channels; c += 2, word += b->stride) {
        const uint16_t *low = planar + (size_t)c * b->stride;
        kernels->join(low, c + 1 < k->channels ? low + b->stride : NULL, width, word);
    }
}

/* float32: words are the channels themselves, and both read the same ring. */
static void pack_floats(const struct nn_band *b, const struct nn_band_work *w,
                        const struct nn_band_weights *k, const struct nn_band_source *s,
                        const struct nn_band_place *at)
{
    float *to = (float *)(void *)w->in + slot(b, k->words, at->y) + NN_BAND_LEFT;
    for (int c = 0; c < k->channels; c++, to += b->stride) {
        const float *row = row_of(b, k, s, at, c, to);
        if (row != to) memcpy(to, row, (size_t)b->o.w * sizeof *to);
    }
}

/* Zeros outside of the image are the convolution's padding above and below. */
void nn_band_pack(const struct nn_band *b, const struct nn_band_work *w,
                  const struct nn_band_weights *k, const struct nn_band_source *s,
                  const struct nn_band_place *at)
{
    if (at->y < 0 || at->y >= b->o.h) {
        memset(w->in + slot(b, k->words, at->y), 0, (size_t)k->words * b->stride * sizeof *w->in);
        if (w->in_planar)
            memset(w->in_planar + slot(b, k->channels, at->y), 0,
                   (size_t)k->channels * b->stride * sizeof *w->in_planar);
    } else if (b->o.kernels->pairs) {
        pack_pairs(b, w, k, s, at);
    } else {
        pack_floats(b, w, k, s, at);
    }
}

void nn_band_taps(const struct nn_band *b, const uint32_t *ring, int words, int y, int x,
                  struct nn_band_tile *t)
{
    t->stride = b->stride;
    t->words = words;
    t->kernel = b->o.kernel;
    for (int i = 0; i < t->kernel; i++)
        t->in[i] = ring + slot(b, words, y - b->pad + i) + NN_BAND_LEFT - b->pad + x;
}

/* The last tile of a row may need one vector only. */
int nn_band_vectors(const struct nn_band *b, int x)
{
    return b->o.w - x > b->o.kernels->lanes ? 2 : 1;
}

void nn_band_mix(const struct nn_band *b, const struct nn_band_work *w,
                 const struct nn_band_weights *k, int y)
{
    if (b->unit == 1) return;
    const int lanes = b->o.kernels->lanes;
    struct nn_band_mix m = {.row_stride = b->stride,
                            .mixed_stride = b->stride,
                            .channels = k->channels,
                            .vectors = (b->o.w + lanes - 1) / lanes};
    for (int i = 0; i < NN_BAND_MIXED; i++) {
        m.row[i] =
            (const float *)(const void *)w->in + slot(b, k->words, y - b->pad + i) + NN_BAND_LEFT;
        m.mixed[i] = w->in_mixed + (size_t)(i * k->channels) * b->stride + NN_BAND_LEFT;
    }
    b->o.kernels->mix(&m);
}

/* The sums of all gates at columns x … of a row. */
static void sums_tile(const struct nn_band *b, const struct nn_band_work *w,
                      const struct nn_band_weights *k, int y, int x, float *row)
{
    struct nn_band_tile t = {.w = k->forward, .out_stride = b->stride};
    nn_band_taps(b, w->in, k->words, y, x, &t);
    const int vectors = nn_band_vectors(b, x);
    for (int i = 0; i < b->gates.count; i++) {
        int from = nn_band_group_at(&b->gates, i), outs = nn_band_group_at(&b->gates, i + 1) - from;
        t.out = row + (size_t)from * b->stride + x;
        t.bias = b->o.bias ? b->o.bias + from : NULL;
        b->o.kernels->conv[outs][vectors - 1](&t);
        t.w += (size_t)(outs * k->words * t.kernel * t.kernel);
    }
}

/* The same of two rows from mixed rows. */
static void sums_tile_of_two(const struct nn_band *b, const struct nn_band_work *w,
                             const struct nn_band_weights *k, int x, float *const row[2])
{
    struct nn_band_two t = {.w = k->forward,
                            .stride = b->stride,
                            .words = k->channels,
                            .out_stride = b->stride,
                            .spare = w->out};
    for (int i = 0; i < NN_BAND_MIXED; i++)
        t.in[i] = (const uint32_t *)(const void *)w->in_mixed +
                  (size_t)(i * k->channels) * b->stride + NN_BAND_LEFT - b->pad + x;
    const int vectors = nn_band_vectors(b, x);
    for (int i = 0; i < b->gates.count; i++) {
        int from = nn_band_group_at(&b->gates, i), outs = nn_band_group_at(&b->gates, i + 1) - from;
        const size_t at = (size_t)from * b->stride + (size_t)x;
        t.out = row[0] ? row[0] + at : NULL;
        t.below = row[1] ? row[1] + at : NULL;
        t.bias = b->o.bias ? b->o.bias + from : NULL;
        b->o.kernels->gather[outs][vectors - 1](&t);
        t.w += (size_t)(outs * k->channels * NN_BAND_MIXED * b->o.kernel);
    }
}

/* A tile is two vectors wide; the ring's rows stay in the cache from tile to tile. */
void nn_band_sums(const struct nn_band *b, const struct nn_band_work *w,
                  const struct nn_band_weights *k, int y, float *const row[2])
{
    for (int x = 0; x < b->o.w; x += nn_band_tile_width(b))
        if (b->unit == 2)
            sums_tile_of_two(b, w, k, x, row);
        else
            sums_tile(b, w, k, y, x, row[0]);
}
