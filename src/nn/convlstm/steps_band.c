/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's steps with kernels of our own: the memory of what is kept from forward to backward
 * (keep.h says what), and where each step finds it. doc/convlstm.md shows every slot for five
 * steps.
 *
 * Three arrays of slots are allocated when binding. If y is every h, h is not kept a second time.
 * The gradients of h and c of a step are written over those of the step after it, which began where
 * dy and the last c were. */
#include "band_step.h"
#include "keep.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

/* S = N·K·H·W floats: one h or c. */
struct steps_band {
    struct nn_steps head;
    struct nn_band band;
    struct nn_adapter x, dy; /* plain */
    struct nn_keep keep;
    size_t state;         /* S */
    float *gates, *c, *h; /* slots of 4S, S and S */
    float *own, *dh, *dc; /* (S) each; own: dh where dy has more steps than the last */
    float *shown;         /* for observers: gates, dgates (4S each), c, h */
};

static bool suits(const struct nn_layer *layer, const struct leadseq_engine *engine, int batch)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(layer);
    struct nn_band_options band = nn_band_options(o, layer->in, batch, engine);
    return !o->norm && !engine->compose && nn_band_choose(engine, &band);
}

/* With bf16, h is kept as convolutions round it, and gates are rounded: h does not follow from them
 * (kernel.h). */
static struct nn_keep choose(const struct nn_convlstm_options *o, int steps, bool training,
                             const struct leadseq_engine *engine,
                             const struct nn_band_kernels *kernels)
{
    const struct nn_keep k = nn_keep_choose(steps, o->last_only, training, engine->memory);
    return kernels->pairs ? nn_keep_with_h(k) : k;
}

struct kept_bytes {
    size_t gates, c, h;
};

/* Of all slots; a state has S values. */
static struct kept_bytes kept_bytes(const struct nn_keep *k, size_t state,
                                    const struct nn_band_kernels *kernels)
{
    const size_t element = state * nn_band_element_bytes(kernels);
    return (struct kept_bytes){.gates = 4 * (size_t)nn_keep_gates(k) * element,
                               .c = (size_t)nn_keep_c(k) * state * sizeof(float),
                               .h = (size_t)nn_keep_h(k) * element};
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* The slots, and what the summary counts as kept. Evaluation has the few it computes in. */
static int init_kept(struct nn_bound *b, struct steps_band *st)
{
    const struct kept_bytes n = kept_bytes(&st->keep, st->state, st->band.o.kernels);
    if (!(st->c = nn_aligned(n.c))) return -1;
    if (n.h && !(st->h = nn_aligned(n.h))) return -1;
    if (n.gates && !(st->gates = nn_aligned(n.gates))) return -1;
    b->kept_bytes += n.c + n.h + n.gates + st->x.own.bytes;
    return 0;
}

static int bind(struct nn_bound *b)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(b->layer);
    const struct nn_convlstm_values values = nn_convlstm_parameters(b->layer);
    struct steps_band *st = b->state = leadseq_calloc(1, sizeof *st);
    if (!st) return -1;
    struct nn_shape in = b->layer->in;
    struct nn_band_options band = nn_band_options(o, in, b->batch, b->engine);
    band.kernels = nn_band_choose(b->engine, &band);
    band.training = band.in_place = b->training;
    band.need_dx = b->training && b->need_dx;
    band.weight = values.weight;
    band.bias = values.bias;
    st->head.type = &nn_steps_band;
    st->keep = choose(o, in.n, b->training, b->engine, band.kernels);
    st->state = (size_t)b->batch * (size_t)o->hidden * (size_t)in.h * (size_t)in.w;
    if (nn_band_init(&st->band, &band) || nn_adapter_init_plain(&st->x, b->engine, b->x, false) ||
        init_kept(b, st))
        return -1;
    return nn_tensor_describe_as(&b->y, b->engine, nn_bound_shape(b, b->layer->out),
                                 NN_CHANNELS_FIRST);
}

static float *c_step(const struct steps_band *st, int t)
{
    return st->c + (size_t)nn_keep_c_at(&st->keep, t) * st->state;
}

/* dc begins in the slot of the last c; dh in dy, which has memory when running, where that is of
 * the last step alone. */
static int bind_backward(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    if (nn_adapter_init_plain(&st->dy, b->engine, b->dy, false)) return -1;
    st->dc = c_step(st, st->keep.steps - 1);
    if (!st->keep.last_only && !(st->own = nn_aligned(st->state * sizeof(float)))) return -1;
    st->dh = st->own;
    if (!b->need_dx) return 0;
    return nn_tensor_describe_as(&b->dx, b->engine, b->x->shape, NN_CHANNELS_FIRST);
}

