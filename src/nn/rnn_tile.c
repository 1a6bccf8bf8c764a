/* SPDX-License-Identifier: MIT
 *
 * See rnn_tile.h; the kernels here are those of float32. Values of a are broadcast. Where registers
 * are too few for 24 vectors of sums a tile has one row. */
#include "rnn_tile.h"

#include "lanes.h"
#include "tensor.h"

enum { ROWS = 6 };
#define UNROLL _Pragma("GCC unroll 32")

/* `rows` rows from `first` on, `vectors` of each. */
INLINE void tile(const struct nn_tiles *t, size_t first, int rows, int vectors)
{
    const vec zero = {0};
    const size_t third = t->without == 2 ? 3 * WIDTH : 2 * WIDTH;
    const size_t at[NN_GATES] = {0, WIDTH, third, 3 * WIDTH};
    float *c = t->c + first * t->c_row;
    vec s[ROWS * NN_GATES];
    UNROLL for (int i = 0; i < rows * vectors; i++) s[i] =
        load(c + (size_t)(i / vectors) * t->c_row + at[i % vectors]);
    for (size_t block = 0; block < t->blocks; block++) {
        const float *a = (const float *)t->a + block * t->a_block + first * t->a_row;
        const float *half = a + 3 * t->a_row, *b = (const float *)t->b + block * t->b_block;
        for (size_t k = 0; k < t->k; k++, a += t->a_k, half += t->a_k, b += NN_PANEL) {
            vec w[NN_GATES];
            UNROLL for (int v = 0; v < vectors; v++) w[v] = load(b + at[v]);
            UNROLL for (int r = 0; r < rows; r++)
            {
                const vec x = (r < 3 ? a : half)[(size_t)(r % 3) * t->a_row] - zero;
                UNROLL for (int v = 0; v < vectors; v++) s[r * vectors + v] += w[v] * x;
            }
        }
    }
    UNROLL for (int i = 0; i < rows * vectors; i++)
        store(c + (size_t)(i / vectors) * t->c_row + at[i % vectors], s[i]);
}

INLINE void run(const struct nn_tiles *t, int vectors, bool wide)
{
    size_t row = 0;
    for (; wide && row + ROWS <= t->rows; row += ROWS) tile(t, row, ROWS, vectors);
    for (; wide && row + 2 <= t->rows; row += 2) tile(t, row, 2, vectors);
    for (; row < t->rows; row++) tile(t, row, 1, vectors);
}

CLONES static void run_all(const struct nn_tiles *t, bool wide)
{
    run(t, NN_GATES, wide);
}

CLONES static void run_three(const struct nn_tiles *t, bool wide)
{
    run(t, NN_GATES - 1, wide);
}

static void run_f32(const struct nn_tiles *t)
{
    const bool wide = nn_cpu_has(dnnl_cpu_isa_avx512_core);
    if (t->without)
        run_three(t, wide);
    else
        run_all(t, wide);
}

const struct nn_rnn_kernels nn_rnn_f32 = {.pair = 1, .run = run_f32};
