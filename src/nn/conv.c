/* SPDX-License-Identifier: MIT
 *
 * The convolution layer: y = w * x + b, with w (K, C, kernel, kernel), b (K). An activation is a
 * separate layer. oneDNN chooses the layouts of x, w and y; where they differ from what a
 * neighbour gives or takes, adapters copy:
 *
 *   x ─► [copy] ─► convolution ─► [copy] ─► y           w ─► [copy], in every forward pass,
 *                                                       as the optimiser has changed it
 *
 * Few plain channels have kernels of our own (conv_few.h). Elsewhere oneDNN
 * is faster with few channels in NHWC, which it does not propose itself; `x_last` and
 * `y_last` ask for it (nn_convolution_prefers_last()). y still leaves in blocks, which norm, ReLU
 * and pooling are fast with. Gradients of w and b are summed by conv_weights.c. */
#include "conv_few.h"
#include "conv_fold.h"
#include "conv_weights.h"
#include "layers.h"
#include "norm.h"

#include <stdlib.h>
#include <string.h>

struct conv {
    struct nn_layer layer;
    struct nn_conv_options o;
    int weight, bias; /* slices; bias -1 where there is none */
};

/* One binding. Adapters hold a copy only where layouts differ. */
struct conv_state {
    struct nn_convolution s;
    struct nn_conv_fold norm; /* folded into weights and bias */
    nn_md x_last, y_last;     /* NHWC, where that is better; else NULL */
    dnnl_primitive_desc_t forward_pd;
    struct nn_tensor weight, bias; /* views of the parameters */
    struct nn_adapter x, w, y;
    struct nn_plan forward;
    struct nn_conv_groups forward_groups; /* in its place, where it has any */
    bool few;                             /* our own kernels, but for dx */
    struct nn_conv_few own;

    struct nn_adapter w_data, dy_data; /* towards dx */
    struct nn_plan data;
    struct nn_conv_groups data_groups; /* in its place, where it has any */

    struct nn_adapter x_weights, dy_weights;
    struct nn_conv_weights weights;
};

/* --- A norm after it -------------------------------------------------------------------------
 *
 * In evaluation batch norm is a line of each channel: with s and t its scale and shift
 *
 *   s (w * x + b) + t = (s w) * x + (s b + t)
 *
 * so that the convolution takes it, and the ReLU after it, where they are not better taken with a
 * maximum that follows. Folded in every pass, since weights and statistics may have changed. Not of
 * images in bf16: s w is rounded otherwise than w was when the statistics were measured, and of
 * paper, whose mean is many deviations, the mean would not cancel. What comes from norms has no
 * such mean.
 *
 * Where a sum follows, y is added to what is there (b->wants_sum), in the same primitive. */

static int folds(const struct nn_convolution *s, struct nn_after after, bool training, bool images,
                 struct nn_norm_taken *t)
{
    if (training || (images && s->values != NN_F32) || nn_conv_few_suits(s) || !after.n ||
        strcmp(after.layer[0]->type->name, "norm"))
        return 0;
    *t = nn_norm_takes(after.layer[0], (struct nn_after){after.layer + 1, after.n - 1});
    return t->pool ? 0 : 1 + t->layers;
}

static int bind_norm(struct nn_bound *b, struct conv_state *st)
{
    struct nn_norm_taken t;
    b->takes = folds(&st->s, b->after, b->training, b->x->values == NN_F32, &t);
    if (!b->takes) return 0;
    b->adds = b->wants_sum && b->takes == b->after.n && !t.relu && !st->x_last;
    st->s.adds = b->adds;
    st->s.relu = t.relu || (b->adds && b->wants_relu);
    st->s.bias = true;
    return nn_conv_fold_init(&st->norm, b->after.layer[0], st->s.y.c);
}

/* Into tensors of the binding's own, and from there into the primitive's. */
static int fold(struct nn_bound *b)
{
    struct conv_state *st = b->state;
    const struct conv *c = (const struct conv *)b->layer;
    const struct leadseq_params *p = b->layer->store.params;
    const size_t each = p->slice[c->weight].count / (size_t)st->s.y.c;
    const float *bias = c->bias < 0 ? NULL : nn_params_value(p, c->bias);
    if (!st->weight.owns && nn_tensor_place(&st->weight, b->engine->turn)) return -1;
    return nn_conv_fold_run(&st->norm, nn_params_value(p, c->weight), each, bias, st->weight.data,
                            st->bias.data)
               ? nn_adapter_run(&st->w, b->engine)
               : 0;
}

