/* SPDX-License-Identifier: MIT */
#include "rig.h"
#include "crowd.h"
#include "gradient.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void must(int status)
{
    cr_assert_eq(status, 0, "%s", leadseq_error());
}

void rig_init(struct rig *r, int threads)
{
    rig_open(r, &(struct leadseq_engine_options){.threads = threads});
}

void rig_open(struct rig *r, const struct leadseq_engine_options *options)
{
    *r = (struct rig){0};
    r->engine = open_crowded(options);
    cr_assert(r->engine, "%s", leadseq_error());
    r->store = (struct nn_store){&r->params, &r->state};
}

void rig_add(struct rig *r, struct nn_layer *layer)
{
    must(nn_chain_add(&r->chain, layer));
}

void rig_build(struct rig *r, uint64_t seed)
{
    must(nn_params_allocate(&r->params, true));
    must(nn_params_allocate(&r->state, false));
    nn_params_initialise(&r->params, seed);
    nn_params_initialise(&r->state, seed);
    nn_chain_initialise(&r->chain);
}

void rig_bind(struct rig *r, int batch, bool training)
{
    nn_chain_unbind(&r->bound);
    must(nn_chain_bind(&r->bound, &r->chain, r->engine,
                       &(struct nn_bind_options){.batch = batch,
                                                 .training = training,
                                                 .need_dx = training && !r->without_dx}));
    r->n_x = nn_shape_count(r->bound.input.shape);
    r->n_y = nn_shape_count(nn_chain_y(&r->bound)->shape);
}

void rig_clear(struct rig *r)
{
    nn_chain_unbind(&r->bound);
    nn_chain_clear(&r->chain);
    nn_params_clear(&r->params);
    nn_params_clear(&r->state);
    leadseq_engine_close(r->engine);
}

void rig_forward(struct rig *r, const float *x, float *y)
{
    memcpy(r->bound.input.data, x, r->n_x * sizeof *x);
    must(nn_chain_forward(&r->bound));
    if (y) must(nn_tensor_get(r->engine, nn_chain_y(&r->bound), y));
}

void rig_backward(struct rig *r, const float *dy, float *dx)
{
    memset(r->params.gradient, 0, r->params.count * sizeof *r->params.gradient);
    memcpy(r->bound.dy.data, dy, r->n_y * sizeof *dy);
    must(nn_chain_backward(&r->bound));
    if (dx) must(nn_tensor_get(r->engine, nn_chain_dx(&r->bound), dx));
}

static size_t offset_of(const struct leadseq_params *p, const char *slice)
{
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, slice)) return p->slice[i].offset;
    cr_assert_fail("no slice %s", slice);
    return 0;
}

float *rig_value(struct rig *r, const char *slice)
{
    return r->params.value + offset_of(&r->params, slice);
}

float *rig_gradient(struct rig *r, const char *slice)
{
    return r->params.gradient + offset_of(&r->params, slice);
}

float *rig_floats(size_t n)
{
    float *x = calloc(n ? n : 1, sizeof *x);
    cr_assert(x);
    return x;
}

float *rig_random(size_t n, uint64_t seed)
{
    float *x = rig_floats(n);
    check_fill_uniform(x, n, seed);
    return x;
}
