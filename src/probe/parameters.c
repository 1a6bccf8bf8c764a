/* SPDX-License-Identifier: MIT
 *
 * The parameters group, tensor by tensor: gradient, weights, the update taken,
 * the way from the initial values, histograms. Sums in double. */
#include "probe_private.h"

#include <string.h>

enum { DECADE_FROM = -20, BINS_A_DECADE = 2 };

struct tensor { /* of one tensor */
    double grad, grad_max, weight, weight_max, distance;
    double zeros, nonfinite;
};

/* g²; zeros; not finite; largest |g| */
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

static struct tensor measure(const float *g, const float *value, const float *initial, size_t n)
{
    struct leadseq_sums a = diag_sum(gradient_piece, g, n);
    struct leadseq_sums b = diag_sum(weight_piece, &(struct weights){value, initial}, n);
    return (struct tensor){.grad = sqrt(a.sum[0]),
                           .grad_max = a.most,
                           .zeros = a.sum[1],
                           .nonfinite = a.sum[2],
                           .weight = sqrt(b.sum[0]),
                           .weight_max = b.most,
                           .distance = sqrt(b.sum[1])};
}

static void count_decades(const float *g, size_t n, double *bin, double *zero)
{
    size_t count[DIAG_DECADES] = {0}, zeros = 0;
    for (size_t i = 0; i < n; i++) {
        if (g[i] == 0) {
            zeros++;
            continue;
        }
        double at = (log10f(fabsf(g[i])) - DECADE_FROM) * BINS_A_DECADE;
        if (isnan(at)) continue;
        count[at < 0 ? 0 : at >= DIAG_DECADES ? DIAG_DECADES - 1 : (int)at]++;
    }
    for (int k = 0; k < DIAG_DECADES; k++) bin[k] = (double)count[k];
    *zero = (double)zeros;
}

static void count_weights(const float *value, size_t n, double range, double *bin)
{
    size_t count[DIAG_BINS] = {0};
    float scale = range > 0 ? (float)(DIAG_BINS / 2 / range) : 0;
    for (size_t i = 0; i < n; i++) {
        float at = value[i] * scale + DIAG_BINS / 2;
        if (isnan(at)) continue;
        count[at < 0 ? 0 : at >= DIAG_BINS ? DIAG_BINS - 1 : (int)at]++;
    }
    for (int k = 0; k < DIAG_BINS; k++) bin[k] = (double)count[k];
}

static void fill_histograms(struct leadseq_probes *p, size_t tensor, double range)
{
    const struct leadseq_slice *s = &p->params->slice[tensor];
    struct diag_file *f = &p->file;
    count_decades(p->params->gradient + s->offset, s->count,
                  diag_values(f, "histograms/gradient") + tensor * DIAG_DECADES,
                  diag_values(f, "histograms/gradient_zero") + tensor);
    count_weights(p->params->value + s->offset, s->count, range,
                  diag_values(f, "histograms/weight") + tensor * DIAG_BINS);
    diag_values(f, "histograms/weight_range")[tensor] = range;
}

static void fill_before(struct leadseq_probes *p, size_t tensor, const struct tensor *m)
{
    double count = (double)p->params->slice[tensor].count;
    struct diag_file *f = &p->file;
    diag_values(f, "parameters/grad_norm")[tensor] = m->grad;
    diag_values(f, "parameters/grad_max")[tensor] = m->grad_max;
    diag_values(f, "parameters/grad_zeros")[tensor] = m->zeros / count;
    diag_values(f, "parameters/grad_nonfinite")[tensor] = m->nonfinite / count;
    diag_values(f, "parameters/weight_norm")[tensor] = m->weight;
    diag_values(f, "parameters/weight_max")[tensor] = m->weight_max;
    diag_values(f, "parameters/distance")[tensor] = m->distance;
}

int diag_parameters_before(struct leadseq_probes *p, struct leadseq_step *step)
{
    double zeros = 0, count = 0;
    bool histograms = diag_does(p, DIAG_OBSERVED) || diag_does(p, DIAG_MEASURED);
    if (!diag_file_has(&p->file, "parameters")) return 0;
    if (diag_row(&p->file, "parameters", step->step)) return -1;
    if (histograms && diag_row(&p->file, "histograms", step->step)) return -1;
    for (size_t i = 0; i < p->params->n_slices; i++) {
        const struct leadseq_slice *s = &p->params->slice[i];
        struct tensor m = measure(p->params->gradient + s->offset, p->params->value + s->offset,
                                  p->initial + s->offset, s->count);
        fill_before(p, i, &m);
        if (histograms) fill_histograms(p, i, m.weight_max);
        zeros += m.zeros;
        count += (double)s->count;
    }
    *diag_values(&p->file, "parameters/total_grad_norm") = step->grad_norm;
    *diag_values(&p->file, "parameters/total_zeros") = zeros / count;
    return 0;
}

int diag_parameters_after(struct leadseq_probes *p, struct leadseq_step *step)
{
    struct diag_file *f = &p->file;
    double squares = 0, weights = 0;
    if (!diag_file_has(f, "parameters")) return 0;
    const double *weight = diag_values(f, "parameters/weight_norm");
    for (size_t i = 0; i < p->params->n_slices; i++) {
        const struct leadseq_slice *s = &p->params->slice[i];
        struct weights w = {p->params->value + s->offset, p->before + s->offset};
        double one = diag_sum(weight_piece, &w, s->count).sum[1];
        diag_values(f, "parameters/update_norm")[i] = sqrt(one);
        diag_values(f, "parameters/update_ratio")[i] = weight[i] > 0 ? sqrt(one) / weight[i] : NAN;
        squares += one;
        weights += weight[i] * weight[i];
    }
    double ratio = weights > 0 ? sqrt(squares / weights) : NAN;
    *diag_values(f, "parameters/total_update_ratio") = ratio;
    diag_cell(step, LEADSEQ_CELL_UPDATE_RATIO, ratio);
    return 0;
}
