/* SPDX-License-Identifier: MIT
 *
 * The distortions by name, the requested ones as text and back, and one picture through all
 * of them. What each does is in a file of its own; the three that move pixels
 * (rotation, perspective, crop) are multiplied first, so that the picture is resampled once. */
#include "distortion.h"
#include "levels.h"

#include "render/distort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *meaning;
    render_place *place; // one that moves pixels, or
    render_spoil *spoil; // one that changes their values
} kinds[LEADSEQ_DISTORTIONS] = {
    [LEADSEQ_FADING] = {"fading", "ink lost, from nothing at one border to all of it at the other",
                        NULL, render_fade},
    [LEADSEQ_CREASE] =
        {"crease", "a fold across the sheet: ink rubbed off along it, a shade of 60 % beside it",
         NULL, render_crease},
    [LEADSEQ_ROTATION] = {"rotation", "turned by 15 degrees about the middle, either way",
                          render_rotate, NULL},
    [LEADSEQ_PERSPECTIVE] = {"perspective",
                             "each corner moved inward by up to 20 % of width and height",
                             render_tilt, NULL},
    [LEADSEQ_CROP] = {"crop", "25 % of width and height cut off, the rest drawn to the whole size",
                      render_crop, NULL},
    [LEADSEQ_SHADOW] = {"shadow",
                        "1 to 3 shadows of five corners, black; at 0.5 lightness is halved, as in "
                        "Dataset 3",
                        NULL, render_shade},
    [LEADSEQ_BLUR] = {"blur", "Gaussian of standard deviation width/160 (4 px at 640)", NULL,
                      render_blur},
    [LEADSEQ_NOISE] = {"noise", "Gaussian of standard deviation 64 of 255, each value its own",
                       NULL, render_noise},
    [LEADSEQ_BLOCKING] = {"blocking",
                          "8 x 8 cosine blocks quantised as JPEG does at quality 100 - 95 x "
                          "strength",
                          NULL, render_block},
};

const char *leadseq_distortion_name(enum leadseq_distortion kind)
{
    return kinds[kind].name;
}

const char *leadseq_distortion_meaning(enum leadseq_distortion kind)
{
    return kinds[kind].meaning;
}

/* --- As text ----------------------------------------------------------------------- */

static int unknown(const char *name, int length)
{
    char known[256] = "";
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++) {
        if (k) strcat(known, k + 1 < LEADSEQ_DISTORTIONS ? ", " : " or ");
        strcat(known, kinds[k].name);
    }
    return leadseq_fail("expected %s, found \"%.*s\"", known, length, name);
}

static int find(const char *name, size_t length)
{
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
        if (strlen(kinds[k].name) == length && !strncmp(kinds[k].name, name, length)) return k;
    return unknown(name, (int)length);
}

/* A number from 0 to 1 at *text, which is moved after it. */
static int take_share(const char **text, const char *name, const char *what, double *value)
{
    if (leadseq_scan_number(text, ":,", 0, 1, value)) return 0;
    return leadseq_fail("%s: %s: expected a number from 0 to 1, found \"%.*s\"", name, what,
                        (int)strcspn(*text, ":,"), *text);
}

/* One NAME=STRENGTH[:PROBABILITY] at *text, which is moved after it. */
static int take_one(struct leadseq_distort *distort, const char **text, bool *said)
{
    size_t length = strcspn(*text, "=:,");
    int k = find(*text, length);
    if (k < 0) return -1;
    const char *name = kinds[k].name;
    if (said[k]) return leadseq_fail("%s appears twice", name);
    said[k] = true;
    if ((*text)[length] != '=')
        return leadseq_fail("%s: expected %s=STRENGTH or %s=STRENGTH:PROBABILITY", name, name,
                            name);
    *text += length + 1;
    distort->of[k].probability = 1;
    if (take_share(text, name, "strength", &distort->of[k].strength)) return -1;
    if (**text != ':') return 0;
    ++*text;
    if (take_share(text, name, "probability", &distort->of[k].probability)) return -1;
    return **text == ':' ? leadseq_fail("%s: found more than two numbers", name) : 0;
}

