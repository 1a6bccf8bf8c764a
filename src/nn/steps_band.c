/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's steps with kernels of our own: what is kept from forward to
 * backward, and where each step finds it.
 *
 *   memory: normal   gates and c of every step, but for the last one's gates; h = o tanh(c)
 *                    is computed again
 *   memory: low      c and h; the gates are computed again
 *   evaluation       c, and h of two steps in turn
 *
 * Where y is every h, h is not kept a second time. */
#include "band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* S = N·K·H·W floats: one h or c. */
struct steps_band {
    struct nn_steps head;
    struct nn_band band;
    struct nn_adapter x, dy; /* plain */
    int steps;               /* T */
    bool last_only, low;
    size_t state;             /* S */
    float *gates, *c;         /* (T - 1, 4S) or none, (T, S) or (S) */
    int n_gates;              /* its steps */
    float *h;                 /* (T - 1, S) or (2, S); none where y has it */
    int n_h;                  /* its steps */
    float *d, *dh[2], *dc[2]; /* (S) each: of steps in turn */
    float *shown;             /* for observers: gates, dgates (4S each), c, h */
};

struct nn_band_options nn_steps_band_options(const struct nn_convlstm_options *o,
                                             struct nn_shape in, int batch,
                                             const struct leadseq_engine *engine)
{
    return (struct nn_band_options){.n = batch,
                                    .hidden = o->hidden,
                                    .inputs = in.c,
                                    .h = in.h,
                                    .w = in.w,
                                    .kernel = o->kernel,
                                    .threads = engine->threads};
}

/* --- Binding ---------------------------------------------------------------------------------- */

static int init_kept(struct nn_bound *b, struct steps_band *st)
{
    const size_t bytes = st->state * sizeof(float), steps = (size_t)st->steps;
    const size_t n_c = b->training ? steps : 1;
    st->n_gates = b->training && !st->low ? st->steps - 1 : 0;
    const size_t n_gates = (size_t)st->n_gates;
    if (st->last_only) st->n_h = b->training && st->low ? st->steps - 1 : 2;
    if (!(st->c = nn_aligned(n_c * bytes))) return -1;
    if (st->n_h > 0 && !(st->h = nn_aligned((size_t)st->n_h * bytes))) return -1;
    if (n_gates && !(st->gates = nn_aligned(4 * n_gates * bytes))) return -1;
    b->kept_bytes += (n_c + (size_t)st->n_h + 4 * n_gates) * bytes + st->x.own.bytes;
    return 0;
}

static int bind(struct nn_bound *b, const struct nn_convlstm_options *o, float *weight, float *bias)
{
    struct steps_band *st = b->state = leadseq_calloc(1, sizeof *st);
    if (!st) return -1;
    struct nn_shape in = b->layer->in;
    struct nn_band_options band = nn_steps_band_options(o, in, b->batch, b->engine);
    band.kernels = nn_band_choose(b->engine, &band);
    band.training = b->training;
    band.need_dx = b->training && b->need_dx;
    band.weight = weight;
    band.bias = bias;
    st->head.type = &nn_steps_band;
    st->steps = in.n;
    st->last_only = o->last_only;
    st->low = b->engine->memory == LEADSEQ_MEMORY_LOW;
    st->state = (size_t)b->batch * (size_t)o->hidden * (size_t)in.h * (size_t)in.w;
    if (nn_band_init(&st->band, &band) || nn_adapter_init_plain(&st->x, b->engine, b->x, false) ||
        init_kept(b, st))
        return -1;
    return nn_tensor_describe_as(&b->y, b->engine, nn_bound_shape(b, b->layer->out), false);
}

static int bind_backward(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    if (nn_adapter_init_plain(&st->dy, b->engine, b->dy, false)) return -1;
    /* Two h in turn are done with when the way back begins: their memory serves again. */
    const bool reuse = st->n_h == 2 && !st->low;
    float *d = st->d = nn_aligned((reuse ? 2 : 4) * st->state * sizeof(float));
    if (!d) return -1;
    for (int i = 0; i < 2; i++) {
        st->dc[i] = d + (size_t)i * st->state;
        st->dh[i] = (reuse ? st->h : d + 2 * st->state) + (size_t)i * st->state;
    }
    if (!b->need_dx) return 0;
    return nn_tensor_describe_as(&b->dx, b->engine, b->x->shape, false);
}

