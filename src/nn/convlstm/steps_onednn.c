/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's steps on oneDNN: a convolution, then the pass over its gates.
 *
 *   x_0 ──conv──► gates_0 ──pass──► c_0, h_0 ─┐ [h_0, x_1] ──conv──► gates_1 ──pass──► …
 *
 * The pass writes h into the channels of the next step's convolution, beside
 * x. At the first step h is zero, so only x is convolved. */
#include "convlstm.h"

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

static int begin(struct nn_bound *b)
{
    struct nn_convlstm_state *st = b->state;
    if (nn_adapter_run(&st->x, b->engine) || follow(&st->x_first, st->x.tensor->data)) return -1;
    if (nn_gate_conv_load(&st->first, b->engine)) return -1;
    return st->steps > 1 ? nn_gate_conv_load(&st->rest, b->engine) : 0;
}

static int forward_step(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct nn_convlstm_state *st = b->state;
    int s = slot(st, t);
    bool more = t + 1 < st->steps;
    struct nn_gate_conv *conv = t == 0 ? &st->first : &st->rest;
    const struct nn_tensor *in = t == 0 ? &st->x_first : &st->hx[s];
    if (nn_gate_conv_forward(conv, b->engine, in, &st->gates[s])) return -1;
    struct nn_cell_forward f = {.gates = st->gates[s].data,
                                .c_before = c_before(st, t),
                                .c = st->c[s].data,
                                .next = more ? st->hx[slot(st, t + 1)].data : NULL,
                                .x_next = more ? at_step(st, st->x.tensor, t + 1) : NULL,
                                .y = y_step(st, &b->y, t),
                                .keep = b->training || pass->observer};
    nn_cell_forward(&st->cell, &f);
    return nn_observe_forward(b, pass, t);
}

/* --- Backward ------------------------------------------------------------------------------- */

static int add_gradients(struct nn_bound *b, struct nn_gate_conv *g)
{
    float *dweight, *dbias;
    nn_convlstm_gradients(b, &dweight, &dbias);
    return nn_gate_conv_add(g, b->engine, dweight, dbias);
}

/* The gradients of step 0, which sees x alone. */
static int backward_first(struct nn_bound *b)
{
    struct nn_convlstm_state *st = b->state;
    if (nn_gate_conv_weights(&st->first, b->engine, &st->x_first, &st->gates[0]) ||
        add_gradients(b, &st->first))
        return -1;
    if (!b->need_dx) return 0;
    if (follow(&st->dx_first, b->dx.data)) return -1;
    return nn_gate_conv_data(&st->first, b->engine, &st->gates[0], &st->dx_first);
}

static int backward_convolutions(struct nn_bound *b, int t)
{
    struct nn_convlstm_state *st = b->state;
    if (t == 0) return backward_first(b);
    if (nn_gate_conv_weights(&st->rest, b->engine, &st->hx[t], &st->gates[t]) ||
        add_gradients(b, &st->rest) ||
        nn_gate_conv_data(&st->rest, b->engine, &st->gates[t], &st->dhx))
        return -1;
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

static int begin_backward(struct nn_bound *b)
{
    struct nn_convlstm_state *st = b->state;
    return nn_adapter_run(&st->dy, b->engine);
}

static int end_backward(struct nn_bound *b)
{
    (void)b; /* every step has added its gradients */
    return 0;
}

/* --- Memory ----------------------------------------------------------------------------------- */

static void need(const struct nn_layer *layer, const struct nn_convlstm_options *o, int batch,
                 bool training, struct nn_need *need)
{
    struct nn_shape in = layer->in, c = {batch, o->hidden, in.h, in.w}, gates = c, hx = c, x = in;
    size_t steps = (size_t)in.n, taps = (size_t)(o->kernel * o->kernel);
    gates.c *= 4;
    hx.c += in.c;
    x.n *= batch;
    need->block = 1; /* neither of our layouts pads */
    size_t step = nn_bytes_by(gates, 1) + nn_bytes_by(c, 1);
    size_t weights = 4 * taps * (size_t)(gates.c + 16) * (size_t)(hx.c + 16);
    need->scratch = 6 * weights + nn_bytes_by(hx, 1) + nn_bytes_by(c, 1);
    if (nn_values_of(need->engine) != NN_F32) need->scratch += nn_bytes_by(hx, 1);
    if (nn_values_of(need->engine) != NN_F32 && training) need->scratch += nn_bytes_by(gates, 1);
    if (in.c > 1) need->scratch += nn_bytes_by(x, 1);
    if (training)
        need->kept = steps * step + (steps - 1) * nn_bytes_by(hx, 1);
    else
        need->scratch += step;
}

const struct nn_steps_type nn_steps_onednn = {
    .bind = nn_steps_onednn_bind,
    .bind_backward = nn_steps_onednn_bind_backward,
    .begin = begin,
    .forward = forward_step,
    .begin_backward = begin_backward,
    .backward = backward_step,
    .end_backward = end_backward,
    .unbind = nn_steps_onednn_unbind,
    .need = need,
};
