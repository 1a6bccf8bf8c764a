/* SPDX-License-Identifier: MIT
 *
 * Batch norm of each channel over (N, H, W), in x's layout. ReLU where asked for, and ReLU and
 * the maximum over 2 x 2 pixels where such layers follow, are computed in the same passes:
 *
 *   y = scale (x - mean) / √(var + ε) + shift
 *
 * In training mean and var are the batch's; running averages of them are kept as PyTorch keeps
 * them: unbiased variance, momentum 0.1. Evaluation uses the running averages, so that a record's
 * output does not depend on the others of its batch.
 *
 * With M values of a channel, d = dy after ReLU's mask and x^ = (x - mean) / √(var + ε):
 *
 *   dshift = Σ d,   dscale = Σ d x^,   dx = scale / √(var + ε) (d - (dshift + x^ dscale) / M)
 *
 * Where a batch is divided among ranks, M and all four sums are of all ranks.
 *
 * Precision: the sums are double (norm.h), and so are mean and variance until they are turned
 * into coefficients. x is centred by the float32 nearest to the mean; the rest of the mean goes
 * into the constant term, so that a mean that is large against the deviation, as that of white
 * paper, costs no digits. */
#include "norm.h"
#include "layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float MOMENTUM = 0.1f;
static const float EPSILON = 1e-5f;

struct norm {
    struct nn_layer head;
    int weight, bias;              /* slices of params */
    int running_mean, running_var; /* of state */
    bool relu;
};

struct norm_state {
    struct nn_adapter x, dx; /* to plain where x's layout has no name */
    struct nn_adapter dy;
    struct nn_norm_walk walk;
    bool relu, pool;               /* of y: the layer's own, or taken from those after it */
    const struct nn_tensor *added; /* to y, by a sum after it; NULL: nothing */
    bool sum_relu;                 /* ReLU of that sum */
    struct nn_norm_pool windows;   /* with pool */
    double values;                 /* M */
    double *sums;                  /* (2, C) and one more: what ranks add up */
    double *mean, *deviation;      /* (C): mean and √(var + ε) of the last pass */
    double *coefficient;           /* (C): one of those below, before it is spread */
    float *centre, *scale, *shift; /* per lane: the coefficients of y */
    float *slope, *at;             /* those of dx */
};

/* --- Layers that are computed on the way --------------------------------------------------- */

static bool is(const struct nn_layer *layer, const char *type)
{
    return !strcmp(layer->type->name, type);
}

struct nn_norm_taken nn_norm_takes(const struct nn_layer *norm, struct nn_after after)
{
    struct nn_norm_taken t = {.relu = ((const struct norm *)norm)->relu};
    if (t.layers < after.n && is(after.layer[t.layers], "relu")) {
        if (nn_layer_option(after.layer[t.layers], "slope", 0) != 0) return t;
        t.relu = true, t.layers++;
    }
    if (t.layers >= after.n || !is(after.layer[t.layers], "pool")) return t;
    const struct nn_layer *pool = after.layer[t.layers];
    t.pool = nn_layer_option(pool, "kernel", 0) == 2 && nn_layer_option(pool, "stride", 0) == 2 &&
             nn_layer_option(pool, "pad", 0) == 0 && nn_layer_option(pool, "row", 0) == 0 &&
             nn_layer_option(pool, "window_mean", 0) == 0 &&
             nn_layer_option(pool, "partial", 0) == 0;
    t.layers += t.pool;
    return t;
}

void nn_norm_line(const struct nn_layer *norm, double *scale, double *shift)
{
    const struct norm *l = (const struct norm *)norm;
    const struct leadseq_params *params = norm->store.params, *state = norm->store.state;
    const float *weight = nn_params_value(params, l->weight);
    const float *bias = nn_params_value(params, l->bias);
    const float *mean = nn_params_value(state, l->running_mean);
    const float *var = nn_params_value(state, l->running_var);
    for (int c = 0; c < norm->in.c; c++) {
        scale[c] = (double)weight[c] / sqrt((double)var[c] + (double)EPSILON);
        shift[c] = (double)bias[c] - scale[c] * (double)mean[c];
    }
}

/* --- Binding ---------------------------------------------------------------------------- */

