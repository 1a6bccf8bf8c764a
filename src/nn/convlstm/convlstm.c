/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM over a sequence: the layer, its parameters, the loop over time, and the choice
 * between the ways to compute its steps (steps.h). Formulas are in doc/mathematics.md;
 * doc/convlstm.md explains the engine.
 *
 *   x (T·N, C, H, W)  ─► step 0 ─ h, c ─► step 1 ─ h, c ─► … ─► step T-1 ─► y: h of every step
 *                                                                            or of the last */
#include "steps.h"

/* --- The time loop ------------------------------------------------------------------------- */

/* Steps follow one another; each uses all threads. */
static int convlstm_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct nn_steps *st = b->state;
    if (st->type->begin(b)) return -1;
    for (int t = 0; t < b->layer->in.n; t++)
        if (st->type->forward(b, pass, t)) return leadseq_fail_in("step %d", t);
    return 0;
}

/* Needs the forward pass just made: slots hold what it left. Adds to the parameters' gradients. */
static int convlstm_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct nn_steps *st = b->state;
    if (st->type->begin_backward(b)) return -1;
    for (int t = b->layer->in.n - 1; t >= 0; t--)
        if (st->type->backward(b, pass, t)) return leadseq_fail_in("step %d", t);
    return st->type->end_backward(b);
}

/* --- Binding ----------------------------------------------------------------------------- */

/* The ways to compute the steps, the preferred first; the last one suits every shape without
 * norm. */
static const struct nn_steps_type *const ways[] = {&nn_steps_norm, &nn_steps_band,
                                                   &nn_steps_onednn};

static const struct nn_steps_type *way_for(const struct nn_layer *layer,
                                           const struct leadseq_engine *engine, int batch)
{
    size_t i = 0;
    while (i + 1 < LEADSEQ_COUNT(ways) && !ways[i]->suits(layer, engine, batch)) i++;
    return ways[i];
}

static int convlstm_bind(struct nn_bound *b)
{
    return way_for(b->layer, b->engine, b->batch)->bind(b);
}

static int convlstm_bind_backward(struct nn_bound *b)
{
    return ((const struct nn_steps *)b->state)->type->bind_backward(b);
}

static void convlstm_unbind(struct nn_bound *b)
{
    if (b->state) ((const struct nn_steps *)b->state)->type->unbind(b);
}

/* Forget gates start at σ(forget_bias), so that early leads are remembered (doc/mathematics.md). */
static void convlstm_initialise(struct nn_layer *layer)
{
    const struct nn_convlstm *l = (const struct nn_convlstm *)layer;
    const int bias =
        l->o.norm ? l->norm_bias : l->bias; /* a norm removes what is added before it */
    if (bias < 0) return;
    float *f = nn_params_value(layer->store.params, bias) + l->o.hidden;
    for (int k = 0; k < l->o.hidden; k++) f[k] += l->o.forget_bias;
}

static void convlstm_need(const struct nn_layer *layer, int batch, bool training,
                          struct nn_need *need)
{
    way_for(layer, need->engine, batch)->need(layer, batch, training, need);
}

/* --- Type ---------------------------------------------------------------------------------- */

static int declare_norm(struct nn_convlstm *l)
{
    struct nn_layer *layer = &l->layer;
    struct nn_slice_options o = {.layer = layer->name,
                                 .name = "norm_weight",
                                 .dims = {4 * l->o.hidden},
                                 .n_dims = 1,
                                 .centre = 1};
    if (!l->o.norm) return 0;
    l->norm_weight = nn_params_declare(layer->store.params, &o);
    o.name = "norm_bias";
    o.centre = 0;
    l->norm_bias = nn_params_declare(layer->store.params, &o);
    return l->norm_weight < 0 || l->norm_bias < 0 ? -1 : 0;
}

static int declare(struct nn_convlstm *l)
{
    struct nn_layer *layer = &l->layer;
    int channels = layer->in.c + l->o.hidden, kernel = l->o.kernel;
    float spread = nn_default_spread(channels * kernel * kernel);
    struct nn_slice_options weight = {.layer = layer->name,
                                      .name = "weight",
                                      .dims = {4 * l->o.hidden, channels, kernel, kernel},
                                      .n_dims = 4,
                                      .spread = spread,
                                      .decays = true};
    struct nn_slice_options bias = {.layer = layer->name,
                                    .name = "bias",
                                    .dims = {4 * l->o.hidden},
                                    .n_dims = 1,
                                    .spread = spread};
    l->bias = -1;
    l->weight = nn_params_declare(layer->store.params, &weight);
    if (l->weight < 0) return -1;
    if (l->o.bias && (l->bias = nn_params_declare(layer->store.params, &bias)) < 0) return -1;
    return declare_norm(l);
}

