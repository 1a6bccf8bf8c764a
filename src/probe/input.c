/* SPDX-License-Identifier: MIT
 *
 * The input group's cheap half: what the values fed look like, and how the logit
 * depends on each lead's pixels. */
#include "probe_private.h"

#include <stdlib.h>
#include <string.h>

float diag_paper(const struct leadseq_batch_options *feed)
{
    return ((feed->invert ? 0.0f : 1.0f) - feed->mean) * feed->scale;
}

float diag_white(const struct leadseq_batch_options *feed, float value)
{
    float p = value / feed->scale + feed->mean;
    return feed->invert ? 1 - p : p;
}

size_t diag_image(const struct leadseq_training *t)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    return (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width;
}

size_t diag_image_at(const struct leadseq_training *t, int lead, int i, int n)
{
    size_t leads = (size_t)leadseq_model_spec(t->model)->leads;
    bool sequence = t->feed.layout == LEADSEQ_LAYOUT_TNCHW;
    return diag_image(t) *
           (sequence ? (size_t)lead * (size_t)n + (size_t)i : (size_t)i * leads + (size_t)lead);
}

/* Σ x, Σ x² */
static void pixel_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const float *x = of;
    double sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum, squares)
    for (size_t i = from; i < to; i++) {
        sum += x[i];
        squares += (double)x[i] * x[i];
    }
    *s = (struct leadseq_sums){.sum = {sum, squares}};
}

static void fill_pixels(struct leadseq_probes *p, const struct leadseq_step *step)
{
    size_t n =
        diag_image(&p->t) * (size_t)leadseq_model_spec(p->t.model)->leads * (size_t)step->batch->n;
    struct leadseq_sums s = diag_sum(pixel_piece, step->batch->images, n);
    double mean = s.sum[0] / (double)n;
    *diag_values(&p->file, "input/pixel_mean") = mean;
    *diag_values(&p->file, "input/pixel_sd") = sqrt(fmax(0, s.sum[1] / (double)n - mean * mean));
}

struct lead {
    const float *x, *dx;
    float paper;
};

/* dx², (x - paper) dx */
static void lead_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct lead *l = of;
    double squares = 0, product = 0;
#pragma omp simd reduction(+ : squares, product)
    for (size_t i = from; i < to; i++) {
        double d = l->dx[i];
        squares += d * d;
        product += ((double)l->x[i] - l->paper) * d;
    }
    *s = (struct leadseq_sums){.sum = {squares, product}};
}

static void fill_leads(struct leadseq_probes *p, int n, const float *x, const float *dx)
{
    double *norm = diag_values(&p->file, "input/gradient_norm");
    double *product = diag_values(&p->file, "input/gradient_input");
    for (int t = 0; t < leadseq_model_spec(p->t.model)->leads; t++) {
        norm[t] = product[t] = 0;
        for (int i = 0; i < n; i++) {
            size_t at = diag_image_at(&p->t, t, i, n);
            struct lead l = {x + at, dx + at, diag_paper(&p->t.feed)};
            struct leadseq_sums s = diag_sum(lead_piece, &l, diag_image(&p->t));
            norm[t] += sqrt(s.sum[0]) / n;
            product[t] += fabs(s.sum[1]) / n;
        }
    }
}

/* Batch norm must see the whole batch; without it the first record is enough, and takes no more
 * memory than that. */
static int records_of(const struct leadseq_probes *p, const struct leadseq_step *step)
{
    return p->state->count ? step->batch->n : 1;
}

/* Record 0 … n-1 of the batch by themselves. */
static void take_records(struct leadseq_probes *p, const struct leadseq_step *step, int n, float *x)
{
    size_t image = diag_image(&p->t);
    for (int t = 0; t < leadseq_model_spec(p->t.model)->leads; t++)
        for (int i = 0; i < n; i++)
            memcpy(x + diag_image_at(&p->t, t, i, n),
                   step->batch->images + diag_image_at(&p->t, t, i, step->batch->n),
                   image * sizeof *x);
}

int diag_input(struct leadseq_probes *p, struct leadseq_step *step)
{
    int n = records_of(p, step);
    size_t values = diag_image(&p->t) * (size_t)leadseq_model_spec(p->t.model)->leads * (size_t)n;
    if (diag_row(&p->file, "input", step->step)) return -1;
    fill_pixels(p, step);
    float *x = leadseq_calloc(values, 2 * sizeof *x);
    if (!x) return -1;
    take_records(p, step, n, x);
    for (int i = 0; i < n; i++) p->cost[i] = 1; // dz/dx
    diag_keep_running(p);
    int status = leadseq_model_image_gradient(p->t.model, step->draws, n, x, p->cost, x + values);
    diag_restore_running(p);
    if (!status) fill_leads(p, n, x, x + values);
    if (!status && p->saliency) status = diag_saliency(p, step, n, x + values);
    free(x);
    if (!status || p->all) return status;
    leadseq_warn("probes: %s; the gradient of the images is left out", leadseq_error());
    leadseq_error_clear();
    return 0; // no reason to end a training
}
