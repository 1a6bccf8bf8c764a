/* SPDX-License-Identifier: MIT */
#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static int declare(struct leadseq_params *p, const char *layer, int rows, int columns, float spread)
{
    return nn_params_declare(p, &(struct nn_slice_options){.layer = layer,
                                                           .name = "weight",
                                                           .dims = {rows, columns},
                                                           .n_dims = 2,
                                                           .spread = spread,
                                                           .decays = true});
}

Test(params, bad_slices_are_refused)
{
    struct leadseq_params p = {0};
    cr_assert_eq(declare(&p, "a", 2, 3, 1), 0);
    cr_assert_eq(declare(&p, "a", 2, 3, 1), -1);
    cr_assert(strstr(leadseq_error(), "declared twice"), "%s", leadseq_error());
    cr_assert_eq(declare(&p, "b", 0, 3, 1), -1);
    cr_assert_eq(declare(&p, "b", -2, 3, 1), -1);
    cr_assert(strstr(leadseq_error(), "out of range"), "%s", leadseq_error());
    char name[80];
    memset(name, 'x', sizeof name - 1);
    name[79] = 0;
    cr_assert_eq(declare(&p, name, 2, 3, 1), -1);
    cr_assert(strstr(leadseq_error(), "longer"), "%s", leadseq_error());
    cr_assert_eq(p.n_slices, 1);
    nn_params_clear(&p);
}

Test(params, slices_are_aligned_and_gaps_are_zero)
{
    struct leadseq_params p = {0};
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "l%d", i);
        cr_assert_eq(declare(&p, name, i + 1, 5, 1), i);
    }
    cr_assert_eq(nn_params_allocate(&p, true), 0);
    nn_params_initialise(&p, 1);
    cr_assert_eq(p.count, 48);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq((uintptr_t)nn_params_value(&p, i) % 64, 0);
        cr_assert_eq(nn_params_gradient(&p, i) - p.gradient, 16 * i);
        for (size_t j = p.slice[i].count; j < 16; j++) cr_assert_eq(nn_params_value(&p, i)[j], 0);
    }
    nn_params_clear(&p);
}

Test(params, initial_values_are_uniform_within_the_spread)
{
    struct leadseq_params p = {0};
    float spread = nn_default_spread(11 * 9);
    cr_assert_float_eq(spread, 1 / sqrt(99), 1e-7);
    cr_assert_eq(declare(&p, "l", 100, 100, spread), 0);
    cr_assert_eq(nn_params_allocate(&p, false), 0);
    nn_params_initialise(&p, 3);
    double sum = 0, squares = 0, most = 0;
    for (int i = 0; i < 10000; i++) {
        double v = p.value[i] / spread;
        sum += v, squares += v * v, most = fmax(most, fabs(v));
    }
    cr_assert_leq(most, 1);
    cr_assert_gt(most, 0.999);
    cr_assert_float_eq(sum / 10000, 0, 0.03);
    cr_assert_float_eq(squares / 10000, 1.0 / 3, 0.02);
    nn_params_clear(&p);
}

Test(params, a_slice_depends_on_seed_and_name_and_not_on_its_neighbours)
{
    struct leadseq_params p[3] = {{0}, {0}, {0}};
    for (int i = 0; i < 3; i++) {
        if (i == 1) cr_assert_eq(declare(&p[i], "before", 7, 7, 1), 0);
        cr_assert_eq(declare(&p[i], "l", 4, 8, 1), i == 1);
        cr_assert_eq(declare(&p[i], "m", 4, 8, 1), i == 1 ? 2 : 1);
        cr_assert_eq(nn_params_allocate(&p[i], false), 0);
        nn_params_initialise(&p[i], i == 2 ? 2 : 1);
    }
    const float *l = nn_params_value(&p[0], 0);
    cr_assert_arr_eq(l, nn_params_value(&p[1], 1), 32 * sizeof *l);
    cr_assert_arr_neq(l, nn_params_value(&p[2], 0), 32 * sizeof *l);
    cr_assert_arr_neq(l, nn_params_value(&p[0], 1), 32 * sizeof *l);
    for (int i = 0; i < 3; i++) nn_params_clear(&p[i]);
}

Test(params, a_constant_slice_is_its_centre)
{
    struct leadseq_params p = {0};
    struct nn_slice_options o = {
        .layer = "norm", .name = "scale", .dims = {9}, .n_dims = 1, .centre = 1};
    cr_assert_eq(nn_params_declare(&p, &o), 0);
    cr_assert_eq(nn_params_allocate(&p, false), 0);
    nn_params_initialise(&p, 1);
    for (int i = 0; i < 9; i++) cr_assert_eq(p.value[i], 1.0f);
    nn_params_clear(&p);
}
