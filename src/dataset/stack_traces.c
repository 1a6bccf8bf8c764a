/* SPDX-License-Identifier: MIT
 *
 * Where every lead of every record is in its picture, stored in the stack if requested:
 *
 *   /images attribute lead_boxes   (rows · 4) left, top, right, bottom of each lead, px
 *   /map/scale       (record, row, 4)      x0, dx, y0, dy: sample k of v mV is at (x0 + k·dx, y0 +
 * v·dy) /map/warp        (record, picture, 9)  the homography that moved it afterwards
 *   /map/distorted   (record, picture)     bits of the distortions it went through
 *
 * rows: the twelve leads and the rhythm strip; NaN where there is none. */
#include "dataset_private.h"

#include <stdlib.h>
#include <string.h>

static int add(struct leadseq_store *store, const char *name, enum leadseq_store_type type,
               int rank, size_t a, size_t b)
{
    struct leadseq_store_spec spec = {
        .type = type, .rank = rank, .shape = {a, b}, .chunk_rows = 64, .deflate = 6};
    return leadseq_store_add(store, name, &spec);
}

static int add_scale(struct leadseq_store *store)
{
    static const char *const column[] = {"x0", "dx", "y0", "dy"};
    const char *row[LEADSEQ_MAP_ROWS];
    memcpy(row, leadseq_lead_name, sizeof leadseq_lead_name);
    row[LEADSEQ_LEADS] = "rhythm";
    if (add(store, "map/scale", LEADSEQ_STORE_FLOAT64, 2, LEADSEQ_MAP_ROWS, 4)) return -1;
    if (leadseq_store_set_texts(store, "map/scale", "rows", row, LEADSEQ_MAP_ROWS)) return -1;
    if (leadseq_store_set_text(store, "map/scale", "meaning",
                               "sample k of v mV was drawn at x = x0 + k dx, y = y0 + v dy, in "
                               "pixels from the left and the top"))
        return -1;
    return leadseq_store_set_texts(store, "map/scale", "columns", column, 4);
}

static int add_distortions(struct leadseq_store *store, const struct leadseq_build_options *options)
{
    const char *name[LEADSEQ_DISTORTIONS];
    int64_t bit[LEADSEQ_DISTORTIONS];
    size_t images = (size_t)leadseq_drawing_images(&options->drawing);
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++) {
        name[k] = leadseq_distortion_name(k);
        bit[k] = 1 << k;
    }
    if (add(store, "map/warp", LEADSEQ_STORE_FLOAT64, 2, images, 9) ||
        add(store, "map/distorted", LEADSEQ_STORE_INT32, 1, images, 0))
        return -1;
    if (leadseq_store_set_text(store, "map/warp", "meaning",
                               "row by row: (x, y, 1) went to (X, Y, W), pixel (X/W, Y/W)"))
        return -1;
    if (leadseq_store_set_texts(store, "map/distorted", "bit_names", name, LEADSEQ_DISTORTIONS))
        return -1;
    return leadseq_store_set_ints(store, "map/distorted", "bit_values", bit, LEADSEQ_DISTORTIONS);
}

/* Distortions decide pixels: what was asked for is always told. */
static int tell_distortions(struct leadseq_store *store, const struct leadseq_distort *distort)
{
    char *text = leadseq_distort_format(distort);
    int status = text ? leadseq_store_set_text(store, "/", "distortions", text) : -1;
    free(text);
    if (status) return -1;
    return leadseq_store_set_int(store, "/", "distortion_seed", (int64_t)distort->seed);
}

int dataset_stack_traces_begin(struct leadseq_store *store,
                               const struct leadseq_build_options *options)
{
    bool distorted = leadseq_distort_any(&options->distort);
    if (leadseq_store_add_group(store, "map") || add_scale(store)) return -1;
    if (!distorted) return 0;
    return tell_distortions(store, &options->distort) || add_distortions(store, options) ? -1 : 0;
}

void dataset_where_keep(struct dataset_where *where, const struct dataset_traces *t,
                        const struct leadseq_drawing *drawing)
{
    for (int row = 0; row < LEADSEQ_MAP_ROWS; row++) {
        dataset_row_scale(t, drawing, row, &where->scale[row]);
        where->box[row] = t->map.box[row];
    }
    for (int i = 0; i < leadseq_drawing_images(drawing); i++) {
        memcpy(where->warp[i], t->done[i].warp, sizeof where->warp[i]);
        where->distorted[i] = 0;
        for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
            where->distorted[i] |= t->done[i].applied[k] << k;
    }
}

static int tell_boxes(struct leadseq_store *store, const struct leadseq_box *box)
{
    double value[LEADSEQ_MAP_ROWS * 4];
    for (int row = 0; row < LEADSEQ_MAP_ROWS; row++) {
        double *v = value + 4 * row;
        v[0] = box[row].left, v[1] = box[row].top, v[2] = box[row].right, v[3] = box[row].bottom;
    }
    return leadseq_store_set_reals(store, "images", "lead_boxes", value, LEADSEQ_COUNT(value));
}

int dataset_stack_traces_append(struct leadseq_store *store, const struct dataset_where *where,
                                bool distorted, bool first)
{
    if (first && tell_boxes(store, where->box)) return -1; // they follow from the drawing alone
    if (leadseq_store_append(store, "map/scale", 1, where->scale)) return -1;
    if (!distorted) return 0;
    if (leadseq_store_append(store, "map/warp", 1, where->warp)) return -1;
    return leadseq_store_append(store, "map/distorted", 1, where->distorted);
}
