/* SPDX-License-Identifier: MIT
 *
 * What observers see of a ConvLSTM's steps, in plain NCHW. Computes nothing
 * that training needs, and costs nothing where nobody looks. */
#include "convlstm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int slot(const struct nn_convlstm_state *st, int t)
{
    return st->saved == 1 ? 0 : t;
}

static size_t state_count(const struct nn_convlstm_state *st)
{
    return nn_shape_count(st->c[0].shape);
}

void nn_observe_show(struct nn_bound *b, const struct nn_pass *pass, int t,
                     enum leadseq_observed what, const float *data, int channels)
{
    struct nn_shape in = b->layer->in;
    struct leadseq_view view = {data, b->batch, channels, in.h, in.w};
    pass->observer(pass->user, b->layer->name, t, what, &view);
}

static int show_tensor(struct nn_bound *b, const struct nn_pass *pass, int t,
                       enum leadseq_observed what, const struct nn_tensor *tensor)
{
    float *plain = nn_aligned(nn_shape_count(tensor->shape) * sizeof *plain);
    int status = plain ? nn_tensor_get(b->engine, tensor, plain) : -1;
    if (!status) nn_observe_show(b, pass, t, what, plain, tensor->shape.c);
    free(plain);
    return status;
}

/* The h channels of [h, x] in fresh plain memory. */
static float *h_of(struct nn_bound *b, const struct nn_tensor *hx)
{
    const struct nn_convlstm_state *st = b->state;
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
    const struct nn_convlstm_state *st = b->state;
    size_t n = state_count(st);
    float *plain = nn_aligned(n * sizeof *plain);
    if (!plain || (st->last_only && t != st->steps - 1)) return plain;
    size_t skip = st->last_only ? 0 : y->bytes / sizeof(float) / (size_t)st->steps * (size_t)t;
    struct nn_tensor one = {0};
    int status = nn_tensor_describe_as(&one, b->engine, st->c[0].shape, st->cell.channels_last);
    if (!status) status = nn_tensor_place(&one, y->data + skip);
    if (!status) status = nn_tensor_get(b->engine, &one, plain);
    nn_tensor_clear(&one);
    if (!status) return plain;
    free(plain);
    return NULL;
}

void nn_observe_show_back(struct nn_bound *b, const struct nn_pass *pass, int t,
                          const struct nn_observed_back *s)
{
    const size_t one = s->count / (size_t)b->batch;
    for (size_t i = 0; i < s->count; i++) {
        float o = s->gates[(i / one * 4 + 2) * one + i % one], tangent = tanhf(s->c[i]);
        s->dh_sum[i] = (s->dh ? s->dh[i] : 0) + (s->dy ? s->dy[i] : 0);
        s->dc_sum[i] = (s->dc ? s->dc[i] : 0) + s->dh_sum[i] * o * (1 - tangent * tangent);
    }
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DH, s->dh_sum, s->hidden);
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DC, s->dc_sum, s->hidden);
}

int nn_observe_forward(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    const struct nn_convlstm_state *st = b->state;
    if (!pass->observer) return 0;
    bool last = t == st->steps - 1;
    float *h = last ? step_of(b, &b->y, t) : h_of(b, &st->hx[slot(st, t + 1)]);
    if (!h) return -1;
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_H, h, st->cell.hidden);
    free(h);
    if (show_tensor(b, pass, t, LEADSEQ_OBSERVED_C, &st->c[slot(st, t)])) return -1;
    return show_tensor(b, pass, t, LEADSEQ_OBSERVED_GATES, &st->gates[slot(st, t)]);
}

/* dh_t: from the next step's gates and from y. */
static float *total_dh(struct nn_bound *b, int t)
{
    const struct nn_convlstm_state *st = b->state;
    float *dh = step_of(b, st->dy.tensor, t);
    if (!dh || t == st->steps - 1) return dh;
    float *next = h_of(b, &st->dhx);
    if (next)
        nn_accumulate(dh, next, state_count(st));
    else
        free(dh);
    free(next);
    return next ? dh : NULL;
}

/* dc_t = dc from the next step + dh ⊙ o ⊙ (1 - tanh²(c)), in place of dh. */
static int complete_dc(struct nn_bound *b, int t, float *dh)
{
    const struct nn_convlstm_state *st = b->state;
    size_t n = state_count(st), one = n / (size_t)b->batch;
    float *gates = nn_aligned(4 * n * sizeof *gates), *c = nn_aligned(2 * n * sizeof *c);
    int status = gates && c ? 0 : -1;
    if (!status) status = nn_tensor_get(b->engine, &st->gates[t], gates);
    if (!status) status = nn_tensor_get(b->engine, &st->c[t], c);
    if (!status && t < st->steps - 1) status = nn_tensor_get(b->engine, &st->dc, c + n);
    for (size_t i = 0; !status && i < n; i++) {
        float o = gates[(i / one * 4 + 2) * one + i % one], tangent = tanhf(c[i]);
        dh[i] = c[n + i] + dh[i] * o * (1 - tangent * tangent);
    }
    free(gates);
    free(c);
    return status;
}

int nn_observe_before(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    const struct nn_convlstm_state *st = b->state;
    if (!pass->observer) return 0;
    float *d = total_dh(b, t);
    if (!d) return -1;
    nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DH, d, st->cell.hidden);
    int status = complete_dc(b, t, d);
    if (!status) nn_observe_show(b, pass, t, LEADSEQ_OBSERVED_DC, d, st->cell.hidden);
    free(d);
    return status;
}

int nn_observe_after(struct nn_bound *b, const struct nn_pass *pass, int t)
{
    const struct nn_convlstm_state *st = b->state;
    if (!pass->observer) return 0;
    return show_tensor(b, pass, t, LEADSEQ_OBSERVED_DGATES, &st->gates[t]);
}
