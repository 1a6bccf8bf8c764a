/* SPDX-License-Identifier: MIT
 *
 * The sum of two chains over the same x, with ReLU after it where asked for:
 *
 *        ┌─► first ──┐                  first, second: any chain, or x itself
 *   x ───┤           + ─► [ReLU] ─► y
 *        └─► second ─┘
 *
 *   d = dy, 0 where y <= 0 with ReLU;  dx = dx of first for d + dx of second for d
 *
 * The main chain is the first, or the second where the first is x itself. Its last y is y's memory,
 * to which the other's is added, and its first dx is dx's; only where that would change what a
 * layer still reads (a view, a ReLU's y) it has memory of its own. So in training the sum costs no
 * memory: a block of two convolutions and norms keeps four tensors.
 *
 * Where the main chain ends with a norm, that adds the other's y in its own pass. Where x is the y
 * of such a sum with ReLU, that one's mask is applied to dx as it is summed.
 *
 * y has the layout and values of the main chain's, the other's is reordered where it differs.
 * Within a pass d, a copy of it and the two chains' own memory lie in what all layers of a network
 * share:
 *
 *   training     [ d | copy of d | main chain, then the other ]
 *   evaluation   [ main chain | other ]        the other's y is needed until the sum
 *
 * Each value of a sum is one thread's, so the number of threads changes no bit. */
#include "chain.h"
#include "halves.h"
#include "layers.h"
#include "norm.h"

#include <stdlib.h>
#include <string.h>

struct residual {
    struct nn_layer layer;
    struct nn_chain chain[2]; /* without layers: x itself */
    int main;
    bool relu;
};

struct residual_state {
    struct nn_bound_chain chain[2];
    bool y_in_place, dx_in_place; /* the main chain's are b->y, b->dx */
    bool joined;                  /* the main chain's last layer adds the other's y to its own */
    bool adds, other_in_place;    /* ... to what is in y, where the other's y is written */
    bool masked;                  /* d is not dy as it comes */
    struct nn_adapter dy;         /* as y */
    struct nn_tensor d, copy;     /* copy: for a main chain that writes over it */
    struct nn_adapter other_y;    /* as y */
    struct nn_adapter other_dx;   /* as dx */
};

static bool is_x(const struct nn_chain *chain)
{
    return !chain->n_layers;
}

/* --- Sums and masks ------------------------------------------------------------------------- */

enum { PIECE = 1 << 14 }; /* values of a piece of work, whole vectors */

/* to = a + b, or a where b is NULL; 0 where `gate` <= 0 unless that is NULL, or, with relu, where
 * the sum is less. NaN stays NaN. */
struct sum {
    const void *a, *b, *gate;
    void *to;
    bool relu;
};

INLINE void sum_vector(const struct sum *s, size_t i, size_t count, bool half)
{
    const vec zero = {0};
    vec v = get(s->a, i, count, half);
    if (s->b) v += get(s->b, i, count, half);
    if (s->relu) v = choose(v < 0.0f, zero, v);
    if (s->gate) v = choose(get(s->gate, i, count, half) <= 0.0f, zero, v);
    put(s->to, i, v, count, half);
}

INLINE void sum_values(const struct sum *s, size_t from, size_t to, bool half)
{
    for (; from + WIDTH <= to; from += WIDTH) sum_vector(s, from, WIDTH, half);
    if (from < to) sum_vector(s, from, to - from, half);
}

CLONES static void sum_floats(const struct sum *s, size_t from, size_t to)
{
    sum_values(s, from, to, false);
}

CLONES static void sum_halves(const struct sum *s, size_t from, size_t to)
{
    sum_values(s, from, to, true);
}

static const void *data_of(const struct nn_tensor *t)
{
    return t ? t->data : NULL;
}

/* All have one layout, so that the order of values does not matter; padding is zero and stays it.
 */
