/* SPDX-License-Identifier: MIT
 *
 * Exact area coverage of a polygon, nonzero: every edge adds its signed area to
 * the pixels it crosses, a running sum along each row gives the covered area.
 * Coordinates are in 1/256 px and all sums are integers, so that the picture does
 * not depend on the order of edges or on the compiler. */
#include "trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 8, ONE = 1 << BITS };

/* Within one pixel an edge of height dy between the columns' fractions f0 and f1
 * leaves dy·(f0 + f1) to its left, in half units; the rest is to its right. */
static inline void add_cell(uint32_t *cell, int fractions, int dy, int sign)
{
    uint32_t left = (uint32_t)(fractions * dy * sign);
    cell[0] += (uint32_t)(dy * sign * 2 * ONE) - left;
    cell[1] += left;
}

/* An edge from x0 to x1, dy >= 0 high, that stays within one row. */
static void add_span(uint32_t *row, int x0, int x1, int dy, int sign)
{
    int c0 = x0 >> BITS, c1 = x1 >> BITS;
    int f0 = x0 & (ONE - 1), f1 = x1 & (ONE - 1);
    if (dy == 0) return;
    if (c0 == c1) {
        add_cell(row + c0, f0 + f1, dy, sign);
        return;
    }
    // Height is shared among the columns in proportion; what rounding leaves over
    // is carried along, as Bresenham's lines carry it.
    int step = x1 > x0 ? 1 : -1, dx = (x1 - x0) * step;
    int enter = step > 0 ? 0 : ONE, leave = ONE - enter;
    int reach = step > 0 ? ONE - f0 : f0;
    int h = reach * dy / dx, carry = reach * dy % dx, used = h;
    add_cell(row + c0, f0 + leave, h, sign);
    int each = ONE * dy / dx, rest = ONE * dy % dx;
    for (int c = c0 + step; c != c1; c += step) {
        h = each;
        carry += rest;
        if (carry >= dx) carry -= dx, h++;
        add_cell(row + c, ONE, h, sign);
        used += h;
    }
    add_cell(row + c1, enter + f1, dy - used, sign);
}

/* An upright edge from row coordinate y0 to y1 at x. */
static void add_upright(struct render_cover *c, int x, int y0, int y1, int sign)
{
    int f = 2 * (x & (ONE - 1));
    uint32_t *cell = c->cell + (size_t)(y0 >> BITS) * c->stride + (x >> BITS);
    for (int y = y0; y < y1; cell += c->stride) {
        int next = (y | (ONE - 1)) + 1;
        if (next > y1) next = y1;
        add_cell(cell, f, next - y, sign);
        y = next;
    }
}

/* Quotient and remainder of a / b with 0 <= remainder < b. */
static inline int floor_divide(int a, int b, int *remainder)
{
    int q = a / b, r = a % b;
    if (r < 0) r += b, q--;
    *remainder = r;
    return q;
}

/* An edge downward from (x0, y0) to (x1, y1), all within the band. */
static void add_sloping(struct render_cover *c, int x0, int y0, int x1, int y1, int sign)
{
    uint32_t *row = c->cell + (size_t)(y0 >> BITS) * c->stride;
    int dx = x1 - x0, dy = y1 - y0;
    int next = (y0 | (ONE - 1)) + 1;
    if (next >= y1) {
        add_span(row, x0, x1, dy, sign);
        return;
    }
    // ONE · dx stays below 2^30 for pictures up to 8192 pixels wide.
    int carry, rest, each = floor_divide(ONE * dx, dy, &rest);
    int x = x0 + floor_divide((next - y0) * dx, dy, &carry);
    add_span(row, x0, x, next - y0, sign);
    for (row += c->stride; next + ONE < y1; next += ONE, row += c->stride) {
        int to = x + each;
        carry += rest;
        if (carry >= dy) carry -= dy, to++;
        add_span(row, x, to, ONE, sign);
        x = to;
    }
    add_span(row, x, x1, y1 - next, sign);
}

static int fixed(double v)
{
    return (int)floor(v * ONE + 0.5);
}