/* --- Layouts ---------------------------------------------------------------------------- */

static int describe_in(const struct nn_bound *b, enum nn_way way, dnnl_primitive_desc_t *pd,
                       const_dnnl_memory_desc_t x, const_dnnl_memory_desc_t y)
{
    const struct conv_state *st = b->state;
    return nn_convolution_create(pd, b->engine, &st->s, way, x, y, st->forward_pd);
}

/* In NHWC where that is better and oneDNN has more than plain loops for it, else in its own. */
static int describe(const struct nn_bound *b, enum nn_way way, dnnl_primitive_desc_t *pd)
{
    const struct conv_state *st = b->state;
    if (st->x_last) {
        if (describe_in(b, way, pd, st->x_last, st->y_last)) return -1;
        if (!nn_is_reference(*pd)) return 0;
        dnnl_primitive_desc_destroy(*pd);
    }
    return describe_in(b, way, pd, NULL, NULL);
}

/* y as the following layers are fast with it: in oneDNN's own blocks, even if the convolution
 * writes NHWC. */
static int describe_y(struct nn_bound *b)
{
    const struct conv_state *st = b->state;
    dnnl_primitive_desc_t pd;
    if (describe_in(b, NN_FORWARD, &pd, NULL, NULL)) return -1;
    int status = nn_tensor_describe(&b->y, b->engine, st->s.y, nn_md_of(pd, dnnl_query_dst_md));
    dnnl_primitive_desc_destroy(pd);
    b->y.values = st->s.values;
    return status;
}

/* --- Forward ---------------------------------------------------------------------------- */

/* Views of the parameters, or room for folded ones; copies in the layouts of primitives are the
 * adapters'. */
static int bind_weights(struct nn_bound *b, struct conv_state *st)
{
    const struct conv *c = (const struct conv *)b->layer;
    const struct leadseq_params *p = b->layer->store.params;
    const struct nn_shape shape = nn_convolution_weights(&st->s);
    if (st->norm.norm)
        return nn_tensor_describe(&st->weight, b->engine, shape, NULL) ||
               nn_tensor_init_vector(&st->bias, b->engine, st->s.y.c, NULL);
    if (nn_tensor_init_plain(&st->weight, b->engine, shape, nn_params_value(p, c->weight)))
        return -1;
    return c->bias < 0 ? 0
                       : nn_tensor_init_vector(&st->bias, b->engine, st->s.y.c,
                                               nn_params_value(p, c->bias));
}

/* `t` as a primitive reads it: layout and values. */
static int adapt(struct nn_bound *b, struct nn_adapter *a, struct nn_tensor *t,
                 const_dnnl_memory_desc_t wanted)
{
    const struct conv_state *st = b->state;
    return nn_adapter_init_values(a, b->engine, t, wanted, st->s.values, false);
}

/* Weights as the primitive reads them; where a norm is folded they stay, and it is folded into
 * memory that is free again when they are there. */
static int adapt_weights(struct nn_bound *b, const_dnnl_memory_desc_t wanted)
{
    struct conv_state *st = b->state;
    if (!st->norm.norm)
        return nn_adapter_init_turn(&st->w, b->engine, &st->weight, wanted, st->s.values);
    if (adapt(b, &st->w, &st->weight, wanted)) return -1;
    return st->w.tensor == &st->weight ? nn_tensor_allocate(&st->weight)
                                       : nn_turn_reserve(b->engine, st->weight.bytes);
}

static int bind_forward(struct nn_bound *b, struct conv_state *st)
{
    const_dnnl_primitive_desc_t pd = st->forward_pd;
    if (describe_y(b) || adapt(b, &st->x, b->x, nn_md_of(pd, dnnl_query_src_md)) ||
        nn_adapter_init_values(&st->y, b->engine, &b->y, nn_md_of(pd, dnnl_query_dst_md),
                               st->s.values, true) ||
        nn_conv_winograd_init(&st->forward_groups, b->engine, &st->s, NN_FORWARD, st->x.tensor,
                              st->y.tensor, &st->w, &st->weight, true))
        return -1;
    b->kept_bytes = st->x.viewed ? 0 : st->x.own.bytes;
    if (st->forward_groups.groups) return 0;
    if (adapt_weights(b, nn_md_of(pd, dnnl_query_weights_md)) || nn_plan_init(&st->forward, pd))
        return -1;
    nn_plan_argument(&st->forward, DNNL_ARG_SRC, st->x.tensor->memory);
    nn_plan_argument(&st->forward, DNNL_ARG_WEIGHTS, st->w.tensor->memory);
    if (st->s.bias) nn_plan_argument(&st->forward, DNNL_ARG_BIAS, st->bias.memory);
    nn_plan_argument(&st->forward, DNNL_ARG_DST, st->y.tensor->memory);
    return 0;
}

