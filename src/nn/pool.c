/* SPDX-License-Identifier: MIT
 *
 * The maximum over windows, in x's layout. Rows and columns that fill no whole
 * window are left out, what is around the image is less than any value; of equal values the first
 * in row order gets the gradient. */
#include "layers.h"

#include <stdlib.h>

struct pool {
    struct nn_layer head;
    int kernel, stride, pad;
};

struct pool_state {
    struct nn_plan forward, backward;
    struct nn_adapter dy;
    struct nn_workspace place; /* of each maximum */
    dnnl_primitive_desc_t pd;  /* forward's, backward's hint */
};

/* oneDNN chooses the layout of y, which is x's wherever it has a kernel for that. Training needs
 * the other kind of primitive, as only that one notes where each maximum was. */
static int make_forward_pd(struct nn_bound *b)
{
    const struct pool *l = (const struct pool *)b->layer;
    struct pool_state *s = b->state;
    struct nn_shape out = nn_bound_shape(b, l->head.out);
    dnnl_dims_t kernel = {l->kernel, l->kernel}, stride = {l->stride, l->stride}, none = {0, 0},
                pad = {l->pad, l->pad};
    nn_md any = NULL;
    dnnl_status_t status = nn_layout_tag(&any, out, b->x->values, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_pooling_forward_primitive_desc_create(
            &s->pd, b->engine->handle, b->training ? dnnl_forward_training : dnnl_forward_inference,
            dnnl_pooling_max, b->x->md, any, stride, kernel, none, pad, pad, NULL);
    if (any) dnnl_memory_desc_destroy(any);
    return nn_check(status, "%s: maximum over %d x %d", l->head.name, l->kernel, l->kernel);
}

static int pool_bind(struct nn_bound *b)
{
    struct pool_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || make_forward_pd(b) || nn_workspace_init(&s->place, b->engine, s->pd) ||
        nn_plan_init(&s->forward, s->pd))
        return -1;
    b->kept_bytes += s->place.bytes;
    const_dnnl_memory_desc_t md = nn_md_of(s->pd, dnnl_query_dst_md);
    if (nn_tensor_describe(&b->y, b->engine, nn_bound_shape(b, b->layer->out), md)) return -1;
    b->y.values = b->x->values;
    nn_plan_argument(&s->forward, DNNL_ARG_SRC, b->x->memory);
    nn_plan_argument(&s->forward, DNNL_ARG_DST, b->y.memory);
    nn_workspace_argument(&s->place, &s->forward);
    return 0;
}

/* The gradient of each window goes to the place the workspace holds, all else in dx is zero. */
static int pool_bind_backward(struct nn_bound *b)
{
    const struct pool *l = (const struct pool *)b->layer;
    struct pool_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_like(&b->dx, b->engine, b->x) ||
        nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false))
        return -1;
    dnnl_dims_t kernel = {l->kernel, l->kernel}, stride = {l->stride, l->stride}, none = {0, 0},
                pad = {l->pad, l->pad};
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_pooling_backward_primitive_desc_create(
                     &pd, b->engine->handle, dnnl_pooling_max, b->dx.md, b->y.md, stride, kernel,
                     none, pad, pad, s->pd, NULL),
                 "%s: maximum backward", l->head.name))
        return -1;
    int status = nn_plan_init(&s->backward, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_DST, s->dy.tensor->memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_SRC, b->dx.memory);
    nn_workspace_argument(&s->place, &s->backward);
    return 0;
}

static int pool_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct pool_state *s = b->state;
    return nn_plan_run(b->engine, &s->forward);
}

static int pool_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct pool_state *s = b->state;
    if (!b->need_dx) return 0;
    return nn_adapter_run(&s->dy, b->engine) ? -1 : nn_plan_run(b->engine, &s->backward);
}

static void pool_unbind(struct nn_bound *b)
{
    struct pool_state *s = b->state;
    if (!s) return;
    nn_plan_clear(&s->forward);
    nn_plan_clear(&s->backward);
    nn_adapter_clear(&s->dy);
    nn_workspace_clear(&s->place);
    if (s->pd) dnnl_primitive_desc_destroy(s->pd);
    free(s);
}

/* y as large as the values it holds, and the workspace: at most a byte per window. */
static void pool_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    struct nn_shape y = layer->out;
    y.n *= batch;
    need->size = need->size_x;
    if (training) need->kept = nn_count_by(y, 16);
}

/* --- Type ---------------------------------------------------------------------------------- */

/* At least one whole window must fit; what is left over at the right and below is not read. */
static int pool_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_pool_options *o = options;
    if (nn_kernel_check(o->kernel)) return -1;
    if (o->stride < 1) return leadseq_fail("stride: expected at least 1, found %d", o->stride);
    if (o->pad < 0 || 2 * o->pad > o->kernel)
        return leadseq_fail("pad: expected 0 to %d, half of the window, found %d", o->kernel / 2,
                            o->pad);
    const int h = in.h + 2 * o->pad - o->kernel, w = in.w + 2 * o->pad - o->kernel;
    if (h < 0 || w < 0)
        return leadseq_fail("images of %d x %d have no window of %d x %d", in.w, in.h, o->kernel,
                            o->kernel);
    out->h = h / o->stride + 1;
    out->w = w / o->stride + 1;
    return 0;
}

static int pool_init(struct nn_layer *layer, const void *options)
{
    struct pool *l = (struct pool *)layer;
    const struct nn_pool_options *o = options;
    l->kernel = o->kernel;
    l->stride = o->stride;
    l->pad = o->pad;
    return 0;
}

static int pool_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct pool *l = (const struct pool *)layer;
    option[0] = (struct nn_option){"kernel", l->kernel};
    option[1] = (struct nn_option){"stride", l->stride};
    option[2] = (struct nn_option){"pad", l->pad};
    return 3;
}

static int pool_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    const struct pool *l = (const struct pool *)layer;
    const int k = l->kernel, s = l->stride, pad = l->pad;
    return nn_graph_each(
        g, x,
        &(struct nn_graph_op){.op = "MaxPool",
                              .layer = layer->name,
                              .n_inputs = 1,
                              .attribute = {NN_GRAPH_INTS("kernel_shape", 2, k, k),
                                            NN_GRAPH_INTS("strides", 2, s, s),
                                            NN_GRAPH_INTS("pads", 4, pad, pad, pad, pad)}});
}

#define POOL(...)                                                                                  \
    &(const struct nn_pool_options)                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 2, 2}, 1, POOL(.kernel = 2, .stride = 2)},
    {{2, 17, 9, 7}, 2, POOL(.kernel = 2, .stride = 2)},
    {{1, 16, 8, 13}, 1, POOL(.kernel = 3, .stride = 2)},
    {{1, 17, 8, 13}, 2, POOL(.kernel = 3, .stride = 2, .pad = 1)},
    {{1, 1, 1, 1}, 2, POOL(.kernel = 3, .stride = 2, .pad = 1)},
    {.batch = 0},
};

const struct nn_layer_type nn_pool_type = {
    .name = "pool",
    .help = "the maximum of each window of rows and columns",
    .size = sizeof(struct pool),
    .check = pool_check,
    .init = pool_init,
    .options = pool_options,
    .bind = pool_bind,
    .bind_backward = pool_bind_backward,
    .forward = pool_forward,
    .backward = pool_backward,
    .unbind = pool_unbind,
    .need = pool_need,
    .graph = pool_graph,
    .samples = samples,
    .bent = true,
};

struct nn_layer *nn_pool_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_pool_options *o)
{
    return nn_layer_new(&nn_pool_type, store, name, in, o);
}
