/* SPDX-License-Identifier: MIT
 *
 * Sums of two chains beyond what every type of layer is tested for (test_layers.c): evaluation with
 * norms folded into convolutions, chains that write over their gradient, memory, moved input, bad
 * input. */
#include "checks.h"
#include "reference_layer.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONV(...)                                                                                  \
    &(const struct nn_conv_options)                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define NORM(...)                                                                                  \
    &(const struct nn_norm_options)                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define RESIDUAL(...)                                                                              \
    &(const struct nn_residual_options)                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static const struct nn_link block[] = {
    {&nn_conv_type, "conv1", CONV(.channels = 16, .kernel = 3, .pad = 1)},
    {&nn_norm_type, "bn1", NORM(.relu = true)},
    {&nn_conv_type, "conv2", CONV(.channels = 16, .kernel = 3, .pad = 1)},
    {&nn_norm_type, "bn2", NORM(.relu = false)},
    {0},
};
static const struct nn_link wide[] = {
    {&nn_conv_type, "wide", CONV(.channels = 20, .kernel = 3, .stride = 2, .pad = 1)},
    {&nn_norm_type, "wide_norm", NORM(.relu = false)},
    {0},
};
static const struct nn_link shortcut[] = {
    {&nn_conv_type, "down", CONV(.channels = 20, .kernel = 1, .stride = 2)},
    {&nn_norm_type, "down_norm", NORM(.relu = false)},
    {0},
};
static const struct nn_link cell[] = {
    {&nn_convlstm_type, "cell",
     &(const struct nn_convlstm_options){.hidden = 5, .kernel = 3, .bias = true}},
    {0},
};
static const struct nn_link other_cell[] = {
    {&nn_convlstm_type, "other", &(const struct nn_convlstm_options){.hidden = 5, .kernel = 1}},
    {0},
};

/* A network of `blocks` such layers; `sizes` its input. */
static void open_rig(struct rig *r, const struct nn_residual_options *const *blocks,
                     struct nn_shape in, const struct leadseq_engine_options *engine)
{
    rig_open(r, engine);
    for (int i = 0; blocks[i]; i++) {
        char name[16];
        snprintf(name, sizeof name, "block%d", i);
        struct nn_layer *layer = nn_residual_new(&r->store, name, in, blocks[i]);
        rig_add(r, layer);
        in = layer->out;
    }
    rig_build(r, 5);
    check_fill_uniform(r->params.value, r->params.count, 6);
    for (size_t i = 0; i < r->state.count; i++) r->state.value[i] = 0.5f + 0.01f * (float)(i % 7);
}

static const struct nn_residual_options *const strided[] = {
    RESIDUAL(.first = block, .relu = true),
    RESIDUAL(.first = wide, .second = shortcut, .relu = true), NULL};
static const struct nn_residual_options *const four[] = {
    RESIDUAL(.first = block, .relu = true), RESIDUAL(.first = block, .relu = true),
    RESIDUAL(.first = block, .relu = true), RESIDUAL(.first = block, .relu = true), NULL};
static const struct nn_residual_options *const cells[] = {
    RESIDUAL(.first = cell, .second = other_cell), RESIDUAL(.first = cell), NULL};

/* What a training pass gives. */
struct result {
    float *y, *dx, *gradient;
    size_t n_y, n_x, n_params;
};

static struct result train(const struct nn_residual_options *const *blocks, struct nn_shape in,
                           const struct leadseq_engine_options *engine)
{
    struct rig r;
    open_rig(&r, blocks, in, engine);
    rig_bind(&r, 3, true);
    struct result a = {.n_y = r.n_y, .n_x = r.n_x, .n_params = r.params.count};
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    a.y = rig_floats(a.n_y), a.dx = rig_floats(a.n_x), a.gradient = rig_floats(a.n_params);
    rig_forward(&r, x, a.y);
    rig_backward(&r, dy, a.dx);
    memcpy(a.gradient, r.params.gradient, a.n_params * sizeof *a.gradient);
    free(x), free(dy);
    rig_clear(&r);
    return a;
}