static int init_arrays(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    const size_t channels = (size_t)b->layer->in.c, lanes = nn_norm_lanes(&s->walk);
    s->sums = leadseq_calloc(5 * channels + 1, sizeof *s->sums);
    s->centre = nn_aligned(5 * lanes * sizeof *s->centre);
    if (!s->sums || !s->centre) return -1;
    s->mean = s->sums + 2 * channels + 1;
    s->deviation = s->mean + channels;
    s->coefficient = s->deviation + channels;
    s->scale = s->centre + lanes;
    s->shift = s->scale + lanes;
    s->slope = s->shift + lanes;
    s->at = s->slope + lanes;
    return 0;
}

/* y has x's layout, or is plain float32 where that has no name; with the maximum, half of its rows
 * and columns. */
static int norm_bind(struct nn_bound *b)
{
    struct norm_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s) return -1;
    const struct nn_norm_taken t = nn_norm_takes(b->layer, b->after);
    s->relu = t.relu, s->pool = t.pool, b->takes = t.layers;
    if (nn_tensor_blocks(b->x).block)
        s->x = (struct nn_adapter){.tensor = b->x};
    else if (nn_adapter_init_plain(&s->x, b->engine, b->x, false))
        return -1;
    const struct nn_shape out = t.layers ? b->after.layer[t.layers - 1]->out : b->layer->out;
    if (nn_tensor_describe_sized(&b->y, b->engine, s->x.tensor, nn_bound_shape(b, out))) return -1;
    if (s->pool && nn_norm_pool_init(&s->windows, s->x.tensor)) return -1;
    return nn_norm_walk_init(&s->walk, s->x.tensor) || init_arrays(b) ? -1 : 0;
}

/* Not where backward would have to know what was added: with a ReLU before the sum, or a maximum.
 * A ReLU without a sum of its own is masked in backward, that of the sum is not: dy comes masked.
 */
bool nn_norm_adds(struct nn_bound *norm, const struct nn_tensor *t, bool relu)
{
    struct norm_state *s = norm->state;
    if (strcmp(norm->layer->type->name, "norm") || s->relu || s->pool ||
        !nn_tensor_has_layout(t, norm->y.md) || t->values != norm->y.values)
        return false;
    s->added = t;
    s->sum_relu = relu;
    return true;
}

static int norm_bind_backward(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    if (nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false)) return -1;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_like(&b->dx, b->engine, b->x)) return -1;
    s->dx = (struct nn_adapter){.tensor = &b->dx};
    if (s->x.tensor == b->x) return 0;
    return nn_adapter_init_plain(&s->dx, b->engine, &b->dx, true);
}

static void norm_unbind(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dx);
    nn_adapter_clear(&s->dy);
    nn_norm_walk_clear(&s->walk);
    nn_norm_pool_clear(&s->windows);
    free(s->sums);
    free(s->centre);
    free(s);
}

/* --- Running ------------------------------------------------------------------------------- */

/* Adds s->sums over the ranks. All ranks call it in the same order, also one whose records are
 * padding: it adds zeros. While the engine is `alone`, its own part is the batch. */
static void share(struct nn_bound *b, const struct nn_pass *pass, size_t n)
{
    struct norm_state *s = b->state;
    if (!b->engine->sum) return;
    if (pass->idle) memset(s->sums, 0, n * sizeof *s->sums);
    if (!b->engine->alone) b->engine->sum(s->sums, n);
}

/* running ← (1 - momentum) running + momentum · this batch's. */
static void update_running(struct nn_bound *b, size_t c, double mean, double var)
{
    const struct norm *l = (const struct norm *)b->layer;
    const double m = ((struct norm_state *)b->state)->values;
    float *running_mean = nn_params_value(l->head.store.state, l->running_mean) + c;
    float *running_var = nn_params_value(l->head.store.state, l->running_var) + c;
    const float unbiased = (float)(m > 1 ? var * (m / (m - 1)) : var);
    *running_mean += MOMENTUM * ((float)mean - *running_mean);
    *running_var += MOMENTUM * (unbiased - *running_var);
}

/* The batch's mean and variance. Σ x² - M mean² loses (mean / deviation)² · 1e-16 of the variance,
 * which is nothing that float32 images can show. */
static void measure(struct nn_bound *b, const struct nn_pass *pass)
{
    struct norm_state *s = b->state;
    const size_t channels = (size_t)b->layer->in.c;
    double *first = s->sums, *second = first + channels, *values = second + channels;
    nn_norm_moments(&s->walk, s->x.tensor->data, first, second);
    *values = s->values;
    share(b, pass, 2 * channels + 1);
    s->values = *values;
    for (size_t c = 0; c < channels; c++) {
        double mean = first[c] / s->values, var = second[c] / s->values - mean * mean;
        if (var < 0) var = 0; // by rounding; NaN stays
        s->mean[c] = mean;
        s->deviation[c] = sqrt(var + (double)EPSILON);
        update_running(b, c, mean, var);
    }
}

