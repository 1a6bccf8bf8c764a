/* SPDX-License-Identifier: MIT
 *
 * Batch norm of each channel over (N, H, W), in x's layout, with ReLU in the same pass where asked
 * for:
 *
 *   y = scale (x - mean) / √(var + ε) + shift
 *
 * In training mean and var are the batch's, computed by oneDNN; running averages of them are kept
 * here as PyTorch keeps them: unbiased variance, momentum 0.1. Evaluation uses the running
 * averages, so that a record's output does not depend on the others of its batch.
 *
 * A batch whose parts are on several ranks has one set of statistics: norm_share.c. */
#include "norm.h"

#include <stdlib.h>

static const float MOMENTUM = 0.1f;

/* --- Binding ---------------------------------------------------------------------------- */

/* Vectors of one value per channel, in two kinds of memory: scale and shift are views of the
 * parameters, and in evaluation mean and var are views of the running averages; what a training
 * pass computes (mean, var, dscale, dshift) has its own block, `batch`. */
static int init_vectors(struct nn_bound *b)
{
    struct norm *l = (struct norm *)b->layer;
    struct norm_state *s = b->state;
    int c = l->head.in.c;
    s->batch = nn_aligned(4 * (size_t)c * sizeof *s->batch);
    if (!s->batch) return -1;
    float *data[VECTORS] = {nn_params_value(l->head.store.params, l->weight),
                            nn_params_value(l->head.store.params, l->bias)};
    for (int i = 0; i < 4; i++) data[MEAN + i] = s->batch + (size_t)i * c;
    if (!b->training) {
        data[MEAN] = nn_params_value(l->head.store.state, l->running_mean);
        data[VAR] = nn_params_value(l->head.store.state, l->running_var);
    }
    for (int i = 0; i < VECTORS; i++)
        if (nn_tensor_init_vector(&s->vector[i], b->engine, c, data[i])) return -1;
    return 0;
}

/* Training on a shared batch gives oneDNN statistics as constants too ("global"): they are put
 * together from all parts before the pass (norm_share.c). */
static unsigned norm_flags(const struct nn_bound *b)
{
    unsigned flags = dnnl_use_scale | dnnl_use_shift;
    if (!b->training || b->engine->sum) flags |= dnnl_use_global_stats;
    if (((const struct norm *)b->layer)->relu) flags |= dnnl_fuse_norm_relu;
    return flags;
}

/* The arguments that forward and backward have in common. */
static void statistics_arguments(struct nn_plan *plan, const struct norm_state *s)
{
    nn_plan_argument(plan, DNNL_ARG_MEAN, s->vector[MEAN].memory);
    nn_plan_argument(plan, DNNL_ARG_VARIANCE, s->vector[VAR].memory);
    nn_plan_argument(plan, DNNL_ARG_SCALE, s->vector[SCALE].memory);
    nn_workspace_argument(&s->passed, plan);
}

static int norm_bind(struct nn_bound *b)
{
    struct norm_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || nn_tensor_describe_like(&b->y, b->engine, b->x) || init_vectors(b)) return -1;
    dnnl_prop_kind_t kind = b->training ? dnnl_forward_training : dnnl_forward_inference;
    if (nn_check(dnnl_batch_normalization_forward_primitive_desc_create(
                     &s->pd, b->engine->handle, kind, b->x->md, b->y.md, NORM_EPSILON,
                     norm_flags(b), NULL),
                 "%s: batch norm", b->layer->name) ||
        nn_workspace_init(&s->passed, b->engine, s->pd) || nn_plan_init(&s->forward, s->pd))
        return -1;
    b->kept_bytes += s->passed.bytes;
    nn_plan_argument(&s->forward, DNNL_ARG_SRC, b->x->memory);
    nn_plan_argument(&s->forward, DNNL_ARG_DST, b->y.memory);
    nn_plan_argument(&s->forward, DNNL_ARG_SHIFT, s->vector[SHIFT].memory);
    statistics_arguments(&s->forward, s);
    return b->training && b->engine->sum ? norm_share_bind(b) : 0;
}

/* dx where somebody wants it, else memory of our own. */
static struct nn_tensor *describe_dx(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    if (b->need_dx) return nn_tensor_describe_like(&b->dx, b->engine, b->x) ? NULL : &b->dx;
    return nn_tensor_init(&s->lost_dx, b->engine, b->x->shape, b->x->md) ? NULL : &s->lost_dx;
}

/* oneDNN computes dscale and dshift only together with dx, so that dx gets memory even in a first
 * layer, where nobody reads it. */
