/* SPDX-License-Identifier: MIT
 *
 * Training batches as pictures: what the model is given, below what the stack holds.
 * Grey values are those of the numbers the model gets, scaled back to paper 1. */
#include "session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 4, GAP = 6, GREY = 160 };

struct sheet {
    struct leadseq_image image;
    int width, height, channels, leads; /* of a lead's image; how many there are */
    int rows;                           /* of leads, of each half */
};

static size_t bytes_of(const struct leadseq_image *i)
{
    return (size_t)i->width * (size_t)i->height * (size_t)i->channels;
}

static int sheet_init(struct sheet *sheet, const struct leadseq_drawing *d, int leads)
{
    *sheet = (struct sheet){.width = d->width,
                            .height = d->height,
                            .channels = leadseq_drawing_channels(d),
                            .leads = leads,
                            .rows = (leads + COLUMNS - 1) / COLUMNS};
    int columns = leads < COLUMNS ? leads : COLUMNS;
    sheet->image.width = columns * (d->width + GAP) + GAP;
    sheet->image.height = 2 * sheet->rows * (d->height + GAP) + 2 * GAP;
    sheet->image.channels = sheet->channels;
    sheet->image.pixels = leadseq_calloc(bytes_of(&sheet->image), 1);
    return sheet->image.pixels ? 0 : -1;
}

/* The t-th lead of the upper half (0: as stored) or the lower one (1: as given). */
static uint8_t *place(struct sheet *sheet, int half, int t, int row)
{
    int x = GAP + t % COLUMNS * (sheet->width + GAP);
    int y = GAP + half * GAP + (half * sheet->rows + t / COLUMNS) * (sheet->height + GAP) + row;
    return sheet->image.pixels +
           ((size_t)y * (size_t)sheet->image.width + (size_t)x) * (size_t)sheet->channels;
}

/* A record of a batch, in the model's layout, back to bytes. */
static void put_record(struct sheet *sheet, int half, const struct leadseq_batch_options *o,
                       const float *images, int i, int n)
{
    size_t area = (size_t)sheet->width * (size_t)sheet->height, c = (size_t)sheet->channels;
    for (int t = 0; t < sheet->leads; t++) {
        size_t image = o->layout == LEADSEQ_LAYOUT_TNCHW
                           ? (size_t)t * (size_t)n + (size_t)i
                           : (size_t)i * (size_t)sheet->leads + (size_t)t;
        for (size_t k = 0; k < area * c; k++) {
            size_t channel = k % c, at = k / c;
            double p = images[(image * c + channel) * area + at] / (double)o->scale[channel] +
                       (double)o->mean[channel];
            uint8_t *row = place(sheet, half, t, (int)(at / (size_t)sheet->width));
            row[at % (size_t)sheet->width * c + channel] =
                (uint8_t)lround(255 * fmin(fmax(p, 0), 1));
        }
    }
}

struct show {
    struct train_session *s;
    struct leadseq_batch_options given, stored;
    const char *folder;
    int images_of;   /* a record: leads, or one page */
    uint8_t *images; /* a record as stored */
    float *values;   /* ... as the model would get it without augmentation */
};

/* What a file's name says of record `i` of a batch, in fresh memory: "00017_mi" where the question
 * is PTB-XL's and the record has an ecg_id, else "ward3--0001_AF=1,LBBB=0". */
