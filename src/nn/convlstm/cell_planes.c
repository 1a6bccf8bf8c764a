/* SPDX-License-Identifier: MIT
 *
 * The gates' pass over plain NCHW: a vector holds sixteen pixels of one channel. */
#include "cell.h"
#include "nn/vector.h"

/* Offsets of channel k of image n. */
struct plane {
    size_t h, hx, gate[4];
};

INLINE struct plane plane_of(const struct nn_cell *cell, int n, int k)
{
    size_t pixels = (size_t)cell->pixels, hidden = (size_t)cell->hidden;
    struct plane at = {.h = ((size_t)n * hidden + (size_t)k) * pixels};
    at.hx = ((size_t)n * (hidden + (size_t)cell->inputs) + (size_t)k) * pixels;
    for (size_t q = 0; q < 4; q++)
        at.gate[q] = ((size_t)n * 4 * hidden + q * hidden + (size_t)k) * pixels;
    return at;
}

INLINE struct gates load_gates(const float *gates, const struct plane *at, size_t p, size_t count)
{
    return (struct gates){
        load_some(gates + at->gate[0] + p, count), load_some(gates + at->gate[1] + p, count),
        load_some(gates + at->gate[2] + p, count), load_some(gates + at->gate[3] + p, count)};
}

INLINE void store_gates(float *gates, const struct gates *g, const struct plane *at, size_t p,
                        size_t count)
{
    store_some(gates + at->gate[0] + p, g->i, count);
    store_some(gates + at->gate[1] + p, g->f, count);
    store_some(gates + at->gate[2] + p, g->o, count);
    store_some(gates + at->gate[3] + p, g->g, count);
}

/* --- Forward ------------------------------------------------------------------------------- */

/* Up to a vector of pixels of one channel: gates, c, h. */
INLINE void plane_step(const struct nn_cell_forward *f, const struct plane *at, size_t p,
                       size_t count)
{
    struct gates g = load_gates(f->gates, at, p, count);
    g = (struct gates){sigmoid(g.i), sigmoid(g.f), sigmoid(g.o), tangent(g.g)};
    if (f->keep) store_gates(f->gates, &g, at, p, count);
    vec c = {0};
    if (f->c_before) c = load_some(f->c_before + at->h + p, count);
    vec h = step(&g, &c);
    store_some(f->c + at->h + p, c, count);
    if (f->next) store_some(f->next + at->hx + p, h, count);
    if (f->y) store_some(f->y + at->h + p, h, count);
}

/* x of the next step into the channels after h. */
static void copy_x(const struct nn_cell *cell, const struct nn_cell_forward *f,
                   const struct nn_cell_range *r)
{
    size_t pixels = (size_t)cell->pixels;
    for (int c = 0; c < cell->inputs; c++) {
        size_t from = ((size_t)r->n * (size_t)cell->inputs + (size_t)c) * pixels;
        memcpy(f->next + plane_of(cell, r->n, cell->hidden + c).hx + r->begin,
               f->x_next + from + r->begin, (r->end - r->begin) * sizeof *f->next);
    }
}

CLONES void nn_cell_planes_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                                   const struct nn_cell_range *r)
{
    for (int k = 0; k < cell->hidden; k++) {
        const struct plane at = plane_of(cell, r->n, k);
        for (size_t p = r->begin; p < r->end; p += WIDTH) plane_step(f, &at, p, r->end - p);
    }
    if (f->next) copy_x(cell, f, r);
}

/* --- Backward ------------------------------------------------------------------------------ */

/* The same pixels backward; gates and dc are replaced in place. */
INLINE void plane_back(const struct nn_cell_backward *f, const struct plane *at, size_t p,
                       size_t count)
{
    struct gates g = load_gates(f->gates, at, p, count);
    vec c = load_some(f->c + at->h + p, count), before = {0}, dh = {0}, dc = {0};
    if (f->c_before) before = load_some(f->c_before + at->h + p, count);
    if (f->dnext) dh = load_some(f->dnext + at->hx + p, count);
    if (f->dy) dh += load_some(f->dy + at->h + p, count);
    if (!f->last) dc = load_some(f->dc + at->h + p, count);
    step_back(&g, tangent(c), before, dh, &dc);
    store_some(f->dc + at->h + p, dc, count);
    store_gates(f->gates, &g, at, p, count);
}

CLONES void nn_cell_planes_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                                    const struct nn_cell_range *r)
{
    for (int k = 0; k < cell->hidden; k++) {
        const struct plane at = plane_of(cell, r->n, k);
        for (size_t p = r->begin; p < r->end; p += WIDTH) plane_back(f, &at, p, r->end - p);
    }
}

void nn_cell_planes_split(const struct nn_cell *cell, const float *dhx, float *dx,
                          const struct nn_cell_range *r)
{
    size_t pixels = (size_t)cell->pixels;
    for (int c = 0; c < cell->inputs; c++) {
        size_t to = ((size_t)r->n * (size_t)cell->inputs + (size_t)c) * pixels;
        memcpy(dx + to + r->begin, dhx + plane_of(cell, r->n, cell->hidden + c).hx + r->begin,
               (r->end - r->begin) * sizeof *dx);
    }
}
