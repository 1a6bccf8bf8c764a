/* SPDX-License-Identifier: MIT
 *
 * The parameters group, tensor by tensor: gradient, weights, the update taken,
 * the distance from the initial values, histograms. Sums in double. */
#include "sums.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"parameters/grad_norm", {LEADSEQ_AXIS_TENSOR}, "1", "||g|| of the tensor, after clipping"},
    {"parameters/grad_max", {LEADSEQ_AXIS_TENSOR}, "1", "max |g|"},
    {"parameters/grad_zeros", {LEADSEQ_AXIS_TENSOR}, "1", "share of g that is exactly 0"},
    {"parameters/grad_nonfinite", {LEADSEQ_AXIS_TENSOR}, "1", "share of g that is not finite"},
    {"parameters/weight_norm", {LEADSEQ_AXIS_TENSOR}, "1", "||theta|| before the step"},
    {"parameters/weight_max", {LEADSEQ_AXIS_TENSOR}, "1", "max |theta| before the step"},
    {"parameters/update_norm", {LEADSEQ_AXIS_TENSOR}, "1", "||Delta||, the step taken"},
    {"parameters/update_ratio", {LEADSEQ_AXIS_TENSOR}, "1", "||Delta|| / ||theta||"},
    {"parameters/distance",
     {LEADSEQ_AXIS_TENSOR},
     "1",
     "||theta - theta_0|| before the step, theta_0 the initial values"},
    {"parameters/total_grad_norm", {0}, "1", "||g|| over all tensors, before clipping"},
    {"parameters/total_zeros", {0}, "1", "share of all g that is exactly 0"},
    {"parameters/total_update_ratio", {0}, "1", "||Delta|| / ||theta|| over all tensors"},
    {"histograms/gradient",
     {LEADSEQ_AXIS_TENSOR, LEADSEQ_AXIS_DECADE},
     "values",
     "counts of log10|g| in bins of half a decade from 1e-20 to 1e4, the first bin also everything "
     "below but 0, the last everything above"},
    {"histograms/gradient_zero", {LEADSEQ_AXIS_TENSOR}, "values", "count of g exactly 0"},
    {"histograms/weight",
     {LEADSEQ_AXIS_TENSOR, LEADSEQ_AXIS_BIN},
     "values",
     "counts of theta in 40 equal bins from -weight_range to weight_range"},
    {"histograms/weight_range", {LEADSEQ_AXIS_TENSOR}, "1", "max |theta|"},
};
enum { DECADE_FROM = -20, BINS_A_DECADE = 2 };

struct tensor { /* of one tensor */
    double grad, grad_max, weight, weight_max, distance;
    double zeros, nonfinite;
};

/* Pieces are summed by several threads at once (sums.h); each writes only its own sums.
 *
 * g²; zeros; not finite; largest |g| */
static void gradient_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const float *g = of;
    double squares = 0, zeros = 0, nonfinite = 0;
    float most = 0;
#pragma omp simd reduction(+ : squares, zeros, nonfinite) reduction(max : most)
    for (size_t i = from; i < to; i++) {
        float size = fabsf(g[i]);
        squares += (double)size * size;
        zeros += size == 0;
        nonfinite += !(size <= 3.4028234e38f);
        most = size > most ? size : most;
    }
    *s = (struct leadseq_sums){.sum = {squares, zeros, nonfinite}, .most = most};
}

struct weights {
    const float *value, *other;
};

/* θ²; (θ - other)²; largest |θ| */
static void weight_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct weights *w = of;
    double squares = 0, far = 0;
    float most = 0;
#pragma omp simd reduction(+ : squares, far) reduction(max : most)
    for (size_t i = from; i < to; i++) {
        double x = w->value[i], d = x - w->other[i];
        float size = fabsf(w->value[i]);
        squares += x * x;
        far += d * d;
        most = size > most ? size : most;
    }
    *s = (struct leadseq_sums){.sum = {squares, far}, .most = most};
}

/* begin() is called before a checkpoint is read, so that these are the initial values of the seed
 * also in a run that is resumed. */
struct parameters {
    float *initial; /* (params.count) */
};

static int begin(struct leadseq_probes *p, void *own)
{
    const struct leadseq_params *params = probe_session_of(p)->params;
    struct parameters *o = own;
    o->initial = leadseq_calloc(params->count, sizeof *o->initial);
    if (!o->initial) return -1;
    memcpy(o->initial, params->value, params->count * sizeof *o->initial);
    return 0;
}

static void clear(void *own)
{
    free(((struct parameters *)own)->initial);
}

static struct tensor measure(const float *g, const float *value, const float *initial, size_t n)
{
    struct leadseq_sums a = probe_sum(gradient_piece, g, n);
    struct leadseq_sums b = probe_sum(weight_piece, &(struct weights){value, initial}, n);
    return (struct tensor){.grad = sqrt(a.sum[0]),
                           .grad_max = a.most,
                           .zeros = a.sum[1],
                           .nonfinite = a.sum[2],
                           .weight = sqrt(b.sum[0]),
                           .weight_max = b.most,
                           .distance = sqrt(b.sum[1])};
}

