/* SPDX-License-Identifier: MIT
 *
 * The rasteriser against plain arithmetic: areas of shapes that are known, and a
 * brute-force picture that asks 16 × 16 points of every pixel. */
#include "render/trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 96, H = 64 };

static uint8_t ramp[256]; // a pixel shows its coverage

static void stroke_at(const struct render_point *p, size_t n, double width, int w, int top, int h,
                      uint8_t *pixels)
{
    for (int k = 0; k < 256; k++) ramp[k] = (uint8_t)k;
    struct render_cover c = {.width = w, .top = top, .height = h, .stride = (size_t)w + 2};
    c.cell = calloc((size_t)h * c.stride, sizeof *c.cell);
    cr_assert(c.cell);
    memset(pixels, 0, (size_t)w * (size_t)h);
    render_stroke(&c, p, n, width);
    render_cover_sweep(&c, ramp, 1, pixels);
    for (size_t i = 0; i < (size_t)h * c.stride; i++) cr_assert_eq(c.cell[i], 0);
    free(c.cell);
}

static void stroke(const struct render_point *p, size_t n, double width, uint8_t *pixels)
{
    stroke_at(p, n, width, W, 0, H, pixels);
}

static double area(const uint8_t *pixels)
{
    double sum = 0;
    for (int i = 0; i < W * H; i++) sum += pixels[i] / 255.0;
    return sum;
}

static void random_walk(struct render_point *p, size_t n, double dx, double dy, uint64_t key)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 7, LEADSEQ_STREAM_TEST, key, 0);
    for (size_t k = 0; k < n; k++)
        p[k] = (struct render_point){8 + dx * (double)k, H / 2.0 + dy * leadseq_random_normal(&r)};
}

Test(cover, straight_lines_cover_length_times_width)
{
    static const struct {
        struct render_point p[2];
        double width;
    } lines[] = {
        {{{10, 20}, {80, 20}}, 2},          {{{10, 20.3}, {80, 20.3}}, 1.667},
        {{{30, 5}, {30, 60}}, 2.083},       {{{10, 10}, {80, 50}}, 2.083},
        {{{80, 10}, {10, 50}}, 1},          {{{10, 50}, {12, 5}}, 0.5},
        {{{40.25, 30.5}, {41, 31}}, 12.75},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(lines); i++) {
        uint8_t pixels[W * H];
        const struct render_point *p = lines[i].p;
        double length = hypot(p[1].x - p[0].x, p[1].y - p[0].y), w = lines[i].width;
        stroke(p, 2, w, pixels);
        // Half a grey level of rounding in each pixel the border runs through.
        cr_assert_float_eq(area(pixels), (length + w) * w, 0.01 * (length + w), "line %zu", i);
    }
}

/* Distance from q to the segment a → b. */
static double distance(struct render_point q, struct render_point a, struct render_point b)
{
    double ux = b.x - a.x, uy = b.y - a.y;
    double k = ((q.x - a.x) * ux + (q.y - a.y) * uy) / (ux * ux + uy * uy);
    k = k < 0 ? 0 : k > 1 ? 1 : k;
    return hypot(q.x - a.x - k * ux, q.y - a.y - k * uy);
}

Test(cover, going_back_over_the_same_line_darkens_nothing)
{
    struct render_point once[] = {{10, 30}, {80, 30}}; // two whole rows of pixels
    struct render_point thrice[] = {{10, 30}, {80, 30}, {10, 30}, {80, 30}};
    uint8_t a[W * H], b[W * H];
    stroke(once, 2, 2, a);
    stroke(thrice, 4, 2, b);
    for (int y = 0; y < H; y++) // away from the ends, where the turns are round
        for (int x = 14; x < 76; x++) {
            cr_assert_eq(a[y * W + x], y == 29 || y == 30 ? 255 : 0);
            cr_assert_eq(a[y * W + x], b[y * W + x], "at %d, %d", x, y);
        }
}

Test(cover, a_line_crossing_itself_is_no_darker_than_ink)
{
    struct render_point loop[] = {{10, 10}, {80, 50}, {80, 10}, {10, 50}};
    uint8_t pixels[W * H];
    stroke(loop, 4, 4, pixels);
    double once = 0;
    for (int k = 1; k < 4; k++)
        once += 4 * hypot(loop[k].x - loop[k - 1].x, loop[k].y - loop[k - 1].y);
    cr_assert_eq(pixels[30 * W + 45], 255);
    cr_assert_lt(area(pixels), once + 16);
}

