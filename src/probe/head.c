/* SPDX-License-Identifier: MIT
 *
 * The head group: how far the coming step moves the logit, z_n = Σ_j w_j φ_nj + b,
 *
 *   z' - z = Σ Δw_j φ_nj  +  Σ w_j Δφ_nj  +  Σ Δw_j Δφ_nj  +  Δb
 *
 * predicted before the step by the optimiser's own update, measured after it on
 * the same batch. Sums in double. A head with several outputs has a row of weights
 * for each: w (K, features), and all of this is per output k. */
#include "sums.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"head/lr", {0}, "1", "learning rate of the step"},
    {"head/predicted",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD},
     "1",
     "sum_j dw_j phi_nj + db: the coming update (optimiser in use) times the features before it"},
    {"head/sign",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD},
     "1",
     "-lr sum_j sign(g_j) phi_nj: Adam's first step"},
    {"head/bound", {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD}, "1", "lr sum_j |phi_nj|"},
    {"head/reach", {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD}, "1", "sum_j |dw_j| |phi_nj|"},
    {"head/measured",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD},
     "1",
     "z_n after the step - z_n before it, same batch, same mode; NaN where no second forward pass "
     "was made"},
    {"head/dw_h",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD},
     "1",
     "sum_j dw_j phi_nj (w and phi in double)"},
    {"head/w_dh",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD},
     "1",
     "sum_j w_j dphi_nj, dphi the features after the step minus before"},
    {"head/dw_dh", {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_RECORD}, "1", "sum_j dw_j dphi_nj"},
    {"head/db", {LEADSEQ_AXIS_OUTPUT}, "1", "change of the head's bias"},
    {"head/split_error",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "max_n |dw_h + w_dh + dw_dh + db - measured| / max_n |measured|"},
    {"head/predicted_max", {LEADSEQ_AXIS_OUTPUT}, "1", "max_n |predicted| over the whole batch"},
    {"head/bound_max", {LEADSEQ_AXIS_OUTPUT}, "1", "max_n bound over the whole batch"},
    {"head/measured_max", {LEADSEQ_AXIS_OUTPUT}, "1", "max_n |measured| over the whole batch"},
    {"head/feature_sum", {0}, "1", "mean over n of sum_j |phi_nj|"},
    {"head/feature_variation",
     {0},
     "1",
     "sd over records of phi, root mean square over j, divided by the root mean square of phi"},
    {"head/update_max", {LEADSEQ_AXIS_OUTPUT}, "1", "max_j |dw_j|"},
    {"head/lr_one",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "largest learning rate with max_n |predicted| <= 1: lr / predicted_max"},
    {"head/lr_one_bound",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "largest learning rate with max_n bound <= 1: lr / bound_max"},
};

struct head {
    float *phi, *phi_after; /* (batch, features) around the step */
    float *delta;           /* (K, features) the coming update of w */
    float *bias;            /* (K) and of b; of 2K units both have room for these */
    float *before, *after;  /* (features) differences of paired units */
    float *logit;           /* (batch, K) before the step */
};

static int begin(struct leadseq_probes *p, void *own)
{
    const struct probe_session *s = probe_session_of(p);
    size_t n = (size_t)s->t.e->train.batch, k = (size_t)s->outputs, units = k * (1 + s->paired);
    struct head *o = own;
    o->phi = leadseq_calloc(n * s->features, sizeof *o->phi);
    o->phi_after = leadseq_calloc(n * s->features, sizeof *o->phi_after);
    o->delta = leadseq_calloc(units * s->features, sizeof *o->delta);
    o->bias = leadseq_calloc(units, sizeof *o->bias);
    o->before = leadseq_calloc(2 * s->features, sizeof *o->before);
    if (!o->before) return -1;
    o->after = o->before + s->features;
    o->logit = leadseq_calloc(n * k, sizeof *o->logit);
    return o->phi && o->phi_after && o->delta && o->bias && o->logit ? 0 : -1;
}

static void clear(void *own)
{
    struct head *o = own;
    free(o->phi);
    free(o->phi_after);
    free(o->delta);
    free(o->bias);
    free(o->before);
    free(o->logit);
}

/* w of an output in a block of parameters, values or gradients: of paired units their difference,
 * in `own`. */
static const float *weight_of(const struct probe_session *s, const float *block, int output,
                              float *own)
{
    const float *w = block + s->params->slice[s->head_weight].offset;
    w += (size_t)output * s->features;
    if (!s->paired) return w;
    const float *no = w + (size_t)s->outputs * s->features;
    for (size_t j = 0; j < s->features; j++) own[j] = w[j] - no[j];
    return own;
}

/* That of unit k; the other's of a pair is its negative. */
static const float *gradient_of(const struct probe_session *s, int output)
{
    return s->params->gradient + s->params->slice[s->head_weight].offset +
           (size_t)output * s->features;
}