/* Same padding needs an odd kernel; h and c then have the rows and columns of x. */
static int convlstm_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_convlstm_options *o = options;
    if (o->hidden < 1)
        return leadseq_fail("hidden channels: expected at least 1, found %d", o->hidden);
    if (nn_kernel_check(o->kernel)) return -1;
    if (o->kernel % 2 == 0)
        return leadseq_fail("kernel: expected an odd size (same padding), found %d", o->kernel);
    if (o->norm && o->kernel > LEADSEQ_NORMED_KERNEL_MAX)
        return leadseq_fail("kernel: expected at most %d with layer norm, found %d",
                            LEADSEQ_NORMED_KERNEL_MAX, o->kernel);
    if (o->forget_bias != 0 && !o->bias && !o->norm)
        return leadseq_fail("forget_bias %g without biases; switch biases on",
                            (double)o->forget_bias);
    *out = (struct nn_shape){o->last_only ? 1 : in.n, o->hidden, in.h, in.w};
    return 0;
}

static int convlstm_init(struct nn_layer *layer, const void *options)
{
    struct nn_convlstm *l = (struct nn_convlstm *)layer;
    const struct nn_shape in = layer->in;
    l->o = *(const struct nn_convlstm_options *)options;
    const uint64_t hidden = (uint64_t)l->o.hidden, kernel = (uint64_t)l->o.kernel;
    const uint64_t taps = kernel * kernel * 4 * hidden * (uint64_t)in.h * (uint64_t)in.w;
    layer->dx_multiply_adds = taps * (uint64_t)in.n * (uint64_t)in.c;
    layer->state_multiply_adds = taps * (uint64_t)(in.n - 1) * hidden;
    layer->multiply_adds = layer->dx_multiply_adds + layer->state_multiply_adds;
    return declare(l);
}

static int convlstm_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(layer);
    option[0] = (struct nn_option){"hidden", o->hidden};
    option[1] = (struct nn_option){"kernel", o->kernel};
    option[2] = (struct nn_option){"bias", o->bias};
    option[3] = (struct nn_option){"last_only", o->last_only};
    option[4] = (struct nn_option){"forget_bias", (double)o->forget_bias};
    option[5] = (struct nn_option){"norm", o->norm};
    return 6;
}

/* One step in terms of plain operations; of the first, where h and c are 0, the kernels over x
 * alone are read. */
struct unrolled {
    struct nn_graph *g;
    const struct nn_convlstm *l;
    int weight, weight_x, bias;                 /* values; bias -1: none */
    int groups, back, ones, zeros, gain, shift; /* of the gates' norm */
};

static int split_at(const struct unrolled *u, int value, int n)
{
    return nn_graph_add(u->g, &(struct nn_graph_op){.op = "Split",
                                                    .layer = u->l->layer.name,
                                                    .n_inputs = 1,
                                                    .input = {value},
                                                    .n_outputs = n,
                                                    .attribute = {NN_GRAPH_INT("axis", 1)}});
}

/* A layer norm of each gate over its channels, rows and columns: those of a gate as one channel. */
static int normed(const struct unrolled *u, int a)
{
    const char *name = u->l->layer.name;
    const int rows = nn_graph_two(u->g, name, "Reshape", a, u->groups);
    const int norm = nn_graph_add(
        u->g,
        &(struct nn_graph_op){.op = "InstanceNormalization",
                              .layer = name,
                              .n_inputs = 3,
                              .input = {rows, u->ones, u->zeros},
                              .attribute = {NN_GRAPH_FLOAT("epsilon", NN_CELL_NORM_EPSILON)}});
    const int whole = nn_graph_two(u->g, name, "Reshape", norm, u->back);
    return nn_graph_two(u->g, name, "Add", nn_graph_two(u->g, name, "Mul", whole, u->gain),
                        u->shift);
}

static int prepare_norm(struct unrolled *u)
{
    const struct nn_layer *layer = &u->l->layer;
    const struct leadseq_params *p = layer->store.params;
    const char *name = layer->name;
    const float one[] = {1, 1, 1, 1}, zero[] = {0, 0, 0, 0};
    const int axes = nn_graph_integers(u->g, name, (const int64_t[]){1, 2}, 2);
    u->groups = nn_graph_integers(u->g, name, (const int64_t[]){0, 4, -1}, 3);
    u->back = nn_graph_integers(
        u->g, name, (const int64_t[]){0, 4 * u->l->o.hidden, layer->in.h, layer->in.w}, 4);
    u->ones = nn_graph_reals(u->g, name, one, 4);
    u->zeros = nn_graph_reals(u->g, name, zero, 4);
    u->gain =
        nn_graph_two(u->g, name, "Unsqueeze", nn_graph_slice(u->g, p, u->l->norm_weight), axes);
    u->shift =
        nn_graph_two(u->g, name, "Unsqueeze", nn_graph_slice(u->g, p, u->l->norm_bias), axes);
    return u->shift < 0 ? -1 : 0;
}

static int prepare(struct unrolled *u)
{
    const struct nn_layer *layer = &u->l->layer;
    const struct leadseq_params *p = layer->store.params;
    const char *name = layer->name;
    u->weight = nn_graph_slice(u->g, p, u->l->weight);
    u->bias = u->l->bias < 0 ? -1 : nn_graph_slice(u->g, p, u->l->bias);
    const int first = nn_graph_integers(u->g, name, (const int64_t[]){0}, 1);
    const int last = nn_graph_integers(u->g, name, (const int64_t[]){layer->in.c}, 1);
    const int axis = nn_graph_integers(u->g, name, (const int64_t[]){1}, 1);
    u->weight_x = nn_graph_add(
        u->g,
        &(struct nn_graph_op){
            .op = "Slice", .layer = name, .n_inputs = 4, .input = {u->weight, first, last, axis}});
    if (u->weight_x < 0) return -1;
    return u->l->o.norm ? prepare_norm(u) : 0;
}

