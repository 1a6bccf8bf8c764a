/* SPDX-License-Identifier: MIT */
#include "optim/optim.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "optim_options.h"

/* A block of `n` weights that decay and then `n` biases that do not. */
struct block {
    struct leadseq_params params;
    struct leadseq_slice slice[2];
};

static void block_init(struct block *b, size_t n)
{
    size_t step = (n + 15) / 16 * 16;
    b->slice[0] = (struct leadseq_slice){.name = "weight", .count = n, .decays = true};
    b->slice[1] = (struct leadseq_slice){.name = "bias", .offset = step, .count = n};
    b->params = (struct leadseq_params){.count = 2 * step, .slice = b->slice, .n_slices = 2};
    b->params.value = calloc(2 * step, sizeof(float));
    b->params.gradient = calloc(2 * step, sizeof(float));
    cr_assert(b->params.value && b->params.gradient);
}

static void block_clear(struct block *b)
{
    free(b->params.value);
    free(b->params.gradient);
}

static struct leadseq_optim options(const char *name, double decay)
{
    struct leadseq_optim how = optim_of(name, "constant");
    how.lr = .001;
    how.weight_decay = decay;
    return how;
}

/* Gradients that differ from step to step and value to value. */
static double gradient_of(size_t k, int t)
{
    return sin((double)k + 0.5 * t) * (double)(1 + k);
}

static void fill_gradient(struct leadseq_params *params, int t)
{
    for (size_t i = 0; i < params->n_slices; i++)
        for (size_t k = 0; k < params->slice[i].count; k++)
            params->gradient[params->slice[i].offset + k] = (float)gradient_of(k, t);
}

static const float start[4] = {1, -2, 0.5f, 3};

struct torch_case {
    const char *kind;
    double decay, momentum; /* Adam's beta1 */
    const char *betas, *epsilon;
    float after_20_steps[4]; /* torch.optim of torch 1.13, lr .01 */
};

static const struct torch_case torch_cases[] = {
    {"sgd", 0, 0, NULL, NULL, {0.961267948f, -2.03940129f, 0.552330375f, 3.15420032f}},
    {"sgd", .1, .9, NULL, NULL, {0.690816998f, -2.0969727f, 0.479865968f, 3.36665964f}},
    {"adam", 0, .9, "[0.9, 0.999]", "1e-8", {0.933389544f, -2.0618329f, 0.484047681f, 3.05180955f}},
    {"adam", .1, .8, "[0.8, 0.99]", "1e-8", {0.911039352f, -2.0330224f, 0.484928071f, 3.02924943f}},
    {"adamw",
     .1,
     .9,
     "[0.9, 0.999]",
     "1e-8",
     {0.914442718f, -2.02132511f, 0.474493414f, 2.99177647f}},
    {"adamw",
     .1,
     .9,
     "[0.9, 0.999]",
     "1e-3",
     {0.914551437f, -2.02128816f, 0.474500149f, 2.99176764f}},
};

Test(optimizer, twenty_steps_end_where_torch_ends)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(torch_cases); i++) {
        const struct torch_case *c = &torch_cases[i];
        struct leadseq_optim e = options(c->kind, c->decay);
        if (c->betas) optim_set(&e, "train.betas", c->betas);
        if (c->epsilon) optim_set(&e, "train.epsilon", c->epsilon);
        struct block b;
        struct leadseq_optimizer o;
        block_init(&b, 4);
        memcpy(b.params.value, start, sizeof start);
        cr_assert_eq(leadseq_optimizer_init(&o, &e, b.params.count), 0);
        for (int t = 0; t < 20; t++) {
            fill_gradient(&b.params, t);
            leadseq_optimizer_step(&o, &b.params, .01, c->momentum);
        }
        for (int k = 0; k < 4; k++)
            cr_assert_float_eq(b.params.value[k], c->after_20_steps[k], 2e-6, "case %zu [%d]: %.9g",
                               i, k, b.params.value[k]);
        leadseq_optimizer_clear(&o);
        block_clear(&b);
    }
}

