/* SPDX-License-Identifier: MIT
 *
 * A step forward, band by band: the gates' sums of a row, then its gates, c and h while the sums
 * are in the cache. Row after row, because the planes of c, h and gates are often a power of two
 * apart and would evict each other from the cache.
 *
 * Bands run concurrently: each reads h, c and x of the previous step, which is complete, and
 * writes its own rows. */
#include "band_norm.h"
#include "band_rows.h"

#include <omp.h>
#include <string.h>

/* The gates, c and h of a row from its sums, which are in the thread's scratch. */
static void forward_row(const struct nn_band *b, float *sums, const struct nn_band_forward *f,
                        const struct nn_band_place *at)
{
    const struct nn_band_options *o = &b->o;
    const size_t plane = (size_t)o->h * (size_t)o->w, pixel = (size_t)at->y * (size_t)o->w;
    const size_t state = (size_t)at->n * (size_t)o->hidden * plane + pixel;
    const size_t gates = 4 * (size_t)at->n * (size_t)o->hidden * plane + pixel;
    struct nn_band_gates g = {.hidden = o->hidden,
                              .count = o->w,
                              .sums = sums,
                              .sums_stride = b->stride,
                              .plane = plane,
                              .gates = nn_band_element(b, f->kept_gates, gates),
                              .c_before = f->c_before ? f->c_before + state : NULL,
                              .c = f->c + state,
                              .h = f->h ? f->h + state : NULL,
                              .kept_h = nn_band_element(b, f->kept_h, state)};
    o->kernels->forward(&g);
    for (size_t k = 0; f->gates && k < 4 * (size_t)o->hidden; k++)
        memcpy(f->gates + gates + k * plane, sums + k * b->stride, (size_t)o->w * sizeof *sums);
}

/* The sums of a row, and their moments, while they are in the cache. */
static void keep_sums(const struct nn_band *b, const float *sums, const struct nn_band_forward *f,
                      const struct nn_band_place *at, double *moments)
{
    const size_t width = (size_t)b->o.w, plane = (size_t)b->o.h * width;
    const size_t channels = 4 * (size_t)b->o.hidden;
    float *to = f->sums + (size_t)at->n * channels * plane + (size_t)at->y * width;
    for (size_t k = 0; k < channels; k++) {
        const float *row = sums + k * b->stride;
        memcpy(to + k * plane, row, width * sizeof *to);
        if (moments) nn_band_norm_moments(row, width, moments + 2 * k);
    }
}

/* A unit: its rows below the last are new in the ring. */
static void forward_unit(const struct nn_band *b, const struct nn_band_work *w,
                         const struct nn_band_forward *f, const struct nn_band_place *first,
                         double *moments)
{
    const struct nn_band_weights *k = f->first ? &b->first : &b->rest;
    struct nn_band_place at = *first;
    float *row[2] = {w->gates, NULL};
    if (b->unit == 2 && first->y + 1 < b->o.h)
        row[1] = w->gates + 4 * (size_t)b->o.hidden * b->stride;
    for (at.y = first->y + b->pad; at.y < first->y + b->pad + b->unit; at.y++)
        nn_band_pack(b, w, k, &f->source, &at);
    nn_band_mix(b, w, k, first->y);
    nn_band_sums(b, w, k, first->y, row);
    at.y = first->y;
    for (int i = 0; i < 2 && row[i]; i++, at.y++)
        if (f->sums)
            keep_sums(b, row[i], f, &at, moments);
        else
            forward_row(b, row[i], f, &at);
}

/* Before the first unit the ring is filled with the rows above and in it. Bands of `rows` are whole
 * units, but where the image ends. */
static void forward_band(const struct nn_band *b, const struct nn_band_work *w,
                         const struct nn_band_forward *f, int rows, int piece)
{
    const struct nn_band_weights *k = f->first ? &b->first : &b->rest;
    const int per_image = nn_band_per_image(b, rows);
    struct nn_band_place at = {.n = piece / per_image};
    const int begin = piece % per_image * rows;
    const int end = begin + rows < b->o.h ? begin + rows : b->o.h;
    const size_t sums = 8 * (size_t)b->o.hidden;
    double *moments = f->moments ? f->moments + (size_t)piece * sums : NULL;
    if (moments) memset(moments, 0, sums * sizeof *moments);
    for (at.y = begin - b->pad; at.y < begin + b->pad; at.y++)
        nn_band_pack(b, w, k, &f->source, &at);
    for (at.y = begin; at.y < end; at.y += b->unit) forward_unit(b, w, f, &at, moments);
}

void nn_band_forward(struct nn_band *b, const struct nn_band_forward *f)
{
    const int rows = f->moments ? b->rows : b->fine;
    const int pieces = b->o.n * nn_band_per_image(b, rows);
#pragma omp parallel for schedule(dynamic) num_threads(b->o.threads)
    for (int i = 0; i < pieces; i++) forward_band(b, &b->work[omp_get_thread_num()], f, rows, i);
}
