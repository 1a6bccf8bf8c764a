/* SPDX-License-Identifier: MIT
 *
 * Pooled heads: the mean and the maximum over every row and column, and over all images of a
 * record (all steps of a sequence), and the last value: of a recurrence along rows, what it has
 * seen all of a signal by.
 *
 *   x (T·N, C, H, W) -> y (N, C, 2C or 3C): [mean, maximum, last], or [maximum, mean, last]
 *
 * Written here and not with oneDNN's pooling, because a mean over 512 × 512
 * values added one by one in float32 loses three digits: sums are double. x is
 * read in the layout it has, unless nn_tensor_blocks() does not know it. */
#include "layers.h"

#include <math.h>
#include <stdlib.h>

struct global {
    struct nn_layer head;
    bool mean, max, max_first, last;
    int at_mean, at_max, at_last; /* the first feature of each */
};

struct global_state {
    struct nn_adapter x, dx; /* to plain where the layout has no name (nn_tensor_blocks()) */
    struct nn_adapter dy;    /* plain */
    struct nn_blocks group;
    size_t *place; /* (N, C) of the maximum: step · pixels + pixel; training */
};

/* The layout x is read in: its own, or plain. */
static int adapt(struct nn_bound *b, struct nn_adapter *a, struct nn_tensor *t, bool out)
{
    if (nn_tensor_blocks(t).block && t->values != NN_BF16) {
        *a = (struct nn_adapter){.tensor = t};
        return 0;
    }
    return nn_adapter_init_plain(a, b->engine, t, out);
}

/* Keeps the place of each maximum, so that x is not needed in the backward pass. */
static int global_bind(struct nn_bound *b)
{
    struct global *l = (struct global *)b->layer;
    struct global_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || nn_tensor_describe(&b->y, b->engine, nn_bound_shape(b, l->head.out), NULL) ||
        adapt(b, &s->x, b->x, false))
        return -1;
    s->group = nn_tensor_blocks(s->x.tensor);
    if (!l->max) return 0;
    size_t maxima = (size_t)b->batch * l->head.in.c;
    s->place = leadseq_calloc(maxima, sizeof *s->place);
    b->kept_bytes += maxima * sizeof *s->place;
    return s->place ? 0 : -1;
}

static int global_bind_backward(struct nn_bound *b)
{
    struct global_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_adapter_init_plain(&s->dy, b->engine, b->dy, false) ||
        nn_tensor_describe_like(&b->dx, b->engine, b->x))
        return -1;
    return adapt(b, &s->dx, &b->dx, true);
}

static void global_unbind(struct nn_bound *b)
{
    struct global_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dx);
    nn_adapter_clear(&s->dy);
    free(s->place);
    free(s);
}

/* First value of record n's channel c at step t. */
static size_t run_at(const struct nn_bound *b, int t, int n, int c)
{
    const struct global_state *s = b->state;
    return nn_blocks_at(&s->group, (size_t)t * (size_t)b->batch + (size_t)n, c);
}

/* Σ of a channel of one image, in double; `stride` floats from pixel to pixel. */
static double run_sum(const float *x, size_t pixels, size_t stride)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t p = 0; p < pixels; p++) sum += x[p * stride];
    return sum;
}

/* Mean over all images of the record: T · pixels values. */
static void pool_mean(struct nn_bound *b, int n, int c, float *y)
{
    const struct global_state *s = b->state;
    int steps = b->layer->in.n;
    double sum = 0;
    for (int t = 0; t < steps; t++)
        sum += run_sum(s->x.tensor->data + run_at(b, t, n, c), s->group.pixels, s->group.block);
    *y = (float)(sum / ((double)steps * s->group.pixels));
}

/* The first of equal values; NaN wins, so that it is seen. */
static void pool_max(struct nn_bound *b, int n, int c, float *y)
{
    struct global_state *s = b->state;
    size_t pixels = s->group.pixels, best = 0;
    float most = -INFINITY;
    for (int t = 0; t < b->layer->in.n; t++) {
        const float *x = s->x.tensor->data + run_at(b, t, n, c);
        for (size_t p = 0; p < pixels; p++) {
            float v = x[p * s->group.block];
            if (v > most || v != v) most = v, best = (size_t)t * pixels + p;
        }
    }
    s->place[(size_t)n * b->layer->in.c + c] = best;
    *y = most;
}

static float last_of(const struct nn_bound *b, int n, int c)
{
    const struct global_state *s = b->state;
    const size_t at = run_at(b, b->layer->in.n - 1, n, c);
    return s->x.tensor->data[at + (s->group.pixels - 1) * (size_t)s->group.block];
}

/* Each (record, channel) is one thread's, so the order of a sum never depends on threads. */
static int global_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    const struct global *l = (const struct global *)b->layer;
    struct global_state *s = b->state;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    int channels = l->head.in.c, features = l->head.out.c;
#pragma omp parallel for collapse(2)
    for (int n = 0; n < b->batch; n++)
        for (int c = 0; c < channels; c++) {
            float *y = b->y.data + (size_t)n * features + c;
            if (l->mean) pool_mean(b, n, c, y + l->at_mean);
            if (l->max) pool_max(b, n, c, y + l->at_max);
            if (l->last) y[l->at_last] = last_of(b, n, c);
        }
    return 0;
}

