/* SPDX-License-Identifier: MIT
 *
 * Stacks, records and PNG files to the (lead, row, column[, rgb]) bytes a run's
 * model was trained on, and from those to rows of predictions. */
#include "draw.h"
#include "predict.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_AT_ONCE = 16, PIXELS_MAX = 1 << 24 };

static int predict_one(struct predictor *p, const struct predicted *of, const uint8_t *images,
                       bool pictures)
{
    float logits[LEADSEQ_OUTPUTS_MOST];
    if (leadseq_run_predict(p->run, images, &of->ecg_id, 1, logits)) return -1;
    predict_row(p, of, logits, pictures);
    return 0;
}

/* --- Stacks ---------------------------------------------------------------- */

/* "dataset4, paper-text, 512x512, 100 Hz" */
static void describe(char text[512], const struct leadseq_drawing *d)
{
    char prepared[128], more[256];
    snprintf(text, 512, "%s, %s, %dx%d, %g Hz%s%s", leadseq_style_name(d->style),
             leadseq_profile_name(d->profile), d->width, d->height, d->rate_hz,
             leadseq_preparation_text(&d->preparation, prepared), leadseq_drawing_text(d, more));
}

static int check_drawing(const struct predictor *p, const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *found = leadseq_stack_drawing(stack);
    if (leadseq_drawing_same(found, p->drawing)) return 0;
    char expected[512], other[512];
    describe(expected, p->drawing);
    describe(other, found);
    return leadseq_fail("%s: expected images as the run was trained on (%s), found %s; render the "
                        "records again",
                        leadseq_stack_path(stack), expected, other);
}

static int predict_rows(struct predictor *p, struct leadseq_stack *stack, size_t first, size_t n,
                        uint8_t *images)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack) + first;
    int ecg_id[RECORDS_AT_ONCE];
    float logits[RECORDS_AT_ONCE * LEADSEQ_OUTPUTS_MOST];
    for (size_t i = 0; i < n; i++) {
        ecg_id[i] = row[i].ecg_id;
        if (leadseq_stack_read(stack, first + i, images + i * p->record_bytes)) return -1;
    }
    if (leadseq_run_predict(p->run, images, ecg_id, n, logits)) return -1;
    for (size_t i = 0; i < n; i++)
        predict_row(p, &(struct predicted){row[i].record, row[i].ecg_id, row[i].quality},
                    logits + i * (size_t)p->task->outputs, false);
    return 0;
}

int predict_stack(struct predictor *p, const char *path)
{
    struct leadseq_stack *stack = leadseq_stack_open(path);
    if (!stack) return -1;
    int status = check_drawing(p, stack);
    uint8_t *images = status ? NULL : leadseq_calloc(RECORDS_AT_ONCE, p->record_bytes);
    if (!images) status = -1;
    size_t count = leadseq_stack_count(stack);
    for (size_t first = 0; !status && first < count; first += RECORDS_AT_ONCE) {
        size_t n = count - first < RECORDS_AT_ONCE ? count - first : RECORDS_AT_ONCE;
        status = predict_rows(p, stack, first, n, images);
    }
    free(images);
    leadseq_stack_close(stack);
    return status;
}

/* --- Records ---------------------------------------------------------------- */

int predict_record(struct predictor *p, const char *path)
{
    struct leadseq_record *record = leadseq_record_open(path);
    if (!record) return -1;
    uint8_t *images = leadseq_calloc(p->record_bytes, 1);
    int status = images ? 0 : -1;
    int ecg_id = leadseq_record_ecg_id(record);
    if (!status && leadseq_draw_prepared(p->drawing, record, ecg_id, images, NULL))
        status = leadseq_fail_in("%s", path);
    struct leadseq_signal_quality quality;
    if (!status) status = leadseq_signal_quality(&quality, record);
    if (!status)
        status =
            predict_one(p, &(struct predicted){record->name, ecg_id, quality.bits}, images, false);
    free(images);
    leadseq_record_close(record);
    return status;
}

