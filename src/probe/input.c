/* SPDX-License-Identifier: MIT
 *
 * The input group's cheap half: what the values fed look like, how the logit of each
 * output depends on each lead's pixels, and pictures of that: dz/dx of one record's
 * leads over their traces. Red where the logit rises as a pixel gets whiter, blue
 * where it rises as it gets darker, on one scale for all leads. */
#include "sums.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"input/pixel_mean", {0}, "1", "mean of the values fed"},
    {"input/pixel_sd", {0}, "1", "their standard deviation"},
    {"input/gradient_norm",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_LEAD},
     "1",
     "mean over records of ||dz/dx_t||"},
    {"input/gradient_input",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_LEAD},
     "1",
     "mean over records of |sum over pixels of (x_t - paper) dz/dx_t|"},
};

/* Paper's share of white, 0 … 1, of a value as the model is fed it. */
static float white_of(const struct leadseq_batch_options *feed, int colour, float value)
{
    float p = value / feed->scale[colour] + feed->mean[colour];
    return feed->invert ? 1 - p : p;
}

/* --- Pictures --------------------------------------------------------------------------------- */

static const double STRONG_SHARE = 0.995; /* of pixels: the others are drawn at full strength */
static const float TRACE = 0.55f;         /* ink fades to this share, so that colours show */

static int compare(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Σ over colours of the derivative at a pixel, for more white. */
static float slope_at(const struct probe_session *p, const float *d, size_t pixels, size_t k)
{
    float sum = 0;
    for (int c = 0; c < leadseq_model_spec(p->t.model)->channels; c++)
        sum += d[(size_t)c * pixels + k];
    return p->t.feed.invert ? -sum : sum;
}

/* The size that counts as strong, over an even sample of all leads' pixels. */
static float strong(const struct probe_session *p, const float *dimages, int n, size_t pixels)
{
    int leads = leadseq_model_spec(p->t.model)->leads;
    size_t stride = 1 + pixels / 8192, count = 0;
    float *size = leadseq_calloc((size_t)leads * (pixels / stride + 1), sizeof *size), found = 0;
    if (!size) return 0;
    for (int t = 0; t < leads; t++)
        for (size_t k = 0; k < pixels; k += stride)
            size[count++] = fabsf(slope_at(p, dimages + probe_image_at(&p->t, t, 0, n), pixels, k));
    qsort(size, count, sizeof *size, compare);
    found = size[(size_t)((double)(count - 1) * STRONG_SHARE)];
    free(size);
    return found;
}

static uint8_t byte_of(float x)
{
    return (uint8_t)(255 * fminf(1, fmaxf(0, x)) + 0.5f);
}

static void colour(const struct probe_session *p, const float *x, const float *d, float most,
                   size_t pixels, uint8_t *rgb)
{
    for (size_t k = 0; k < pixels; k++) {
        float slope = slope_at(p, d, pixels, k), grey = 0;
        for (int c = 0; c < leadseq_model_spec(p->t.model)->channels; c++)
            grey += white_of(&p->t.feed, c, x[(size_t)c * pixels + k]);
        grey /= (float)leadseq_model_spec(p->t.model)->channels;
        grey = 1 - TRACE * (1 - grey);
        float a = most > 0 && isfinite(slope) ? fminf(1, fabsf(slope) / most) : 0;
        rgb[3 * k] = byte_of(slope > 0 ? grey * (1 - a) + a : grey * (1 - a));
        rgb[3 * k + 1] = byte_of(grey * (1 - a));
        rgb[3 * k + 2] = byte_of(slope < 0 ? grey * (1 - a) + a : grey * (1 - a));
    }
}

static const char *lead_of(const struct probe_session *p, int t)
{
    const struct leadseq_batch_options *feed = &p->t.feed;
    if (leadseq_drawing_images(p->t.drawing) == 1) return "page";
    return feed->order == LEADSEQ_LEADS_SHUFFLED ? "lead" : leadseq_lead_name[feed->leads[t]];
}

static int about(const struct probe_session *p, const struct leadseq_step *step, int k,
                 const char *folder)
{
    const struct leadseq_stack_row *row = &leadseq_stack_rows(p->t.stack)[step->batch->position[0]];
    char *path = leadseq_path_join(folder, "about.txt");
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    fprintf(leadseq_file_stream(file),
            "record %s, ecg_id %d, class %d, logit %.9g before step %llu\n"
            "red: the logit rises where the pixel gets whiter; blue: where it gets darker\n",
            row->record, row->ecg_id, (int)step->batch->target[k], (double)step->logit[k],
            (unsigned long long)step->step);
    return leadseq_file_commit(file);
}

/* FOLDER/01-I.png …: record 0's images with dimages of output k over them; replaces what is there.
 */
static int draw(const struct probe_session *p, const struct leadseq_step *step, int n, int k,
                const float *dimages, const char *folder)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(p->t.model);
    size_t pixels = (size_t)spec->height * (size_t)spec->width;
    float most = strong(p, dimages, n, pixels);
    uint8_t *rgb = leadseq_calloc(pixels, 3);
    int status = rgb ? leadseq_folder_make(folder) : -1;
    for (int t = 0; !status && t < spec->leads; t++) {
        colour(p, step->batch->images + probe_image_at(&p->t, t, 0, step->batch->n),
               dimages + probe_image_at(&p->t, t, 0, n), most, pixels, rgb);
        struct leadseq_image image = {spec->width, spec->height, 3, rgb};
        char *path = leadseq_format("%s/%02d-%s.png", folder, t + 1, lead_of(p, t));
        status = path ? leadseq_png_write(&image, path) : -1;
        free(path);
    }
    free(rgb);
    return status ? -1 : about(p, step, k, folder);
}

