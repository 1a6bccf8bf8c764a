/* SPDX-License-Identifier: MIT
 *
 * Batch norm's passes where the maximum over 2 x 2 pixels follows (norm.h): x is read, y and dy
 * have a quarter of its pixels, and nothing in between exists in memory.
 *
 *   forward    four values of x ─► the largest (x - mean) scale + shift ─► ReLU ─► y
 *   backward   which of the four it was is found again from x, so that nothing is kept but x
 *
 * Of equal values the first in row order is the maximum. Rows and columns that fill no window get
 * the mean's and the variance's part of dx alone.
 *
 * Where a pixel's channels fill vectors (blocks of 16, NHWC), a window is four loads. Where a
 * vector holds several pixels (blocks of 8, NCHW), two vectors of a row are taken apart into pixels
 * of even and odd columns. */
#include "norm_lanes.h"

#include <stdlib.h>

enum { PIECE = 2048 }; /* windows of a piece, at least a row of them */

int nn_norm_pool_init(struct nn_norm_pool *q, const struct nn_tensor *t)
{
    const size_t rows = (size_t)t->shape.h, columns = (size_t)t->shape.w;
    const size_t windows = columns / 2 ? columns / 2 : 1, band = PIECE / windows;
    *q = (struct nn_norm_pool){.rows = rows, .columns = columns, .band = band ? band : 1};
    return nn_norm_walk_init_pieces(&q->walk, t, (rows / 2 + q->band - 1) / q->band);
}

void nn_norm_pool_clear(struct nn_norm_pool *q)
{
    nn_norm_walk_clear(&q->walk);
    *q = (struct nn_norm_pool){0};
}

/* --- Windows ------------------------------------------------------------------------------- */

/* A row of windows, of the channels of one vector. Vectors `apart` hold one pixel each, `step`
 * values from the next pixel; otherwise vectors of a row follow each other. */
struct row {
    size_t lane;            /* of the coefficients */
    size_t x, out;          /* first value of the upper row of x, of the row of y or dy */
    size_t below;           /* from a row of x to the next */
    size_t step;            /* apart: from a pixel to the next */
    size_t lanes;           /* apart: values of a vector */
    size_t windows, values; /* of the row; values: windows · block, where vectors are not apart */
};

struct pass {
    const struct nn_norm_pool *q;
    const struct nn_norm_map *m;
    const float *slope, *at;
    const void *x, *dy;
    void *out;
    void (*run)(const struct pass *p, const struct row *r, double *partial);
    bool rest; /* what fills no window is written, too */
};

/* Indices that take the pixels of even columns, of `block` values each, from two vectors. */
INLINE mask even_places(int block)
{
    mask m;
    for (int i = 0; i < WIDTH; i++) m[i] = i / block * 2 * block + i % block;
    return m;
}

/* ... that join even and odd columns to the first of two vectors; the second is WIDTH / 2 on. */
INLINE mask joined_places(int block)
{
    mask m;
    for (int i = 0; i < WIDTH; i++)
        m[i] = i / block % 2 * WIDTH + i / block / 2 * block + i % block;
    return m;
}

INLINE size_t beyond(size_t count)
{
    return count > WIDTH ? count - WIDTH : 0;
}

struct pair {
    vec even, odd;
};

/* Pixels of even and odd columns of one row of x, for `count` values of y. */
INLINE struct pair get_pair(const void *p, size_t i, size_t step, size_t count, int block,
                            bool half)
{
    if (!block) return (struct pair){get(p, i, count, half), get(p, i + step, count, half)};
    const vec a = get(p, i, 2 * count, half), b = get(p, i + WIDTH, beyond(2 * count), half);
    const mask even = even_places(block);
    return (struct pair){shuffle(a, b, even), shuffle(a, b, even + block)};
}

