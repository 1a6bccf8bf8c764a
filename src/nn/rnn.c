/* SPDX-License-Identifier: MIT
 *
 * An LSTM or a GRU along rows, whose columns are its steps; PyTorch's formulas and order of gates:
 *
 *   LSTM  (i f g o) = W x_t + b + V h_{t-1} + d       c_t = σ(f) c_{t-1} + σ(i) tanh(g)
 *                                                     h_t = σ(o) tanh(c_t)
 *   GRU   (r z n) = W x_t + b,  (r' z' n') = V h_{t-1} + d
 *         h_t = (1 - z) n + z h_{t-1} with r = σ(r + r'), z = σ(z + z'), n = tanh(n + r n')
 *
 * x (N, C, 1, T) and y (N, K, 1, T) are read and written step by step, (T, N, C): oneDNN's dcab, in
 * which several of these layers follow each other without a copy. The passes are rnn_steps.c's. In
 * bfloat16, where the CPU multiplies it, factors of products are rounded; sums, gates, c and h
 * are float32. */
#include "layers.h"
#include "rnn_steps.h"

#include <stdlib.h>
#include <string.h>

struct rnn {
    struct nn_layer layer;
    struct nn_rnn_options o;
    int w, v, b, d; /* slices */
};

struct rnn_state {
    struct nn_adapter x, dy; /* (T, N, ·) */
    struct nn_rnn run;
};

static size_t gates_of(const struct rnn *l)
{
    return l->o.gru ? 3 : 4;
}

/* --- Binding --------------------------------------------------------------------------------- */

/* (T, N, C) in memory. */
static int describe_steps(nn_md *md, struct nn_shape shape)
{
    return nn_check(nn_layout_tag(md, shape, NN_F32, dnnl_dcab), "describing steps");
}

static struct nn_rnn sizes_of(const struct nn_layer *layer, const struct leadseq_engine *engine,
                              int batch, bool training)
{
    const struct rnn *l = (const struct rnn *)layer;
    const bool half = nn_values_of(engine) == NN_BF16 && nn_rnn_bf16_runs();
    return (struct nn_rnn){.steps = (size_t)layer->in.w,
                           .records = (size_t)batch,
                           .in = (size_t)layer->in.c,
                           .hidden = (size_t)l->o.hidden,
                           .panels = ((size_t)l->o.hidden + NN_UNITS - 1) / NN_UNITS,
                           .threads = engine->threads,
                           .gru = l->o.gru,
                           .training = training,
                           .kernels = half ? &nn_rnn_bf16 : &nn_rnn_f32};
}

static int rnn_bind(struct nn_bound *b)
{
    const struct nn_shape in = nn_bound_shape(b, b->layer->in),
                          out = nn_bound_shape(b, b->layer->out);
    struct rnn_state *s = b->state = leadseq_calloc(1, sizeof *s);
    nn_md x = NULL, y = NULL;
    if (!s || describe_steps(&x, in)) return -1;
    int status = nn_adapter_init_values(&s->x, b->engine, b->x, x, NN_F32, false);
    if (!status) status = describe_steps(&y, out);
    if (!status) status = nn_tensor_describe(&b->y, b->engine, out, y);
    dnnl_memory_desc_destroy(x);
    if (y) dnnl_memory_desc_destroy(y);
    if (status) return -1;
    s->run = sizes_of(b->layer, b->engine, b->batch, b->training);
    if (nn_rnn_init(&s->run)) return -1;
    if (b->training) b->kept_bytes = s->run.kept + s->x.own.bytes;
    return 0;
}

static int rnn_bind_backward(struct nn_bound *b)
{
    struct rnn_state *s = b->state;
    nn_md x = NULL;
    if (nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, NN_F32, false)) return -1;
    if (!b->need_dx) return 0;
    if (describe_steps(&x, b->x->shape)) return -1;
    const int status = nn_tensor_describe(&b->dx, b->engine, b->x->shape, x);
    dnnl_memory_desc_destroy(x);
    return status;
}

static void rnn_unbind(struct nn_bound *b)
{
    struct rnn_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    nn_rnn_clear(&s->run);
    free(s);
    b->state = NULL;
}

