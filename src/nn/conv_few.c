/* SPDX-License-Identifier: MIT
 *
 * See conv_few.h; the kernels here are those of float32. A vector holds sixteen output channels of
 * a pixel; values of x are broadcast from memory as the multiply-add reads them.
 *
 *   forward    sixteen pixels are sixteen sums in registers; a tap's weights are loaded once
 *   gradient   nine taps by two channels are eighteen sums; a pixel of dy is loaded once
 *
 * An image is divided into bands of rows. The thread of a band copies rows of x into a ring of
 * three, with zeros around them. Each band has gradients of its own, which are added in their
 * order, so that the number of threads changes no bit. */
#include "conv_few_row.h"
#include "lanes.h"

#include <omp.h>
#include <stdlib.h>

enum {
    BAND = 32,          /* rows */
    TAPS = NN_FEW_TAPS, /* of a kernel */
    CHANNELS = 15       /* most of x: from 16 on oneDNN's blocks are whole */
};
#define UNROLL _Pragma("GCC unroll 32")
/* GCC no longer knows what it is: otherwise it keeps values of x in registers, for the next tap or
 * pixel, in place of reading them where they are multiplied. */
#define UNKNOWN(x) __asm__("" : "+r"(x))

bool nn_conv_few_suits(const struct nn_convolution *s)
{
    const bool runs = s->values == NN_F32    ? nn_cpu_has(dnnl_cpu_isa_avx512_core)
                      : s->values == NN_BF16 ? nn_few_bf16_runs()
                                             : false;
    return runs && !s->row && s->kernel == 3 && s->stride == 1 && s->pad == 1 && s->x.c > 3 &&
           s->x.c <= CHANNELS && s->y.c % WIDTH == 0;
}

/* A row in the ring: a zero, the row, zeros up to whole vectors, a zero. */
static size_t row_floats(size_t columns)
{
    return (columns + WIDTH - 1) / WIDTH * WIDTH + 2;
}

static size_t bands_of(size_t rows)
{
    return (rows + BAND - 1) / BAND;
}

static size_t partial_floats(const struct nn_convolution *s)
{
    return (size_t)s->x.n * bands_of((size_t)s->x.h) * (size_t)s->y.c * (TAPS * (size_t)s->x.c + 1);
}

size_t nn_conv_few_bytes(const struct nn_convolution *s, bool training)
{
    return training ? partial_floats(s) * sizeof(float) : 0;
}

int nn_conv_few_init(struct nn_conv_few *f, const struct leadseq_engine *engine,
                     const struct nn_convolution *s)
{
    const size_t inputs = (size_t)s->x.c, outputs = (size_t)s->y.c;
    *f = (struct nn_conv_few){.images = (size_t)s->x.n,
                              .inputs = inputs,
                              .blocks = outputs / WIDTH,
                              .rows = (size_t)s->x.h,
                              .columns = (size_t)s->x.w,
                              .band = BAND,
                              .bands = bands_of((size_t)s->x.h),
                              .threads = (size_t)engine->threads,
                              .size = s->values == NN_BF16 ? sizeof(uint16_t) : sizeof(float),
                              .kernels = s->values == NN_BF16 ? &nn_few_bf16 : &nn_few_f32};
    f->weights = nn_aligned(outputs * TAPS * inputs * sizeof(float));
    f->bias = nn_aligned(outputs * sizeof(float));
    f->ring = nn_aligned(f->threads * 3 * inputs * row_floats(f->columns) * sizeof(float));
    if (s->training) f->partial = nn_aligned(partial_floats(s) * sizeof(float));
    return f->weights && f->bias && f->ring && (f->partial || !s->training) ? 0 : -1;
}

void nn_conv_few_clear(struct nn_conv_few *f)
{
    free(f->weights);
    free(f->bias);
    free(f->ring);
    free(f->partial);
    *f = (struct nn_conv_few){0};
}

/* --- Bands ------------------------------------------------------------------------------------ */

/* Row y of x, counted from 1, into its place of the ring; beyond the image it is zeros. What is
 * around a row stays zero. */
