/* SPDX-License-Identifier: MIT
 *
 * The images of a build as PNG files: DIR/mi/ECGID_LEAD.png, DIR/normal/…,
 * DIR/unlabelled/NAME_LEAD.png, and without _LEAD where one picture shows all leads. */
#include "dataset_private.h"

#include <stdlib.h>

static int write_image(const struct leadseq_folder *folder, const struct leadseq_stack_row *row,
                       const char *end, const struct leadseq_image *image)
{
    char *path = dataset_folder_file(folder, row, true, end);
    int status = path ? leadseq_png_write(image, path) : -1;
    free(path);
    return status;
}

int dataset_png_write(const struct leadseq_folder *folder, const struct leadseq_stack_row *row,
                      const struct leadseq_drawing *drawing, uint8_t *images)
{
    int n = leadseq_drawing_images(drawing), status = 0;
    struct leadseq_image image = {.width = drawing->width,
                                  .height = drawing->height,
                                  .channels = leadseq_drawing_channels(drawing)};
    for (int i = 0; !status && i < n; i++) {
        char end[16] = ".png";
        if (n > 1) snprintf(end, sizeof end, "_%s.png", leadseq_lead_name[i]);
        image.pixels = images + (size_t)i * leadseq_drawing_image_bytes(drawing);
        status = write_image(folder, row, end, &image);
    }
    return status;
}
