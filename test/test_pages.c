/* SPDX-License-Identifier: MIT
 *
 * Pages by their formulas: where lines, strips, tiles and shadows are, which colours
 * they have, and that the map says where the ink is. */
#include "page_record.h"

#include "render/lanczos.h"

/* --- What makes no sense ------------------------------------------------------------ */

Test(pages, combinations_that_make_no_sense_are_refused_in_words)
{
    static const struct {
        enum leadseq_style style;
        enum leadseq_profile profile;
        const char *says;
    } bad[] = {
        {LEADSEQ_DATASET1, LEADSEQ_PAPER_TEXT, "expected the profile paper-code"},
        {LEADSEQ_DATASET2, LEADSEQ_PAPER_TEXT, "dataset2"},
        {LEADSEQ_DATASET3, LEADSEQ_PAPER_TEXT, "dataset3"},
        {LEADSEQ_CLINICAL, LEADSEQ_PAPER_CODE, "true scale by nature"},
        {LEADSEQ_CLINICAL, LEADSEQ_FIXED_MV, "fixed-mv"},
        {(enum leadseq_style)9, LEADSEQ_FIXED_MV, "number 9"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_drawing d = drawing_of(bad[i].style, bad[i].profile);
        cr_assert_eq(leadseq_drawing_check(&d), -1, "row %zu", i);
        cr_assert(strstr(leadseq_error(), bad[i].says), "%s", leadseq_error());
    }
}

Test(pages, sizes_that_cannot_be_are_refused)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET1, LEADSEQ_PAPER_CODE);
    d.width = 2047;
    cr_assert_eq(leadseq_drawing_check(&d), -1);
    cr_assert(strstr(leadseq_error(), "multiple of 4"));
    d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    d.width = 100;
    cr_assert_eq(leadseq_drawing_check(&d), -1);
    cr_assert(strstr(leadseq_error(), "does not fit into 100x"), "%s", leadseq_error());
    d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    d.speed_mm_per_s = NAN;
    cr_assert_eq(leadseq_drawing_check(&d), -1);
    cr_assert(strstr(leadseq_error(), "speed"));
    d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    d.rhythm = 12;
    cr_assert_eq(leadseq_drawing_check(&d), -1);
}

Test(pages, a_map_of_another_length_and_an_infinite_sample_are_refused)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    struct leadseq_map map;
    uint8_t *pixels = malloc(leadseq_drawing_bytes(&d));
    cr_assert_eq(leadseq_map_init(&map, N + 1), 0);
    cr_assert_eq(leadseq_draw_record(&d, mv, N, 1, pixels, NULL, &map), -1);
    leadseq_map_clear(&map);
    mv[3 * N + 5] = INFINITY;
    for (enum leadseq_style style = LEADSEQ_DATASET1; style <= LEADSEQ_CLINICAL; style++) {
        d = drawing_of(style, leadseq_style_profile(style));
        pixels = realloc(pixels, leadseq_drawing_bytes(&d));
        cr_assert_eq(leadseq_draw_record(&d, mv, N, 1, pixels, NULL, NULL), -1);
        cr_assert(strstr(leadseq_error(), "AVR"), "%s", leadseq_error());
    }
    free(pixels);
}