/* The formulas of the papers in double. */
static double adam_in_double(double p, size_t k, int steps, double decay, bool decoupled)
{
    double m = 0, v = 0;
    for (int t = 1; t <= steps; t++) {
        double g = gradient_of(k, t - 1);
        if (decoupled)
            p *= 1 - .01 * decay;
        else
            g += decay * p;
        m = .9 * m + .1 * g;
        v = .999 * v + .001 * g * g;
        p -= .01 * (m / (1 - pow(.9, t))) / (sqrt(v / (1 - pow(.999, t))) + 1e-8);
    }
    return p;
}

Test(optimizer, decay_reaches_weights_and_not_biases)
{
    for (int decoupled = 0; decoupled < 2; decoupled++) {
        struct leadseq_optim e = options(decoupled ? "adamw" : "adam", .5);
        struct block b;
        struct leadseq_optimizer o;
        block_init(&b, 4);
        for (size_t i = 0; i < 2; i++)
            memcpy(b.params.value + b.slice[i].offset, start, sizeof start);
        cr_assert_eq(leadseq_optimizer_init(&o, &e, b.params.count), 0);
        for (int t = 0; t < 50; t++) {
            fill_gradient(&b.params, t);
            leadseq_optimizer_step(&o, &b.params, .01, .9);
        }
        for (size_t k = 0; k < 4; k++) {
            double weight = adam_in_double(start[k], k, 50, .5, decoupled);
            double bias = adam_in_double(start[k], k, 50, 0, decoupled);
            cr_assert_float_eq(b.params.value[k], weight, 1e-5);
            cr_assert_float_eq(b.params.value[b.slice[1].offset + k], bias, 1e-5);
            cr_assert(fabs(weight - bias) > 1e-3);
        }
        leadseq_optimizer_clear(&o);
        block_clear(&b);
    }
}

/* Of two groups the first, "weight", has a tenth of the rate; frozen it does not move unless it is
 * a norm's; a share of 0 moves nothing. What does not move keeps its moments. */
Test(optimizer, groups_have_rates_of_their_own_and_may_be_frozen)
{
    static const struct {
        double share;
        bool frozen, norm;
        float moved;
    } row[] = {{0.1, false, false, 1e-4f},
               {1, false, false, 1e-3f},
               {1, true, false, 0},
               {1, true, true, 1e-3f},
               {0, false, false, 0}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct leadseq_optim e = options("adamw", 0);
        struct block b;
        struct leadseq_optimizer o;
        float delta[4];
        block_init(&b, 4);
        b.slice[0].norm = row[i].norm, b.slice[1].group = 1;
        cr_assert_eq(leadseq_optimizer_init(&o, &e, b.params.count), 0);
        o.share[0] = row[i].share, o.frozen = row[i].frozen, o.last = 1;
        for (int k = 0; k < 4; k++) b.params.gradient[k] = b.params.gradient[16 + k] = 3;
        cr_assert_eq(leadseq_optimizer_preview(&o, &b.params, 0, 1e-3, .9, delta), 0);
        leadseq_optimizer_step(&o, &b.params, 1e-3, .9);
        cr_expect_float_eq(b.params.value[0], -row[i].moved, 1e-9, "row %zu", i);
        cr_expect_float_eq(delta[0], -row[i].moved, 1e-9, "row %zu", i);
        cr_expect_float_eq(b.params.value[16], -1e-3, 1e-9);
        cr_expect_eq(o.moment[0][0] != 0, row[i].moved > 0);
        leadseq_optimizer_mask(&o, &b.params);
        cr_expect_eq(b.params.gradient[0] != 0, row[i].moved > 0);
        cr_expect_eq(b.params.gradient[16], 3);
        leadseq_optimizer_restart(&o);
        cr_expect(o.step == 0 && o.moment[0][16] == 0 && o.moment[1][16] == 0);
        leadseq_optimizer_clear(&o);
        block_clear(&b);
    }
}

