/* SPDX-License-Identifier: MIT
 *
 * The head group: how far the coming step moves the logit, z_n = Σ_j w_j φ_nj + b,
 *
 *   z' - z = Σ Δw_j φ_nj  +  Σ w_j Δφ_nj  +  Σ Δw_j Δφ_nj  +  Δb
 *
 * predicted before the step by the optimiser's own update, measured after it on
 * the same batch. Sums in double. */
#include "probe_private.h"

#include <string.h>

static const float *weight_of(const struct leadseq_probes *p, const float *block)
{
    return block + p->params->slice[p->head_weight].offset;
}

static double bias_of(const struct leadseq_probes *p, const float *block)
{
    return p->head_bias == SIZE_MAX ? 0 : block[p->params->slice[p->head_bias].offset];
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

struct batch {
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
    struct leadseq_sums s = diag_sum(variation_piece, &b, features);
    return s.sum[1] > 0 ? sqrt(s.sum[0] / s.sum[1]) : NAN;
}

static double largest(const float *x, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(x[i]));
    return most;
}

static int preview(struct leadseq_probes *p, const struct leadseq_step *step, double *db)
{
    float bias = 0;
    if (p->head_bias != SIZE_MAX && leadseq_training_preview(&p->t, step, p->head_bias, &bias))
        return -1;
    *db = bias;
    return leadseq_training_preview(&p->t, step, p->head_weight, p->delta);
}

static void fill_before(struct leadseq_probes *p, struct leadseq_step *step, double db)
{
    struct diag_file *f = &p->file;
    double moved = 0, bound = 0, all = 0;
    const float *g = weight_of(p, p->params->gradient);
    for (int n = 0; n < step->batch->n; n++) {
        struct record r = {
            .delta = p->delta, .gradient = g, .phi = p->phi + (size_t)n * p->features};
        struct leadseq_sums sums = diag_sum(reach_piece, &r, p->features);
        double predicted = sums.sum[0] + db, lr_sum = step->lr * sums.sum[2];
        moved = fmax(moved, fabs(predicted));
        bound = fmax(bound, lr_sum);
        all += sums.sum[2];
        if (n >= DIAG_RECORDS) continue;
        diag_values(f, "head/predicted")[n] = predicted;
        diag_values(f, "head/sign")[n] = -step->lr * sums.sum[3];
        diag_values(f, "head/bound")[n] = lr_sum;
        diag_values(f, "head/reach")[n] = sums.sum[1];
    }
    *diag_values(f, "head/lr") = step->lr;
    *diag_values(f, "head/db") = db;
    *diag_values(f, "head/predicted_max") = moved;
    *diag_values(f, "head/bound_max") = bound;
    *diag_values(f, "head/feature_sum") = all / step->batch->n;
    *diag_values(f, "head/feature_variation") = variation(p->phi, step->batch->n, p->features);
    *diag_values(f, "head/update_max") = largest(p->delta, p->features);
    *diag_values(f, "head/lr_one") = moved > 0 ? step->lr / moved : NAN;
    *diag_values(f, "head/lr_one_bound") = bound > 0 ? step->lr / bound : NAN;
    diag_cell(step, LEADSEQ_CELL_HEAD_PREDICTED, moved);
    diag_cell(step, LEADSEQ_CELL_HEAD_BOUND, bound);
}

int diag_head_before(struct leadseq_probes *p, struct leadseq_step *step)
{
    double db;
    if (!diag_file_has(&p->file, "head") || diag_row(&p->file, "head", step->step))
        return diag_file_has(&p->file, "head") ? -1 : 0;
    if (leadseq_model_get_features(p->t.model, p->phi) || preview(p, step, &db)) return -1;
    fill_before(p, step, db);
    memcpy(p->logit_before, step->logit, (size_t)step->batch->n * sizeof *p->logit_before);
    return 0;
}

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

int diag_head_after(struct leadseq_probes *p, struct leadseq_step *step)
{
    struct diag_file *f = &p->file;
    double moved = 0, off = 0, db = bias_of(p, p->params->value) - bias_of(p, p->before);
    if (!diag_file_has(f, "head")) return 0;
    if (leadseq_model_get_features(p->t.model, p->phi_after)) return -1;
    for (int n = 0; n < step->batch->n; n++) {
        size_t row = (size_t)n * p->features;
        struct record r = {.before = weight_of(p, p->before),
                           .after = weight_of(p, p->params->value),
                           .phi = p->phi + row,
                           .phi_after = p->phi_after + row};
        struct leadseq_sums s = diag_sum(split_piece, &r, p->features);
        double measured = (double)p->logit[n] - p->logit_before[n];
        moved = fmax(moved, fabs(measured));
        off = fmax(off, fabs(s.sum[0] + s.sum[1] + s.sum[2] + db - measured));
        if (n >= DIAG_RECORDS) continue;
        diag_values(f, "head/measured")[n] = measured;
        diag_values(f, "head/dw_h")[n] = s.sum[0];
        diag_values(f, "head/w_dh")[n] = s.sum[1];
        diag_values(f, "head/dw_dh")[n] = s.sum[2];
    }
    *diag_values(f, "head/measured_max") = moved;
    *diag_values(f, "head/split_error") = moved > 0 ? off / moved : NAN;
    diag_cell(step, LEADSEQ_CELL_HEAD_MEASURED, moved);
    return 0;
}
