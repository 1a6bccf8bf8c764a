/* SPDX-License-Identifier: MIT
 *
 * The gates' pass over channels last (NHWC): a pixel's 4K gates are contiguous,
 * and so are sixteen pixels' 16·4K, which is a whole number of vectors. A tile
 * of sixteen pixels is copied to scratch; activations run over it without
 * regard to pixels, the arithmetic between gates pixel by pixel. There a vector
 * starts at a gate's first channel and may end in what follows: what it stores
 * too much is stored again, correctly, by what follows, or falls into the room
 * after the tile. */
#include "cell.h"
#include "nn/vector.h"

enum { TILE = NN_CELL_TILE };

INLINE int vectors_of(int channels)
{
    return (channels + WIDTH - 1) / WIDTH;
}

INLINE struct gates load_gates(const float *pixel, int hidden, int j)
{
    const float *at = pixel + j * WIDTH;
    return (struct gates){load(at), load(at + hidden), load(at + 2 * hidden),
                          load(at + 3 * hidden)};
}

INLINE void copy(float *to, const float *from, size_t n)
{
    memcpy(to, from, n * sizeof *to);
}

INLINE void activate_gates(const struct nn_cell *cell, float *gates)
{
    for (int i = 0; i < 4 * cell->hidden * TILE; i += WIDTH) {
        mask m;
        memcpy(&m, cell->tanh_lanes + i, sizeof m);
        store(gates + i, activate(load(gates + i), m));
    }
}

INLINE void tangents(const float *c, float *t, int n)
{
    for (int i = 0; i < n; i += WIDTH) store(t + i, tangent(load(c + i)));
}

/* --- Forward ------------------------------------------------------------------------------- */

/* c' of `count` pixels, one after the other in c. */
INLINE void next_c(const struct nn_cell *cell, const float *gates, const float *before, float *c,
                   int count)
{
    const int hidden = cell->hidden;
    for (int p = 0; p < count; p++)
        for (int j = 0; j < vectors_of(hidden); j++) {
            struct gates g = load_gates(gates + 4 * hidden * p, hidden, j);
            int at = hidden * p + j * WIDTH;
            store(c + at, g.f * load(before + at) + g.i * g.g);
        }
}

/* h' = o tanh(c'), `stride` floats from pixel to pixel. */
INLINE void next_h(const struct nn_cell *cell, const float *gates, const float *t, float *h,
                   int stride, int count)
{
    const int hidden = cell->hidden;
    for (int p = 0; p < count; p++)
        for (int j = 0; j < vectors_of(hidden); j++) {
            vec o = load(gates + 4 * hidden * p + 2 * hidden + j * WIDTH);
            store(h + stride * p + j * WIDTH, o * load(t + hidden * p + j * WIDTH));
        }
}

/* [h, x]: x is stored after all of h, whose last vectors may reach into it. */
INLINE void join_x(const struct nn_cell *cell, const float *x, float *hx, int count)
{
    const int inputs = cell->inputs, stride = cell->hidden + inputs;
    for (int p = 0; p < count; p++)
        for (int c = 0; c < inputs; c++) hx[stride * p + cell->hidden + c] = x[inputs * p + c];
}

/* Sixteen pixels, `count` of them within the image; `q` is the first one's place in the batch. */
INLINE void forward_tile(const struct nn_cell *cell, const struct nn_cell_forward *f,
                         const struct nn_cell_tile *s, size_t q, int count)
{
    const size_t n = (size_t)count, hidden = (size_t)cell->hidden, inputs = (size_t)cell->inputs;
    copy(s->gates, f->gates + q * 4 * hidden, n * 4 * hidden);
    activate_gates(cell, s->gates);
    if (f->c_before)
        copy(s->before, f->c_before + q * hidden, n * hidden);
    else
        memset(s->before, 0, n * hidden * sizeof(float));
    next_c(cell, s->gates, s->before, s->c, count);
    tangents(s->c, s->t, TILE * cell->hidden);
    copy(f->c + q * hidden, s->c, n * hidden);
    if (f->keep) copy(f->gates + q * 4 * hidden, s->gates, n * 4 * hidden);
    if (f->y) {
        next_h(cell, s->gates, s->t, s->h, cell->hidden, count);
        copy(f->y + q * hidden, s->h, n * hidden);
    }
    if (!f->next) return;
    next_h(cell, s->gates, s->t, s->h, cell->hidden + cell->inputs, count);
    join_x(cell, f->x_next + q * inputs, s->h, count);
    copy(f->next + q * (hidden + inputs), s->h, n * (hidden + inputs));
}

