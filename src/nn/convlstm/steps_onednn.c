/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's steps on oneDNN: a convolution, then the pass over its gates.
 *
 *   x_0 ──conv──► gates_0 ──pass──► c_0, h_0 ─┐ [h_0, x_1] ──conv──► gates_1 ──pass──► …
 *
 * The pass writes h into the channels of the next step's convolution, next to x, so that no copy
 * joins them. At the first step h is zero, so only x is convolved: `first` and `rest` are two
 * convolutions over the same weights.
 *
 * Training keeps gates, c and [h, x] of every step. Backward the pass turns a step's gates into
 * derivatives of its sums in place, then two convolutions give dw and [dh, dx]:
 *
 *   dy, dhx, dc ──pass──► dgates_t ──┬── weights ──► dw
 *                                    └── data ────► dhx = [dh_{t-1}, dx_t] */
#include "cell.h"
#include "gateconv.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

/* One binding of a ConvLSTM. Training saves every step, evaluation one that all share. */
struct steps_onednn {
    struct nn_steps head;
    struct nn_cell cell;
    int steps, saved;    /* T; T in training, else 1 */
    int hidden;          /* K */
    enum nn_order order; /* of all tensors */
    struct nn_gate_conv first, rest;
    struct nn_adapter x, dy;            /* in the cell's layout */
    struct nn_tensor x_first, dx_first; /* views of the first step */
    struct nn_tensor *gates, *c, *hx;   /* (saved); hx[t] is [h_{t-1}, x_t] */
    struct nn_tensor dhx, dc;
};

static bool suits(const struct nn_layer *layer, const struct leadseq_engine *engine, int batch)
{
    (void)engine, (void)batch;
    return !nn_convlstm_options_of(layer)->norm;
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* One channel is the same memory in NHWC and NCHW, and needs no copy. */
static enum nn_order order_of_x(const struct nn_bound *b, const struct steps_onednn *st)
{
    return b->layer->in.c > 1 ? st->order : NN_CHANNELS_FIRST;
}

static struct nn_gate_conv_options conv_options(const struct nn_bound *b, int hidden, int kernel)
{
    struct nn_shape in = b->layer->in;
    return (struct nn_gate_conv_options){.n = b->batch,
                                         .h = in.h,
                                         .w = in.w,
                                         .hidden = hidden,
                                         .inputs = in.c,
                                         .kernel = kernel,
                                         .training = b->training};
}

/* The pass over the gates, and the layout of all tensors here. A block of 16 channels is to the
 * pass a plane of 16 times as many pixels. */
static int init_cell(struct nn_bound *b, struct steps_onednn *st,
                     const struct nn_gate_conv_options *o)
{
    st->hidden = o->hidden;
    st->order = nn_gate_conv_order(b->engine, o);
    const int block = st->order == NN_CHANNELS_BY_16 ? 16 : 1;
    st->cell = (struct nn_cell){.n = b->batch,
                                .hidden = o->hidden / block,
                                .inputs = o->inputs / block,
                                .pixels = o->h * o->w * block,
                                .channels_last = st->order == NN_CHANNELS_LAST,
                                .threads = b->engine->threads};
    return nn_cell_init(&st->cell);
}

/* x in its blocks, a view of its first step, and y. */
static int init_ends(struct nn_bound *b, struct steps_onednn *st)
{
    struct nn_shape all = b->x->shape, one = all;
    one.n = b->batch;
    nn_md md;
    if (nn_layout_create(&md, all, order_of_x(b, st))) return -1;
    int status = nn_adapter_init(&st->x, b->engine, b->x, md, false);
    dnnl_memory_desc_destroy(md);
    if (status || nn_tensor_describe_as(&st->x_first, b->engine, one, st->order)) return -1;
    b->kept_bytes += st->x.own.bytes;
    return nn_tensor_describe_as(&b->y, b->engine, nn_bound_shape(b, b->layer->out), st->order);
}

/* The tensors that training saves for every step; hx[0] is not needed there. */
static int init_saved(struct nn_bound *b, struct steps_onednn *st)
{
    struct nn_shape in = b->layer->in, c = {b->batch, st->hidden, in.h, in.w}, gates = c, hx = c;
    gates.c *= 4;
    hx.c += in.c;
    size_t n = (size_t)st->saved;
    st->gates = leadseq_calloc(n, sizeof *st->gates);
    st->c = leadseq_calloc(n, sizeof *st->c);
    st->hx = leadseq_calloc(n, sizeof *st->hx);
    if (!st->gates || !st->c || !st->hx) return -1;
    for (int s = 0; s < st->saved; s++) {
        if (nn_tensor_init_as(&st->gates[s], b->engine, gates, st->order) ||
            nn_tensor_init_as(&st->c[s], b->engine, c, st->order))
            return -1;
        bool needed = st->steps > 1 && (s > 0 || !b->training);
        if (needed && nn_tensor_init_as(&st->hx[s], b->engine, hx, st->order)) return -1;
        b->kept_bytes += st->gates[s].bytes + st->c[s].bytes + st->hx[s].bytes;
    }
    return 0;
}

/* The first step needs its data gradient only for dx, the others always, for dh. */
static int init_convolutions(struct nn_bound *b, struct steps_onednn *st,
                             struct nn_gate_conv_options *o)
{
    o->order = st->order;
    o->need_data = b->need_dx;
    if (nn_gate_conv_init(&st->first, b->engine, o)) return -1;
    if (st->steps == 1) return 0;
    o->recurrent = o->need_data = true;
    return nn_gate_conv_init(&st->rest, b->engine, o);
}

static int bind(struct nn_bound *b)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(b->layer);
    const struct nn_convlstm_values values = nn_convlstm_parameters(b->layer);
    struct steps_onednn *st = b->state = leadseq_calloc(1, sizeof *st);
    if (!st) return -1;
    st->head.type = &nn_steps_onednn;
    st->steps = b->layer->in.n;
    st->saved = b->training ? st->steps : 1;
    struct nn_gate_conv_options conv = conv_options(b, o->hidden, o->kernel);
    conv.weight = values.weight;
    conv.bias = values.bias;
    if (init_cell(b, st, &conv) || init_ends(b, st) || init_saved(b, st)) return -1;
    return init_convolutions(b, st, &conv);
}

