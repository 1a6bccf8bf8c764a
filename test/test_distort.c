/* SPDX-License-Identifier: MIT
 *
 * Distortions against what their strengths promise in units, and against chance: the
 * same key gives the same picture, more probability the same ones and more. */
#include "render/distort.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 160, H = 120 };

static uint8_t pixels[W * H * 3];

static struct leadseq_image image_of(int value, int channels)
{
    memset(pixels, value, sizeof pixels);
    return (struct leadseq_image){W, H, channels, pixels};
}

static struct leadseq_distort asked(const char *text, uint64_t seed)
{
    struct leadseq_distort d = {.seed = seed};
    cr_assert_eq(leadseq_distort_parse(&d, text), 0, "%s", leadseq_error());
    return d;
}

static struct leadseq_distorted distort(const char *text, uint64_t key, struct leadseq_image *image)
{
    struct leadseq_distort d = asked(text, 3);
    struct leadseq_distorted done;
    cr_assert_eq(leadseq_distort_image(&d, key, 0, image, &done), 0, "%s", leadseq_error());
    return done;
}

Test(distort, what_is_no_distortion_is_refused_in_words)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"shade=0.5", "expected fading, crease, rotation, perspective, crop, shadow, blur, noise "
                      "or blocking, found \"shade\""},
        {"shadow", "expected shadow=STRENGTH"},
        {"shadow=", "shadow: strength: expected a number from 0 to 1, found \"\""},
        {"shadow=1.1", "shadow: strength: expected a number from 0 to 1, found \"1.1\""},
        {"shadow=-0.1", "found \"-0.1\""},
        {"shadow=nan", "found \"nan\""},
        {"shadow=0.5x", "found \"0.5x\""},
        {"shadow=0.5:2", "shadow: probability: expected a number from 0 to 1, found \"2\""},
        {"shadow=0.5:", "probability"},
        {"shadow=0.5:0.5:0.5", "more than two numbers"},
        {"shadow=0.5,shadow=0.5", "shadow appears twice"},
        {"shadow=0.5,", "comma at the end"},
        {",shadow=0.5", "found \"\""},
        {"shadow=0.5;blur=1", "found \"0.5;blur=1\""},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_distort d = {.seed = 5};
        cr_assert_eq(leadseq_distort_parse(&d, bad[i].text), -1, "%s", bad[i].text);
        cr_assert(strstr(leadseq_error(), bad[i].message), "%s: %s", bad[i].text, leadseq_error());
        cr_assert(d.seed == 5 && !leadseq_distort_any(&d));
    }
}

Test(distort, text_is_read_back_as_it_was_meant)
{
    struct leadseq_distort a = asked("rotation=0.2,shadow=0.5:0.3,noise=0.1:0", 9), b = {0};
    cr_assert_eq(a.of[LEADSEQ_ROTATION].strength, 0.2);
    cr_assert_eq(a.of[LEADSEQ_ROTATION].probability, 1);
    cr_assert_eq(a.of[LEADSEQ_SHADOW].strength, 0.5);
    cr_assert_eq(a.of[LEADSEQ_SHADOW].probability, 0.3);
    char *text = leadseq_distort_format(&a);
    cr_assert_str_eq(text, "rotation=0.2:1,shadow=0.5:0.3");
    cr_assert_eq(leadseq_distort_parse(&b, text), 0);
    cr_assert_eq(b.of[LEADSEQ_SHADOW].probability, 0.3);
    cr_assert_eq(b.of[LEADSEQ_ROTATION].strength, 0.2);
    free(text);
    a.of[LEADSEQ_NOISE].strength = 1.0 / 3;
    a.of[LEADSEQ_NOISE].probability = 1e-300;
    text = leadseq_distort_format(&a);
    cr_assert_eq(leadseq_distort_parse(&b, text), 0, "%s", text);
    cr_assert_eq(memcmp(a.of, b.of, sizeof a.of), 0, "%s", text);
    free(text);
    cr_assert(leadseq_distort_any(&a));
    a = asked("noise=0.1:0,blur=0:1", 0);
    cr_assert(!leadseq_distort_any(&a));
    a = asked("", 0);
    cr_assert(!leadseq_distort_any(&a));
}

