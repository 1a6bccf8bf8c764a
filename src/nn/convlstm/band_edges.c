/* SPDX-License-Identifier: MIT
 *
 * Copies of the rows next to a band:
 *
 *   rows begin - pad … begin - 1, end … end + pad - 1   of dh or dy, then of dc or c
 *
 * each row with its K channels one after the other. */
#include "band_edges.h"

#include <omp.h>
#include <string.h>

static size_t row_floats(const struct nn_band *b)
{
    return (size_t)b->o.hidden * (size_t)b->o.w;
}

/* Copy i of 2·pad of a tensor, of a band. */
static float *copy_of(const struct nn_band *b, int piece, enum nn_band_edge tensor, int i)
{
    const size_t at = ((size_t)piece * 2 + tensor) * 2 * (size_t)b->pad + (size_t)i;
    return b->edges + at * row_floats(b);
}

static int end_of(const struct nn_band *b, int begin)
{
    const int end = begin + nn_band_rows_back(b);
    return end < b->o.h ? end : b->o.h;
}

/* One tensor's rows, those inside the image. */
static void save(const struct nn_band *b, int piece, enum nn_band_edge tensor, const float *data)
{
    const int rows = nn_band_rows_back(b), per_image = nn_band_per_image(b, rows);
    const int begin = piece % per_image * rows, end = end_of(b, begin);
    const size_t width = (size_t)b->o.w, plane = width * (size_t)b->o.h;
    data += (size_t)(piece / per_image) * (size_t)b->o.hidden * plane;
    for (int i = 0; i < 2 * b->pad; i++) {
        const int y = i < b->pad ? begin - b->pad + i : end + i - b->pad;
        float *to = copy_of(b, piece, tensor, i);
        for (int k = 0; y >= 0 && y < b->o.h && k < b->o.hidden; k++)
            memcpy(to + (size_t)k * width, data + (size_t)k * plane + (size_t)y * width,
                   width * sizeof *to);
    }
}

void nn_band_edges_save(struct nn_band *b, const struct nn_band_backward *f)
{
    const bool of_h = f->dh_before && (f->dh_before == f->dh || f->dh_before == f->dy);
    const bool of_c = f->dc_before && (f->dc_before == f->dc || f->dc_before == f->c);
    const int pieces = b->o.n * nn_band_per_image(b, nn_band_rows_back(b));
    if (!of_h && !of_c) return;
#pragma omp parallel for schedule(static) num_threads(b->o.threads)
    for (int i = 0; i < pieces; i++) {
        if (of_h) save(b, i, NN_BAND_OF_H, f->dh_before);
        if (of_c) save(b, i, NN_BAND_OF_C, f->dc_before);
    }
}

struct nn_band_rows nn_band_edge_row(const struct nn_band_step *s, enum nn_band_edge tensor, int y)
{
    const struct nn_band *b = s->b;
    const int rows = nn_band_rows_back(b);
    const int piece = s->n * nn_band_per_image(b, rows) + s->begin / rows;
    const int i = y < s->begin ? y - s->begin + b->pad : y - s->end + b->pad;
    return (struct nn_band_rows){copy_of(b, piece, tensor, i), (size_t)b->o.w};
}