/* oneDNN sums the gradients of some convolutions' weights thread by thread. */
static void expect_same_bits(struct result a, struct result b, bool gradients)
{
    cr_expect_eq(memcmp(a.y, b.y, a.n_y * sizeof *a.y), 0, "y");
    cr_expect_eq(memcmp(a.dx, b.dx, a.n_x * sizeof *a.dx), 0, "dx");
    cr_expect(!gradients || !memcmp(a.gradient, b.gradient, a.n_params * sizeof *a.gradient),
              "gradients");
    free(a.y), free(a.dx), free(a.gradient);
    free(b.y), free(b.dx), free(b.gradient);
}

Test(residual, results_do_not_depend_on_the_number_of_threads)
{
    const struct nn_shape in = {1, 16, 9, 12};
    expect_same_bits(train(strided, in, &(struct leadseq_engine_options){.threads = 1}),
                     train(strided, in, &(struct leadseq_engine_options){.threads = 2}), false);
}

/* With little memory a ConvLSTM uses the memory of its dy again: the other chain must not see it.
 */
Test(residual, a_chain_that_writes_over_its_gradient_leaves_the_other_chains_alone)
{
    const struct nn_shape in = {4, 5, 6, 5};
    expect_same_bits(
        train(cells, in, &(struct leadseq_engine_options){.threads = 2}),
        train(cells, in,
              &(struct leadseq_engine_options){.threads = 2, .memory = LEADSEQ_MEMORY_LOW}),
        true);
}

/* The largest difference from double precision with the running statistics, over the largest value.
 */
static double error_of_evaluation(struct rig *r)
{
    const struct nn_shape in = r->chain.layer[0]->in;
    float *x = rig_random(r->n_x, 1), *y = rig_floats(r->n_y);
    rig_forward(r, x, y);
    struct ref_net net = {
        .params = &r->params, .state = &r->state, .images = in.n, .c = in.c, .h = in.h, .w = in.w};
    cr_assert(ref_net_add_chain(&net, &r->chain));
    double *wide_x = ref_zeros(r->n_x), *wide_p = ref_zeros(r->params.count);
    double *wide_s = ref_zeros(r->state.count), *wide_y = ref_zeros(r->n_y);
    for (size_t i = 0; i < r->n_x; i++) wide_x[i] = (double)x[i];
    for (size_t i = 0; i < r->params.count; i++) wide_p[i] = (double)r->params.value[i];
    for (size_t i = 0; i < r->state.count; i++) wide_s[i] = (double)r->state.value[i];
    ref_net_run(&net, &(struct ref_net_pass){
                          .batch = 3, .x = wide_x, .params = wide_p, .state = wide_s, .y = wide_y});
    double most = 0, scale = 0;
    for (size_t i = 0; i < r->n_y; i++) {
        most = fmax(most, fabs(wide_y[i] - (double)y[i]));
        scale = fmax(scale, fabs(wide_y[i]));
    }
    free(x), free(y), free(wide_x), free(wide_p), free(wide_s), free(wide_y);
    return most / scale;
}

static const struct nn_link nested[] = {
    {&nn_residual_type, "inner", RESIDUAL(.first = block, .relu = true)},
    {&nn_residual_type, "inner2", RESIDUAL(.second = block)},
    {0},
};
static const struct nn_residual_options *const deep[] = {RESIDUAL(.first = block, .relu = true),
                                                         RESIDUAL(.first = nested, .relu = true),
                                                         RESIDUAL(.second = nested), NULL};

/* Norms are folded into convolutions, which add to y: to x itself where nobody else reads that, as
 * the sum around the nested blocks does. */
Test(residual, evaluation_equals_double_precision)
{
    const struct nn_residual_options *const *const networks[] = {strided, four, deep};
    for (size_t i = 0; i < LEADSEQ_COUNT(networks); i++) {
        struct rig r;
        open_rig(&r, networks[i], (struct nn_shape){1, 16, 9, 12},
                 &(struct leadseq_engine_options){.threads = 2});
        rig_bind(&r, 3, false);
        const double error = error_of_evaluation(&r);
        cr_expect_lt(error, 1e-5, "network %zu: %g", i, error);
        rig_clear(&r);
    }
}

