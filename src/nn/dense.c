/* SPDX-License-Identifier: MIT
 *
 * y[n,k] = b[k] + Σ_j w[k,j] x[n,j] on plain matrices. What usually comes before (pooling, flatten)
 * is plain, and w is read as the parameter block has it.
 *
 *   forward            Y (N, out) = X (N, in) · Wᵀ + B
 *   backward, data     DX (N, in) = DY (N, out) · W
 *   backward, weights  DW (out, in) = DYᵀ · X,  DB = Σ over records of DY
 *
 * All sums are double, in a fixed order, and rounded once: outputs are few, so that this costs
 * nothing, features may be millions, and the derivatives of a batch nearly cancel. */
#include "lanes.h"
#include "layers.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 2048 }; /* features of a piece, which one thread takes */

struct dense {
    struct nn_layer head;
    int weight, bias; /* slices; bias -1: none */
    bool paired;
};

struct dense_state {
    struct nn_adapter x, dy; /* plain */
    double *partial;         /* (pieces, N, out): the sums of y */
    /* Of paired units, w (out, in) and b (out): the differences, and their gradients; training. */
    float *difference, *slope;
};

/* One pass over the features: sizes, and what is read and written. */
struct product {
    size_t records, in, out, pieces;
    const float *x, *w, *dy;
    float *dx, *dw;
    double *partial;
};

/* --- Binding ---------------------------------------------------------------------------------- */

static size_t pieces_of(const struct nn_layer *layer)
{
    return ((size_t)layer->in.c + PIECE - 1) / PIECE;
}

static size_t partial_bytes(const struct nn_layer *layer, int batch)
{
    return pieces_of(layer) * (size_t)batch * (size_t)layer->out.c * sizeof(double);
}

static size_t pair_count(const struct nn_layer *layer)
{
    return ((size_t)layer->in.c + 1) * (size_t)layer->out.c;
}

static int bind_pairs(struct nn_bound *b)
{
    struct dense_state *s = b->state;
    const size_t n = pair_count(b->layer);
    if (!((const struct dense *)b->layer)->paired) return 0;
    s->difference = nn_aligned(2 * n * sizeof *s->difference);
    if (!s->difference) return -1;
    s->slope = s->difference + n;
    return 0;
}

static int dense_bind(struct nn_bound *b)
{
    struct dense_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s) return -1;
    if (nn_adapter_init_plain(&s->x, b->engine, b->x, false) ||
        nn_tensor_describe(&b->y, b->engine, nn_bound_shape(b, b->layer->out), NULL))
        return -1;
    b->kept_bytes += s->x.own.bytes;
    s->partial = nn_aligned(partial_bytes(b->layer, b->batch));
    return s->partial ? bind_pairs(b) : -1;
}

static int dense_bind_backward(struct nn_bound *b)
{
    struct dense_state *s = b->state;
    if (nn_adapter_init_plain(&s->dy, b->engine, b->dy, false)) return -1;
    return b->need_dx ? nn_tensor_describe(&b->dx, b->engine, b->x->shape, NULL) : 0;
}

static void dense_unbind(struct nn_bound *b)
{
    struct dense_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    free(s->partial);
    free(s->difference);
    free(s);
}

/* --- Running ---------------------------------------------------------------------------------- */