/* Our own kernels for few channels, which read x where it is. oneDNN's primitive remains as dx's
 * hint.
 */
static int bind_few(struct nn_bound *b, struct conv_state *st)
{
    nn_md y = NULL;
    st->few = true;
    if (nn_layout_create_values(&y, st->s.y, NN_CHANNELS_BY_16, st->s.values)) return -1;
    int status = nn_tensor_describe(&b->y, b->engine, st->s.y, y);
    b->y.values = st->s.values;
    dnnl_memory_desc_destroy(y);
    return status ? -1 : nn_conv_few_init(&st->own, b->engine, &st->s);
}

static void run_few(struct nn_bound *b)
{
    const struct conv_state *st = b->state;
    nn_conv_few_forward(&st->own, st->weight.data, st->s.bias ? st->bias.data : NULL, b->x->data,
                        b->y.data);
}

/* Chooses layouts and makes the forward primitive. */
static int conv_bind(struct nn_bound *b)
{
    const struct conv *c = (const struct conv *)b->layer;
    struct conv_state *st = b->state = leadseq_calloc(1, sizeof *st);
    if (!st) return -1;
    st->s = (struct nn_convolution){.x = nn_bound_shape(b, b->layer->in),
                                    .y = nn_bound_shape(b, b->layer->out),
                                    .kernel = c->o.kernel,
                                    .stride = c->o.stride,
                                    .pad = c->o.pad,
                                    .row = c->o.row,
                                    .bias = c->o.bias,
                                    .exact = c->o.exact,
                                    .training = b->training,
                                    .values = nn_values_of(b->engine)};
    if (nn_convolution_prefers_last(&st->s) &&
        (nn_layout_create_values(&st->x_last, st->s.x, NN_CHANNELS_LAST, st->s.values) ||
         nn_layout_create_values(&st->y_last, st->s.y, NN_CHANNELS_LAST, st->s.values)))
        return -1;
    if (bind_norm(b, st) || describe(b, NN_FORWARD, &st->forward_pd) || bind_weights(b, st))
        return -1;
    if (nn_conv_few_suits(&st->s) && nn_tensor_is_plain(b->x) && b->x->values == NN_F32)
        return bind_few(b, st);
    return bind_forward(b, st);
}

static int run_forward(struct nn_bound *b)
{
    const struct conv_state *st = b->state;
    if (!st->forward_groups.groups) return nn_plan_run(b->engine, &st->forward);
    return nn_conv_winograd_run(&st->forward_groups, st->x.tensor, &st->w,
                                st->s.bias ? &st->bias : NULL, st->y.tensor);
}

static int conv_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct conv_state *st = b->state;
    (void)pass;
    if (st->few) {
        run_few(b);
        return 0;
    }
    if ((st->norm.norm ? fold(b) : nn_adapter_run(&st->w, b->engine)) ||
        nn_adapter_run(&st->x, b->engine) || nn_adapter_point(&st->y) || run_forward(b))
        return -1;
    return nn_adapter_run(&st->y, b->engine);
}

/* --- Backward --------------------------------------------------------------------------- */

/* The primitive to dx. dy is read in the layout the weights' gradient wants, where that serves. */
static int bind_data(struct nn_bound *b, struct conv_state *st, const_dnnl_primitive_desc_t pd)
{
    if (nn_tensor_describe(&b->dx, b->engine, st->s.x, nn_md_of(pd, dnnl_query_diff_src_md)) ||
        adapt(b, &st->dy_data, st->dy_weights.tensor, nn_md_of(pd, dnnl_query_diff_dst_md)))
        return -1;
    b->dx.values = st->s.values;
    if (nn_conv_winograd_init(&st->data_groups, b->engine, &st->s, NN_DATA, &b->dx,
                              st->dy_data.tensor, &st->w_data, &st->weight, true))
        return -1;
    if (st->data_groups.groups) return 0;
    if (nn_adapter_init_turn(&st->w_data, b->engine, &st->weight,
                             nn_md_of(pd, dnnl_query_weights_md), st->s.values) ||
        nn_plan_init(&st->data, pd))
        return -1;
    nn_plan_argument(&st->data, DNNL_ARG_DIFF_DST, st->dy_data.tensor->memory);
    nn_plan_argument(&st->data, DNNL_ARG_WEIGHTS, st->w_data.tensor->memory);
    nn_plan_argument(&st->data, DNNL_ARG_DIFF_SRC, b->dx.memory);
    return 0;
}