static void take_running(struct nn_bound *b)
{
    const struct norm *l = (const struct norm *)b->layer;
    struct norm_state *s = b->state;
    const float *mean = nn_params_value(l->head.store.state, l->running_mean);
    const float *var = nn_params_value(l->head.store.state, l->running_var);
    for (int c = 0; c < l->head.in.c; c++) {
        s->mean[c] = (double)mean[c];
        s->deviation[c] = sqrt((double)var[c] + (double)EPSILON);
    }
}

/* What centring by a float32 leaves of channel c's mean. */
static double rest(const struct norm_state *s, size_t c)
{
    return s->mean[c] - (double)(float)s->mean[c];
}

/* y as a line through the centre of each channel. */
static void set_forward(struct nn_bound *b)
{
    const struct norm *l = (const struct norm *)b->layer;
    struct norm_state *s = b->state;
    const float *weight = nn_params_value(l->head.store.params, l->weight);
    const float *bias = nn_params_value(l->head.store.params, l->bias);
    const size_t channels = (size_t)l->head.in.c;
    double *k = s->coefficient;
    nn_norm_spread(&s->walk, s->mean, s->centre);
    for (size_t c = 0; c < channels; c++) k[c] = (double)weight[c] / s->deviation[c];
    nn_norm_spread(&s->walk, k, s->scale);
    for (size_t c = 0; c < channels; c++) k[c] = (double)bias[c] - k[c] * rest(s, c);
    nn_norm_spread(&s->walk, k, s->shift);
}

static struct nn_norm_map map_of(const struct nn_bound *b)
{
    const struct norm_state *s = b->state;
    return (struct nn_norm_map){
        .mean = s->centre, .scale = s->scale, .shift = s->shift, .relu = s->relu};
}

/* On several ranks this is a meeting point: share() waits for the sums of all ranks, so every
 * rank must run the same passes in the same order, and a rank without a record of the batch runs
 * one all the same. Running averages are changed here, in the forward pass; a step that fails later
 * has to put them back (train/work.c). */
static int norm_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct norm_state *s = b->state;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    s->values = (double)b->x->shape.n * b->x->shape.h * b->x->shape.w;
    if (b->training)
        measure(b, pass);
    else
        take_running(b);
    set_forward(b);
    struct nn_norm_map m = map_of(b);
    m.relu |= s->sum_relu;
    if (s->pool)
        nn_norm_pool_apply(&s->windows, &m, s->x.tensor->data, b->y.data);
    else
        nn_norm_apply(&s->walk, &m, s->x.tensor->data, s->added ? s->added->data : NULL, b->y.data);
    return 0;
}

/* dx = scale/sd d + slope (x - mean) + at, with -scale / (sd M) = per:
 *   slope = per dscale / sd,   at = per dshift
 * where the rest of the mean moves from the first to the second. sums: dshift and dscale. */
static void set_backward(struct nn_bound *b)
{
    const struct norm *l = (const struct norm *)b->layer;
    struct norm_state *s = b->state;
    const float *weight = nn_params_value(l->head.store.params, l->weight);
    const size_t channels = (size_t)l->head.in.c;
    double *dshift = s->sums, *dscale = dshift + channels, *k = s->coefficient;
    for (size_t c = 0; c < channels; c++) {
        double per = -(double)weight[c] / (s->deviation[c] * s->values);
        k[c] = per * dscale[c] / s->deviation[c];
        dshift[c] = per * dshift[c] - k[c] * rest(s, c);
    }
    nn_norm_spread(&s->walk, k, s->slope);
    nn_norm_spread(&s->walk, dshift, s->at);
}

/* dx depends on Σ d and Σ d x^ over the whole batch, because every value contributes to mean and
 * variance; on several ranks those sums are of all ranks, too. The gradients of scale and shift are
 * this rank's own: the training sums gradients of all parameters at once. */