Test(pages, parameters_come_back_by_name)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE), e = d;
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    d.printout = LEADSEQ_PRINTOUT_3X4, d.rhythm = 10, d.grid = LEADSEQ_GRID_NONE;
    d.speed_mm_per_s = 50, d.gain_mm_per_mv = 2.5, d.levels = 16;
    d.calibration = d.names = d.colour = false;
    leadseq_drawing_set_dpi(&d, 1 / 3.0 + 80);
    cr_assert(!leadseq_drawing_same(&d, &e));
    size_t n = leadseq_drawing_parameters(&d, p);
    for (size_t i = 0; i < n; i++) cr_assert_eq(leadseq_drawing_put(&e, &p[i]), 0, "%s", p[i].name);
    e.width = d.width, e.height = d.height;
    cr_assert(leadseq_drawing_same(&d, &e));
    struct leadseq_parameter bad = {"grid", LEADSEQ_PARAMETER_WORD, .word = "green"};
    cr_assert_eq(leadseq_drawing_put(&e, &bad), -1);
    bad = (struct leadseq_parameter){"colour", LEADSEQ_PARAMETER_COUNT, .count = 2};
    cr_assert_eq(leadseq_drawing_put(&e, &bad), -1);
    d = drawing_of(LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT);
    char text[256];
    cr_assert_str_empty(leadseq_drawing_text(&d, text), "old drawings say what they said");
    d = e = drawing_of(LEADSEQ_DATASET3, LEADSEQ_PAPER_CODE);
    d.seed = UINT64_MAX;
    cr_assert_str_eq(leadseq_drawing_text(&d, text), ", seed 18446744073709551615");
    cr_assert(!leadseq_drawing_same(&d, &e));
}

/* --- The map, of every style ---------------------------------------------------------- */

/* Darkness at a place: the least of the three by three pixels around it. */
static int darkest(const struct leadseq_drawing *d, const uint8_t *p, float x, float y)
{
    int least = 255, c = leadseq_drawing_channels(d);
    for (int j = (int)floorf(y) - 1; j <= (int)floorf(y) + 1; j++)
        for (int i = (int)floorf(x) - 1; i <= (int)floorf(x) + 1; i++)
            if (i >= 0 && j >= 0 && i < d->width && j < d->height) {
                int v = p[(j * d->width + i) * c];
                if (v < least) least = v;
            }
    return least;
}

static void check_map(const struct leadseq_drawing *d, const uint8_t *pixels,
                      const struct leadseq_map *map)
{
    size_t drawn = 0, one = leadseq_drawing_image_bytes(d);
    for (size_t i = 0; i < (size_t)TOTAL; i++) {
        bool there = map->sample[i] == LEADSEQ_SAMPLE_DRAWN;
        cr_assert_eq(there, !isnan(map->x[i]));
        cr_assert_eq(there, !isnan(map->y[i]));
        if (!there) continue;
        const uint8_t *p = pixels + (leadseq_drawing_images(d) > 1 ? i / N * one : 0);
        cr_assert_leq(darkest(d, p, map->x[i], map->y[i]), 140, "%s %s: sample %zu at %g %g",
                      leadseq_style_name(d->style), leadseq_profile_name(d->profile), i,
                      (double)map->x[i], (double)map->y[i]);
        const struct leadseq_box *box = &map->box[i / N];
        cr_assert(map->x[i] >= box->left && map->x[i] <= box->right);
        drawn++;
    }
    cr_assert_gt(drawn, TOTAL / 5);
}

Test(pages, every_sample_of_the_map_lies_on_ink)
{
    make_record(0.9);
    for (int style = LEADSEQ_DATASET4; style <= LEADSEQ_CLINICAL; style++)
        for (int profile = LEADSEQ_PAPER_TEXT; profile <= LEADSEQ_TRUE_SCALE; profile++) {
            struct leadseq_drawing d = drawing_of(style, profile);
            struct leadseq_map map;
            if (leadseq_drawing_check(&d)) continue;
            uint8_t *pixels = draw(&d, 1, NULL, &map);
            check_map(&d, pixels, &map);
            leadseq_map_clear(&map);
            free(pixels);
        }
}