/* Something with an edge everywhere. */
static struct leadseq_image pattern(int channels)
{
    struct leadseq_image image = image_of(255, channels);
    for (int i = 0; i < W * H * channels; i++)
        if (i * 7 / channels % 23 < 5) pixels[i] = (uint8_t)(40 + i % channels * 50);
    return image;
}

Test(distort, without_strength_or_luck_nothing_changes)
{
    static uint8_t before[sizeof pixels];
    static const char *const none[] = {"", "noise=0", "noise=1:0,rotation=1:0,crop=0:1"};
    for (size_t i = 0; i < LEADSEQ_COUNT(none); i++) {
        struct leadseq_image image = pattern(3);
        memcpy(before, pixels, sizeof pixels);
        struct leadseq_distorted done = distort(none[i], 1, &image);
        cr_assert_eq(memcmp(before, pixels, sizeof pixels), 0);
        for (int k = 0; k < LEADSEQ_DISTORTIONS; k++) cr_assert(!done.applied[k]);
        double x = 12.25, y = 7.5;
        leadseq_distorted_point(&done, &x, &y);
        cr_assert(x == 12.25 && y == 7.5);
    }
}

Test(distort, each_changes_grey_and_colour_and_a_picture_can_be_made_again_alone)
{
    static uint8_t first[sizeof pixels];
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
        for (int channels = 1; channels <= 3; channels += 2) {
            char text[64];
            snprintf(text, sizeof text, "%s=1", leadseq_distortion_name(k));
            struct leadseq_image image = pattern(channels);
            memcpy(first, pixels, sizeof pixels);
            cr_assert(distort(text, 17, &image).applied[k]);
            cr_assert_neq(memcmp(first, pixels, (size_t)(W * H * channels)), 0, "%s", text);
            memcpy(first, pixels, sizeof pixels);
            image = pattern(channels);
            distort("noise=1,crease=1", 16, &image); // another record between them
            image = pattern(channels);
            distort(text, 17, &image);
            cr_assert_eq(memcmp(first, pixels, sizeof pixels), 0, "%s", text);
        }
}

Test(distort, every_record_picture_and_seed_has_chance_of_its_own)
{
    static uint8_t seen[4][sizeof pixels];
    for (int i = 0; i < 4; i++) { // the seed, the record, the picture, none of them changed
        struct leadseq_distort d = asked("rotation=0.7,shadow=0.5,crop=0.3", i == 1 ? 2 : 1);
        struct leadseq_image image = pattern(1);
        struct leadseq_distorted done;
        cr_assert_eq(leadseq_distort_image(&d, i == 2 ? 6 : 5, i == 3, &image, &done), 0);
        memcpy(seen[i], pixels, sizeof pixels);
        for (int j = 0; j < i; j++) cr_assert_neq(memcmp(seen[i], seen[j], sizeof pixels), 0);
    }
}

Test(distort, a_probability_is_a_share_and_a_larger_one_keeps_those_of_the_smaller)
{
    enum { RECORDS = 4000 };
    uint8_t some[4 * 4];
    int hit = 0;
    for (int key = 0; key < RECORDS; key++) {
        struct leadseq_image small = {4, 4, 1, some};
        memset(some, 200, sizeof some);
        bool rare = distort("fading=0.5:0.3", (uint64_t)key, &small).applied[LEADSEQ_FADING];
        bool often = distort("fading=0.5:0.6", (uint64_t)key, &small).applied[LEADSEQ_FADING];
        hit += rare;
        cr_assert(often || !rare);
    }
    cr_assert_float_eq(hit / (double)RECORDS, 0.3, 0.03); // four standard deviations
}