/* --- Values ----------------------------------------------------------------------------------- */

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
    const struct leadseq_training *t = &probe_session_of(p)->t;
    size_t n =
        probe_image(t) * (size_t)leadseq_model_spec(t->model)->leads * (size_t)step->batch->n;
    struct leadseq_sums s = probe_sum(pixel_piece, step->batch->images, n);
    double mean = s.sum[0] / (double)n;
    *probe_values(p, "input/pixel_mean") = mean;
    *probe_values(p, "input/pixel_sd") = sqrt(fmax(0, s.sum[1] / (double)n - mean * mean));
}

struct lead {
    const float *x, *dx;
    size_t plane; /* values of a colour */
    double paper[3];
};

/* dx², (x - paper) dx */
static void lead_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s)
{
    const struct lead *l = of;
    double squares = 0, product = 0;
    for (size_t end; from < to; from = end) { /* values of one colour */
        const size_t colour = from / l->plane, last = (colour + 1) * l->plane;
        const double paper = l->paper[colour];
        end = last < to ? last : to;
#pragma omp simd reduction(+ : squares, product)
        for (size_t i = from; i < end; i++) {
            double d = l->dx[i];
            squares += d * d;
            product += ((double)l->x[i] - paper) * d;
        }
    }
    *s = (struct leadseq_sums){.sum = {squares, product}};
}

static void fill_leads(struct leadseq_probes *p, int k, int n, const float *x, const float *dx)
{
    const struct leadseq_training *training = &probe_session_of(p)->t;
    int leads = leadseq_model_spec(training->model)->leads;
    const int channels = leadseq_model_spec(training->model)->channels;
    const size_t plane = probe_image(training) / (size_t)channels;
    double *norm = probe_values(p, "input/gradient_norm") + k * leads;
    double *product = probe_values(p, "input/gradient_input") + k * leads;
    struct lead l = {.plane = plane};
    for (int c = 0; c < channels; c++) l.paper[c] = (double)probe_paper(&training->feed, c);
    for (int t = 0; t < leads; t++) {
        norm[t] = product[t] = 0;
        for (int i = 0; i < n; i++) {
            size_t at = probe_image_at(training, t, i, n);
            l.x = x + at, l.dx = dx + at;
            struct leadseq_sums s = probe_sum(lead_piece, &l, probe_image(training));
            norm[t] += sqrt(s.sum[0]) / n;
            product[t] += fabs(s.sum[1]) / n;
        }
    }
}