/* --- PNG files --------------------------------------------------------------- */

/* The lead of .../NAME_LEAD.png, -1 where none is named; *name_bytes is the length of .../NAME. */
static int lead_of(const char *path, size_t *name_bytes)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *bar = strrchr(name, '_'), *dot = strrchr(name, '.');
    if (!bar || !dot || dot < bar || dot - bar > 4) return -1;
    char lead[4] = "";
    memcpy(lead, bar + 1, (size_t)(dot - bar - 1));
    *name_bytes = (size_t)(bar - path);
    return leadseq_lead_index(lead);
}

/* which[lead] is the file of a lead: by name where all are named, else in the order given. */
static int order_images(char *const *paths, size_t n, int which[LEADSEQ_LEADS])
{
    if (n != LEADSEQ_LEADS)
        return leadseq_fail("expected the twelve PNG files of one patient, found %zu", n);
    size_t named = 0, first_bytes = 0, bytes = 0;
    for (int i = 0; i < LEADSEQ_LEADS; i++) named += lead_of(paths[i], &bytes) >= 0;
    for (int i = 0; i < LEADSEQ_LEADS; i++) which[i] = named ? -1 : i;
    if (!named) return 0;
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        int lead = lead_of(paths[i], &bytes);
        if (lead < 0)
            return leadseq_fail("%s: expected a name ending in a lead (_I.png to _V6.png) as the "
                                "other files have",
                                paths[i]);
        if (which[lead] >= 0)
            return leadseq_fail("%s: lead %s is given twice", paths[i], leadseq_lead_name[lead]);
        if (i == 0) first_bytes = bytes;
        if (bytes != first_bytes || strncmp(paths[i], paths[0], bytes))
            return leadseq_fail("%s: expected a file of the same patient as %s", paths[i],
                                paths[0]);
        which[lead] = i;
    }
    return 0;
}

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

/* The patient's name: what is before _LEAD.png, or the first file's name. */
static char *images_id(const char *first)
{
    size_t bytes = strlen(first);
    if (lead_of(first, &bytes) < 0) bytes = strlen(first);
    const char *begin = first + bytes;
    while (begin > first && begin[-1] != '/') begin--;
    return leadseq_format("%.*s", (int)(first + bytes - begin), begin);
}

static int predict_read(struct predictor *p, const char *id, const uint8_t *images)
{
    int number; // render writes ECGID_LEAD.png, or ECGID.png
    bool known = leadseq_parse_int(id, 0, INT32_MAX, &number);
    return predict_one(p, &(struct predicted){id, known ? number : -1, 0}, images, true);
}

/* Each file is a record's page. */
static int predict_page(struct predictor *p, const char *path, uint8_t *images)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    char *id = leadseq_format("%.*s", (int)(dot ? (size_t)(dot - name) : strlen(name)), name);
    int status = id ? read_image(p, path, images) : -1;
    if (!status) status = predict_read(p, id, images);
    free(id);
    return status;
}

static int predict_leads(struct predictor *p, char *const *paths, size_t n, uint8_t *images)
{
    int which[LEADSEQ_LEADS], status = 0;
    if (order_images(paths, n, which)) return -1;
    char *id = images_id(paths[0]);
    if (!id) return -1;
    size_t bytes = leadseq_drawing_image_bytes(p->drawing);
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++)
        status = read_image(p, paths[which[lead]], images + (size_t)lead * bytes);
    if (!status) status = predict_read(p, id, images);
    free(id);
    return status;
}

int predict_images(struct predictor *p, char *const *paths, size_t n)
{
    uint8_t *images = leadseq_calloc(p->record_bytes, 1);
    if (!images) return -1;
    int status = 0;
    if (leadseq_drawing_images(p->drawing) > 1)
        status = predict_leads(p, paths, n, images);
    else
        for (size_t i = 0; !status && i < n; i++) status = predict_page(p, paths[i], images);
    free(images);
    return status;
}
