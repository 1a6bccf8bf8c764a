/* SPDX-License-Identifier: MIT
 *
 * Layers in double precision, one after the other; see reference_net.h. */
#include "reference_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Shapes and slices ------------------------------------------------------------------ */

static int out_size(const struct ref_layer *l, int size)
{
    const struct ref_pool pool = {
        .kernel = l->kernel, .stride = l->stride, .pad = l->pad, .partial = l->partial};
    if (l->kind == REF_KIND_POOL) return ref_pool_size(&pool, size);
    return l->kind == REF_KIND_CONV ? ref_output_size(size, l->kernel, l->stride, l->pad) : size;
}

/* The layer that x comes from, -1: the input. */
static int source_of(int i, int source)
{
    return source == REF_BEFORE ? i - 1 : source == REF_INPUT ? -1 : source - 1;
}

void ref_net_add(struct ref_net *net, const struct ref_layer *layer)
{
    if (net->n_layers == REF_LAYERS_MAX) abort();
    int now[] = {net->images, net->c, net->h, net->w};
    if (!net->n_layers) memcpy(net->input, now, sizeof now);
    const int source = source_of(net->n_layers, layer->source);
    const int *x = source < 0 ? net->input : net->layer[source].y;
    struct ref_layer *l = &net->layer[net->n_layers++];
    *l = *layer;
    l->images = x[0], l->c = x[1], l->h = x[2], l->w = x[3];
    if (l->kind == REF_KIND_CONV && l->pad < 0) l->pad = (l->kernel - 1) / 2;
    net->images = l->images, net->c = l->c;
    net->h = l->row ? l->h : out_size(l, l->h), net->w = out_size(l, l->w);
    if (l->kind == REF_KIND_CONV || l->kind == REF_KIND_CONVLSTM || l->kind == REF_KIND_RNN)
        net->c = l->k;
    if (l->kind == REF_KIND_CONVLSTM && l->last_only) net->images = 1;
    if (l->kind == REF_KIND_FLATTEN) net->c = l->images * l->c * l->h * l->w;
    if (l->kind == REF_KIND_DENSE) net->c = l->k;
    if (l->kind == REF_KIND_GLOBAL) net->c = l->c * (l->mean + l->max + l->last);
    if (l->kind == REF_KIND_FLATTEN || l->kind == REF_KIND_GLOBAL)
        net->images = net->h = net->w = 1;
    memcpy(l->y, (int[]){net->images, net->c, net->h, net->w}, sizeof l->y);
}

size_t ref_net_count(const struct ref_net *net, int batch)
{
    return (size_t)net->images * batch * net->c * net->h * net->w;
}

static size_t count_x(const struct ref_layer *l, int batch)
{
    return (size_t)l->images * batch * l->c * l->h * l->w;
}

/* Where slice "layer.part" is in a block of `p`; NULL if there is no such slice. */
static double *slice_of(const struct leadseq_params *p, const double *block, const char *layer,
                        const char *part)
{
    char name[80];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    for (size_t i = 0; p && i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, name)) return (double *)(uintptr_t)block + p->slice[i].offset;
    return NULL;
}

/* To 8 bits of mantissa, ties to even; the exponents of tests stay in range. */
static void round_all(double *x, size_t n)
{
    for (size_t i = 0; x && i < n; i++) {
        int exponent;
        double m = frexp(x[i], &exponent);
        x[i] = ldexp(nearbyint(ldexp(m, 8)), exponent - 8);
    }
}

/* One layer at work. */
struct work {
    const struct ref_layer *l;
    bool rounds_x, rounds_y; /* both and their gradients are bfloat16's values */
    double *own_x, *own_w;   /* rounded copies */
    const struct ref_net_pass *p;
    const struct leadseq_params *params; /* rnn: where its slices are */
    size_t n_x, n_y;
    const double *x, *w, *b; /* w, b also scale and shift */
    const double *also;      /* sum: the other term */
    const double *mean, *var;
    double *y, *dy, *dx, *dw, *db;
    double *h, *c, *gates;      /* convlstm: (T, …) */
    const double *gain, *shift; /* and its layer norm's */
    double *dgain, *dshift;
};