static void fill(const struct nn_conv_few *f, const struct nn_few_pass *pass, const float *image,
                 size_t y, float *ring)
{
    const size_t length = row_floats(f->columns), plane = f->inputs * length;
    float *to = ring + y % 3 * plane;
    if (y == 0 || y > f->rows)
        memset(to, 0, plane * sizeof *to);
    else
        pass->fill(f, image + (y - 1) * f->columns, length, to);
}

static void walk_band(const struct nn_conv_few *f, const struct nn_few_pass *pass, const float *x,
                      char *y, size_t image, size_t band)
{
    const size_t length = row_floats(f->columns), plane = f->inputs * length;
    const size_t first = band * f->band,
                 end = first + f->band < f->rows ? first + f->band : f->rows;
    const size_t row_bytes = f->columns * WIDTH * f->size;
    float *ring = f->ring + (size_t)omp_get_thread_num() * 3 * plane;
    const float *from = x + image * f->inputs * f->rows * f->columns;
    memset(ring, 0, 3 * plane * sizeof *ring); // the other pass has rows elsewhere
    fill(f, pass, from, first, ring);
    fill(f, pass, from, first + 1, ring);
    for (size_t row = first; row < end; row++) {
        fill(f, pass, from, row + 2, ring);
        struct nn_few_row r = {.f = f,
                               .length = length,
                               .out = y + (image * f->blocks * f->rows + row) * row_bytes,
                               .block = f->rows * row_bytes};
        for (size_t k = 0; k < 3; k++) r.in[k] = ring + (row + k) % 3 * plane;
        if (f->partial)
            r.partial =
                f->partial + (image * f->bands + band) * f->blocks * (TAPS * f->inputs + 1) * WIDTH;
        pass->run(&r);
    }
}

static void walk(const struct nn_conv_few *f, const struct nn_few_pass *pass, const float *x,
                 char *y)
{
    const size_t images = f->images, bands = f->bands;
#pragma omp parallel for collapse(2) schedule(static) num_threads((int)f->threads)
    for (size_t image = 0; image < images; image++)
        for (size_t band = 0; band < bands; band++) walk_band(f, pass, x, y, image, band);
}

static void fill_floats(const struct nn_conv_few *f, const float *row, size_t length, float *to)
{
    for (size_t c = 0; c < f->inputs; c++)
        memcpy(to + c * length + 1, row + c * f->rows * f->columns, f->columns * sizeof *to);
}

/* --- Forward ---------------------------------------------------------------------------------- */

/* Sixteen pixels from column `at` on, of one block; `count` of them exist. */
INLINE void convolve(const struct nn_few_row *r, const float *w, vec bias, size_t at, size_t count,
                     float *out)
{
    vec s[WIDTH];
    const vec zero = {0};
    UNROLL for (int p = 0; p < WIDTH; p++) s[p] = bias;
    for (size_t c = 0; c < r->f->inputs; c++)
        for (int ky = 0; ky < 3; ky++) {
            const float *x = r->in[ky] + c * r->length + at;
            for (int kx = 0; kx < 3; kx++, w += WIDTH, x++) {
                const vec weight = load(w);
                UNKNOWN(x);
                UNROLL for (int p = 0; p < WIDTH; p++) s[p] += weight * (x[p] - zero);
            }
        }
    if (count >= WIDTH)
        UNROLL for (int p = 0; p < WIDTH; p++) store(out + p * WIDTH, s[p]);
    else
        UNROLL for (int p = 0; p < WIDTH; p++) if ((size_t)p < count) store(out + p * WIDTH, s[p]);
}

CLONES static void convolve_row(const struct nn_few_row *r)
{
    const struct nn_conv_few *f = r->f;
    for (size_t k = 0; k < f->blocks; k++) {
        const float *w = f->weights + k * f->inputs * TAPS * WIDTH;
        const vec bias = load(f->bias + k * WIDTH);
        float *out = (void *)(r->out + k * r->block);
        for (size_t at = 0; at < f->columns; at += WIDTH)
            convolve(r, w, bias, at, f->columns - at, out + at * WIDTH);
    }
}

/* To (K / 16, C, 3, 3, 16). */
static void arrange(const struct nn_conv_few *f, const float *w)
{
    float *to = f->weights;
    for (size_t k = 0; k < f->blocks; k++)
        for (size_t i = 0; i < f->inputs * TAPS; i++)
            for (size_t lane = 0; lane < WIDTH; lane++)
                *to++ = w[(k * WIDTH + lane) * f->inputs * TAPS + i];
}