static void unbind(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    void *all[] = {st->gates, st->c, st->h, st->own, st->shown};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    nn_band_clear(&st->band);
    nn_adapter_clear(&st->dy);
    nn_adapter_clear(&st->x);
    free(st);
    b->state = NULL;
}

/* --- Where a step is -------------------------------------------------------------------------- */

/* h_t within y, NULL where it has a slot. */
static float *h_in_y(const struct nn_bound *b, int t)
{
    const struct steps_band *st = b->state;
    if (nn_keep_h_at(&st->keep, t) >= 0) return NULL;
    return nn_step_of_y(b, &b->y, st->keep.last_only ? st->keep.steps - 1 : t);
}

/* Its slot, NULL where it is in y. */
static void *h_slot(const struct steps_band *st, int t)
{
    const int at = nn_keep_h_at(&st->keep, t);
    return at < 0 ? NULL : nn_band_element(&st->band, st->h, (size_t)at * st->state);
}

/* NULL if the gates of step t are not in memory, so that kernels compute them again. */
static void *gates_slot(const struct steps_band *st, int t)
{
    const int at = nn_keep_gates_at(&st->keep, t);
    return at < 0 ? NULL : nn_band_element(&st->band, st->gates, 4 * (size_t)at * st->state);
}

/* [h, x] of step t. Forward, h of step t - 1 has just been written. Backward, it is in a slot, or
 * follows from the gates and c of step t - 1, which are then kept or rewound. */
static struct nn_band_source source(const struct nn_bound *b, int t, bool backward)
{
    const struct steps_band *st = b->state;
    struct nn_band_source s = {.x = nn_step_of_x(b, st->x.tensor->data, t)};
    if (t == 0) return s;
    if (!backward || nn_keep_has_h(&st->keep, t - 1)) {
        s.h = h_in_y(b, t - 1);
        s.kept_h = h_slot(st, t - 1);
    } else {
        s.kept_gates = gates_slot(st, t - 1);
        s.c = c_step(st, t - 1);
    }
    return s;
}

/* --- Observers -------------------------------------------------------------------------------- */

/* Memory for observers, made when the first one looks: training without probes never has it. */
static int make_shown(struct steps_band *st)
{
    if (!st->shown) st->shown = nn_aligned(10 * st->state * sizeof *st->shown);
    return st->shown ? 0 : -1;
}

static void show_forward(struct nn_bound *b, const struct nn_pass *pass, int t,
                         const struct nn_band_forward *f)
{
    const struct steps_band *st = b->state;
    const int hidden = st->band.o.hidden;
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_H, f->h, hidden);
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_C, f->c, hidden);
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_GATES, f->gates, 4 * hidden);
}

/* The gates of step t for observers: kept in float32, or computed again into memory of theirs. c is
 * computed with them, and is not used. */
static const float *gates_again(struct nn_bound *b, int t)
{
    struct steps_band *st = b->state;
    if (!st->band.o.kernels->pairs && gates_slot(st, t)) return gates_slot(st, t);
    struct nn_band_forward f = {.first = t == 0,
                                .source = source(b, t, true),
                                .c_before = t > 0 ? c_step(st, t - 1) : NULL,
                                .c = st->shown + 8 * st->state,
                                .gates = st->shown};
    nn_band_forward(&st->band, &f);
    return st->shown;
}

/* What observers see before a step goes backward: complete dh and dc (steps.h). */
static int show_before(struct nn_bound *b, const struct nn_pass *pass, int t,
                       const struct nn_band_backward *f)
{
    struct steps_band *st = b->state;
    if (!pass->observer) return 0;
    if (make_shown(st)) return -1;
    const struct nn_step_back back = {.gates = gates_again(b, t),
                                      .c = f->c,
                                      .dh = f->dh,
                                      .dc = f->dc,
                                      .dy = f->dy,
                                      .dh_sum = st->shown + 8 * st->state,
                                      .dc_sum = st->shown + 9 * st->state};
    nn_step_show_back(b, pass, t, &back);
    return 0;
}

/* --- Steps ------------------------------------------------------------------------------------ */

static int begin(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    nn_band_load(&st->band);
    return nn_adapter_run(&st->x, b->engine);
}

/* Kept gates are written by the kernel past the cache; all others exist only row by row, unless an
 * observer wants them. */
