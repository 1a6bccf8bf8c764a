/* SPDX-License-Identifier: MIT
 *
 * y[n,k] = b[k] + Σ_j w[k,j] x[n,j], by oneDNN's inner product on plain matrices. What usually
 * comes before (pooling, flatten) is plain, and w is read as the parameter block has it. */
#include "layers.h"

#include <stdlib.h>

struct dense {
    struct nn_layer head;
    int weight, bias; /* slices; bias -1: none */
};

/* The matrices of the three products, all row-major:
 *
 *   forward            Y (N, out) = X (N, in) · Wᵀ + B
 *   backward, data     DX (N, in) = DY (N, out) · W
 *   backward, weights  DW (out, in) = DYᵀ · X,  DB = Σ over records of DY */
enum { X, W, B, Y, DX, DW, DB, DY, MATRICES };

struct dense_state {
    dnnl_memory_t matrix[MATRICES]; /* views; data of tensors is set when running */
    struct nn_adapter x, dy;        /* plain */
    struct nn_plan forward, backward_data, backward_weights;
    float *own;               /* dw, db of one pass, before they are added; training */
    dnnl_primitive_desc_t pd; /* forward's, backward's hint */
};

/* A row-major view; `data` may be NULL and follow when running, as tensors are placed after
 * binding. One-dimensional for biases. */
static int init_matrix(dnnl_memory_t *memory, struct leadseq_engine *engine, const int *dims,
                       int n_dims, float *data)
{
    dnnl_dims_t d = {dims[0], dims[1]};
    nn_md md = NULL;
    dnnl_status_t s =
        dnnl_memory_desc_create_with_tag(&md, n_dims, d, dnnl_f32, n_dims == 1 ? dnnl_a : dnnl_ab);
    if (s == dnnl_success) s = dnnl_memory_create(memory, md, engine->handle, data);
    if (md) dnnl_memory_desc_destroy(md);
    return nn_check(s, "matrix of %d x %d", dims[0], dims[1]);
}

/* Sets where a view of a tensor looks, before the primitive runs. */
static int point(dnnl_memory_t memory, float *data)
{
    return nn_check(dnnl_memory_set_data_handle(memory, data), "matrix");
}

/* The descriptor of a view, NULL where there is no bias: oneDNN takes that as none. */
static const_dnnl_memory_desc_t md_of(dnnl_memory_t memory)
{
    const_dnnl_memory_desc_t md = NULL;
    if (memory && dnnl_memory_get_memory_desc(memory, &md) != dnnl_success) return NULL;
    return md;
}

/* Views of everything; those of tensors get their data when running. */
static int init_matrices(struct nn_bound *b)
{
    struct dense *l = (struct dense *)b->layer;
    struct dense_state *s = b->state;
    int n = b->batch, in = l->head.in.c, out = l->head.out.c;
    size_t weights = (size_t)in * out;
    const int dims[MATRICES][2] = {{n, in}, {out, in}, {out, 0}, {n, out},
                                   {n, in}, {out, in}, {out, 0}, {n, out}};
    float *data[MATRICES] = {0};
    data[W] = nn_params_value(l->head.store.params, l->weight);
    if (l->bias >= 0) data[B] = nn_params_value(l->head.store.params, l->bias);
    if (b->training) {
        s->own = nn_aligned((weights + out) * sizeof *s->own);
        if (!s->own) return -1;
        data[DW] = s->own, data[DB] = s->own + weights;
    }
    for (int i = 0; i < MATRICES; i++) {
        bool is_bias = i == B || i == DB;
        if ((is_bias && l->bias < 0) || (i >= DX && !b->training)) continue;
        if (init_matrix(&s->matrix[i], b->engine, dims[i], is_bias ? 1 : 2, data[i])) return -1;
    }
    return 0;
}

/* Gives a plan those of the paired views that exist. */
static void arguments(struct nn_plan *plan, const struct dense_state *s, const int (*pair)[2],
                      int n)
{
    for (int i = 0; i < n; i++)
        if (s->matrix[pair[i][1]]) nn_plan_argument(plan, pair[i][0], s->matrix[pair[i][1]]);
}

static int dense_bind(struct nn_bound *b)
{
    struct dense_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s) return -1;
    if (nn_adapter_init_plain(&s->x, b->engine, b->x, false) ||
        nn_tensor_describe(&b->y, b->engine, nn_bound_shape(b, b->layer->out), NULL) ||
        init_matrices(b))
        return -1;
    b->kept_bytes += s->x.own.bytes;
    if (nn_check(
            dnnl_inner_product_forward_primitive_desc_create(
                &s->pd, b->engine->handle,
                b->training ? dnnl_forward_training : dnnl_forward_inference, md_of(s->matrix[X]),
                md_of(s->matrix[W]), md_of(s->matrix[B]), md_of(s->matrix[Y]), NULL),
            "%s: dense (%d features to %d)", b->layer->name, b->layer->in.c, b->layer->out.c) ||
        nn_plan_init(&s->forward, s->pd))
        return -1;
    static const int pair[][2] = {
        {DNNL_ARG_SRC, X}, {DNNL_ARG_WEIGHTS, W}, {DNNL_ARG_BIAS, B}, {DNNL_ARG_DST, Y}};
    arguments(&s->forward, s, pair, LEADSEQ_COUNT(pair));
    return 0;
}

