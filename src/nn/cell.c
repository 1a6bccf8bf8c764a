/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's pass over the gates of one step, in one sweep over memory:
 *
 *   forward   c' = σ(f) c + σ(i) tanh(g),   h' = σ(o) tanh(c')
 *   backward  doc/mathematics.md, "ConvLSTM", in the same letters
 *
 * Here the work is divided among threads by pixels, always alike, so that the
 * bits do not depend on the division; cell_lanes.c and cell_planes.c do it. */
#include "cell_math.h"
#include "nn_private.h"

#include <omp.h>
#include <stdlib.h>

enum { CHUNK = 512 }; /* pixels of a piece of work */

/* --- Scratch ---------------------------------------------------------------------------------- */

static size_t up(int n)
{
    return (size_t)(n + WIDTH - 1) / WIDTH * WIDTH;
}

/* Room for a vector that starts at the last channel. */
static size_t gates_room(const struct nn_cell *cell)
{
    return up(4 * cell->hidden) + WIDTH;
}

static size_t hx_room(const struct nn_cell *cell)
{
    return up(cell->hidden) + up(cell->inputs) + 2 * WIDTH;
}

int nn_cell_init(struct nn_cell *cell)
{
    size_t hidden = (size_t)cell->hidden, room = gates_room(cell);
    cell->scratch_stride = 2 * room + hx_room(cell);
    cell->scratch = nn_aligned((size_t)cell->threads * cell->scratch_stride * sizeof(float));
    cell->tanh_lanes = nn_aligned(room * sizeof(int32_t));
    cell->h_lanes = nn_aligned(up(cell->hidden) * sizeof(int32_t));
    if (!cell->scratch || !cell->tanh_lanes || !cell->h_lanes) return -1;
    /* tanh for g, and behind it, where it leaves the padding's zeros alone */
    for (size_t i = 3 * hidden; i < room; i++) cell->tanh_lanes[i] = -1;
    for (size_t i = 0; i < hidden; i++) cell->h_lanes[i] = -1;
    return 0;
}

void nn_cell_clear(struct nn_cell *cell)
{
    free(cell->scratch);
    free(cell->tanh_lanes);
    free(cell->h_lanes);
    *cell = (struct nn_cell){0};
}

/* --- Division of the work ------------------------------------------------------------------------
 */

static int chunks_of(const struct nn_cell *cell)
{
    return (cell->pixels + CHUNK - 1) / CHUNK;
}

static struct nn_cell_range range_of(const struct nn_cell *cell, int piece)
{
    size_t begin = (size_t)(piece % chunks_of(cell)) * CHUNK, end = begin + CHUNK;
    float *a = cell->scratch + (size_t)omp_get_thread_num() * cell->scratch_stride;
    size_t room = gates_room(cell), pixels = (size_t)cell->pixels;
    return (struct nn_cell_range){.n = piece / chunks_of(cell),
                                  .begin = begin,
                                  .end = end < pixels ? end : pixels,
                                  .a = a,
                                  .d = a + room,
                                  .hx = a + 2 * room};
}

void nn_cell_forward(const struct nn_cell *cell, const struct nn_cell_forward *f)
{
    int pieces = cell->n * chunks_of(cell);
#pragma omp parallel for schedule(static) num_threads(cell->threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_cell_range r = range_of(cell, i);
        if (cell->block == 1)
            nn_cell_planes_forward(cell, f, &r);
        else
            nn_cell_lanes_forward(cell, f, &r);
    }
}

void nn_cell_backward(const struct nn_cell *cell, const struct nn_cell_backward *f)
{
    int pieces = cell->n * chunks_of(cell);
#pragma omp parallel for schedule(static) num_threads(cell->threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_cell_range r = range_of(cell, i);
        if (cell->block == 1)
            nn_cell_planes_backward(cell, f, &r);
        else
            nn_cell_lanes_backward(cell, f, &r);
    }
}

void nn_cell_split(const struct nn_cell *cell, const float *dhx, float *dx)
{
    int pieces = cell->n * chunks_of(cell);
#pragma omp parallel for schedule(static) num_threads(cell->threads)
    for (int i = 0; i < pieces; i++) {
        struct nn_cell_range r = range_of(cell, i);
        if (cell->block == 1)
            nn_cell_planes_split(cell, dhx, dx, &r);
        else
            nn_cell_lanes_split(cell, dhx, dx, &r);
    }
}

/* --- The functions alone -------------------------------------------------------------------------
 */

CLONES void nn_cell_sigmoid(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) {
        vec v = sigmoid((vec){0} + x[i]);
        y[i] = v[0];
    }
}

CLONES void nn_cell_tanh(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) {
        vec v = tangent((vec){0} + x[i]);
        y[i] = v[0];
    }
}
