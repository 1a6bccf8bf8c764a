/* SPDX-License-Identifier: MIT
 *
 * Where the leads of one record stand in its pictures, in few numbers: the scale of each
 * lead, found from the map of its samples, and what moved the picture afterwards. */
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

/* Positions are linear in sample and millivolts; the samples farthest apart tell how. */
void dataset_row_scale(const struct dataset_traces *t, const struct leadseq_drawing *drawing,
                       int row, struct dataset_scale *scale)
{
    *scale = (struct dataset_scale){NAN, NAN, NAN, NAN};
    if (!dataset_row_drawn(t, row)) return;
    const float *x = t->map.x + (size_t)row * t->map.n, *y = t->map.y + (size_t)row * t->map.n;
    const float *mv = t->mv + (size_t)dataset_row_lead(drawing, row) * t->map.n;
    size_t first = SIZE_MAX, last = 0, low = 0, high = 0;
    for (size_t k = 0; k < t->map.n; k++) {
        if (isnan(y[k])) continue;
        if (first == SIZE_MAX) first = low = high = k;
        last = k;
        if (mv[k] < mv[low]) low = k;
        if (mv[k] > mv[high]) high = k;
    }
    if (first == SIZE_MAX) return;
    if (last > first) {
        scale->dx = ((double)x[last] - x[first]) / (double)(last - first);
        scale->x0 = x[first] - (double)first * scale->dx;
    }
    if (mv[high] > mv[low]) {
        scale->dy = ((double)y[high] - y[low]) / ((double)mv[high] - mv[low]);
        scale->y0 = y[low] - (double)mv[low] * scale->dy;
    }
}
