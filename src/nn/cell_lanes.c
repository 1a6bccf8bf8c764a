/* SPDX-License-Identifier: MIT
 *
 * The gates' pass over blocked channels: a vector holds channels of one pixel.
 * The gates' 4K channels are brought side by side into a small buffer, so that
 * i, f, o and g are loads at 0, K, 2K and 3K; what such a load holds beyond its
 * K channels belongs to the next gate and is masked out. */
#include "cell_math.h"
#include "nn_private.h"

INLINE int blocks_of(int channels, int block)
{
    return (channels + block - 1) / block;
}

/* Copies all blocks of pixel p side by side, and back. */
INLINE void gather(float *to, const float *t, size_t pixels, size_t p, int blocks, int block)
{
    for (int b = 0; b < blocks; b++)
        memcpy(to + b * block, t + ((size_t)b * pixels + p) * (size_t)block,
               (size_t)block * sizeof *to);
}

INLINE void scatter(float *t, const float *from, size_t pixels, size_t p, int blocks, int block)
{
    for (int b = 0; b < blocks; b++)
        memcpy(t + ((size_t)b * pixels + p) * (size_t)block, from + b * block,
               (size_t)block * sizeof *t);
}

/* Channels 16 j … 16 j + 15 of pixel p; absent blocks are zero. */
INLINE vec load_lanes(const float *t, size_t pixels, size_t p, int j, int blocks, int block)
{
    if (block == WIDTH) return load(t + ((size_t)j * pixels + p) * WIDTH);
    int each = WIDTH / block, left = blocks - j * each;
    float v[WIDTH] = {0};
    gather(v, t + (size_t)j * (size_t)each * pixels * (size_t)block, pixels, p,
           left < each ? left : each, block);
    return load(v);
}

INLINE void store_lanes(float *t, vec value, size_t pixels, size_t p, int j, int blocks, int block)
{
    int each = WIDTH / block, left = blocks - j * each;
    float v[WIDTH];
    store(v, value);
    scatter(t + (size_t)j * (size_t)each * pixels * (size_t)block, v, pixels, p,
            left < each ? left : each, block);
}

INLINE mask lanes_of_h(const struct nn_cell *cell, int j)
{
    mask m;
    memcpy(&m, cell->h_lanes + j * WIDTH, sizeof m);
    return m;
}

INLINE struct gates load_gates(const float *a, int hidden, int j)
{
    const float *at = a + j * WIDTH;
    return (struct gates){load(at), load(at + hidden), load(at + 2 * hidden),
                          load(at + 3 * hidden)};
}

INLINE void merge(float *to, vec value, mask m)
{
    store(to, choose(m, value, load(to)));
}

/* Where one image of the batch stands in each tensor. */
struct image {
    size_t pixels, h, gates, hx, x; /* offsets in floats */
    int h_blocks, gate_blocks, hx_blocks, x_blocks;
};

INLINE struct image image_of(const struct nn_cell *cell, int n, int block)
{
    struct image m = {.pixels = (size_t)cell->pixels,
                      .h_blocks = blocks_of(cell->hidden, block),
                      .gate_blocks = blocks_of(4 * cell->hidden, block),
                      .hx_blocks = blocks_of(cell->hidden + cell->inputs, block),
                      .x_blocks = blocks_of(cell->inputs, cell->x_block)};
    size_t one = (size_t)n * m.pixels * (size_t)block;
    m.h = one * (size_t)m.h_blocks;
    m.gates = one * (size_t)m.gate_blocks;
    m.hx = one * (size_t)m.hx_blocks;
    m.x = (size_t)n * m.pixels * (size_t)(m.x_blocks * cell->x_block);
    return m;
}

/* --- Forward ------------------------------------------------------------------------------- */

INLINE void activate_gates(const struct nn_cell *cell, float *a)
{
    for (int j = 0; j < blocks_of(4 * cell->hidden, WIDTH); j++) {
        mask m;
        memcpy(&m, cell->tanh_lanes + j * WIDTH, sizeof m);
        store(a + j * WIDTH, activate(load(a + j * WIDTH), m));
    }
}

