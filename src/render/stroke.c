/* SPDX-License-Identifier: MIT
 *
 * The outline of a polyline of a given width, fed to the coverage edge by edge:
 * up one side, round the end, down the other. Round joins are polygons that leave
 * the circle by at most 1/8 px, bends too slight to see keep one corner, and the
 * inner side of a bend is cut where its two sides meet: the outline that Anti-Grain
 * Geometry, which drew the published figures, describes for such a line. */
#include "trace.h"

#include <math.h>

struct pen {
    struct render_cover *cover;
    struct render_point first, at;
    bool down;
};

static void to(struct pen *pen, double x, double y)
{
    struct render_point p = {x, y};
    if (pen->down)
        render_cover_edge(pen->cover, pen->at, p);
    else
        pen->first = p;
    pen->at = p;
    pen->down = true;
}

/* Which side of a → b the point p is on: positive to the right, seen with y down. */
static double side_of(struct render_point a, struct render_point b, struct render_point p)
{
    return (p.x - b.x) * (b.y - a.y) - (p.y - b.y) * (b.x - a.x);
}

static double length_of(double x, double y)
{
    return sqrt(x * x + y * y); // hypot()'s care for overflow is not needed among pixels
}

struct side { /* of the segment a → b, moved outward by d */
    struct render_point a, b, d;
    double length;
};

static struct side side_make(struct render_point a, struct render_point b, double half)
{
    double length = length_of(b.x - a.x, b.y - a.y);
    struct render_point d = {half * (b.y - a.y) / length, -half * (b.x - a.x) / length};
    return (struct side){.a = a, .b = b, .d = d, .length = length};
}

/* Where the two moved lines meet; false where they are parallel. */
static bool meet(const struct side *s, const struct side *t, struct render_point *p)
{
    double ux = s->b.x - s->a.x, uy = s->b.y - s->a.y;
    double vx = t->b.x - t->a.x, vy = t->b.y - t->a.y;
    double det = ux * vy - uy * vx;
    if (fabs(det) < 1e-30) return false;
    double ax = s->a.x + s->d.x, ay = s->a.y + s->d.y;
    double k = ((t->a.x + t->d.x - ax) * vy - (t->a.y + t->d.y - ay) * vx) / det;
    *p = (struct render_point){ax + k * ux, ay + k * uy};
    return true;
}

/* The inner side of the bend: its corner, or where that lies beyond the shorter
 * segment the two ends, whose crossing lines stay inside the stroke. */
static void join_inner(struct pen *pen, const struct side *s, const struct side *t, double half)
{
    struct render_point v = s->b, p;
    double reach = fmax(fmin(s->length, t->length), 1.01 * half);
    if (meet(s, t, &p) && length_of(p.x - v.x, p.y - v.y) <= reach) {
        to(pen, p.x, p.y);
        return;
    }
    to(pen, v.x + s->d.x, v.y + s->d.y);
    to(pen, v.x + t->d.x, v.y + t->d.y);
}

static void join_round(struct pen *pen, const struct side *s, const struct side *t, double half)
{
    struct render_point v = s->b;
    double from = atan2(s->d.y, s->d.x), until = atan2(t->d.y, t->d.x);
    if (from > until) until += 2 * M_PI;
    double most = 2 * acos(half / (half + 0.125));
    int n = (int)((until - from) / most);
    double step = (until - from) / (n + 1);
    to(pen, v.x + s->d.x, v.y + s->d.y);
    for (int i = 1; i <= n; i++)
        to(pen, v.x + half * cos(from + i * step), v.y + half * sin(from + i * step));
    to(pen, v.x + t->d.x, v.y + t->d.y);
}

static void join(struct pen *pen, const struct side *s, const struct side *t, double half)
{
    if (side_of(s->a, s->b, t->b) > 0) {
        join_inner(pen, s, t, half);
        return;
    }
    double bevel = length_of(s->d.x + t->d.x, s->d.y + t->d.y) / 2;
    struct render_point p;
    if (half - bevel >= half / 1024)
        join_round(pen, s, t, half);
    else if (meet(s, t, &p))
        to(pen, p.x, p.y);
    else
        to(pen, s->b.x + s->d.x, s->b.y + s->d.y);
}

/* A square end before the segment's first point: as far back as the line is half wide. */
static void cap(struct pen *pen, const struct side *s)
{
    double x = s->a.x + s->d.y, y = s->a.y - s->d.x;
    to(pen, x - s->d.x, y - s->d.y);
    to(pen, x + s->d.x, y + s->d.y);
}

/* One side of the line, from its n points' first to their last by `step`. */
static void walk(struct pen *pen, const struct render_point *p, size_t n, ptrdiff_t step,
                 double half)
{
    struct side s = side_make(p[0], p[step], half);
    cap(pen, &s);
    for (size_t i = 2; i < n; i++) {
        p += step;
        struct side t = side_make(p[0], p[step], half);
        join(pen, &s, &t, half);
        s = t;
    }
}

void render_stroke(struct render_cover *c, const struct render_point *p, size_t n, double width)
{
    struct pen pen = {.cover = c};
    if (n < 2) return;
    walk(&pen, p, n, 1, width / 2);
    walk(&pen, p + n - 1, n, -1, width / 2);
    to(&pen, pen.first.x, pen.first.y);
}