static char *describe(const struct show *w, const struct leadseq_batch *batch, int i)
{
    const struct leadseq_labels *labels = &w->s->labels;
    const size_t position = batch->position[i];
    const struct leadseq_stack_row *row = &leadseq_stack_rows(w->s->stack)[position];
    char text[192] = "", name[LEADSEQ_ROW_FILE];
    if (labels->outputs == 1 && !strcmp(labels->name[0], "mi") && row->ecg_id >= 0)
        return leadseq_format("%05d_%s", row->ecg_id, batch->target[i] > 0.5f ? "mi" : "normal");
    for (int k = 0; k < labels->outputs; k++) { // those that do not fit are left out
        uint8_t label = labels->value[position * (size_t)labels->outputs + (size_t)k];
        char one[LEADSEQ_LABEL_NAME + 16];
        int n = label > 1
                    ? snprintf(one, sizeof one, "%s%s=unknown", k ? "," : "", labels->name[k])
                    : snprintf(one, sizeof one, "%s%s=%d", k ? "," : "", labels->name[k], label);
        if (strlen(text) + (size_t)n >= sizeof text) break;
        strcat(text, one);
    }
    return leadseq_format("%s_%s", leadseq_stack_row_file(row, name), text);
}

static int write_record(struct show *w, const struct leadseq_batch *batch, int i, uint64_t epoch)
{
    struct sheet sheet;
    const struct leadseq_drawing *d = &w->s->input.drawing;
    const struct leadseq_stack_row *row = &leadseq_stack_rows(w->s->stack)[batch->position[i]];
    if (leadseq_stack_read(w->s->stack, batch->position[i], w->images)) return -1;
    if (sheet_init(&sheet, d, w->images_of)) return -1;
    memset(sheet.image.pixels, GREY, bytes_of(&sheet.image));
    leadseq_batch_pack(&w->stored, d, w->images, leadseq_record_key(row->ecg_id, row->record), 0, 1,
                       w->values);
    put_record(&sheet, 0, &w->stored, w->values, 0, 1);
    put_record(&sheet, 1, &w->given, batch->images, i, batch->n);
    char *about = describe(w, batch, i);
    char *path = about ? leadseq_format("%s/epoch%llu_%02d_%s.png", w->folder,
                                        (unsigned long long)epoch, i + 1, about)
                       : NULL;
    int status = path ? leadseq_png_write(&sheet.image, path) : -1;
    free(about);
    free(path);
    free(sheet.image.pixels);
    return status;
}

/* The first batch, or its first part, of the first two epochs. */
static int write_batches(struct show *w)
{
    const struct leadseq_batch *batch;
    struct leadseq_batches *batches = leadseq_batches_open(w->s->stack, &w->given);
    int status = batches ? 0 : -1;
    for (uint64_t epoch = 0; !status && epoch < 2; epoch++) {
        status = leadseq_batches_start(batches, epoch, 0);
        if (!status && leadseq_batches_next(batches, &batch) != 1) status = -1;
        for (int i = 0; !status && i < batch->n && !leadseq_stop_signal(); i++)
            status = write_record(w, batch, i, epoch + 1);
    }
    leadseq_batches_close(batches);
    return status;
}

int leadseq_train_show(const struct leadseq_experiment *e, const char *data, const char *folder)
{
    struct train_session s;
    int lock;
    if (leadseq_folder_take_new(folder, &lock)) return -1;
    if (train_session_open(&s, e, data, 0)) goto fail;
    if (s.input.samples) {
        train_session_close(&s);
        leadseq_fail("data.input: expected images, which can be shown as pictures, found signals");
        goto fail;
    }
    struct show w = {.s = &s, .folder = folder};
    w.images_of = leadseq_stack_images(s.stack) == 1 ? 1 : s.e.data.n_leads;
    size_t values = (size_t)w.images_of * leadseq_stack_image_bytes(s.stack);
    int status = train_fit_input(&s);
    w.given = w.stored = train_feed_options(&s);
    w.stored.augment_type = NULL;
    w.images =
        leadseq_calloc((size_t)leadseq_stack_images(s.stack), leadseq_stack_image_bytes(s.stack));
    w.values = leadseq_calloc(values, sizeof *w.values);
    if (!w.images || !w.values) status = -1;
    if (!status) status = write_batches(&w);
    free(w.images);
    free(w.values);
    train_session_close(&s);
    leadseq_lock_release(lock);
    return status;
fail:
    rmdir(folder); // empty still
    leadseq_lock_release(lock);
    return -1;
}
