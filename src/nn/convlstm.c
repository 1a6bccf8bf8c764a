/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM over a sequence: the time loop, forward and backward.
 *
 *   x_0 ──conv──► gates_0 ──pass──► c_0, h_0 ─┐ [h_0, x_1] ──conv──► gates_1 ──pass──► …
 *
 * The pass writes h into the channels of the next step's convolution, beside
 * x. At the first step h is zero, so only x is convolved. */
#include "convlstm.h"

struct convlstm {
    struct nn_layer layer;
    struct nn_convlstm_options o;
    int weight, bias; /* slices; bias -1 where there is none */
};

/* The slot of step t, and that of c before it (NULL: zero). */
static int slot(const struct nn_convlstm_state *st, int t)
{
    return st->saved == 1 ? 0 : t;
}

static const float *c_before(const struct nn_convlstm_state *st, int t)
{
    return t > 0 ? st->c[slot(st, t - 1)].data : NULL;
}

/* Step t of a tensor (T·N, …), whose steps are contiguous in every layout. */
static float *at_step(const struct nn_convlstm_state *st, const struct nn_tensor *tensor, int t)
{
    return tensor->data + tensor->bytes / sizeof(float) / (size_t)st->steps * (size_t)t;
}

/* Where h_t, or the gradient of it, stands in y; NULL if it is not part of y. */
static float *y_step(const struct nn_convlstm_state *st, const struct nn_tensor *y, int t)
{
    if (!st->last_only) return at_step(st, y, t);
    return t == st->steps - 1 ? y->data : NULL;
}

/* Views follow memory that chains place after binding. */
static int follow(struct nn_tensor *view, float *data)
{
    return view->data == data ? 0 : nn_tensor_place(view, data);
}

/* --- Forward -------------------------------------------------------------------------------- */

static int forward_step(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct nn_convlstm_state *st = b->state;
    int s = slot(st, t);
    bool more = t + 1 < st->steps;
    const struct nn_plan *conv = t == 0 ? &st->first_forward : &st->forward[s];
    if (nn_plan_run(b->engine, conv)) return -1;
    struct nn_cell_forward f = {.gates = st->gates[s].data,
                                .c_before = c_before(st, t),
                                .c = st->c[s].data,
                                .next = more ? st->hx[slot(st, t + 1)].data : NULL,
                                .x_next = more ? at_step(st, st->x.tensor, t + 1) : NULL,
                                .y = y_step(st, &b->y, t),
                                .keep = b->training || pass->observer};
    nn_cell_forward(&st->cell, &f);
    return 0;
}

static int convlstm_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct nn_convlstm_state *st = b->state;
    if (nn_adapter_run(&st->x, b->engine) || follow(&st->x_first, st->x.tensor->data)) return -1;
    if (nn_gate_conv_load(&st->first, b->engine)) return -1;
    if (st->steps > 1 && nn_gate_conv_load(&st->rest, b->engine)) return -1;
    for (int t = 0; t < st->steps; t++) {
        if (forward_step(b, pass, t) || nn_observe_forward(b, pass, t))
            return leadseq_fail_in("step %d", t);
    }
    return 0;
}

/* --- Backward ------------------------------------------------------------------------------- */

static int add_gradients(struct nn_bound *b, struct nn_gate_conv *g)
{
    const struct convlstm *l = (const struct convlstm *)b->layer;
    const struct leadseq_params *p = b->layer->store.params;
    float *dbias = l->bias < 0 ? NULL : nn_params_gradient(p, l->bias);
    return nn_gate_conv_add(g, b->engine, nn_params_gradient(p, l->weight), dbias);
}

/* The gradients of step 0, which sees x alone. */
static int backward_first(struct nn_bound *b)
{
    struct nn_convlstm_state *st = b->state;
    if (nn_plan_run(b->engine, &st->first_weights) || add_gradients(b, &st->first)) return -1;
    if (!b->need_dx) return 0;
    if (follow(&st->dx_first, b->dx.data)) return -1;
    return nn_plan_run(b->engine, &st->first_data);
}

static int backward_convolutions(struct nn_bound *b, int t)
{
    struct nn_convlstm_state *st = b->state;
    if (t == 0) return backward_first(b);
    if (nn_plan_run(b->engine, &st->weights[t]) || add_gradients(b, &st->rest)) return -1;
    if (nn_plan_run(b->engine, &st->data[t])) return -1;
    if (b->need_dx) nn_cell_split(&st->cell, st->dhx.data, at_step(st, &b->dx, t));
    return 0;
}

