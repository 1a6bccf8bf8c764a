/* SPDX-License-Identifier: MIT
 *
 * Where the leads of one record are in its pictures, in a few numbers: the scale of each
 * lead, found from the map of its samples, and the distortion that moved the picture afterwards. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>

int dataset_traces_init(struct dataset_traces *traces, size_t n)
{
    if (traces->map.n == n) return 0;
    leadseq_map_clear(&traces->map);
    return leadseq_map_init(&traces->map, n);
}

void dataset_traces_clear(struct dataset_traces *traces)
{
    leadseq_map_clear(&traces->map);
}

int dataset_row_lead(const struct leadseq_drawing *drawing, int row)
{
    return row < LEADSEQ_LEADS ? row : drawing->rhythm;
}

int dataset_row_image(const struct leadseq_drawing *drawing, int row)
{
    return leadseq_drawing_images(drawing) == 1 ? 0 : row;
}

bool dataset_row_drawn(const struct dataset_traces *traces, int row)
{
    return !isnan(traces->map.box[row].left);
}

void dataset_row_scale(const struct dataset_traces *t, const struct leadseq_drawing *drawing,
                       int row, struct leadseq_scale *scale)
{
    *scale = (struct leadseq_scale){NAN, NAN, NAN, NAN};
    if (dataset_row_drawn(t, row))
        leadseq_map_scale(&t->map, row, t->mv + (size_t)dataset_row_lead(drawing, row) * t->map.n,
                          scale);
}