static int bind_gradient_few(struct nn_bound *b, struct conv_state *st)
{
    return adapt(b, &st->dy_weights, b->dy, b->y.md);
}

/* Towards dw and db, in the layouts of oneDNN's primitive. x is read from the copy forward made, if
 * it made one, so that it is rounded and reordered once. */
static int bind_gradient(struct nn_bound *b, struct conv_state *st, const_dnnl_primitive_desc_t pd)
{
    if (adapt(b, &st->x_weights, st->x.tensor, nn_md_of(pd, dnnl_query_src_md)) ||
        adapt(b, &st->dy_weights, b->dy, nn_md_of(pd, dnnl_query_diff_dst_md)))
        return -1;
    return nn_conv_weights_init(&st->weights, b->engine, &st->s, st->x_weights.tensor,
                                st->dy_weights.tensor, true);
}

/* The weights' gradient first: it needs dy in a layout of its own, and if the primitive to dx can
 * read the same layout, dy is copied once for both. */
static int conv_bind_backward(struct nn_bound *b)
{
    struct conv_state *st = b->state;
    dnnl_primitive_desc_t pd = NULL;
    if (!st->few && describe(b, NN_WEIGHTS, &pd)) return -1;
    int status = st->few ? bind_gradient_few(b, st) : bind_gradient(b, st, pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    if (status || !b->need_dx) return status;
    if (describe(b, NN_DATA, &pd)) return -1;
    status = bind_data(b, st, pd);
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* dw and db of this pass are added to the gradients: a batch may be computed in several parts. */
static int run_gradient(struct nn_bound *b)
{
    struct conv_state *st = b->state;
    const struct conv *c = (const struct conv *)b->layer;
    const struct leadseq_params *p = b->layer->store.params;
    float *dw = nn_params_gradient(p, c->weight);
    float *db = st->s.bias ? nn_params_gradient(p, c->bias) : NULL;
    if (nn_adapter_run(&st->dy_weights, b->engine)) return -1;
    if (st->few) {
        nn_conv_few_gradient(&st->own, b->x->data, st->dy_weights.tensor->data, dw, db);
        return 0;
    }
    if (nn_adapter_run(&st->x_weights, b->engine) ||
        nn_conv_weights_run(&st->weights, st->x_weights.tensor, st->dy_weights.tensor) ||
        nn_conv_weights_take(&st->weights, b->engine))
        return -1;
    nn_accumulate(dw, st->weights.dw.data, p->slice[c->weight].count);
    if (db) nn_accumulate(db, st->weights.db, p->slice[c->bias].count);
    return 0;
}

static int conv_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct conv_state *st = b->state;
    (void)pass;
    if (run_gradient(b)) return -1;
    if (!b->need_dx) return 0;
    if (nn_adapter_run(&st->w_data, b->engine) || nn_adapter_run(&st->dy_data, b->engine))
        return -1;
    if (!st->data_groups.groups) return nn_plan_run(b->engine, &st->data);
    return nn_conv_winograd_run(&st->data_groups, st->dy_data.tensor, &st->w_data, NULL, &b->dx);
}

/* Adapters before the tensors they point to. */
static void conv_unbind(struct nn_bound *b)
{
    struct conv_state *st = b->state;
    if (!st) return;
    struct nn_plan *plan[] = {&st->forward, &st->data};
    struct nn_adapter *adapter[] = {&st->dy_data, &st->w_data, &st->dy_weights, &st->x_weights,
                                    &st->w,       &st->x,      &st->y};
    struct nn_tensor *tensor[] = {&st->weight, &st->bias};
    nn_conv_weights_clear(&st->weights);
    nn_conv_groups_clear(&st->forward_groups);
    nn_conv_groups_clear(&st->data_groups);
    for (size_t i = 0; i < LEADSEQ_COUNT(plan); i++) nn_plan_clear(plan[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(adapter); i++) nn_adapter_clear(adapter[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(tensor); i++) nn_tensor_clear(tensor[i]);
    if (st->x_last) dnnl_memory_desc_destroy(st->x_last);
    if (st->y_last) dnnl_memory_desc_destroy(st->y_last);
    if (st->forward_pd) dnnl_primitive_desc_destroy(st->forward_pd);
    nn_conv_few_clear(&st->own);
    nn_conv_fold_clear(&st->norm);
    free(st);
    b->state = NULL;
}

/* Which copies adapters will make. In NHWC: x, kept for backward; y and dy; and dx, by the layer
 * that takes it; none of them with 16 channels, which are the same memory in NHWC and in a block
 * of 16. In oneDNN's own layouts, as measured with 2.6 and AVX-512: only x, if its channels are
 * neither whole blocks nor, in the first layer, at most three. */
static void conv_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    const struct conv *c = (const struct conv *)layer;
    struct nn_convolution s = {.x = layer->in,
                               .y = layer->out,
                               .kernel = c->o.kernel,
                               .stride = c->o.stride,
                               .pad = c->o.pad,
                               .exact = c->o.exact,
                               .row = c->o.row,
                               .values = nn_values_of(need->engine)};
    s.x.n *= batch, s.y.n *= batch;
    const struct nn_shape w = nn_convolution_weights(&s);
    need->size = nn_value_size(need->engine);
    size_t x = nn_shape_count(s.x) * need->size, y = nn_shape_count(s.y) * need->size;
    bool last = nn_convolution_prefers_last(&s), first = need->first;
    bool few = first ? s.x.c > 3 : s.x.c % 16 != 0, rounds = first && s.values != NN_F32;
    bool copied = last ? first || s.x.c != 16 : few || rounds;
    struct nn_norm_taken taken;
    need->takes = folds(&s, need->after, training, first, &taken);
    need->block = 16;
    need->scratch = need->takes ? nn_padded_bytes(w) : 0;
    need->in_turn = nn_padded_bytes(w);
    if (first && nn_conv_few_suits(&s)) {
        need->scratch += nn_conv_few_bytes(&s, training);
        return;
    }
    if (training) {
        const size_t sums = nn_conv_weights_bytes(&s, need->engine);
        if (sums > need->in_turn) need->in_turn = sums;
        need->in_turn += nn_conv_winograd_bytes(&s, need->engine);
    }
    if (copied && training) need->kept = x;
    if (copied && !training) need->scratch += x;
    if (last && s.y.c != 16) need->scratch += training ? 2 * y : y;
    if (last && training && !first && s.x.c != 16) need->scratch += x;
}

/* --- Type ---------------------------------------------------------------------------------- */

/* The options with their defaults filled in. */
static struct nn_conv_options complete(const struct nn_conv_options *o)
{
    struct nn_conv_options c = *o;
    if (!c.stride) c.stride = 1;
    if (c.pad == -1) c.pad = (c.kernel - 1) / 2;
    return c;
}

static int conv_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_conv_options o = complete(options);
    if (o.channels < 1 || o.stride < 1 || o.pad < 0)
        return leadseq_fail("channels %d, stride %d, pad %d: expected at least 1 (pad 0)",
                            o.channels, o.stride, o.pad);
    /* patches, which do not overlap, may be as large as the image */
    if ((o.stride != o.kernel || o.pad) && nn_kernel_check(o.kernel)) return -1;
    const int rows = o.row ? 1 : o.kernel;
    if (o.kernel < 1 || (int64_t)in.c * rows * o.kernel > INT32_MAX)
        return leadseq_fail("kernel: %d x %d of %d channels: expected at least 1 and at most %d "
                            "weights per output channel",
                            rows, o.kernel, in.c, INT32_MAX);
    const int h = in.h + (o.row ? 0 : 2 * o.pad) - rows, w = in.w + 2 * o.pad - o.kernel;
    if (w < 0 && o.row)
        return leadseq_fail("a kernel of %d does not fit rows of %d with %d at both ends; use "
                            "longer windows or fewer strides",
                            o.kernel, in.w, o.pad);
    if (h < 0 || w < 0)
        return leadseq_fail("a kernel of %d does not fit an image of %d × %d with %d around it; "
                            "use larger images or fewer strides",
                            o.kernel, in.w, in.h, o.pad);
    *out = (struct nn_shape){in.n, o.channels, o.row ? in.h : h / o.stride + 1, w / o.stride + 1};
    return 0;
}

/* Weights and biases start uniformly within 1 / √fan_in, PyTorch's default. */
static int conv_init(struct nn_layer *l, const void *options)
{
    struct conv *c = (struct conv *)l;
    c->o = complete(options);
    const int rows = c->o.row ? 1 : c->o.kernel, fan_in = l->in.c * rows * c->o.kernel;
    struct nn_slice_options weight = {.layer = l->name,
                                      .name = "weight",
                                      .dims = {c->o.channels, l->in.c, rows, c->o.kernel},
                                      .n_dims = 4,
                                      .spread = nn_default_spread(fan_in),
                                      .deviation = c->o.deviation,
                                      .decays = true};
    struct nn_slice_options bias = {.layer = l->name,
                                    .name = "bias",
                                    .dims = {c->o.channels},
                                    .n_dims = 1,
                                    .spread = c->o.deviation > 0 ? 0 : nn_default_spread(fan_in)};
    l->multiply_adds = (uint64_t)nn_shape_count(l->out) * (uint64_t)fan_in;
    l->dx_multiply_adds = l->multiply_adds;
    c->bias = -1;
    c->weight = nn_params_declare(l->store.params, &weight);
    if (c->weight < 0 || !c->o.bias) return c->weight < 0 ? -1 : 0;
    c->bias = nn_params_declare(l->store.params, &bias);
    return c->bias < 0 ? -1 : 0;
}

static int conv_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    const struct conv *c = (const struct conv *)layer;
    const struct leadseq_params *p = layer->store.params;
    const int k = c->o.kernel, s = c->o.stride, pad = c->o.pad;
    const int rows = c->o.row ? 1 : k, down = c->o.row ? 1 : s, above = c->o.row ? 0 : pad;
    struct nn_graph_op op = {.op = "Conv",
                             .layer = layer->name,
                             .n_inputs = c->bias < 0 ? 2 : 3,
                             .attribute = {NN_GRAPH_INTS("kernel_shape", 2, rows, k),
                                           NN_GRAPH_INTS("strides", 2, down, s),
                                           NN_GRAPH_INTS("pads", 4, above, pad, above, pad)}};
    op.input[1] = nn_graph_slice(g, p, c->weight);
    if (c->bias >= 0) op.input[2] = nn_graph_slice(g, p, c->bias);
    return nn_graph_each(g, x, &op);
}