/* What is folded is folded again where a weight, a bias or a statistic has changed. */
Test(residual, evaluation_sees_every_change_of_weights_and_statistics)
{
    struct rig r;
    open_rig(&r, four, (struct nn_shape){1, 16, 9, 12},
             &(struct leadseq_engine_options){.threads = 1});
    rig_bind(&r, 3, false);
    (void)error_of_evaluation(&r);
    for (size_t i = 0; i < r.params.n_slices; i++) {
        const struct leadseq_slice *slice = &r.params.slice[i];
        r.params.value[slice->offset + slice->count / 2] += 1;
        const double error = error_of_evaluation(&r);
        cr_expect_lt(error, 1e-5, "%s: %g", slice->name, error);
    }
    for (size_t i = 0; i < r.state.n_slices; i++) {
        r.state.value[r.state.slice[i].offset] += 1;
        const double error = error_of_evaluation(&r);
        cr_expect_lt(error, 1e-5, "%s: %g", r.state.slice[i].name, error);
    }
    rig_clear(&r);
}

/* A block of two convolutions and norms keeps their four outputs, of which the last is the sum; and
 * blocks take turns in memory for gradients. */
Test(residual, a_sum_keeps_nothing_and_blocks_share_their_scratch)
{
    struct rig r;
    const struct nn_places none = {0};
    size_t scratch[2];
    for (int i = 0; i < 2; i++) {
        open_rig(&r, four + 2 * !i, (struct nn_shape){1, 16, 32, 32}, /* two or four blocks */
                 &(struct leadseq_engine_options){.threads = 1});
        rig_bind(&r, 2, true);
        scratch[i] = nn_chain_scratch(&r.bound, &none);
        const size_t each = r.n_y * sizeof(float);
        const size_t kept = nn_bound_kept(&r.bound.bound[i ? 3 : 1]);
        cr_expect_eq(kept, 4 * each, "%zu of %zu", kept, each);
        rig_clear(&r);
    }
    cr_expect_eq(scratch[0], scratch[1]);
}

static const struct nn_link row[] = {{&nn_flatten_type, "row", NULL}, {0}};
static const struct nn_link dense[] = {
    {&nn_flatten_type, "flat", NULL},
    {&nn_dense_type, "dense", &(const struct nn_dense_options){.features = 12}},
    {0},
};
static const struct nn_residual_options *const sum[] = {RESIDUAL(.first = row, .second = dense),
                                                        NULL};

/* The chain's first layer is a view of x, which moves. */
Test(residual, views_follow_an_input_that_is_lent)
{
    struct rig r;
    open_rig(&r, sum, (struct nn_shape){1, 3, 2, 2},
             &(struct leadseq_engine_options){.threads = 1});
    cr_assert_eq(
        nn_chain_bind(&r.bound, &r.chain, r.engine,
                      &(struct nn_bind_options){.batch = 2, .training = true, .lent = true}),
        0, "%s", leadseq_error());
    float *x[2] = {rig_random(24, 1), rig_random(24, 2)}, y[2][24];
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(nn_chain_lend(&r.bound, x[i]), 0);
        cr_assert_eq(nn_chain_forward(&r.bound), 0, "%s", leadseq_error());
        cr_assert_eq(nn_tensor_get(r.engine, nn_chain_y(&r.bound), y[i]), 0);
    }
    const float *w = rig_value(&r, "block0.dense.weight");
    for (int i = 0; i < 24; i++) {
        double sum_of = (double)x[1][i];
        for (int k = 0; k < 12; k++)
            sum_of += (double)w[i % 12 * 12 + k] * (double)x[1][i / 12 * 12 + k];
        cr_expect_float_eq((double)y[1][i], sum_of, 1e-5);
    }
    free(x[0]), free(x[1]);
    rig_clear(&r);
}

static void expect_refused(struct nn_shape in, const struct nn_residual_options *o,
                           const char *says)
{
    struct leadseq_params params = {0}, state = {0};
    struct nn_store store = {&params, &state};
    cr_expect_null(nn_residual_new(&store, "odd", in, o));
    cr_expect(strstr(leadseq_error(), says), "%s", leadseq_error());
    leadseq_error_clear();
}

Test(residual, chains_that_cannot_be_added_are_refused)
{
    const struct nn_shape in = {1, 16, 5, 4};
    expect_refused(in, RESIDUAL(.relu = true), "expected a layer in one of its two chains");
    expect_refused(in, RESIDUAL(.first = wide), "found 1 x 20 x 3 x 2 and 1 x 16 x 5 x 4");
    expect_refused((struct nn_shape){1, 16, 0, 4}, RESIDUAL(.first = wide), "layer odd");
}
