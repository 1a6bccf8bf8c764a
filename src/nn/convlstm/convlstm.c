/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM over a sequence: the layer, its parameters, and the time loop.
 * How a step is computed is the business of steps_band.c (our own kernels),
 * steps_norm.c (the same, with layer norm) and steps_onednn.c. */
#include "steps.h"

/* --- The time loop ------------------------------------------------------------------------- */

static int convlstm_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct nn_steps *st = b->state;
    if (st->type->begin(b)) return -1;
    for (int t = 0; t < b->layer->in.n; t++)
        if (st->type->forward(b, pass, t)) return leadseq_fail_in("step %d", t);
    return 0;
}

static int convlstm_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct nn_steps *st = b->state;
    if (st->type->begin_backward(b)) return -1;
    for (int t = b->layer->in.n - 1; t >= 0; t--)
        if (st->type->backward(b, pass, t)) return leadseq_fail_in("step %d", t);
    return st->type->end_backward(b);
}

/* --- Construction ----------------------------------------------------------------------------- */

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

static void convlstm_initialise(struct nn_layer *layer)
{
    const struct nn_convlstm *l = (const struct nn_convlstm *)layer;
    const int bias = l->o.norm ? l->norm_bias : l->bias; /* a norm takes what is before it away */
    if (bias < 0) return;
    float *f = nn_params_value(layer->store.params, bias) + l->o.hidden;
    for (int k = 0; k < l->o.hidden; k++) f[k] += l->o.forget_bias;
}

static void convlstm_need(const struct nn_layer *layer, int batch, bool training,
                          struct nn_need *need)
{
    way_for(layer, need->engine, batch)->need(layer, batch, training, need);
}

static const struct nn_layer_type convlstm_type = {
    .name = "convlstm",
    .bind = convlstm_bind,
    .bind_backward = convlstm_bind_backward,
    .forward = convlstm_forward,
    .backward = convlstm_backward,
    .unbind = convlstm_unbind,
    .initialise = convlstm_initialise,
    .need = convlstm_need,
};

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

static int set_shape(struct nn_convlstm *l)
{
    struct nn_layer *layer = &l->layer;
    struct nn_shape in = layer->in;
    int hidden = l->o.hidden, kernel = l->o.kernel;
    if (hidden < 1 || kernel < 1 || kernel % 2 == 0)
        return leadseq_fail("layer %s: expected hidden >= 1 and an odd kernel, found %d and %d",
                            layer->name, hidden, kernel);
    if (l->o.norm && kernel > NN_NORMED_KERNEL)
        return leadseq_fail("layer %s: expected a kernel of at most %d with layer norm, found %d",
                            layer->name, NN_NORMED_KERNEL, kernel);
    if (l->o.forget_bias != 0 && !l->o.bias && !l->o.norm)
        return leadseq_fail("layer %s: forget_bias %g without biases; switch biases on",
                            layer->name, (double)l->o.forget_bias);
    layer->out = (struct nn_shape){l->o.last_only ? 1 : in.n, hidden, in.h, in.w};
    uint64_t taps = (uint64_t)kernel * (uint64_t)kernel * 4 * (uint64_t)hidden;
    taps *= (uint64_t)in.h * (uint64_t)in.w;
    layer->dx_multiply_adds = taps * (uint64_t)in.n * (uint64_t)in.c;
    layer->state_multiply_adds = taps * (uint64_t)(in.n - 1) * (uint64_t)hidden;
    layer->multiply_adds = layer->dx_multiply_adds + layer->state_multiply_adds;
    return 0;
}

struct nn_layer *nn_convlstm_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                 const struct nn_convlstm_options *o)
{
    struct nn_convlstm *l = nn_layer_new(sizeof *l, &convlstm_type, store, name, in);
    if (!l) return NULL;
    l->o = *o;
    if (!set_shape(l) && !declare(l)) return &l->layer;
    nn_layer_free(&l->layer);
    return NULL;
}