INLINE void put_pair(void *p, size_t i, struct pair v, size_t step, size_t count, int block,
                     bool half)
{
    if (!block) {
        put(p, i, v.even, count, half);
        put(p, i + step, v.odd, count, half);
        return;
    }
    const mask first = joined_places(block);
    put(p, i, shuffle(v.even, v.odd, first), 2 * count, half);
    if (beyond(2 * count))
        put(p, i + WIDTH, shuffle(v.even, v.odd, first + WIDTH / 2), beyond(2 * count), half);
}

/* The four pixels of windows: centred, as lines through the centre, and the largest line. Each
 * comparison serves one choice, since GCC makes masks of it then and loops over values else. */
struct window {
    vec centred[4], line[4], largest;
};

INLINE struct window window_at(const struct pass *p, const struct row *r, const struct lanes *l,
                               size_t i, size_t count, int block, bool half)
{
    const struct pair upper = get_pair(p->x, i, r->step, count, block, half);
    const struct pair lower = get_pair(p->x, i + r->below, r->step, count, block, half);
    const vec x[4] = {upper.even, upper.odd, lower.even, lower.odd};
    struct window w;
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
        w.centred[k] = x[k] - l->mean;
        w.line[k] = w.centred[k] * l->scale + l->shift;
        w.largest = k ? choose(w.line[k] > w.largest, w.line[k], w.largest) : w.line[k];
    }
    return w;
}

/* x - mean where the maximum is; of equal ones the first. */
INLINE vec at_largest(const struct window *w)
{
    vec at = w->centred[3];
#pragma GCC unroll 3
    for (int k = 2; k >= 0; k--) at = choose(w->line[k] == w->largest, w->centred[k], at);
    return at;
}

/* What comes back to the largest from dy. */
INLINE vec passed(const struct pass *p, const struct window *w, size_t i, size_t count, bool half)
{
    const vec dy = get(p->dy, i, count, half), zero = {0};
    return p->m->relu ? choose(w->largest <= 0.0f, zero, dy) : dy;
}

/* Calls `one` for every vector of windows of a row: `i` in x, `o` in y, `count` values. */
#define EVERY_WINDOW(one, ...)                                                                     \
    do {                                                                                           \
        size_t i = r->x, o = r->out;                                                               \
        if (!block)                                                                                \
            for (size_t n = 0; n < r->windows; n++, i += 2 * r->step, o += r->step)                \
                one(__VA_ARGS__, i, o, lanes, block, half);                                        \
        else                                                                                       \
            for (size_t n = 0; n < r->values; n += WIDTH, i += 2 * WIDTH, o += WIDTH)              \
                one(__VA_ARGS__, i, o, r->values - n < WIDTH ? r->values - n : WIDTH, block,       \
                    half);                                                                         \
    } while (0)

/* Calls `function` with constants for what decides the code of its loop. */
#define BY_BLOCK(function, half, ...)                                                              \
    do {                                                                                           \
        const struct nn_norm_walk *w = &p->q->walk;                                                \
        if (w->g.block == 8)                                                                       \
            function(__VA_ARGS__, WIDTH, 8, half);                                                 \
        else if (w->g.block == 1)                                                                  \
            function(__VA_ARGS__, WIDTH, 1, half);                                                 \
        else if (r->lanes == WIDTH)                                                                \
            function(__VA_ARGS__, WIDTH, 0, half);                                                 \
        else                                                                                       \
            function(__VA_ARGS__, r->lanes, 0, half);                                              \
    } while (0)
#define SPECIALISE(function, ...)                                                                  \
    do {                                                                                           \
        if (p->q->walk.half)                                                                       \
            BY_BLOCK(function, true, __VA_ARGS__);                                                 \
        else                                                                                       \
            BY_BLOCK(function, false, __VA_ARGS__);                                                \
    } while (0)

/* --- Walking --------------------------------------------------------------------------------- */

