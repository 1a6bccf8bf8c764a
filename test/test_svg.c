/* SPDX-License-Identifier: MIT
 *
 * Vector pictures: every sample in the path of its lead, to the microvolt, where the raster has
 * it; and nothing that is no XML. */
#include "render/render.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 1000 };

static float mv[LEADSEQ_LEADS][SAMPLES];

static void make_signal(void)
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (int k = 0; k < SAMPLES; k++) {
            double phase = fmod(k / 100.0 + 0.03 * lead, 1.0) - 0.4;
            double value = (0.3 + 0.1 * lead) * exp(-phase * phase * 400) + 0.1 * sin(k / 60.0);
            mv[lead][k] = (float)(round(value * 1000) / 1000);
        }
    for (int k = 300; k < 320; k++) mv[7][k] = NAN;
    for (int k = 0; k < SAMPLES; k++) mv[8][k] = 0.25f;
}

static char *draw(const struct leadseq_drawing *d, const char *title)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_draw_svg(d, mv[0], SAMPLES, 5, title, out), 0, "%s", leadseq_error());
    cr_assert_eq(fclose(out), 0);
    return text;
}

/* Tags that open and close in order; no '<' or '&' that begins nothing. */
static void check_xml(const char *text)
{
    char open[16][32];
    int depth = 0;
    cr_assert_eq(strncmp(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", 39), 0);
    for (const char *at = text + 39; (at = strchr(at, '<')); at++) {
        const char *end = strchr(at, '>');
        size_t length = strcspn(at + 1 + (at[1] == '/'), " />");
        cr_assert(end && length > 0 && length < 32 && depth < 15);
        if (at[1] == '/') {
            cr_assert(depth > 0 && !strncmp(open[depth - 1], at + 2, length));
            depth--;
        } else if (end[-1] != '/') {
            snprintf(open[depth++], 32, "%.*s", (int)length, at + 1);
        }
        cr_assert(!memchr(at + 1, '<', (size_t)(end - at - 1)));
    }
    cr_assert_eq(depth, 0);
    for (const char *at = text; (at = strchr(at, '&')); at++)
        cr_assert(!strncmp(at, "&amp;", 5) || !strncmp(at, "&lt;", 4) || !strncmp(at, "&gt;", 4) ||
                  !strncmp(at, "&quot;", 6) || !strncmp(at, "&#", 2));
}

/* The path of a lead against the map, sample by sample; returns how many there are. */
static int check_path(const char *text, const char *id, const struct leadseq_map *map, int row,
                      const float *signal, bool tiles)
{
    char key[32];
    struct leadseq_scale scale;
    snprintf(key, sizeof key, "<path id=\"%s\"", id);
    const char *path = strstr(text, key);
    cr_assert(path, "%s", id);
    const char *moved = strstr(path, "transform=");
    cr_assert_eq(tiles, moved && moved < strchr(path, '>'));
    char *at = strstr(path, " d=\"") + 4;
    leadseq_map_scale(map, row, signal, &scale);
    int n = 0;
    for (int k = 0; k < SAMPLES; k++) {
        uint8_t sample = map->sample[row * SAMPLES + k];
        if (sample != LEADSEQ_SAMPLE_DRAWN && sample != LEADSEQ_SAMPLE_CLIPPED) continue;
        cr_assert(*at == 'M' || *at == 'L', "%s, sample %d: %.20s", id, k, at);
        double x = strtod(at + 1, &at), y = strtod(at, &at);
        n++;
        if (sample == LEADSEQ_SAMPLE_CLIPPED) continue;
        cr_assert_float_eq(x, map->x[row * SAMPLES + k], 1e-3);
        cr_assert_float_eq(y, map->y[row * SAMPLES + k], 1e-3);
        if (!isnan(scale.dy)) cr_assert_float_eq((y - scale.y0) / scale.dy, signal[k], 1e-6);
    }
    cr_assert_eq(*at, '"');
    return n;
}

Test(svg, every_sample_of_every_style_is_where_the_raster_has_it)
{
    static const struct {
        enum leadseq_style style;
        enum leadseq_profile profile;
        int samples; // of each lead
    } cases[] = {
        {LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT, 1000}, {LEADSEQ_DATASET4, LEADSEQ_PAPER_CODE, 1000},
        {LEADSEQ_DATASET4, LEADSEQ_FIXED_MV, 1000},   {LEADSEQ_DATASET1, LEADSEQ_PAPER_CODE, 1000},
        {LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE, 1000}, {LEADSEQ_DATASET2, LEADSEQ_TRUE_SCALE, 1000},
        {LEADSEQ_DATASET3, LEADSEQ_PAPER_CODE, 1000}, {LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE, 250},
    };
    make_signal();
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_drawing d;
        struct leadseq_map map;
        leadseq_drawing_init(&d, cases[i].style, cases[i].profile);
        char *text = draw(&d, "one"), *pixels = malloc(leadseq_drawing_bytes(&d));
        check_xml(text);
        cr_assert_eq(leadseq_map_init(&map, SAMPLES), 0);
        cr_assert_eq(leadseq_draw_record(&d, mv[0], SAMPLES, 5, (uint8_t *)pixels, NULL, &map), 0);
        for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
            int n = check_path(text, leadseq_lead_name[lead], &map, lead, mv[lead],
                               cases[i].style == LEADSEQ_DATASET4);
            bool whole = lead != 7 || cases[i].samples < 1000;
            cr_assert(whole ? n == cases[i].samples : n == 980, "%zu: %d of lead %d", i, n, lead);
        }
        cr_assert_eq(strstr(text, "id=\"rhythm-II\"") != NULL, cases[i].style == LEADSEQ_CLINICAL);
        cr_assert_eq(strstr(text, "evenodd") != NULL, cases[i].style == LEADSEQ_DATASET3);
        leadseq_map_clear(&map);
        free(text);
        free(pixels);
    }
}

Test(svg, waves_beyond_the_range_are_cut_and_titles_are_escaped)
{
    struct leadseq_drawing d;
    make_signal();
    leadseq_drawing_init(&d, LEADSEQ_DATASET4, LEADSEQ_FIXED_MV);
    d.range_mv = 0.2;
    char *text = draw(&d, "a<b>&\"c\"");
    check_xml(text);
    cr_assert(strstr(text, "<title>a&lt;b&gt;&amp;"));
    cr_assert(strstr(text, "<clipPath id=\"lead0\">") && strstr(text, "url(#lead0)"));
    free(text);
}

Test(svg, what_cannot_be_drawn_is_refused)
{
    struct leadseq_drawing d;
    make_signal();
    leadseq_drawing_init(&d, LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT);
    mv[3][10] = INFINITY;
    FILE *out = tmpfile();
    cr_assert_eq(leadseq_draw_svg(&d, mv[0], SAMPLES, 1, "x", out), -1);
    cr_assert(strstr(leadseq_error(), "infinite"));
    mv[3][10] = 0;
    d.width = 0;
    cr_assert_eq(leadseq_draw_svg(&d, mv[0], SAMPLES, 1, "x", out), -1);
    fclose(out);
}
