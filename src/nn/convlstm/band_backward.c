/* SPDX-License-Identifier: MIT
 *
 * A step backward, band by band. Row after row: the derivatives of the gates' sums, their share of
 * the weights' gradient and, `pad` rows later, when all rows it depends on are in the ring, the
 * gradient of [h, x]:
 *
 *   y = begin - pad … begin - 1      derivatives alone; the neighbour above owns these rows
 *   y = begin … end - 1              derivatives, weights' gradient; [dh, dx] of row y - pad
 *   y = end … end + pad - 1          derivatives alone; [dh, dx] of the last rows
 *
 * So the rows just outside of a band are computed by both neighbours, and none waits. */
#include "band_norm.h"
#include "band_rows.h"
#include "band_sums.h"

#include <omp.h>
#include <string.h>

/* Row y of channel 0 of the band's image in a tensor with `channels` channels. */
static size_t offset(const struct nn_band_step *s, int channels, int y)
{
    return (size_t)s->n * (size_t)channels * s->plane + (size_t)y * (size_t)s->b->o.w;
}

static bool inside(const struct nn_band_step *s, int y)
{
    return y >= s->begin && y < s->end;
}

/* --- Derivatives of the gates' sums ---------------------------------------------------------- */

static const float *maybe(const float *p, size_t at)
{
    return p ? p + at : NULL;
}

/* Pointers to row y of all tensors; dc_before is written only by the band that owns the row. */
static struct nn_band_back state_at(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    const struct nn_band_backward *f = s->f;
    const size_t at = offset(s, b->o.hidden, y);
    return (struct nn_band_back){.hidden = b->o.hidden,
                                 .count = b->o.w,
                                 .plane = s->plane,
                                 .c = f->c + at,
                                 .c_before = maybe(f->c_before, at),
                                 .dh = maybe(f->dh, at),
                                 .dy = maybe(f->dy, at),
                                 .dc = maybe(f->dc, at),
                                 .dc_before =
                                     f->dc_before && inside(s, y) ? f->dc_before + at : NULL};
}

/* The activated gates of a row: kept, or computed again. */
static void gates_at(const struct nn_band_step *s, int y, struct nn_band_back *g)
{
    const struct nn_band *b = s->b;
    if (s->f->gates) {
        g->gates = s->f->gates + offset(s, 4 * b->o.hidden, y);
        g->gates_stride = s->plane;
        return;
    }
    nn_band_sums(b, s->w, s->k, y);
    g->gates = s->w->gates;
    g->gates_stride = b->stride;
    b->o.kernels->activate(s->w->gates, g->gates_stride, b->o.hidden, g->count);
}

/* dgates of a row as elements channel by channel, and as words. */
static void pack_pairs(const struct nn_band_step *s, const struct nn_band_back *g, int y)
{
    const struct nn_band *b = s->b;
    uint32_t *word = nn_band_d_row(s, y) + NN_BAND_LEFT;
    uint16_t *planar = s->w->d_planar + NN_BAND_LEFT;
    const size_t n = (size_t)g->count;
    for (int c = 0; c < 4 * b->o.hidden; c += 2, planar += 2 * b->stride, word += b->stride) {
        for (int i = 0; i < 2; i++)
            b->o.kernels->narrow(g->d + (size_t)(c + i) * g->d_stride, n,
                                 planar + (size_t)i * b->stride);
        b->o.kernels->join(planar, planar + b->stride, n, word);
    }
}

static void show_dgates(const struct nn_band_step *s, const struct nn_band_back *g, int y)
{
    float *to = s->f->dgates + offset(s, 4 * s->b->o.hidden, y);
    for (int c = 0; c < 4 * s->b->o.hidden; c++)
        memcpy(to + (size_t)c * s->plane, g->d + (size_t)c * g->d_stride,
               (size_t)g->count * sizeof *to);
}

/* Derivatives of the sums from those of the normalised sums, which a layer norm has left. */
static void derive_normed(const struct nn_band_step *s, int y, const struct nn_band_back *g)
{
    const struct nn_band_norm_back *norm = s->f->norm;
    const size_t channels = 4 * (size_t)s->b->o.hidden, at = offset(s, (int)channels, y);
    const float *k = norm->affine + 4 * (size_t)s->n * channels;
    for (size_t c = 0; c < channels; c++)
        nn_band_norm_row_back(k + 4 * c, norm->d + at + c * s->plane,
                              norm->sums + at + c * s->plane, (size_t)g->count,
                              g->d + c * g->d_stride);
}

