/* SPDX-License-Identifier: MIT
 *
 * Batch norm's sums of 10^9 values of one channel: norm_sums M [M …] prints for each number of
 * values
 *
 *   M, error of the mean / deviation, error of the variance / variance, errors of Σ d and
 *   Σ d (x - mean) / their sums of absolute terms, 1 if one and three threads gave the same bits
 *
 * Values are those of white paper with thin ink, mean about 45 times the deviation: multiples of
 * 2^-20, whose sums are known exactly in integers. d is x, which saves its memory, and gives both
 * sums as many equal terms as there is paper. */
#include "nn/norm.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 1 << 15, UNIT = 1 << 20 };

/* k of the i-th value k / UNIT: paper, now and then ink of some darkness. */
static int64_t value_at(size_t i)
{
    uint64_t h = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 32;
    return h % 2048 ? UNIT : (int64_t)(h >> 11 & (UNIT / 8 - 1));
}

struct exact {
    long double first, second; /* Σ k, Σ k² */
    long double paper;         /* how many are paper */
};

static void fill(float *x, size_t n, struct exact *e)
{
    enum { BLOCK = 1 << 20 }; // whose sums of squares fit an int64_t
    *e = (struct exact){0};
    for (size_t from = 0; from < n; from += BLOCK) {
        int64_t first = 0, second = 0, paper = 0;
        for (size_t i = from; i < n && i < from + BLOCK; i++) {
            const int64_t k = value_at(i);
            x[i] = (float)k / UNIT;
            first += k, second += k * k, paper += k == UNIT;
        }
        e->first += first, e->second += second, e->paper += paper;
    }
}

struct sums {
    double moment[2], product[2];
};

static int sum(struct leadseq_engine *engine, float *x, int rows, float mean, struct sums *s)
{
    struct nn_tensor t = {0};
    struct nn_norm_walk w = {0};
    int status = nn_tensor_init_plain(&t, engine, (struct nn_shape){1, 1, rows, SIDE}, x) ||
                         nn_norm_walk_init(&w, &t)
                     ? -1
                     : 0;
    float one[64] = {0}, centre[64] = {0};
    for (int i = 0; i < 64; i++) one[i] = 1, centre[i] = mean;
    const struct nn_norm_map map = {.mean = centre, .scale = one, .shift = one};
    if (!status) {
        nn_norm_moments(&w, x, &s->moment[0], &s->moment[1]);
        nn_norm_products(&w, &map, x, x, &s->product[0], &s->product[1]);
    }
    nn_norm_walk_clear(&w);
    nn_tensor_clear(&t);
    return status;
}

static int measure(float *x, int rows, int threads, float mean, struct sums *s)
{
    struct leadseq_engine *engine =
        leadseq_engine_open(&(struct leadseq_engine_options){.threads = threads});
    int status = engine ? sum(engine, x, rows, mean, s) : -1;
    leadseq_engine_close(engine);
    return status;
}

static void print(size_t n, const struct exact *e, float centre, const struct sums *s, bool same)
{
    const long double m = (long double)n, unit = UNIT;
    const long double mean = e->first / m / unit;
    const long double var = (e->second - e->first * (e->first / m)) / m / unit / unit;
    const double our = s->moment[0] / (double)n, spread = s->moment[1] / (double)n - our * our;
    /* Σ x = Σ |x|; Σ x (x - c), of which paper's terms alone are positive */
    const long double first = e->first / unit, second = e->second / unit / unit, c = centre;
    const long double product = second - c * first, positive = e->paper * (1 - c);
    const long double size = 2 * positive - product;
    printf("%zu\t%.3Lg\t%.3Lg\t%.3Lg\t%.3Lg\t%d\n", n, fabsl(our - mean) / sqrtl(var),
           fabsl(spread - var) / var, fabsl(s->product[0] - first) / first,
           fabsl(s->product[1] - product) / size, same);
    fflush(stdout);
}

static int run(size_t wanted)
{
    const int rows = (int)((wanted + SIDE - 1) / SIDE);
    const size_t n = (size_t)rows * SIDE;
    float *x = nn_aligned(n * sizeof *x);
    int status = x ? 0 : -1;
    struct exact e;
    struct sums one, three;
    if (!status) {
        fill(x, n, &e);
        const float centre = (float)(e.first / (long double)n / UNIT);
        status = measure(x, rows, 1, centre, &one) || measure(x, rows, 3, centre, &three) ? -1 : 0;
        if (!status) print(n, &e, centre, &one, !memcmp(&one, &three, sizeof one));
    }
    free(x);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc && !status; i++) status = run((size_t)strtod(argv[i], NULL));
    if (status) fprintf(stderr, "norm_sums: %s\n", leadseq_error());
    return status ? 1 : 0;
}
