/* SPDX-License-Identifier: MIT */
#include "nn/convlstm/cell.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double worst(double (*exact)(double), void (*ours)(const float *, size_t, float *),
                    float from, float to)
{
    enum { N = 40000 };
    static float x[N], y[N];
    double most = 0;
    for (int i = 0; i < N; i++) x[i] = from + (to - from) * (float)i / (N - 1);
    ours(x, N, y);
    for (int i = 0; i < N; i++) {
        double want = exact((double)x[i]);
        most = fmax(most, fabs((double)y[i] - want) / fmax(fabs(want), 1e-30));
    }
    return most;
}

Test(cell, sigmoid_and_tanh_are_within_their_stated_error)
{
    static const float ranges[][2] = {{-87, -10}, {-10, -0.5f}, {-0.5f, 0.5f},
                                      {0.5f, 10}, {10, 200},    {-1e-3f, 1e-3f}};
    for (size_t i = 0; i < LEADSEQ_COUNT(ranges); i++) {
        double s = worst(sigmoid, nn_cell_sigmoid, ranges[i][0], ranges[i][1]);
        double t = worst(tanh, nn_cell_tanh, ranges[i][0], ranges[i][1]);
        cr_expect_leq(s, 2e-7, "sigmoid in %g … %g: %g", (double)ranges[i][0], (double)ranges[i][1],
                      s);
        cr_expect_leq(t, 2e-7, "tanh in %g … %g: %g", (double)ranges[i][0], (double)ranges[i][1],
                      t);
    }
}

Test(cell, limits_and_not_a_number_go_through)
{
    const float x[] = {INFINITY, -INFINITY, NAN, 0.0f, -0.0f, 1000, -1000};
    enum { N = LEADSEQ_COUNT(x) };
    float s[N], t[N];
    nn_cell_sigmoid(x, N, s);
    nn_cell_tanh(x, N, t);
    cr_expect_eq(s[0], 1.0f);
    cr_expect(s[1] >= 0 && s[1] < 2e-38f);
    cr_expect(isnan(s[2]) && isnan(t[2]));
    cr_expect_eq(s[3], 0.5f);
    cr_expect(t[0] == 1.0f && t[1] == -1.0f && t[5] == 1.0f && t[6] == -1.0f);
    cr_expect(t[3] == 0 && !signbit(t[3]) && t[4] == 0);
    cr_expect(s[5] == 1.0f && s[6] >= 0 && s[6] < 2e-38f);
}

/* --- Both ways through memory, on the same numbers ------------------------------------------ */

/* One step's tensors of the pass, NCHW or NHWC. */
struct step {
    struct nn_cell cell;
    float *gates, *before, *c, *next, *x, *y, *dnext, *dy, *dc;
};

/* A tensor of `channels` whose value at (n, c, p) does not depend on the layout. */
static float *tensor(const struct nn_cell *cell, int channels, uint64_t seed)
{
    size_t C = (size_t)channels, P = (size_t)cell->pixels, N = (size_t)cell->n;
    float *plain = rig_random(N * C * P, seed);
    if (!cell->channels_last) return plain;
    float *last = rig_floats(N * C * P);
    for (size_t n = 0; n < N; n++)
        for (size_t c = 0; c < C; c++)
            for (size_t p = 0; p < P; p++) last[(n * P + p) * C + c] = plain[(n * C + c) * P + p];
    free(plain);
    return last;
}

static float value(const struct nn_cell *cell, const float *t, int channels, size_t i)
{
    size_t C = (size_t)channels, P = (size_t)cell->pixels, n = i / (C * P), c = i / P % C,
           p = i % P;
    return cell->channels_last ? t[(n * P + p) * C + c] : t[i];
}