/* dy in the cell's layout, dc of one step, and dx. */
static int init_gradients(struct nn_bound *b, struct steps_onednn *st)
{
    struct nn_shape c = st->c[0].shape;
    nn_md md;
    if (nn_layout_create(&md, b->y.shape, st->order)) return -1;
    int status = nn_adapter_init(&st->dy, b->engine, b->dy, md, false);
    dnnl_memory_desc_destroy(md);
    if (status || nn_tensor_init_as(&st->dc, b->engine, c, st->order)) return -1;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_as(&st->dx_first, b->engine, st->x_first.shape, st->order)) return -1;
    return nn_tensor_describe_as(&b->dx, b->engine, b->x->shape, order_of_x(b, st));
}

static int bind_backward(struct nn_bound *b)
{
    struct steps_onednn *st = b->state;
    if (init_gradients(b, st)) return -1;
    if (st->steps == 1) return 0;
    return nn_tensor_init_as(&st->dhx, b->engine, st->hx[1].shape, st->order);
}

static void unbind(struct nn_bound *b)
{
    struct steps_onednn *st = b->state;
    if (!st) return;
    struct nn_tensor *saved[] = {st->gates, st->c, st->hx};
    for (size_t i = 0; i < LEADSEQ_COUNT(saved); i++) {
        for (int s = 0; saved[i] && s < st->saved; s++) nn_tensor_clear(&saved[i][s]);
        free(saved[i]);
    }
    struct nn_tensor *tensor[] = {&st->x_first, &st->dx_first, &st->dhx, &st->dc};
    for (size_t i = 0; i < LEADSEQ_COUNT(tensor); i++) nn_tensor_clear(tensor[i]);
    nn_gate_conv_clear(&st->first);
    nn_gate_conv_clear(&st->rest);
    nn_adapter_clear(&st->dy);
    nn_adapter_clear(&st->x);
    nn_cell_clear(&st->cell);
    free(st);
    b->state = NULL;
}

/* --- Places ----------------------------------------------------------------------------------- */

/* The slot of step t; evaluation has one, used by all steps. */
static int slot(const struct steps_onednn *st, int t)
{
    return st->saved == 1 ? 0 : t;
}

/* c of step t - 1, NULL: zero. In evaluation it is the slot that the pass overwrites in place. */
static const float *c_before(const struct steps_onednn *st, int t)
{
    return t > 0 ? st->c[slot(st, t - 1)].data : NULL;
}