/* Adam's first step is lr in size whatever the gradient's: what kills the paper's RNN. */
Test(optimizer, the_first_step_of_adam_is_the_rate_times_the_sign)
{
    struct leadseq_optim e = options("adam", 0);
    struct block b;
    struct leadseq_optimizer o;
    block_init(&b, 4);
    cr_assert_eq(leadseq_optimizer_init(&o, &e, b.params.count), 0);
    memcpy(b.params.gradient, (float[]){1e-3f, -5, 1e4f, 0}, 4 * sizeof(float));
    leadseq_optimizer_step(&o, &b.params, 1e-3, .9);
    cr_assert_float_eq(b.params.value[0], -1e-3, 1e-7);
    cr_assert_float_eq(b.params.value[1], 1e-3, 1e-7);
    cr_assert_float_eq(b.params.value[2], -1e-3, 1e-7);
    cr_assert_eq(b.params.value[3], 0);
    leadseq_optimizer_clear(&o);
    block_clear(&b);
}

/* Norm and weights after three clipped steps on `n` values with the given number of threads. */
static double train_with(int threads, size_t n, float *weights)
{
    struct leadseq_optim e = options("adamw", .01);
    struct block b;
    struct leadseq_optimizer o;
    double norm = 0;
    omp_set_num_threads(threads);
    block_init(&b, n);
    cr_assert_eq(leadseq_optimizer_init(&o, &e, b.params.count), 0);
    for (int t = 0; t < 3; t++) {
        fill_gradient(&b.params, t);
        norm = leadseq_gradient_norm(&b.params, NULL);
        leadseq_gradient_clip(&b.params, norm, 1);
        leadseq_optimizer_step(&o, &b.params, 1e-3, .9);
    }
    memcpy(weights, b.params.value, n * sizeof *weights);
    leadseq_optimizer_clear(&o);
    block_clear(&b);
    return norm;
}

Test(optimizer, any_number_of_threads_gives_the_same_bits)
{
    enum { N = 300001 }; // several pieces, the last not full
    float *one = malloc(N * sizeof *one), *three = malloc(N * sizeof *three);
    double norm1 = train_with(1, N, one), norm3 = train_with(3, N, three);
    cr_assert_eq(norm1, norm3);
    cr_assert(!memcmp(one, three, N * sizeof *one));
    cr_assert(one[N - 1] != 0);
    free(one);
    free(three);
}

Test(optimizer, the_norm_is_clipped_as_torch_does_and_only_where_it_is_larger)
{
    struct block b;
    block_init(&b, 4);
    memcpy(b.params.gradient, (float[]){3, 4}, 2 * sizeof(float));
    size_t zeros;
    double norm = leadseq_gradient_norm(&b.params, &zeros);
    cr_assert_eq(norm, 5);
    cr_assert_eq(zeros, 6); // gaps between slices are not counted
    leadseq_gradient_clip(&b.params, norm, 5.1);
    cr_assert_eq(b.params.gradient[0], 3);
    leadseq_gradient_clip(&b.params, norm, 1);
    cr_assert_eq(b.params.gradient[0], 0.5999999046325684f); // torch's bits
    cr_assert_eq(b.params.gradient[1], 0.7999998331069946f);
    block_clear(&b);
}

Test(optimizer, the_norm_of_many_values_is_exact_to_double_rounding)
{
    enum { N = 200000 };
    struct block b;
    double squares = 0;
    block_init(&b, N);
    for (size_t k = 0; k < N; k++) {
        b.params.gradient[k] = (float)sin((double)k);
        squares += (double)b.params.gradient[k] * (double)b.params.gradient[k];
    }
    cr_assert_float_eq(leadseq_gradient_norm(&b.params, NULL), sqrt(squares), 1e-10);
    block_clear(&b);
}