Test(pages, the_map_tells_missing_clipped_and_outside_apart)
{
    struct leadseq_map map;
    struct leadseq_trace_report report;
    make_record(0.5);
    mv[2 * N + 100] = NAN;
    mv[2 * N + 200] = 3;
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    free(draw(&d, 1, &report, &map));
    cr_assert_eq(map.sample[2 * N + 100], LEADSEQ_SAMPLE_MISSING);
    cr_assert_eq(map.sample[2 * N + 200], LEADSEQ_SAMPLE_CLIPPED);
    cr_assert(report.clipped == 1 && report.missing == 1);
    leadseq_map_clear(&map);
    d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    free(draw(&d, 1, &report, &map));
    cr_assert_eq(map.sample[2 * N + 100], LEADSEQ_SAMPLE_MISSING);
    cr_assert_eq(map.sample[2 * N + 249], LEADSEQ_SAMPLE_DRAWN, "III has the first 2.5 s");
    cr_assert_eq(map.sample[2 * N + 250], LEADSEQ_SAMPLE_OUTSIDE);
    cr_assert_eq(map.sample[LEADSEQ_LEADS * N + 999], LEADSEQ_SAMPLE_DRAWN, "the rhythm strip");
    cr_assert(isnan(map.x[2 * N + 250]));
    leadseq_map_clear(&map);
}

/* --- Dataset 2 ------------------------------------------------------------------------ */

/* Strips are h high and .2 h apart: 12 h + 11 · .2 h = .77 of the height. */
static double strip_top(int lead)
{
    return 57.6 + lead * 1.2 * 369.6 / 14.2;
}

Test(pages, dataset2_has_strips_and_grid_where_the_formulas_say)
{
    make_record(0);
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    struct leadseq_map map;
    uint8_t *p = draw(&d, 1, NULL, &map);
    double x0 = 80 + 496 * 49.95 / 1098.9, px_per_s = 496 / 10.989;
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        double top = strip_top(lead), h = 369.6 / 14.2;
        cr_assert_float_eq(map.box[lead].top, top, 1e-3);
        cr_assert_float_eq(map.box[lead].bottom, top + h, 1e-3);
        cr_assert_float_eq(map.y[lead * N + 5], top + h / 2, 1e-3, "0 mV is in the middle");
        for (int tick = 0; tick <= 50; tick++) { // every 0.2 s, two whole pixels wide
            int x = (int)floor(x0 + tick * 0.2 * px_per_s + 0.5), y = (int)(top + 9.5);
            cr_assert(is(p + (y * 640 + x) * 3, 186, 186, 186), "lead %d, tick %d", lead, tick);
            cr_assert(is(p + (y * 640 + x - 1) * 3, 186, 186, 186), "lead %d, tick %d", lead, tick);
        }
        int gap = (int)(top + h) + 2;
        for (int x = 0; x < 640; x++) cr_assert(is(p + (gap * 640 + x) * 3, 255, 255, 255));
    }
    cr_assert_float_eq(map.x[0], x0, 1e-3);
    cr_assert_float_eq(map.x[999], x0 + 9.99 * px_per_s, 1e-3);
    leadseq_map_clear(&map);
    free(p);
}

Test(pages, dataset2_clips_at_one_millivolt_and_counts)
{
    struct leadseq_trace_report report;
    make_record(0);
    for (int k = 0; k < 7; k++) mv[4 * N + 100 * k + 50] = k % 2 ? 1.01f : -1.2f;
    mv[5 * N + 3] = 1.0f; // just inside
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    free(draw(&d, 1, &report, NULL));
    cr_assert_eq(report.clipped, 7);
    d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_FIXED_MV);
    free(draw(&d, 1, &report, NULL));
    cr_assert_eq(report.clipped, 0, "2 mV hold them");
    d.range_mv = 1.1;
    free(draw(&d, 1, &report, NULL));
    cr_assert_eq(report.clipped, 4);
    d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_TRUE_SCALE);
    free(draw(&d, 1, &report, NULL));
    cr_assert_eq(report.clipped, 0);
}

/* Format 16, samples by leads, in thousandths. */
static bool read_real(const char *name)
{
    const char *top = getenv("srcdir"), *said = getenv("LEADSEQ_PTBXL");
    char path[512];
    if (said)
        snprintf(path, sizeof path, "%s/%s", said, name);
    else
        snprintf(path, sizeof path, "%s/../shared/ptbxl/%s", top ? top : ".", name);
    struct leadseq_record *record = leadseq_path_exists(path) ? leadseq_record_open(path) : NULL;
    if (!record) return false;
    cr_assert_eq(record->n_samples, N);
    memcpy(mv, record->mv, sizeof mv);
    leadseq_record_close(record);
    return true;
}