static bool inside(struct render_point q, const struct render_point *p, size_t n, double width)
{
    for (size_t k = 1; k < n; k++)
        if (distance(q, p[k - 1], p[k]) <= width / 2) return true;
    return false;
}

static double sampled(int x, int y, const struct render_point *p, size_t n, double width)
{
    enum { S = 16 };
    int hits = 0;
    for (int i = 0; i < S * S; i++) {
        struct render_point q = {x + (i % S + 0.5) / S, y + (double)(i / S) / S + 0.5 / S};
        hits += inside(q, p, n, width);
    }
    return 255.0 * hits / (S * S);
}

Test(cover, a_jagged_line_equals_one_asked_point_by_point)
{
    static const struct {
        size_t n;
        double dx, dy, width;
    } walks[] = {{12, 7, 12, 2.083}, {30, 2.7, 4, 1.667}};
    for (size_t i = 0; i < LEADSEQ_COUNT(walks); i++) {
        struct render_point p[30];
        uint8_t pixels[W * H];
        random_walk(p, walks[i].n, walks[i].dx, walks[i].dy, i);
        stroke(p, walks[i].n, walks[i].width, pixels);
        double off = 0, worst = 0, ink = 0;
        for (int k = 0; k < W * H; k++) {
            double want = sampled(k % W, k / W, p, walks[i].n, walks[i].width);
            double d = fabs(pixels[k] - want);
            off += d;
            ink += want;
            worst = fmax(worst, d);
        }
        cr_assert_lt(off / ink, 0.03, "walk %zu: %g of the ink elsewhere", i, off / ink);
        cr_assert_lt(worst, 100, "walk %zu: off by %g", i, worst);
    }
}

Test(cover, what_leaves_the_canvas_is_cut_and_nothing_else_changes)
{
    enum { BW = 4 * W, BH = 4 * H };
    static uint8_t big[BW * BH], small[W * H];
    for (uint64_t key = 0; key < 20; key++) {
        struct render_point p[40], q[40];
        random_walk(p, 40, 4.7, 60, key);
        for (int k = 0; k < 40; k++) {
            p[k].x -= 48;
            q[k] = (struct render_point){p[k].x + 2 * W, p[k].y + 2 * H};
        }
        stroke(p, 40, 2.083, small);
        stroke_at(q, 40, 2.083, BW, 0, BH, big);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                cr_assert_leq(abs(small[y * W + x] - big[(y + 2 * H) * BW + x + 2 * W]), 2,
                              "walk %d at %d, %d", (int)key, x, y);
    }
}

Test(cover, a_band_of_rows_is_that_band_of_the_whole)
{
    struct render_point p[60];
    static uint8_t whole[W * H], band[W * 10];
    random_walk(p, 60, 1.4, 15, 3);
    stroke(p, 60, 2.083, whole);
    for (int top = 0; top + 10 <= H; top += 9) {
        stroke_at(p, 60, 2.083, W, top, 10, band);
        for (int i = 0; i < W * 10; i++)
            cr_assert_leq(abs(band[i] - whole[top * W + i]), 2, "row %d", top + i / W);
    }
}

Test(cover, thinning_moves_the_line_by_about_a_ninth_of_a_pixel_at_most)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, 0, 0);
    struct render_point p[1000], kept[1000];
    double level = 30;
    for (int k = 0; k < 1000; k++) {
        level += 0.3 * leadseq_random_normal(&r) + 0.1 * (30 - level);
        p[k] = kept[k] = (struct render_point){0.5 * k, level + (k % 100 == 50 ? 20 : 0)};
    }
    size_t n = render_simplify(kept, 1000);
    cr_assert(n > 2 && n < 950, "%zu points left", n);
    cr_assert(kept[0].x == p[0].x && kept[n - 1].x == p[999].x);
    for (int k = 0; k < 1000; k++) {
        double nearest = INFINITY;
        for (size_t i = 1; i < n; i++)
            if (fabs(kept[i].x - p[k].x) < 60)
                nearest = fmin(nearest, distance(p[k], kept[i - 1], kept[i]));
        cr_assert_lt(nearest, 0.13, "sample %d lies %g px away", k, nearest);
    }
}