static void run_sum(const struct nn_tensor *to, const struct nn_tensor *a,
                    const struct nn_tensor *b, const struct nn_tensor *gate, bool relu)
{
    const struct sum s = {data_of(a), data_of(b), data_of(gate), to->data, relu};
    const bool half = to->values == NN_BF16;
    const size_t n = to->bytes / (half ? sizeof(uint16_t) : sizeof(float));
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < n; at += PIECE) {
        const size_t end = n - at < PIECE ? n : at + PIECE;
        if (half)
            sum_halves(&s, at, end);
        else
            sum_floats(&s, at, end);
    }
}

/* --- Binding --------------------------------------------------------------------------------- */

static struct nn_tensor *y_of(const struct nn_bound *b, int i)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    return is_x(&l->chain[i]) ? b->x : nn_chain_y(&s->chain[i]);
}

/* Whether the sum may be written over the main chain's y. */
static bool may_replace(const struct nn_bound *last)
{
    return !last->y_is_x && !(last->training && last->layer->type->reads_y);
}

/* Where the main chain adds to y, in evaluation, the other's y is best there, and x itself is where
 * nobody else reads it: then y is in its place. */
static void set_other_place(struct nn_bound *b)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    const struct nn_bound_chain *main = &s->chain[l->main];
    if (!s->adds || s->other_y.tensor != y_of(b, !l->main)) return;
    s->other_in_place =
        !is_x(&l->chain[!l->main]) && may_replace(nn_chain_last(&s->chain[!l->main]));
    b->y_is_x = is_x(&l->chain[!l->main]) && b->spare_x && nn_chain_last(main)->x != b->x;
    for (int k = 0; k < l->chain[l->main].n_layers; k++)
        if (main->bound[k].y_is_x) b->y_is_x = false;
}

/* Where the chains' memory begins, and what is before it. */
static size_t gradients_bytes(const struct residual_state *s)
{
    return nn_whole_lines(s->masked ? s->d.bytes : 0) + nn_whole_lines(s->copy.bytes);
}

static struct nn_places places_of(const struct nn_bound *b, int i, void *memory)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    struct nn_bound *own = (struct nn_bound *)(uintptr_t)b;
    struct nn_places p = {.memory = memory};
    if (i == l->main ? s->y_in_place : s->other_in_place) p.y = &own->y;
    if (i == l->main && s->dx_in_place) p.dx = &own->dx;
    return p;
}

static size_t chain_bytes(const struct nn_bound *b, int i)
{
    const struct residual *l = (const struct residual *)b->layer;
    const struct residual_state *s = b->state;
    const struct nn_places p = places_of(b, i, NULL);
    return is_x(&l->chain[i]) ? 0 : nn_whole_lines(nn_chain_scratch(&s->chain[i], &p));
}

/* Whether the second chain to run may use the memory of the one before: that one's result is not
 * in it. */
static bool shares(const struct nn_bound *b)
{
    const struct residual_state *s = b->state;
    return b->training && s->dx_in_place;
}

static void set_scratch(struct nn_bound *b)
{
    const struct residual *l = (const struct residual *)b->layer;
    const size_t main = chain_bytes(b, l->main), other = chain_bytes(b, !l->main);
    const size_t larger = main > other ? main : other;
    b->scratch_bytes = gradients_bytes(b->state) + (shares(b) ? larger : main + other);
}