/* dgates of row y into its place in the ring, in the kernels' words. */
static void derive_row(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    struct nn_band_back g = {.count = b->o.w};
    if (!s->f->norm) {
        g = state_at(s, y);
        gates_at(s, y, &g);
    }
    g.d_stride = b->stride;
    g.d = b->o.kernels->pairs ? s->w->d_row : (float *)(void *)nn_band_d_row(s, y) + NN_BAND_LEFT;
    if (s->f->norm)
        derive_normed(s, y, &g);
    else
        b->o.kernels->backward(&g);
    if (b->o.kernels->pairs) pack_pairs(s, &g, y);
    if (s->f->dgates && inside(s, y)) show_dgates(s, &g, y);
}

/* --- Gradient of [h, x] ---------------------------------------------------------------------- */

/* `outs` channels of the gradient at row y, columns x …; straight into `to` where the tile is
 * whole. */
static void back_tile(const struct nn_band_step *s, struct nn_band_tile *t, int outs, int x,
                      float *to)
{
    const struct nn_band *b = s->b;
    const int width = nn_band_tile_width(b);
    const bool whole = b->o.w - x >= width;
    t->out = whole ? to : s->w->out;
    t->out_stride = whole ? s->plane : (size_t)width;
    b->o.kernels->conv[outs][nn_band_vectors(b, x) - 1](t);
    for (int i = 0; !whole && i < outs; i++)
        memcpy(to + (size_t)i * s->plane, s->w->out + (size_t)i * t->out_stride,
               (size_t)(b->o.w - x) * sizeof *to);
}

/* Row y of dh or dx: the transposed convolution of the rows of dgates in the ring. */
static void back_row(const struct nn_band_step *s, const struct nn_band_groups *groups,
                     const uint32_t *w, int y, float *to)
{
    const struct nn_band *b = s->b;
    to += offset(s, groups->total, y);
    for (int x = 0; x < b->o.w; x += nn_band_tile_width(b)) {
        struct nn_band_tile t = {.w = w};
        nn_band_taps(b, s->w->d, b->d_words, y, x, &t);
        for (int i = 0; i < groups->count; i++) {
            int from = nn_band_group_at(groups, i), outs = nn_band_group_at(groups, i + 1) - from;
            back_tile(s, &t, outs, x, to + (size_t)from * s->plane + x);
            t.w += (size_t)(outs * b->d_words * t.kernel * t.kernel);
        }
    }
}

/* --- The band ------------------------------------------------------------------------------------
 */

/* Row y of [h, x], where the gates, computed again, or the weights' gradient need it. */
static void pack(const struct nn_band_step *s, int y)
{
    const int pad = s->b->pad;
    const struct nn_band_place at = {.n = s->n, .y = y};
    const bool again = !s->f->gates && !s->f->norm;
    if (again || (y >= s->begin - pad && y < s->end + pad))
        nn_band_pack(s->b, s->w, s->k, &s->f->source, &at);
}

/* One row further down: [h, x] of row y + pad, then dgates of row y and what they add to. */
static void derive(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    pack(s, y + b->pad);
    if (y < 0 || y >= b->o.h) {
        memset(nn_band_d_row(s, y), 0, (size_t)b->d_words * b->stride * sizeof(uint32_t));
        return;
    }
    derive_row(s, y);
    if (inside(s, y)) nn_band_sum_row(s, y);
}

static void backward_band(const struct nn_band_step *s, double *to)
{
    const struct nn_band *b = s->b;
    const struct nn_band_backward *f = s->f;
    const int pad = b->pad;
    nn_band_sums_clear(s);
    for (int y = s->begin - 2 * pad; y < s->begin; y++) pack(s, y);
    for (int y = s->begin - pad; y < s->end + pad; y++) {
        derive(s, y);
        if (!inside(s, y - pad)) continue;
        if (f->dh_before) back_row(s, &b->to_h, s->k->to_h, y - pad, f->dh_before);
        if (f->dx) back_row(s, &b->to_x, s->k->to_x, y - pad, f->dx);
    }
    nn_band_sums_add(s, to);
}

/* A slot's bands are a thread's in turn, with one sum of gradients, so the loop over slots runs
 * concurrently without locks and adds in the same order on any number of threads. */
void nn_band_backward(struct nn_band *b, const struct nn_band_backward *f)
{
    const struct nn_band_weights *k = f->first ? &b->first : &b->rest;
#pragma omp parallel for schedule(dynamic) num_threads(b->o.threads)
    for (int slot = 0; slot < b->slots; slot++)
        for (int i = slot; i < b->pieces; i += b->slots) {
            int begin = i % b->per_image * b->rows, end = begin + b->rows;
            struct nn_band_step s = {.b = b,
                                     .w = &b->work[omp_get_thread_num()],
                                     .k = k,
                                     .f = f,
                                     .n = i / b->per_image,
                                     .begin = begin,
                                     .end = end < b->o.h ? end : b->o.h,
                                     .plane = (size_t)b->o.h * (size_t)b->o.w};
            backward_band(&s, b->partial + (size_t)slot * b->n_weights);
        }
}