/* b, 0 where the head has none. */
static double bias_of(const struct probe_session *s, const float *block, int output)
{
    if (s->head_bias == SIZE_MAX) return 0;
    const float *b = block + s->params->slice[s->head_bias].offset + output;
    return (double)b[0] - (s->paired ? (double)b[s->outputs] : 0);
}

/* Where an output's values of single records begin. */
static double *records_of(struct leadseq_probes *p, const char *name, int output)
{
    int batch = probe_session_of(p)->t.e->train.batch;
    int records = batch < PROBE_RECORDS ? batch : PROBE_RECORDS;
    return probe_values(p, name) + (size_t)output * (size_t)records;
}

struct record {                    /* what one record's sums run over */
    const float *delta, *gradient; /* of w, the coming update */
    const float *before, *after;   /* w around the step */
    const float *phi, *phi_after;
};

/* Δw·φ, Σ|Δw φ|, Σ|φ|, Σ sign(g) φ */
static void reach_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct record *r = of;
    double predicted = 0, reach = 0, sum = 0, sign = 0;
#pragma omp simd reduction(+ : predicted, reach, sum, sign)
    for (size_t j = from; j < to; j++) {
        double x = r->phi[j], moved = r->delta[j] * x;
        float g = r->gradient[j];
        predicted += moved;
        reach += fabs(moved);
        sum += fabs(x);
        sign += g > 0 ? x : g < 0 ? -x : 0;
    }
    *s = (struct leadseq_sums){.sum = {predicted, reach, sum, sign}};
}

struct batch { /* features of n records, row by row */
    const float *phi;
    int n;
    size_t features;
};

/* Squares of the deviations over records, squares of all. */
static void variation_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct batch *b = of;
    for (size_t j = from; j < to; j++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < b->n; i++) {
            double x = b->phi[(size_t)i * b->features + j];
            sum += x;
            squares += x * x;
        }
        s->sum[0] += fmax(0, squares - sum * sum / b->n);
        s->sum[1] += squares;
    }
}

static double variation(const float *phi, int n, size_t features)
{
    struct batch b = {phi, n, features};
    struct leadseq_sums s = probe_sum(variation_piece, &b, features);
    return s.sum[1] > 0 ? sqrt(s.sum[0] / s.sum[1]) : NAN;
}

static double largest(const float *x, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(x[i]));
    return most;
}

/* --- Before the step --------------------------------------------------------------------------
 *
 * The optimiser is asked for the update it is about to make (leadseq_training_preview), so that the
 * change of each logit can be predicted before the weights move: Δz_n ≈ Δw·φ_n + Δb. Adam's first
 * update is lr · sign(g), which makes the bound lr · Σ|φ_nj| reachable: with 163,840 features of
 * size 0.1 and lr 1e-3, one step may move a logit by 16 and saturate the sigmoid for good. */

static int preview(const struct probe_session *s, struct head *o, const struct leadseq_step *step)
{
    if (s->head_bias != SIZE_MAX && leadseq_training_preview(&s->t, step, s->head_bias, o->bias))
        return -1;
    if (leadseq_training_preview(&s->t, step, s->head_weight, o->delta)) return -1;
    const size_t outputs = (size_t)s->outputs, n = outputs * s->features;
    for (size_t i = 0; s->paired && i < n; i++) o->delta[i] -= o->delta[n + i];
    for (size_t k = 0; s->paired && k < outputs; k++) o->bias[k] -= o->bias[outputs + k];
    return 0;
}

/* One output; the furthest that the step is to move a logit of it, and its bound. */
static void predict(struct leadseq_probes *p, const struct head *o, const struct leadseq_step *step,
                    int k, double *moved, double *bound)
{
    const struct probe_session *s = probe_session_of(p);
    const float *delta = o->delta + (size_t)k * s->features;
    double db = o->bias[k], all = 0;
    *moved = *bound = 0;
    for (int n = 0; n < step->batch->n; n++) {
        struct record r = {
            .delta = delta, .gradient = gradient_of(s, k), .phi = o->phi + (size_t)n * s->features};
        struct leadseq_sums sums = probe_sum(reach_piece, &r, s->features);
        double predicted = sums.sum[0] + db, lr_sum = step->lr * sums.sum[2] * (1 + s->paired);
        *moved = fmax(*moved, fabs(predicted));
        *bound = fmax(*bound, lr_sum);
        all += sums.sum[2];
        if (n >= PROBE_RECORDS) continue;
        records_of(p, "head/predicted", k)[n] = predicted;
        records_of(p, "head/sign", k)[n] = -step->lr * sums.sum[3] * (1 + s->paired);
        records_of(p, "head/bound", k)[n] = lr_sum;
        records_of(p, "head/reach", k)[n] = sums.sum[1];
    }
    probe_values(p, "head/db")[k] = db;
    probe_values(p, "head/predicted_max")[k] = *moved;
    probe_values(p, "head/bound_max")[k] = *bound;
    probe_values(p, "head/update_max")[k] = largest(delta, s->features);
    probe_values(p, "head/lr_one")[k] = *moved > 0 ? step->lr / *moved : NAN;
    probe_values(p, "head/lr_one_bound")[k] = *bound > 0 ? step->lr / *bound : NAN;
    *probe_values(p, "head/feature_sum") = all / step->batch->n; // the same for every output
}