static struct product product_of(const struct nn_bound *b)
{
    const struct dense *l = (const struct dense *)b->layer;
    const struct dense_state *s = b->state;
    const struct leadseq_params *p = l->head.store.params;
    return (struct product){.records = (size_t)b->batch,
                            .in = (size_t)l->head.in.c,
                            .out = (size_t)l->head.out.c,
                            .pieces = pieces_of(&l->head),
                            .x = s->x.tensor->data,
                            .w = l->paired ? s->difference : nn_params_value(p, l->weight),
                            .partial = s->partial};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

INLINE void count_product(struct doubles *sum, struct doubles a, struct doubles b)
{
    sum->low += a.low * b.low;
    sum->high += a.high * b.high;
}

/* Σ a b of up to a piece's values. */
INLINE double dot(const float *a, const float *b, size_t n)
{
    struct doubles sum = {0};
    double lane[WIDTH] = {0}, total = 0;
    for (size_t j = 0; j < n; j += WIDTH)
        count_product(&sum, doubled(load_some(a + j, n - j)), doubled(load_some(b + j, n - j)));
    add_doubles(lane, sum);
    for (int i = 0; i < WIDTH; i++) total += lane[i];
    return total;
}

CLONES static void forward_piece(const struct product *p, size_t piece)
{
    const size_t first = piece * PIECE, n = least(p->in - first, PIECE);
    double *sums = p->partial + piece * p->records * p->out;
    for (size_t r = 0; r < p->records; r++)
        for (size_t k = 0; k < p->out; k++)
            *sums++ = dot(p->x + r * p->in + first, p->w + k * p->in + first, n);
}

static void run(const struct product *p, void (*visit)(const struct product *p, size_t piece))
{
    const size_t pieces = p->pieces;
#pragma omp parallel for schedule(static)
    for (size_t piece = 0; piece < pieces; piece++) visit(p, piece);
}

/* --- Paired units ------------------------------------------------------------------------------
 *
 * The layer is one of their differences: w_k - w_(K + k), whose gradient is that of the first half
 * of the units, and minus that of the second. */

static void subtract(const struct dense *l, int slice, float *to, size_t n)
{
    const float *first = nn_params_value(l->head.store.params, slice), *second = first + n;
    for (size_t i = 0; i < n; i++) to[i] = first[i] - second[i];
}

/* Weights may have changed since the last pass. */
static void take_differences(const struct nn_bound *b)
{
    const struct dense *l = (const struct dense *)b->layer;
    const struct dense_state *s = b->state;
    const size_t out = (size_t)l->head.out.c, weights = (size_t)l->head.in.c * out;
    if (!l->paired) return;
    subtract(l, l->weight, s->difference, weights);
    if (l->bias >= 0) subtract(l, l->bias, s->difference + weights, out);
}

static void add_to_pairs(const struct dense *l, int slice, const float *slope, size_t n)
{
    float *first = nn_params_gradient(l->head.store.params, slice), *second = first + n;
    for (size_t i = 0; i < n; i++) first[i] += slope[i], second[i] -= slope[i];
}

static const float *bias_of(const struct nn_bound *b)
{
    const struct dense *l = (const struct dense *)b->layer;
    const struct dense_state *s = b->state;
    if (l->bias < 0) return NULL;
    if (!l->paired) return nn_params_value(l->head.store.params, l->bias);
    return s->difference + (size_t)l->head.in.c * (size_t)l->head.out.c;
}

/* --- Forward and backward --------------------------------------------------------------------- */

static int dense_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct dense_state *s = b->state;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    take_differences(b);
    const struct product p = product_of(b);
    const float *bias = bias_of(b);
    run(&p, forward_piece);
    for (size_t i = 0; i < p.records * p.out; i++) {
        double sum = bias ? (double)bias[i % p.out] : 0;
        for (size_t piece = 0; piece < p.pieces; piece++)
            sum += p.partial[piece * p.records * p.out + i];
        b->y.data[i] = (float)sum;
    }
    return 0;
}

/* Σ_i a[i · step] · row[i · length + j …] over `rows` rows of `length` values: one vector. */
INLINE struct doubles combine(const float *a, size_t step, const float *row, size_t length,
                              size_t rows, size_t count)
{
    struct doubles sum = {0};
    const vec zero = {0};
    for (size_t i = 0; i < rows; i++)
        count_product(&sum, doubled(load_some(row + i * length, count)),
                      doubled(a[i * step] - zero));
    return sum;
}

INLINE vec rounded(struct doubles v)
{
    const half_vec half[2] = {__builtin_convertvector(v.low, half_vec),
                              __builtin_convertvector(v.high, half_vec)};
    vec all;
    memcpy(&all, half, sizeof all);
    return all;
}

/* dw is added: several passes of a batch, and layers that share parameters, need the sum. */
CLONES static void weights_piece(const struct product *p, size_t piece)
{
    const size_t first = piece * PIECE, end = least(p->in, first + PIECE);
    for (size_t k = 0; k < p->out; k++)
        for (size_t j = first; j < end; j += WIDTH) {
            float *dw = p->dw + k * p->in + j;
            const vec sum =
                rounded(combine(p->dy + k, p->out, p->x + j, p->in, p->records, end - j));
            store_some(dw, load_some(dw, end - j) + sum, end - j);
        }
}

CLONES static void data_piece(const struct product *p, size_t piece)
{
    const size_t first = piece * PIECE, end = least(p->in, first + PIECE);
    for (size_t r = 0; r < p->records; r++)
        for (size_t j = first; j < end; j += WIDTH)
            store_some(p->dx + r * p->in + j,
                       rounded(combine(p->dy + r * p->out, 1, p->w + j, p->in, p->out, end - j)),
                       end - j);
}

static void add_biases(const struct product *p, float *db)
{
    for (size_t k = 0; k < p->out; k++) {
        double sum = 0;
        for (size_t r = 0; r < p->records; r++) sum += (double)p->dy[r * p->out + k];
        db[k] += (float)sum;
    }
}

static void run_weights(struct nn_bound *b, struct product *p)
{
    const struct dense *l = (const struct dense *)b->layer;
    struct dense_state *s = b->state;
    struct leadseq_params *params = l->head.store.params;
    const size_t weights = p->in * p->out;
    float *db = NULL;
    if (l->paired) memset(s->slope, 0, (weights + p->out) * sizeof *s->slope);
    p->dw = l->paired ? s->slope : nn_params_gradient(params, l->weight);
    run(p, weights_piece);
    if (l->bias >= 0) db = l->paired ? s->slope + weights : nn_params_gradient(params, l->bias);
    if (db) add_biases(p, db);
    if (!l->paired) return;
    add_to_pairs(l, l->weight, s->slope, weights);
    if (db) add_to_pairs(l, l->bias, db, p->out);
}

