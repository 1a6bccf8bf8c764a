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
 * So the rows just outside of a band are computed by both neighbours, and none waits. What a
 * neighbour may have written over meanwhile is in copies (band_edges.h). With more threads than
 * slots the weights' gradient is a pass of its own, after the derivatives.
 *
 * Two rows at once, y is even and a unit is rows y and y + 1. Their derivatives give shares of
 * [dh, dx] of rows y - 1 … y + 2, of which the first two are complete then. */
#include "band_edges.h"
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

/* Row y of all channels of a tensor; where it is written over, of the copy of rows that another
 * band owns. */
static struct nn_band_rows rows_at(const struct nn_band_step *s, enum nn_band_edge tensor,
                                   const float *data, const float *over, int y)
{
    if (!data) return (struct nn_band_rows){0};
    if (data == over && !inside(s, y)) return nn_band_edge_row(s, tensor, y);
    return (struct nn_band_rows){data + offset(s, s->b->o.hidden, y), s->plane};
}

/* Row y of all tensors; dc_before is written only by the band that owns the row. */
static struct nn_band_back state_at(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    const struct nn_band_backward *f = s->f;
    float *dc_before =
        f->dc_before && inside(s, y) ? f->dc_before + offset(s, b->o.hidden, y) : NULL;
    return (struct nn_band_back){.hidden = b->o.hidden,
                                 .count = b->o.w,
                                 .plane = s->plane,
                                 .c = rows_at(s, NN_BAND_OF_C, f->c, f->dc_before, y),
                                 .c_before = rows_at(s, NN_BAND_OF_C, f->c_before, NULL, y),
                                 .dh = rows_at(s, NN_BAND_OF_H, f->dh, f->dh_before, y),
                                 .dy = rows_at(s, NN_BAND_OF_H, f->dy, f->dh_before, y),
                                 .dc = rows_at(s, NN_BAND_OF_C, f->dc, f->dc_before, y),
                                 .dc_before = dc_before};
}

/* Where dgates of row y are computed: in the ring or, where they are rounded to pairs, before it.
 */
static float *derivatives(const struct nn_band_step *s, int y)
{
    return s->b->o.kernels->pairs ? s->w->d_row
                                  : (float *)(void *)nn_band_d_row(s, y) + NN_BAND_LEFT;
}

/* The activated gates of a row: kept, or from the sums that have been computed again where dgates
 * will replace them. */
static void gates_at(const struct nn_band_step *s, int y, struct nn_band_back *g)
{
    const struct nn_band *b = s->b;
    if (s->f->kept_gates) {
        const size_t bytes = nn_band_element_bytes(b->o.kernels);
        g->kept = (const char *)s->f->kept_gates + offset(s, 4 * b->o.hidden, y) * bytes;
        return;
    }
    g->gates = g->d;
    g->gates_stride = b->stride;
    b->o.kernels->activate(g->d, b->stride, b->o.hidden, g->count, true);
}