/* Step t of a tensor (T·N, …), whose steps are contiguous in every layout. */
static float *at_step(const struct steps_onednn *st, const struct nn_tensor *tensor, int t)
{
    return tensor->data + tensor->bytes / sizeof(float) / (size_t)st->steps * (size_t)t;
}

/* Views follow memory that chains place after binding. */
static int follow(struct nn_tensor *view, float *data)
{
    return view->data == data ? 0 : nn_tensor_place(view, data);
}

/* --- Observers -------------------------------------------------------------------------------- */

static size_t state_count(const struct steps_onednn *st)
{
    return nn_shape_count(st->c[0].shape);
}

/* Shows a tensor of this layout in plain order; memory of the call. */
static int show_tensor(struct nn_bound *b, const struct nn_pass *pass, int t,
                       enum leadseq_observed what, const struct nn_tensor *tensor)
{
    float *plain = nn_aligned(nn_shape_count(tensor->shape) * sizeof *plain);
    int status = plain ? nn_tensor_get(b->engine, tensor, plain) : -1;
    if (!status) nn_step_show(b, pass, t, what, plain, tensor->shape.c);
    free(plain);
    return status;
}

/* The h channels of [h, x] in fresh plain memory. */
static float *h_of(struct nn_bound *b, const struct nn_tensor *hx)
{
    const struct steps_onednn *st = b->state;
    size_t pixels = (size_t)st->cell.pixels, h = (size_t)st->cell.hidden * pixels;
    size_t all = (size_t)(st->cell.hidden + st->cell.inputs) * pixels;
    float *plain = nn_aligned((size_t)b->batch * all * sizeof *plain);
    if (!plain) return NULL;
    if (nn_tensor_get(b->engine, hx, plain)) {
        free(plain);
        return NULL;
    }
    for (int n = 1; n < b->batch; n++)
        memmove(plain + (size_t)n * h, plain + (size_t)n * all, h * sizeof *plain);
    return plain;
}

/* Step t of y or dy (every h, or the last alone) in fresh plain memory; zeros
 * where step t is not part of it. */
static float *step_of(struct nn_bound *b, const struct nn_tensor *y, int t)
{
    const struct steps_onednn *st = b->state;
    size_t n = state_count(st);
    float *plain = nn_aligned(n * sizeof *plain);
    float *data = nn_step_of_y(b, y, t);
    if (!plain || !data) return plain;
    struct nn_tensor one = {0};
    int status = nn_tensor_describe_as(&one, b->engine, st->c[0].shape, st->order);
    if (!status) status = nn_tensor_place(&one, data);
    if (!status) status = nn_tensor_get(b->engine, &one, plain);
    nn_tensor_clear(&one);
    if (!status) return plain;
    free(plain);
    return NULL;
}

static int show_forward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    const struct steps_onednn *st = b->state;
    if (!pass->observer) return 0;
    bool last = t == st->steps - 1;
    float *h = last ? step_of(b, &b->y, t) : h_of(b, &st->hx[slot(st, t + 1)]);
    if (!h) return -1;
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_H, h, st->hidden);
    free(h);
    if (show_tensor(b, pass, t, LEADSEQ_OBSERVED_C, &st->c[slot(st, t)])) return -1;
    return show_tensor(b, pass, t, LEADSEQ_OBSERVED_GATES, &st->gates[slot(st, t)]);
}

/* Plain copies of what step t starts from, and what observers are to see of it. */
static int show_before(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    const struct steps_onednn *st = b->state;
    if (!pass->observer) return 0;
    const bool last = t == st->steps - 1;
    const size_t n = state_count(st);
    float *dy = step_of(b, st->dy.tensor, t), *dh = last ? NULL : h_of(b, &st->dhx);
    float *plain = nn_aligned(8 * n * sizeof *plain);
    int status = dy && (dh || last) && plain ? 0 : -1;
    if (!status) status = nn_tensor_get(b->engine, &st->gates[t], plain);
    if (!status) status = nn_tensor_get(b->engine, &st->c[t], plain + 4 * n);
    if (!status && !last) status = nn_tensor_get(b->engine, &st->dc, plain + 5 * n);
    if (!status) {
        const struct nn_step_back back = {.gates = plain,
                                          .c = plain + 4 * n,
                                          .dh = dh,
                                          .dc = plain + 5 * n,
                                          .dy = dy,
                                          .dh_sum = plain + 6 * n,
                                          .dc_sum = plain + 7 * n};
        nn_step_show_back(b, pass, t, &back);
    }
    free(dy);
    free(dh);
    free(plain);
    return status;
}