/* dx, which the first layer of a network does not need. */
static int bind_data(struct nn_bound *b)
{
    struct dense_state *s = b->state;
    if (nn_tensor_describe(&b->dx, b->engine, b->x->shape, NULL)) return -1;
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_inner_product_backward_data_primitive_desc_create(
                     &pd, b->engine->handle, md_of(s->matrix[DX]), md_of(s->matrix[W]),
                     md_of(s->matrix[DY]), s->pd, NULL),
                 "%s: dense, backward data", b->layer->name))
        return -1;
    int status = nn_plan_init(&s->backward_data, pd);
    dnnl_primitive_desc_destroy(pd);
    static const int pair[][2] = {
        {DNNL_ARG_DIFF_SRC, DX}, {DNNL_ARG_WEIGHTS, W}, {DNNL_ARG_DIFF_DST, DY}};
    if (!status) arguments(&s->backward_data, s, pair, LEADSEQ_COUNT(pair));
    return status;
}

static int dense_bind_backward(struct nn_bound *b)
{
    struct dense_state *s = b->state;
    if (nn_adapter_init_plain(&s->dy, b->engine, b->dy, false)) return -1;
    if (b->need_dx && bind_data(b)) return -1;
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_inner_product_backward_weights_primitive_desc_create(
                     &pd, b->engine->handle, md_of(s->matrix[X]), md_of(s->matrix[DW]),
                     md_of(s->matrix[DB]), md_of(s->matrix[DY]), s->pd, NULL),
                 "%s: dense, backward weights", b->layer->name))
        return -1;
    int status = nn_plan_init(&s->backward_weights, pd);
    dnnl_primitive_desc_destroy(pd);
    static const int pair[][2] = {{DNNL_ARG_SRC, X},
                                  {DNNL_ARG_DIFF_WEIGHTS, DW},
                                  {DNNL_ARG_DIFF_BIAS, DB},
                                  {DNNL_ARG_DIFF_DST, DY}};
    if (!status) arguments(&s->backward_weights, s, pair, LEADSEQ_COUNT(pair));
    return status;
}

static void dense_unbind(struct nn_bound *b)
{
    struct dense_state *s = b->state;
    if (!s) return;
    nn_plan_clear(&s->forward);
    nn_plan_clear(&s->backward_data);
    nn_plan_clear(&s->backward_weights);
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    for (int i = 0; i < MATRICES; i++)
        if (s->matrix[i]) dnnl_memory_destroy(s->matrix[i]);
    if (s->pd) dnnl_primitive_desc_destroy(s->pd);
    free(s->own);
    free(s);
}

static int dense_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct dense_state *s = b->state;
    if (nn_adapter_run(&s->x, b->engine) || point(s->matrix[X], s->x.tensor->data) ||
        point(s->matrix[Y], b->y.data))
        return -1;
    return nn_plan_run(b->engine, &s->forward);
}

/* oneDNN writes the weights' gradient of this pass; several passes of a batch, and layers that
 * share parameters, need the sum, so it is added afterwards. */
static int dense_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct dense *l = (struct dense *)b->layer;
    struct dense_state *s = b->state;
    if (nn_adapter_run(&s->dy, b->engine) || point(s->matrix[X], s->x.tensor->data) ||
        point(s->matrix[DY], s->dy.tensor->data) || nn_plan_run(b->engine, &s->backward_weights))
        return -1;
    size_t out = (size_t)l->head.out.c, weights = (size_t)l->head.in.c * out;
    nn_accumulate(nn_params_gradient(l->head.store.params, l->weight), s->own, weights);
    if (l->bias >= 0)
        nn_accumulate(nn_params_gradient(l->head.store.params, l->bias), s->own + weights, out);
    if (!b->need_dx) return 0;
    if (point(s->matrix[DX], b->dx.data)) return -1;
    return nn_plan_run(b->engine, &s->backward_data);
}

/* dw of one pass, before it is added to the gradient; x is kept by the layer that made it. */
static void dense_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    (void)batch;
    if (training) need->scratch = (size_t)layer->in.c * (size_t)layer->out.c * sizeof(float);
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
    struct nn_slice_options slice = {.layer = layer->name,
                                     .name = "weight",
                                     .dims = {o->features, layer->in.c},
                                     .n_dims = 2,
                                     .spread = nn_default_spread(layer->in.c),
                                     .decays = true};
    layer->multiply_adds = (uint64_t)layer->in.c * (uint64_t)o->features;
    layer->dx_multiply_adds = layer->multiply_adds;
    l->weight = nn_params_declare(layer->store.params, &slice);
    l->bias = -1;
    if (l->weight < 0 || !o->bias) return l->weight < 0 ? -1 : 0;
    slice.name = "bias";
    slice.n_dims = 1;
    slice.dims[1] = 0;
    slice.decays = false;
    l->bias = nn_params_declare(layer->store.params, &slice);
    return l->bias < 0 ? -1 : 0;
}

static int dense_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    option[0] = (struct nn_option){"features", layer->out.c};
    option[1] = (struct nn_option){"bias", ((const struct dense *)layer)->bias >= 0};
    return 2;
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
    .samples = samples,
};

struct nn_layer *nn_dense_new(const struct nn_store *store, const char *name, struct nn_shape in,
                              const struct nn_dense_options *o)
{
    return nn_layer_new(&nn_dense_type, store, name, in, o);
}