static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    struct head *o = own;
    double moved, bound, most = 0, most_bound = 0;
    if (!probe_does(p, &probe_passes)) return 0;
    probe_keep_weights(s, step);
    if (probe_row(p, "head", step->step)) return -1;
    if (leadseq_model_get_features(s->t.model, o->phi) || preview(s, o, step)) return -1;
    for (int k = 0; k < s->outputs; k++) {
        predict(p, o, step, k, &moved, &bound);
        most = fmax(most, moved);
        most_bound = fmax(most_bound, bound);
    }
    *probe_values(p, "head/lr") = step->lr;
    *probe_values(p, "head/feature_variation") = variation(o->phi, step->batch->n, s->features);
    probe_cell(step, LEADSEQ_CELL_HEAD_PREDICTED, most);
    probe_cell(step, LEADSEQ_CELL_HEAD_BOUND, most_bound);
    size_t logits = (size_t)step->batch->n * (size_t)s->outputs;
    memcpy(o->logit, step->logit, logits * sizeof *o->logit);
    return 0;
}

/* --- After it ---------------------------------------------------------------------------------
 *
 * A second forward pass gives the features φ' of the moved weights. The measured change of the
 * logit then splits exactly into what the head's own weights did, what the layers below did, and
 * the product of both: (w + Δw)·φ' − w·φ = Δw·φ + w·Δφ + Δw·Δφ. The split error is only rounding,
 * and is stored to show that. */

/* Δw·φ, w·Δφ, Δw·Δφ */
static void split_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct record *r = of;
    double dw_h = 0, w_dh = 0, dw_dh = 0;
#pragma omp simd reduction(+ : dw_h, w_dh, dw_dh)
    for (size_t j = from; j < to; j++) {
        double w = r->before[j], dw = (double)r->after[j] - w;
        double x = r->phi[j], dx = (double)r->phi_after[j] - x;
        dw_h += dw * x;
        w_dh += w * dx;
        dw_dh += dw * dx;
    }
    *s = (struct leadseq_sums){.sum = {dw_h, w_dh, dw_dh}};
}

/* One output; the furthest that the step moved a logit of it. */
static double measure(struct leadseq_probes *p, const struct head *o,
                      const struct leadseq_step *step, int k)
{
    const struct probe_session *s = probe_session_of(p);
    double moved = 0, off = 0;
    double db = bias_of(s, s->params->value, k) - bias_of(s, s->before, k);
    for (int n = 0; n < step->batch->n; n++) {
        size_t row = (size_t)n * s->features, at = (size_t)(n * s->outputs + k);
        struct record r = {.before = weight_of(s, s->before, k, o->before),
                           .after = weight_of(s, s->params->value, k, o->after),
                           .phi = o->phi + row,
                           .phi_after = o->phi_after + row};
        struct leadseq_sums sums = probe_sum(split_piece, &r, s->features);
        double measured = (double)s->logit[at] - o->logit[at];
        moved = fmax(moved, fabs(measured));
        off = fmax(off, fabs(sums.sum[0] + sums.sum[1] + sums.sum[2] + db - measured));
        if (n >= PROBE_RECORDS) continue;
        records_of(p, "head/measured", k)[n] = measured;
        records_of(p, "head/dw_h", k)[n] = sums.sum[0];
        records_of(p, "head/w_dh", k)[n] = sums.sum[1];
        records_of(p, "head/dw_dh", k)[n] = sums.sum[2];
    }
    probe_values(p, "head/measured_max")[k] = moved;
    probe_values(p, "head/split_error")[k] = moved > 0 ? off / moved : NAN;
    return moved;
}

static int after(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    struct head *o = own;
    double most = 0;
    if (!probe_does(p, &probe_passes) || !probe_does(p, &probe_second_forward)) return 0;
    if (probe_forward_again(s, step)) return -1;
    if (leadseq_model_get_features(s->t.model, o->phi_after)) return -1;
    for (int k = 0; k < s->outputs; k++) most = fmax(most, measure(p, o, step, k));
    probe_cell(step, LEADSEQ_CELL_HEAD_MEASURED, most);
    return 0;
}

const struct leadseq_probe_type probe_head = {
    .name = "head",
    .group = LEADSEQ_GROUP_HEAD,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&probe_passes, &probe_second_forward},
    .n_works = 2,
    .own_bytes = sizeof(struct head),
    .begin = begin,
    .clear = clear,
    .gradient = gradient,
    .after = after,
};