static void rnn_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    struct nn_rnn r = sizes_of(layer, need->engine, batch, training);
    const size_t x = nn_shape_count(layer->in) * (size_t)batch * sizeof(float);
    nn_rnn_measure(&r);
    need->block = 1;
    if (training) need->kept = r.kept + x;
    need->scratch = r.bytes - r.kept + (training ? 0 : x);
}

/* --- Running --------------------------------------------------------------------------------- */

static struct nn_rnn_pass pass_of(struct nn_bound *b)
{
    const struct rnn *l = (const struct rnn *)b->layer;
    const struct rnn_state *s = b->state;
    const struct leadseq_params *p = l->layer.store.params;
    return (struct nn_rnn_pass){.x = s->x.tensor->data,
                                .w = nn_params_value(p, l->w),
                                .v = nn_params_value(p, l->v),
                                .b = nn_params_value(p, l->b),
                                .d = nn_params_value(p, l->d),
                                .h = b->y.data};
}

static int rnn_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct rnn_state *s = b->state;
    (void)pass;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    const struct nn_rnn_pass p = pass_of(b);
    nn_rnn_forward(&s->run, &p);
    return 0;
}

static int rnn_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct rnn *l = (const struct rnn *)b->layer;
    struct rnn_state *s = b->state;
    const struct leadseq_params *params = l->layer.store.params;
    (void)pass;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    struct nn_rnn_pass p = pass_of(b);
    p.dy = s->dy.tensor->data;
    p.dx = b->need_dx ? b->dx.data : NULL;
    p.dw = nn_params_gradient(params, l->w), p.dv = nn_params_gradient(params, l->v);
    p.db = nn_params_gradient(params, l->b), p.dd = nn_params_gradient(params, l->d);
    nn_rnn_backward(&s->run, &p);
    return 0;
}

/* --- Graph ------------------------------------------------------------------------------------
 */

/* Rows of a slice of G K units in ONNX's order of gates. */
static int add_ordered(struct nn_graph *g, const struct rnn *l, const int slice[2],
                       const int *order)
{
    const struct leadseq_params *p = l->layer.store.params;
    const size_t parts = slice[1] < 0 ? 1 : 2, whole = p->slice[slice[0]].count;
    const size_t gates = gates_of(l), one = whole / gates;
    float *v = leadseq_calloc(parts * whole, sizeof *v);
    if (!v) return -1;
    for (size_t i = 0; i < parts; i++)
        for (size_t k = 0; k < gates; k++)
            memcpy(v + i * whole + k * one, nn_params_value(p, slice[i]) + (size_t)order[k] * one,
                   one * sizeof *v);
    const int64_t units = (int64_t)gates * l->o.hidden, rest = (int64_t)whole / units;
    const int64_t matrix[] = {1, units, rest}, vector[] = {1, 2 * units};
    const int value = parts == 1 ? nn_graph_array(g, l->layer.name, v, 3, matrix)
                                 : nn_graph_array(g, l->layer.name, v, 2, vector);
    free(v);
    return value;
}

static int reshaped(struct nn_graph *g, const char *name, const char *op, int x, int64_t axis)
{
    return nn_graph_two(g, name, op, x, nn_graph_integers(g, name, &axis, 1));
}

static int turned(struct nn_graph *g, const char *name, int x, int a, int b, int c)
{
    return nn_graph_add(g, &(struct nn_graph_op){.op = "Transpose",
                                                 .layer = name,
                                                 .n_inputs = 1,
                                                 .input = {x},
                                                 .attribute = {NN_GRAPH_INTS("perm", 3, a, b, c)}});
}

/* (N, C, 1, T) -> (T, N, C) -> LSTM -> (T, 1, N, K) -> (N, K, 1, T). ONNX's orders of gates are
 * i o f g and z r n. */
