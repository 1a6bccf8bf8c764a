/* SPDX-License-Identifier: MIT
 *
 * Images seen another way: what does nothing, what moves where, and how light. */
#include "dataset/augment.h"
#include "small_stack.h"

#include <math.h>

enum { W = 60, H = 40, AREA = W * H };

static uint8_t image[AREA], before[AREA];

static void paint(void)
{
    for (int i = 0; i < AREA; i++) before[i] = (uint8_t)(i * 2654435761u >> 24);
    memcpy(image, before, sizeof image);
}

TestSuite(augment, .init = paint);

static const struct dataset_view unchanged = {.zoom = 1, .contrast = 1};

static void look(const struct dataset_view *view)
{
    struct dataset_augmenter *a = dataset_augmenter_new(W, H, 1);
    cr_assert(a);
    memcpy(image, before, sizeof image);
    dataset_augment(a, view, image, 1);
    dataset_augmenter_free(a);
}

static void apply(const double m[9], double x, double y, double *u, double *v)
{
    double w = m[6] * x + m[7] * y + m[8];
    *u = (m[0] * x + m[1] * y + m[2]) / w;
    *v = (m[3] * x + m[4] * y + m[5]) / w;
}

Test(augment, a_view_without_changes_leaves_every_byte)
{
    look(&unchanged);
    cr_assert(!memcmp(image, before, sizeof image));
}

Test(augment, strengths_of_nothing_are_off_and_the_papers_are_on)
{
    struct leadseq_augment a = {0};
    cr_assert(!leadseq_augment_is_on(&a));
    leadseq_augment_heartnet(&a);
    cr_assert(leadseq_augment_is_on(&a));
    a.p_affine = a.p_lighting = 0;
    cr_assert(!leadseq_augment_is_on(&a));
    a = (struct leadseq_augment){.p_affine = 1, .p_lighting = 1, .max_zoom = 1};
    cr_assert(!leadseq_augment_is_on(&a));
}

/* A quarter turn of a square image is exact: row j of the result is column W - 1 - j before … */
Test(augment, a_quarter_turn_is_anticlockwise)
{
    enum { SIDE = 32 };
    uint8_t square[SIDE * SIDE], turned[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) square[i] = turned[i] = before[i];
    struct dataset_view view = unchanged;
    view.degrees = 90;
    struct dataset_augmenter *a = dataset_augmenter_new(SIDE, SIDE, 1);
    dataset_augment(a, &view, turned, 1);
    dataset_augmenter_free(a);
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SIDE; i++)
            cr_assert_eq(turned[j * SIDE + i], square[i * SIDE + SIDE - 1 - j]);
}

/* Angles are those of the image, also where it is wider than high. */
Test(augment, a_rotation_keeps_distances_in_pixels)
{
    struct dataset_view view = unchanged;
    double m[9], u, v, p, q;
    view.degrees = 30;
    dataset_view_matrix(m, &view, W, H);
    apply(m, 29.5, 19.5, &u, &v);
    cr_assert_float_eq(u, 29.5, 1e-9, "the centre stays");
    cr_assert_float_eq(v, 19.5, 1e-9);
    apply(m, 49.5, 19.5, &p, &q);
    cr_assert_float_eq(p - u, 20 * cos(M_PI / 6), 1e-9);
    cr_assert_float_eq(q - v, 20 * sin(M_PI / 6), 1e-9);
    apply(m, 29.5, 9.5, &p, &q);
    cr_assert_float_eq(p - u, 10 * sin(M_PI / 6), 1e-9);
    cr_assert_float_eq(q - v, -10 * cos(M_PI / 6), 1e-9);
}

/* The point zoomed towards stays where it is in [-1, 1]², the rest is magnified. */
Test(augment, a_zoom_magnifies_about_its_point)
{
    struct dataset_view view = unchanged;
    double m[9], u, v;
    view.zoom = 1.25, view.x = -1, view.y = 1;
    dataset_view_matrix(m, &view, W, H);
    apply(m, -0.5, H - 0.5, &u, &v);
    cr_assert_float_eq(u, -0.5, 1e-9);
    cr_assert_float_eq(v, H - 0.5, 1e-9);
    apply(m, W - 0.5, -0.5, &u, &v);
    cr_assert_float_eq(u + 0.5, W / 1.25, 1e-9);
    cr_assert_float_eq(v + 0.5, H - H / 1.25, 1e-9);
}