static void unbind(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    void *all[] = {st->gates, st->c, st->h, st->d, st->shown};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    nn_band_clear(&st->band);
    nn_adapter_clear(&st->dy);
    nn_adapter_clear(&st->x);
    free(st);
    b->state = NULL;
}

/* --- Where a step is ----------------------------------------------------------------------------
 */

static float *x_step(const struct nn_bound *b, float *x, int t)
{
    struct nn_shape in = b->layer->in;
    return x + (size_t)t * (size_t)b->batch * (size_t)in.c * (size_t)in.h * (size_t)in.w;
}

/* h_t, or its gradient, within y; NULL where it is not part of y. */
static float *y_step(const struct steps_band *st, const struct nn_tensor *y, int t)
{
    if (!st->last_only) return y->data + (size_t)t * st->state;
    return t == st->steps - 1 ? y->data : NULL;
}

static float *h_step(const struct nn_bound *b, const struct steps_band *st, int t)
{
    float *in_y = y_step(st, &b->y, t);
    return in_y ? in_y : st->h + (size_t)(t % st->n_h) * st->state;
}

static float *c_step(const struct nn_bound *b, const struct steps_band *st, int t)
{
    return st->c + (b->training ? (size_t)t : 0) * st->state;
}

static float *gates_step(const struct steps_band *st, int t)
{
    return t < st->n_gates ? st->gates + 4 * (size_t)t * st->state : NULL;
}

/* [h, x] of step t: when it is computed (h of the step before is there), and afterwards. */
static struct nn_band_source source(const struct nn_bound *b, int t, bool backward)
{
    const struct steps_band *st = b->state;
    struct nn_band_source s = {.x = x_step(b, st->x.tensor->data, t)};
    if (t == 0) return s;
    if (!backward || st->low || !st->last_only) {
        s.h = h_step(b, st, t - 1);
    } else {
        s.gates = gates_step(st, t - 1);
        s.c = c_step(b, st, t - 1);
    }
    return s;
}

/* --- Observers
 * ------------------------------------------------------------------------------------ */

static int make_shown(struct steps_band *st)
{
    if (!st->shown) st->shown = nn_aligned(10 * st->state * sizeof *st->shown);
    return st->shown ? 0 : -1;
}

static int show_forward(struct nn_bound *b, const struct nn_pass *pass, int t, const float *gates)
{
    const struct steps_band *st = b->state;
    const int hidden = st->band.o.hidden;
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_H, h_step(b, st, t), hidden);
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_C, c_step(b, st, t), hidden);
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_GATES, gates, 4 * hidden);
    return 0;
}

/* The gates of step t once more, for who looks. */
static const float *gates_again(struct nn_bound *b, int t)
{
    struct steps_band *st = b->state;
    if (gates_step(st, t)) return gates_step(st, t);
    struct nn_band_forward f = {.first = t == 0,
                                .source = source(b, t, true),
                                .c_before = t > 0 ? c_step(b, st, t - 1) : NULL,
                                .c = st->shown + 8 * st->state,
                                .h = st->shown + 9 * st->state,
                                .gates = st->shown};
    nn_band_forward(&st->band, &f);
    return st->shown;
}