int leadseq_distort_parse(struct leadseq_distort *distort, const char *text)
{
    struct leadseq_distort found = {.seed = distort->seed};
    bool said[LEADSEQ_DISTORTIONS] = {0};
    while (*text) {
        if (take_one(&found, &text, said)) return -1;
        if (*text == ',' && !*++text) return leadseq_fail("found a comma at the end");
    }
    *distort = found;
    return 0;
}

char *leadseq_distort_format(const struct leadseq_distort *distort)
{
    enum { EACH = 80 };
    char text[LEADSEQ_DISTORTIONS * EACH] = "", strength[32], probability[32];
    size_t n = 0;
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++) {
        if (!(distort->of[k].strength > 0 && distort->of[k].probability > 0)) continue;
        leadseq_print_shortest(strength, distort->of[k].strength, 3);
        leadseq_print_shortest(probability, distort->of[k].probability, 3);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%s:%s", n ? "," : "", kinds[k].name,
                              strength, probability);
    }
    return leadseq_format("%s", text);
}

bool leadseq_distort_any(const struct leadseq_distort *distort)
{
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
        if (distort->of[k].strength > 0 && distort->of[k].probability > 0) return true;
    return false;
}

/* --- One picture ---------------------------------------------------------------------- */

/* Begins the stream of a distortion; false where it passes this picture by. */
static bool chosen(const struct leadseq_distort *distort, uint64_t key, int index, int kind,
                   struct leadseq_random *r)
{
    enum { KINDS_MAX = 64 };
    uint64_t which = (uint64_t)index * KINDS_MAX + (uint64_t)kind;
    leadseq_random_init(r, distort->seed, LEADSEQ_STREAM_DISTORT, key, which);
    bool hit = leadseq_random_uniform(r) < distort->of[kind].probability;
    return hit && distort->of[kind].strength > 0;
}

/* What moves pixels, together. */
static int move(const struct leadseq_distort *distort, uint64_t key, int index,
                struct leadseq_image *image, struct leadseq_distorted *done)
{
    struct leadseq_random r;
    bool moved = false;
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++) {
        double step[9];
        if (!kinds[k].place || !chosen(distort, key, index, k, &r)) continue;
        kinds[k].place(step, image->width, image->height, distort->of[k].strength, &r);
        leadseq_warp_multiply(done->warp, step, done->warp);
        done->applied[k] = moved = true;
    }
    return moved ? render_warp_image(image, done->warp) : 0;
}

int leadseq_distort_image(const struct leadseq_distort *distort, uint64_t key, int index,
                          struct leadseq_image *image, struct leadseq_distorted *done)
{
    *done = (struct leadseq_distorted){.warp = {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++) {
        struct leadseq_random r;
        if (k == LEADSEQ_ROTATION && move(distort, key, index, image, done)) return -1;
        if (!kinds[k].spoil || !chosen(distort, key, index, k, &r)) continue;
        if (kinds[k].spoil(image, distort->of[k].strength, &r)) return -1;
        done->applied[k] = true;
    }
    return 0;
}

int leadseq_distort_record(const struct leadseq_distort *distort,
                           const struct leadseq_drawing *drawing, uint64_t key, uint8_t *pixels,
                           struct leadseq_distorted *done)
{
    int status = 0;
    for (int i = 0; !status && i < leadseq_drawing_images(drawing); i++) {
        struct leadseq_image image = {
            .width = drawing->width,
            .height = drawing->height,
            .channels = leadseq_drawing_channels(drawing),
            .pixels = pixels + (size_t)i * leadseq_drawing_image_bytes(drawing),
        };
        status = leadseq_distort_image(distort, key, i, &image, &done[i]);
    }
    if (!status) render_levels_reduce(drawing, pixels);
    return status;
}

void leadseq_distorted_point(const struct leadseq_distorted *done, double *x, double *y)
{
    render_warp_point(done->warp, x, y);
}
