/* SPDX-License-Identifier: MIT
 *
 * A record's images seen another way, as fastai's get_transforms(do_flip=False) would
 * show them to its CNN: where each pixel is looked up, and how light it is. All images
 * of a record are seen alike, as one sheet in one photograph would be. */
#include "augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WHITE = 255, BEFORE = 1, AROUND = 3 }; // white columns left of the image, and in all

void leadseq_augment_heartnet(struct leadseq_augment *a)
{
    *a = (struct leadseq_augment){.max_rotate = 10,
                                  .max_zoom = 1.1,
                                  .max_warp = 0.2,
                                  .max_lighting = 0.2,
                                  .p_affine = 0.75,
                                  .p_lighting = 0.75};
}

bool leadseq_augment_is_on(const struct leadseq_augment *a)
{
    bool moves = a->p_affine > 0 && (a->max_rotate > 0 || a->max_zoom > 1 || a->max_warp > 0);
    return moves || (a->p_lighting > 0 && a->max_lighting > 0);
}

#define FIELD(member) LEADSEQ_FIELD(struct leadseq_augment, member)
// clang-format off
static const struct leadseq_option option_rows[] = {
    {"data.max_rotate", &leadseq_option_number, FIELD(max_rotate), .unit = "degrees", .standard = "10",
     .least = 0, .most = 45, .help = "largest rotation, in either direction"},
    {"data.max_zoom", &leadseq_option_number, FIELD(max_zoom), .standard = "1.1", .least = 1,
     .most = 4, .help = "largest magnification, towards any point of the image"},
    {"data.max_warp", &leadseq_option_number, FIELD(max_warp), .standard = "0.2", .least = 0,
     .most = 0.4, .help = "perspective: each edge becomes longer or shorter by up to this share"},
    {"data.max_lighting", &leadseq_option_number, FIELD(max_lighting), .standard = "0.2", .least = 0,
     .most = 0.9, .help = "largest change of brightness and contrast, applied to the logits of the grey values, so "
     "that black and white do not change"},
    {"data.p_affine", &leadseq_option_number, FIELD(p_affine), .unit = "share of records", .standard = "0.75",
     .least = 0, .most = 1, .help = "probability of warping, of rotating and of zooming, each on its own"},
    {"data.p_lighting", &leadseq_option_number, FIELD(p_lighting), .unit = "share of records",
     .standard = "0.75", .least = 0, .most = 1,
     .help = "probability of changing brightness and of changing contrast, each on its own"},
};
// clang-format on
const struct leadseq_option_group dataset_augment_options[] = {LEADSEQ_GROUP(option_rows, 0), {0}};

/* --- What is drawn ---------------------------------------------------------------------------- */

static double between(struct leadseq_random *r, double low, double high)
{
    return low + (high - low) * leadseq_random_uniform(r);
}

static double logit(double p)
{
    return log(p / (1 - p));
}

/* Draws are made whether they are used or not, so that one strength does not move the others. */
void dataset_view_draw(struct dataset_view *view, const struct leadseq_augment *a,
                       const struct leadseq_augment_key *key)
{
    struct leadseq_random r;
    leadseq_random_init(&r, key->seed, LEADSEQ_STREAM_AUGMENT, key->epoch | key->round << 40,
                        key->number);
    *view = (struct dataset_view){.zoom = 1, .contrast = 1};
    bool warps = leadseq_random_uniform(&r) < a->p_affine;
    for (int i = 0; i < 4; i++) {
        double stretch = between(&r, -a->max_warp, a->max_warp);
        if (warps) view->stretch[i] = stretch;
    }
    bool rotates = leadseq_random_uniform(&r) < a->p_affine;
    double degrees = between(&r, -a->max_rotate, a->max_rotate);
    if (rotates) view->degrees = degrees;
    bool zooms = leadseq_random_uniform(&r) < a->p_affine;
    double zoom = between(&r, 1, a->max_zoom), x = between(&r, -1, 1), y = between(&r, -1, 1);
    if (zooms && a->max_zoom > 1) view->zoom = zoom, view->x = x, view->y = y;
    bool brightens = leadseq_random_uniform(&r) < a->p_lighting;
    double brightness = between(&r, 0.5 * (1 - a->max_lighting), 0.5 * (1 + a->max_lighting));
    if (brightens) view->brightness = logit(brightness);
    bool contrasts = leadseq_random_uniform(&r) < a->p_lighting;
    double contrast = between(&r, log(1 - a->max_lighting), -log(1 - a->max_lighting));
    if (contrasts) view->contrast = exp(contrast);
}

/* --- Where a pixel is looked up --------------------------------------------------------------- */

