/* SPDX-License-Identifier: MIT
 *
 * The sidecar of a record: JSON with every drawing parameter, the box of every lead and
 * the pixel of every sample, so that what reads pictures can be scored against it.
 * Positions are rounded to 1/100 px; doc/sidecar.md says what each key means. */
#include "dataset_private.h"

#include "page/page.h"

#include <config.h>

#include <math.h>
#include <stdlib.h>

enum { DIGITS = 9 };

static double hundredth(double v)
{
    return round(v * 100) / 100;
}

/* --- What was drawn how ---------------------------------------------------------- */

/* What belongs to some styles only, and how many levels there are. */
static void add_parameters(struct leadseq_json *json, const struct leadseq_drawing *d)
{
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    size_t n = leadseq_drawing_parameters(d, p);
    for (size_t i = 0; i < n; i++)
        if (p[i].kind == LEADSEQ_PARAMETER_WORD)
            leadseq_json_set_text(json, p[i].name, p[i].word);
        else if (p[i].kind == LEADSEQ_PARAMETER_REAL)
            leadseq_json_set_number(json, p[i].name, p[i].real);
        else
            leadseq_json_set_count(json, p[i].name, (size_t)p[i].count);
    if (d->levels == 0) leadseq_json_set_count(json, "levels", 256);
}

static struct leadseq_json *preparation_json(const struct leadseq_preparation *p)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "notch_hz", p->notch_hz);
    leadseq_json_set_number(json, "highpass_hz", p->highpass_hz);
    leadseq_json_set_number(json, "window_start_s", p->window_start_s);
    leadseq_json_set_number(json, "window_s", leadseq_preparation_seconds(p));
    return json;
}

static struct leadseq_json *drawing_json(const struct leadseq_drawing *d)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "style", leadseq_style_name(d->style));
    leadseq_json_set_text(json, "profile", leadseq_profile_name(d->profile));
    leadseq_json_set_count(json, "width", (size_t)d->width);
    leadseq_json_set_count(json, "height", (size_t)d->height);
    leadseq_json_set_count(json, "channels", (size_t)leadseq_drawing_channels(d));
    leadseq_json_set_number(json, "rate_hz", d->rate_hz);
    if (d->profile == LEADSEQ_FIXED_MV) leadseq_json_set_number(json, "range_mv", d->range_mv);
    add_parameters(json, d);
    leadseq_json_set(json, "preparation", preparation_json(&d->preparation));
    return json;
}

static struct leadseq_json *distort_json(const struct leadseq_distort *distort)
{
    struct leadseq_json *json = leadseq_json_object();
    char *text = leadseq_distort_format(distort);
    leadseq_json_set_text(json, "asked", text);
    leadseq_json_set_count(json, "seed", (size_t)distort->seed);
    free(text);
    return json;
}

/* --- What became of each picture -------------------------------------------------- */

static struct leadseq_json *image_json(const struct leadseq_distorted *done)
{
    struct leadseq_json *json = leadseq_json_object();
    struct leadseq_json *names = leadseq_json_array(), *warp = leadseq_json_array();
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
        if (done->applied[k])
            leadseq_json_append(names, leadseq_json_string(leadseq_distortion_name(k)));
    for (int i = 0; i < 9; i++) leadseq_json_append_number(warp, done->warp[i]);
    leadseq_json_set(json, "distorted", names);
    leadseq_json_set(json, "warp", warp);
    return json;
}

static struct leadseq_json *corners_json(const struct leadseq_box *box,
                                         const struct leadseq_distorted *done)
{
    double corner[4][2] = {{box->left, box->top},
                           {box->right, box->top},
                           {box->right, box->bottom},
                           {box->left, box->bottom}};
    struct leadseq_json *json = leadseq_json_array();
    for (int i = 0; i < 4; i++) {
        struct leadseq_json *point = leadseq_json_array();
        leadseq_distorted_point(done, &corner[i][0], &corner[i][1]);
        leadseq_json_append_number(point, hundredth(corner[i][0]));
        leadseq_json_append_number(point, hundredth(corner[i][1]));
        leadseq_json_append(json, point);
    }
    return json;
}