/* The row of windows `y` of a block; `lane`: the first of a group of its channels. */
static struct row row_of(const struct nn_norm_pool *q, size_t image, size_t k, size_t y,
                         size_t lane)
{
    const struct nn_norm_walk *w = &q->walk;
    const size_t block = (size_t)w->g.block, plane = image * (size_t)w->g.blocks + k;
    const size_t windows = q->columns / 2, left = block - lane;
    return (struct row){.lane = k * w->width + lane,
                        .x = (plane * q->rows + 2 * y) * q->columns * block + lane,
                        .out = (plane * (q->rows / 2) + y) * windows * block + lane,
                        .below = q->columns * block,
                        .step = block,
                        .lanes = left < WIDTH ? left : WIDTH,
                        .windows = windows,
                        .values = windows * block};
}

static void derive_rest(const struct pass *p, size_t image, size_t k, size_t piece);

static void walk_piece(const struct pass *p, size_t image, size_t k, size_t piece)
{
    const struct nn_norm_pool *q = p->q;
    const struct nn_norm_walk *w = &q->walk;
    const size_t rows = q->rows / 2, end = (piece + 1) * q->band, last = end < rows ? end : rows;
    double *partial =
        w->partial + ((image * (size_t)w->g.blocks + k) * w->pieces + piece) * 2 * w->width;
    for (size_t i = 0; i < 2 * w->width; i++) partial[i] = 0;
    for (size_t y = piece * q->band; y < last; y++)
        for (size_t lane = 0; lane < w->width; lane += WIDTH) {
            const struct row r = row_of(q, image, k, y, lane);
            p->run(p, &r, partial + lane);
        }
    if (p->rest) derive_rest(p, image, k, piece);
}

static void walk(const struct pass *p)
{
    const struct nn_norm_walk *w = &p->q->walk;
    const size_t images = w->images, blocks = (size_t)w->g.blocks, pieces = w->pieces;
#pragma omp parallel for collapse(3) schedule(static)
    for (size_t image = 0; image < images; image++)
        for (size_t k = 0; k < blocks; k++)
            for (size_t piece = 0; piece < pieces; piece++) walk_piece(p, image, k, piece);
}

/* --- y --------------------------------------------------------------------------------------- */

INLINE void apply_one(const struct pass *p, const struct row *r, const struct lanes *l, size_t i,
                      size_t o, size_t count, int block, bool half)
{
    const vec zero = {0}, y = window_at(p, r, l, i, count, block, half).largest;
    put(p->out, o, p->m->relu ? choose(y < 0.0f, zero, y) : y, count, half);
}

INLINE void apply(const struct pass *p, const struct row *r, size_t lanes, int block, bool half)
{
    const struct lanes l = lanes_at(p->m, r->lane);
    EVERY_WINDOW(apply_one, p, r, &l);
}

CLONES static void run_apply(const struct pass *p, const struct row *r, double *partial)
{
    (void)partial;
    SPECIALISE(apply, p, r);
}

void nn_norm_pool_apply(const struct nn_norm_pool *q, const struct nn_norm_map *m, const void *x,
                        void *y)
{
    walk(&(struct pass){.q = q, .m = m, .x = x, .out = y, .run = run_apply});
}

/* --- Sums of the backward pass ---------------------------------------------------------------- */

INLINE void products_one(const struct pass *p, const struct row *r, const struct lanes *l,
                         struct two_sums *t, size_t i, size_t o, size_t count, int block, bool half)
{
    const struct window w = window_at(p, r, l, i, count, block, half);
    count_two(t, passed(p, &w, o, count, half), at_largest(&w));
}

INLINE void products(const struct pass *p, const struct row *r, double *partial, size_t lanes,
                     int block, bool half)
{
    const struct lanes l = lanes_at(p->m, r->lane);
    struct two_sums t = {0};
    EVERY_WINDOW(products_one, p, r, &l, &t);
    add_two(partial, &t, p->q->walk.width);
}

CLONES static void run_products(const struct pass *p, const struct row *r, double *partial)
{
    SPECIALISE(products, p, r, partial);
}