/* The square [-1, 1]² to the quadrilateral whose left, right, top and bottom edge are 1 + s times
 * as long (Heckbert 1989, the unit square to four corners). */
static void warp_matrix(double m[9], const double s[4])
{
    const double x0 = -1 - s[2], x1 = 1 + s[2], x2 = 1 + s[3], x3 = -1 - s[3];
    const double y0 = -1 - s[0], y1 = -1 - s[1], y2 = 1 + s[1], y3 = 1 + s[0];
    const double dx1 = x1 - x2, dx2 = x3 - x2, dx = x0 - x1 + x2 - x3;
    const double dy1 = y1 - y2, dy2 = y3 - y2, dy = y0 - y1 + y2 - y3;
    const double whole = dx1 * dy2 - dx2 * dy1;
    const double g = (dx * dy2 - dx2 * dy) / whole, h = (dx1 * dy - dx * dy1) / whole;
    const double unit[9] = {0.5, 0, 0.5, 0, 0.5, 0.5, 0, 0, 1}; // [-1, 1] to [0, 1]
    const double quad[9] = {
        x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1};
    leadseq_warp_multiply(m, quad, unit);
}

void dataset_view_matrix(double m[9], const struct dataset_view *v, int width, int height)
{
    const double w = width, h = height, angle = v->degrees * M_PI / 180;
    const double c = cos(angle), s = sin(angle), z = 1 / v->zoom;
    const double to_unit[9] = {2 / w, 0, 1 / w - 1, 0, 2 / h, 1 / h - 1, 0, 0, 1};
    const double to_pixel[9] = {w / 2, 0, w / 2 - 0.5, 0, h / 2, h / 2 - 0.5, 0, 0, 1};
    const double zoom[9] = {z, 0, (1 - z) * v->x, 0, z, (1 - z) * v->y, 0, 0, 1};
    const double rotation[9] = {c, -s * h / w, 0, s * w / h, c, 0, 0, 0, 1};
    warp_matrix(m, v->stretch);
    leadseq_warp_multiply(m, m, to_unit);
    leadseq_warp_multiply(m, zoom, m);
    leadseq_warp_multiply(m, rotation, m);
    leadseq_warp_multiply(m, to_pixel, m);
}

/* --- Looking ---------------------------------------------------------------------------------- */

struct dataset_augmenter {
    int width, height, channels;
    size_t stride;
    uint8_t *plane;   /* (height + AROUND, stride) one channel of an image amid white */
    int32_t *at;      /* (height, width) the upper left of the four pixels looked up, in `plane` */
    uint16_t *weight; /* (height, width) of the right and (· 256) lower pixels, in 1/256 */
};

size_t dataset_augmenter_bytes(int width, int height)
{
    size_t area = (size_t)width * (size_t)height;
    size_t plane = (size_t)(width + AROUND) * (size_t)(height + AROUND);
    return plane + area * (sizeof(int32_t) + sizeof(uint16_t));
}

struct dataset_augmenter *dataset_augmenter_new(int width, int height, int channels)
{
    struct dataset_augmenter *a = leadseq_calloc(1, sizeof *a);
    if (!a) return NULL;
    size_t area = (size_t)width * (size_t)height, rows = (size_t)(height + AROUND);
    a->width = width;
    a->height = height;
    a->channels = channels;
    a->stride = (size_t)(width + AROUND);
    a->plane = leadseq_calloc(rows, a->stride);
    a->at = leadseq_calloc(area, sizeof *a->at);
    a->weight = leadseq_calloc(area, sizeof *a->weight);
    if (a->plane && a->at && a->weight) {
        memset(a->plane, WHITE, rows * a->stride);
        return a;
    }
    dataset_augmenter_free(a);
    return NULL;
}

void dataset_augmenter_free(struct dataset_augmenter *a)
{
    if (!a) return;
    free(a->plane);
    free(a->at);
    free(a->weight);
    free(a);
}

