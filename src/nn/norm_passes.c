/* SPDX-License-Identifier: MIT
 *
 * Batch norm's passes over memory: see norm.h. Each is written once for a vector and inlined for
 * float32 and bfloat16, full vectors and parts of one, once for each instruction set. */
#include "norm_lanes.h"

#include <stdlib.h>

enum {
    PIECE = 8192, /* pixels of a piece */
    TILE = 256,   /* pixels that groups of channels go over in turn while they are in the cache */
};

/* --- Walking ------------------------------------------------------------------------------- */

static bool divides_a_vector(int block)
{
    return block <= WIDTH && WIDTH % block == 0;
}

static size_t width_of(int block)
{
    return divides_a_vector(block) ? WIDTH : ((size_t)block + WIDTH - 1) / WIDTH * WIDTH;
}

static size_t pieces_of(size_t pixels)
{
    return (pixels + PIECE - 1) / PIECE;
}

static size_t bytes_of(struct nn_shape s, int block, size_t pieces)
{
    const size_t blocks = ((size_t)s.c + (size_t)block - 1) / (size_t)block;
    return (size_t)s.n * blocks * pieces * 2 * width_of(block) * sizeof(double);
}

size_t nn_norm_walk_bytes(struct nn_shape s, int block)
{
    return bytes_of(s, block, pieces_of((size_t)s.h * (size_t)s.w));
}

int nn_norm_walk_init_pieces(struct nn_norm_walk *w, const struct nn_tensor *t, size_t pieces)
{
    const struct nn_blocks g = nn_tensor_blocks(t);
    *w = (struct nn_norm_walk){.g = g,
                               .images = (size_t)t->shape.n,
                               .channels = (size_t)t->shape.c,
                               .pieces = pieces,
                               .width = width_of(g.block),
                               .contiguous = divides_a_vector(g.block),
                               .half = t->values == NN_BF16};
    w->partial = nn_aligned(bytes_of(t->shape, g.block, pieces));
    return w->partial ? 0 : -1;
}

int nn_norm_walk_init(struct nn_norm_walk *w, const struct nn_tensor *t)
{
    return nn_norm_walk_init_pieces(w, t, pieces_of(nn_tensor_blocks(t).pixels));
}

void nn_norm_walk_clear(struct nn_norm_walk *w)
{
    free(w->partial);
    *w = (struct nn_norm_walk){0};
}

size_t nn_norm_lanes(const struct nn_norm_walk *w)
{
    return (size_t)w->g.blocks * w->width;
}

/* The channel of a lane of block k; w->channels or more: padding. */
static size_t channel_of(const struct nn_norm_walk *w, size_t k, size_t lane)
{
    const size_t block = (size_t)w->g.block;
    if (w->contiguous) return k * block + lane % block;
    return lane < block ? k * block + lane : w->channels;
}

void nn_norm_spread(const struct nn_norm_walk *w, const double *from, float *to)
{
    for (size_t k = 0; k < (size_t)w->g.blocks; k++)
        for (size_t lane = 0; lane < w->width; lane++) {
            size_t c = channel_of(w, k, lane);
            to[k * w->width + lane] = c < w->channels ? (float)from[c] : 0;
        }
}

/* Vectors that lie `step` values apart, each with `lanes` values, the last with `tail` (0: there
 * is none such). */
struct span {
    size_t at, vectors, step, lanes, tail;
};

/* The pixels from `first` on of a block that begins at `at`: all its lanes where it is contiguous,
 * else the group of channels that begins at `lane`. */
static struct span span_of(const struct nn_norm_walk *w, size_t at, size_t first, size_t pixels,
                           size_t lane)
{
    const size_t block = (size_t)w->g.block, begin = at + first * block;
    if (w->contiguous)
        return (struct span){begin, pixels * block / WIDTH, WIDTH, WIDTH, pixels * block % WIDTH};
    const size_t lanes = block - lane < WIDTH ? block - lane : WIDTH;
    return (struct span){begin + lane, pixels, block, lanes, 0};
}

/* What a pass does to one span; `lane` counts through all blocks, `partial` is the two sums of its
 * lanes, the second `width` after the first. */
struct pass {
    const struct nn_norm_walk *w;
    const struct nn_norm_map *m;
    const float *slope, *at;
    const void *x, *dy, *added;
    void *out;
    void (*run)(const struct pass *p, const struct span *s, size_t lane, double *partial);
};

