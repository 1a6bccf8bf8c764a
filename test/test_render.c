/* SPDX-License-Identifier: MIT
 *
 * The published geometry, by its formulas, in the numbers and in the pixels. */
#include "render/trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1000 };

/* A lead of beats with sharp extremes at known samples. */
static void make_lead(float *mv, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double beat = (double)(k % 83) / 83;
        mv[k] = (float)(0.1 * sin(2 * M_PI * beat) + 1.2 * exp(-pow((beat - .4) / .02, 2)) -
                        0.3 * exp(-pow((beat - .46) / .015, 2)) + 0.01 * sin(0.7 * (double)k));
    }
}

static uint8_t *draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                     struct leadseq_trace_report *report)
{
    size_t bytes = (size_t)d->width * (size_t)d->height * (size_t)leadseq_drawing_channels(d);
    uint8_t *pixels = malloc(bytes);
    cr_assert(pixels);
    cr_assert_eq(leadseq_draw_lead(d, mv, n, pixels, report), 0, "%s", leadseq_error());
    return pixels;
}

/* Rows of ink in column x, weighted by darkness; the extent of ink of a grey picture. */
struct extent {
    double left, right, top, bottom; /* where coverage reaches half */
    size_t ink;                      /* pixels under 250 */
};

static struct extent extent_of(const uint8_t *p, int w, int h)
{
    struct extent e = {w, 0, h, 0, 0};
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint8_t v = p[y * w + x];
            e.ink += v < 250;
            if (v > (255 + 99) / 2) continue;
            e.left = fmin(e.left, x);
            e.right = fmax(e.right, x + 1);
            e.top = fmin(e.top, y);
            e.bottom = fmax(e.bottom, y + 1);
        }
    return e;
}

Test(render, an_unknown_profile_is_refused_by_name)
{
    enum leadseq_profile profile;
    cr_assert_eq(leadseq_profile_parse(&profile, "paper"), -1);
    cr_assert(strstr(leadseq_error(), "\"paper\""));
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(leadseq_profile_parse(&profile, leadseq_profile_name(i)), 0);
        cr_assert_eq((int)profile, i);
    }
}