/* Between the left and right border, a and b included. */
static void add_inside(struct render_cover *c, struct render_point a, struct render_point b,
                       int sign)
{
    int x0 = fixed(a.x), x1 = fixed(b.x), y0 = fixed(a.y), y1 = fixed(b.y);
    if (y0 >= y1) return;
    if (x0 == x1)
        add_upright(c, x0, y0, y1, sign);
    else
        add_sloping(c, x0, y0, x1, y1, sign);
}

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* Cuts a downward edge where it crosses the border x and calls on for each part;
 * parts outside are moved onto the border, which keeps the rows' sums. */
static void add_cut(struct render_cover *c, struct render_point a, struct render_point b, int sign)
{
    double w = c->width, border[2] = {0, w};
    if (b.x < a.x) border[0] = w, border[1] = 0;
    for (int i = 0; i < 2; i++) {
        if ((a.x < border[i]) == (b.x < border[i])) continue;
        double y = a.y + (border[i] - a.x) / (b.x - a.x) * (b.y - a.y);
        struct render_point cut = {border[i], clamp(y, a.y, b.y)};
        struct render_point end = {clamp(cut.x, 0, w), cut.y};
        add_inside(c, (struct render_point){clamp(a.x, 0, w), a.y}, end, sign);
        a = cut;
    }
    add_inside(c, (struct render_point){clamp(a.x, 0, w), a.y},
               (struct render_point){clamp(b.x, 0, w), b.y}, sign);
}

void render_cover_edge(struct render_cover *c, struct render_point a, struct render_point b)
{
    int sign = 1;
    if (a.y > b.y) {
        struct render_point t = a;
        a = b;
        b = t;
        sign = -1;
    }
    a.y -= c->top;
    b.y -= c->top;
    double h = c->height;
    if (b.y <= 0 || a.y >= h || a.y >= b.y) return;
    double slope = (b.x - a.x) / (b.y - a.y);
    if (a.y < 0) a = (struct render_point){a.x - a.y * slope, 0};
    if (b.y > h) b = (struct render_point){b.x - (b.y - h) * slope, h};
    if (a.x >= 0 && b.x >= 0 && a.x <= c->width && b.x <= c->width)
        add_inside(c, a, b, sign);
    else
        add_cut(c, a, b, sign);
}

static inline uint32_t coverage(uint32_t sum)
{
    int32_t s = (int32_t)sum;
    uint32_t area = (s < 0 ? 0u - sum : sum) >> (BITS + 1);
    return area > 255 ? 255 : area;
}

/* The next cell at or after x that is not empty, eight at a time; may stop short. */
static int skip_paper(const uint32_t *cell, int x, int width)
{
    for (; x + 8 <= width; x += 8) {
        uint32_t any = 0;
        for (int i = 0; i < 8; i++) any |= cell[x + i];
        if (any) break;
    }
    return x;
}

static void sweep_row(const uint32_t *cell, int width, const uint8_t *ink, int channels,
                      uint8_t *pixels)
{
    uint32_t sum = 0;
    for (int x = 0; x < width; x++) {
        if (sum == 0 && cell[x] == 0) {
            x = skip_paper(cell, x, width);
            if (x >= width) return;
        }
        sum += cell[x];
        uint32_t k = coverage(sum);
        if (k == 0) continue;
        for (int i = 0; i < channels; i++) pixels[x * channels + i] = ink[i * 256 + (int)k];
    }
}

void render_cover_sweep(struct render_cover *c, const uint8_t *ink, int channels, uint8_t *pixels)
{
    for (int y = 0; y < c->height; y++)
        sweep_row(c->cell + (size_t)y * c->stride, c->width, ink, channels,
                  pixels + (size_t)y * (size_t)c->width * (size_t)channels);
    memset(c->cell, 0, (size_t)c->height * c->stride * sizeof *c->cell);
}

bool render_cover_row(const struct render_cover *c, int y, uint8_t *values)
{
    const uint32_t *cell = c->cell + (size_t)y * c->stride;
    if (skip_paper(cell, 0, c->width) >= c->width) return false;
    uint32_t sum = 0;
    for (int x = 0; x < c->width; x++) {
        sum += cell[x];
        int32_t area = (int32_t)sum;
        uint32_t k = (uint32_t)abs(area >> (BITS + 1));
        values[x] = (uint8_t)(k > 255 ? 255 : k);
    }
    return true;
}
