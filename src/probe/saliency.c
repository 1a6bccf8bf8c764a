/* SPDX-License-Identifier: MIT
 *
 * dz/dx of one record's leads over their traces, as PNG: what would raise the logit
 * where ink becomes paper (red) or paper ink (blue). One scale for all leads. */
#include "probe_private.h"

#include <stdlib.h>
#include <string.h>

static const double STRONG_SHARE = 0.995; /* of pixels: the others are drawn as strong as can be */
static const float TRACE = 0.55f;         /* ink fades to this share, so that colours show */

static int compare(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Σ over colours of the derivative at a pixel, for more white. */
static float slope_at(const struct leadseq_probes *p, const float *d, size_t pixels, size_t k)
{
    float sum = 0;
    for (int c = 0; c < leadseq_model_spec(p->t.model)->channels; c++)
        sum += d[(size_t)c * pixels + k];
    return p->t.feed.invert ? -sum : sum;
}

/* The size that counts as strong, over an even sample of all leads' pixels. */
static float strong(const struct leadseq_probes *p, const float *dimages, int n, size_t pixels)
{
    int leads = leadseq_model_spec(p->t.model)->leads;
    size_t stride = 1 + pixels / 8192, count = 0;
    float *size = leadseq_calloc((size_t)leads * (pixels / stride + 1), sizeof *size), found = 0;
    if (!size) return 0;
    for (int t = 0; t < leads; t++)
        for (size_t k = 0; k < pixels; k += stride)
            size[count++] = fabsf(slope_at(p, dimages + diag_image_at(&p->t, t, 0, n), pixels, k));
    qsort(size, count, sizeof *size, compare);
    found = size[(size_t)((double)(count - 1) * STRONG_SHARE)];
    free(size);
    return found;
}

static uint8_t byte_of(float x)
{
    return (uint8_t)(255 * fminf(1, fmaxf(0, x)) + 0.5f);
}

static void colour(const struct leadseq_probes *p, const float *x, const float *d, float most,
                   size_t pixels, uint8_t *rgb)
{
    for (size_t k = 0; k < pixels; k++) {
        float slope = slope_at(p, d, pixels, k), grey = 0;
        for (int c = 0; c < leadseq_model_spec(p->t.model)->channels; c++)
            grey += diag_white(&p->t.feed, x[(size_t)c * pixels + k]);
        grey /= (float)leadseq_model_spec(p->t.model)->channels;
        grey = 1 - TRACE * (1 - grey);
        float a = most > 0 && isfinite(slope) ? fminf(1, fabsf(slope) / most) : 0;
        rgb[3 * k] = byte_of(slope > 0 ? grey * (1 - a) + a : grey * (1 - a));
        rgb[3 * k + 1] = byte_of(grey * (1 - a));
        rgb[3 * k + 2] = byte_of(slope < 0 ? grey * (1 - a) + a : grey * (1 - a));
    }
}

static const char *lead_of(const struct leadseq_probes *p, int t)
{
    const struct leadseq_batch_options *feed = &p->t.feed;
    if (leadseq_drawing_images(p->t.drawing) == 1) return "page";
    return feed->order == LEADSEQ_LEADS_SHUFFLED ? "lead" : leadseq_lead_name[feed->leads[t]];
}

static int about(const struct leadseq_probes *p, const struct leadseq_step *step)
{
    const struct leadseq_stack_row *row = &leadseq_stack_rows(p->t.stack)[step->batch->position[0]];
    char *path = leadseq_path_join(p->saliency, "about.txt");
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    fprintf(leadseq_file_stream(file),
            "record %s, ecg_id %d, class %d, logit %.9g before step %llu\n"
            "red: the logit rises where the pixel gets whiter; blue: where it gets darker\n",
            row->record, row->ecg_id, row->mi, (double)step->logit[0],
            (unsigned long long)step->step);
    return leadseq_file_commit(file);
}

int diag_saliency(struct leadseq_probes *p, const struct leadseq_step *step, int n,
                  const float *dimages)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(p->t.model);
    size_t pixels = (size_t)spec->height * (size_t)spec->width;
    float most = strong(p, dimages, n, pixels);
    uint8_t *rgb = leadseq_calloc(pixels, 3);
    int status = rgb ? leadseq_folder_make(p->saliency) : -1;
    for (int t = 0; !status && t < spec->leads; t++) {
        colour(p, step->batch->images + diag_image_at(&p->t, t, 0, step->batch->n),
               dimages + diag_image_at(&p->t, t, 0, n), most, pixels, rgb);
        struct leadseq_image image = {spec->width, spec->height, 3, rgb};
        char *path = leadseq_format("%s/%02d-%s.png", p->saliency, t + 1, lead_of(p, t));
        status = path ? leadseq_png_write(&image, path) : -1;
        free(path);
    }
    free(rgb);
    return status ? -1 : about(p, step);
}