static int forward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_band *st = b->state;
    if (pass->observer && make_shown(st)) return -1;
    struct nn_band_forward f = {.first = t == 0,
                                .source = source(b, t, false),
                                .c_before = t > 0 ? c_step(st, t - 1) : NULL,
                                .c = c_step(st, t),
                                .h = h_in_y(b, t),
                                .kept_h = h_slot(st, t)};
    if (nn_keep_stores_gates(&st->keep, t)) f.kept_gates = gates_slot(st, t);
    if (pass->observer) {
        f.gates = st->shown;
        if (!f.h) f.h = st->shown + 9 * st->state;
    }
    nn_band_forward(&st->band, &f);
    if (pass->observer) show_forward(b, pass, t, &f);
    return 0;
}

static int begin_backward(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    nn_band_gradients_clear(&st->band);
    if (nn_adapter_run(&st->dy, b->engine)) return -1;
    if (!st->own) st->dh = st->dy.tensor->data;
    return 0;
}

/* Runs step t, which kept nothing, forward once more. What the backward pass needs of it goes to
 * slots: c and gates or, with `low`, c and h. In the first case h follows from the other two. */
static void rewind_step(struct nn_bound *b, int t)
{
    struct steps_band *st = b->state;
    struct nn_band_forward f = {.first = t == 0,
                                .source = source(b, t, true),
                                .c_before = t > 0 ? c_step(st, t - 1) : NULL,
                                .c = c_step(st, t),
                                .kept_gates = gates_slot(st, t)};
    if (nn_keep_has_h(&st->keep, t)) f.kept_h = h_slot(st, t);
    nn_band_forward(&st->band, &f);
}

/* Step t reads dh and dc and writes those of step t - 1 over them. */
static int backward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_band *st = b->state;
    const bool last = t == st->keep.steps - 1;
    for (int i = nn_keep_rewinds_from(&st->keep, t); i < t; i++) rewind_step(b, i);
    struct nn_band_backward f = {.first = t == 0,
                                 .source = source(b, t, true),
                                 .kept_gates = gates_slot(st, t),
                                 .c = c_step(st, t),
                                 .c_before = t > 0 ? c_step(st, t - 1) : NULL,
                                 .dh = last ? NULL : st->dh,
                                 .dc = last ? NULL : st->dc,
                                 .dy = nn_step_of_y(b, st->dy.tensor, t),
                                 .dh_before = t > 0 ? st->dh : NULL,
                                 .dc_before = t > 0 ? st->dc : NULL,
                                 .dx = b->need_dx ? nn_step_of_x(b, b->dx.data, t) : NULL};
    if (show_before(b, pass, t, &f)) return -1;
    if (pass->observer) f.dgates = st->shown + 4 * st->state;
    nn_band_backward(&st->band, &f);
    if (pass->observer)
        nn_step_show(b, pass, t, LEADSEQ_OBSERVED_DGATES, f.dgates, 4 * st->band.o.hidden);
    return 0;
}

static int end_backward(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    const struct nn_convlstm_values gradient = nn_convlstm_gradients(b->layer);
    nn_band_gradients_add(&st->band, gradient.weight, gradient.bias);
    return 0;
}

/* --- Memory ----------------------------------------------------------------------------------- */

static void need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(layer);
    struct nn_shape in = layer->in, state = {batch, o->hidden, in.h, in.w};
    struct nn_band_options band = nn_band_options(o, in, batch, need->engine);
    const size_t bytes = nn_bytes_by(state, 1);
    band.kernels = nn_band_choose(need->engine, &band);
    const struct nn_keep keep = choose(o, in.n, training, need->engine, band.kernels);
    const struct kept_bytes n = kept_bytes(&keep, nn_shape_count(state), band.kernels);
    band.training = band.in_place = training;
    need->scratch = nn_band_bytes(&band);
    if (need->block_x > 1) {
        in.n *= batch;
        need->scratch += nn_bytes_by(in, 1);
    }
    need->block = 1;
    *(training ? &need->kept : &need->scratch) += n.gates + n.c + n.h;
    if (training && !o->last_only) need->scratch += bytes;
}

const struct nn_steps_type nn_steps_band = {
    .name = "band",
    .suits = suits,
    .bind = bind,
    .bind_backward = bind_backward,
    .begin = begin,
    .forward = forward,
    .begin_backward = begin_backward,
    .backward = backward,
    .end_backward = end_backward,
    .unbind = unbind,
    .need = need,
};