static int images_of(const struct work *k)
{
    return k->l->images * k->p->batch;
}

/* --- Layers that see each image alone ----------------------------------------------------- */

static struct ref_conv conv_of(const struct work *k)
{
    const struct ref_layer *l = k->l;
    return (struct ref_conv){images_of(k), l->c,      l->h,   l->w,  l->k,
                             l->kernel,    l->stride, l->pad, l->row};
}

static void conv(struct work *k)
{
    struct ref_conv s = conv_of(k);
    if (k->dy)
        ref_conv_backward(&s, k->x, k->w, k->dy, k->dx, k->dw, k->db);
    else
        ref_conv_forward(&s, k->x, k->w, k->b, k->y);
}

/* As a dense layer of all units, whose outputs are subtracted. */
static void dense_pairs(struct work *k)
{
    const struct ref_layer *l = k->l;
    struct ref_dense s = {k->p->batch, l->c, 2 * l->k};
    double *units = ref_zeros(2 * k->n_y);
    if (!k->dy) ref_dense_forward(&s, k->x, k->w, k->b, units);
    for (size_t i = 0; i < k->n_y; i++) {
        const size_t n = i / (size_t)l->k, u = n * 2 * (size_t)l->k + i % (size_t)l->k;
        if (k->dy)
            units[u] = k->dy[i], units[u + (size_t)l->k] = -k->dy[i];
        else
            k->y[i] = units[u] - units[u + (size_t)l->k];
    }
    if (k->dy) ref_dense_backward(&s, k->x, k->w, units, k->dx, k->dw, k->db);
    free(units);
}

static void dense(struct work *k)
{
    if (k->l->paired) {
        dense_pairs(k);
        return;
    }
    struct ref_dense s = {k->p->batch, k->l->c, k->l->k};
    if (k->dy)
        ref_dense_backward(&s, k->x, k->w, k->dy, k->dx, k->dw, k->db);
    else
        ref_dense_forward(&s, k->x, k->w, k->b, k->y);
}

static void pool(struct work *k)
{
    const struct ref_layer *l = k->l;
    struct ref_pool s = {images_of(k),    l->c,   l->h,   l->w,      l->kernel, l->stride,
                         !l->window_mean, l->pad, l->row, l->partial};
    if (k->dy)
        ref_pool_backward(&s, k->x, k->dy, k->dx);
    else
        ref_pool_forward(&s, k->x, k->y);
}

static void relu(struct work *k)
{
    for (size_t i = 0; i < k->n_x; i++)
        if (k->dy)
            k->dx[i] += k->dy[i] * (k->x[i] > 0 ? 1 : k->l->slope);
        else
            k->y[i] = k->x[i] > 0 ? k->x[i] : k->l->slope * k->x[i];
}

/* dx is for both terms. */
static void sum(struct work *k)
{
    for (size_t i = 0; i < k->n_x; i++)
        if (k->dy)
            k->dx[i] += k->dy[i];
        else
            k->y[i] = k->x[i] + k->also[i];
}

static void dropout(struct work *k)
{
    const struct ref_layer *l = k->l;
    for (size_t i = 0; i < k->n_x; i++) {
        double factor = !l->mask || !k->p->training ? 1 : l->mask[i] / (1 - l->rate);
        if (k->dy)
            k->dx[i] += k->dy[i] * factor;
        else
            k->y[i] = k->x[i] * factor;
    }
}

static void norm(struct work *k)
{
    struct ref_norm s = {.n = images_of(k),
                         .c = k->l->c,
                         .hw = k->l->h * k->l->w,
                         .epsilon = 1e-5,
                         .momentum = 0.1,
                         .training = k->p->training};
    if (k->dy) {
        ref_norm_backward(&s, k->x, k->w, k->dy, k->dx, k->dw, k->db);
        return;
    }
    size_t bytes = (size_t)s.c * sizeof(double);
    double *mean = ref_zeros((size_t)s.c), *var = ref_zeros((size_t)s.c);
    memcpy(mean, k->mean, bytes), memcpy(var, k->var, bytes);
    ref_norm_forward(&s, k->x, k->w, k->b, mean, var, k->y);
    free(mean), free(var);
}