void nn_conv_few_forward(const struct nn_conv_few *f, const float *w, const float *bias,
                         const float *x, void *y)
{
    f->kernels->arrange(f, w);
    if (bias) memcpy(f->bias, bias, f->blocks * WIDTH * sizeof *bias);
    walk(f, &f->kernels->forward, x, y);
}

/* --- Gradient --------------------------------------------------------------------------------- */

/* Adds some pixels of a row to the sums of `channels` channels of x from `c` on; their own sums
 * begin at zero, so that float32 adds few terms to few. */
INLINE void correlate(const struct nn_few_row *r, const float *dy, size_t c, size_t at, size_t end,
                      float *sums, int channels)
{
    vec s[2 * TAPS];
    const vec zero = {0};
    UNROLL for (int i = 0; i < channels * TAPS; i++) s[i] = zero;
    const float *x[3] = {r->in[0] + c * r->length, r->in[1] + c * r->length,
                         r->in[2] + c * r->length};
    for (size_t p = at; p < end; p++) {
        const vec d = load(dy + p * WIDTH);
        UNKNOWN(p);
        UNROLL for (int i = 0; i < channels * TAPS; i++) s[i] +=
            d * (x[i % TAPS / 3][(size_t)(i / TAPS) * r->length + p + i % 3] - zero);
    }
    UNROLL for (int i = 0; i < channels * TAPS; i++)
        store(sums + i * WIDTH, load(sums + i * WIDTH) + s[i]);
}

/* The same of all channels, and of dy for the biases. */
INLINE void correlate_pixels(const struct nn_few_row *r, const float *dy, size_t at, size_t end,
                             float *sums)
{
    const size_t inputs = r->f->inputs;
    vec whole = {0};
    size_t c = 0;
    for (; c + 2 <= inputs; c += 2) correlate(r, dy, c, at, end, sums + c * TAPS * WIDTH, 2);
    if (c < inputs) correlate(r, dy, c, at, end, sums + c * TAPS * WIDTH, 1);
    for (size_t p = at; p < end; p++) whole += load(dy + p * WIDTH);
    sums += TAPS * inputs * WIDTH;
    store(sums, load(sums) + whole);
}

CLONES static void correlate_row(const struct nn_few_row *r)
{
    const struct nn_conv_few *f = r->f;
    for (size_t k = 0; k < f->blocks; k++) {
        const float *dy = (const void *)(r->out + k * r->block);
        float *sums = r->partial + k * (TAPS * f->inputs + 1) * WIDTH;
        for (size_t at = 0; at < f->columns; at += NN_FEW_RUN)
            correlate_pixels(r, dy, at, at + NN_FEW_RUN < f->columns ? at + NN_FEW_RUN : f->columns,
                             sums);
    }
}

const struct nn_few_kernels nn_few_f32 = {.forward = {fill_floats, convolve_row},
                                          .gradient = {fill_floats, correlate_row},
                                          .arrange = arrange};

/* What the pieces have, of one block and one of its vectors, lane by lane in double. */
static double total(const struct nn_conv_few *f, size_t k, size_t i, size_t lane)
{
    const size_t vectors = TAPS * f->inputs + 1;
    double sum = 0;
    for (size_t piece = 0; piece < f->images * f->bands; piece++)
        sum += (double)f->partial[((piece * f->blocks + k) * vectors + i) * WIDTH + lane];
    return sum;
}

void nn_conv_few_gradient(const struct nn_conv_few *f, const float *x, const void *dy, float *dw,
                          float *db)
{
    const size_t taps = TAPS * f->inputs, outputs = f->blocks * WIDTH;
    memset(f->partial, 0, f->images * f->bands * outputs * (taps + 1) * sizeof(float));
    walk(f, &f->kernels->gradient, x, (char *)(uintptr_t)dy); // it is only read
#pragma omp parallel for schedule(static) num_threads((int)f->threads)
    for (size_t k = 0; k < outputs; k++) {
        for (size_t i = 0; i < taps; i++)
            dw[k * taps + i] += (float)total(f, k / WIDTH, i, k % WIDTH);
        if (db) db[k] += (float)total(f, k / WIDTH, taps, k % WIDTH);
    }
}
