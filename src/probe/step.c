/* SPDX-License-Identifier: MIT
 *
 * The step group: the cost along the update, and how far the gradients of a
 * batch's two halves agree. Passes of the step's own batch with the weights from
 * before the step, with the same draws of dropout and the same batch for batch norm;
 * afterwards weights and running statistics are what the step left. */
#include "sums.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"step/line_cost",
     {LEADSEQ_AXIS_POINT},
     "1",
     "cost of the same batch at theta + alpha Delta, alpha: attribute points of /step"},
    {"step/best",
     {0},
     "1",
     "alpha of the smallest of them: above 1 the step is too short, below too long"},
    {"step/first_order", {0}, "1", "<g, Delta>: the change of cost the gradient promises"},
    {"step/change", {0}, "1", "line_cost at alpha = 1 minus at 0"},
    {"step/grad_square", {0}, "1", "estimate of |G|^2 (McCandlish et al. 2018, A.1)"},
    {"step/grad_variance", {0}, "1", "estimate of tr(Sigma), the variance of a record's gradient"},
    {"step/noise_scale",
     {0},
     "records",
     "grad_variance / grad_square of this step alone; the verdict averages both over steps first"},
    {"step/batch_suggested",
     {0},
     "records",
     "sums of grad_variance / sums of grad_square over the steps of this file so far"},
    {"step/agreement",
     {0},
     "1",
     "cosine between the gradients of the batch's two halves; NaN for a batch of one"},
};

static const double points[PROBE_POINTS] = {0, 0.25, 0.5, 1, 2, 4}; /* alpha along the update */

static double halves_cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    (void)t;
    return 1.2 + in->passes;
}

static double line_cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    (void)t;
    return (PROBE_POINTS - 1) * in->forward + in->passes;
}

static const struct probe_work halves = {"halves", .share = 0.15, .cost = halves_cost};
static const struct probe_work line = {"line", .share = 0.1, .cost = line_cost};

static bool is_absent(const struct leadseq_training *t, char why[PROBE_REASON])
{
    if (t->ranks == 1) return false;
    snprintf(why, PROBE_REASON, "several ranks: no rank can repeat the pass of a whole batch");
    return true;
}

struct line_and_noise {
    float *gradient;                 /* (params.count) of the step, before clipping */
    float *after;                    /* (params.count) the weights it leaves */
    double variance_sum, square_sum; /* over all steps measured so far */
};

static int begin(struct leadseq_probes *p, void *own)
{
    size_t count = probe_session_of(p)->params->count;
    struct line_and_noise *o = own;
    o->gradient = leadseq_calloc(count, sizeof *o->gradient);
    o->after = leadseq_calloc(count, sizeof *o->after);
    return o->gradient && o->after ? 0 : -1;
}

static void clear(void *own)
{
    struct line_and_noise *o = own;
    free(o->gradient);
    free(o->after);
}

/* What earlier processes of this run measured goes into the sums. */
static int start(struct leadseq_probes *p, void *own, uint64_t step)
{
    struct line_and_noise *o = own;
    (void)step;
    if (probe_file_lacks(p, "step")) return 0;
    struct leadseq_measured variance = {0}, square = {0};
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(probe_file_path(p));
    int status = d ? leadseq_diagnostics_read(d, "step/grad_variance", &variance) : -1;
    if (!status) status = leadseq_diagnostics_read(d, "step/grad_square", &square);
    o->variance_sum = o->square_sum = 0;
    for (size_t i = 0; !status && i < variance.rows; i++)
        if (isfinite(variance.value[i]) && isfinite(square.value[i])) {
            o->variance_sum += variance.value[i];
            o->square_sum += square.value[i];
        }
    leadseq_measured_clear(&variance);
    leadseq_measured_clear(&square);
    leadseq_diagnostics_close(d);
    return status;
}

/* Copies the batch's gradient as it was before clipping: halves are compared with the gradient of
 * the loss, and clipping multiplied it by a factor that is undone here. */
static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    struct line_and_noise *o = own;
    double most = s->t.e->train.clip_norm, clip = most / (step->grad_norm + 1e-6);
    float undo = most > 0 && clip < 1 ? (float)(1 / clip) : 1;
    memcpy(o->gradient, s->params->gradient, s->params->count * sizeof *o->gradient);
    for (size_t i = 0; undo != 1 && i < s->params->count; i++) o->gradient[i] *= undo;
    probe_keep_weights(s, step);
    return 0;
}

static void set_weights(struct probe_session *s, const float *value)
{
    memcpy(s->params->value, value, s->params->count * sizeof *value);
}

/* --- Halves ----------------------------------------------------------------------------------- */

/* n g = a g_a + b g_b. The whole batch goes through the forward pass again, so that batch norm sees
 * the same records as in the step; in the backward pass the derivatives of the second half's logits
 * are 0, which gives the first half's gradient g_a (left in params->gradient). The second half's
 * follows by difference, without another pass. */
static int differentiate_half(struct probe_session *s, const struct leadseq_step *step, int a)
{
    int n = step->batch->n * s->outputs, half = a * s->outputs, all = step->records;
    memset(s->params->gradient, 0, s->params->count * sizeof *s->params->gradient);
    if (probe_forward_again(s, step)) return -1;
    for (int i = 0; i < n; i++)
        s->scratch[i] = i < half ? step->dlogit[i] * (float)all / (float)a : 0;
    return leadseq_model_backward(s->t.model, s->scratch);
}

/* With g the mean gradient of n records, g_a that of the first a and g_b of the other n - a:
 * n g = a g_a + (n - a) g_b, so g_b needs no pass of its own. */