static int residual_bind(struct nn_bound *b)
{
    struct residual *l = (struct residual *)b->layer;
    struct residual_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s) return -1;
    for (int i = 0; i < 2; i++) {
        const struct nn_bind_options o = {.batch = b->batch,
                                          .training = b->training,
                                          .need_dx = b->need_dx,
                                          .x = b->x,
                                          .sum = i == l->main && !b->training,
                                          .relu = l->relu};
        if (!is_x(&l->chain[i]) && nn_chain_bind_up(&s->chain[i], &l->chain[i], b->engine, &o))
            return -1;
    }
    const struct nn_bound *last = nn_chain_last(&s->chain[l->main]);
    s->adds = last->adds;
    s->y_in_place = may_replace(last);
    if (nn_tensor_describe_like(&b->y, b->engine, &last->y) ||
        nn_adapter_init_values(&s->other_y, b->engine, y_of(b, !l->main), b->y.md, b->y.values,
                               false))
        return -1;
    set_other_place(b);
    s->joined = !s->adds && s->y_in_place && !b->engine->compose &&
                nn_norm_adds(nn_chain_last(&s->chain[l->main]), s->other_y.tensor, l->relu);
    b->y_rectified = l->relu;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < l->chain[i].n_layers; k++)
            if (!s->chain[i].bound[k].taken) b->kept_bytes += nn_bound_kept(&s->chain[i].bound[k]);
    if (b->training && s->y_in_place) b->kept_bytes -= last->y.bytes;
    if (!b->training) set_scratch(b); /* in training the gradients are to be described first */
    return 0;
}

static bool spoils(const struct residual_state *s, const struct residual *l, int i)
{
    return !is_x(&l->chain[i]) && nn_chain_last(&s->chain[i])->layer->type->spoils_dy;
}

static struct nn_tensor *dx_of(const struct nn_bound *b, int i, struct nn_tensor *d)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    return is_x(&l->chain[i]) ? d : nn_chain_dx(&s->chain[i]);
}

static struct nn_tensor *d_of(struct residual_state *s)
{
    return s->masked ? &s->d : s->dy.tensor;
}

/* A chain that writes over its dy gets a copy of it, or is the last to read it. */
static int bind_gradients(struct nn_bound *b)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    s->masked = (l->relu && !b->dy_masked) || spoils(s, l, 0) || spoils(s, l, 1);
    if (nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false) ||
        (s->masked && nn_tensor_describe_like(&s->d, b->engine, &b->y)) ||
        (spoils(s, l, l->main) && nn_tensor_describe_like(&s->copy, b->engine, &b->y)))
        return -1;
    struct nn_tensor *d = d_of(s), *main = s->copy.bytes ? &s->copy : d;
    for (int i = 0; i < 2; i++)
        if (!is_x(&l->chain[i]) && nn_chain_bind_down(&s->chain[i], i == l->main ? main : d))
            return -1;
    return 0;
}

static int residual_bind_backward(struct nn_bound *b)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    if (bind_gradients(b)) return -1;
    const struct nn_bound *first = &s->chain[l->main].bound[0];
    s->dx_in_place = b->need_dx && !first->y_is_x;
    if (b->need_dx && (nn_tensor_describe_like(&b->dx, b->engine, &first->dx) ||
                       nn_adapter_init_values(&s->other_dx, b->engine, dx_of(b, !l->main, d_of(s)),
                                              b->dx.md, b->dx.values, false)))
        return -1;
    b->dx_masked = b->need_dx && b->x_rectified && nn_tensor_has_layout(b->x, b->dx.md);
    set_scratch(b);
    return 0;
}

static int residual_place(struct nn_bound *b, void *scratch)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    char *at = scratch;
    if (s->masked && nn_tensor_place(&s->d, (float *)(void *)at)) return -1;
    if (s->masked) at += nn_whole_lines(s->d.bytes);
    if (s->copy.bytes && nn_tensor_place(&s->copy, (float *)(void *)at)) return -1;
    at += nn_whole_lines(s->copy.bytes);
    for (int k = 0; k < 2; k++) {
        const int i = k ? !l->main : l->main;
        if (is_x(&l->chain[i])) continue;
        const struct nn_places p = places_of(b, i, at);
        if (nn_chain_place(&s->chain[i], &p)) return -1;
        if (!shares(b)) at += chain_bytes(b, i);
    }
    return 0;
}

static void residual_unbind(struct nn_bound *b)
{
    struct residual_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->dy);
    nn_adapter_clear(&s->other_y);
    nn_adapter_clear(&s->other_dx);
    for (int i = 0; i < 2; i++) nn_chain_unbind(&s->chain[i]);
    nn_tensor_clear(&s->d);
    nn_tensor_clear(&s->copy);
    free(s);
    b->state = NULL;
}