static int rnn_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    static const int lstm[] = {0, 3, 1, 2}, gru[] = {1, 0, 2};
    const struct rnn *l = (const struct rnn *)layer;
    const int *order = l->o.gru ? gru : lstm;
    const char *name = layer->name;
    const int steps = turned(g, name, reshaped(g, name, "Squeeze", x->value[0], 2), 2, 0, 1);
    struct nn_graph_op op = {.op = l->o.gru ? "GRU" : "LSTM",
                             .layer = name,
                             .n_inputs = 4,
                             .input = {steps, add_ordered(g, l, (int[]){l->w, -1}, order),
                                       add_ordered(g, l, (int[]){l->v, -1}, order),
                                       add_ordered(g, l, (int[]){l->b, l->d}, order)},
                             .attribute = {NN_GRAPH_INT("hidden_size", l->o.hidden)}};
    if (l->o.gru)
        op.attribute[1] = (struct nn_graph_attribute)NN_GRAPH_INT("linear_before_reset", 1);
    const int y = reshaped(g, name, "Squeeze", nn_graph_add(g, &op), 1);
    x->value[0] = reshaped(g, name, "Unsqueeze", turned(g, name, y, 1, 2, 0), 2);
    return x->value[0] < 0 ? -1 : 0;
}

/* --- Type -------------------------------------------------------------------------------------
 */

static int rnn_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_rnn_options *o = options;
    if (o->hidden < 1) return leadseq_fail("hidden: expected at least 1, found %d", o->hidden);
    if (in.n != 1 || in.h != 1)
        return leadseq_fail("expected one row, whose columns are the steps, found %d images of "
                            "%d x %d",
                            in.n, in.w, in.h);
    *out = (struct nn_shape){1, o->hidden, 1, in.w};
    return 0;
}

static int rnn_init(struct nn_layer *layer, const void *options)
{
    struct rnn *l = (struct rnn *)layer;
    l->o = *(const struct nn_rnn_options *)options;
    const int k = l->o.hidden, units = (int)gates_of(l) * k, in = layer->in.c;
    const uint64_t steps = (uint64_t)layer->in.w, one = (uint64_t)units * (uint64_t)k;
    struct nn_slice_options s[] = {
        {.name = "weight_ih", .dims = {units, in}, .n_dims = 2, .decays = true},
        {.name = "weight_hh", .dims = {units, k}, .n_dims = 2, .decays = true},
        {.name = "bias_ih", .dims = {units}, .n_dims = 1},
        {.name = "bias_hh", .dims = {units}, .n_dims = 1}};
    int *slice[] = {&l->w, &l->v, &l->b, &l->d};
    for (size_t i = 0; i < LEADSEQ_COUNT(s); i++) {
        s[i].layer = layer->name;
        s[i].spread = nn_default_spread(k);
        *slice[i] = nn_params_declare(layer->store.params, &s[i]);
        if (*slice[i] < 0) return -1;
    }
    layer->dx_multiply_adds = steps * (uint64_t)units * (uint64_t)in;
    layer->state_multiply_adds = (steps - 1) * one;
    layer->multiply_adds = layer->dx_multiply_adds + layer->state_multiply_adds;
    return 0;
}

static int rnn_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct rnn *l = (const struct rnn *)layer;
    option[0] = (struct nn_option){"hidden", l->o.hidden};
    option[1] = (struct nn_option){"gru", l->o.gru};
    return 2;
}

#define RNN(...)                                                                                   \
    &(const struct nn_rnn_options)                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, RNN(.hidden = 1)},
    {{1, 12, 1, 9}, 3, RNN(.hidden = 17)},
    {{1, 5, 1, 4}, 35, RNN(.hidden = 16)},
    {{1, 1, 1, 1}, 1, RNN(.hidden = 1, .gru = true)},
    {{1, 12, 1, 9}, 3, RNN(.hidden = 17, .gru = true)},
    {{1, 3, 1, 5}, 33, RNN(.hidden = 23, .gru = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_rnn_type = {
    .name = "rnn",
    .help = "an LSTM or a GRU along a row, whose columns are its steps",
    .size = sizeof(struct rnn),
    .check = rnn_check,
    .init = rnn_init,
    .options = rnn_options,
    .bind = rnn_bind,
    .bind_backward = rnn_bind_backward,
    .forward = rnn_forward,
    .backward = rnn_backward,
    .unbind = rnn_unbind,
    .need = rnn_need,
    .graph = rnn_graph,
    .samples = samples,
    .sees_all = true,
    .reads_y = true,
};

struct nn_layer *nn_rnn_new(const struct nn_store *store, const char *name, struct nn_shape in,
                            const struct nn_rnn_options *o)
{
    return nn_layer_new(&nn_rnn_type, store, name, in, o);
}