static int show_after(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    const struct steps_onednn *st = b->state;
    if (!pass->observer) return 0;
    return show_tensor(b, pass, t, LEADSEQ_OBSERVED_DGATES, &st->gates[t]);
}

/* --- Forward -------------------------------------------------------------------------------- */

static int begin(struct nn_bound *b)
{
    struct steps_onednn *st = b->state;
    if (nn_adapter_run(&st->x, b->engine) || follow(&st->x_first, st->x.tensor->data)) return -1;
    if (nn_gate_conv_load(&st->first, b->engine)) return -1;
    return st->steps > 1 ? nn_gate_conv_load(&st->rest, b->engine) : 0;
}

/* The convolution writes sums into the slot of the gates; the pass activates them there if kept. */
static int forward_step(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_onednn *st = b->state;
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
                                .y = nn_step_of_y(b, &b->y, t),
                                .keep = b->training || pass->observer};
    nn_cell_forward(&st->cell, &f);
    return show_forward(b, pass, t);
}

/* --- Backward ------------------------------------------------------------------------------- */

static int add_gradients(struct nn_bound *b, struct nn_gate_conv *g)
{
    const struct nn_convlstm_values gradient = nn_convlstm_gradients(b->layer);
    return nn_gate_conv_add(g, b->engine, gradient.weight, gradient.bias);
}

/* The gradients of step 0, which sees x alone. */
static int backward_first(struct nn_bound *b)
{
    struct steps_onednn *st = b->state;
    if (nn_gate_conv_weights(&st->first, b->engine, &st->x_first, &st->gates[0])) return -1;
    if (!b->need_dx) return 0;
    if (follow(&st->dx_first, b->dx.data)) return -1;
    return nn_gate_conv_data(&st->first, b->engine, &st->gates[0], &st->dx_first);
}

static int backward_convolutions(struct nn_bound *b, int t)
{
    struct steps_onednn *st = b->state;
    if (t == 0) return backward_first(b);
    if (nn_gate_conv_weights(&st->rest, b->engine, &st->hx[t], &st->gates[t]) ||
        nn_gate_conv_data(&st->rest, b->engine, &st->gates[t], &st->dhx))
        return -1;
    if (b->need_dx) nn_cell_split(&st->cell, st->dhx.data, at_step(st, &b->dx, t));
    return 0;
}

/* gates become dgates in place: from here on step t can no longer be observed forward. */
static int backward_step(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_onednn *st = b->state;
    bool last = t == st->steps - 1;
    if (show_before(b, pass, t)) return -1;
    struct nn_cell_backward f = {.gates = st->gates[t].data,
                                 .c = st->c[t].data,
                                 .c_before = c_before(st, t),
                                 .dnext = last ? NULL : st->dhx.data,
                                 .dy = nn_step_of_y(b, st->dy.tensor, t),
                                 .dc = st->dc.data,
                                 .last = last};
    nn_cell_backward(&st->cell, &f);
    if (show_after(b, pass, t)) return -1;
    return backward_convolutions(b, t);
}

static int begin_backward(struct nn_bound *b)
{
    struct steps_onednn *st = b->state;
    return nn_adapter_run(&st->dy, b->engine);
}

static int end_backward(struct nn_bound *b)
{
    struct steps_onednn *st = b->state;
    if (add_gradients(b, &st->first)) return -1;
    return st->steps > 1 ? add_gradients(b, &st->rest) : 0;
}

/* --- Memory ----------------------------------------------------------------------------------- */

static void need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(layer);
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
    const struct nn_convolution sums = {.x = hx,
                                        .y = gates,
                                        .kernel = o->kernel,
                                        .stride = 1,
                                        .pad = (o->kernel - 1) / 2,
                                        .values = nn_values_of(need->engine)};
    if (training) need->scratch += 2 * nn_conv_weights_bytes(&sums, need->engine);
    if (training) need->in_turn = nn_conv_winograd_bytes(&sums, need->engine);
    if (training)
        need->kept = steps * step + (steps - 1) * nn_bytes_by(hx, 1);
    else
        need->scratch += step;
}

const struct nn_steps_type nn_steps_onednn = {
    .name = "oneDNN",
    .suits = suits,
    .bind = bind,
    .bind_backward = bind_backward,
    .begin = begin,
    .forward = forward_step,
    .begin_backward = begin_backward,
    .backward = backward_step,
    .end_backward = end_backward,
    .unbind = unbind,
    .need = need,
};
