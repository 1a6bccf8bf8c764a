/* SPDX-License-Identifier: MIT
 *
 * The step group: the cost along the update, and how far the gradients of a
 * batch's two halves agree. Passes of the step's own batch with the weights from
 * before the step, dropout's draws and batch norm's batch the same; afterwards
 * weights and running statistics are what the step left. */
#include "probe_private.h"

#include <stdlib.h>
#include <string.h>

/* --- Keeping and restoring -----------------------------------------------------------------------
 */

int diag_step_new(struct leadseq_probes *p)
{
    size_t count = p->params->count;
    p->gradient = leadseq_calloc(count, sizeof *p->gradient);
    p->after = leadseq_calloc(count, sizeof *p->after);
    return p->gradient && p->after ? 0 : -1;
}

/* What earlier processes of this run measured goes into the sums. */
int diag_step_start(struct leadseq_probes *p)
{
    struct leadseq_measured variance = {0}, square = {0};
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(p->file.path);
    int status = d ? leadseq_diagnostics_read(d, "step/grad_variance", &variance) : -1;
    if (!status) status = leadseq_diagnostics_read(d, "step/grad_square", &square);
    p->variance_sum = p->square_sum = 0;
    for (size_t i = 0; !status && i < variance.rows; i++)
        if (isfinite(variance.value[i]) && isfinite(square.value[i])) {
            p->variance_sum += variance.value[i];
            p->square_sum += square.value[i];
        }
    leadseq_measured_clear(&variance);
    leadseq_measured_clear(&square);
    leadseq_diagnostics_close(d);
    return status;
}

/* The batch's gradient as it was before clipping. */
void diag_step_keep(struct leadseq_probes *p, const struct leadseq_step *step)
{
    double most = p->t.e->train.clip_norm, clip = most / (step->grad_norm + 1e-6);
    float undo = most > 0 && clip < 1 ? (float)(1 / clip) : 1;
    memcpy(p->gradient, p->params->gradient, p->params->count * sizeof *p->gradient);
    for (size_t i = 0; undo != 1 && i < p->params->count; i++) p->gradient[i] *= undo;
}

static void set_weights(struct leadseq_probes *p, const float *value)
{
    memcpy(p->params->value, value, p->params->count * sizeof *value);
}

/* --- Halves
 * ---------------------------------------------------------------------------------------- */

/* n g = a g_a + b g_b: the first half's gradient from a backward pass that the second half's
 * records give nothing to, the second half's by difference. In params->gradient: g_a. */
static int differentiate_half(struct leadseq_probes *p, const struct leadseq_step *step, int a)
{
    int n = step->batch->n, all = step->records;
    memset(p->params->gradient, 0, p->params->count * sizeof *p->params->gradient);
    if (diag_forward_again(p, step)) return -1;
    for (int i = 0; i < n; i++) p->cost[i] = i < a ? step->dlogit[i] * (float)all / (float)a : 0;
    return leadseq_model_backward(p->t.model, p->cost);
}

struct halves {
    const float *first, *whole;
    double a, n; /* records of the first half, of the whole step */
};

/* g_a², g_b², g_a·g_b, g² */
static void half_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct halves *h = of;
    double aa = 0, bb = 0, ab = 0, gg = 0, n = h->n, k = h->a, rest = h->n - h->a;
#pragma omp simd reduction(+ : aa, bb, ab, gg)
    for (size_t i = from; i < to; i++) {
        double g = h->whole[i], one = h->first[i], other = (n * g - k * one) / rest;
        aa += one * one;
        bb += other * other;
        ab += one * other;
        gg += g * g;
    }
    *s = (struct leadseq_sums){.sum = {aa, bb, ab, gg}};
}

