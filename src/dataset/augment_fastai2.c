/* SPDX-License-Identifier: MIT
 *
 * A record's images seen another way, as fastai 2's aug_transforms(do_flip=False) shows them to a
 * CNN: rotation and zoom, then a perspective, in one resampling; then brightness and contrast.
 * (heartnet, which follows fastai 1, warps first, has white around the image and rounds.)
 *
 *   the pixel at p of [-1, 1]² is looked up at q = H(R·Z·p)
 *   R  [[cos θ, sin θ], [-sin θ, cos θ]]
 *   Z  scale s = 1/z about a point: translation (1 - s)(2u - 1), (1 - s)(2v - 1)
 *      of R·Z the entry (0, 1) is multiplied by h/w and (1, 0) by w/h; the translation is not
 *   H  takes (-1-y, -1-x), (-1+y, 1+x), (1+y, -1+x), (1-y, 1-x) to the corners (-1, -1), (-1, 1),
 *      (1, -1), (1, 1)
 *   σ(c · (logit p + logit b)), p kept 1e-7 away from 0 and 1
 *
 * -1 and 1 are the centres of the outer pixels, beyond which the image is reflected about them.
 * Values are between those of four pixels and are not rounded. All images of a record are seen
 * alike, as one sheet in one photograph would be. */
#include "augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- What is drawn ---------------------------------------------------------------------------- */

static double between(struct leadseq_random *r, double low, double high)
{
    return low + (high - low) * leadseq_random_uniform(r);
}

/* Draws are made whether they are used or not, so that one strength does not move the others. */
static double sometimes(struct leadseq_random *r, double p, double low, double high, double none)
{
    const bool taken = leadseq_random_uniform(r) < p;
    const double v = between(r, low, high);
    return taken ? v : none;
}

void dataset_fastai2_draw(struct dataset_fastai2 *view, const struct leadseq_augment *a,
                          const struct leadseq_augment_key *key)
{
    struct leadseq_random r;
    const double p = a->p_affine, light = a->max_lighting, log_low = log(1 - light);
    leadseq_random_init(&r, key->seed, LEADSEQ_STREAM_AUGMENT, key->epoch | key->round << 40,
                        key->number);
    view->degrees = sometimes(&r, p, -a->max_rotate, a->max_rotate, 0);
    view->zoom = sometimes(&r, p, 1, a->max_zoom, 1);
    view->u = between(&r, 0, 1);
    view->v = between(&r, 0, 1);
    view->x = sometimes(&r, p, -a->max_warp, a->max_warp, 0);
    view->y = sometimes(&r, p, -a->max_warp, a->max_warp, 0);
    view->brightness = sometimes(&r, a->p_lighting, 0.5 * (1 - light), 0.5 * (1 + light), 0.5);
    view->contrast = exp(sometimes(&r, a->p_lighting, log_low, -log_low, 0));
}

/* --- Where a pixel is looked up --------------------------------------------------------------- */

enum { UNKNOWNS = 8 };

static void swap_rows(double m[UNKNOWNS][UNKNOWNS + 1], int a, int b)
{
    double row[UNKNOWNS + 1];
    memcpy(row, m[a], sizeof row);
    memcpy(m[a], m[b], sizeof row);
    memcpy(m[b], row, sizeof row);
}

/* Gauss's elimination; the last column becomes the solution. */
static void solve(double m[UNKNOWNS][UNKNOWNS + 1])
{
    for (int i = 0; i < UNKNOWNS; i++) {
        int best = i;
        for (int k = i + 1; k < UNKNOWNS; k++)
            if (fabs(m[k][i]) > fabs(m[best][i])) best = k;
        swap_rows(m, i, best);
        for (int k = 0; k < UNKNOWNS; k++) {
            const double f = m[k][i] / m[i][i];
            for (int j = i; k != i && j <= UNKNOWNS; j++) m[k][j] -= f * m[i][j];
        }
    }
    for (int i = 0; i < UNKNOWNS; i++) m[i][UNKNOWNS] /= m[i][i];
}