Test(pages, dataset2_has_the_published_shares_of_colours)
{
    if (!read_real("records100/00000/00001_lr.hea"))
        cr_skip_test("no real records at hand (LEADSEQ_PTBXL, ../shared/ptbxl)");
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    struct leadseq_trace_report report;
    uint8_t *p = draw(&d, 1, &report, NULL);
    static const struct {
        int r, g, b, pixels;
    } published[] = {{255, 255, 255, 156639}, {186, 186, 186, 49928}, {237, 237, 237, 32969},
                     {231, 231, 231, 17237},  {234, 234, 234, 11487}, {31, 119, 180, 8774},
                     {229, 229, 229, 4585}};
    for (size_t i = 0; i < LEADSEQ_COUNT(published); i++) {
        size_t n = count_colour(p, 640 * 480, published[i].r, published[i].g, published[i].b);
        cr_assert_leq(abs((int)n - published[i].pixels), 3, "(%d, %d, %d): %zu", published[i].r,
                      published[i].g, published[i].b, n);
    }
    cr_assert_eq(report.clipped, 18);
    free(p);
}

/* --- Dataset 1 ------------------------------------------------------------------------ */

Test(pages, dataset1_tiles_stand_row_by_row)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET1, LEADSEQ_PAPER_CODE);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        make_record(1);
        for (int k = 0; k < TOTAL; k++)
            if (k / N != lead) mv[k] = NAN;
        uint8_t *p = draw(&d, 1, NULL, NULL);
        size_t within = 0, all = 0;
        for (int y = 0; y < 1536; y++)
            for (int x = 0; x < 2048; x++) {
                if (p[y * 2048 + x] >= 250) continue;
                all++;
                within += x / 512 == lead % 4 && y / 512 == lead / 4;
            }
        cr_assert(all > 512 && all == within, "lead %d: %zu of %zu", lead, within, all);
        free(p);
    }
}

/* The kernel in doubles, tap by tap. */
static double lanczos(const uint8_t *p, int width, int height, double x, double y)
{
    double sum = 0, weights = 0;
    for (int j = (int)floor(y) - 3; j <= (int)floor(y) + 4; j++)
        for (int i = (int)floor(x) - 3; i <= (int)floor(x) + 4; i++) {
            double w = 1;
            for (int axis = 0; axis < 2; axis++) {
                double t = M_PI * (axis ? y - j : x - i);
                if (fabs(t) > 1e-9) w *= sin(t) / t * sin(t / 4) / (t / 4);
            }
            int k = j < 0 ? 0 : j >= height ? height - 1 : j;
            int l = i < 0 ? 0 : i >= width ? width - 1 : i;
            sum += w * p[k * width + l];
            weights += w;
        }
    return fmin(fmax(sum / weights, 0), 255);
}

Test(pages, lanczos_is_its_formula_and_leaves_paper_white)
{
    enum { W = 57, H = 41, TO_W = 45, TO_H = 64 };
    static uint8_t from[H * W], to[TO_H * TO_W], same[H * W];
    memset(from, 255, sizeof from);
    cr_assert_eq(render_lanczos(from, W, H, to, TO_W, TO_H, TO_W), 0);
    for (int i = 0; i < TO_H * TO_W; i++) cr_assert_eq(to[i], 255);
    for (int i = 0; i < H * W; i++) from[i] = (uint8_t)(i * 37 % 256 > 99 ? 255 : i * 37 % 256);
    cr_assert_eq(render_lanczos(from, W, H, same, W, H, W), 0);
    cr_assert_arr_eq(same, from, sizeof from, "its own size is no change");
    cr_assert_eq(render_lanczos(from, W, H, to, TO_W, TO_H, TO_W), 0);
    for (int y = 0; y < TO_H; y++)
        for (int x = 0; x < TO_W; x++) {
            double v = lanczos(from, W, H, (x + .5) * W / TO_W - .5, (y + .5) * H / TO_H - .5);
            cr_assert_leq(fabs(v - to[y * TO_W + x]), 1.5, "%d %d", x, y);
        }
}