/* Each edge is stretched about its middle by its own share. */
Test(augment, a_warp_takes_the_corners_where_its_edges_say)
{
    static const double s[4] = {0.1, -0.2, 0.15, 0.05};
    static const struct {
        double x, y;
        int vertical, horizontal;
    } corner[] = {{-1, -1, 0, 2}, {1, -1, 1, 2}, {1, 1, 1, 3}, {-1, 1, 0, 3}};
    struct dataset_view view = unchanged;
    double m[9], u, v;
    memcpy(view.stretch, s, sizeof s);
    dataset_view_matrix(m, &view, W, H);
    for (int i = 0; i < 4; i++) {
        apply(m, (corner[i].x + 1) * W / 2 - 0.5, (corner[i].y + 1) * H / 2 - 0.5, &u, &v);
        double x = corner[i].x * (1 + s[corner[i].horizontal]);
        double y = corner[i].y * (1 + s[corner[i].vertical]);
        cr_assert_float_eq(u, (x + 1) * W / 2 - 0.5, 1e-9, "corner %d", i);
        cr_assert_float_eq(v, (y + 1) * H / 2 - 0.5, 1e-9, "corner %d", i);
    }
}

/* Bilinear in double, beyond the image white. */
static double looked_up(double x, double y)
{
    double sum = 0, left = floor(x), top = floor(y);
    for (int k = 0; k < 4; k++) {
        double i = left + k % 2, j = top + k / 2;
        bool inside = i >= 0 && i < W && j >= 0 && j < H;
        double weight = (1 - fabs(x - i)) * (1 - fabs(y - j));
        sum += weight * (inside ? before[(int)j * W + (int)i] : 255);
    }
    return sum;
}

Test(augment, every_pixel_is_looked_up_between_its_four_neighbours)
{
    struct leadseq_augment how;
    leadseq_augment_heartnet(&how);
    how.p_lighting = 0;
    for (uint64_t n = 0; n < 40; n++) {
        struct dataset_view view;
        double m[9], u, v, worst = 0;
        dataset_view_draw(&view, &how, &(struct leadseq_augment_key){.seed = 1, .number = n});
        look(&view);
        dataset_view_matrix(m, &view, W, H);
        for (int j = 0; j < H; j++)
            for (int i = 0; i < W; i++) {
                apply(m, i, j, &u, &v);
                worst = fmax(worst, fabs(image[j * W + i] - looked_up(u, v)));
            }
        cr_assert_lt(worst, 2.1, "record %d: %g of 255", (int)n,
                     worst); // 1/256 px of 255, and rounding
    }
}

/* --- Lighting --------------------------------------------------------------------------------- */

Test(augment, lighting_works_on_logits_and_leaves_black_and_white)
{
    struct dataset_view view = unchanged;
    uint8_t light[256];
    view.brightness = log(0.6 / 0.4), view.contrast = 1.25;
    dataset_view_light(light, &view);
    cr_assert_eq(light[0], 0);
    cr_assert_eq(light[255], 255);
    for (int u = 1; u < 255; u++) {
        double odds = pow(u / (255.0 - u) * 1.5, 1.25);
        cr_assert_eq(light[u], (int)lround(255 * odds / (1 + odds)), "%d", u);
        cr_assert_geq(light[u], light[u - 1]);
    }
}

/* --- Draws ------------------------------------------------------------------------------------ */

Test(augment, draws_stay_within_the_strengths_and_are_made_as_often_as_asked)
{
    enum { N = 4000 };
    struct leadseq_augment how;
    int rotated = 0, zoomed = 0, warped = 0, brightened = 0, contrasted = 0;
    double least = 0, most = 0;
    leadseq_augment_heartnet(&how);
    for (uint64_t n = 0; n < N; n++) {
        struct dataset_view v;
        dataset_view_draw(&v, &how,
                          &(struct leadseq_augment_key){.seed = 5, .epoch = 2, .number = n});
        cr_assert(fabs(v.degrees) <= 10 && v.zoom >= 1 && v.zoom <= 1.1);
        for (int i = 0; i < 4; i++) cr_assert_leq(fabs(v.stretch[i]), 0.2);
        cr_assert_leq(fabs(v.brightness), log(0.6 / 0.4) + 1e-12);
        cr_assert(v.contrast >= 0.8 - 1e-12 && v.contrast <= 1.25 + 1e-12);
        least = fmin(least, v.degrees), most = fmax(most, v.degrees);
        rotated += v.degrees != 0, zoomed += v.zoom != 1, warped += v.stretch[0] != 0;
        brightened += v.brightness != 0, contrasted += v.contrast != 1;
    }
    cr_assert(least < -9.9 && most > 9.9);
    // 4000 draws of .75: a deviation of 27
    cr_assert(abs(rotated - 3000) < 110 && abs(zoomed - 3000) < 110 && abs(warped - 3000) < 110);
    cr_assert(abs(brightened - 3000) < 110 && abs(contrasted - 3000) < 110);
}

Test(augment, a_draw_is_keyed_by_seed_epoch_record_and_round)
{
    static const struct leadseq_augment_key key[] = {
        {1, 1, 1, 0}, {2, 1, 1, 0}, {1, 2, 1, 0}, {1, 1, 2, 0}, {1, 1, 1, 1}};
    struct dataset_view view[LEADSEQ_COUNT(key)], again;
    struct leadseq_augment how;
    leadseq_augment_heartnet(&how);
    how.p_affine = 1;
    for (size_t i = 0; i < LEADSEQ_COUNT(key); i++) dataset_view_draw(&view[i], &how, &key[i]);
    dataset_view_draw(&again, &how, &key[0]);
    cr_assert(!memcmp(&again, &view[0], sizeof again));
    for (size_t i = 1; i < LEADSEQ_COUNT(key); i++)
        cr_assert_neq(view[i].degrees, view[0].degrees, "key %zu", i);
}