/* Whole tiles of sums were written; the row's padding is zeros again. */
static void end_with_zeros(const struct nn_band_step *s, const struct nn_band_back *g)
{
    const size_t rest = s->b->stride - NN_BAND_LEFT - (size_t)g->count;
    for (int c = 0; rest && c < 4 * g->hidden; c++)
        memset(g->d + (size_t)c * g->d_stride + g->count, 0, rest * sizeof *g->d);
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
    if (!s->f->norm) g = state_at(s, y);
    g.d_stride = b->stride;
    g.d = derivatives(s, y);
    if (s->f->norm) {
        derive_normed(s, y, &g);
    } else {
        gates_at(s, y, &g);
        b->o.kernels->backward(&g);
        if (!s->f->kept_gates) end_with_zeros(s, &g);
    }
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

/* Both rows of a tile; straight into memory where the tile is whole. */
static void scatter_tile(const struct nn_band_step *s, struct nn_band_two *t, int outs, int x,
                         float *const to[2])
{
    const struct nn_band *b = s->b;
    const int width = nn_band_tile_width(b), left = b->o.w - x;
    const size_t room = (size_t)(b->o.kernels->outs * width);
    float *own[2] = {s->w->out, s->w->out + room};
    const bool whole = left >= width;
    float *const *rows = whole ? to : own;
    t->out = to[0] ? rows[0] : NULL;
    t->below = to[1] ? rows[1] : NULL;
    t->out_stride = whole ? s->plane : (size_t)width;
    t->spare = s->w->out + 2 * room;
    b->o.kernels->scatter[outs][nn_band_vectors(b, x) - 1](t);
    for (int i = 0; !whole && i < 2 * outs; i++)
        if (to[i % 2])
            memcpy(to[i % 2] + (size_t)(i / 2) * s->plane, own[i % 2] + (size_t)(i / 2 * width),
                   (size_t)left * sizeof(float));
}

/* What unit y multiplies, at the leftmost tap of column 0; NULL: nothing. Of a unit above the band
 * the second row counts, of one below the first. */
static void scatter_rows(const struct nn_band_step *s, int y, const float *row[NN_BAND_MIXED])
{
    const struct nn_band *b = s->b;
    const size_t left = NN_BAND_LEFT - (size_t)b->pad;
    const size_t mixed = 4 * (size_t)b->o.hidden * b->stride;
    const bool first = y >= s->begin && y < b->o.h, second = y < s->end && y + 1 >= 0;
    row[0] = first ? (const float *)(const void *)nn_band_d_row(s, y) + left : NULL;
    row[1] = first && second ? s->w->d_mixed + left : NULL;
    row[2] = first && second ? s->w->d_mixed + mixed + left : NULL;
    row[3] = second ? (const float *)(const void *)nn_band_d_row(s, y + 1) + left : NULL;
}

/* Rows y - 1 and y of dh or dx, those inside, from the shares of unit y and what those before have
 * left in `carry`, channels of (2, K + C, stride). */
static void scatter_unit(const struct nn_band_step *s, const struct nn_band_groups *groups,
                         const uint32_t *w, float *carry, int y, float *to)
{
    const struct nn_band *b = s->b;
    const size_t second = (size_t)(b->o.hidden + b->o.inputs) * b->stride;
    const float *row[NN_BAND_MIXED];
    scatter_rows(s, y, row);
    if (!row[0] && !row[3] && y < s->begin) /* above the image */
        memset(carry + second, 0, (size_t)groups->total * b->stride * sizeof *carry);
    for (int x = 0; x < b->o.w; x += nn_band_tile_width(b)) {
        struct nn_band_two t = {
            .w = w, .stride = b->stride, .words = 4 * b->o.hidden, .carry_stride = b->stride};
        for (int i = 0; i < NN_BAND_MIXED; i++)
            t.in[i] = row[i] ? (const uint32_t *)(const void *)row[i] + x : NULL;
        for (int i = 0; i < groups->count; i++) {
            int from = nn_band_group_at(groups, i), outs = nn_band_group_at(groups, i + 1) - from;
            size_t at = (size_t)from * s->plane + (size_t)x;
            float *rows[2];
            for (int k = 0; k < 2; k++)
                rows[k] =
                    inside(s, y - 1 + k) ? to + offset(s, groups->total, y - 1 + k) + at : NULL;
            t.carry[0] = carry + (size_t)from * b->stride + x;
            t.carry[1] = t.carry[0] + second;
            scatter_tile(s, &t, outs, x, rows);
            t.w += (size_t)(outs * 4 * b->o.hidden * NN_BAND_MIXED * b->o.kernel);
        }
    }
}

/* --- The band --------------------------------------------------------------------------------- */

static bool gates_again(const struct nn_band_step *s)
{
    return !s->f->kept_gates && !s->f->norm;
}

static bool sums(const struct nn_band_step *s)
{
    return s->from < s->to;
}

/* Row y of [h, x], where the gates, computed again, or the weights' gradient need it. */
static void pack(const struct nn_band_step *s, int y)
{
    const int pad = s->b->pad;
    const struct nn_band_place at = {.n = s->n, .y = y};
    if (gates_again(s) || (sums(s) && y >= s->begin - pad && y < s->end + pad))
        nn_band_pack(s->b, s->w, s->k, &s->f->source, &at);
}

/* A row in the band, or next to it, whose derivatives are needed. */
static bool is_derived(const struct nn_band_step *s, int y)
{
    return y >= s->begin - s->b->pad && y < s->end + s->b->pad;
}

/* One unit further down: [h, x] of the rows below, then dgates of unit y. Zeros outside of the
 * image. */
static void derive(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    float *to[2] = {NULL, NULL};
    for (int i = 0; i < b->unit; i++) {
        const int row = y + i;
        pack(s, row + b->pad);
        if (row < 0 || row >= b->o.h)
            memset(nn_band_d_row(s, row), 0, (size_t)b->d_words * b->stride * sizeof(uint32_t));
        else if (is_derived(s, row))
            to[i] = derivatives(s, row);
    }
    if (gates_again(s) || (sums(s) && inside(s, y))) nn_band_mix(b, s->w, s->k, y);
    if (gates_again(s) && (to[0] || to[1])) nn_band_sums(b, s->w, s->k, y, to);
    for (int i = 0; i < b->unit; i++)
        if (to[i]) derive_row(s, y + i);
    if (!inside(s, y)) return;
    if (b->unit == 2) nn_band_mix_d(s, y, 0, 4 * b->o.hidden);
    if (sums(s)) nn_band_sum_unit(s, y);
}

/* The rows of dh and dx that unit y completes. */
static void give_back(const struct nn_band_step *s, int y)
{
    const struct nn_band *b = s->b;
    const struct nn_band_backward *f = s->f;
    float *carry = s->w->carry;
    if (b->unit == 2) {
        if (f->dh_before) scatter_unit(s, &b->to_h, s->k->to_h, carry, y, f->dh_before);
        carry += (size_t)b->o.hidden * b->stride;
        if (f->dx) scatter_unit(s, &b->to_x, s->k->to_x, carry, y, f->dx);
    } else if (inside(s, y - b->pad)) {
        if (f->dh_before) back_row(s, &b->to_h, s->k->to_h, y - b->pad, f->dh_before);
        if (f->dx) back_row(s, &b->to_x, s->k->to_x, y - b->pad, f->dx);
    }
}

static void backward_band(const struct nn_band_step *s, double *to)
{
    const struct nn_band *b = s->b;
    const int pad = b->pad, first = s->begin - (pad + b->unit - 1) / b->unit * b->unit;
    if (sums(s)) nn_band_sums_clear(s);
    for (int y = first - pad; y < first + pad; y++) pack(s, y);
    for (int y = first; y < s->end + pad; y += b->unit) {
        derive(s, y);
        give_back(s, y);
    }
    if (sums(s)) nn_band_sums_add(s, to);
}

/* dgates [from, to) of row y, which a pass before has left in memory, into the ring. */
static void fetch_row(const struct nn_band_step *s, int y, int from, int to)
{
    const struct nn_band *b = s->b;
    const float *row = s->f->dgates + offset(s, 4 * b->o.hidden, y);
    struct nn_band_back g = {.count = b->o.w, .d = derivatives(s, y), .d_stride = b->stride};
    if (y >= b->o.h)
        memset(nn_band_d_row(s, y), 0, (size_t)b->d_words * b->stride * sizeof(uint32_t));
    for (int c = from; c < to && y < b->o.h; c++)
        memcpy(g.d + (size_t)c * b->stride, row + (size_t)c * s->plane,
               (size_t)b->o.w * sizeof *row);
    if (b->o.kernels->pairs) pack_pairs(s, &g, y);
}

/* The weights' gradient of a band alone: the same sums in the same order. */
static void sum_band(const struct nn_band_step *s, double *to)
{
    const struct nn_band *b = s->b;
    const int from = nn_band_group_at(&b->sums, s->from), end = nn_band_group_at(&b->sums, s->to);
    nn_band_sums_clear(s);
    for (int y = s->begin - b->pad; y < s->begin + b->pad; y++) pack(s, y);
    for (int y = s->begin; y < s->end; y += b->unit) {
        for (int row = y; row < y + b->unit; row++) {
            pack(s, row + b->pad);
            fetch_row(s, row, from, end);
        }
        nn_band_mix(b, s->w, s->k, y);
        if (b->unit == 2) nn_band_mix_d(s, y, from, end);
        nn_band_sum_unit(s, y);
    }
    nn_band_sums_add(s, to);
}

/* --- The batch -------------------------------------------------------------------------------- */

/* Band `i` where bands have `rows`; the caller says what is summed. */
static struct nn_band_step step_of(const struct nn_band *b, const struct nn_band_backward *f,
                                   int rows, int i)
{
    const int per_image = nn_band_per_image(b, rows), begin = i % per_image * rows;
    return (struct nn_band_step){.b = b,
                                 .w = &b->work[omp_get_thread_num()],
                                 .k = f->first ? &b->first : &b->rest,
                                 .f = f,
                                 .n = i / per_image,
                                 .begin = begin,
                                 .end = begin + rows < b->o.h ? begin + rows : b->o.h,
                                 .plane = (size_t)b->o.h * (size_t)b->o.w};
}

/* All bands of a slot, of gates' groups [from, to). */
static void run_slot(const struct nn_band *b, const struct nn_band_backward *f, int slot, int from,
                     int to, void (*run)(const struct nn_band_step *s, double *to))
{
    for (int i = slot; i < b->pieces; i += b->slots) {
        struct nn_band_step s = step_of(b, f, b->rows, i);
        s.from = from, s.to = to;
        run(&s, b->partial + (size_t)slot * b->n_weights);
    }
}

/* More threads than slots. */
static void backward_in_two(const struct nn_band *b, const struct nn_band_backward *f)
{
    const int pieces = b->o.n * nn_band_per_image(b, b->fine), shares = b->shares;
#pragma omp parallel for schedule(dynamic) num_threads(b->o.threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_band_step s = step_of(b, f, b->fine, i);
        backward_band(&s, NULL);
    }
#pragma omp parallel for schedule(dynamic) num_threads(b->o.threads)
    for (int i = 0; i < b->slots * shares; i++)
        run_slot(b, f, i / shares, i % shares * b->sums.count / shares,
                 (i % shares + 1) * b->sums.count / shares, sum_band);
}

/* A slot's bands are a thread's in turn, with one sum of gradients, so the loop over slots runs
 * concurrently without locks and adds in the same order on any number of threads. */
void nn_band_backward(struct nn_band *b, const struct nn_band_backward *f)
{
    nn_band_edges_save(b, f);
    if (b->shares) {
        struct nn_band_backward with = *f;
        if (!with.dgates) with.dgates = b->dgates;
        backward_in_two(b, &with);
        return;
    }
#pragma omp parallel for schedule(dynamic) num_threads(b->o.threads)
    for (int slot = 0; slot < b->slots; slot++)
        run_slot(b, f, slot, 0, b->sums.count, backward_band);
}