static int dense_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct dense_state *s = b->state;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    struct product p = product_of(b);
    p.dy = s->dy.tensor->data;
    run_weights(b, &p);
    if (!b->need_dx) return 0;
    p.dx = b->dx.data;
    run(&p, data_piece);
    return 0;
}

static void dense_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    (void)training; /* x is kept by the layer that made it */
    need->scratch = partial_bytes(layer, batch);
    if (((const struct dense *)layer)->paired)
        need->scratch += 2 * pair_count(layer) * sizeof(float);
}

/* --- Type ---------------------------------------------------------------------------------- */

static int dense_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_dense_options *o = options;
    if (in.n != 1 || in.h != 1 || in.w != 1)
        return leadseq_fail("expected one row of features per record, found %d images of %d x %d; "
                            "flatten or pool them first",
                            in.n, in.w, in.h);
    if (o->features < 1)
        return leadseq_fail("features: expected at least 1, found %d", o->features);
    out->c = o->features;
    return 0;
}

static int dense_init(struct nn_layer *layer, const void *options)
{
    struct dense *l = (struct dense *)layer;
    const struct nn_dense_options *o = options;
    const int units = o->features * (o->paired ? 2 : 1);
    struct nn_slice_options slice = {.layer = layer->name,
                                     .name = "weight",
                                     .dims = {units, layer->in.c},
                                     .n_dims = 2,
                                     .spread = nn_default_spread(layer->in.c),
                                     .deviation = o->deviation,
                                     .decays = true};
    layer->multiply_adds = (uint64_t)layer->in.c * (uint64_t)o->features;
    layer->dx_multiply_adds = layer->multiply_adds;
    l->paired = o->paired;
    l->weight = nn_params_declare(layer->store.params, &slice);
    l->bias = -1;
    if (l->weight < 0 || !o->bias) return l->weight < 0 ? -1 : 0;
    slice.name = "bias";
    slice.n_dims = 1;
    if (o->deviation > 0) slice.deviation = slice.spread = 0;
    slice.dims[1] = 0;
    slice.decays = false;
    l->bias = nn_params_declare(layer->store.params, &slice);
    return l->bias < 0 ? -1 : 0;
}

static int dense_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    option[0] = (struct nn_option){"features", layer->out.c};
    option[1] = (struct nn_option){"bias", ((const struct dense *)layer)->bias >= 0};
    option[2] = (struct nn_option){"paired", ((const struct dense *)layer)->paired};
    return 3;
}

/* Of paired units both are computed, then subtracted. */
static int dense_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    const struct dense *l = (const struct dense *)layer;
    struct nn_graph_op op = {.op = "Gemm",
                             .layer = layer->name,
                             .n_inputs = l->bias < 0 ? 2 : 3,
                             .attribute = {NN_GRAPH_INT("transB", 1)}};
    op.input[0] = nn_graph_row(g, layer->name, x->value[0]);
    op.input[1] = nn_graph_slice(g, layer->store.params, l->weight);
    if (l->bias >= 0) op.input[2] = nn_graph_slice(g, layer->store.params, l->bias);
    int y = nn_graph_add(g, &op);
    if (l->paired) {
        y = nn_graph_add(g, &(struct nn_graph_op){.op = "Split",
                                                  .layer = layer->name,
                                                  .n_inputs = 1,
                                                  .input = {y},
                                                  .n_outputs = 2,
                                                  .attribute = {NN_GRAPH_INT("axis", 1)}});
        y = y < 0 ? -1 : nn_graph_two(g, layer->name, "Sub", y, y + 1);
    }
    x->value[0] = y;
    return y < 0 ? -1 : 0;
}

#define DENSE(...)                                                                                 \
    &(const struct nn_dense_options)                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, DENSE(.features = 1, .bias = true)},
    {{1, 533, 1, 1}, 2, DENSE(.features = 1, .bias = true)},
    {{1, 31, 1, 1}, 5, DENSE(.features = 17)},
    {{1, 31, 1, 1}, 3, DENSE(.features = 2, .bias = true, .paired = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_dense_type = {
    .name = "dense",
    .help = "every feature with every output: y = w x + b",
    .size = sizeof(struct dense),
    .check = dense_check,
    .init = dense_init,
    .options = dense_options,
    .bind = dense_bind,
    .bind_backward = dense_bind_backward,
    .forward = dense_forward,
    .backward = dense_backward,
    .unbind = dense_unbind,
    .need = dense_need,
    .graph = dense_graph,
    .samples = samples,
};

struct nn_layer *nn_dense_new(const struct nn_store *store, const char *name, struct nn_shape in,
                              const struct nn_dense_options *o)
{
    return nn_layer_new(&nn_dense_type, store, name, in, o);
}
