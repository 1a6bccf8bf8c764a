/* SPDX-License-Identifier: MIT */
#include "gradient.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* conv → conv → ConvLSTM → ConvLSTM (last): a stem over the steps and two stacked layers. */
static void build(struct rig *r)
{
    rig_init(r, 2);
    struct nn_conv_options stem = {
        .channels = 6, .kernel = 3, .stride = 2, .pad = -1, .bias = true};
    struct nn_convlstm_options every = {.hidden = 5, .kernel = 3, .bias = true};
    struct nn_convlstm_options last = {.hidden = 18, .kernel = 3, .bias = true, .last_only = true};
    rig_add(r, nn_conv_new(&r->store, "stem0", (struct nn_shape){3, 1, 13, 9}, &stem));
    rig_add(r, nn_conv_new(&r->store, "stem1", nn_chain_out(&r->chain), &stem));
    rig_add(r, nn_convlstm_new(&r->store, "lstm0", nn_chain_out(&r->chain), &every));
    rig_add(r, nn_convlstm_new(&r->store, "lstm1", nn_chain_out(&r->chain), &last));
    rig_build(r, 3);
}

struct probe {
    struct rig *r;
    const float *x, *dy;
    float *y;
};

static double weighted_sum(void *user)
{
    struct probe *p = user;
    rig_forward(p->r, p->x, p->y);
    return check_dot(p->y, p->dy, p->r->n_y);
}

Test(chain, shapes_pass_from_layer_to_layer)
{
    struct rig r;
    build(&r);
    struct nn_shape out = nn_chain_out(&r.chain);
    cr_assert(out.n == 1 && out.c == 18 && out.h == 4 && out.w == 3);
    cr_assert_eq(r.params.n_slices, 8);
    rig_clear(&r);
}

Test(chain, gradients_of_a_deep_chain_equal_central_differences)
{
    struct rig r;
    build(&r);
    rig_bind(&r, 2, true);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *y = rig_floats(r.n_y);
    float *dx = rig_floats(r.n_x);
    struct probe p = {&r, x, dy, y};
    rig_forward(&r, x, y);
    rig_backward(&r, dy, dx);
    struct check_function weights = {.loss = weighted_sum,
                                     .user = &p,
                                     .value = r.params.value,
                                     .gradient = r.params.gradient,
                                     .count = r.params.count,
                                     .step = 1e-2};
    struct check_function input = weights;
    input.value = x;
    input.gradient = dx;
    input.count = r.n_x;
    cr_expect_lt(check_differences(&weights, 60), 5e-3);
    cr_expect_lt(check_direction(&weights, 5), 5e-3);
    cr_expect_lt(check_differences(&input, 40), 5e-3);
    free(x), free(dy), free(y), free(dx);
    rig_clear(&r);
}

Test(chain, bindings_of_other_batches_share_the_parameters)
{
    struct rig r;
    build(&r);
    rig_bind(&r, 2, true);
    float *x = rig_random(r.n_x, 1), *y = rig_floats(r.n_y), *one = rig_floats(r.n_y);
    rig_forward(&r, x, y);
    struct nn_bound_chain small = {0};
    struct nn_bind_options o = {.batch = 1};
    cr_assert_eq(nn_chain_bind(&small, &r.chain, r.engine, &o), 0, "%s", leadseq_error());
    size_t image = r.n_x / 6, n_one = r.n_y / 2;
    for (size_t n = 0; n < 2; n++) {
        for (size_t t = 0; t < 3; t++)
            memcpy(small.input.data + t * image, x + (2 * t + n) * image, image * sizeof *x);
        cr_assert_eq(nn_chain_forward(&small), 0);
        cr_assert_eq(nn_tensor_get(r.engine, nn_chain_y(&small), one), 0);
        for (size_t i = 0; i < n_one; i++) /* another size may have another kernel */
            cr_assert_float_eq(one[i], y[n * n_one + i], 1e-5f);
    }
    r.params.value[0] += 1;
    cr_assert_eq(nn_chain_forward(&small), 0);
    cr_assert_eq(nn_tensor_get(r.engine, nn_chain_y(&small), y), 0);
    cr_assert_arr_neq(one, y, n_one * sizeof *y);
    nn_chain_unbind(&small);
    free(x), free(y), free(one);
    rig_clear(&r);
}

Test(chain, evaluation_keeps_nothing_for_backward)
{
    struct rig r;
    build(&r);
    rig_bind(&r, 2, true);
    for (int i = 0; i < r.chain.n_layers; i++) cr_assert_gt(nn_bound_kept(&r.bound.bound[i]), 0);
    rig_bind(&r, 2, false);
    for (int i = 0; i < r.chain.n_layers; i++) cr_assert_eq(nn_bound_kept(&r.bound.bound[i]), 0);
    rig_clear(&r);
}

Test(chain, the_first_layer_computes_no_gradient_of_its_input)
{
    struct rig r;
    build(&r);
    struct nn_bind_options o = {.batch = 1, .training = true};
    cr_assert_eq(nn_chain_bind(&r.bound, &r.chain, r.engine, &o), 0, "%s", leadseq_error());
    cr_assert_null(r.bound.bound[0].dx.md);
    cr_assert_not_null(r.bound.bound[1].dx.md);
    rig_clear(&r);
}

Test(chain, a_layer_that_failed_to_build_is_passed_on)
{
    struct nn_chain chain = {0};
    cr_assert_eq(nn_chain_add(&chain, NULL), -1);
    nn_chain_clear(&chain);
    nn_chain_clear(NULL);
}

/* A convolution writes its 17 features in blocks of 16 channels; the layers of features read them
 * in whatever layout they come. */
Test(chain, features_in_blocks_of_channels_reach_dropout_and_dense)
{
    struct rig r;
    rig_init(&r, 1);
    const struct nn_shape in = {1, 17, 1, 1};
    struct nn_conv_options conv = {.channels = 17, .kernel = 1, .bias = true};
    rig_add(&r, nn_conv_new(&r.store, "conv", in, &conv));
    rig_add(&r, nn_dropout_new(&r.store, "dropout", nn_chain_out(&r.chain), 0));
    rig_add(&r, nn_conv_new(&r.store, "again", nn_chain_out(&r.chain), &conv));
    rig_add(&r, nn_dense_new(&r.store, "dense", nn_chain_out(&r.chain),
                             &(struct nn_dense_options){.features = 2, .bias = true}));
    rig_build(&r, 3);
    rig_bind(&r, 2, true);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *y = rig_floats(r.n_y);
    float *dx = rig_floats(r.n_x), *evaluated = rig_floats(r.n_y);
    struct probe p = {&r, x, dy, y};
    rig_forward(&r, x, y);
    rig_backward(&r, dy, dx);
    struct check_function input = {
        .loss = weighted_sum, .user = &p, .value = x, .gradient = dx, .count = r.n_x, .step = 1e-2};
    cr_expect_lt(check_differences(&input, 40), 5e-3);
    rig_forward(&r, x, y);
    rig_bind(&r, 2, false);
    rig_forward(&r, x, evaluated);
    cr_expect_eq(memcmp(evaluated, y, r.n_y * sizeof *y), 0);
    free(x), free(dy), free(y), free(dx), free(evaluated);
    rig_clear(&r);
}