static int norm_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct norm *l = (const struct norm *)b->layer;
    struct norm_state *s = b->state;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    const size_t channels = (size_t)l->head.in.c;
    const struct nn_norm_map m = map_of(b);
    const float *x = s->x.tensor->data, *dy = s->dy.tensor->data;
    double *dshift = s->sums, *dscale = dshift + channels;
    if (s->pool)
        nn_norm_pool_products(&s->windows, &m, x, dy, dshift, dscale);
    else
        nn_norm_products(&s->walk, &m, x, dy, dshift, dscale);
    float *dweight = nn_params_gradient(l->head.store.params, l->weight);
    float *dbias = nn_params_gradient(l->head.store.params, l->bias);
    for (size_t c = 0; c < channels; c++) {
        dscale[c] = (dscale[c] - rest(s, c) * dshift[c]) / s->deviation[c];
        dweight[c] += (float)dscale[c];
        dbias[c] += (float)dshift[c];
    }
    share(b, pass, 2 * channels);
    if (!b->need_dx) return 0;
    if (nn_adapter_point(&s->dx)) return -1;
    set_backward(b);
    float *dx = s->dx.tensor->data;
    if (s->pool)
        nn_norm_pool_derive(&s->windows, &m, s->slope, s->at, x, dy, dx);
    else
        nn_norm_derive(&s->walk, &m, s->slope, s->at, x, dy, dx);
    return s->dx.tensor == &b->dx ? 0 : nn_adapter_run(&s->dx, b->engine);
}

/* y as x; backward reads x again. */
static void norm_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    struct nn_shape x = layer->in;
    x.n *= batch;
    need->size = need->size_x;
    (void)training;
    need->takes = nn_norm_takes(layer, need->after).layers;
    need->scratch = 2 * nn_norm_walk_bytes(x, need->block_x);
}

/* --- Type ---------------------------------------------------------------------------------- */

static int norm_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    (void)in, (void)options, (void)out; /* any images */
    return 0;
}

static int declare(struct leadseq_params *params, const char *layer, const char *name, int channels,
                   float centre)
{
    return nn_params_declare(params, &(struct nn_slice_options){.layer = layer,
                                                                .name = name,
                                                                .dims = {channels},
                                                                .n_dims = 1,
                                                                .centre = centre,
                                                                .norm = true});
}

static int norm_init(struct nn_layer *layer, const void *options)
{
    const struct nn_norm_options *o = options;
    struct norm *l = (struct norm *)layer;
    const struct nn_store *store = &layer->store;
    const int c = layer->in.c;
    l->relu = o->relu;
    l->weight = declare(store->params, layer->name, "weight", c, 1);
    l->bias = declare(store->params, layer->name, "bias", c, o->bias);
    l->running_mean = declare(store->state, layer->name, "running_mean", c, 0);
    l->running_var = declare(store->state, layer->name, "running_var", c, 1);
    return l->weight < 0 || l->bias < 0 || l->running_mean < 0 || l->running_var < 0 ? -1 : 0;
}

static int norm_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    option[0] = (struct nn_option){"relu", ((const struct norm *)layer)->relu};
    return 1;
}

static int norm_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    const struct norm *l = (const struct norm *)layer;
    const struct nn_store *store = &layer->store;
    const struct nn_graph_op op = {.op = "BatchNormalization",
                                   .layer = layer->name,
                                   .n_inputs = 5,
                                   .input = {0, nn_graph_slice(g, store->params, l->weight),
                                             nn_graph_slice(g, store->params, l->bias),
                                             nn_graph_slice(g, store->state, l->running_mean),
                                             nn_graph_slice(g, store->state, l->running_var)},
                                   .attribute = {NN_GRAPH_FLOAT("epsilon", EPSILON)}};
    if (nn_graph_each(g, x, &op)) return -1;
    const struct nn_graph_op relu = {.op = "Relu", .layer = layer->name, .n_inputs = 1};
    return l->relu ? nn_graph_each(g, x, &relu) : 0;
}

static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 5}, 1, &(const struct nn_norm_options){0}},
    {{3, 17, 5, 7}, 2, &(const struct nn_norm_options){0}},
    {{1, 16, 6, 1}, 3, &(const struct nn_norm_options){0}},
    {{1, 5, 1, 1}, 4, &(const struct nn_norm_options){0}},
    {.batch = 0},
};

const struct nn_layer_type nn_norm_type = {
    .name = "norm",
    .help = "batch norm of each channel, with ReLU if asked for",
    .size = sizeof(struct norm),
    .check = norm_check,
    .init = norm_init,
    .options = norm_options,
    .bind = norm_bind,
    .bind_backward = norm_bind_backward,
    .forward = norm_forward,
    .backward = norm_backward,
    .unbind = norm_unbind,
    .need = norm_need,
    .graph = norm_graph,
    .samples = samples,
    .differs_in_training = true,
};

struct nn_layer *nn_norm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_norm_options *o)
{
    return nn_layer_new(&nn_norm_type, store, name, in, o);
}