/* dh = from the next step + from y;  dc = from the next step + dh ⊙ o ⊙ (1 - tanh²(c)) */
static int show_before(struct nn_bound *b, const struct nn_pass *pass, int t,
                       const struct nn_band_backward *f)
{
    struct steps_band *st = b->state;
    if (!pass->observer) return 0;
    if (make_shown(st)) return -1;
    const float *gates = gates_again(b, t);
    const size_t n = st->state, one = n / (size_t)b->batch;
    float *dh = st->shown + 8 * n, *dc = st->shown + 9 * n;
    for (size_t i = 0; i < n; i++) {
        float o = gates[(i / one * 4 + 2) * one + i % one], tangent = tanhf(f->c[i]);
        dh[i] = (f->dh ? f->dh[i] : 0) + (f->dy ? f->dy[i] : 0);
        dc[i] = (f->dc ? f->dc[i] : 0) + dh[i] * o * (1 - tangent * tangent);
    }
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DH, dh, st->band.o.hidden);
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DC, dc, st->band.o.hidden);
    return 0;
}

/* --- Steps
 * ---------------------------------------------------------------------------------------- */

static int begin(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    nn_band_load(&st->band);
    return nn_adapter_run(&st->x, b->engine);
}

static int forward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_band *st = b->state;
    if (pass->observer && make_shown(st)) return -1;
    struct nn_band_forward f = {.first = t == 0,
                                .source = source(b, t, false),
                                .c_before = t > 0 ? c_step(b, st, t - 1) : NULL,
                                .c = c_step(b, st, t),
                                .h = h_step(b, st, t),
                                .gates = gates_step(st, t)};
    if (!f.gates && pass->observer) f.gates = st->shown;
    nn_band_forward(&st->band, &f);
    return pass->observer ? show_forward(b, pass, t, f.gates) : 0;
}

static int begin_backward(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    nn_band_gradients_clear(&st->band);
    return nn_adapter_run(&st->dy, b->engine);
}

static int backward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_band *st = b->state;
    const bool last = t == st->steps - 1;
    const int from = (t + 1) % 2, to = t % 2;
    struct nn_band_backward f = {.first = t == 0,
                                 .source = source(b, t, true),
                                 .gates = gates_step(st, t),
                                 .c = c_step(b, st, t),
                                 .c_before = t > 0 ? c_step(b, st, t - 1) : NULL,
                                 .dh = last ? NULL : st->dh[from],
                                 .dc = last ? NULL : st->dc[from],
                                 .dy = y_step(st, st->dy.tensor, t),
                                 .dh_before = t > 0 ? st->dh[to] : NULL,
                                 .dc_before = t > 0 ? st->dc[to] : NULL,
                                 .dx = b->need_dx ? x_step(b, b->dx.data, t) : NULL};
    if (show_before(b, pass, t, &f)) return -1;
    if (pass->observer) f.dgates = st->shown + 4 * st->state;
    nn_band_backward(&st->band, &f);
    if (pass->observer)
        nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DGATES, f.dgates, 4 * st->band.o.hidden);
    return 0;
}

static int end_backward(struct nn_bound *b)
{
    struct steps_band *st = b->state;
    float *dweight, *dbias;
    nn_convlstm_gradients(b, &dweight, &dbias);
    nn_band_gradients_add(&st->band, dweight, dbias);
    return 0;
}

/* --- Memory -------------------------------------------------------------------------------------
 */

static void need(const struct nn_layer *layer, const struct nn_convlstm_options *o, int batch,
                 bool training, struct nn_need *need)
{
    struct nn_shape in = layer->in, state = {batch, o->hidden, in.h, in.w};
    struct nn_band_options band = nn_steps_band_options(o, in, batch, need->engine);
    const size_t bytes = nn_bytes_by(state, 1), steps = (size_t)in.n;
    const bool low = need->engine->memory == LEADSEQ_MEMORY_LOW;
    band.kernels = nn_band_choose(need->engine, &band);
    band.training = training;
    need->scratch = nn_band_bytes(&band);
    if (need->block_x > 1) {
        in.n *= batch;
        need->scratch += nn_bytes_by(in, 1);
    }
    need->block = 1;
    if (!training)
        need->scratch += 3 * bytes;
    else
        need->kept = (low ? 2 * steps - 1 : 5 * steps - 2) * bytes;
    if (training) need->scratch += (low ? 4 : 2) * bytes;
}

const struct nn_steps_type nn_steps_band = {
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
