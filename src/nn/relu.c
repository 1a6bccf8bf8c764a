/* SPDX-License-Identifier: MIT
 *
 * y = x where x > 0, else slope · x, in whatever layout x has: with slope 0 max(x, 0), else a leaky
 * ReLU. Backward needs y only. After batch norm the `relu` option of the norm does the same, with
 * slope 0, in the same pass over memory. */
#include "layers.h"

#include <stdlib.h>

struct relu {
    struct nn_layer layer;
    float slope;
};

struct relu_state {
    struct nn_plan forward, backward;
    struct nn_adapter dy;
    dnnl_primitive_desc_t pd; /* forward's, backward's hint */
};

static float slope_of(const struct nn_layer *layer)
{
    return ((const struct relu *)layer)->slope;
}

/* `use_dst`: the derivative is 1 where y > 0, as x is, so that x need not be kept. y is kept
 * anyway, as the next layer's x. */
static int relu_bind(struct nn_bound *b)
{
    struct relu_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || nn_tensor_describe_like(&b->y, b->engine, b->x)) return -1;
    dnnl_prop_kind_t kind = b->training ? dnnl_forward_training : dnnl_forward_inference;
    if (nn_check(dnnl_eltwise_forward_primitive_desc_create(
                     &s->pd, b->engine->handle, kind, dnnl_eltwise_relu_use_dst_for_bwd, b->x->md,
                     b->y.md, slope_of(b->layer), 0, NULL),
                 "%s: ReLU", b->layer->name) ||
        nn_plan_init(&s->forward, s->pd))
        return -1;
    nn_plan_argument(&s->forward, DNNL_ARG_SRC, b->x->memory);
    nn_plan_argument(&s->forward, DNNL_ARG_DST, b->y.memory);
    return 0;
}

static int relu_bind_backward(struct nn_bound *b)
{
    struct relu_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_like(&b->dx, b->engine, b->x) ||
        nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false))
        return -1;
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_eltwise_backward_primitive_desc_create(
                     &pd, b->engine->handle, dnnl_eltwise_relu_use_dst_for_bwd, b->dx.md, b->y.md,
                     b->y.md, slope_of(b->layer), 0, s->pd, NULL),
                 "%s: ReLU backward", b->layer->name))
        return -1;
    int status = nn_plan_init(&s->backward, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(&s->backward, DNNL_ARG_DST, b->y.memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_DST, s->dy.tensor->memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_SRC, b->dx.memory);
    return 0;
}

static int relu_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct relu_state *s = b->state;
    return nn_plan_run(b->engine, &s->forward);
}

static int relu_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct relu_state *s = b->state;
    if (!b->need_dx) return 0;
    return nn_adapter_run(&s->dy, b->engine) ? -1 : nn_plan_run(b->engine, &s->backward);
}

static void relu_unbind(struct nn_bound *b)
{
    struct relu_state *s = b->state;
    if (!s) return;
    nn_plan_clear(&s->forward);
    nn_plan_clear(&s->backward);
    nn_adapter_clear(&s->dy);
    if (s->pd) dnnl_primitive_desc_destroy(s->pd);
    free(s);
}

/* Keeps nothing beyond y, which has as many bytes per value as x. */
static void relu_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    (void)layer, (void)batch, (void)training;
    need->size = need->size_x;
}

/* --- Type ---------------------------------------------------------------------------------- */

static int relu_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_relu_options *o = options;
    (void)in, (void)out; /* any shape, and y has it too */
    if (!o || (o->slope >= 0 && o->slope < 1)) return 0;
    return leadseq_fail("slope: expected at least 0 and less than 1, found %g", (double)o->slope);
}

static int relu_init(struct nn_layer *layer, const void *options)
{
    const struct nn_relu_options *o = options;
    if (o) ((struct relu *)layer)->slope = o->slope;
    return 0;
}

static int relu_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    option[0] = (struct nn_option){"slope", (double)slope_of(layer)};
    return 1;
}

static int relu_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    struct nn_graph_op op = {.op = "Relu", .layer = layer->name, .n_inputs = 1};
    if (slope_of(layer) != 0) {
        op.op = "LeakyRelu";
        op.attribute[0] = (struct nn_graph_attribute)NN_GRAPH_FLOAT("alpha", slope_of(layer));
    }
    return nn_graph_each(g, x, &op);
}

static const struct nn_layer_sample samples[] = {
    {.in = {1, 1, 1, 1}, .batch = 1},
    {.in = {2, 17, 5, 3}, .batch = 2},
    {{1, 17, 1, 13}, 2, &(const struct nn_relu_options){.slope = 0.01f}},
    {.batch = 0},
};

const struct nn_layer_type nn_relu_type = {
    .name = "relu",
    .help = "y = max(x, 0), or slope x below 0",
    .size = sizeof(struct relu),
    .check = relu_check,
    .init = relu_init,
    .options = relu_options,
    .bind = relu_bind,
    .bind_backward = relu_bind_backward,
    .forward = relu_forward,
    .backward = relu_backward,
    .unbind = relu_unbind,
    .need = relu_need,
    .graph = relu_graph,
    .samples = samples,
    .bent = true,
    .reads_y = true,
};

struct nn_layer *nn_relu_new(const struct nn_store *store, const char *name, struct nn_shape in)
{
    return nn_layer_new(&nn_relu_type, store, name, in, NULL);
}

struct nn_layer *nn_leaky_relu_new(const struct nn_store *store, const char *name,
                                   struct nn_shape in, float slope)
{
    return nn_layer_new(&nn_relu_type, store, name, in, &(struct nn_relu_options){.slope = slope});
}