CLONES void nn_cell_last_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                                 const struct nn_cell_range *r)
{
    const size_t image = (size_t)r->n * (size_t)cell->pixels;
    for (size_t p = r->begin; p < r->end; p += TILE) {
        size_t left = r->end - p;
        forward_tile(cell, f, &r->tile, image + p, left < TILE ? (int)left : TILE);
    }
}

/* --- Backward ------------------------------------------------------------------------------ */

/* dh of the tile: from the next step's [h, x] and from y. */
INLINE void gather_dh(const struct nn_cell *cell, const struct nn_cell_backward *f, float *dh,
                      size_t q, int count)
{
    const size_t hidden = (size_t)cell->hidden, stride = hidden + (size_t)cell->inputs;
    const size_t n = (size_t)count * hidden;
    if (f->dy)
        copy(dh, f->dy + q * hidden, n);
    else
        memset(dh, 0, n * sizeof *dh);
    for (size_t p = 0; f->dnext && p < (size_t)count; p++) {
        const float *from = f->dnext + (q + p) * stride;
        for (size_t k = 0; k < hidden; k++) dh[p * hidden + k] += from[k];
    }
}

/* From the last vector of a pixel to the first, so that what f's, o's and g's first
 * channels lose to the vector before them is stored after it. */
INLINE void pixel_back(const struct nn_cell *cell, const struct nn_cell_tile *s, int p)
{
    const int hidden = cell->hidden;
    for (int j = vectors_of(hidden) - 1; j >= 0; j--) {
        struct gates g = load_gates(s->gates + 4 * hidden * p, hidden, j);
        int at = hidden * p + j * WIDTH;
        vec dc = load(s->dc + at);
        step_back(&g, load(s->t + at), load(s->before + at), load(s->h + at), &dc);
        store(s->dc_before + at, dc);
        float *d = s->d + 4 * hidden * p + j * WIDTH;
        store(d, g.i);
        store(d + hidden, g.f);
        store(d + 2 * hidden, g.o);
        store(d + 3 * hidden, g.g);
    }
}

/* Gates become derivatives of their sums, in place; dc becomes that of c_before. */
INLINE void backward_tile(const struct nn_cell *cell, const struct nn_cell_backward *f,
                          const struct nn_cell_tile *s, size_t q, int count)
{
    const size_t hidden = (size_t)cell->hidden, n = (size_t)count * hidden;
    copy(s->gates, f->gates + 4 * q * hidden, 4 * n);
    copy(s->c, f->c + q * hidden, n);
    if (f->c_before)
        copy(s->before, f->c_before + q * hidden, n);
    else
        memset(s->before, 0, n * sizeof(float));
    if (f->last)
        memset(s->dc, 0, n * sizeof(float));
    else
        copy(s->dc, f->dc + q * hidden, n);
    gather_dh(cell, f, s->h, q, count);
    tangents(s->c, s->t, TILE * cell->hidden);
    for (int p = 0; p < count; p++) pixel_back(cell, s, p);
    copy(f->dc + q * hidden, s->dc_before, n);
    copy(f->gates + 4 * q * hidden, s->d, 4 * n);
}

CLONES void nn_cell_last_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                                  const struct nn_cell_range *r)
{
    const size_t image = (size_t)r->n * (size_t)cell->pixels;
    for (size_t p = r->begin; p < r->end; p += TILE) {
        size_t left = r->end - p;
        backward_tile(cell, f, &r->tile, image + p, left < TILE ? (int)left : TILE);
    }
}

/* The x channels of each pixel's [h, x]. */
void nn_cell_last_split(const struct nn_cell *cell, const float *dhx, float *dx,
                        const struct nn_cell_range *r)
{
    const size_t hidden = (size_t)cell->hidden, inputs = (size_t)cell->inputs;
    const size_t image = (size_t)r->n * (size_t)cell->pixels;
    for (size_t q = image + r->begin; q < image + r->end; q++)
        copy(dx + q * inputs, dhx + q * (hidden + inputs) + hidden, inputs);
}