/* --- Running --------------------------------------------------------------------------------- */

static int forward_chain(struct nn_bound *b, int i, const struct nn_pass *pass)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    if (is_x(&l->chain[i])) return 0;
    s->chain[i].pass = *pass;
    return nn_chain_follow(&s->chain[i]) || nn_chain_forward(&s->chain[i]) ? -1 : 0;
}

static int residual_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    if (forward_chain(b, !l->main, pass) || nn_adapter_run(&s->other_y, b->engine)) return -1;
    if (s->adds && s->other_y.tensor->data != b->y.data)
        memcpy(b->y.data, s->other_y.tensor->data, b->y.bytes);
    if (forward_chain(b, l->main, pass)) return -1;
    if (!s->joined && !s->adds) run_sum(&b->y, y_of(b, l->main), s->other_y.tensor, NULL, l->relu);
    return 0;
}

static int backward_chain(struct nn_bound *b, int i, const struct nn_pass *pass)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    if (is_x(&l->chain[i])) return 0;
    s->chain[i].pass = *pass;
    return nn_chain_backward(&s->chain[i]);
}

static int residual_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct residual *l = (const struct residual *)b->layer;
    struct residual_state *s = b->state;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    if (s->masked) run_sum(&s->d, s->dy.tensor, NULL, l->relu ? &b->y : NULL, false);
    if (s->copy.bytes) memcpy(s->copy.data, s->d.data, s->copy.bytes);
    if (backward_chain(b, l->main, pass) || backward_chain(b, !l->main, pass)) return -1;
    if (!b->need_dx) return 0;
    if (nn_adapter_run(&s->other_dx, b->engine)) return -1;
    run_sum(&b->dx, dx_of(b, l->main, NULL), s->other_dx.tensor, b->dx_masked ? b->x : NULL, false);
    return 0;
}

static void residual_need(const struct nn_layer *layer, int batch, bool training,
                          struct nn_need *need)
{
    const struct residual *l = (const struct residual *)layer;
    const struct nn_need start = *need;
    struct nn_shape y = layer->out;
    y.n *= batch;
    for (int i = 0; i < 2; i++) {
        if (is_x(&l->chain[i])) continue;
        const struct nn_chain_sizes c = nn_chain_measure(&l->chain[i], &start, batch, training);
        need->kept += c.kept;
        need->scratch += c.scratch;
        if (c.in_turn > need->in_turn) need->in_turn = c.in_turn;
        if (!training)
            need->shared += c.shared;
        else if (c.shared > need->shared)
            need->shared = c.shared;
        if (i != l->main) continue;
        need->block = c.block, need->size = c.size;
        if (training) need->kept -= c.last;
    }
    if (training && l->relu) need->shared += nn_count_by(y, need->block) * need->size;
}

/* --- Type ------------------------------------------------------------------------------------ */

static int name_of(char name[48], const char *layer, const char *link)
{
    const int n = snprintf(name, 48, "%s.%s", layer, link);
    return n < 48 ? 0
                  : leadseq_fail("layer %s.%s: the name is longer than 47 letters", layer, link);
}

static int check_links(const struct nn_link *link, struct nn_shape in, struct nn_shape *out)
{
    *out = in;
    for (; link && link->type; link++) {
        if (nn_layer_check(link->type, link->name, in, link->options, out)) return -1;
        in = *out;
    }
    return 0;
}

static int residual_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_residual_options *o = options;
    struct nn_shape second;
    if (!(o->first && o->first->type) && !(o->second && o->second->type))
        return leadseq_fail("expected a layer in one of its two chains at least, found none");
    if (check_links(o->first, in, out) || check_links(o->second, in, &second)) return -1;
    if (!memcmp(out, &second, sizeof second)) return 0;
    return leadseq_fail("expected two chains with outputs of one shape, to be added, found "
                        "%d x %d x %d x %d and %d x %d x %d x %d (images, channels, rows, columns)",
                        out->n, out->c, out->h, out->w, second.n, second.c, second.h, second.w);
}

