/* SPDX-License-Identifier: MIT
 *
 * The maximum or the mean over windows, in x's layout. Rows and columns that fill no whole window
 * are left out unless `partial` windows are asked for. What is around the image is less than any
 * value, and counts in no mean; of equal values the first in row order gets the gradient. */
#include "layers.h"

#include <stdlib.h>

struct pool {
    struct nn_layer head;
    struct nn_pool_options o;
};

struct pool_state {
    struct nn_plan forward, backward;
    struct nn_adapter dy;
    struct nn_workspace place; /* of each maximum; of a mean it is empty */
    dnnl_primitive_desc_t pd;  /* forward's, backward's hint */
};

/* What oneDNN is told: rows first. */
struct windows {
    dnnl_alg_kind_t kind;
    dnnl_dims_t kernel, stride, none, before, after;
};

/* Zeros after the last value of a side, so that `out` windows fit. */
static int pad_after(const struct nn_pool_options *o, int in, int out)
{
    const int missing = (out - 1) * o->stride + o->kernel - in - o->pad;
    return !o->partial ? o->pad : missing > 0 ? missing : 0;
}

static struct windows windows_of(const struct pool *l)
{
    const struct nn_pool_options *o = &l->o;
    const struct nn_shape in = l->head.in, out = l->head.out;
    return (struct windows){
        .kind = o->mean ? dnnl_pooling_avg_exclude_padding : dnnl_pooling_max,
        .kernel = {o->row ? 1 : o->kernel, o->kernel},
        .stride = {o->row ? 1 : o->stride, o->stride},
        .before = {o->row ? 0 : o->pad, o->pad},
        .after = {o->row ? 0 : pad_after(o, in.h, out.h), pad_after(o, in.w, out.w)},
    };
}

static const char *word_of(const struct pool *l)
{
    return l->o.mean ? "mean" : "maximum";
}

/* oneDNN chooses the layout of y, which is x's wherever it has a kernel for that. Training needs
 * the other kind of primitive, as only that one notes where each maximum was. */
static int make_forward_pd(struct nn_bound *b)
{
    const struct pool *l = (const struct pool *)b->layer;
    struct pool_state *s = b->state;
    struct nn_shape out = nn_bound_shape(b, l->head.out);
    const struct windows w = windows_of(l);
    nn_md any = NULL;
    dnnl_status_t status = nn_layout_tag(&any, out, b->x->values, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_pooling_forward_primitive_desc_create(
            &s->pd, b->engine->handle, b->training ? dnnl_forward_training : dnnl_forward_inference,
            w.kind, b->x->md, any, w.stride, w.kernel, w.none, w.before, w.after, NULL);
    if (any) dnnl_memory_desc_destroy(any);
    return nn_check(status, "%s: %s over %d x %d", l->head.name, word_of(l), (int)w.kernel[0],
                    (int)w.kernel[1]);
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

/* The gradient of a maximum goes to the place the workspace holds, all else in dx is zero. */
static int pool_bind_backward(struct nn_bound *b)
{
    const struct pool *l = (const struct pool *)b->layer;
    struct pool_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_like(&b->dx, b->engine, b->x) ||
        nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false))
        return -1;
    const struct windows w = windows_of(l);
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_pooling_backward_primitive_desc_create(
                     &pd, b->engine->handle, w.kind, b->dx.md, b->y.md, w.stride, w.kernel, w.none,
                     w.before, w.after, s->pd, NULL),
                 "%s: %s backward", l->head.name, word_of(l)))
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

/* y as large as the values it holds, and the workspace of maxima: at most a byte per window. */
static void pool_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    struct nn_shape y = layer->out;
    y.n *= batch;
    need->size = need->size_x;
    if (training && !((const struct pool *)layer)->o.mean) need->kept = nn_count_by(y, 16);
}

/* --- Type ---------------------------------------------------------------------------------- */

/* How many windows a side has, 0: none, as one whole window must fit. A partial one begins within
 * the side. */
static int count_windows(const struct nn_pool_options *o, int side)
{
    const int rest = side + 2 * o->pad - o->kernel;
    if (rest < 0) return o->partial;
    const int n = rest / o->stride + 1;
    return n + (o->partial && rest % o->stride && n * o->stride < side + o->pad);
}

static int pool_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_pool_options *o = options;
    if (nn_kernel_check(o->kernel)) return -1;
    if (o->stride < 1) return leadseq_fail("stride: expected at least 1, found %d", o->stride);
    if (o->pad < 0 || 2 * o->pad > o->kernel)
        return leadseq_fail("pad: expected 0 to %d, half of the window, found %d", o->kernel / 2,
                            o->pad);
    out->h = o->row ? in.h : count_windows(o, in.h);
    out->w = count_windows(o, in.w);
    if (out->h && out->w) return 0;
    return leadseq_fail("images of %d x %d have no window of %d x %d", in.w, in.h, o->kernel,
                        o->row ? 1 : o->kernel);
}

static int pool_init(struct nn_layer *layer, const void *options)
{
    struct pool *l = (struct pool *)layer;
    l->o = *(const struct nn_pool_options *)options;
    return 0;
}

static int pool_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct nn_pool_options *o = &((const struct pool *)layer)->o;
    option[0] = (struct nn_option){"kernel", o->kernel};
    option[1] = (struct nn_option){"stride", o->stride};
    option[2] = (struct nn_option){"pad", o->pad};
    option[3] = (struct nn_option){"row", o->row};
    option[4] = (struct nn_option){"window_mean", o->mean};
    option[5] = (struct nn_option){"partial", o->partial};
    return 6;
}

static int pool_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    const struct pool *l = (const struct pool *)layer;
    const struct windows w = windows_of(l);
    return nn_graph_each(
        g, x,
        &(struct nn_graph_op){
            .op = l->o.mean ? "AveragePool" : "MaxPool",
            .layer = layer->name,
            .n_inputs = 1,
            .attribute = {
                NN_GRAPH_INTS("kernel_shape", 2, w.kernel[0], w.kernel[1]),
                NN_GRAPH_INTS("strides", 2, w.stride[0], w.stride[1]),
                NN_GRAPH_INTS("pads", 4, w.before[0], w.before[1], w.after[0], w.after[1])}});
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
    {{1, 17, 1, 29}, 2, POOL(.kernel = 3, .stride = 2, .pad = 1, .row = true)},
    {{1, 16, 1, 25}, 2, POOL(.kernel = 2, .stride = 2, .row = true, .mean = true, .partial = true)},
    {{1, 5, 3, 8}, 2, POOL(.kernel = 2, .stride = 2, .row = true, .mean = true, .partial = true)},
    {{2, 3, 8, 9}, 2, POOL(.kernel = 3, .stride = 2, .pad = 1, .mean = true)},
    {{1, 4, 8, 6}, 2, POOL(.kernel = 3, .stride = 2, .partial = true)},
    {{1, 5, 1, 1}, 2, POOL(.kernel = 2, .stride = 2, .row = true, .mean = true, .partial = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_pool_type = {
    .name = "pool",
    .help = "the maximum or the mean of each window of rows and columns",
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