/* c and h of a pixel from its activated gates; h is left in hx as well. */
INLINE void pixel_step(const struct nn_cell *cell, const struct nn_cell_forward *f,
                       const struct image *m, const float *a, float *hx, size_t p, int block)
{
    for (int j = 0; j < blocks_of(cell->hidden, WIDTH); j++) {
        struct gates g = load_gates(a, cell->hidden, j);
        vec c = {0};
        if (f->c_before) c = load_lanes(f->c_before + m->h, m->pixels, p, j, m->h_blocks, block);
        vec h = step(&g, &c);
        mask inside = lanes_of_h(cell, j);
        c = choose(inside, c, (vec){0});
        h = choose(inside, h, (vec){0});
        store_lanes(f->c + m->h, c, m->pixels, p, j, m->h_blocks, block);
        if (f->y) store_lanes(f->y + m->h, h, m->pixels, p, j, m->h_blocks, block);
        store(hx + j * WIDTH, h);
    }
}

INLINE void forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                    const struct nn_cell_range *r, const int block)
{
    const struct image m = image_of(cell, r->n, block);
    for (size_t p = r->begin; p < r->end; p++) {
        gather(r->a, f->gates + m.gates, m.pixels, p, m.gate_blocks, block);
        activate_gates(cell, r->a);
        if (f->keep) scatter(f->gates + m.gates, r->a, m.pixels, p, m.gate_blocks, block);
        pixel_step(cell, f, &m, r->a, r->hx, p, block);
        if (!f->next) continue;
        gather(r->hx + cell->hidden, f->x_next + m.x, m.pixels, p, m.x_blocks, cell->x_block);
        scatter(f->next + m.hx, r->hx, m.pixels, p, m.hx_blocks, block);
    }
}

CLONES void nn_cell_lanes_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                                  const struct nn_cell_range *r)
{
    if (cell->block == 16)
        forward(cell, f, r, 16);
    else
        forward(cell, f, r, 8);
}

/* --- Backward ------------------------------------------------------------------------------ */

INLINE vec total_dh(const struct nn_cell_backward *f, const struct image *m, size_t p, int j,
                    mask inside, int block)
{
    vec dh = {0};
    if (f->dnext) dh = load_lanes(f->dnext + m->hx, m->pixels, p, j, m->hx_blocks, block);
    if (f->dy) dh += load_lanes(f->dy + m->h, m->pixels, p, j, m->h_blocks, block);
    return choose(inside, dh, (vec){0});
}

/* Derivatives of the sums, from activated gates a into d. */
INLINE void pixel_back(const struct nn_cell *cell, const struct nn_cell_backward *f,
                       const struct image *m, const struct nn_cell_range *r, size_t p, int block)
{
    const int hidden = cell->hidden;
    for (int j = 0; j < blocks_of(hidden, WIDTH); j++) {
        mask inside = lanes_of_h(cell, j);
        struct gates g = load_gates(r->a, hidden, j);
        vec c = load_lanes(f->c + m->h, m->pixels, p, j, m->h_blocks, block), before = {0},
            dc = {0};
        if (f->c_before)
            before = load_lanes(f->c_before + m->h, m->pixels, p, j, m->h_blocks, block);
        if (!f->last) dc = load_lanes(f->dc + m->h, m->pixels, p, j, m->h_blocks, block);
        step_back(&g, c, before, total_dh(f, m, p, j, inside, block), &dc);
        dc = choose(inside, dc, (vec){0});
        store_lanes(f->dc + m->h, dc, m->pixels, p, j, m->h_blocks, block);
        float *d = r->d + j * WIDTH;
        merge(d, g.i, inside);
        merge(d + hidden, g.f, inside);
        merge(d + 2 * hidden, g.o, inside);
        merge(d + 3 * hidden, g.g, inside);
    }
}

INLINE void backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                     const struct nn_cell_range *r, const int block)
{
    const struct image m = image_of(cell, r->n, block);
    for (size_t p = r->begin; p < r->end; p++) {
        gather(r->a, f->gates + m.gates, m.pixels, p, m.gate_blocks, block);
        pixel_back(cell, f, &m, r, p, block);
        scatter(f->gates + m.gates, r->d, m.pixels, p, m.gate_blocks, block);
    }
}

CLONES void nn_cell_lanes_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                                   const struct nn_cell_range *r)
{
    if (cell->block == 16)
        backward(cell, f, r, 16);
    else
        backward(cell, f, r, 8);
}

void nn_cell_lanes_split(const struct nn_cell *cell, const float *dhx, float *dx,
                         const struct nn_cell_range *r)
{
    const struct image m = image_of(cell, r->n, cell->block);
    for (size_t p = r->begin; p < r->end; p++) {
        gather(r->hx, dhx + m.hx, m.pixels, p, m.hx_blocks, cell->block);
        memset(r->hx + cell->hidden + cell->inputs, 0, WIDTH * sizeof *r->hx);
        scatter(dx + m.x, r->hx + cell->hidden, m.pixels, p, m.x_blocks, cell->x_block);
    }
}
