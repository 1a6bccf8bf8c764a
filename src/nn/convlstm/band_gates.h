/* SPDX-License-Identifier: MIT
 *
 * The gates' part of the band's kernels: a vector holds pixels of one channel.
 * Included by band_kernels.h alone, with its names. */

INLINE void activate_vector(float *at, size_t stride, int hidden, int k, size_t p)
{
    for (int q = 0; q < 4; q++) {
        float *gate = at + (size_t)(q * hidden + k) * stride + p;
        store(gate, q == 3 ? tangent(load(gate)) : sigmoid(load(gate)));
    }
}

/* Whole vectors: the rows of a thread are padded. */
static void activate_row(float *sums, size_t stride, int hidden, int count)
{
    for (int k = 0; k < hidden; k++)
        for (int p = 0; p < count; p += WIDTH) activate_vector(sums, stride, hidden, k, (size_t)p);
}

/* Past the cache where the instruction set has that: nobody reads the kept gates before they
 * are long evicted. */
INLINE void keep(float *p, vec v, size_t n, bool stream)
{
#ifdef STREAM
    if (stream) {
        STREAM(p, v);
        return;
    }
#endif
    (void)stream;
    store_some(p, v, n);
}

INLINE void forward_vector(const struct nn_band_gates *g, int k, size_t p, size_t n, bool stream)
{
    const size_t hidden = (size_t)g->hidden, at = (size_t)k * g->plane + p;
    const float *sums = g->sums + (size_t)k * g->sums_stride + p;
    const size_t gate = hidden * g->sums_stride;
    struct gates a = {sigmoid(load(sums)), sigmoid(load(sums + gate)),
                      sigmoid(load(sums + 2 * gate)), tangent(load(sums + 3 * gate))};
    vec c = a.i * a.g;
    if (g->c_before) c += a.f * load_some(g->c_before + at, n);
    store_some(g->c + at, c, n);
    store_some(g->h + at, a.o * tangent(c), n);
    if (!g->gates) return;
    float *kept = g->gates + at;
    keep(kept, a.i, n, stream);
    keep(kept + hidden * g->plane, a.f, n, stream);
    keep(kept + 2 * hidden * g->plane, a.o, n, stream);
    keep(kept + 3 * hidden * g->plane, a.g, n, stream);
}

static void forward_row(const struct nn_band_gates *g)
{
    const size_t places = (size_t)(uintptr_t)g->gates / sizeof(float) | g->plane | (size_t)g->count;
    const bool stream = places % WIDTH == 0;
    for (int k = 0; k < g->hidden; k++)
        for (int p = 0; p < g->count; p += WIDTH)
            forward_vector(g, k, (size_t)p, (size_t)(g->count - p), stream);
#ifdef STREAM
    if (stream) _mm_sfence();
#endif
}

INLINE vec maybe(const float *p, size_t at, size_t n)
{
    return p ? load_some(p + at, n) : (vec){0};
}

INLINE void backward_vector(const struct nn_band_back *g, int k, size_t p, size_t n)
{
    const size_t hidden = (size_t)g->hidden, at = (size_t)k * g->plane + p;
    const float *gates = g->gates + (size_t)k * g->gates_stride + p;
    const size_t gate = hidden * g->gates_stride;
    struct gates a = {load_some(gates, n), load_some(gates + gate, n),
                      load_some(gates + 2 * gate, n), load_some(gates + 3 * gate, n)};
    vec dh = maybe(g->dh, at, n) + maybe(g->dy, at, n), dc = maybe(g->dc, at, n);
    step_back(&a, tangent(load_some(g->c + at, n)), maybe(g->c_before, at, n), dh, &dc);
    if (g->dc_before) store_some(g->dc_before + at, dc, n);
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
            backward_vector(g, k, (size_t)p, (size_t)(g->count - p));
}

static void hidden_row(const float *o, const float *c, size_t n, float *h)
{
    for (size_t p = 0; p < n; p += WIDTH)
        store_some(h + p, load_some(o + p, n - p) * tangent(load_some(c + p, n - p)), n - p);
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

/* Up to a vector's values of a size known when compiling, and fewer at a row's end. */
INLINE void put(void *to, const void *from, size_t size, size_t n)
{
    if (n >= WIDTH)
        memcpy(to, from, WIDTH * size);
    else
        memcpy(to, from, n * size);
}

static void narrow_row(const float *a, size_t n, uint16_t *to)
{
    for (size_t p = 0; p < n; p += WIDTH) {
        halves h = NARROW(load_some(a + p, n - p));
        put(to + p, &h, sizeof *to, n - p);
    }
}

INLINE bits widen(const uint16_t *p, size_t n)
{
    halves h = {0};
    put(&h, p, sizeof *p, n);
    return __builtin_convertvector(h, bits);
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