Test(augment, a_strength_of_nothing_leaves_the_others_as_they_were)
{
    struct dataset_view with, without;
    struct leadseq_augment how;
    leadseq_augment_heartnet(&how);
    how.p_affine = 1;
    const struct leadseq_augment_key key = {.seed = 3, .number = 9};
    dataset_view_draw(&with, &how, &key);
    how.max_warp = how.max_lighting = 0;
    dataset_view_draw(&without, &how, &key);
    cr_assert_eq(with.degrees, without.degrees);
    cr_assert_eq(with.zoom, without.zoom);
    cr_assert_eq(without.stretch[0], 0);
    cr_assert_eq(without.brightness, 0);
}

/* A mirror image would turn the triangle (0,0) (1,0) (0,1) around: its area keeps its sign. */
Test(augment, nothing_is_ever_flipped)
{
    struct leadseq_augment how;
    leadseq_augment_heartnet(&how);
    how.p_affine = 1;
    for (uint64_t n = 0; n < 2000; n++) {
        struct dataset_view view;
        double m[9], x[3], y[3];
        dataset_view_draw(&view, &how, &(struct leadseq_augment_key){.seed = 4, .number = n});
        dataset_view_matrix(m, &view, W, H);
        for (int k = 0; k < 3; k++) apply(m, k == 1 ? W : 0, k == 2 ? H : 0, &x[k], &y[k]);
        double area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
        cr_assert_gt(area, 0.4 * AREA);
    }
}

Test(augment, a_colour_image_is_its_channels_seen_alike)
{
    static uint8_t colour[3 * AREA];
    for (int i = 0; i < AREA; i++)
        for (int c = 0; c < 3; c++) colour[3 * i + c] = c == 1 ? before[i] : (uint8_t)(255 - c);
    struct dataset_view view = unchanged;
    view.degrees = 7, view.zoom = 1.05, view.stretch[1] = 0.1;
    look(&view);
    struct dataset_augmenter *a = dataset_augmenter_new(W, H, 3);
    dataset_augment(a, &view, colour, 1);
    dataset_augmenter_free(a);
    for (int i = 0; i < AREA; i++) cr_assert_eq(colour[3 * i + 1], image[i]);
}

/* --- In batches ------------------------------------------------------------------------------- */

enum { RECORDS = 11 };
static size_t everyone[RECORDS];

static void begin(void)
{
    small_begin();
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    for (size_t i = 0; i < RECORDS; i++) everyone[i] = i;
}

TestSuite(augmented_batches, .init = begin, .fini = small_end);

/* An epoch's images by record, (RECORDS, LEADS, height, width). */
static float *epoch_of(const struct leadseq_batch_options *o, uint64_t epoch)
{
    const size_t values = (size_t)LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT;
    struct leadseq_stack *stack = small_open();
    struct leadseq_batches *b = leadseq_batches_open(stack, o);
    const struct leadseq_batch *batch;
    float *all = calloc(RECORDS * values, sizeof *all);
    cr_assert(b, "%s", leadseq_error());
    cr_assert_eq(leadseq_batches_start(b, epoch, 0), 0);
    while (leadseq_batches_next(b, &batch) == 1)
        for (int i = 0; i < batch->n; i++)
            memcpy(all + batch->position[i] * values, batch->images + (size_t)i * values,
                   values * sizeof *all);
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
    return all;
}

static bool same(const float *a, const float *b)
{
    return !memcmp(a, b, (size_t)RECORDS * LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT * sizeof *a);
}

Test(augmented_batches, the_view_of_a_record_depends_on_seed_epoch_and_record_alone)
{
    struct leadseq_batch_options o = {.position = everyone,
                                      .n = RECORDS,
                                      .batch = 4,
                                      .scale = {1, 1, 1},
                                      .seed = 3,
                                      .layout = LEADSEQ_LAYOUT_NTCHW};
    float *plain = epoch_of(&o, 1);
    o.augment_type = leadseq_augment_at(1);
    cr_assert_str_eq(o.augment_type->name, "heartnet");
    struct leadseq_augment *how = (void *)&o.augment;
    leadseq_augment_heartnet(how);
    float *one = epoch_of(&o, 1), *next = epoch_of(&o, 2);
    o.batch = 3, o.shuffle = true;
    float *other = epoch_of(&o, 1);
    cr_assert(!same(plain, one) && !same(one, next));
    cr_assert(same(one, other), "neither the batch nor the order matters");
    how->p_affine = how->p_lighting = 0;
    float *off = epoch_of(&o, 1);
    cr_assert(same(plain, off));
    free(plain);
    free(one);
    free(next);
    free(other);
    free(off);
}
