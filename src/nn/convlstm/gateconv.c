/* SPDX-License-Identifier: MIT
 *
 * The convolution to the ConvLSTM's gates, on oneDNN: its layouts, its weights
 * in our inner order [h, x], and its gradients back in the parameters' [x, h]. Under
 * bf16 what is multiplied is rounded here; sums and all tensors stay float32. */
#include "gateconv.h"

#include <string.h>

/* --- Layouts and values -------------------------------------------------------- */

/* Same padding, stride 1: gates have the rows and columns of x. */
static struct nn_convolution geometry(const struct nn_gate_conv_options *o, enum nn_values values)
{
    int channels = o->inputs + (o->recurrent ? o->hidden : 0);
    return (struct nn_convolution){.x = {o->n, channels, o->h, o->w},
                                   .y = {o->n, 4 * o->hidden, o->h, o->w},
                                   .kernel = o->kernel,
                                   .stride = 1,
                                   .pad = (o->kernel - 1) / 2,
                                   .bias = o->bias != NULL,
                                   .training = o->training,
                                   .values = values};
}

/* What the convolution takes and gives, in one of our layouts. */
struct layouts {
    nn_md in, gates;         /* multiplied */
    nn_md in_f32, gates_f32; /* written */
};

static int layouts_init(struct layouts *l, const struct nn_convolution *s, enum nn_order order)
{
    *l = (struct layouts){0};
    return nn_layout_create_values(&l->in, s->x, order, s->values) ||
           nn_layout_create_values(&l->gates, s->y, order, s->values) ||
           nn_layout_create(&l->in_f32, s->x, order) ||
           nn_layout_create(&l->gates_f32, s->y, order);
}

static void layouts_clear(struct layouts *l)
{
    nn_md all[] = {l->in, l->gates, l->in_f32, l->gates_f32};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++)
        if (all[i]) dnnl_memory_desc_destroy(all[i]);
}

static int describe(enum nn_way way, dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                    const struct nn_convolution *s, const struct layouts *l,
                    const_dnnl_primitive_desc_t forward)
{
    return nn_convolution_create(pd, engine, s, way, way == NN_DATA ? l->in_f32 : l->in,
                                 way == NN_FORWARD ? l->gates_f32 : l->gates, forward);
}

/* Whether oneDNN has what `is` says in such a layout, for all directions or, in evaluation, for the
 * one. */
static bool all_are(struct leadseq_engine *engine, const struct nn_convolution *s,
                    enum nn_order order, bool (*is)(const_dnnl_primitive_desc_t pd))
{
    dnnl_primitive_desc_t pd[NN_WAYS] = {NULL};
    struct layouts l;
    bool all = !layouts_init(&l, s, order);
    for (enum nn_way i = 0; i < (s->training ? NN_WAYS : 1) && all; i++)
        all = !describe(i, &pd[i], engine, s, &l, pd[NN_FORWARD]) && is(pd[i]);
    for (int i = 0; i < NN_WAYS; i++)
        if (pd[i]) dnnl_primitive_desc_destroy(pd[i]);
    layouts_clear(&l);
    if (!all) leadseq_error_clear();
    return all;
}

static bool is_fast(const_dnnl_primitive_desc_t pd)
{
    return !nn_is_reference(pd);
}

/* A later step: what suits those is taken for the first one, too. */
static struct nn_gate_conv_options typical(const struct nn_gate_conv_options *o, bool training)
{
    struct nn_gate_conv_options full = *o;
    full.recurrent = true;
    full.training = training;
    return full;
}

/* bfloat16 where oneDNN has a kernel for it, else float32 that holds the same values; in evaluation
 * as in training. */
static enum nn_values values_for(struct leadseq_engine *engine,
                                 const struct nn_gate_conv_options *o, enum nn_order order)
{
    enum nn_values values = nn_values_of(engine);
    if (values != NN_BF16) return values;
    const struct nn_gate_conv_options training = typical(o, true);
    struct nn_convolution s = geometry(&training, values);
    return all_are(engine, &s, order, is_fast) ? values : NN_ROUNDED;
}