Test(render, sizes_and_ranges_that_cannot_be_drawn_are_refused)
{
    static const struct {
        int width, height;
        double range_mv, rate_hz;
        const char *says;
    } bad[] = {
        {0, 512, 2, 100, "0x512"},     {512, -1, 2, 100, "512x-1"},
        {8193, 512, 2, 100, "8192"},   {512, 100000, 2, 100, "100000"},
        {512, 512, 0, 100, "range"},   {512, 512, -2, 100, "range"},
        {512, 512, NAN, 100, "range"}, {512, 512, INFINITY, 100, "range"},
        {512, 512, 2, 0, "rate"},      {512, 512, 2, NAN, "rate"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_drawing d = {.profile = LEADSEQ_FIXED_MV,
                                    .width = bad[i].width,
                                    .height = bad[i].height,
                                    .range_mv = bad[i].range_mv,
                                    .rate_hz = bad[i].rate_hz};
        cr_assert_eq(leadseq_drawing_check(&d), -1, "row %zu", i);
        cr_assert(strstr(leadseq_error(), bad[i].says), "%s", leadseq_error());
    }
}

Test(render, an_infinite_sample_is_refused_with_its_place)
{
    struct leadseq_drawing d;
    static float mv[N];
    static uint8_t pixels[512 * 512];
    leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
    mv[17] = -INFINITY;
    cr_assert_eq(leadseq_draw_lead(&d, mv, N, pixels, NULL), -1);
    cr_assert(strstr(leadseq_error(), "sample 17"));
}

Test(render, samples_fall_where_the_published_figure_has_them)
{
    struct leadseq_drawing d;
    struct render_geometry g;
    struct leadseq_trace_report report = {0};
    static float mv[N];
    static struct render_point p[N];
    make_lead(mv, N);
    leadseq_drawing_default(&d, LEADSEQ_PAPER_CODE);
    cr_assert_eq(render_geometry_fit(&g, &d, mv, N), 0);
    render_geometry_map(&g, mv, N, p, &report);
    double high = INFINITY, low = -INFINITY;
    for (int k = 0; k < N; k++) {
        cr_assert_float_eq(p[k].x, 80 + 496 * (k + 49.95) / 1098.9, 1e-9);
        high = fmin(high, p[k].y);
        low = fmax(low, p[k].y);
    }
    cr_assert_float_eq(high, 74.4, 1e-9);
    cr_assert_float_eq(low, 410.4, 1e-9);
    cr_assert_float_eq(render_line_width(&d), 2.083, 5e-4);
}

Test(render, the_picture_keeps_the_formulas_at_any_size)
{
    static const int sizes[][2] = {{512, 512}, {640, 480}, {128, 128}, {300, 77}, {64, 700}};
    static float mv[N];
    make_lead(mv, N);
    for (size_t i = 0; i < LEADSEQ_COUNT(sizes); i++) {
        struct leadseq_drawing d;
        leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
        int w = d.width = sizes[i][0], h = d.height = sizes[i][1];
        uint8_t *pixels = draw(&d, mv, N, NULL);
        struct extent e = extent_of(pixels, w, h);
        double half = 2.083 / 640 * w / 2, x = .125 * w, dx = .775 * w / 1.1;
        if (w >= 300) { // a line much under a pixel wide has no half-covered border
            cr_assert_float_eq(e.left, x + .05 * dx - half, 1, "left %g", e.left);
            cr_assert_float_eq(e.right, x + 1.05 * dx + half, 1, "right %g", e.right);
            cr_assert_float_eq(e.top, h * (.12 + .77 * .05 / 1.1) - half, 1, "top %g", e.top);
            cr_assert_float_eq(e.bottom, h * (.12 + .77 * 1.05 / 1.1) + half, 1);
        }
        cr_assert(e.ink > 0);
        free(pixels);
    }
}

Test(render, full_ink_and_paper_have_the_published_colours)
{
    struct leadseq_drawing d;
    static float mv[N];
    for (int k = 0; k < N; k++) mv[k] = k % 2 ? 1 : -1; // dense enough to be solid
    leadseq_drawing_default(&d, LEADSEQ_PAPER_CODE);
    uint8_t *rgb = draw(&d, mv, N, NULL);
    const uint8_t *middle = rgb + (240 * 640 + 320) * 3, blue[3] = {31, 119, 180};
    const uint8_t white[3] = {255, 255, 255};
    cr_assert_arr_eq(middle, blue, 3);
    cr_assert_arr_eq(rgb, white, 3);
    d.profile = LEADSEQ_PAPER_TEXT;
    uint8_t *grey = draw(&d, mv, N, NULL);
    cr_assert_eq(grey[240 * 640 + 320], 99);
    cr_assert_eq(grey[0], 255);
    free(rgb);
    free(grey);
}

Test(render, missing_samples_break_the_line)
{
    struct leadseq_drawing d;
    struct leadseq_trace_report report;
    static float mv[N];
    make_lead(mv, N);
    for (int k = 400; k < 600; k++) mv[k] = NAN;
    leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
    uint8_t *p = draw(&d, mv, N, &report);
    cr_assert_eq(report.missing, 200);
    double dx = .775 * 512 / 1098.9, x0 = .125 * 512 + dx * 49.95;
    int from = (int)ceil(x0 + 399 * dx + 1), until = (int)floor(x0 + 600 * dx - 1);
    int before = 0;
    for (int y = 0; y < 512; y++) {
        for (int x = from; x < until; x++) cr_assert_eq(p[y * 512 + x], 255);
        before += p[y * 512 + from - 3] < 255;
    }
    cr_assert(before > 0);
    free(p);
}

Test(render, nothing_is_drawn_of_nothing)
{
    static const struct {
        size_t n;
        float value;
        size_t missing;
    } leads[] = {{0, 0, 0}, {1, 1, 0}, {1, NAN, 1}, {500, NAN, 500}};
    for (size_t i = 0; i < LEADSEQ_COUNT(leads); i++)
        for (int profile = 0; profile < 3; profile++) {
            struct leadseq_drawing d;
            struct leadseq_trace_report report;
            float mv[500];
            leadseq_drawing_default(&d, profile);
            for (int k = 0; k < 500; k++) mv[k] = leads[i].value;
            uint8_t *p = draw(&d, mv, leads[i].n, &report);
            for (int k = 0; k < d.width * d.height; k++) cr_assert_eq(p[k], 255);
            cr_assert_eq(report.missing, leads[i].missing);
            free(p);
        }
}

Test(render, a_flat_lead_runs_level_through_the_middle)
{
    static const float levels[] = {0, 1.5f, -3e-5f, 1e30f};
    static const size_t lengths[] = {2, 100, 1000, 5000};
    for (size_t i = 0; i < 16; i++) {
        struct leadseq_drawing d;
        static float mv[5000];
        for (int k = 0; k < 5000; k++) mv[k] = levels[i % 4];
        leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
        uint8_t *p = draw(&d, mv, lengths[i / 4], NULL);
        struct extent e = extent_of(p, 512, 512);
        double middle = 512 * (.12 + .77 / 2);
        cr_assert_float_eq((e.top + e.bottom) / 2, middle, 1, "%g", (e.top + e.bottom) / 2);
        cr_assert(e.bottom - e.top <= 3 && e.ink > 300);
        free(p);
    }
}

Test(render, fixed_mv_keeps_millivolts_and_counts_what_it_clips)
{
    struct leadseq_drawing d;
    struct leadseq_trace_report report;
    static float mv[N];
    leadseq_drawing_default(&d, LEADSEQ_FIXED_MV);
    d.range_mv = 4;
    for (int k = 0; k < N; k++) mv[k] = k < 500 ? 1 : 9;
    uint8_t *p = draw(&d, mv, N, &report);
    cr_assert_eq(report.clipped, 500);
    // 1 mV of ±4 lies 3/8 of the height from the top; 9 mV stays at the border.
    cr_assert(p[192 * 512 + 100] < 200 && p[191 * 512 + 100] < 200);
    cr_assert_eq(p[188 * 512 + 100], 255);
    cr_assert(p[0 * 512 + 400] < 200 && p[2 * 512 + 400] == 255);
    cr_assert(p[192 * 512] < 255 && p[511] < 255, "the record fills the width");
    free(p);
}

Test(render, extreme_sizes_and_lengths_are_drawn)
{
    static const struct {
        int width, height;
        size_t n;
    } odd[] = {{1, 1, 1000}, {1, 300, 5000}, {300, 1, 5000},      {8192, 8, 1000},
               {8, 8192, 2}, {3, 3, 2},      {2048, 2048, 100000}};
    static float mv[100000];
    make_lead(mv, 100000);
    for (size_t i = 0; i < LEADSEQ_COUNT(odd); i++)
        for (int profile = 0; profile < 3; profile++) {
            struct leadseq_drawing d;
            leadseq_drawing_default(&d, profile);
            d.width = odd[i].width;
            d.height = odd[i].height;
            free(draw(&d, mv, odd[i].n, NULL));
        }
}

struct job {
    const struct leadseq_drawing *drawing;
    const float *mv;
    uint8_t *pixels;
};

static void *draw_job(void *arg)
{
    struct job *job = arg;
    for (int i = 0; i < 20; i++)
        if (leadseq_draw_lead(job->drawing, job->mv, N, job->pixels, NULL)) return job;
    return NULL;
}

Test(render, threads_draw_the_same_bytes)
{
    enum { THREADS = 4 };
    struct leadseq_drawing d;
    static float mv[N];
    static uint8_t pixels[THREADS][512 * 512];
    struct job job[THREADS];
    pthread_t thread[THREADS];
    make_lead(mv, N);
    leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
    for (int i = 0; i < THREADS; i++) {
        job[i] = (struct job){&d, mv, pixels[i]};
        cr_assert_eq(pthread_create(&thread[i], NULL, draw_job, &job[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        cr_assert_null(failed);
        cr_assert_arr_eq(pixels[i], pixels[0], sizeof pixels[0]);
    }
}

Test(render, levels_lie_evenly_from_black_to_white_and_the_nearest_is_taken)
{
    static const int levels[] = {2, 3, 16, 255};
    float mv[1000];
    for (int k = 0; k < 1000; k++) mv[k] = sinf((float)k / 20);
    float record[LEADSEQ_LEADS * 1000];
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) memcpy(record + lead * 1000, mv, sizeof mv);
    for (size_t i = 0; i < LEADSEQ_COUNT(levels); i++) {
        struct leadseq_drawing all, few;
        leadseq_drawing_default(&all, LEADSEQ_PAPER_TEXT);
        all.width = all.height = 64;
        few = all;
        few.levels = levels[i];
        cr_assert(!leadseq_drawing_same(&all, &few));
        uint8_t *a = malloc(leadseq_drawing_bytes(&all)), *b = malloc(leadseq_drawing_bytes(&all));
        cr_assert_eq(leadseq_draw_record(&all, record, 1000, 1, a, NULL, NULL), 0);
        cr_assert_eq(leadseq_draw_record(&few, record, 1000, 1, b, NULL, NULL), 0);
        double step = 255.0 / (levels[i] - 1);
        for (size_t p = 0; p < leadseq_drawing_bytes(&all); p++) {
            cr_assert_leq(fabs((double)a[p] - b[p]), step / 2 + 0.5);
            cr_assert_leq(fabs(b[p] / step - round(b[p] / step)), 0.5 / step + 1e-9);
        }
        free(a);
        free(b);
    }
}

Test(render, levels_that_cannot_be_are_refused)
{
    static const int bad[] = {-1, 1, 256, 1000};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_drawing d;
        leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
        d.levels = bad[i];
        cr_assert_eq(leadseq_drawing_check(&d), -1);
        cr_assert(strstr(leadseq_error(), "levels: expected 2 to 255"));
    }
}
