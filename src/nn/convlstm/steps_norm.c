/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's steps with layer norm of the gates' sums, on the kernels of steps_band.c. A mean
 * is of the whole image, so each step writes its sums to memory and goes over them a second time:
 *
 *   forward    convolution ─► sums, Σa, Σa² ─► μ, r ─► y = γ â + β ─► gates, c, h
 *   backward   sums ─► y, gates ─► dy, Σdy, Σdy â ─► da, row by row ─► dh, dx, dw
 *
 * What is kept from forward to backward:
 *
 *   memory: normal   sums, c and h of every step, and the statistics; gates are computed again
 *   memory: low      c, h and statistics; the sums are computed again too
 *   evaluation       sums and c of a step, h of two in turn
 *
 * If y is every h, h is not kept a second time. */
#include "band_norm.h"
#include "band_step.h"
#include "steps.h"

#include <stdlib.h>

/* S = N·K·H·W floats: one h or c. */
struct steps_norm {
    struct nn_steps head;
    struct nn_band band;
    struct nn_band_norm norm;
    struct nn_adapter x, dy; /* plain */
    int steps;               /* T */
    bool last_only;
    size_t state;         /* S */
    float *sums;          /* (n_sums, 4S) */
    float *c;             /* (n_c, S) */
    float *h;             /* (n_h, S), none where y has it */
    int n_sums, n_c, n_h; /* steps; later ones take the places of earlier ones */
    double *statistic;    /* (n_c, N, 4, 2) */
    float *d, *dh, *dc;   /* (4S), (S), (S) */
    float *shown;         /* for observers: gates (4S), c, h */
};

static bool suits(const struct nn_layer *layer, const struct leadseq_engine *engine, int batch)
{
    (void)engine, (void)batch;
    return nn_convlstm_options_of(layer)->norm;
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* Arrays of steps; where fewer steps than T are kept, step t is at t modulo their number, so that
 * evaluation overwrites what it no longer needs. */
static int init_kept(struct nn_bound *b, struct steps_norm *st)
{
    const size_t bytes = st->state * sizeof(float);
    const bool low = b->engine->memory == LEADSEQ_MEMORY_LOW;
    st->n_c = b->training ? st->steps : 1;
    st->n_sums = low ? 1 : st->n_c;
    if (st->last_only) st->n_h = b->training && st->steps > 1 ? st->steps - 1 : 2;
    const size_t floats = (size_t)(4 * st->n_sums + st->n_c + st->n_h) * bytes;
    const size_t statistics = (size_t)st->n_c * (size_t)b->batch * 8;
    if (!(st->sums = nn_aligned(4 * (size_t)st->n_sums * bytes))) return -1;
    if (!(st->c = nn_aligned((size_t)st->n_c * bytes))) return -1;
    if (st->n_h && !(st->h = nn_aligned((size_t)st->n_h * bytes))) return -1;
    if (!(st->statistic = leadseq_calloc(statistics, sizeof *st->statistic))) return -1;
    b->kept_bytes += floats + statistics * sizeof *st->statistic + st->x.own.bytes;
    return 0;
}

static struct nn_band_options band_options(const struct nn_layer *layer, int batch,
                                           const struct leadseq_engine *engine)
{
    struct nn_band_options band =
        nn_band_options(nn_convlstm_options_of(layer), layer->in, batch, engine);
    band.kernels = nn_band_kernels(engine);
    return band;
}

static int bind(struct nn_bound *b)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(b->layer);
    const struct nn_convlstm_values values = nn_convlstm_parameters(b->layer);
    struct steps_norm *st = b->state = leadseq_calloc(1, sizeof *st);
    if (!st) return -1;
    struct nn_shape in = b->layer->in;
    struct nn_band_options band = band_options(b->layer, b->batch, b->engine);
    band.training = b->training;
    band.need_dx = b->training && b->need_dx;
    band.weight = values.weight;
    band.bias = values.bias;
    st->head.type = &nn_steps_norm;
    st->steps = in.n;
    st->last_only = o->last_only;
    st->state = (size_t)b->batch * (size_t)o->hidden * (size_t)in.h * (size_t)in.w;
    if (nn_band_init(&st->band, &band) ||
        nn_band_norm_init(&st->norm, &st->band, values.gain, values.shift) ||
        nn_adapter_init_plain(&st->x, b->engine, b->x, false) || init_kept(b, st))
        return -1;
    return nn_tensor_describe_as(&b->y, b->engine, nn_bound_shape(b, b->layer->out),
                                 NN_CHANNELS_FIRST);
}