/* Blocks of 16, of both h and x, where they make Winograd's algorithm possible; they need no copy
 * of x. Else NHWC where oneDNN is fast with it. */
enum nn_order nn_gate_conv_order(struct leadseq_engine *engine,
                                 const struct nn_gate_conv_options *o)
{
    const enum nn_values values = values_for(engine, o, NN_CHANNELS_LAST);
    const struct nn_gate_conv_options evaluating = typical(o, false), training = typical(o, true);
    struct nn_convolution s = geometry(&evaluating, values);
    if (o->hidden % 16 == 0 && o->inputs % 16 == 0 &&
        all_are(engine, &s, NN_CHANNELS_BY_16, nn_is_winograd))
        return NN_CHANNELS_BY_16;
    s = geometry(&training, values);
    return all_are(engine, &s, NN_CHANNELS_LAST, is_fast) ? NN_CHANNELS_LAST : NN_CHANNELS_FIRST;
}

/* --- Primitives ---------------------------------------------------------------------------- */

/* `values` other than float32 need a copy; no copy: empty. */
static int narrow_init(struct nn_narrow *n, struct leadseq_engine *engine, struct nn_shape shape,
                       const_dnnl_memory_desc_t wide, const_dnnl_memory_desc_t md,
                       enum nn_values values)
{
    struct nn_tensor from = {0};
    if (values == NN_F32) return 0;
    if (nn_tensor_init(&n->copy, engine, shape, md)) return -1;
    n->copy.values = values;
    int status = nn_tensor_describe(&from, engine, shape, wide);
    if (!status) status = nn_reorder_init(&n->reorder, engine, &from, &n->copy);
    nn_tensor_clear(&from);
    return status;
}

static void narrow_clear(struct nn_narrow *n)
{
    nn_plan_clear(&n->reorder);
    nn_tensor_clear(&n->copy);
}

/* Fills the copy, if one is needed: the plan shares the primitive, only the tensor differs. */
static int narrow(struct nn_narrow *n, struct leadseq_engine *engine, const struct nn_tensor *t)
{
    if (!n->reorder.primitive) return 0;
    struct nn_plan plan = {0};
    nn_plan_share(&plan, &n->reorder);
    nn_plan_argument(&plan, DNNL_ARG_FROM, t->memory);
    nn_plan_argument(&plan, DNNL_ARG_TO, n->copy.memory);
    if (nn_plan_run(engine, &plan)) return -1;
    nn_tensor_round(&n->copy);
    return 0;
}

static const struct nn_tensor *narrowed(const struct nn_narrow *n, const struct nn_tensor *t)
{
    return n->reorder.primitive ? &n->copy : t;
}

/* Forward or to dx, where that is better in groups of images. */
static int init_groups(struct nn_conv_groups *groups, struct nn_gate_conv *g,
                       struct leadseq_engine *engine, const struct layouts *l, enum nn_way way)
{
    struct nn_tensor in = {0}, gates = {0};
    int status = nn_tensor_describe(&in, engine, g->s.x, l->in) ||
                         nn_tensor_describe(&gates, engine, g->s.y, l->gates)
                     ? -1
                     : 0;
    if (!status)
        status = nn_conv_winograd_init(groups, engine, &g->s, way, &in, &gates,
                                       way == NN_DATA ? &g->w_data : &g->w_forward, &g->w, false);
    nn_tensor_clear(&in);
    nn_tensor_clear(&gates);
    return status;
}