/* --- Layers that see a record's images ------------------------------------------------------ */

static void convlstm(struct work *k)
{
    const struct ref_layer *l = k->l;
    struct ref_convlstm s = {l->images, k->p->batch, l->c,    l->h,    l->w,
                             l->k,      l->kernel,   k->gain, k->shift};
    size_t n_h = (size_t)l->images * k->p->batch * l->k * l->h * l->w, skip = n_h - k->n_y;
    if (!k->dy) {
        k->h = ref_zeros(n_h), k->c = ref_zeros(n_h), k->gates = ref_zeros(4 * n_h);
        ref_convlstm_forward(&s, k->x, k->w, k->b, k->h, k->c, k->gates);
        memcpy(k->y, k->h + skip, k->n_y * sizeof *k->y);
        return;
    }
    struct ref_convlstm_saved saved = {k->h, k->c, k->gates, k->b};
    struct ref_convlstm_gradients d = {k->dx,          k->dw,          k->db,
                                       ref_zeros(n_h), ref_zeros(n_h), ref_zeros(4 * n_h),
                                       k->dgain,       k->dshift};
    double *dy = ref_zeros(n_h), *nowhere = ref_zeros(4 * (size_t)l->k);
    if (!d.db) d.db = nowhere;
    memcpy(dy + skip, k->dy, k->n_y * sizeof *dy);
    ref_convlstm_backward(&s, k->x, k->w, &saved, dy, &d);
    free(d.dh), free(d.dc), free(d.da), free(dy), free(nowhere);
}

static double *part_of(const struct work *k, bool gradient, const char *part)
{
    const double *block = gradient ? k->p->dparams : k->p->params;
    return slice_of(k->params, block, k->l->name, part);
}

static void rnn(struct work *k)
{
    const struct ref_layer *l = k->l;
    const struct ref_rnn s = {.t = l->w,
                              .n = k->p->batch,
                              .c = l->c,
                              .k = l->k,
                              .gru = l->gru,
                              .w = part_of(k, false, "weight_ih"),
                              .v = part_of(k, false, "weight_hh"),
                              .b = part_of(k, false, "bias_ih"),
                              .d = part_of(k, false, "bias_hh")};
    if (!k->dy) {
        ref_rnn_forward(&s, k->x, k->y);
        return;
    }
    const struct ref_rnn_gradients d = {part_of(k, true, "weight_ih"),
                                        part_of(k, true, "weight_hh"), part_of(k, true, "bias_ih"),
                                        part_of(k, true, "bias_hh")};
    ref_rnn_backward(&s, k->x, k->dy, k->dx, &d);
}

/* Calls for each value of x (T, N, C, H·W): record n, step t, and j within the image. */
static void each_value(struct work *k, void (*visit)(struct work *, size_t i, int n, int t, int j))
{
    int image = k->l->c * k->l->h * k->l->w;
    size_t i = 0;
    for (int t = 0; t < k->l->images; t++)
        for (int n = 0; n < k->p->batch; n++)
            for (int j = 0; j < image; j++) visit(k, i++, n, t, j);
}

static void flatten_value(struct work *k, size_t i, int n, int t, int j)
{
    size_t image = (size_t)k->l->c * k->l->h * k->l->w, at = (n * k->l->images + t) * image + j;
    if (k->dy)
        k->dx[i] += k->dy[at];
    else
        k->y[at] = k->x[i];
}

static void flatten(struct work *k)
{
    each_value(k, flatten_value);
}