static int bind_backward(struct nn_bound *b)
{
    struct steps_norm *st = b->state;
    if (nn_adapter_init_plain(&st->dy, b->engine, b->dy, false)) return -1;
    st->d = nn_aligned(6 * st->state * sizeof *st->d);
    if (!st->d) return -1;
    st->dh = st->d + 4 * st->state;
    st->dc = st->dh + st->state;
    if (!b->need_dx) return 0;
    return nn_tensor_describe_as(&b->dx, b->engine, b->x->shape, NN_CHANNELS_FIRST);
}

static void unbind(struct nn_bound *b)
{
    struct steps_norm *st = b->state;
    void *all[] = {st->sums, st->c, st->h, st->statistic, st->d, st->shown};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    nn_band_norm_clear(&st->norm);
    nn_band_clear(&st->band);
    nn_adapter_clear(&st->dy);
    nn_adapter_clear(&st->x);
    free(st);
    b->state = NULL;
}

/* --- Where a step is -------------------------------------------------------------------------- */

static float *h_step(const struct nn_bound *b, const struct steps_norm *st, int t)
{
    float *in_y = nn_step_of_y(b, &b->y, t);
    return in_y ? in_y : st->h + (size_t)(t % st->n_h) * st->state;
}

/* [h, x] of step t: h is always kept, in y or here. */
static struct nn_band_source source(const struct nn_bound *b, int t)
{
    const struct steps_norm *st = b->state;
    return (struct nn_band_source){.x = nn_step_of_x(b, st->x.tensor->data, t),
                                   .h = t > 0 ? h_step(b, st, t - 1) : NULL};
}

static double *statistic_step(const struct nn_bound *b, int t)
{
    const struct steps_norm *st = b->state;
    return st->statistic + (size_t)(t % st->n_c) * (size_t)b->batch * 8;
}

/* Step t of what is kept, for the pass over its sums. */
static struct nn_band_norm_step step_of(const struct nn_bound *b, int t)
{
    const struct steps_norm *st = b->state;
    const size_t of_c = (size_t)(t % st->n_c);
    const size_t before = (size_t)((t + st->n_c - 1) % st->n_c);
    return (struct nn_band_norm_step){.sums = st->sums + 4 * (size_t)(t % st->n_sums) * st->state,
                                      .statistic = statistic_step(b, t),
                                      .c_before = t > 0 ? st->c + before * st->state : NULL,
                                      .c = st->c + of_c * st->state};
}

/* The sums of step t; `moments` NULL where its statistics are known. */
static void compute_sums(struct nn_bound *b, int t, double *moments)
{
    struct steps_norm *st = b->state;
    struct nn_band_forward f = {.first = t == 0,
                                .source = source(b, t),
                                .sums = st->sums + 4 * (size_t)(t % st->n_sums) * st->state,
                                .moments = moments};
    nn_band_forward(&st->band, &f);
}

/* --- Observers -------------------------------------------------------------------------------- */

/* Memory for observers, made when the first one looks. */
static int make_shown(struct steps_norm *st)
{
    if (!st->shown) st->shown = nn_aligned(6 * st->state * sizeof *st->shown);
    return st->shown ? 0 : -1;
}

/* Gates are not kept: they are computed again from the sums. The kernel also writes c and h, into
 * memory that the complete dh and dc then take. */
static int show_before(struct nn_bound *b, const struct nn_pass *pass, int t,
                       const struct nn_band_norm_step *s)
{
    struct steps_norm *st = b->state;
    if (make_shown(st)) return -1;
    float *gates = st->shown, *dh = gates + 4 * st->state, *dc = dh + st->state;
    struct nn_band_norm_step again = *s;
    again.gates = gates, again.c = dh, again.h = dc; /* c once more, and h, then written over */
    nn_band_norm_forward(&st->norm, &again);
    const struct nn_step_back back = {.gates = gates,
                                      .c = s->c,
                                      .dh = s->dh,
                                      .dc = s->dc,
                                      .dy = s->dy,
                                      .dh_sum = dh,
                                      .dc_sum = dc};
    nn_step_show_back(b, pass, t, &back);
    return 0;
}