/* E|g_m|² = |G|² + tr(Σ)/m for a mean of m records; each half gives an estimate of tr(Σ). */
static void fill_noise(struct leadseq_probes *p, struct leadseq_step *step, const struct halves *h,
                       const struct leadseq_sums *s)
{
    double b = h->n - h->a, gg = s->sum[3];
    double variance =
        ((s->sum[0] - gg) / (1 / h->a - 1 / h->n) + (s->sum[1] - gg) / (1 / b - 1 / h->n)) / 2;
    double square = gg - variance / h->n;
    if (gg > 0) {
        p->variance_sum += variance;
        p->square_sum += square;
        *diag_values(&p->file, "step/grad_variance") = variance;
        *diag_values(&p->file, "step/grad_square") = square;
        *diag_values(&p->file, "step/noise_scale") = square > 0 ? variance / square : INFINITY;
        *diag_values(&p->file, "step/agreement") = s->sum[2] / sqrt(s->sum[0] * s->sum[1]);
        diag_cell(step, LEADSEQ_CELL_NOISE_SCALE, square > 0 ? variance / square : INFINITY);
    }
    *diag_values(&p->file, "step/batch_suggested") =
        p->square_sum > 0 && p->variance_sum > 0 ? p->variance_sum / p->square_sum : NAN;
}

static int measure_halves(struct leadseq_probes *p, struct leadseq_step *step)
{
    int n = step->batch->n, all = step->records,
        a = n < all ? n : n / 2; // the last part is one half
    if (a < 1) return 0;         // a batch of one has no halves
    set_weights(p, p->before);
    int status = differentiate_half(p, step, a);
    set_weights(p, p->after);
    if (status) return -1;
    struct halves h = {p->params->gradient, p->gradient, a, all};
    struct leadseq_sums s = diag_sum(half_piece, &h, p->params->count);
    fill_noise(p, step, &h, &s);
    return 0;
}

/* --- Line
 * --------------------------------------------------------------------------------------------- */

static void set_point(struct leadseq_probes *p, double alpha)
{
    const float a = (float)alpha;
#pragma omp parallel for simd schedule(static) if (p->params->count > 65536)
    for (size_t i = 0; i < p->params->count; i++)
        p->params->value[i] = p->before[i] + a * (p->after[i] - p->before[i]);
}

static int measure_line(struct leadseq_probes *p, struct leadseq_step *step)
{
    const struct leadseq_experiment *e = p->t.e;
    double *cost = diag_values(&p->file, "step/line_cost"), least = INFINITY, most = -INFINITY;
    int status = 0, best = 0, one = 0;
    for (int i = 0; !status && i < DIAG_POINTS; i++) {
        cost[i] = leadseq_loss(e->train.loss, e->train.positive_weight, step->logit,
                               step->batch->target, step->batch->n, NULL, NULL);
        if (diag_points[i] == 1) one = i;
        if (diag_points[i] != 0) {
            set_point(p, diag_points[i]);
            status = diag_forward_again(p, step);
            cost[i] = leadseq_loss(e->train.loss, e->train.positive_weight, p->logit,
                                   step->batch->target, step->batch->n, NULL, NULL);
        }
        if (cost[i] < least) least = cost[i], best = i;
        most = fmax(most, cost[i]);
    }
    set_weights(p, p->after);
    if (status) return -1;
    *diag_values(&p->file, "step/change") = cost[one] - cost[0];
    if (most > least) {
        *diag_values(&p->file, "step/best") = diag_points[best];
        diag_cell(step, LEADSEQ_CELL_LINE_BEST, diag_points[best]);
    }
    return 0;
}

/* <g, Δ> */
static void promise_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct leadseq_probes *p = of;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = from; i < to; i++)
        sum += (double)p->gradient[i] * ((double)p->after[i] - p->before[i]);
    s->sum[0] = sum;
}

int diag_step_after(struct leadseq_probes *p, struct leadseq_step *step)
{
    if (diag_row(&p->file, "step", step->step)) return -1;
    memcpy(p->after, p->params->value, p->params->count * sizeof *p->after);
    *diag_values(&p->file, "step/first_order") =
        diag_sum(promise_piece, p, p->params->count).sum[0];
    if (diag_does(p, DIAG_HALVES) && measure_halves(p, step)) return -1;
    return diag_does(p, DIAG_LINE) ? measure_line(p, step) : 0;
}