struct half_gradients {
    const float *first, *whole;
    double a, n; /* records of the first half, of the whole step */
};

/* g_a², g_b², g_a·g_b, g² */
static void half_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct half_gradients *h = of;
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

/* G is the gradient over all data, Σ the covariance of one record's gradient. The mean over m
 * records has E|g_m|² = |G|² + tr(Σ)/m, so that the squares at two sizes, a half and the whole
 * batch, give two equations for |G|² and tr(Σ). tr(Σ) / |G|² is the batch size at which noise and
 * signal are equal: much larger batches bring little (McCandlish et al. 2018). Estimates of one
 * step are very noisy, and that of |G|² may be negative; therefore sums over all steps are kept as
 * well. */
static void fill_noise(struct leadseq_probes *p, struct line_and_noise *o,
                       struct leadseq_step *step, const struct half_gradients *h,
                       const struct leadseq_sums *s)
{
    double b = h->n - h->a, gg = s->sum[3];
    double variance =
        ((s->sum[0] - gg) / (1 / h->a - 1 / h->n) + (s->sum[1] - gg) / (1 / b - 1 / h->n)) / 2;
    double square = gg - variance / h->n;
    if (gg > 0) {
        o->variance_sum += variance;
        o->square_sum += square;
        *probe_values(p, "step/grad_variance") = variance;
        *probe_values(p, "step/grad_square") = square;
        *probe_values(p, "step/noise_scale") = square > 0 ? variance / square : INFINITY;
        *probe_values(p, "step/agreement") = s->sum[2] / sqrt(s->sum[0] * s->sum[1]);
        probe_cell(step, LEADSEQ_CELL_NOISE_SCALE, square > 0 ? variance / square : INFINITY);
    }
    *probe_values(p, "step/batch_suggested") =
        o->square_sum > 0 && o->variance_sum > 0 ? o->variance_sum / o->square_sum : NAN;
}

static int measure_halves(struct leadseq_probes *p, struct line_and_noise *o,
                          struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    int n = step->batch->n, all = step->records,
        a = n < all ? n : n / 2; // the last part is one half
    if (a < 1) return 0;         // a batch of one has no halves
    set_weights(s, s->before);
    int status = differentiate_half(s, step, a);
    set_weights(s, o->after);
    if (status) return -1;
    struct half_gradients h = {s->params->gradient, o->gradient, a, all};
    struct leadseq_sums sums = probe_sum(half_piece, &h, s->params->count);
    fill_noise(p, o, step, &h, &sums);
    return 0;
}

/* --- Line ------------------------------------------------------------------------------------- */

/* The weights at θ + α Δ. measure_line() puts back the step's own weights from the copy in
 * o->after, not by another addition, so that they have the same bits as before. */
static void set_point(struct probe_session *s, const struct line_and_noise *o, double alpha)
{
    const float a = (float)alpha;
#pragma omp parallel for simd schedule(static) if (s->params->count > 65536)
    for (size_t i = 0; i < s->params->count; i++)
        s->params->value[i] = s->before[i] + a * (o->after[i] - s->before[i]);
}

static int measure_line(struct leadseq_probes *p, const struct line_and_noise *o,
                        struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    double *cost = probe_values(p, "step/line_cost"), least = INFINITY, most = -INFINITY;
    int status = 0, best = 0, one = 0;
    for (int i = 0; !status && i < PROBE_POINTS; i++) {
        cost[i] = probe_loss(s, step->logit, step->batch->target, step->batch->n);
        if (points[i] == 1) one = i;
        if (points[i] != 0) {
            set_point(s, o, points[i]);
            status = probe_forward_again(s, step);
            cost[i] = probe_loss(s, s->logit, step->batch->target, step->batch->n);
        }
        if (cost[i] < least) least = cost[i], best = i;
        most = fmax(most, cost[i]);
    }
    set_weights(s, o->after);
    if (status) return -1;
    *probe_values(p, "step/change") = cost[one] - cost[0];
    if (most > least) {
        *probe_values(p, "step/best") = points[best];
        probe_cell(step, LEADSEQ_CELL_LINE_BEST, points[best]);
    }
    return 0;
}

/* <g, Δ> */
struct promise {
    const float *gradient, *before, *after;
};

static void promise_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct promise *o = of;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = from; i < to; i++)
        sum += (double)o->gradient[i] * ((double)o->after[i] - o->before[i]);
    s->sum[0] = sum;
}

/* Overwrites weights and gradients for a while. Both are free to use here: the step has moved the
 * weights, which are copied first, and the next step sets the gradient to 0 before it begins. */
static int after(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    struct line_and_noise *o = own;
    if (probe_row(p, "step", step->step)) return -1;
    memcpy(o->after, s->params->value, s->params->count * sizeof *o->after);
    const struct promise promise = {o->gradient, s->before, o->after};
    *probe_values(p, "step/first_order") =
        probe_sum(promise_piece, &promise, s->params->count).sum[0];
    if (probe_does(p, &halves) && measure_halves(p, o, step)) return -1;
    return probe_does(p, &line) ? measure_line(p, o, step) : 0;
}

const struct leadseq_probe_type probe_step = {
    .name = "step",
    .group = LEADSEQ_GROUP_STEP,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .attribute = "points",
    .attribute_text = "0 0.25 0.5 1 2 4",
    .work = (const struct probe_work *const[]){&halves, &line},
    .n_works = 2,
    .own_bytes = sizeof(struct line_and_noise),
    .absent = is_absent,
    .begin = begin,
    .start = start,
    .clear = clear,
    .gradient = gradient,
    .after = after,
};