/* --- Steps ------------------------------------------------------------------------------------ */

static int begin(struct nn_bound *b)
{
    struct steps_norm *st = b->state;
    nn_band_load(&st->band);
    return nn_adapter_run(&st->x, b->engine);
}

static int forward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_norm *st = b->state;
    const int hidden = st->band.o.hidden;
    if (pass->observer && make_shown(st)) return -1;
    compute_sums(b, t, st->norm.partial);
    nn_band_norm_statistics(&st->norm, statistic_step(b, t));
    struct nn_band_norm_step s = step_of(b, t);
    s.h = h_step(b, st, t);
    s.gates = pass->observer ? st->shown : NULL;
    nn_band_norm_forward(&st->norm, &s);
    if (!pass->observer) return 0;
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_H, s.h, hidden);
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_C, s.c, hidden);
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_GATES, s.gates, 4 * hidden);
    return 0;
}

static int begin_backward(struct nn_bound *b)
{
    struct steps_norm *st = b->state;
    nn_band_gradients_clear(&st->band);
    return nn_adapter_run(&st->dy, b->engine);
}

static int backward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    struct steps_norm *st = b->state;
    const bool last = t == st->steps - 1;
    const struct nn_convlstm_values gradient = nn_convlstm_gradients(b->layer);
    if (st->n_sums == 1 && st->steps > 1) compute_sums(b, t, NULL);
    struct nn_band_norm_step s = step_of(b, t);
    s.dh = last ? NULL : st->dh;
    s.dc = last ? NULL : st->dc;
    s.dy = nn_step_of_y(b, st->dy.tensor, t);
    s.dc_before = t > 0 ? st->dc : NULL;
    s.d = st->d;
    if (pass->observer && show_before(b, pass, t, &s)) return -1;
    nn_band_norm_backward(&st->norm, &s, gradient.gain, gradient.shift);
    if (pass->observer)
        nn_step_show(b, pass, t, LEADSEQ_OBSERVED_DGATES, s.d, 4 * st->band.o.hidden);
    struct nn_band_norm_back norm = {.d = s.d, .sums = s.sums, .affine = st->norm.affine};
    struct nn_band_backward f = {.first = t == 0,
                                 .source = source(b, t),
                                 .norm = &norm,
                                 .dh_before = t > 0 ? st->dh : NULL,
                                 .dx = b->need_dx ? nn_step_of_x(b, b->dx.data, t) : NULL};
    nn_band_backward(&st->band, &f);
    return 0;
}

static int end_backward(struct nn_bound *b)
{
    struct steps_norm *st = b->state;
    const struct nn_convlstm_values gradient = nn_convlstm_gradients(b->layer);
    nn_band_gradients_add(&st->band, gradient.weight, gradient.bias);
    return 0;
}

/* --- Memory ----------------------------------------------------------------------------------- */

static void need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    const struct nn_convlstm_options *o = nn_convlstm_options_of(layer);
    struct nn_shape in = layer->in, state = {batch, o->hidden, in.h, in.w};
    struct nn_band_options band = band_options(layer, batch, need->engine);
    const size_t bytes = nn_bytes_by(state, 1), steps = (size_t)in.n;
    const bool low = need->engine->memory == LEADSEQ_MEMORY_LOW;
    band.training = training;
    need->scratch = nn_band_bytes(&band) + nn_band_norm_bytes(&band);
    if (need->block_x > 1) {
        in.n *= batch;
        need->scratch += nn_bytes_by(in, 1);
    }
    need->block = 1;
    if (training) {
        need->kept = (4 * (low ? 1 : steps) + steps + (o->last_only ? steps - 1 : 0)) * bytes;
        need->scratch += 6 * bytes;
    } else {
        need->scratch += 7 * bytes;
    }
}

const struct nn_steps_type nn_steps_norm = {
    .name = "band with layer norm",
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
