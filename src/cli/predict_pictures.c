/* SPDX-License-Identifier: MIT
 *
 * One patient's PNG files, or pages of a record each, to rows of predictions. */
#include "predict.h"

#include <stdlib.h>
#include <string.h>

enum { PIXELS_MAX = 1 << 24 };

static int read_image(const struct predictor *p, const char *path, uint8_t *pixels)
{
    const struct leadseq_drawing *d = p->drawing;
    struct leadseq_image image = {0};
    if (leadseq_png_read(&image, path, PIXELS_MAX)) return -1;
    int status = 0, channels = leadseq_drawing_channels(d);
    if (image.width != d->width || image.height != d->height || image.channels != channels)
        status = leadseq_fail("%s: expected %dx%d pixels of %d channels as in training, found "
                              "%dx%d of %d",
                              path, d->width, d->height, channels, image.width, image.height,
                              image.channels);
    else
        memcpy(pixels, image.pixels, leadseq_drawing_image_bytes(d));
    leadseq_image_clear(&image);
    return status;
}

static int predict_read(struct predictor *p, const char *id, const char *leads,
                        const uint8_t *images)
{
    int number; // render writes ECGID_LEAD.png, or ECGID.png
    float logits[LEADSEQ_OUTPUTS_MOST];
    struct predicted of = {.name = id, .ecg_id = -1, .leads = leads};
    if (leadseq_parse_int(id, 0, INT32_MAX, &number)) of.ecg_id = number;
    int nothing = predict_shows_nothing(p, images);
    if (nothing < 0) return -1;
    if (nothing) of.quality |= LEADSEQ_QUALITY_EMPTY;
    if (nothing || leadseq_drawing_blank(p->drawing, images)) of.quality |= LEADSEQ_QUALITY_MISSING;
    const uint64_t key = leadseq_record_key(of.ecg_id, id);
    if (leadseq_run_predict(p->run, images, &key, 1, logits)) return -1;
    return predict_row(p, &of, logits, true);
}

/* Each file is a record's page. */
static int predict_page(struct predictor *p, const char *path, const char *name, uint8_t *images)
{
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    const char *dot = strrchr(last, '.');
    char *id = leadseq_format("%.*s", (int)(dot ? (size_t)(dot - last) : strlen(last)), last);
    int status = id ? read_image(p, path, images) : -1;
    if (!status) status = predict_read(p, name ? name : id, NULL, images);
    free(id);
    return status;
}

static int predict_pages(struct predictor *p, char *const *paths, size_t n, uint8_t *images)
{
    static const char *const endings[] = {".png", ".PNG", NULL};
    char **names = leadseq_calloc(n, sizeof *names);
    int status = names ? predict_names_fill(names, paths, n, endings) : -1;
    for (size_t i = 0; !status && i < n; i++)
        status = leadseq_stop_check() ? -1 : predict_page(p, paths[i], names[i], images);
    for (size_t i = 0; names && i < n; i++) free(names[i]);
    free(names);
    return status;
}

static int predict_leads(struct predictor *p, char *const *paths, size_t n, uint8_t *images)
{
    struct predict_leads leads;
    int status = 0;
    if (predict_leads_find(&leads, paths, n)) return -1;
    if (leads.named)
        leadseq_info("%s: leads by the names of the files: %s", leads.id, leads.text);
    else
        leadseq_warn("%s: the names of the files say no lead; taken in their natural order: %s",
                     leads.id, leads.text);
    size_t bytes = leadseq_drawing_image_bytes(p->drawing);
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++)
        status = read_image(p, paths[leads.which[lead]], images + (size_t)lead * bytes);
    if (!status) status = predict_read(p, leads.id, leads.text, images);
    predict_leads_clear(&leads);
    return status;
}

int predict_images(struct predictor *p, char *const *paths, size_t n)
{
    uint8_t *images = leadseq_calloc(p->record_bytes, 1);
    if (!images) return -1;
    bool pages = leadseq_drawing_images(p->drawing) == 1;
    int status = pages ? predict_pages(p, paths, n, images) : predict_leads(p, paths, n, images);
    free(images);
    return status;
}
