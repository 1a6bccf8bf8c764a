/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's pass over the gates of one step, in one sweep over memory:
 *
 *   forward   c' = σ(f) c + σ(i) tanh(g),   h' = σ(o) tanh(c')
 *   backward  doc/mathematics.md, "ConvLSTM", in the same letters
 *
 * Here the work is divided among threads by pixels, always alike, so that the
 * bits do not depend on the division; cell_last.c and cell_planes.c do it. */
#include "cell.h"
#include "nn/vector.h"

#include <omp.h>
#include <stdlib.h>

enum { CHUNK = 512 }; /* pixels of a piece of work */

/* --- Scratch ---------------------------------------------------------------------------------- */

/* A tile of `channels`, and room for a vector that starts at its last channel. */
static size_t room(int channels)
{
    return ((size_t)channels + 1) * NN_CELL_TILE;
}

static size_t tile_floats(const struct nn_cell *cell)
{
    return 2 * room(4 * cell->hidden) + 5 * room(cell->hidden) + room(cell->hidden + cell->inputs);
}

int nn_cell_init(struct nn_cell *cell)
{
    size_t gates = 4 * (size_t)cell->hidden, lanes = gates * NN_CELL_TILE;
    cell->scratch = nn_aligned((size_t)cell->threads * tile_floats(cell) * sizeof(float));
    cell->tanh_lanes = nn_aligned(lanes * sizeof(int32_t));
    if (!cell->scratch || !cell->tanh_lanes) return -1;
    for (size_t i = 0; i < lanes; i++)
        cell->tanh_lanes[i] = i % gates / (size_t)cell->hidden == 3 ? -1 : 0;
    return 0;
}

void nn_cell_clear(struct nn_cell *cell)
{
    free(cell->scratch);
    free(cell->tanh_lanes);
    *cell = (struct nn_cell){0};
}

static struct nn_cell_tile tile_of(const struct nn_cell *cell, int thread)
{
    float *at = cell->scratch + (size_t)thread * tile_floats(cell);
    size_t gates = room(4 * cell->hidden), c = room(cell->hidden);
    return (struct nn_cell_tile){.gates = at,
                                 .d = at + gates,
                                 .before = at + 2 * gates,
                                 .c = at + 2 * gates + c,
                                 .t = at + 2 * gates + 2 * c,
                                 .dc = at + 2 * gates + 3 * c,
                                 .dc_before = at + 2 * gates + 4 * c,
                                 .h = at + 2 * gates + 5 * c};
}

/* --- Division of the work --------------------------------------------------------------------- */

static int chunks_of(const struct nn_cell *cell)
{
    return (cell->pixels + CHUNK - 1) / CHUNK;
}

static struct nn_cell_range range_of(const struct nn_cell *cell, int piece)
{
    size_t begin = (size_t)(piece % chunks_of(cell)) * CHUNK, end = begin + CHUNK;
    size_t pixels = (size_t)cell->pixels;
    return (struct nn_cell_range){.n = piece / chunks_of(cell),
                                  .begin = begin,
                                  .end = end < pixels ? end : pixels,
                                  .tile = tile_of(cell, omp_get_thread_num())};
}

/* Pieces write different pixels, so they need no order; `static` keeps a piece on its thread. */
void nn_cell_forward(const struct nn_cell *cell, const struct nn_cell_forward *f)
{
    int pieces = cell->n * chunks_of(cell);
#pragma omp parallel for schedule(static) num_threads(cell->threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_cell_range r = range_of(cell, i);
        if (cell->channels_last)
            nn_cell_last_forward(cell, f, &r);
        else
            nn_cell_planes_forward(cell, f, &r);
    }
}

void nn_cell_backward(const struct nn_cell *cell, const struct nn_cell_backward *f)
{
    int pieces = cell->n * chunks_of(cell);
#pragma omp parallel for schedule(static) num_threads(cell->threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_cell_range r = range_of(cell, i);
        if (cell->channels_last)
            nn_cell_last_backward(cell, f, &r);
        else
            nn_cell_planes_backward(cell, f, &r);
    }
}

void nn_cell_split(const struct nn_cell *cell, const float *dhx, float *dx)
{
    int pieces = cell->n * chunks_of(cell);
#pragma omp parallel for schedule(static) num_threads(cell->threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_cell_range r = range_of(cell, i);
        if (cell->channels_last)
            nn_cell_last_split(cell, dhx, dx, &r);
        else
            nn_cell_planes_split(cell, dhx, dx, &r);
    }
}

/* --- The functions alone ---------------------------------------------------------------------- */

CLONES void nn_cell_sigmoid(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) {
        vec v = sigmoid(x[i] - (vec){0});
        y[i] = v[0];
    }
}

CLONES void nn_cell_tanh(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) {
        vec v = tangent(x[i] - (vec){0});
        y[i] = v[0];
    }
}
