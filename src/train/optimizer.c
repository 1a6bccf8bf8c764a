/* SPDX-License-Identifier: MIT
 *
 * SGD, Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019) over the
 * flat block, in float32 in the order of operations torch.optim uses; the norm
 * of the gradient and its clipping. Decay reaches weights only. */
#include "train_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARALLEL_FROM = 1 << 15, PIECE = 1 << 16 };

int train_optimizer_init(struct train_optimizer *o, const struct leadseq_experiment *e,
                         size_t count)
{
    *o = (struct train_optimizer){
        .kind = e->train.optimizer,
        .weight_decay = e->train.weight_decay,
        .momentum = e->train.momentum,
        .beta1 = e->train.beta1,
        .beta2 = e->train.beta2,
        .epsilon = e->train.epsilon,
        .count = count,
    };
    o->m = leadseq_calloc(count, sizeof *o->m);
    if (!o->m) return -1;
    if (o->kind == LEADSEQ_SGD) return 0;
    o->v = leadseq_calloc(count, sizeof *o->v);
    if (o->v) return 0;
    train_optimizer_clear(o);
    return -1;
}

void train_optimizer_clear(struct train_optimizer *o)
{
    if (!o) return;
    free(o->m);
    free(o->v);
    *o = (struct train_optimizer){0};
}

/* velocity = μ·velocity + g (+ λ·p);  p -= lr·velocity */
static void step_sgd(const struct train_optimizer *o, const struct leadseq_params *params,
                     const struct leadseq_slice *s, double lr, double momentum)
{
    float *restrict p = params->value + s->offset, *restrict m = o->m + s->offset;
    const float *restrict g = params->gradient + s->offset;
    float decay = s->decays ? (float)o->weight_decay : 0, mu = (float)momentum, rate = (float)lr;
#pragma omp parallel for simd if (s->count >= PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < s->count; i++) {
        m[i] = mu * m[i] + (g[i] + decay * p[i]);
        p[i] -= rate * m[i];
    }
}

/* m = β₁m + (1 - β₁)g;  v = β₂v + (1 - β₂)g²
 * p -= lr/(1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
 * The decay is part of g in Adam, and p *= 1 - lr·λ beforehand in AdamW. */
static void step_adam(const struct train_optimizer *o, const struct leadseq_params *params,
                      const struct leadseq_slice *s, double lr, double beta1)
{
    float *restrict p = params->value + s->offset;
    float *restrict m = o->m + s->offset, *restrict v = o->v + s->offset;
    const float *restrict g = params->gradient + s->offset;
    double decay = s->decays ? o->weight_decay : 0;
    bool decoupled = o->kind == LEADSEQ_ADAMW;
    const float keep = decoupled ? (float)(1 - lr * decay) : 1, l2 = decoupled ? 0 : (float)decay;
    const float b1 = (float)beta1, c1 = (float)(1 - beta1);
    const float b2 = (float)o->beta2, c2 = (float)(1 - o->beta2);
    const float size = (float)(lr / (1 - pow(beta1, (double)o->step)));
    const float root = (float)sqrt(1 - pow(o->beta2, (double)o->step));
    const float epsilon = (float)o->epsilon;
#pragma omp parallel for simd if (s->count >= PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < s->count; i++) {
        float value = p[i] * keep, d = g[i] + l2 * p[i];
        m[i] = b1 * m[i] + c1 * d;
        v[i] = b2 * v[i] + c2 * d * d;
        p[i] = value - size * (m[i] / (sqrtf(v[i]) / root + epsilon));
    }
}

static void step_slice(const struct train_optimizer *o, const struct leadseq_params *params,
                       const struct leadseq_slice *s, double lr, double beta1)
{
    if (o->kind == LEADSEQ_SGD)
        step_sgd(o, params, s, lr, beta1);
    else
        step_adam(o, params, s, lr, beta1);
}

void train_optimizer_step(struct train_optimizer *o, struct leadseq_params *params, double lr,
                          double beta1)
{
    o->step++;
    for (size_t i = 0; i < params->n_slices; i++)
        step_slice(o, params, &params->slice[i], lr, beta1);
}

int train_optimizer_preview(const struct train_optimizer *o, const struct leadseq_params *params,
                            size_t slice, double lr, double beta1, float *delta)
{
    struct leadseq_slice s = params->slice[slice];
    size_t from = s.offset, n = s.count;
    float *copy = leadseq_calloc(n, 3 * sizeof *copy);
    if (!copy) return -1;
    struct train_optimizer trial = *o;
    struct leadseq_params own = {.value = copy, .gradient = params->gradient + from, .count = n};
    trial.m = copy + n;
    trial.v = o->v ? copy + 2 * n : NULL;
    trial.step++;
    memcpy(copy, params->value + from, n * sizeof *copy);
    memcpy(trial.m, o->m + from, n * sizeof *copy);
    if (o->v) memcpy(trial.v, o->v + from, n * sizeof *copy);
    s.offset = 0;
    step_slice(&trial, &own, &s, lr, beta1);
    for (size_t i = 0; i < n; i++) delta[i] = copy[i] - params->value[from + i];
    free(copy);
    return 0;
}

struct measure {
    double squares;
    size_t zeros;
};

static struct measure measure_piece(const float *g, size_t n)
{
    double squares = 0;
    size_t zeros = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (double)g[i] * (double)g[i];
        zeros += g[i] == 0;
    }
    return (struct measure){squares, zeros};
}

static struct measure measure_slice(const float *g, size_t n)
{
    struct measure whole = {0, 0};
    enum { WAVE = 64 }; // pieces measured at once, then added in their order
    struct measure piece[WAVE];
    for (size_t begin = 0; begin < n; begin += (size_t)WAVE * PIECE) {
        size_t left = n - begin, pieces = (left + PIECE - 1) / PIECE;
        if (pieces > WAVE) pieces = WAVE;
#pragma omp parallel for if (pieces > 1) schedule(static)
        for (size_t k = 0; k < pieces; k++) {
            size_t from = k * PIECE, length = left - from < PIECE ? left - from : PIECE;
            piece[k] = measure_piece(g + begin + from, length);
        }
        for (size_t k = 0; k < pieces; k++) {
            whole.squares += piece[k].squares;
            whole.zeros += piece[k].zeros;
        }
    }
    return whole;
}

double train_gradient_norm(const struct leadseq_params *params, size_t *zeros)
{
    struct measure whole = {0, 0};
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *s = &params->slice[i];
        struct measure one = measure_slice(params->gradient + s->offset, s->count);
        whole.squares += one.squares;
        whole.zeros += one.zeros;
    }
    if (zeros) *zeros = whole.zeros;
    return sqrt(whole.squares);
}

void train_gradient_clip(struct leadseq_params *params, double norm, double most)
{
    float factor = (float)(most / (norm + 1e-6));
    if (!(factor < 1)) return;
#pragma omp parallel for simd if (params->count >= PARALLEL_FROM) schedule(static)
    for (size_t i = 0; i < params->count; i++) params->gradient[i] *= factor;
}
