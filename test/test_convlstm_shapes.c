/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM over many shapes, because kernels are chosen by shape: hidden
 * channels that fill a vector, miss it or exceed it, images narrower than a
 * vector and wider than a slab of rows, one pixel, one lead, one record. Every
 * size of image meets every number of hidden channels; the other properties take
 * turns, so that each value of one meets each value of the others. */
#include "recurrent.h"

#include <criterion/criterion.h>

static const int hidden[] = {1, 2, 3, 5, 8, 10, 16, 17};
static const int size[][2] = {{1, 1},   {1, 7},   {7, 1},   {5, 33},  {17, 31},
                              {31, 64}, {33, 48}, {64, 64}, {20, 512}};
static const int inputs[] = {1, 2, 3, 16};
static const int kernels[] = {3, 1, 5};
static const int leads[] = {2, 1, 3, 12};

enum { HIDDEN = LEADSEQ_COUNT(hidden), SIZES = LEADSEQ_COUNT(size) };

/* What the plain loops cost: multiply-adds of forward. */
static double cost(const struct recurrent *s)
{
    return 4.0 * s->k * (s->c + s->k) * s->kernel * s->kernel * s->t * s->n * s->h * s->w;
}

/* Large images leave out what would only repeat the work: leads beyond three, then records. */
static struct recurrent shape_of(int i, int j)
{
    struct recurrent s = {.k = hidden[i],
                          .h = size[j][0],
                          .w = size[j][1],
                          .c = inputs[(i + j) % 4],
                          .kernel = kernels[(i / 2 + j) % 3],
                          .t = leads[(i + j / 2) % 4],
                          .n = 1 + (i + j / 3) % 3,
                          .bias = (i + j) % 5 != 0,
                          .last_only = (i + j / 2) % 2,
                          .without_dx = (i / 2 + j) % 2};
    const double most = 1.5e8;
    if (cost(&s) > most && s.t > 3) s.t = 3;
    if (cost(&s) > most && s.n > 1) s.n = 1;
    if (cost(&s) > most && s.t > 2) s.t = 2;
    if (cost(&s) > most && s.kernel > 3) s.kernel = 3;
    return s;
}

static void compare_all(int i, struct leadseq_engine_options engine)
{
    for (int j = 0; j < SIZES; j++) {
        struct recurrent s = shape_of(i, j);
        char name[160];
        engine.threads = 1 + (i + j) % 3;
        snprintf(name, sizeof name,
                 "hidden %d, inputs %d, %d x %d, kernel %d, leads %d, batch %d, %s, %s, %d threads",
                 s.k, s.c, s.h, s.w, s.kernel, s.t, s.n, s.last_only ? "last h" : "every h",
                 s.without_dx ? "without dx" : "with dx", engine.threads);
        recurrent_compare(&s, &engine, name);
    }
}

Test(convlstm_shapes, every_shape_equals_plain_loops)
{
    for (int i = 0; i < HIDDEN; i++) compare_all(i, (struct leadseq_engine_options){0});
}

/* The paper's channels, leads and batch, on images of every width around a vector's. */
Test(convlstm_shapes, the_papers_network_equals_plain_loops_on_images_of_any_width)
{
    static const int widths[] = {2, 8, 15, 16, 17, 30, 32, 34, 47, 49, 63, 65, 96, 100};
    for (size_t i = 0; i < LEADSEQ_COUNT(widths); i++) {
        struct recurrent s = {.t = 12,
                              .n = 2,
                              .c = 1,
                              .h = 3 + (int)i % 5,
                              .w = widths[i],
                              .k = 10,
                              .kernel = 3,
                              .bias = true,
                              .last_only = true,
                              .without_dx = i % 2};
        char name[64];
        snprintf(name, sizeof name, "%d x %d", s.h, s.w);
        recurrent_compare(&s, &(struct leadseq_engine_options){.threads = 2}, name);
    }
}