static int backward_step(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct nn_convlstm_state *st = b->state;
    bool last = t == st->steps - 1;
    if (nn_observe_before(b, pass, t)) return -1;
    struct nn_cell_backward f = {.gates = st->gates[t].data,
                                 .c = st->c[t].data,
                                 .c_before = c_before(st, t),
                                 .dnext = last ? NULL : st->dhx.data,
                                 .dy = y_step(st, st->dy.tensor, t),
                                 .dc = st->dc.data,
                                 .last = last};
    nn_cell_backward(&st->cell, &f);
    if (nn_observe_after(b, pass, t)) return -1;
    return backward_convolutions(b, t);
}

static int convlstm_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct nn_convlstm_state *st = b->state;
    if (nn_adapter_run(&st->dy, b->engine)) return -1;
    for (int t = st->steps - 1; t >= 0; t--)
        if (backward_step(b, pass, t)) return leadseq_fail_in("step %d", t);
    return 0;
}

/* --- Construction ----------------------------------------------------------------------------- */

static int convlstm_bind(struct nn_bound *b)
{
    const struct convlstm *l = (const struct convlstm *)b->layer;
    const struct leadseq_params *p = b->layer->store.params;
    return nn_convlstm_bind(b, &l->o, nn_params_value(p, l->weight),
                            l->bias < 0 ? NULL : nn_params_value(p, l->bias));
}

static void convlstm_initialise(struct nn_layer *layer)
{
    const struct convlstm *l = (const struct convlstm *)layer;
    if (l->bias < 0) return;
    float *f = nn_params_value(layer->store.params, l->bias) + l->o.hidden;
    for (int k = 0; k < l->o.hidden; k++) f[k] += l->o.forget_bias;
}

static void convlstm_need(const struct nn_layer *layer, int batch, bool training,
                          struct nn_need *need)
{
    const struct convlstm *l = (const struct convlstm *)layer;
    struct nn_shape in = layer->in, c = {batch, l->o.hidden, in.h, in.w}, gates = c, hx = c, x = in;
    size_t steps = (size_t)in.n, taps = (size_t)(l->o.kernel * l->o.kernel);
    gates.c *= 4;
    hx.c += in.c;
    x.n *= batch;
    need->block = 1; /* neither of our layouts pads */
    size_t step = nn_bytes_by(gates, 1) + nn_bytes_by(c, 1);
    size_t weights = 4 * taps * (size_t)(gates.c + 16) * (size_t)(hx.c + 16);
    need->scratch = 6 * weights + nn_bytes_by(hx, 1) + nn_bytes_by(c, 1);
    if (in.c > 1) need->scratch += nn_bytes_by(x, 1);
    if (training)
        need->kept = steps * step + (steps - 1) * nn_bytes_by(hx, 1);
    else
        need->scratch += step;
}

static const struct nn_layer_type convlstm_type = {
    .name = "convlstm",
    .bind = convlstm_bind,
    .bind_backward = nn_convlstm_bind_backward,
    .forward = convlstm_forward,
    .backward = convlstm_backward,
    .unbind = nn_convlstm_unbind,
    .initialise = convlstm_initialise,
    .need = convlstm_need,
};

static int declare(struct convlstm *l)
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
    if (l->weight < 0 || !l->o.bias) return l->weight < 0 ? -1 : 0;
    l->bias = nn_params_declare(layer->store.params, &bias);
    return l->bias < 0 ? -1 : 0;
}

static int set_shape(struct convlstm *l)
{
    struct nn_layer *layer = &l->layer;
    struct nn_shape in = layer->in;
    int hidden = l->o.hidden, kernel = l->o.kernel;
    if (hidden < 1 || kernel < 1 || kernel % 2 == 0)
        return leadseq_fail("layer %s: expected hidden >= 1 and an odd kernel, found %d and %d",
                            layer->name, hidden, kernel);
    if (l->o.forget_bias != 0 && !l->o.bias)
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
    struct convlstm *l = nn_layer_new(sizeof *l, &convlstm_type, store, name, in);
    if (!l) return NULL;
    l->o = *o;
    if (!set_shape(l) && !declare(l)) return &l->layer;
    nn_layer_free(&l->layer);
    return NULL;
}