/* The centre of all ink. */
static void centre(double *x, double *y)
{
    double sum = 0;
    *x = *y = 0;
    for (int i = 0; i < W * H; i++) {
        double ink = 255 - pixels[i];
        sum += ink;
        *x += ink * (i % W + 0.5);
        *y += ink * (i / W + 0.5);
    }
    cr_assert_gt(sum, 100);
    *x /= sum;
    *y /= sum;
}

Test(distort, pixels_go_where_the_map_says)
{
    static const char *const moving[] = {"rotation=1", "rotation=0.3", "perspective=1", "crop=0.6",
                                         "rotation=0.5,perspective=0.7,crop=0.2"};
    static const int at[][2] = {{80, 60}, {60, 45}, {100, 50}, {70, 80}};
    for (size_t m = 0; m < LEADSEQ_COUNT(moving); m++)
        for (size_t i = 0; i < LEADSEQ_COUNT(at); i++) {
            struct leadseq_image image = image_of(255, 1);
            for (int j = -1; j <= 1; j++) memset(pixels + (at[i][1] + j) * W + at[i][0] - 1, 0, 3);
            struct leadseq_distorted done = distort(moving[m], i, &image);
            double x = at[i][0] + 0.5, y = at[i][1] + 0.5, found_x, found_y;
            double was_x = x, was_y = y;
            leadseq_distorted_point(&done, &x, &y);
            centre(&found_x, &found_y);
            cr_assert_float_eq(x, found_x, 0.1, "%s: %g, not %g", moving[m], found_x, x);
            cr_assert_float_eq(y, found_y, 0.1, "%s: %g, not %g", moving[m], found_y, y);
            cr_assert(i == 0 || fabs(x - was_x) + fabs(y - was_y) > 0.1, "%s", moving[m]);
        }
}

Test(distort, a_rotation_turns_by_15_degrees_at_strength_1)
{
    int ways = 0;
    for (uint64_t key = 0; key < 20; key++) {
        struct leadseq_image image = image_of(255, 1);
        struct leadseq_distorted done = distort("rotation=1", key, &image);
        double x = W / 2.0 + 50, y = H / 2.0;
        leadseq_distorted_point(&done, &x, &y);
        double angle = atan2(y - H / 2.0, x - W / 2.0) * 180 / M_PI;
        cr_assert_float_eq(fabs(angle), 15, 1e-9);
        cr_assert_float_eq(hypot(x - W / 2.0, y - H / 2.0), 50, 1e-9);
        ways += angle > 0;
    }
    cr_assert(ways > 2 && ways < 18);
}

Test(distort, a_crop_keeps_three_quarters_of_each_side_at_strength_1)
{
    for (uint64_t key = 0; key < 20; key++) {
        struct leadseq_image image = image_of(255, 1);
        struct leadseq_distorted done = distort("crop=1", key, &image);
        double x[2] = {0, W}, y[2] = {0, H};
        for (int i = 0; i < 2; i++) leadseq_distorted_point(&done, &x[i], &y[i]);
        cr_assert_float_eq(x[1] - x[0], W / 0.75, 1e-9);
        cr_assert_float_eq(y[1] - y[0], H / 0.75, 1e-9);
        cr_assert(x[0] <= 0 && y[0] <= 0 && x[1] >= W && y[1] >= H);
    }
}

Test(distort, a_perspective_keeps_the_sheet_in_the_picture_and_its_lines_straight)
{
    for (uint64_t key = 0; key < 20; key++) {
        struct leadseq_image image = image_of(255, 1);
        struct leadseq_distorted done = distort("perspective=1", key, &image);
        static const double corner[5][2] = {{0, 0}, {W, 0}, {W, H}, {0, H}, {W / 2.0, 0}};
        double p[5][2];
        for (int i = 0; i < 5; i++) {
            memcpy(p[i], corner[i], sizeof p[i]);
            leadseq_distorted_point(&done, &p[i][0], &p[i][1]);
        }
        for (int i = 0; i < 4; i++) {
            cr_assert_leq(fabs(p[i][0] - corner[i][0]), 0.2 * W + 1e-9);
            cr_assert_leq(fabs(p[i][1] - corner[i][1]), 0.2 * H + 1e-9);
            cr_assert(p[i][0] > -1e-9 && p[i][0] < W + 1e-9);
        }
        double cross =
            (p[1][0] - p[0][0]) * (p[4][1] - p[0][1]) - (p[1][1] - p[0][1]) * (p[4][0] - p[0][0]);
        cr_assert_float_eq(cross, 0, 1e-6);
    }
}