/* Exact zeros are counted apart: log 0 has no bin, and many zeros mean dead units, not a small
 * gradient. Values that are not finite are in no bin of the gradient except infinity, in the last.
 */
static void count_decades(const float *g, size_t n, double *bin, double *zero)
{
    size_t count[PROBE_DECADES] = {0}, zeros = 0;
    for (size_t i = 0; i < n; i++) {
        if (g[i] == 0) {
            zeros++;
            continue;
        }
        double at = (log10f(fabsf(g[i])) - DECADE_FROM) * BINS_A_DECADE;
        if (isnan(at)) continue;
        count[at < 0 ? 0 : at >= PROBE_DECADES ? PROBE_DECADES - 1 : (int)at]++;
    }
    for (int k = 0; k < PROBE_DECADES; k++) bin[k] = (double)count[k];
    *zero = (double)zeros;
}

static void count_weights(const float *value, size_t n, double range, double *bin)
{
    size_t count[PROBE_BINS] = {0};
    float scale = range > 0 ? (float)(PROBE_BINS / 2 / range) : 0;
    for (size_t i = 0; i < n; i++) {
        float at = value[i] * scale + PROBE_BINS / 2;
        if (isnan(at)) continue;
        count[at < 0 ? 0 : at >= PROBE_BINS ? PROBE_BINS - 1 : (int)at]++;
    }
    for (int k = 0; k < PROBE_BINS; k++) bin[k] = (double)count[k];
}

static void fill_histograms(struct leadseq_probes *p, size_t tensor, double range)
{
    const struct leadseq_params *params = probe_session_of(p)->params;
    const struct leadseq_slice *s = &params->slice[tensor];
    count_decades(params->gradient + s->offset, s->count,
                  probe_values(p, "histograms/gradient") + tensor * PROBE_DECADES,
                  probe_values(p, "histograms/gradient_zero") + tensor);
    count_weights(params->value + s->offset, s->count, range,
                  probe_values(p, "histograms/weight") + tensor * PROBE_BINS);
    probe_values(p, "histograms/weight_range")[tensor] = range;
}

static void fill_before(struct leadseq_probes *p, size_t tensor, const struct tensor *m)
{
    double count = (double)probe_session_of(p)->params->slice[tensor].count;
    probe_values(p, "parameters/grad_norm")[tensor] = m->grad;
    probe_values(p, "parameters/grad_max")[tensor] = m->grad_max;
    probe_values(p, "parameters/grad_zeros")[tensor] = m->zeros / count;
    probe_values(p, "parameters/grad_nonfinite")[tensor] = m->nonfinite / count;
    probe_values(p, "parameters/weight_norm")[tensor] = m->weight;
    probe_values(p, "parameters/weight_max")[tensor] = m->weight_max;
    probe_values(p, "parameters/distance")[tensor] = m->distance;
}

/* Histograms take longer than norms: they go along with the rarer works. */
static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct parameters *o = own;
    struct probe_session *session = probe_session_of(p);
    const struct leadseq_params *params = session->params;
    double zeros = 0, count = 0;
    bool histograms = probe_does(p, &probe_observing) || probe_does(p, &probe_second_forward);
    probe_keep_weights(session, step);
    if (probe_row(p, "parameters", step->step)) return -1;
    if (histograms && probe_row(p, "histograms", step->step)) return -1;
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *s = &params->slice[i];
        struct tensor m = measure(params->gradient + s->offset, params->value + s->offset,
                                  o->initial + s->offset, s->count);
        fill_before(p, i, &m);
        if (histograms) fill_histograms(p, i, m.weight_max);
        zeros += m.zeros;
        count += (double)s->count;
    }
    *probe_values(p, "parameters/total_grad_norm") = step->grad_norm;
    *probe_values(p, "parameters/total_zeros") = zeros / count;
    return 0;
}

/* The update is the difference of the weights, not what the optimiser intended: it includes the
 * rounding of float32, and weight decay. */
static int after(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct probe_session *session = probe_session_of(p);
    const struct leadseq_params *params = session->params;
    double squares = 0, weights = 0;
    (void)own;
    const double *weight = probe_values(p, "parameters/weight_norm");
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *s = &params->slice[i];
        struct weights w = {params->value + s->offset, session->before + s->offset};
        double one = probe_sum(weight_piece, &w, s->count).sum[1];
        probe_values(p, "parameters/update_norm")[i] = sqrt(one);
        probe_values(p, "parameters/update_ratio")[i] = weight[i] > 0 ? sqrt(one) / weight[i] : NAN;
        squares += one;
        weights += weight[i] * weight[i];
    }
    double ratio = weights > 0 ? sqrt(squares / weights) : NAN;
    *probe_values(p, "parameters/total_update_ratio") = ratio;
    probe_cell(step, LEADSEQ_CELL_UPDATE_RATIO, ratio);
    return 0;
}

const struct leadseq_probe_type probe_parameters = {
    .name = "parameters",
    .group = LEADSEQ_GROUP_PARAMETERS,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&probe_passes},
    .n_works = 1,
    .own_bytes = sizeof(struct parameters),
    .begin = begin,
    .clear = clear,
    .gradient = gradient,
    .after = after,
};