static int norm_bind_backward(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    struct nn_tensor *dx = describe_dx(b);
    if (!dx || nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false))
        return -1;
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_batch_normalization_backward_primitive_desc_create(
                     &pd, b->engine->handle, dnnl_backward, dx->md, b->y.md, b->x->md, NORM_EPSILON,
                     norm_flags(b), s->pd, NULL),
                 "%s: batch norm backward", b->layer->name))
        return -1;
    int status = nn_plan_init(&s->backward, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(&s->backward, DNNL_ARG_SRC, b->x->memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_DST, s->dy.tensor->memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_SRC, dx->memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_SCALE, s->vector[DSCALE].memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_SHIFT, s->vector[DSHIFT].memory);
    if (NN_NORM_BACKWARD_TAKES_SHIFT)
        nn_plan_argument(&s->backward, DNNL_ARG_SHIFT, s->vector[SHIFT].memory);
    statistics_arguments(&s->backward, s);
    return 0;
}

static void norm_unbind(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    if (!s) return;
    nn_plan_clear(&s->forward);
    nn_plan_clear(&s->backward);
    norm_share_unbind(b);
    nn_adapter_clear(&s->dy);
    nn_tensor_clear(&s->lost_dx);
    for (int i = 0; i < VECTORS; i++) nn_tensor_clear(&s->vector[i]);
    nn_workspace_clear(&s->passed);
    if (s->pd) dnnl_primitive_desc_destroy(s->pd);
    free(s->batch);
    free(s);
}

/* --- Running ------------------------------------------------------------------------------- */

/* running ← (1 - momentum) running + momentum · this batch's. */
static void update_running(struct nn_bound *b)
{
    struct norm *l = (struct norm *)b->layer;
    const struct norm_state *s = b->state;
    float *mean = nn_params_value(l->head.store.state, l->running_mean);
    float *var = nn_params_value(l->head.store.state, l->running_var);
    const float *batch_mean = s->batch, *batch_var = s->batch + l->head.in.c;
    double m = s->values;
    float unbiased = m > 1 ? (float)(m / (m - 1)) : 1.0f;
    for (int c = 0; c < l->head.in.c; c++) {
        mean[c] += MOMENTUM * (batch_mean[c] - mean[c]);
        var[c] += MOMENTUM * (unbiased * batch_var[c] - var[c]);
    }
}

/* On several ranks this is a meeting point: norm_share_forward() waits for the sums of all ranks,
 * so every rank must run the same passes in the same order, and a rank without a record of the
 * batch runs one all the same. Running averages are changed here, in the forward pass; a step that
 * fails later has to put them back (train/work.c). */
static int norm_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct norm_state *s = b->state;
    s->values = (double)b->x->shape.n * b->x->shape.h * b->x->shape.w;
    if (b->training && b->engine->sum && norm_share_forward(b, pass)) return -1;
    if (nn_plan_run(b->engine, &s->forward)) return -1;
    if (b->training) update_running(b);
    return 0;
}

/* dx depends on Σ dy and Σ dy·x̂ over the whole batch, because every value contributes to mean and
 * variance; on several ranks those sums are of all ranks, too. The gradients of scale and shift are
 * this rank's own: the training sums gradients of all parameters at once. */
static int norm_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct norm *l = (struct norm *)b->layer;
    struct norm_state *s = b->state;
    if (nn_adapter_run(&s->dy, b->engine) || nn_plan_run(b->engine, &s->backward)) return -1;
    if (b->engine->sum && norm_share_backward(b, pass)) return -1;
    size_t channels = (size_t)l->head.in.c;
    const struct leadseq_params *p = l->head.store.params;
    nn_accumulate(nn_params_gradient(p, l->weight), s->vector[DSCALE].data, channels);
    nn_accumulate(nn_params_gradient(p, l->bias), s->vector[DSHIFT].data, channels);
    return 0;
}

/* y as x; with ReLU the workspace, a byte or a bit per value: an upper bound. */
static void norm_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    struct nn_shape x = layer->in;
    x.n *= batch;
    need->size = need->size_x;
    if (training && ((const struct norm *)layer)->relu) need->kept = nn_count_by(x, 16);
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
    return nn_params_declare(
        params,
        &(struct nn_slice_options){
            .layer = layer, .name = name, .dims = {channels}, .n_dims = 1, .centre = centre});
}

static int norm_init(struct nn_layer *layer, const void *options)
{
    struct norm *l = (struct norm *)layer;
    const struct nn_store *store = &layer->store;
    const int c = layer->in.c;
    l->relu = ((const struct nn_norm_options *)options)->relu;
    l->weight = declare(store->params, layer->name, "weight", c, 1);
    l->bias = declare(store->params, layer->name, "bias", c, 0);
    l->running_mean = declare(store->state, layer->name, "running_mean", c, 0);
    l->running_var = declare(store->state, layer->name, "running_var", c, 1);
    return l->weight < 0 || l->bias < 0 || l->running_mean < 0 || l->running_var < 0 ? -1 : 0;
}

static int norm_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    option[0] = (struct nn_option){"relu", ((const struct norm *)layer)->relu};
    return 1;
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
    .samples = samples,
    .differs_in_training = true,
};

struct nn_layer *nn_norm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_norm_options *o)
{
    return nn_layer_new(&nn_norm_type, store, name, in, o);
}
