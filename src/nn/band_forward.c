/* SPDX-License-Identifier: MIT
 *
 * A step forward, band by band: the gates' sums of a tile of pixels, then its
 * gates, c and h while the sums are in the cache. */
#include "band.h"

#include <omp.h>

static void forward_tile(const struct nn_band *b, const struct nn_band_work *w,
                         const struct nn_band_forward *f, const struct nn_band_place *at, int x)
{
    const struct nn_band_options *o = &b->o;
    const size_t plane = (size_t)o->h * (size_t)o->w;
    const size_t pixel = (size_t)at->y * (size_t)o->w + (size_t)x;
    const size_t state = (size_t)at->n * (size_t)o->hidden * plane + pixel;
    const int width = nn_band_tile_width(b);
    struct nn_band_gates g = {.hidden = o->hidden,
                              .count = o->w - x < width ? o->w - x : width,
                              .sums = w->tile,
                              .sums_stride = (size_t)width,
                              .plane = plane,
                              .gates = f->gates,
                              .c_before = f->c_before,
                              .c = f->c + state,
                              .h = f->h + state};
    if (g.gates) g.gates += 4 * (size_t)at->n * (size_t)o->hidden * plane + pixel;
    if (g.c_before) g.c_before += state;
    o->kernels->forward(&g);
}

static void forward_band(const struct nn_band *b, const struct nn_band_work *w,
                         const struct nn_band_forward *f, int piece)
{
    const struct nn_band_weights *k = f->first ? &b->first : &b->rest;
    struct nn_band_place at = {.n = piece / b->per_image};
    const int begin = piece % b->per_image * b->rows;
    const int end = begin + b->rows < b->o.h ? begin + b->rows : b->o.h;
    for (at.y = begin - b->pad; at.y < begin + b->pad; at.y++)
        nn_band_pack(b, w, k, &f->source, &at);
    for (int y = begin; y < end; y++) {
        at.y = y + b->pad;
        nn_band_pack(b, w, k, &f->source, &at);
        at.y = y;
        for (int x = 0; x < b->o.w; x += nn_band_tile_width(b)) {
            nn_band_sums(b, w, k, y, x);
            forward_tile(b, w, f, &at, x);
        }
    }
}

void nn_band_forward(struct nn_band *b, const struct nn_band_forward *f)
{
#pragma omp parallel for schedule(dynamic) num_threads(b->o.threads)
    for (int i = 0; i < b->pieces; i++) forward_band(b, &b->work[omp_get_thread_num()], f, i);
}