static void walk_piece(const struct pass *p, size_t image, size_t k, size_t piece)
{
    const struct nn_norm_walk *w = p->w;
    const size_t blocks = (size_t)w->g.blocks, end = (piece + 1) * PIECE;
    const size_t last = end < w->g.pixels ? end : w->g.pixels;
    const size_t at = (image * blocks + k) * w->g.pixels * (size_t)w->g.block;
    double *partial = w->partial + ((image * blocks + k) * w->pieces + piece) * 2 * w->width;
    for (size_t i = 0; i < 2 * w->width; i++) partial[i] = 0;
    const size_t tile = w->contiguous ? PIECE : TILE;
    for (size_t first = piece * PIECE; first < last; first += tile)
        for (size_t lane = 0; lane < w->width; lane += WIDTH) {
            size_t pixels = last - first < tile ? last - first : tile;
            struct span s = span_of(w, at, first, pixels, lane);
            p->run(p, &s, k * w->width + lane, partial + lane);
        }
}

static void walk(const struct pass *p)
{
    const size_t images = p->w->images, blocks = (size_t)p->w->g.blocks, pieces = p->w->pieces;
#pragma omp parallel for collapse(3) schedule(static)
    for (size_t image = 0; image < images; image++)
        for (size_t k = 0; k < blocks; k++)
            for (size_t piece = 0; piece < pieces; piece++) walk_piece(p, image, k, piece);
}

/* One channel's two sums, over its lanes and then over the pieces in their order. */
static void total(const struct nn_norm_walk *w, size_t c, double *first, double *second)
{
    const size_t blocks = (size_t)w->g.blocks, block = (size_t)w->g.block, k = c / block;
    const size_t step = w->contiguous ? block : w->width;
    *first = *second = 0;
    for (size_t image = 0; image < w->images; image++)
        for (size_t piece = 0; piece < w->pieces; piece++) {
            const double *at =
                w->partial + ((image * blocks + k) * w->pieces + piece) * 2 * w->width;
            for (size_t lane = c % block; lane < w->width; lane += step) {
                *first += at[lane];
                *second += at[w->width + lane];
            }
        }
}

void nn_norm_totals(const struct nn_norm_walk *w, double *first, double *second)
{
#pragma omp parallel for schedule(static)
    for (size_t c = 0; c < w->channels; c++) total(w, c, first + c, second + c);
}

/* --- ReLU ------------------------------------------------------------------------------------ */

/* What it passes of dy. */
INLINE vec passed(const struct lanes *l, vec centred, vec dy, bool relu)
{
    const vec zero = {0};
    return relu ? choose(centred * l->scale + l->shift <= 0.0f, zero, dy) : dy;
}

/* --- Moments --------------------------------------------------------------------------------- */

INLINE void count_moments(struct two_sums *t, const void *x, size_t i, size_t count, bool half)
{
    const vec v = get(x, i, count, half);
    count_two(t, v, v);
}

INLINE void moments(const struct pass *p, const struct span *s, double *partial, size_t lanes,
                    bool half)
{
    struct two_sums t = {0};
    size_t i = s->at;
    for (size_t n = 0; n < s->vectors; n++, i += s->step) count_moments(&t, p->x, i, lanes, half);
    if (s->tail) count_moments(&t, p->x, i, s->tail, half);
    add_two(partial, &t, p->w->width);
}

/* Calls `function` with constants for what decides the code of its loop. */
#define SPECIALISE(function, half, lanes, ...)                                                     \
    do {                                                                                           \
        if ((half) && (lanes) == WIDTH)                                                            \
            function(__VA_ARGS__, WIDTH, true);                                                    \
        else if (half)                                                                             \
            function(__VA_ARGS__, lanes, true);                                                    \
        else if ((lanes) == WIDTH)                                                                 \
            function(__VA_ARGS__, WIDTH, false);                                                   \
        else                                                                                       \
            function(__VA_ARGS__, lanes, false);                                                   \
    } while (0)

CLONES static void run_moments(const struct pass *p, const struct span *s, size_t lane,
                               double *partial)
{
    (void)lane;
    SPECIALISE(moments, p->w->half, s->lanes, p, s, partial);
}

