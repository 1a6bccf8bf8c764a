/* SPDX-License-Identifier: MIT
 *
 * Fewer points for the same line: samples that run along one direction within
 * 1/9 px are drawn as one segment, which keeps the farthest point forward and
 * backward, as the published figures were drawn. */
#include "trace.h"

static const double THRESHOLD_PX2 = 1.0 / 81;

struct run {                           /* samples along one direction, so far */
    struct render_point start;         /* where the direction begins */
    struct render_point along;         /* the direction */
    double norm2;                      /* its length, squared; 0: no direction yet */
    struct render_point ahead, behind; /* farthest both ways */
    double ahead2, behind2;            /* how far, squared */
    bool last_ahead, last_behind;      /* is the last sample the farthest? */
    struct render_point last;
};

static void begin(struct run *r, struct render_point start, struct render_point p)
{
    struct render_point along = {p.x - r->last.x, p.y - r->last.y};
    double norm2 = along.x * along.x + along.y * along.y;
    *r = (struct run){.start = start,
                      .along = along,
                      .norm2 = norm2,
                      .ahead = p,
                      .ahead2 = norm2,
                      .last_ahead = true,
                      .last = p};
}

/* True where p lies along the run, which then takes it. */
static bool takes(struct run *r, struct render_point p)
{
    double tx = p.x - r->start.x, ty = p.y - r->start.y;
    double dot = r->along.x * tx + r->along.y * ty;
    double px = dot * r->along.x / r->norm2, py = dot * r->along.y / r->norm2;
    double off2 = (tx - px) * (tx - px) + (ty - py) * (ty - py);
    if (off2 >= THRESHOLD_PX2) return false;
    double far2 = px * px + py * py;
    r->last_ahead = dot > 0 && far2 > r->ahead2;
    r->last_behind = dot <= 0 && far2 > r->behind2;
    if (r->last_ahead) r->ahead = p, r->ahead2 = far2;
    if (r->last_behind) r->behind = p, r->behind2 = far2;
    r->last = p;
    return true;
}

/* Writes the run's points, at most three, which are never more than it took in. */
static size_t finish(const struct run *r, struct render_point *out)
{
    size_t n = 0;
    if (r->behind2 > 0 && r->last_ahead) out[n++] = r->behind;
    out[n++] = r->ahead;
    if (r->behind2 > 0 && !r->last_ahead) out[n++] = r->behind;
    if (!r->last_ahead && !r->last_behind) out[n++] = r->last;
    return n;
}

size_t render_simplify(struct render_point *points, size_t n)
{
    if (n < 3) return n;
    struct run r = {.last = points[0]};
    size_t kept = 1;
    for (size_t i = 1; i < n; i++) {
        struct render_point p = points[i], out[3];
        if (r.norm2 == 0) {
            begin(&r, r.last, p);
            continue;
        }
        if (takes(&r, p)) continue;
        size_t m = finish(&r, out);
        for (size_t k = 0; k < m; k++) points[kept++] = out[k];
        begin(&r, points[kept - 1], p);
    }
    struct render_point out[3];
    size_t m = r.norm2 > 0 ? finish(&r, out) : 0;
    for (size_t k = 0; k < m; k++) points[kept++] = out[k];
    return kept;
}