static void step_init(struct step *s, int hidden, int inputs, int pixels, bool channels_last)
{
    s->cell = (struct nn_cell){.n = 2,
                               .hidden = hidden,
                               .inputs = inputs,
                               .pixels = pixels,
                               .channels_last = channels_last,
                               .threads = 2};
    cr_assert_eq(nn_cell_init(&s->cell), 0);
    s->gates = tensor(&s->cell, 4 * hidden, 1);
    s->before = tensor(&s->cell, hidden, 2);
    s->c = tensor(&s->cell, hidden, 3);
    s->next = tensor(&s->cell, hidden + inputs, 4);
    s->x = tensor(&s->cell, inputs, 5);
    s->y = tensor(&s->cell, hidden, 6);
    s->dnext = tensor(&s->cell, hidden + inputs, 7);
    s->dy = tensor(&s->cell, hidden, 8);
    s->dc = tensor(&s->cell, hidden, 9);
}

static void step_clear(struct step *s)
{
    float *all[] = {s->gates, s->before, s->c, s->next, s->x, s->y, s->dnext, s->dy, s->dc};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    nn_cell_clear(&s->cell);
}

static void run(struct step *s)
{
    nn_cell_forward(&s->cell, &(struct nn_cell_forward){.gates = s->gates,
                                                        .c_before = s->before,
                                                        .c = s->c,
                                                        .next = s->next,
                                                        .x_next = s->x,
                                                        .y = s->y,
                                                        .keep = true});
    nn_cell_backward(&s->cell, &(struct nn_cell_backward){.gates = s->gates,
                                                          .c = s->c,
                                                          .c_before = s->before,
                                                          .dnext = s->dnext,
                                                          .dy = s->dy,
                                                          .dc = s->dc});
}

static void same(const struct step *a, const float *ta, const struct step *b, const float *tb,
                 int channels, const char *name)
{
    size_t count = 2 * (size_t)a->cell.pixels * (size_t)channels;
    for (size_t i = 0; i < count; i++) {
        float u = value(&a->cell, ta, channels, i), v = value(&b->cell, tb, channels, i);
        cr_assert_float_eq(u, v, 1e-6, "%s, hidden %d, pixels %d", name, a->cell.hidden,
                           a->cell.pixels);
    }
}

Test(cell, both_layouts_give_the_same_step)
{
    static const int shapes[][3] = {{1, 1, 1},   {10, 1, 600}, {16, 3, 33}, {17, 5, 20},
                                    {33, 16, 7}, {5, 2, 1100}, {40, 1, 17}};
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        const int hidden = shapes[i][0], inputs = shapes[i][1];
        struct step a, b;
        step_init(&a, hidden, inputs, shapes[i][2], true);
        step_init(&b, hidden, inputs, shapes[i][2], false);
        run(&a), run(&b);
        same(&a, a.gates, &b, b.gates, 4 * hidden, "derivatives of the gates' sums");
        same(&a, a.c, &b, b.c, hidden, "c");
        same(&a, a.y, &b, b.y, hidden, "h");
        same(&a, a.next, &b, b.next, hidden + inputs, "[h, x]");
        same(&a, a.dc, &b, b.dc, hidden, "dc");
        nn_cell_split(&a.cell, a.dnext, a.x), nn_cell_split(&b.cell, b.dnext, b.x);
        same(&a, a.x, &b, b.x, inputs, "dx");
        step_clear(&a), step_clear(&b);
    }
}

Test(cell, the_fused_step_is_the_composed_one)
{
    struct step s;
    step_init(&s, 10, 1, 600, true);
    float *sums = tensor(&s.cell, 40, 1), *before = tensor(&s.cell, 10, 2);
    run(&s);
    for (size_t q = 0; q < 2 * 600; q++) {
        for (size_t k = 0; k < 10; k++) {
            const float *a = sums + q * 40 + k;
            double c = sigmoid(a[10]) * before[q * 10 + k] + sigmoid(a[0]) * tanh(a[30]);
            double h = sigmoid(a[20]) * tanh(c);
            cr_assert_float_eq(s.c[q * 10 + k], c, 1e-6);
            cr_assert_float_eq(s.y[q * 10 + k], h, 1e-6);
            cr_assert_float_eq(s.next[q * 11 + k], h, 1e-6);
        }
        cr_assert_eq(s.next[q * 11 + 10], s.x[q]);
    }
    free(sums), free(before);
    step_clear(&s);
}
