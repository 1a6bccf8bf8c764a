/* SPDX-License-Identifier: MIT
 *
 * Layers on the test bench; see bench.h. */
#include "bench.h"

#include "gradient.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void bench_open(struct bench *r)
{
    *r = (struct bench){0};
    r->engine = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 2});
    cr_assert(r->engine, "%s", leadseq_error());
    r->store = (struct nn_store){.params = &r->params, .state = &r->state};
}

void bench_add(struct bench *r, struct nn_layer *layer)
{
    cr_assert(layer, "%s", leadseq_error());
    cr_assert_eq(nn_chain_add(&r->chain, layer), 0, "%s", leadseq_error());
}

static void place(struct bench *r, struct nn_tensor *t, struct nn_shape s, dnnl_format_tag_t tag,
                  enum nn_values values)
{
    dnnl_data_type_t type = values == NN_BF16 ? dnnl_bf16 : dnnl_f32;
    nn_md md = NULL;
    dnnl_dims_t dims = {s.n, s.c, s.h, s.w};
    cr_assert_eq(dnnl_memory_desc_create_with_tag(&md, 4, dims, type, tag ? tag : dnnl_nchw),
                 dnnl_success);
    cr_assert_eq(nn_tensor_init(t, r->engine, s, md), 0, "%s", leadseq_error());
    dnnl_memory_desc_destroy(md);
    t->values = values;
}

static float *fresh(size_t n)
{
    float *x = calloc(n, sizeof *x);
    cr_assert(x);
    return x;
}

static void make_arrays(struct bench *r)
{
    r->in = fresh(r->n_in);
    r->din = fresh(r->n_in);
    r->out = fresh(r->n_out);
    r->dout = fresh(r->n_out);
    r->probe = fresh(r->n_out);
    check_fill_uniform(r->in, r->n_in, 1);
    check_fill_uniform(r->probe, r->n_out, 2);
    memcpy(r->dout, r->probe, r->n_out * sizeof *r->dout);
}

static void drop_binding(struct bench *r)
{
    float *arrays[] = {r->in, r->out, r->dout, r->din, r->probe};
    for (size_t i = 0; i < LEADSEQ_COUNT(arrays); i++) free(arrays[i]);
    nn_chain_unbind(&r->bound);
    nn_tensor_clear(&r->x);
    nn_tensor_clear(&r->dy);
}

void bench_bind(struct bench *r, const struct bench_bind *o)
{
    drop_binding(r);
    if (!r->params.value) {
        cr_assert_eq(nn_params_allocate(&r->params, true), 0);
        cr_assert_eq(nn_params_allocate(&r->state, false), 0);
        nn_params_initialise(&r->params, 7);
        nn_params_initialise(&r->state, 7);
        nn_chain_initialise(&r->chain);
    }
    struct nn_shape in = r->chain.layer[0]->in, out = nn_chain_out(&r->chain);
    in.n *= o->batch, out.n *= o->batch;
    r->n_in = nn_shape_count(in), r->n_out = nn_shape_count(out);
    place(r, &r->x, in, o->tag, o->values);
    place(r, &r->dy, out, out.h * out.w > 1 ? o->tag : 0, o->values);
    struct nn_bind_options options = {
        .batch = o->batch, .training = !o->evaluate, .need_dx = true, .x = &r->x, .dy = &r->dy};
    cr_assert_eq(nn_chain_bind(&r->bound, &r->chain, r->engine, &options), 0, "%s",
                 leadseq_error());
    make_arrays(r);
}

void bench_close(struct bench *r)
{
    drop_binding(r);
    nn_chain_clear(&r->chain);
    nn_params_clear(&r->params);
    nn_params_clear(&r->state);
    leadseq_engine_close(r->engine);
}

void bench_forward(struct bench *r)
{
    cr_assert_eq(nn_tensor_set(r->engine, &r->x, r->in), 0);
    nn_tensor_round(&r->x);
    cr_assert_eq(nn_chain_forward(&r->bound), 0, "%s", leadseq_error());
    cr_assert_eq(nn_tensor_get(r->engine, nn_chain_y(&r->bound), r->out), 0);
}

void bench_backward(struct bench *r)
{
    memset(r->params.gradient, 0, r->params.count * sizeof *r->params.gradient);
    cr_assert_eq(nn_tensor_set(r->engine, &r->dy, r->dout), 0);
    nn_tensor_round(&r->dy);
    cr_assert_eq(nn_chain_backward(&r->bound), 0, "%s", leadseq_error());
    cr_assert_eq(nn_tensor_get(r->engine, nn_chain_dx(&r->bound), r->din), 0);
}

double bench_loss(void *bench)
{
    struct bench *r = bench;
    bench_forward(r);
    return check_dot(r->probe, r->out, r->n_out);
}

double bench_differences(struct bench *r, double step)
{
    memcpy(r->dout, r->probe, r->n_out * sizeof *r->dout);
    bench_forward(r);
    bench_backward(r);
    struct check_function by_x = {bench_loss, r, r->in, r->din, r->n_in, step};
    double worst = check_differences(&by_x, 200);
    struct check_function by_params = {bench_loss,      r,   r->params.value, r->params.gradient,
                                       r->params.count, step};
    return r->params.count ? fmax(worst, check_differences(&by_params, 200)) : worst;
}
