/* SPDX-License-Identifier: MIT
 *
 * The band's kernels (kernel.h) as one text for every instruction set. A file that includes it has
 * chosen the target and defines
 *   NN_LANES      floats of a vector
 *   OUTS, SUMS    widest groups whose sums stay in registers: of channels out, and of
 *                 channels of the weights' gradient (three shifts each)
 *   PAIRS         1: words are pairs of bf16, 0: floats
 *   MULTIPLY_ADD(sum, a, b)   on vectors of words
 *   IN_REGISTER(v)            keeps the compiler from loading v once for each use
 *   KERNELS, NAME             the table to define, and its name in words */
#include "kernel.h"
#include "nn/vector.h"

#if PAIRS
typedef uint16_t element;
#else
typedef float element;
#endif
enum { ELEMENTS = WIDTH * 4 / (int)sizeof(element) };

INLINE vec words_at(const void *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE vec broadcast(uint32_t word)
{
    return (vec)((bits){0} + word);
}

#ifdef EMULATED
/* The products of the low and of the high bf16 of a and b, exact in float, added in turn. */
INLINE vec multiply_add(vec sum, vec a, vec b)
{
    const bits high = (bits){0} + 0xffff0000u;
    sum += (vec)((bits)a << 16) * (vec)((bits)b << 16);
    return sum + (vec)((bits)a & high) * (vec)((bits)b & high);
}
#endif

/* --- Convolution -------------------------------------------------------------------------- */

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE void fill(vec sum[OUTS][2], const float *bias, const int outs, const int vectors)
{
    UNROLL for (int g = 0; g < outs; g++) UNROLL for (int v = 0; v < vectors; v++) sum[g][v] =
        bias ? bias[g] - (vec){0} : (vec){0};
}

/* A row of taps of a channel; returns the weights that follow. */
INLINE const uint32_t *add_row(vec sum[OUTS][2], const uint32_t *row, int taps, const uint32_t *w,
                               const int outs, const int vectors)
{
    for (int kx = 0; kx < taps; kx++, w += outs) {
        vec x[2];
        UNROLL for (int v = 0; v < vectors; v++) x[v] = words_at(row + kx + v * WIDTH);
        UNROLL for (int g = 0; g < outs; g++)
        {
            vec weight = broadcast(w[g]);
            UNROLL for (int v = 0; v < vectors; v++) MULTIPLY_ADD(sum[g][v], x[v], weight);
        }
    }
    return w;
}

/* outs × vectors sums stay in registers while all words and taps are added: per tap, one load per
 * vector of pixels and one broadcast per channel. With `outs` and `vectors` constant, as all
 * callers below have them, the loops unroll. */
INLINE void conv(const struct nn_band_tile *t, const int outs, const int vectors)
{
    vec sum[OUTS][2];
    const uint32_t *w = t->w;
    fill(sum, t->bias, outs, vectors);
    for (int c = 0; c < t->words; c++)
        for (int ky = 0; ky < t->kernel; ky++)
            w = add_row(sum, t->in[ky] + (size_t)c * t->stride, t->kernel, w, outs, vectors);
    UNROLL for (int g = 0; g < outs; g++) UNROLL for (int v = 0; v < vectors; v++)
        store(t->out + (size_t)g * t->out_stride + v * WIDTH, sum[g][v]);
}

#if !PAIRS
/* --- Two rows at once ------------------------------------------------------------------------ */

/* Product i of all channels; weights are in the order in which the products are taken. One product
 * after the other, so that each has all registers for its sums; sums wait in `spare` meanwhile. */
INLINE void add_product(vec sum[OUTS][2], const struct nn_band_two *t, int i, int turn,
                        const int outs, const int vectors)
{
    const uint32_t *row = t->in[i];
    const uint32_t *w = t->w + (size_t)turn * (size_t)(outs * t->words * NN_BAND_SHIFTS);
    for (int c = 0; c < t->words; c++, row += t->stride)
        w = add_row(sum, row, NN_BAND_SHIFTS, w, outs, vectors);
}

#define EACH_SUM            UNROLL for (int g = 0; g < outs; g++) UNROLL for (int v = 0; v < vectors; v++)
#define PLACE(base, stride) ((base) + (size_t)g * (stride) + v * WIDTH)
enum { SPARE = 2 * WIDTH, SPARE_ROOM = OUTS * SPARE };

/* A + B; A - B into `spare`. */
INLINE void shared(vec sum[OUTS][2], const struct nn_band_two *t, const int outs, const int vectors)
{
    fill(sum, NULL, outs, vectors);
    add_product(sum, t, 2, 0, outs, vectors);
    EACH_SUM store(PLACE(t->spare, SPARE), sum[g][v]);
    fill(sum, t->bias, outs, vectors);
    add_product(sum, t, 1, 1, outs, vectors);
    EACH_SUM
    {
        vec b = load(PLACE(t->spare, SPARE));
        store(PLACE(t->spare, SPARE), sum[g][v] - b);
        sum[g][v] += b;
    }
}

/* The sum of a row is the same whether the other is wanted or not. */
INLINE void gather(const struct nn_band_two *t, const int outs, const int vectors)
{
    vec sum[OUTS][2];
    shared(sum, t, outs, vectors);
    if (t->out) {
        add_product(sum, t, 0, 2, outs, vectors);
        EACH_SUM store(PLACE(t->out, t->out_stride), sum[g][v]);
    }
    if (!t->below) return;
    EACH_SUM sum[g][v] = load(PLACE(t->spare, SPARE));
    add_product(sum, t, 3, 3, outs, vectors);
    EACH_SUM store(PLACE(t->below, t->out_stride), sum[g][v]);
}

INLINE void scatter(const struct nn_band_two *t, const int outs, const int vectors)
{
    vec sum[OUTS][2];
    const float *minus = t->spare;
    float *plus = t->spare + SPARE_ROOM;
    const bool whole = t->in[1];
    if (whole) {
        shared(sum, t, outs, vectors);
        EACH_SUM store(PLACE(plus, SPARE), sum[g][v]);
    }
    fill(sum, NULL, outs, vectors);
    if (t->in[0]) add_product(sum, t, 0, 2, outs, vectors);
    if (t->out)
        EACH_SUM store(PLACE(t->out, t->out_stride),
                       load(PLACE(t->carry[0], t->carry_stride)) + sum[g][v]);
    if (whole)
        EACH_SUM store(PLACE(t->carry[0], t->carry_stride), load(PLACE(plus, SPARE)) - sum[g][v]);
    if (!t->in[3]) return;
    fill(sum, NULL, outs, vectors);
    add_product(sum, t, 3, 3, outs, vectors);
    if (t->below)
        EACH_SUM store(PLACE(t->below, t->out_stride), load(PLACE(t->carry[1], t->carry_stride)) +
                                                           (load(PLACE(minus, SPARE)) - sum[g][v]));
    EACH_SUM store(PLACE(t->carry[1], t->carry_stride), sum[g][v]);
}

static void mix_rows(const struct nn_band_mix *m)
{
    const float *const *row = m->row;
    float *const *mixed = m->mixed;
    for (int c = 0; c < m->channels; c++) {
        size_t from = (size_t)c * m->row_stride, to = (size_t)c * m->mixed_stride;
        for (int left = m->vectors; left; left--, from += WIDTH, to += WIDTH) {
            vec r1 = load(row[1] + from), r2 = load(row[2] + from);
            if (mixed[0]) store(mixed[0] + to, load(row[0] + from) - r2);
            store(mixed[1] + to, r1 + r2);
            store(mixed[2] + to, r2 - r1);
            if (mixed[3]) store(mixed[3] + to, load(row[3] + from) - r1);
        }
    }
}
#endif

/* --- Weights' gradient -------------------------------------------------------------------- */

/* channels × shifts sums stay in registers over a row. IN_REGISTER: otherwise GCC loads y once for
 * each shift, and loads are what limits this loop. */
INLINE void sum(const struct nn_band_row *r, const int channels, const int shifts)
{
    vec s[SUMS][NN_BAND_SHIFTS];
    const element *d = r->d, *in = r->in;
    UNROLL for (int g = 0; g < channels; g++) UNROLL for (int k = 0; k < shifts; k++) s[g][k] =
        load(r->sums + (g * shifts + k) * WIDTH);
    int left = r->vectors;
    do {
        vec x[NN_BAND_SHIFTS];
        UNROLL for (int k = 0; k < shifts; k++) x[k] = words_at(in + k);
        UNROLL for (int g = 0; g < channels; g++)
        {
            vec y = words_at(d + (size_t)g * r->stride);
            IN_REGISTER(y);
            UNROLL for (int k = 0; k < shifts; k++) MULTIPLY_ADD(s[g][k], x[k], y);
        }
        d += ELEMENTS;
        in += ELEMENTS;
    } while (--left);
    UNROLL for (int g = 0; g < channels; g++) UNROLL for (int k = 0; k < shifts; k++)
        store(r->sums + (g * shifts + k) * WIDTH, s[g][k]);
}

/* Adds halves onto each other, so that the order is the same for every sum. */
static float total(const float *vector)
{
    typedef float four __attribute__((vector_size(4 * sizeof(float))));
    four s[WIDTH / 4];
    memcpy(s, vector, sizeof s);
    UNROLL for (int half = WIDTH / 8; half; half /= 2) UNROLL for (int i = 0; i < half; i++) s[i] +=
        s[i + half];
    return (s[0][0] + s[0][2]) + (s[0][1] + s[0][3]);
}

/* --- Each width by itself ------------------------------------------------------------------- */

/* Functions of constant size for the table: inlining makes the constants known. */
#define CONV(outs)                                                                                 \
    static void conv_##outs##_1(const struct nn_band_tile *t)                                      \
    {                                                                                              \
        conv(t, outs, 1);                                                                          \
    }                                                                                              \
    static void conv_##outs##_2(const struct nn_band_tile *t)                                      \
    {                                                                                              \
        conv(t, outs, 2);                                                                          \
    }                                                                                              \
    TWO_ROWS(outs)
#if PAIRS
#define TWO_ROWS(outs)
#else
#define TWO_ROWS(outs)                                                                             \
    static void gather_##outs##_1(const struct nn_band_two *t)                                     \
    {                                                                                              \
        gather(t, outs, 1);                                                                        \
    }                                                                                              \
    static void gather_##outs##_2(const struct nn_band_two *t)                                     \
    {                                                                                              \
        gather(t, outs, 2);                                                                        \
    }                                                                                              \
    static void scatter_##outs##_1(const struct nn_band_two *t)                                    \
    {                                                                                              \
        scatter(t, outs, 1);                                                                       \
    }                                                                                              \
    static void scatter_##outs##_2(const struct nn_band_two *t)                                    \
    {                                                                                              \
        scatter(t, outs, 2);                                                                       \
    }
#endif
#define SUM(channels)                                                                              \
    static void sum_##channels##_1(const struct nn_band_row *r)                                    \
    {                                                                                              \
        sum(r, channels, 1);                                                                       \
    }                                                                                              \
    static void sum_##channels##_2(const struct nn_band_row *r)                                    \
    {                                                                                              \
        sum(r, channels, 2);                                                                       \
    }                                                                                              \
    static void sum_##channels##_3(const struct nn_band_row *r)                                    \
    {                                                                                              \
        sum(r, channels, 3);                                                                       \
    }

CONV(1)
CONV(2)
CONV(3)
CONV(4)
CONV(5)
CONV(6)
SUM(1)
SUM(2)
SUM(3)
SUM(4)
#if OUTS > 6
CONV(7)
CONV(8)
CONV(9)
CONV(10)
CONV(11)
CONV(12)
#endif
#if SUMS > 4
SUM(5)
SUM(6)
SUM(7)
SUM(8)
#endif

/* --- What is kept ----------------------------------------------------------------------------- */

/* Up to a vector's values of a size known when compiling, and fewer at a row's end. */
INLINE void put(void *to, const void *from, size_t size, size_t n)
{
    if (n >= WIDTH)
        memcpy(to, from, WIDTH * size);
    else
        memcpy(to, from, n * size);
}

#if PAIRS
typedef uint16_t halves __attribute__((vector_size(WIDTH * sizeof(uint16_t))));

#ifndef NARROW
#define NARROW(x) nearest(x)
/* bf16 nearest to x, ties to even; NaN stays NaN. */
INLINE halves nearest(vec x)
{
    bits b = (bits)x;
    bits round = (b + 0x7fff + ((b >> 16) & 1)) >> 16;
    vec chosen = choose(x == x, (vec)round, (vec)((b >> 16) | 0x40));
    return __builtin_convertvector((bits)chosen, halves);
}
#endif

INLINE bits widen(const uint16_t *p, size_t n)
{
    halves h = {0};
    put(&h, p, sizeof *p, n);
    return __builtin_convertvector(h, bits);
}

/* Below 1/2 a itself, else -(1 - a), whose sign says so even where a is 1. */
INLINE vec encode(vec a)
{
    return choose(a <= 0.5f, a, -(1.0f - a));
}

INLINE vec decode(vec s)
{
    return choose((mask)s < 0, 1.0f + s, s);
}

INLINE vec widened(halves h)
{
    return (vec)(__builtin_convertvector(h, bits) << 16);
}

/* What a gate is after it was kept. */
INLINE vec rounded(vec a, bool is_tanh)
{
    return is_tanh ? widened(NARROW(a)) : decode(widened(NARROW(encode(a))));
}

INLINE vec kept_at(const element *p, size_t n, bool is_tanh)
{
    const vec s = (vec)(widen(p, n) << 16);
    return is_tanh ? s : decode(s);
}
#else
INLINE vec rounded(vec a, bool is_tanh)
{
    (void)is_tanh;
    return a;
}

INLINE vec kept_at(const element *p, size_t n, bool is_tanh)
{
    (void)is_tanh;
    return load_some(p, n);
}
#endif

/* Stores that bypass the cache, if the instruction set has them. Kept gates are read again only in
 * the backward pass, long after they would have been evicted; in the cache they would only take
 * the place of what the next rows need. */
INLINE void keep(element *p, vec v, size_t n, bool stream)
{
#if PAIRS
    const halves kept = NARROW(v);
#else
    const vec kept = v;
#endif
#ifdef STREAM
    if (stream) {
        STREAM(p, kept);
        return;
    }
#endif
    (void)stream;
    put(p, &kept, sizeof *p, n);
}

INLINE void keep_gate(element *p, vec a, size_t n, bool stream)
{
#if PAIRS
    a = encode(a);
#endif
    keep(p, a, n, stream);
}

/* --- The gates of a row: a vector holds pixels of one channel --------------------------------- */

INLINE void activate_vector(float *at, size_t stride, int hidden, int k, size_t p,
                            const bool as_kept)
{
    for (int q = 0; q < 4; q++) {
        float *gate = at + (size_t)(q * hidden + k) * stride + p;
        const vec a = q == 3 ? tangent(load(gate)) : sigmoid(load(gate));
        store(gate, as_kept ? rounded(a, q == 3) : a);
    }
}

/* Whole vectors: the rows of a thread are padded. */
static void activate_row(float *sums, size_t stride, int hidden, int count, bool as_kept)
{
    for (int k = 0; k < hidden; k++)
        for (int p = 0; p < count; p += WIDTH)
            if (as_kept)
                activate_vector(sums, stride, hidden, k, (size_t)p, true);
            else
                activate_vector(sums, stride, hidden, k, (size_t)p, false);
}

INLINE void forward_vector(const struct nn_band_gates *g, int k, size_t p, size_t n, bool stream)
{
    const size_t hidden = (size_t)g->hidden, at = (size_t)k * g->plane + p;
    const float *gates = g->sums + (size_t)k * g->sums_stride + p;
    const size_t gate = hidden * g->sums_stride;
    struct gates a = {load(gates), load(gates + gate), load(gates + 2 * gate),
                      load(gates + 3 * gate)};
    vec c = a.i * a.g;
    if (g->c_before) c += a.f * load_some(g->c_before + at, n);
    store_some(g->c + at, c, n);
    if (g->h || g->kept_h) {
        const vec h = a.o * tangent(c);
        if (g->h) store_some(g->h + at, h, n);
        if (g->kept_h) keep((element *)g->kept_h + at, h, n, false);
    }
    if (!g->gates) return;
    element *kept = (element *)g->gates + at;
    const size_t next = hidden * g->plane;
    keep_gate(kept, a.i, n, stream);
    keep_gate(kept + next, a.f, n, stream);
    keep_gate(kept + 2 * next, a.o, n, stream);
    keep(kept + 3 * next, a.g, n, stream);
}

/* A channel's gates first and then its c and h: in one loop every vector would wait for the last,
 * since tanh(c) follows from all others. Streaming stores need whole, aligned vectors; a fence
 * orders them before the step ends. */
static void forward_row(const struct nn_band_gates *g)
{
    const size_t places =
        (size_t)(uintptr_t)g->gates / sizeof(element) | g->plane | (size_t)g->count;
    const bool stream = places % WIDTH == 0;
    for (int k = 0; k < g->hidden; k++) {
        for (int p = 0; p < g->count; p += WIDTH)
            activate_vector(g->sums, g->sums_stride, g->hidden, k, (size_t)p, false);
        for (int p = 0; p < g->count; p += WIDTH)
            forward_vector(g, k, (size_t)p, (size_t)(g->count - p), stream);
    }
#ifdef STREAM
    if (stream) _mm_sfence();
#endif
}

/* A vector of a tensor that may be missing: zero. */
INLINE vec maybe(const struct nn_band_rows *rows, int k, size_t p, size_t n)
{
    return rows->at ? load_some(rows->at + (size_t)k * rows->stride + p, n) : (vec){0};
}

/* Gate q of a vector: kept, or from activate(). */
INLINE vec gate_at(const struct nn_band_back *g, int q, int k, size_t p, size_t n, const bool kept)
{
    const size_t channel = (size_t)(q * g->hidden + k);
    if (kept) return kept_at((const element *)g->kept + channel * g->plane + p, n, q == 3);
    return load_some(g->gates + channel * g->gates_stride + p, n);
}

INLINE void backward_vector(const struct nn_band_back *g, int k, size_t p, size_t n,
                            const bool kept)
{
    const size_t hidden = (size_t)g->hidden;
    struct gates a = {gate_at(g, 0, k, p, n, kept), gate_at(g, 1, k, p, n, kept),
                      gate_at(g, 2, k, p, n, kept), gate_at(g, 3, k, p, n, kept)};
    vec dh = maybe(&g->dh, k, p, n) + maybe(&g->dy, k, p, n), dc = maybe(&g->dc, k, p, n);
    step_back(&a, tangent(maybe(&g->c, k, p, n)), maybe(&g->c_before, k, p, n), dh, &dc);
    if (g->dc_before) store_some(g->dc_before + (size_t)k * g->plane + p, dc, n);
    float *d = g->d + (size_t)k * g->d_stride + p;
    store_some(d, a.i, n);
    store_some(d + hidden * g->d_stride, a.f, n);
    store_some(d + 2 * hidden * g->d_stride, a.o, n);
    store_some(d + 3 * hidden * g->d_stride, a.g, n);
}

static void backward_row(const struct nn_band_back *g)
{
    for (int k = 0; k < g->hidden; k++)
        for (int p = 0; p < g->count; p += WIDTH)
            if (g->kept)
                backward_vector(g, k, (size_t)p, (size_t)(g->count - p), true);
            else
                backward_vector(g, k, (size_t)p, (size_t)(g->count - p), false);
}

#if !PAIRS
static void hidden_row(const float *o, const float *c, size_t n, float *h)
{
    for (size_t p = 0; p < n; p += WIDTH)
        store_some(h + p, load_some(o + p, n - p) * tangent(load_some(c + p, n - p)), n - p);
}

#else
static void narrow_row(const float *a, size_t n, uint16_t *to)
{
    for (size_t p = 0; p < n; p += WIDTH) {
        halves h = NARROW(load_some(a + p, n - p));
        put(to + p, &h, sizeof *to, n - p);
    }
}

static void join_row(const uint16_t *low, const uint16_t *high, size_t n, uint32_t *word)
{
    for (size_t p = 0; p < n; p += WIDTH) {
        bits both = widen(low + p, n - p);
        if (high) both |= widen(high + p, n - p) << 16;
        put(word + p, &both, sizeof *word, n - p);
    }
}
#endif

#define OF_OUTS(kind, outs) [outs] = {kind##_##outs##_1, kind##_##outs##_2}
#if OUTS > 6
#define EACH_OUTS(kind)                                                                            \
    {                                                                                              \
        OF_OUTS(kind, 1), OF_OUTS(kind, 2), OF_OUTS(kind, 3), OF_OUTS(kind, 4), OF_OUTS(kind, 5),  \
            OF_OUTS(kind, 6), OF_OUTS(kind, 7), OF_OUTS(kind, 8), OF_OUTS(kind, 9),                \
            OF_OUTS(kind, 10), OF_OUTS(kind, 11), OF_OUTS(kind, 12)                                \
    }
#else
#define EACH_OUTS(kind)                                                                            \
    {                                                                                              \
        OF_OUTS(kind, 1), OF_OUTS(kind, 2), OF_OUTS(kind, 3), OF_OUTS(kind, 4), OF_OUTS(kind, 5),  \
            OF_OUTS(kind, 6)                                                                       \
    }
#endif
#define SUM_OF(channels)                                                                           \
    [channels] = {NULL, sum_##channels##_1, sum_##channels##_2, sum_##channels##_3}

const struct nn_band_kernels KERNELS = {
    .name = NAME,
    .lanes = WIDTH,
    .outs = OUTS,
    .sums = SUMS,
    .pairs = PAIRS,
    .conv = EACH_OUTS(conv),
#if !PAIRS
    .gather = EACH_OUTS(gather),
    .scatter = EACH_OUTS(scatter),
    .mix = mix_rows,
    .hidden = hidden_row,
#endif
    .sum = {SUM_OF(1), SUM_OF(2), SUM_OF(3), SUM_OF(4),
#if SUMS > 4
            SUM_OF(5), SUM_OF(6), SUM_OF(7), SUM_OF(8)
#endif
    },
    .activate = activate_row,
    .forward = forward_row,
    .backward = backward_row,
    .total = total,
#if PAIRS
    .narrow = narrow_row,
    .join = join_row,
#endif
};