/* Spreads record n's gradients over channel c; c beyond C is a layout's padding: zeros. */
static void spread(struct nn_bound *b, int n, int c)
{
    const struct global *l = (const struct global *)b->layer;
    const struct global_state *s = b->state;
    int channels = l->head.in.c, steps = l->head.in.n;
    size_t pixels = s->group.pixels;
    const float *dy = s->dy.tensor->data + (size_t)n * l->head.out.c;
    float each =
        l->mean && c < channels ? (float)(dy[l->at_mean + c] / ((double)steps * pixels)) : 0;
    for (int t = 0; t < steps; t++) {
        float *dx = s->dx.tensor->data + run_at(b, t, n, c);
        for (size_t p = 0; p < pixels; p++) dx[p * s->group.block] = each;
    }
    if (c >= channels) return;
    if (l->max) {
        const size_t place = s->place[(size_t)n * channels + c];
        float *dx = s->dx.tensor->data + run_at(b, (int)(place / pixels), n, c);
        dx[place % pixels * s->group.block] += dy[l->at_max + c];
    }
    if (l->last) {
        float *dx = s->dx.tensor->data + run_at(b, steps - 1, n, c);
        dx[(pixels - 1) * s->group.block] += dy[l->at_last + c];
    }
}

static int global_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct global_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    int padded = s->group.block * s->group.blocks;
#pragma omp parallel for collapse(2)
    for (int n = 0; n < b->batch; n++)
        for (int c = 0; c < padded; c++) spread(b, n, c);
    return nn_adapter_run(&s->dx, b->engine);
}

static void global_need(const struct nn_layer *layer, int batch, bool training,
                        struct nn_need *need)
{
    (void)training;
    if (((const struct global *)layer)->max)
        need->kept = (size_t)batch * (size_t)layer->in.c * sizeof(size_t);
}

/* --- Type ---------------------------------------------------------------------------------- */

/* Works on any image, of one pixel too. */
static int global_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_global_options *o = options;
    if (!o->mean && !o->max && !o->last)
        return leadseq_fail("expected the mean, the maximum or the last value of each channel, "
                            "found none");
    *out = (struct nn_shape){1, in.c * ((int)o->mean + (int)o->max + (int)o->last), 1, 1};
    return 0;
}

static int global_init(struct nn_layer *layer, const void *options)
{
    struct global *l = (struct global *)layer;
    const struct nn_global_options *o = options;
    l->mean = o->mean;
    l->max = o->max;
    l->max_first = o->max_first;
    l->last = o->last;
    l->at_mean = l->max && l->max_first ? layer->in.c : 0;
    l->at_max = l->mean && !l->max_first ? layer->in.c : 0;
    l->at_last = layer->in.c * ((int)l->mean + (int)l->max);
    return 0;
}

static int global_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct global *l = (const struct global *)layer;
    option[0] = (struct nn_option){"mean", l->mean};
    option[1] = (struct nn_option){"max", l->max};
    option[2] = (struct nn_option){"max_first", l->max_first};
    option[3] = (struct nn_option){"last", l->last};
    return 4;
}

/* The lower right value of an image, (N, C, 1, 1). */
static int graph_last(const struct nn_layer *layer, struct nn_graph *g, int image)
{
    const int64_t begin[] = {-1, -1}, end[] = {INT32_MAX, INT32_MAX}, axis[] = {2, 3};
    return nn_graph_add(
        g, &(struct nn_graph_op){.op = "Slice",
                                 .layer = layer->name,
                                 .n_inputs = 4,
                                 .input = {image, nn_graph_integers(g, layer->name, begin, 2),
                                           nn_graph_integers(g, layer->name, end, 2),
                                           nn_graph_integers(g, layer->name, axis, 2)}});
}

/* A record's images lie one below the other. */
static int global_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    const struct global *l = (const struct global *)layer;
    const int all = nn_graph_concat(g, layer->name, x, 2);
    struct nn_graph_images parts = {0};
    for (int i = 0; i < 2; i++) {
        const bool max = (i == 0) == l->max_first;
        if (max ? !l->max : !l->mean) continue;
        const int pooled =
            nn_graph_one(g, layer->name, max ? "GlobalMaxPool" : "GlobalAveragePool", all);
        parts.value[parts.n++] = nn_graph_row(g, layer->name, pooled);
    }
    if (l->last)
        parts.value[parts.n++] =
            nn_graph_row(g, layer->name, graph_last(layer, g, x->value[x->n - 1]));
    x->n = 1;
    x->value[0] = nn_graph_concat(g, layer->name, &parts, 1);
    return x->value[0] < 0 ? -1 : 0;
}

#define GLOBAL(...)                                                                                \
    &(const struct nn_global_options)                                                              \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, GLOBAL(.mean = true)},
    {{12, 10, 5, 7}, 2, GLOBAL(.mean = true)},
    {{3, 17, 7, 1}, 2, GLOBAL(.max = true)},
    {{2, 16, 1, 9}, 3, GLOBAL(.mean = true, .max = true)},
    {{1, 17, 3, 2}, 2, GLOBAL(.mean = true, .max = true, .max_first = true)},
    {{1, 17, 1, 9}, 2, GLOBAL(.mean = true, .max = true, .last = true)},
    {{2, 3, 2, 5}, 2, GLOBAL(.last = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_global_type = {
    .name = "global pool",
    .help = "mean, maximum and last value of each channel over rows, columns and a record's images",
    .size = sizeof(struct global),
    .check = global_check,
    .init = global_init,
    .options = global_options,
    .bind = global_bind,
    .bind_backward = global_bind_backward,
    .forward = global_forward,
    .backward = global_backward,
    .unbind = global_unbind,
    .need = global_need,
    .graph = global_graph,
    .samples = samples,
    .sees_all = true,
    .bent = true,
};

struct nn_layer *nn_global_new(const struct nn_store *store, const char *name, struct nn_shape in,
                               const struct nn_global_options *o)
{
    return nn_layer_new(&nn_global_type, store, name, in, o);
}