static double deviation(double *mean)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < W * H; i++) sum += pixels[i], squares += (double)pixels[i] * pixels[i];
    *mean = sum / (W * H);
    return sqrt(squares / (W * H) - *mean * *mean);
}

Test(distort, noise_has_the_deviation_it_promises)
{
    double mean;
    struct leadseq_image image = image_of(128, 1);
    distort("noise=0.5", 1, &image);
    cr_assert_float_eq(deviation(&mean), 32, 0.6);
    cr_assert_float_eq(mean, 128, 0.8);
}

Test(distort, blur_spreads_a_point_by_the_deviation_it_promises)
{
    static const double strengths[] = {0.5, 1, 2.0 / 3};
    for (size_t s = 0; s < LEADSEQ_COUNT(strengths); s++) {
        enum { WIDE = 480, HIGH = 90 }; // deviation 3 px at strength 1
        static uint8_t wide[WIDE * HIGH];
        struct leadseq_image image = {WIDE, HIGH, 1, wide};
        memset(wide, 255, sizeof wide);
        for (int y = 0; y < HIGH; y++) memset(wide + y * WIDE + WIDE / 2, 0, WIDE / 2); // an edge
        char text[32];
        snprintf(text, sizeof text, "blur=%.17g", strengths[s]);
        distort(text, 0, &image);
        double sum = 0, squares = 0, mass = 0; // the edge's derivative is the window
        for (int x = 1; x < WIDE; x++) {
            double d = wide[HIGH / 2 * WIDE + x - 1] - wide[HIGH / 2 * WIDE + x];
            mass += d, sum += d * x, squares += d * x * x;
        }
        cr_assert_float_eq(mass, 255, 1e-9);
        double sigma = sqrt(squares / mass - sum / mass * (sum / mass));
        cr_assert_float_eq(sigma, 3 * strengths[s], 0.05 * 3 * strengths[s], "%g", sigma);
    }
}

Test(distort, fading_takes_all_ink_at_one_border_and_none_at_the_other)
{
    for (uint64_t key = 0; key < 8; key++) {
        struct leadseq_image image = image_of(0, 1);
        distort("fading=0.8", key, &image);
        int low = 255, high = 0;
        double mean;
        for (int i = 0; i < W * H; i++) {
            low = pixels[i] < low ? pixels[i] : low;
            high = pixels[i] > high ? pixels[i] : high;
        }
        deviation(&mean);
        cr_assert(low <= 2 && high >= 201 && high <= 204, "%d to %d", low, high);
        cr_assert_float_eq(mean, 0.4 * 255, 1);
    }
}

Test(distort, a_shadow_takes_as_much_of_every_colour)
{
    int touched = 0;
    for (uint64_t key = 0; key < 8; key++) {
        struct leadseq_image image = image_of(255, 3);
        for (int i = 0; i < W * H; i += 2) memcpy(pixels + 3 * i, (uint8_t[]){255, 230, 180}, 3);
        distort("shadow=0.5", key, &image);
        for (int i = 0; i < W * H; i++) {
            const uint8_t *v = pixels + 3 * i;
            if (i % 2 == 0) // the grid's pale pink stays pale
                cr_assert((v[0] == 255 && v[1] == 230 && v[2] == 180) ||
                          (v[0] == 128 && v[1] == 115 && v[2] == 90));
            else
                cr_assert(v[0] == v[1] && v[1] == v[2] && (v[0] == 255 || v[0] == 128));
            touched += v[0] == 128;
        }
    }
    cr_assert(touched > W * H / 2 && touched < 7 * W * H); // neither a speck nor everything
}