static int add_links(struct residual *l, int i, const struct nn_link *link)
{
    struct nn_shape in = l->layer.in;
    for (; link && link->type; link++) {
        char name[48];
        if (name_of(name, l->layer.name, link->name) ||
            nn_chain_add(&l->chain[i],
                         nn_layer_new(link->type, &l->layer.store, name, in, link->options)))
            return -1;
        const struct nn_layer *added = l->chain[i].layer[l->chain[i].n_layers - 1];
        l->layer.multiply_adds += added->multiply_adds;
        l->layer.state_multiply_adds += added->state_multiply_adds;
        l->layer.dx_multiply_adds += added->dx_multiply_adds;
        in = added->out;
    }
    return 0;
}

static int residual_init(struct nn_layer *layer, const void *options)
{
    struct residual *l = (struct residual *)layer;
    const struct nn_residual_options *o = options;
    l->relu = o->relu;
    if (add_links(l, 0, o->first) || add_links(l, 1, o->second)) return -1;
    l->main = is_x(&l->chain[0]);
    return 0;
}

static void residual_initialise(struct nn_layer *layer)
{
    struct residual *l = (struct residual *)layer;
    for (int i = 0; i < 2; i++) nn_chain_initialise(&l->chain[i]);
}

static void residual_release(struct nn_layer *layer)
{
    struct residual *l = (struct residual *)layer;
    for (int i = 0; i < 2; i++) nn_chain_clear(&l->chain[i]);
}

static int residual_graph(const struct nn_layer *layer, struct nn_graph *g,
                          struct nn_graph_images *x)
{
    const struct residual *l = (const struct residual *)layer;
    struct nn_graph_images y[2] = {*x, *x};
    if (nn_chain_graph(&l->chain[0], g, &y[0]) || nn_chain_graph(&l->chain[1], g, &y[1])) return -1;
    x->n = y[0].n;
    for (int t = 0; t < x->n; t++) {
        int a = y[0].value[t], b = y[1].value[t];
        if (g->rows[a] != g->rows[b])
            a = nn_graph_row(g, layer->name, a), b = nn_graph_row(g, layer->name, b);
        const int sum = nn_graph_two(g, layer->name, "Add", a, b);
        x->value[t] = l->relu ? nn_graph_one(g, layer->name, "Relu", sum) : sum;
        if (x->value[t] < 0) return -1;
    }
    return 0;
}

/* As one kernel: the side of what a value of y depends on, and how far two of them are apart. */
static double field_of(const struct nn_chain *chain, double *step)
{
    double field = 1;
    *step = 1;
    for (int i = 0; i < chain->n_layers; i++) {
        const struct nn_layer *l = chain->layer[i];
        field += (nn_layer_option(l, "kernel", 1) - 1) * *step;
        if (l->type->sees_all) field += 2.0 * (l->in.h > l->in.w ? l->in.h : l->in.w) * *step;
        *step *= nn_layer_option(l, "stride", 1);
    }
    return field;
}

static int residual_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct residual *l = (const struct residual *)layer;
    double step[2];
    const double field[] = {field_of(&l->chain[0], &step[0]), field_of(&l->chain[1], &step[1])};
    option[0] = (struct nn_option){"relu", l->relu};
    option[1] = (struct nn_option){"kernel", field[0] > field[1] ? field[0] : field[1]};
    option[2] = (struct nn_option){"stride", step[l->main]};
    return 3;
}

const struct nn_chain *nn_residual_chain(const struct nn_layer *layer, int i)
{
    const struct residual *l = (const struct residual *)layer;
    return layer->type == &nn_residual_type ? &l->chain[i] : NULL;
}

/* Samples: a block with x itself beside it; one of stride 2 with a chain beside it; x first; one
 * within another, without ReLU; chains that end with a view, a ReLU and a maximum; recurrent ones.
 */
