/* SPDX-License-Identifier: MIT
 *
 * Dataset 3's shadows: one to three polygons of five vertices anywhere on the page,
 * inside of which (odd number of crossings; overlaps darken once) lightness is half.
 *
 * The published code halved the L of hue, lightness and saturation in 8 bits (hue in
 * steps of two degrees), and all of the page went through them: the line's blue
 * (31, 119, 180) is (31, 121, 181) outside of shadows and (16, 60, 90) inside. The
 * profile clinical leaves the page alone outside, and rounds to the nearest inside. */
#include "shadow.h"

#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

/* --- Where -------------------------------------------------------------------------- */

static void mark_span(uint8_t *row, int width, double from, double to)
{
    int first = (int)floor(from + 0.5), last = (int)floor(to + 0.5);
    for (int x = first < 0 ? 0 : first; x <= last && x < width; x++) row[x] = 1;
}

/* Vertices lie on the middles of pixels; a row is crossed at its middle. */
static void mark_polygon(uint8_t *mask, int width, int height, const struct render_shadow *v)
{
    for (int y = 0; y < height; y++) {
        double cut[RENDER_SHADOW_VERTICES];
        size_t n = 0;
        for (int a = 0; a < RENDER_SHADOW_VERTICES; a++) {
            int b = (a + 1) % RENDER_SHADOW_VERTICES;
            if ((v->y[a] <= y) == (v->y[b] <= y)) continue;
            cut[n++] = v->x[a] + (double)(y - v->y[a]) * (v->x[b] - v->x[a]) / (v->y[b] - v->y[a]);
        }
        qsort(cut, n, sizeof *cut, leadseq_ascending);
        for (size_t i = 0; i + 1 < n; i += 2)
            mark_span(mask + (size_t)y * (size_t)width, width, cut[i], cut[i + 1]);
    }
}

int render_shadow_draw(struct render_shadow shadow[RENDER_SHADOWS_MOST], int width, int height,
                       struct leadseq_random *r)
{
    int n = 1 + (int)leadseq_random_below(r, RENDER_SHADOWS_MOST);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < RENDER_SHADOW_VERTICES; k++) {
            shadow[i].x[k] = (int)leadseq_random_below(r, (uint64_t)width + 1);
            shadow[i].y[k] = (int)leadseq_random_below(r, (uint64_t)height + 1);
        }
    return n;
}

int render_shadow_cast(struct render_shadow shadow[RENDER_SHADOWS_MOST],
                       const struct leadseq_drawing *d, uint64_t key)
{
    struct leadseq_random r;
    leadseq_random_init(&r, d->seed, LEADSEQ_STREAM_SHADOW, key, 0);
    return render_shadow_draw(shadow, d->width, d->height, &r);
}

void render_shadow_mark(uint8_t *mask, int width, int height, const struct render_shadow *shadow,
                        int n)
{
    for (int i = 0; i < n; i++) mark_polygon(mask, width, height, &shadow[i]);
}

/* --- How dark ----------------------------------------------------------------------- */

struct hls {
    int h, l, s; /* 2 degrees, 1/255, 1/255 */
};

static struct hls hls_of(const uint8_t rgb[3])
{
    float r = rgb[0] / 255.0f, g = rgb[1] / 255.0f, b = rgb[2] / 255.0f;
    float high = fmaxf(r, fmaxf(g, b)), low = fminf(r, fminf(g, b));
    float l = (high + low) / 2, span = high - low, h = 0, s = 0;
    if (span > 0) {
        s = span / (l < 0.5f ? high + low : 2 - high - low);
        if (high == r)
            h = 60 * (g - b) / span;
        else
            h = high == g ? 60 * (b - r) / span + 120 : 60 * (r - g) / span + 240;
        if (h < 0) h += 360;
    }
    return (struct hls){(int)lrintf(h / 2), (int)lrintf(l * 255), (int)lrintf(s * 255)};
}

/* One of red, green and blue: a trapezium over the hue, `shift` sixths of the circle on. */
static uint8_t channel_of(const struct hls *c, double shift)
{
    double l = c->l / 255.0, s = c->s / 255.0;
    double high = l <= 0.5 ? l * (1 + s) : l + s - l * s, low = 2 * l - high;
    double t = fmod(c->h / 30.0 + shift, 6), part = 0;
    if (t < 1)
        part = t;
    else if (t < 3)
        part = 1;
    else if (t < 4)
        part = 4 - t;
    return (uint8_t)lrint((low + (high - low) * part) * 255);
}

static void darken_published(uint8_t *p, bool inside)
{
    if (p[0] == p[1] && p[1] == p[2]) {
        if (inside) p[0] = p[1] = p[2] = p[0] / 2;
        return;
    }
    struct hls c = hls_of(p);
    if (inside) c.l /= 2;
    p[0] = channel_of(&c, 2);
    p[1] = channel_of(&c, 0);
    p[2] = channel_of(&c, 4);
}

/* Half the lightness at the same hue and saturation, without steps: with m and M the
 * least and largest of r, g, b in [0, 1], L = (m + M)/2 and S as above, the new span
 * is L·S, so that v' = L/2 + (v - L)·L·S/(M - m). */
static void darken_exactly(uint8_t *p)
{
    double high = fmax(p[0], fmax(p[1], p[2])) / 255, low = fmin(p[0], fmin(p[1], p[2])) / 255;
    double l = (high + low) / 2, k = 0;
    if (high > low) k = l / (l < 0.5 ? 2 * l : 2 - 2 * l);
    for (int i = 0; i < 3; i++) p[i] = (uint8_t)lrint(255 * (l / 2 + (p[i] / 255.0 - l) * k));
}

int render_shadows(const struct leadseq_drawing *d, uint64_t key, uint8_t *pixels)
{
    size_t n = (size_t)d->width * (size_t)d->height;
    uint8_t *mask = leadseq_calloc(n, 1);
    if (!mask) return -1;
    struct render_shadow shadow[RENDER_SHADOWS_MOST];
    render_shadow_mark(mask, d->width, d->height, shadow, render_shadow_cast(shadow, d, key));
    for (size_t i = 0; i < n; i++)
        if (d->profile != LEADSEQ_TRUE_SCALE)
            darken_published(pixels + 3 * i, mask[i]);
        else if (mask[i])
            darken_exactly(pixels + 3 * i);
    free(mask);
    return 0;
}
