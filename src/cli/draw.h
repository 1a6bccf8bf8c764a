/* SPDX-License-Identifier: MIT
 *
 * One record to its images, and those to files. Images of a record are
 * (leadseq_drawing_images(), height, width, channels) bytes. */
#ifndef CLI_DRAW_H
#define CLI_DRAW_H

#include "render/render.h"

/* Writes a record as render --svg does; a file that is there is replaced with `force` alone. */
int cli_write_svg(const char *path, bool force, const struct leadseq_drawing *drawing,
                  const char *record_path) LEADSEQ_CHECKED;
/* Writes FOLDER/ID_I.png … FOLDER/ID_V6.png, or FOLDER/ID.png of a page, which must not be there
 * without `force`. */
int cli_write_pngs(const char *folder, bool force, const char *id,
                   const struct leadseq_drawing *drawing, uint8_t *images) LEADSEQ_CHECKED;

#endif