static const struct nn_link basic[] = {
    {&nn_conv_type, "conv1",
     &(const struct nn_conv_options){.channels = 16, .kernel = 3, .pad = 1}},
    {&nn_norm_type, "bn1", &(const struct nn_norm_options){.relu = true}},
    {&nn_conv_type, "conv2",
     &(const struct nn_conv_options){.channels = 16, .kernel = 3, .pad = 1}},
    {&nn_norm_type, "bn2", &(const struct nn_norm_options){.relu = false}},
    {0},
};
static const struct nn_link strided[] = {
    {&nn_conv_type, "conv1",
     &(const struct nn_conv_options){.channels = 17, .kernel = 3, .stride = 2, .pad = 1}},
    {&nn_norm_type, "bn1", &(const struct nn_norm_options){.relu = true}},
    {0},
};
static const struct nn_link shortcut[] = {
    {&nn_conv_type, "down0",
     &(const struct nn_conv_options){.channels = 17, .kernel = 1, .stride = 2}},
    {&nn_norm_type, "down1", &(const struct nn_norm_options){.relu = false}},
    {0},
};
static const struct nn_link bent[] = {
    {&nn_conv_type, "conv",
     &(const struct nn_conv_options){.channels = 5, .kernel = 3, .pad = 1, .bias = true}},
    {&nn_relu_type, "relu", NULL},
    {0},
};
static const struct nn_link nested[] = {
    {&nn_residual_type, "inner", &(const struct nn_residual_options){.first = bent, .relu = true}},
    {&nn_pool_type, "pool", &(const struct nn_pool_options){.kernel = 3, .stride = 1, .pad = 1}},
    {0},
};
static const struct nn_link cells[] = {
    {&nn_convlstm_type, "cell",
     &(const struct nn_convlstm_options){.hidden = 5, .kernel = 3, .bias = true}},
    {0},
};
static const struct nn_link more_cells[] = {
    {&nn_convlstm_type, "more", &(const struct nn_convlstm_options){.hidden = 5, .kernel = 1}},
    {0},
};
static const struct nn_link row[] = {
    {&nn_flatten_type, "row", NULL},
    {0},
};
static const struct nn_link features[] = {
    {&nn_flatten_type, "row", NULL},
    {&nn_dense_type, "dense", &(const struct nn_dense_options){.features = 30, .bias = true}},
    {0},
};

#define RESIDUAL(...)                                                                              \
    &(const struct nn_residual_options)                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 16, 6, 5}, 2, RESIDUAL(.first = basic, .relu = true)},
    {{1, 16, 7, 9}, 3, RESIDUAL(.first = strided, .second = shortcut, .relu = true)},
    {{3, 5, 7, 5}, 2, RESIDUAL(.second = bent)},
    {{1, 5, 5, 4}, 2, RESIDUAL(.first = nested, .second = bent)},
    {{3, 5, 4, 5}, 2, RESIDUAL(.first = cells, .second = more_cells)},
    {{1, 5, 3, 2}, 2, RESIDUAL(.first = row, .second = features)},
    {.batch = 0},
};

const struct nn_layer_type nn_residual_type = {
    .name = "residual",
    .help = "the sum of two chains of layers over the same input, with ReLU if asked for",
    .size = sizeof(struct residual),
    .check = residual_check,
    .init = residual_init,
    .options = residual_options,
    .initialise = residual_initialise,
    .release = residual_release,
    .bind = residual_bind,
    .bind_backward = residual_bind_backward,
    .place = residual_place,
    .forward = residual_forward,
    .backward = residual_backward,
    .unbind = residual_unbind,
    .need = residual_need,
    .graph = residual_graph,
    .samples = samples,
    .bent = true,
    .differs_in_training = true,
    .reads_y = true,
};

struct nn_layer *nn_residual_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                 const struct nn_residual_options *o)
{
    return nn_layer_new(&nn_residual_type, store, name, in, o);
}
