/* SPDX-License-Identifier: MIT
 *
 * One record to the images of its leads, and those to PNG files. */
#include "cli_private.h"

#include <stdlib.h>

size_t cli_lead_bytes(const struct leadseq_drawing *drawing)
{
    return (size_t)drawing->width * (size_t)drawing->height *
           (size_t)leadseq_drawing_channels(drawing);
}

int cli_draw_record(const struct leadseq_drawing *drawing, const struct leadseq_record *record,
                    uint8_t *images)
{
    size_t lead_bytes = cli_lead_bytes(drawing);
    struct leadseq_prepared signal;
    if (leadseq_signal_prepare(&signal, record, &drawing->preparation, drawing->rate_hz)) return -1;
    int status = 0;
    for (size_t lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_trace_report report = {0};
        status = leadseq_draw_lead(drawing, signal.mv + lead * signal.n, signal.n,
                                   images + lead * lead_bytes, &report);
    }
    leadseq_prepared_clear(&signal);
    return status;
}

int cli_write_pngs(const char *folder, const char *id, const struct leadseq_drawing *drawing,
                   uint8_t *images)
{
    if (leadseq_folder_make(folder)) return -1;
    size_t lead_bytes = cli_lead_bytes(drawing);
    int status = 0;
    for (size_t lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_image image = {
            .width = drawing->width,
            .height = drawing->height,
            .channels = leadseq_drawing_channels(drawing),
            .pixels = images + lead * lead_bytes,
        };
        char *path = leadseq_format("%s/%s_%s.png", folder, id, leadseq_lead_name[lead]);
        status = path ? leadseq_png_write(&image, path) : -1;
        free(path);
    }
    return status;
}