static int conv_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct nn_conv_options *o = &((const struct conv *)layer)->o;
    option[0] = (struct nn_option){"channels", o->channels};
    option[1] = (struct nn_option){"kernel", o->kernel};
    option[2] = (struct nn_option){"stride", o->stride};
    option[3] = (struct nn_option){"pad", o->pad};
    option[4] = (struct nn_option){"bias", o->bias};
    option[5] = (struct nn_option){"row", o->row};
    return 6;
}

#define CONV(...)                                                                                  \
    &(const struct nn_conv_options)                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, CONV(.channels = 1, .kernel = 1, .bias = true)},
    {{1, 1, 1, 9}, 2, CONV(.channels = 5, .kernel = 3, .pad = -1, .bias = true)},
    {{1, 3, 17, 31}, 1, CONV(.channels = 17, .kernel = 3, .pad = -1, .bias = true)},
    {{3, 16, 8, 9}, 2, CONV(.channels = 16, .kernel = 3, .stride = 2, .pad = -1)},
    {{1, 17, 7, 1}, 3, CONV(.channels = 9, .kernel = 5, .pad = -1, .bias = true)},
    {{1, 4, 11, 10}, 2, CONV(.channels = 6, .kernel = 2, .stride = 2, .bias = true)},
    {{2, 1, 17, 24}, 2, CONV(.channels = 7, .kernel = 8, .stride = 8)},
    {{1, 12, 1, 37}, 3, CONV(.channels = 17, .kernel = 7, .pad = -1, .bias = true, .row = true)},
    {{1, 16, 1, 26}, 2, CONV(.channels = 32, .kernel = 5, .stride = 2, .pad = -1, .row = true)},
    {{2, 5, 3, 9}, 2, CONV(.channels = 6, .kernel = 3, .stride = 2, .pad = 1, .row = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_conv_type = {
    .name = "conv",
    .help = "convolution with a square kernel or one of a row, stride and zeros around the image",
    .size = sizeof(struct conv),
    .check = conv_check,
    .init = conv_init,
    .options = conv_options,
    .bind = conv_bind,
    .bind_backward = conv_bind_backward,
    .forward = conv_forward,
    .backward = conv_backward,
    .unbind = conv_unbind,
    .need = conv_need,
    .graph = conv_graph,
    .samples = samples,
};

struct nn_layer *nn_conv_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_conv_options *o)
{
    return nn_layer_new(&nn_conv_type, store, name, in, o);
}