/* --- Dataset 3 ------------------------------------------------------------------------ */

Test(pages, shadows_are_the_records_own)
{
    make_record(0.6);
    struct leadseq_drawing d = drawing_of(LEADSEQ_DATASET3, LEADSEQ_PAPER_CODE);
    size_t bytes = leadseq_drawing_bytes(&d), shares[4] = {0};
    d.seed = 5;
    uint8_t *first = draw(&d, 17, NULL, NULL), *again = draw(&d, 17, NULL, NULL);
    cr_assert_arr_eq(first, again, bytes, "one image can be drawn again alone");
    for (uint64_t key = 18; key < 22; key++) {
        uint8_t *other = draw(&d, key, NULL, NULL);
        cr_assert(memcmp(first, other, bytes));
        shares[key - 18] = count_colour(other, bytes / 3, 127, 127, 127);
        free(other);
    }
    cr_assert(shares[0] + shares[1] + shares[2] + shares[3] > 0, "paper lies in shadow");
    d.seed = 6;
    free(again);
    again = draw(&d, 17, NULL, NULL);
    cr_assert(memcmp(first, again, bytes));
    free(again);
    free(first);
}

Test(pages, shadows_halve_lightness_in_the_published_steps)
{
    make_record(0.6);
    struct leadseq_drawing lit = drawing_of(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    struct leadseq_drawing dark = drawing_of(LEADSEQ_DATASET3, LEADSEQ_PAPER_CODE);
    uint8_t *a = draw(&lit, 3, NULL, NULL), *b = draw(&dark, 3, NULL, NULL);
    size_t shaded = 0;
    for (int i = 0; i < 640 * 480; i++) {
        const uint8_t *p = a + 3 * i, *q = b + 3 * i;
        if (is(p, 255, 255, 255)) {
            cr_assert(is(q, 255, 255, 255) || is(q, 127, 127, 127));
            shaded += is(q, 127, 127, 127);
        }
        if (is(p, 186, 186, 186)) cr_assert(is(q, 186, 186, 186) || is(q, 93, 93, 93));
        if (is(p, 31, 119, 180)) cr_assert(is(q, 31, 121, 181) || is(q, 16, 60, 90));
    }
    cr_assert_gt(shaded, 1000);
    free(a);
    free(b);
    lit.profile = dark.profile = LEADSEQ_TRUE_SCALE;
    a = draw(&lit, 3, NULL, NULL), b = draw(&dark, 3, NULL, NULL);
    for (int i = 0; i < 640 * 480; i++) {
        const uint8_t *p = a + 3 * i, *q = b + 3 * i;
        if (is(p, 31, 119, 180)) cr_assert(is(q, 31, 119, 180) || is(q, 16, 60, 90));
    }
    free(a);
    free(b);
}

Test(pages, odd_records_and_sizes_are_drawn)
{
    static const size_t lengths[] = {1, 2, 37, 999, 1000};
    for (int style = LEADSEQ_DATASET1; style <= LEADSEQ_CLINICAL; style++)
        for (size_t i = 0; i < LEADSEQ_COUNT(lengths); i++)
            for (int small = 0; small < 2; small++) {
                struct leadseq_drawing d = drawing_of(style, leadseq_style_profile(style));
                make_record(20); // far beyond every range
                for (int k = 0; k < N; k++) mv[k] = 0, mv[N + k] = NAN;
                if (small) leadseq_drawing_set_size(&d, 128, 96);
                uint8_t *pixels = malloc(leadseq_drawing_bytes(&d));
                struct leadseq_map map;
                cr_assert_eq(leadseq_map_init(&map, lengths[i]), 0);
                cr_assert_eq(leadseq_draw_record(&d, mv, lengths[i], 1, pixels, NULL, &map), 0,
                             "%s", leadseq_error());
                leadseq_map_clear(&map);
                free(pixels);
            }
}