/* Gathers each channel of a record over its images, then reference.h's plane. */
static void global_part(struct work *k, bool max, int n, int c, size_t at)
{
    const struct ref_layer *l = k->l;
    size_t hw = (size_t)l->h * l->w;
    double *plane = ref_zeros(hw * l->images), *d = ref_zeros(hw * l->images);
    for (int t = 0; t < l->images; t++) {
        size_t from = (((size_t)t * k->p->batch + n) * l->c + c) * hw;
        memcpy(plane + t * hw, k->x + from, hw * sizeof *plane);
    }
    if (!k->dy) ref_global_forward(max, 1, (int)(hw * l->images), plane, k->y + at);
    if (k->dy) ref_global_backward(max, 1, (int)(hw * l->images), plane, k->dy + at, d);
    for (int t = 0; k->dy && t < l->images; t++) {
        double *dx = k->dx + (((size_t)t * k->p->batch + n) * l->c + c) * hw;
        for (size_t i = 0; i < hw; i++) dx[i] += d[t * hw + i];
    }
    free(plane), free(d);
}

static void last_part(struct work *k, int n, int c, size_t at)
{
    const struct ref_layer *l = k->l;
    size_t hw = (size_t)l->h * l->w, image = (size_t)(l->images - 1) * k->p->batch + n;
    size_t from = (image * l->c + c) * hw + hw - 1;
    if (k->dy)
        k->dx[from] += k->dy[at];
    else
        k->y[at] = k->x[from];
}

static void global(struct work *k)
{
    const struct ref_layer *l = k->l;
    size_t features = (size_t)l->c * (l->mean + l->max + l->last);
    for (int n = 0; n < k->p->batch; n++)
        for (int c = 0; c < l->c; c++) {
            size_t at = n * features + c;
            bool max_before = l->max && l->max_first;
            if (l->mean) global_part(k, false, n, c, at + (max_before ? l->c : 0));
            if (l->max) global_part(k, true, n, c, at + (l->mean && !max_before ? l->c : 0));
            if (l->last) last_part(k, n, c, at + l->c * (l->mean + l->max));
        }
}

/* --- The network ------------------------------------------------------------------------------ */

static void run(struct work *k)
{
    static void (*const run_of[])(struct work *) = {
        [REF_KIND_CONV] = conv,     [REF_KIND_DENSE] = dense,     [REF_KIND_CONVLSTM] = convlstm,
        [REF_KIND_NORM] = norm,     [REF_KIND_RELU] = relu,       [REF_KIND_POOL] = pool,
        [REF_KIND_GLOBAL] = global, [REF_KIND_FLATTEN] = flatten, [REF_KIND_DROPOUT] = dropout,
        [REF_KIND_SAME] = dropout,  [REF_KIND_SUM] = sum,         [REF_KIND_RNN] = rnn,
    };
    run_of[k->l->kind](k);
}

static struct work begin(const struct ref_net *net, const struct ref_net_pass *p, int i,
                         const double *x)
{
    const struct ref_layer *l = &net->layer[i];
    struct work k = {.l = l, .p = p, .params = net->params, .x = x, .n_x = count_x(l, p->batch)};
    k.n_y = (size_t)l->y[0] * p->batch * l->y[1] * l->y[2] * l->y[3];
    k.w = slice_of(net->params, p->params, l->name, "weight");
    k.b = slice_of(net->params, p->params, l->name, "bias");
    k.dw = p->dy ? slice_of(net->params, p->dparams, l->name, "weight") : NULL;
    k.db = p->dy && k.b ? slice_of(net->params, p->dparams, l->name, "bias") : NULL;
    k.gain = slice_of(net->params, p->params, l->name, "norm_weight");
    k.shift = slice_of(net->params, p->params, l->name, "norm_bias");
    k.dgain = p->dy ? slice_of(net->params, p->dparams, l->name, "norm_weight") : NULL;
    k.dshift = p->dy ? slice_of(net->params, p->dparams, l->name, "norm_bias") : NULL;
    k.mean = slice_of(net->state, p->state, l->name, "running_mean");
    k.var = slice_of(net->state, p->state, l->name, "running_var");
    k.y = ref_zeros(k.n_y);
    return k;
}

static double *rounded(const double *x, size_t n)
{
    double *copy = ref_zeros(n);
    memcpy(copy, x, n * sizeof *copy);
    round_all(copy, n);
    return copy;
}