void nn_norm_pool_products(const struct nn_norm_pool *q, const struct nn_norm_map *m, const void *x,
                           const void *dy, double *first, double *second)
{
    walk(&(struct pass){.q = q, .m = m, .x = x, .dy = dy, .run = run_products});
    nn_norm_totals(&q->walk, first, second);
}

/* --- dx -------------------------------------------------------------------------------------- */

/* Per lane: dx = scale d + slope (x - mean) + at. */
struct slopes {
    struct lanes l;
    vec slope, at;
};

INLINE struct slopes slopes_at(const struct pass *p, size_t lane)
{
    return (struct slopes){lanes_at(p->m, lane), load(p->slope + lane), load(p->at + lane)};
}

INLINE vec derived(const struct slopes *s, const struct window *w, vec d, int k)
{
    return s->l.scale * d + (s->slope * w->centred[k] + s->at);
}

INLINE void derive_one(const struct pass *p, const struct row *r, const struct slopes *s, size_t i,
                       size_t o, size_t count, int block, bool half)
{
    const struct window w = window_at(p, r, &s->l, i, count, block, half);
    const vec zero = {0};
    vec rest = passed(p, &w, o, count, half), dx[4];
#pragma GCC unroll 3
    for (int k = 0; k < 3; k++) { // the first of equal ones takes all
        dx[k] = derived(s, &w, choose(w.line[k] == w.largest, rest, zero), k);
        rest = choose(w.line[k] == w.largest, zero, rest);
    }
    dx[3] = derived(s, &w, rest, 3);
    put_pair(p->out, i, (struct pair){dx[0], dx[1]}, r->step, count, block, half);
    put_pair(p->out, i + r->below, (struct pair){dx[2], dx[3]}, r->step, count, block, half);
}

INLINE void derive(const struct pass *p, const struct row *r, size_t lanes, int block, bool half)
{
    const struct slopes s = slopes_at(p, r->lane);
    EVERY_WINDOW(derive_one, p, r, &s);
}

CLONES static void run_derive(const struct pass *p, const struct row *r, double *partial)
{
    (void)partial;
    SPECIALISE(derive, p, r);
}

/* Pixels that are in no window, from `i` on, some channels of each. */
static void derive_pixels(const struct pass *p, size_t lane, size_t i, size_t pixels)
{
    const struct nn_norm_walk *w = &p->q->walk;
    const size_t block = (size_t)w->g.block, first = lane % w->width;
    const size_t lanes = block - first < WIDTH ? block - first : WIDTH;
    const struct slopes s = slopes_at(p, lane);
    for (; pixels; pixels--, i += block) {
        const vec centred = get(p->x, i, lanes, w->half) - s.l.mean;
        put(p->out, i, s.slope * centred + s.at, lanes, w->half);
    }
}

/* The last column of the piece's rows and the last row, where their number is odd. */
static void derive_rest(const struct pass *p, size_t image, size_t k, size_t piece)
{
    const struct nn_norm_pool *q = p->q;
    const struct nn_norm_walk *w = &q->walk;
    const size_t block = (size_t)w->g.block, plane = image * (size_t)w->g.blocks + k;
    const bool ends = piece + 1 == w->pieces;
    const size_t end = ends ? q->rows : 2 * (piece + 1) * q->band, paired = q->columns / 2 * 2;
    for (size_t lane = 0; lane < w->width && lane < block; lane += WIDTH)
        for (size_t y = 2 * piece * q->band; y < end; y++) {
            const size_t first = y < q->rows / 2 * 2 ? paired : 0;
            derive_pixels(p, k * w->width + lane,
                          ((plane * q->rows + y) * q->columns + first) * block + lane,
                          q->columns - first);
        }
}

void nn_norm_pool_derive(const struct nn_norm_pool *q, const struct nn_norm_map *m,
                         const float *slope, const float *at, const void *x, const void *dy,
                         void *dx)
{
    walk(&(struct pass){.q = q,
                        .m = m,
                        .slope = slope,
                        .at = at,
                        .x = x,
                        .dy = dy,
                        .out = dx,
                        .run = run_derive,
                        .rest = true});
}