void nn_norm_moments(const struct nn_norm_walk *w, const void *x, double *first, double *second)
{
    walk(&(struct pass){.w = w, .x = x, .run = run_moments});
    nn_norm_totals(w, first, second);
}

/* --- y --------------------------------------------------------------------------------------- */

INLINE void apply_one(const struct pass *p, const struct lanes *l, size_t i, size_t count,
                      bool half)
{
    const vec zero = {0};
    vec y = (get(p->x, i, count, half) - l->mean) * l->scale + l->shift;
    if (p->added) y += get(p->added, i, count, half);
    if (p->m->relu) y = choose(y < 0.0f, zero, y);
    put(p->out, i, y, count, half);
}

INLINE void apply(const struct pass *p, const struct span *s, size_t lane, size_t lanes, bool half)
{
    const struct lanes l = lanes_at(p->m, lane);
    size_t i = s->at;
    for (size_t n = 0; n < s->vectors; n++, i += s->step) apply_one(p, &l, i, lanes, half);
    if (s->tail) apply_one(p, &l, i, s->tail, half);
}

CLONES static void run_apply(const struct pass *p, const struct span *s, size_t lane,
                             double *partial)
{
    (void)partial;
    SPECIALISE(apply, p->w->half, s->lanes, p, s, lane);
}

void nn_norm_apply(const struct nn_norm_walk *w, const struct nn_norm_map *m, const void *x,
                   const void *added, void *y)
{
    walk(&(struct pass){.w = w, .m = m, .x = x, .added = added, .out = y, .run = run_apply});
}

/* --- Sums of the backward pass --------------------------------------------------------------- */

INLINE void count_products(const struct pass *p, const struct lanes *l, struct two_sums *t,
                           size_t i, size_t count, bool half)
{
    const vec centred = get(p->x, i, count, half) - l->mean;
    count_two(t, passed(l, centred, get(p->dy, i, count, half), p->m->relu), centred);
}

INLINE void products(const struct pass *p, const struct span *s, size_t lane, double *partial,
                     size_t lanes, bool half)
{
    const struct lanes l = lanes_at(p->m, lane);
    struct two_sums t = {0};
    size_t i = s->at;
    for (size_t n = 0; n < s->vectors; n++, i += s->step) count_products(p, &l, &t, i, lanes, half);
    if (s->tail) count_products(p, &l, &t, i, s->tail, half);
    add_two(partial, &t, p->w->width);
}

CLONES static void run_products(const struct pass *p, const struct span *s, size_t lane,
                                double *partial)
{
    SPECIALISE(products, p->w->half, s->lanes, p, s, lane, partial);
}

void nn_norm_products(const struct nn_norm_walk *w, const struct nn_norm_map *m, const void *x,
                      const void *dy, double *first, double *second)
{
    walk(&(struct pass){.w = w, .m = m, .x = x, .dy = dy, .run = run_products});
    nn_norm_totals(w, first, second);
}

/* --- dx -------------------------------------------------------------------------------------- */

INLINE void derive_one(const struct pass *p, const struct lanes *l, vec slope, vec at, size_t i,
                       size_t count, bool half)
{
    const vec centred = get(p->x, i, count, half) - l->mean;
    const vec d = passed(l, centred, get(p->dy, i, count, half), p->m->relu);
    put(p->out, i, l->scale * d + (slope * centred + at), count, half);
}

INLINE void derive(const struct pass *p, const struct span *s, size_t lane, size_t lanes, bool half)
{
    const struct lanes l = lanes_at(p->m, lane);
    const vec slope = load(p->slope + lane), at = load(p->at + lane);
    size_t i = s->at;
    for (size_t n = 0; n < s->vectors; n++, i += s->step)
        derive_one(p, &l, slope, at, i, lanes, half);
    if (s->tail) derive_one(p, &l, slope, at, i, s->tail, half);
}

CLONES static void run_derive(const struct pass *p, const struct span *s, size_t lane,
                              double *partial)
{
    (void)partial;
    SPECIALISE(derive, p->w->half, s->lanes, p, s, lane);
}

void nn_norm_derive(const struct nn_norm_walk *w, const struct nn_norm_map *m, const float *slope,
                    const float *at, const void *x, const void *dy, void *dx)
{
    walk(&(struct pass){
        .w = w, .m = m, .slope = slope, .at = at, .x = x, .dy = dy, .out = dx, .run = run_derive});
}