/* Which of a layer's values are bfloat16's; `below`: whether its x is, as it comes. */
static void set_rounding(struct work *k, bool below)
{
    bool conv = k->l->kind == REF_KIND_CONV,
         keeps = k->l->kind == REF_KIND_NORM || k->l->kind == REF_KIND_RELU ||
                 k->l->kind == REF_KIND_SUM || k->l->kind == REF_KIND_SAME ||
                 k->l->kind == REF_KIND_POOL;
    k->rounds_x = conv || below;
    k->rounds_y = conv || (below && keeps);
    if (!conv) return;
    const struct ref_layer *l = k->l;
    k->x = k->own_x = rounded(k->x, k->n_x);
    k->w = k->own_w = rounded(k->w, (size_t)l->k * l->c * l->kernel * (l->row ? 1 : l->kernel));
}

/* Adds a layer's dx to the dy of the layer that x comes from, or to the network's dx. */
static void hand_down(const struct ref_net_pass *p, struct work *k, int i, int source)
{
    double *to = source < 0 ? p->dx : k[source].dy;
    for (size_t j = 0; to && j < k[i].n_x; j++) to[j] += k[i].dx[j];
}

static void backward(const struct ref_net *net, const struct ref_net_pass *p, struct work *k)
{
    const int last = net->n_layers - 1;
    for (int i = 0; i <= last; i++) k[i].dy = ref_zeros(k[i].n_y);
    memcpy(k[last].dy, p->dy, k[last].n_y * sizeof *p->dy);
    for (int i = last; i >= 0; i--) {
        const struct ref_layer *l = &net->layer[i];
        k[i].dx = ref_zeros(k[i].n_x);
        if (k[i].rounds_y) round_all(k[i].dy, k[i].n_y);
        run(&k[i]);
        if (k[i].rounds_x) round_all(k[i].dx, k[i].n_x);
        hand_down(p, k, i, source_of(i, l->source));
        if (l->kind == REF_KIND_SUM) hand_down(p, k, i, source_of(i, l->other));
    }
    for (int i = 0; i <= last; i++) free(k[i].dy), free(k[i].dx);
}

static const double *output_of(const struct ref_net_pass *p, const struct work *k, int source)
{
    return source < 0 ? p->x : k[source].y;
}

/* Whether the maximum over 2 x 2 pixels follows, maybe after a ReLU, in the pass of the norm: then
 * values are compared before they are rounded. */
static bool compares_first(const struct ref_net *net, int i)
{
    const struct ref_layer *l = &net->layer[i], *end = net->layer + net->n_layers;
    const bool after_norm = i > 0 && l[-1].kind == REF_KIND_NORM;
    if (l->kind == REF_KIND_NORM && l + 1 < end && l[1].kind == REF_KIND_RELU)
        l++;
    else if (l->kind != REF_KIND_NORM && !(l->kind == REF_KIND_RELU && after_norm))
        return false;
    return l + 1 < end && l[1].kind == REF_KIND_POOL && l[1].kernel == 2 && l[1].stride == 2 &&
           !l[1].pad && !l[1].row && !l[1].window_mean && !l[1].partial;
}

void ref_net_run(const struct ref_net *net, const struct ref_net_pass *p)
{
    struct work *k = calloc(REF_LAYERS_MAX, sizeof *k);
    if (!k) abort();
    for (int i = 0; i < net->n_layers; i++) {
        const struct ref_layer *l = &net->layer[i];
        const int source = source_of(i, l->source);
        k[i] = begin(net, p, i, output_of(p, k, source));
        if (l->kind == REF_KIND_SUM) k[i].also = output_of(p, k, source_of(i, l->other));
        if (net->rounds) set_rounding(&k[i], source >= 0 && k[source].rounds_y);
        run(&k[i]);
        if (k[i].rounds_y && !l->summed && !compares_first(net, i)) round_all(k[i].y, k[i].n_y);
    }
    const struct work *last = &k[net->n_layers - 1];
    if (p->y) memcpy(p->y, last->y, last->n_y * sizeof *p->y);
    if (p->dy) backward(net, p, k);
    for (int i = 0; i < net->n_layers; i++)
        free(k[i].y), free(k[i].h), free(k[i].c), free(k[i].gates), free(k[i].own_x),
            free(k[i].own_w);
    free(k);
}
