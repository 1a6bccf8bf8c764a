/* SPDX-License-Identifier: MIT
 *
 * One record to its images, and those to PNG files; or to one vector picture. */
#include "draw.h"

#include <stdlib.h>

int cli_write_pngs(const char *folder, bool force, const char *id,
                   const struct leadseq_drawing *drawing, uint8_t *images)
{
    if (leadseq_folder_make(folder)) return -1;
    int status = 0, count = leadseq_drawing_images(drawing);
    for (int i = 0; !status && i < count; i++) {
        struct leadseq_image image = {
            .width = drawing->width,
            .height = drawing->height,
            .channels = leadseq_drawing_channels(drawing),
            .pixels = images + (size_t)i * leadseq_drawing_image_bytes(drawing),
        };
        char *path = count > 1 ? leadseq_format("%s/%s_%s.png", folder, id, leadseq_lead_name[i])
                               : leadseq_format("%s/%s.png", folder, id);
        status = path ? leadseq_output_check(path, force) : -1;
        if (!status) status = leadseq_png_write(&image, path);
        free(path);
    }
    return status;
}

static int write_svg(FILE *out, const struct leadseq_drawing *drawing,
                     const struct leadseq_record *record)
{
    struct leadseq_prepared signal;
    if (leadseq_signal_prepare(&signal, record, &drawing->preparation, drawing->rate_hz)) return -1;
    if (signal.empty)
        leadseq_warn("%s: every lead is missing or flat: the picture shows nothing", record->path);
    if (record->rate_hz < drawing->rate_hz * 0.999) // 499.7 and 500 Hz are one
        leadseq_warn("%s: was sampled at %.15g Hz, a lower rate than %g Hz: resampling adds no "
                     "detail, and shapes are not those of records of that rate",
                     record->path, record->rate_hz, drawing->rate_hz);
    int status = leadseq_draw_svg(drawing, signal.mv, signal.n,
                                  leadseq_record_key(-1, record->name), record->name, out);
    leadseq_prepared_clear(&signal);
    return status;
}

int cli_write_svg(const char *path, bool force, const struct leadseq_drawing *drawing,
                  const char *record_path)
{
    struct leadseq_record *record = leadseq_record_open(record_path);
    struct leadseq_file *file = record ? leadseq_output_create(path, force) : NULL;
    int status = file ? write_svg(leadseq_file_stream(file), drawing, record) : -1;
    // what the stream could not write fails there, with the reason
    if (file && (!status || ferror(leadseq_file_stream(file))))
        status = leadseq_file_commit(file);
    else
        leadseq_file_discard(file);
    leadseq_record_close(record);
    return status;
}