/* The homography that takes four points to the corners: two equations for each of them. */
static void warp_matrix(double h[9], double x, double y)
{
    const double from[4][2] = {{-1 - y, -1 - x}, {-1 + y, 1 + x}, {1 + y, -1 + x}, {1 - y, 1 - x}};
    static const double to[4][2] = {{-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    double m[UNKNOWNS][UNKNOWNS + 1] = {{0}};
    for (int i = 0; i < 4; i++)
        for (int axis = 0; axis < 2; axis++) {
            double *row = m[2 * i + axis];
            row[3 * axis] = from[i][0], row[3 * axis + 1] = from[i][1], row[3 * axis + 2] = 1;
            row[6] = -to[i][axis] * from[i][0], row[7] = -to[i][axis] * from[i][1];
            row[UNKNOWNS] = to[i][axis];
        }
    solve(m);
    for (int i = 0; i < UNKNOWNS; i++) h[i] = m[i][UNKNOWNS];
    h[8] = 1;
}

/* Half of the distance between the outer pixels' centres. */
static double half_of(int side)
{
    return side > 1 ? (side - 1) / 2.0 : 1;
}

void dataset_fastai2_matrix(double m[9], const struct dataset_fastai2 *v, int width, int height)
{
    const double w = width, h = height, angle = v->degrees * M_PI / 180;
    const double c = cos(angle), s = sin(angle), z = 1 / v->zoom;
    const double at_x = (1 - z) * (2 * v->u - 1), at_y = (1 - z) * (2 * v->v - 1);
    const double turn[9] = {
        z * c, z * s * h / w, c * at_x + s * at_y, -z * s * w / h, z * c, c * at_y - s * at_x, 0, 0,
        1};
    const double half_w = half_of(width), half_h = half_of(height);
    const double to_unit[9] = {1 / half_w, 0, -1, 0, 1 / half_h, -1, 0, 0, 1};
    const double to_pixel[9] = {half_w, 0, half_w, 0, half_h, half_h, 0, 0, 1};
    warp_matrix(m, v->x, v->y);
    leadseq_warp_multiply(m, m, turn);
    leadseq_warp_multiply(m, m, to_unit);
    leadseq_warp_multiply(m, to_pixel, m);
}

/* --- Looking ---------------------------------------------------------------------------------- */

struct augmenter {
    int width, height, channels;
    int32_t *at;   /* (height, width, 2) the upper left pixel: column, row */
    float *weight; /* (height, width, 2) of the pixels to the right and below */
};

static size_t bytes_of(int width, int height)
{
    return (size_t)width * (size_t)height * 2 * (sizeof(int32_t) + sizeof(float));
}

static void close_state(void *state)
{
    struct augmenter *a = state;
    if (!a) return;
    free(a->at);
    free(a->weight);
    free(a);
}

static void *open_state(int width, int height, int channels)
{
    struct augmenter *a = leadseq_calloc(1, sizeof *a);
    if (!a) return NULL;
    const size_t places = 2 * (size_t)width * (size_t)height;
    *a = (struct augmenter){.width = width, .height = height, .channels = channels};
    a->at = leadseq_calloc(places, sizeof *a->at);
    a->weight = leadseq_calloc(places, sizeof *a->weight);
    if (a->at && a->weight) return a;
    close_state(a);
    return NULL;
}

/* A place along an axis of n pixels, reflected about the first and the last as often as needed. */
static double reflected(double x, int n)
{
    const double last = n - 1;
    if (n == 1) return 0;
    x = fmod(fabs(x), 2 * last);
    return x > last ? 2 * last - x : x;
}

static void place(double x, int n, int32_t *at, float *weight)
{
    const double r = reflected(x, n);
    int32_t first = (int32_t)r;
    if (first > n - 2) first = n > 1 ? n - 2 : 0;
    *at = first;
    *weight = (float)(r - first);
}

static void map_pixels(struct augmenter *a, const double m[9])
{
    for (int j = 0; j < a->height; j++)
        for (int i = 0; i < a->width; i++) {
            const size_t at = 2 * ((size_t)j * (size_t)a->width + (size_t)i);
            const double t = m[6] * i + m[7] * j + m[8];
            place((m[0] * i + m[1] * j + m[2]) / t, a->width, &a->at[at], &a->weight[at]);
            place((m[3] * i + m[4] * j + m[5]) / t, a->height, &a->at[at + 1], &a->weight[at + 1]);
        }
}

static float light(const struct dataset_fastai2 *v, float p)
{
    const double q = fmin(fmax((double)p, 1e-7), 1 - 1e-7);
    const double b = v->brightness, z = log(q / (1 - q)) + log(b / (1 - b));
    return (float)(1 / (1 + exp(-v->contrast * z)));
}

/* Most pixels are paper, and are looked up among paper: their value is computed once. */
static void look(const struct augmenter *a, const struct dataset_fastai2 *v, const uint8_t *image,
                 float *values)
{
    const size_t channels = (size_t)a->channels, area = (size_t)a->width * (size_t)a->height;
    const size_t right = a->width > 1 ? channels : 0;
    const size_t below = a->height > 1 ? (size_t)a->width * channels : 0;
    const bool lit = v->brightness != 0.5 || v->contrast != 1;
    const float paper = lit ? light(v, 1) : 1;
    for (size_t i = 0; i < area; i++) {
        const float x = a->weight[2 * i], y = a->weight[2 * i + 1];
        const uint8_t *p =
            image + ((size_t)a->at[2 * i + 1] * (size_t)a->width + (size_t)a->at[2 * i]) * channels;
        for (size_t c = 0; c < channels; c++, p++) {
            const int all = p[0] & p[right] & p[below] & p[right + below];
            const float upper = (1 - x) * p[0] + x * p[right];
            const float lower = (1 - x) * p[below] + x * p[right + below];
            const float value = ((1 - y) * upper + y * lower) / 255;
            values[i * channels + c] = all == 255 ? paper : lit ? light(v, value) : value;
        }
    }
}

void dataset_fastai2_look(void *state, const struct dataset_fastai2 *view, const uint8_t *images,
                          float *values, size_t n)
{
    struct augmenter *a = state;
    double m[9];
    const size_t count = (size_t)a->width * (size_t)a->height * (size_t)a->channels;
    dataset_fastai2_matrix(m, view, a->width, a->height);
    map_pixels(a, m);
    for (size_t i = 0; i < n; i++) look(a, view, images + i * count, values + i * count);
}

/* --- The type --------------------------------------------------------------------------------- */

static bool is_on(const void *options)
{
    return leadseq_augment_is_on(options);
}

static void look_as_drawn(void *state, const void *options, const struct leadseq_augment_key *key,
                          const uint8_t *images, float *values, size_t n)
{
    struct dataset_fastai2 view;
    dataset_fastai2_draw(&view, options, key);
    dataset_fastai2_look(state, &view, images, values, n);
}

extern const struct leadseq_augment_type dataset_augment_fastai2;
const struct leadseq_augment_type dataset_augment_fastai2 = {
    .name = "fastai2",
    .help = "as fastai 2 showed them to the paper's CNN: rotated, zoomed, warped, reflected at the "
            "border, lighter or darker, never flipped or rounded; the leads of a record alike",
    .bytes_of_options = sizeof(struct leadseq_augment),
    .options = dataset_augment_options,
    .look = look_as_drawn,
    .is_on = is_on,
    .open = open_state,
    .close = close_state,
    .bytes = bytes_of,
};