/* --- Each lead ------------------------------------------------------------------------ */

static struct leadseq_json *scale_json(const struct leadseq_scale *scale)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "x0", scale->x0);
    leadseq_json_set_number(json, "dx", scale->dx);
    leadseq_json_set_number(json, "y0", scale->y0);
    leadseq_json_set_number(json, "dy", scale->dy);
    return json;
}

static void add_samples(struct leadseq_json *json, const struct leadseq_map *map, int row,
                        const struct leadseq_distorted *done)
{
    struct leadseq_json *xs = leadseq_json_array(), *ys = leadseq_json_array();
    for (size_t i = (size_t)row * map->n; i < (size_t)(row + 1) * map->n; i++) {
        double x = map->x[i], y = map->y[i];
        leadseq_distorted_point(done, &x, &y);
        leadseq_json_append_number(xs, hundredth(x));
        leadseq_json_append_number(ys, hundredth(y));
    }
    leadseq_json_set(json, "x", xs);
    leadseq_json_set(json, "y", ys);
}

static struct leadseq_json *samples_that_are(const struct leadseq_map *map, int row,
                                             enum leadseq_sample kind)
{
    struct leadseq_json *json = leadseq_json_array();
    for (size_t k = 0; k < map->n; k++)
        if (map->sample[(size_t)row * map->n + k] == kind) leadseq_json_append_count(json, k);
    return json;
}

static struct leadseq_json *row_json(const struct dataset_traces *t,
                                     const struct leadseq_drawing *drawing, int row)
{
    struct leadseq_json *json = leadseq_json_object();
    struct leadseq_scale scale;
    int image = dataset_row_image(drawing, row);
    dataset_row_scale(t, drawing, row, &scale);
    leadseq_json_set_text(json, "name", leadseq_lead_name[dataset_row_lead(drawing, row)]);
    leadseq_json_set_bool(json, "rhythm", row == LEADSEQ_LEADS);
    leadseq_json_set_count(json, "image", (size_t)image);
    leadseq_json_set(json, "corners", corners_json(&t->map.box[row], &t->done[image]));
    leadseq_json_set(json, "scale", scale_json(&scale));
    leadseq_json_set(json, "missing", samples_that_are(&t->map, row, LEADSEQ_SAMPLE_MISSING));
    leadseq_json_set(json, "clipped", samples_that_are(&t->map, row, LEADSEQ_SAMPLE_CLIPPED));
    add_samples(json, &t->map, row, &t->done[image]);
    return json;
}

/* --- The whole ---------------------------------------------------------------------------- */

int dataset_sidecar_write(const struct dataset_traces *t,
                          const struct leadseq_build_options *options,
                          const struct leadseq_stack_row *row, const char *path)
{
    const struct leadseq_drawing *drawing = &options->drawing;
    struct leadseq_json *json = leadseq_json_object();
    struct leadseq_json *images = leadseq_json_array(), *leads = leadseq_json_array();
    for (int i = 0; i < leadseq_drawing_images(drawing); i++)
        leadseq_json_append(images, image_json(&t->done[i]));
    for (int r = 0; r < LEADSEQ_MAP_ROWS; r++)
        if (dataset_row_drawn(t, r)) leadseq_json_append(leads, row_json(t, drawing, r));
    leadseq_json_set_count(json, "schema_version", 1);
    leadseq_json_set_text(json, "program_version", PACKAGE_STRING);
    leadseq_json_set_text(json, "record", row->record);
    if (row->ecg_id >= 0)
        leadseq_json_set_count(json, "ecg_id", (size_t)row->ecg_id);
    else
        leadseq_json_set_text(json, "ecg_id", NULL);
    leadseq_json_set_count(json, "samples", t->map.n);
    leadseq_json_set(json, "drawing", drawing_json(drawing));
    leadseq_json_set(json, "distortions", distort_json(&options->distort));
    leadseq_json_set(json, "images", images);
    leadseq_json_set(json, "leads", leads);
    int status = leadseq_json_save_small(json, path, DIGITS);
    leadseq_json_free(json);
    return status;
}