/* (column, row) = M · (i, j, 1); beyond the image by a pixel or more all is white alike. */
static void map_row(struct dataset_augmenter *a, const double m[9], int j)
{
    const float u = (float)(m[1] * j + m[2]), v = (float)(m[4] * j + m[5]);
    const float t = (float)(m[7] * j + m[8]);
    const float du = (float)m[0], dv = (float)m[3], dt = (float)m[6];
    const float right = (float)a->width, bottom = (float)a->height;
    int32_t *restrict at = a->at + (size_t)j * (size_t)a->width;
    uint16_t *restrict weight = a->weight + (size_t)j * (size_t)a->width;
    const int32_t stride = (int32_t)a->stride, width = a->width;
#pragma omp simd
    for (int32_t i = 0; i < width; i++) {
        float k = 1 / (t + dt * (float)i);
        float x = (u + du * (float)i) * k, y = (v + dv * (float)i) * k;
        x = (x < -1 ? -1 : x > right ? right : x) + BEFORE;
        y = (y < -1 ? -1 : y > bottom ? bottom : y) + BEFORE;
        int32_t fx = (int32_t)(x * 256 + 0.5f), fy = (int32_t)(y * 256 + 0.5f);
        at[i] = (fy >> 8) * stride + (fx >> 8);
        weight[i] = (uint16_t)((fx & 255) | (fy & 255) << 8);
    }
}

static void copy_channel(struct dataset_augmenter *a, const uint8_t *image, int channel)
{
    for (int j = 0; j < a->height; j++) {
        uint8_t *row = a->plane + (size_t)(j + BEFORE) * a->stride + BEFORE;
        const uint8_t *from = image + (size_t)j * (size_t)a->width * (size_t)a->channels + channel;
        if (a->channels == 1)
            memcpy(row, from, (size_t)a->width);
        else
            for (int i = 0; i < a->width; i++) row[i] = from[(size_t)i * (size_t)a->channels];
    }
}

/* Between four pixels, x and y of 256 from the upper left one. */
static inline int blend(const uint8_t *p, const uint8_t *q, int x, int y)
{
    int upper = p[0] * (256 - x) + p[1] * x, lower = q[0] * (256 - x) + q[1] * x;
    return (upper * (256 - y) + lower * y + 32768) >> 16;
}

/* Paper is most of an image: four white pixels need no arithmetic. */
static void look_channel(const struct dataset_augmenter *a, const uint8_t light[256],
                         uint8_t *image)
{
    const size_t area = (size_t)a->width * (size_t)a->height, channels = (size_t)a->channels;
    const uint8_t paper = light[WHITE];
    for (size_t i = 0; i < area; i++) {
        const uint8_t *p = a->plane + a->at[i], *q = p + a->stride;
        uint16_t upper, lower;
        memcpy(&upper, p, sizeof upper);
        memcpy(&lower, q, sizeof lower);
        bool white = (upper & lower) == 0xffff;
        image[i * channels] =
            white ? paper : light[blend(p, q, a->weight[i] & 255, a->weight[i] >> 8)];
    }
}

/* σ(contrast · (logit(p) + brightness)), p kept 1e-7 away from 0 and 1: white stays white, black
 * black. */
void dataset_view_light(uint8_t light[256], const struct dataset_view *view)
{
    for (int u = 0; u < 256; u++) {
        double p = fmin(fmax(u / 255.0, 1e-7), 1 - 1e-7);
        double z = view->contrast * (logit(p) + view->brightness);
        light[u] = (uint8_t)lround(255 / (1 + exp(-z)));
    }
}

void dataset_augment(struct dataset_augmenter *a, const struct dataset_view *view, uint8_t *images,
                     size_t n)
{
    double m[9];
    uint8_t light[256];
    size_t bytes = (size_t)a->width * (size_t)a->height * (size_t)a->channels;
    dataset_view_matrix(m, view, a->width, a->height);
    dataset_view_light(light, view);
    for (int j = 0; j < a->height; j++) map_row(a, m, j);
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < a->channels; c++) {
            copy_channel(a, images + i * bytes, c);
            look_channel(a, light, images + i * bytes + c);
        }
}

/* --- The type ------------------------------------------------------------------------------- */

static void *open_state(int width, int height, int channels)
{
    return dataset_augmenter_new(width, height, channels);
}

static void close_state(void *state)
{
    dataset_augmenter_free(state);
}

static bool is_on(const void *options)
{
    return leadseq_augment_is_on(options);
}

static void apply(void *state, const void *options, const struct leadseq_augment_key *key,
                  uint8_t *images, size_t n)
{
    struct dataset_view view;
    dataset_view_draw(&view, options, key);
    dataset_augment(state, &view, images, n);
}

extern const struct leadseq_augment_type dataset_augment_heartnet;
const struct leadseq_augment_type dataset_augment_heartnet = {
    .name = "heartnet",
    .help =
        "as fastai 1's transforms have it, which the paper did not use: warped, rotated, zoomed, "
        "lighter or darker, white around the image, never flipped; the leads of a record alike",
    .bytes_of_options = sizeof(struct leadseq_augment),
    .options = dataset_augment_options,
    .apply = apply,
    .is_on = is_on,
    .open = open_state,
    .close = close_state,
    .bytes = dataset_augmenter_bytes,
};