Test(distort, a_crease_is_dark_beside_a_line_and_leaves_the_rest_alone)
{
    for (uint64_t key = 0; key < 8; key++) {
        struct leadseq_image image = image_of(255, 1);
        distort("crease=1", key, &image);
        int darkest = 255, untouched = 0;
        for (int i = 0; i < W * H; i++) {
            darkest = pixels[i] < darkest ? pixels[i] : darkest;
            untouched += pixels[i] == 255;
        }
        cr_assert(darkest >= 102 && darkest < 140, "%d", darkest); // 40 % of paper at the line
        cr_assert(untouched > W * H / 2);
        image = image_of(0, 1); // ink is rubbed off along the line, and black stays black beside it
        distort("crease=1", key, &image);
        int rubbed = 0;
        for (int i = 0; i < W * H; i++) rubbed += pixels[i] > 0;
        cr_assert(rubbed > H / 2 && rubbed < 6 * W, "%d", rubbed);
    }
}

Test(distort, blocking_rounds_cosines_to_the_standards_steps)
{
    // One horizontal cosine of frequency 1 in every block: its coefficient is 8/√2·√2·A = 4·√2·A.
    struct leadseq_image image = image_of(255, 1);
    const double amplitude = 20;
    for (int i = 0; i < W * H; i++)
        pixels[i] = (uint8_t)lround(128 + amplitude * cos((2 * (i % 8) + 1) * M_PI / 16));
    distort("blocking=0.5263157894736842", 0, &image); // quality 50: the tables as they are
    // Coefficient 4·√2·20 = 113.1, step 11: 10 · 11 = 110, an amplitude of 19.45.
    for (int i = 0; i < W * H; i++)
        cr_assert_float_eq(pixels[i], 128 + 19.445 * cos((2 * (i % 8) + 1) * M_PI / 16), 1.01);
    double mean;
    image = image_of(255, 1);
    for (int i = 0; i < W * H; i++)
        pixels[i] = (uint8_t)lround(128 + 9 * cos((2 * (i % 8) + 1) * M_PI / 16));
    distort("blocking=1", 0, &image); // quality 5: the step is 110, half of it above 50.9
    cr_assert_lt(deviation(&mean), 0.5);
    cr_assert_float_eq(mean, 128, 1);
}

Test(distort, blocking_of_no_strength_to_speak_of_keeps_colours)
{
    struct leadseq_image image = pattern(3);
    for (int i = 0; i < W * H; i++) {
        pixels[3 * i] = (uint8_t)(31 + i % W / 2), pixels[3 * i + 1] = (uint8_t)(119 + i / W / 2);
        pixels[3 * i + 2] = 180;
    }
    static uint8_t before[sizeof pixels];
    memcpy(before, pixels, sizeof pixels);
    distort("blocking=0.001", 0, &image); // all steps are 1
    for (size_t i = 0; i < sizeof pixels; i++) cr_assert_leq(abs(pixels[i] - before[i]), 3);
}

Test(distort, pictures_of_any_size_are_taken)
{
    static const int size[][2] = {{1, 1}, {1, 9}, {9, 1}, {7, 13}, {17, 8}};
    for (size_t i = 0; i < LEADSEQ_COUNT(size); i++)
        for (int channels = 1; channels <= 3; channels += 2) {
            size_t bytes = (size_t)(size[i][0] * size[i][1] * channels);
            struct leadseq_image image = {size[i][0], size[i][1], channels, malloc(bytes)};
            memset(image.pixels, 99, bytes);
            distort("fading=1,crease=1,rotation=1,perspective=1,crop=1,shadow=1,blur=1,noise=1,"
                    "blocking=1",
                    i, &image);
            free(image.pixels);
        }
}