static int sums(const struct unrolled *u, int x, int h)
{
    const int k = u->l->o.kernel, pad = k / 2;
    const char *name = u->l->layer.name;
    const struct nn_graph_images both = {2, {x, h}};
    const struct nn_graph_op op = {.op = "Conv",
                                   .layer = name,
                                   .n_inputs = u->bias < 0 ? 2 : 3,
                                   .input = {h < 0 ? x : nn_graph_concat(u->g, name, &both, 1),
                                             h < 0 ? u->weight_x : u->weight,
                                             u->bias < 0 ? 0 : u->bias},
                                   .attribute = {NN_GRAPH_INTS("kernel_shape", 2, k, k),
                                                 NN_GRAPH_INTS("pads", 4, pad, pad, pad, pad)}};
    const int a = nn_graph_add(u->g, &op);
    return u->l->o.norm ? normed(u, a) : a;
}

/* h and c are of the step before, -1: 0; then of this one. */
static int unroll_step(const struct unrolled *u, int x, int *h, int *c)
{
    const char *name = u->l->layer.name;
    const int gate = split_at(u, sums(u, x, *h), 4);
    if (gate < 0) return -1;
    const int in = nn_graph_one(u->g, name, "Sigmoid", gate);
    const int out = nn_graph_one(u->g, name, "Sigmoid", gate + 2);
    const int g = nn_graph_one(u->g, name, "Tanh", gate + 3);
    int next = nn_graph_two(u->g, name, "Mul", in, g);
    if (*c >= 0) {
        const int forget = nn_graph_one(u->g, name, "Sigmoid", gate + 1);
        next = nn_graph_two(u->g, name, "Add", nn_graph_two(u->g, name, "Mul", forget, *c), next);
    }
    *c = next;
    *h = nn_graph_two(u->g, name, "Mul", out, nn_graph_one(u->g, name, "Tanh", next));
    return *h < 0 ? -1 : 0;
}

static int convlstm_graph(const struct nn_layer *layer, struct nn_graph *g,
                          struct nn_graph_images *x)
{
    struct unrolled u = {.g = g, .l = (const struct nn_convlstm *)layer};
    int h = -1, c = -1;
    if (prepare(&u)) return -1;
    for (int t = 0; t < x->n; t++) {
        if (unroll_step(&u, x->value[t], &h, &c)) return -1;
        x->value[t] = h;
    }
    if (!u.l->o.last_only) return 0;
    x->value[0] = h;
    x->n = 1;
    return 0;
}

#define LSTM(...)                                                                                  \
    &(const struct nn_convlstm_options)                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, LSTM(.hidden = 1, .kernel = 1, .bias = true, .last_only = true)},
    {{12, 1, 5, 7}, 2, LSTM(.hidden = 10, .kernel = 3, .bias = true, .last_only = true)},
    {{3, 3, 9, 5}, 1, LSTM(.hidden = 17, .kernel = 3, .bias = true)},
    {{4, 2, 1, 7}, 3, LSTM(.hidden = 2, .kernel = 5)},
    {{2, 16, 7, 1}, 2, LSTM(.hidden = 16, .kernel = 3, .bias = true, .last_only = true)},
    {{1, 1, 8, 33}, 1, LSTM(.hidden = 3, .kernel = 3, .bias = true, .last_only = true)},
    {{12, 1, 5, 7},
     2,
     LSTM(.hidden = 10, .kernel = 3, .bias = true, .last_only = true, .norm = true)},
    {{3, 3, 9, 5}, 1, LSTM(.hidden = 17, .kernel = 3, .bias = true, .norm = true)},
    {{4, 2, 1, 7}, 3, LSTM(.hidden = 2, .kernel = 5, .norm = true)},
    {{1, 1, 8, 33},
     1,
     LSTM(.hidden = 3, .kernel = 3, .bias = true, .last_only = true, .norm = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_convlstm_type = {
    .name = "convlstm",
    .help = "ConvLSTM over a record's images, every h or the last",
    .size = sizeof(struct nn_convlstm),
    .check = convlstm_check,
    .init = convlstm_init,
    .options = convlstm_options,
    .initialise = convlstm_initialise,
    .bind = convlstm_bind,
    .bind_backward = convlstm_bind_backward,
    .forward = convlstm_forward,
    .backward = convlstm_backward,
    .unbind = convlstm_unbind,
    .need = convlstm_need,
    .graph = convlstm_graph,
    .samples = samples,
    .recurrent = true,
    .reads_y = true,
    .spoils_dy = true,
};

struct nn_layer *nn_convlstm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                 const struct nn_convlstm_options *o)
{
    return nn_layer_new(&nn_convlstm_type, store, name, in, o);
}