/* `w` holds the weights in our order, filled by nn_gate_conv_load(); oneDNN's layout is a copy. */
static int init_forward(struct nn_gate_conv *g, struct leadseq_engine *engine,
                        const struct layouts *l, float *bias)
{
    struct nn_shape w = {g->s.y.c, g->s.x.c, g->s.kernel, g->s.kernel};
    if (describe(NN_FORWARD, &g->forward_pd, engine, &g->s, l, NULL) ||
        narrow_init(&g->in, engine, g->s.x, l->in_f32, l->in, g->s.values) ||
        nn_tensor_init(&g->w, engine, w, NULL))
        return -1;
    if (bias && nn_tensor_init_vector(&g->bias, engine, g->s.y.c, bias)) return -1;
    if (init_groups(&g->forward_groups, g, engine, l, NN_FORWARD)) return -1;
    if (g->forward_groups.groups) return 0;
    if (nn_adapter_init_values(&g->w_forward, engine, &g->w,
                               nn_md_of(g->forward_pd, dnnl_query_weights_md), g->s.values, false))
        return -1;
    return nn_plan_init(&g->forward, g->forward_pd);
}

static int init_data(struct nn_gate_conv *g, struct leadseq_engine *engine, const struct layouts *l)
{
    dnnl_primitive_desc_t pd;
    if (init_groups(&g->data_groups, g, engine, l, NN_DATA)) return -1;
    if (g->data_groups.groups) return 0;
    if (describe(NN_DATA, &pd, engine, &g->s, l, g->forward_pd)) return -1;
    int status = nn_adapter_init_values(&g->w_data, engine, &g->w,
                                        nn_md_of(pd, dnnl_query_weights_md), g->s.values, false);
    if (!status) status = nn_plan_init(&g->data, pd);
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* Towards dw and db; w is as the parameters', in our order. */
static int init_weights(struct nn_gate_conv *g, struct leadseq_engine *engine,
                        const struct layouts *l)
{
    struct nn_tensor in = {0}, gates = {0};
    int status =
        nn_tensor_describe(&in, engine, g->s.x, l->in) ||
                nn_tensor_describe(&gates, engine, g->s.y, l->gates) ||
                narrow_init(&g->dgates, engine, g->s.y, l->gates_f32, l->gates, g->s.values)
            ? -1
            : 0;
    in.values = gates.values = g->s.values;
    if (!status) status = nn_conv_weights_init(&g->weights, engine, &g->s, &in, &gates, false);
    nn_tensor_clear(&in);
    nn_tensor_clear(&gates);
    return status;
}

int nn_gate_conv_init(struct nn_gate_conv *g, struct leadseq_engine *engine,
                      const struct nn_gate_conv_options *o)
{
    struct layouts l;
    *g = (struct nn_gate_conv){.s = geometry(o, values_for(engine, o, o->order)),
                               .hidden = o->hidden,
                               .inputs = o->inputs,
                               .recurrent = o->recurrent,
                               .weight = o->weight};
    int status = layouts_init(&l, &g->s, o->order);
    if (!status) status = init_forward(g, engine, &l, o->bias);
    if (!status && o->training && o->need_data) status = init_data(g, engine, &l);
    if (!status && o->training) status = init_weights(g, engine, &l);
    layouts_clear(&l);
    return status;
}

void nn_gate_conv_clear(struct nn_gate_conv *g)
{
    struct nn_adapter *adapter[] = {&g->w_forward, &g->w_data};
    struct nn_plan *plan[] = {&g->forward, &g->data};
    struct nn_tensor *tensor[] = {&g->w, &g->bias};
    nn_conv_weights_clear(&g->weights);
    nn_conv_groups_clear(&g->forward_groups);
    nn_conv_groups_clear(&g->data_groups);
    narrow_clear(&g->in);
    narrow_clear(&g->dgates);
    for (size_t i = 0; i < LEADSEQ_COUNT(plan); i++) nn_plan_clear(plan[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(adapter); i++) nn_adapter_clear(adapter[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(tensor); i++) nn_tensor_clear(tensor[i]);
    if (g->forward_pd) dnnl_primitive_desc_destroy(g->forward_pd);
    *g = (struct nn_gate_conv){0};
}

/* A plan of this step's tensors on the primitive that all steps share. */
int nn_gate_conv_forward(struct nn_gate_conv *g, struct leadseq_engine *engine,
                         const struct nn_tensor *in, const struct nn_tensor *gates)
{
    struct nn_plan plan = {0};
    if (narrow(&g->in, engine, in)) return -1;
    if (g->forward_groups.groups)
        return nn_conv_winograd_run(&g->forward_groups, narrowed(&g->in, in), &g->w_forward,
                                    g->s.bias ? &g->bias : NULL, gates);
    nn_plan_share(&plan, &g->forward);
    nn_plan_argument(&plan, DNNL_ARG_SRC, narrowed(&g->in, in)->memory);
    nn_plan_argument(&plan, DNNL_ARG_WEIGHTS, g->w_forward.tensor->memory);
    if (g->s.bias) nn_plan_argument(&plan, DNNL_ARG_BIAS, g->bias.memory);
    nn_plan_argument(&plan, DNNL_ARG_DST, gates->memory);
    return nn_plan_run(engine, &plan);
}

int nn_gate_conv_weights(struct nn_gate_conv *g, struct leadseq_engine *engine,
                         const struct nn_tensor *in, const struct nn_tensor *dgates)
{
    if (narrow(&g->in, engine, in) || narrow(&g->dgates, engine, dgates)) return -1;
    return nn_conv_weights_run(&g->weights, narrowed(&g->in, in), narrowed(&g->dgates, dgates));
}

/* Reads the copy of dgates that nn_gate_conv_weights() has just filled. */
int nn_gate_conv_data(struct nn_gate_conv *g, struct leadseq_engine *engine,
                      const struct nn_tensor *dgates, const struct nn_tensor *din)
{
    struct nn_plan plan = {0};
    if (g->data_groups.groups)
        return nn_conv_winograd_run(&g->data_groups, narrowed(&g->dgates, dgates), &g->w_data, NULL,
                                    din);
    nn_plan_share(&plan, &g->data);
    nn_plan_argument(&plan, DNNL_ARG_DIFF_DST, narrowed(&g->dgates, dgates)->memory);
    nn_plan_argument(&plan, DNNL_ARG_WEIGHTS, g->w_data.tensor->memory);
    nn_plan_argument(&plan, DNNL_ARG_DIFF_SRC, din->memory);
    return nn_plan_run(engine, &plan);
}

/* --- Weights between the parameters' order and ours ---------------------------------------- */

/* Our input channel c in the parameters' order [x, h]; ours is [h, x], or x alone. */
static int channel_of(const struct nn_gate_conv *g, int c)
{
    if (!g->recurrent) return c;
    return c < g->hidden ? g->inputs + c : c - g->hidden;
}

/* Offset in the parameters of the kernel from our channel c to gate channel k. */
static size_t kernel_offset(const struct nn_gate_conv *g, int k, int c)
{
    size_t taps = (size_t)g->s.kernel * (size_t)g->s.kernel;
    return ((size_t)k * (size_t)(g->inputs + g->hidden) + (size_t)channel_of(g, c)) * taps;
}

int nn_gate_conv_load(struct nn_gate_conv *g, struct leadseq_engine *engine)
{
    size_t taps = (size_t)g->s.kernel * (size_t)g->s.kernel;
    float *w = g->w.data;
    for (int k = 0; k < g->s.y.c; k++)
        for (int c = 0; c < g->s.x.c; c++, w += taps)
            memcpy(w, g->weight + kernel_offset(g, k, c), taps * sizeof *w);
    if (nn_adapter_run(&g->w_forward, engine)) return -1;
    return nn_adapter_run(&g->w_data, engine);
}

int nn_gate_conv_add(struct nn_gate_conv *g, struct leadseq_engine *engine, float *dweight,
                     float *dbias)
{
    size_t taps = (size_t)g->s.kernel * (size_t)g->s.kernel;
    if (nn_conv_weights_take(&g->weights, engine)) return -1;
    const float *dw = g->weights.dw.data;
    for (int k = 0; k < g->s.y.c; k++)
        for (int c = 0; c < g->s.x.c; c++, dw += taps)
            nn_accumulate(dweight + kernel_offset(g, k, c), dw, taps);
    if (dbias) nn_accumulate(dbias, g->weights.db, (size_t)g->s.y.c);
    return 0;
}