/* Batch norm must see the whole batch; without it the first record is enough, and takes no more
 * memory than that. */
static int records_of(const struct probe_session *s, const struct leadseq_step *step)
{
    return s->state->count ? step->batch->n : 1;
}

/* Record 0 … n-1 of the batch by themselves. */
static void take_records(const struct probe_session *s, const struct leadseq_step *step, int n,
                         float *x)
{
    size_t image = probe_image(&s->t);
    for (int t = 0; t < leadseq_model_spec(s->t.model)->leads; t++)
        for (int i = 0; i < n; i++)
            memcpy(x + probe_image_at(&s->t, t, i, n),
                   step->batch->images + probe_image_at(&s->t, t, i, step->batch->n),
                   image * sizeof *x);
}

/* One output: dz_k/dx of n records, by a backward pass whose derivative is 1 at output k of every
 * record and 0 elsewhere. With batch norm, where a record's pixels also change the statistics of
 * the others, it is the derivative of the sum of all n logits. */
static int measure(struct leadseq_probes *p, const struct leadseq_step *step, int k, int n,
                   const float *x, float *dx)
{
    struct probe_session *s = probe_session_of(p);
    for (int i = 0; i < n * s->outputs; i++) s->scratch[i] = i % s->outputs == k;
    probe_keep_running(s);
    int status = leadseq_model_image_gradient(s->t.model, step->draws, n, x, s->scratch, dx);
    probe_restore_running(s);
    if (status) return -1;
    fill_leads(p, k, n, x, dx);
    if (!s->saliency) return 0;
    char *folder = s->outputs > 1 ? leadseq_format("%s/%s", s->saliency, s->t.e->data.task.name[k])
                                  : leadseq_format("%s", s->saliency);
    status = folder ? 0 : -1;
    if (!status && s->outputs > 1) status = leadseq_folder_make(s->saliency);
    if (!status) status = draw(s, step, n, k, dx, folder);
    free(folder);
    return status;
}

static int measure_all(struct leadseq_probes *p, const struct leadseq_step *step, int n)
{
    const struct probe_session *s = probe_session_of(p);
    size_t values = probe_image(&s->t) * (size_t)leadseq_model_spec(s->t.model)->leads * (size_t)n;
    float *x = leadseq_calloc(values, 2 * sizeof *x);
    if (!x) return -1;
    take_records(s, step, n, x);
    int status = 0;
    for (int k = 0; !status && k < s->outputs; k++) status = measure(p, step, k, n, x, x + values);
    free(x);
    return status;
}

/* With the weights from before the step, as everything else that a step's row tells of them. The
 * gradients of the parameters, to which the passes add, are put back for the optimiser. */
static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct probe_session *s = probe_session_of(p);
    const size_t bytes = s->params->count * sizeof *s->params->gradient;
    (void)own;
    if (probe_row(p, "input", step->step)) return -1;
    fill_pixels(p, step);
    float *kept = leadseq_calloc(s->params->count, sizeof *kept);
    if (!kept) return -1;
    memcpy(kept, s->params->gradient, bytes);
    int status = measure_all(p, step, records_of(s, step));
    memcpy(s->params->gradient, kept, bytes);
    free(kept);
    if (!status || s->whole) return status;
    leadseq_warn("probes: %s; the gradient of the images is left out", leadseq_error());
    leadseq_error_clear();
    return 0; // no reason to end a training
}

static double cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    (void)t;
    return 1.5 + in->images;
}

static const struct probe_work image_gradient = {"image gradient", .share = 0.05, .cost = cost};

const struct leadseq_probe_type probe_input = {
    .name = "input",
    .group = LEADSEQ_GROUP_INPUT,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&image_gradient},
    .n_works = 1,
    .absent = probe_lacks_whole_batch,
    .gradient = gradient,
};
