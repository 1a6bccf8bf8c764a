/* SPDX-License-Identifier: MIT
 *
 * The learning-rate range test (Smith 2017), as fastai makes it: one step at each of
 * many rates, from tiny to huge, and the cost they lead to. In memory alone: no run is
 * read or written, the weights are those of the seed. */
#include "memory.h"
#include "step.h"

#include <math.h>
#include <stdlib.h>

static const double KEEP = 0.98, DIVERGED = 4; // of the running mean; times its least
static const double CLEAR = 4;                 // standard errors that a slope must be below 0
enum {
    WINDOW = 5,
    LEFT_OUT = 10,
    AT_END = 5
}; // a fifth of the sweep; the first tenth, the last five

/* The mean of all costs so far, each one back weighing KEEP times as much. */
static void smooth(struct leadseq_lr_point *point, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++) {
        mean = KEEP * mean + (1 - KEEP) * point[i].cost;
        point[i].smooth = mean / (1 - pow(KEEP, (double)(i + 1)));
    }
}

/* Slope of the costs by x = log(rate) over n points, by least squares, and its standard error:
 *   b = Σ (x - x̄) y / Σ (x - x̄)²,  error² = Σ (y - ȳ - b (x - x̄))² / (n - 2) / Σ (x - x̄)² */
static double slope(const struct leadseq_lr_point *point, size_t n, double *error)
{
    double x = 0, y = 0, xx = 0, xy = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        x += log(point[i].lr) / (double)n;
        y += point[i].cost / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double dx = log(point[i].lr) - x;
        xx += dx * dx;
        xy += dx * (point[i].cost - y);
    }
    for (size_t i = 0; i < n; i++) {
        double r = point[i].cost - y - xy / xx * (log(point[i].lr) - x);
        rest += r * r;
    }
    *error = sqrt(rest / (double)(n - 2) / xx);
    return xy / xx;
}

/* The middle of the window in which the costs fall fastest, among those in which they clearly do.
 */
static double steepest(const struct leadseq_lr_point *point, size_t n)
{
    size_t width = n / WINDOW < 8 ? 8 : n / WINDOW;
    double best = 0, at = NAN;
    for (size_t i = 0; i + width <= n; i++) {
        double error, down = slope(point + i, width, &error);
        if (!(down < best) || !(down < -CLEAR * error)) continue;
        best = down;
        at = sqrt(point[i].lr * point[i + width - 1].lr);
    }
    return at;
}

void leadseq_lr_suggest(struct leadseq_lr_curve *c)
{
    size_t first = c->n / LEFT_OUT, end = c->n > AT_END + first ? c->n - AT_END : first;
    double least = INFINITY;
    smooth(c->point, c->n);
    c->steepest = steepest(c->point, c->n);
    c->least = NAN;
    for (size_t i = first; i < end; i++)
        if (c->point[i].smooth < least) least = c->point[i].smooth, c->least = c->point[i].lr;
}

/* --- The sweep ---------------------------------------------------------------------------- */

static double rate_at(const struct leadseq_lr_options *o, size_t i)
{
    return o->least * pow(o->most / o->least, (double)i / (double)(o->steps - 1));
}

/* A whole step, whatever its parts. */
static int take_step(struct train_work *t)
{
    const struct leadseq_batch *batch;
    do {
        if (train_work_next(t, &batch) || train_step(t, batch)) return -1;
    } while (t->parts.done);
    return 0;
}

static bool has_diverged(const struct leadseq_lr_curve *c)
{
    double least = INFINITY;
    smooth(c->point, c->n);
    for (size_t i = 0; i < c->n; i++) least = fmin(least, c->point[i].smooth);
    return c->point[c->n - 1].smooth > DIVERGED * least;
}

/* Steps of an ordinary training, except that t->fixed replaces the schedule's rate. A step that is
 * not finite is not a failure here: it marks the end of the curve. */
static int sweep(struct train_work *t, const struct leadseq_lr_options *o,
                 struct leadseq_lr_curve *c, struct leadseq_progress *bar)
{
    struct leadseq_rate rate = {.momentum = leadseq_momentum(&t->optimizer.how)};
    t->fixed = &rate;
    if (train_work_start(t)) return -1;
    for (size_t i = 0; i < (size_t)o->steps && !c->diverged; i++) {
        if (leadseq_stop_check()) return -1;
        rate.lr = rate_at(o, i);
        c->diverged = take_step(t) != 0;
        if (c->diverged && !t->not_finite) return -1;
        if (c->diverged) break;
        c->point[c->n++] = (struct leadseq_lr_point){rate.lr, t->cost, 0};
        c->diverged = has_diverged(c);
        leadseq_progress_step(bar, 1, NULL);
    }
    leadseq_error_clear(); // a cost that was not finite is a finding here
    return 0;
}

static int run(struct train_session *s, const struct leadseq_lr_options *o,
               struct leadseq_lr_curve *c)
{
    struct train_folder none = {.path = (char *)"the range test"};
    struct train_work t = {
        .s = s, .f = &none, .epoch_steps = train_epoch_steps(s), .total = (uint64_t)o->steps};
    c->point = leadseq_calloc((size_t)o->steps, sizeof *c->point);
    struct leadseq_progress *bar =
        leadseq_progress_new("learning rates", "steps", (size_t)o->steps);
    int status = c->point ? train_work_open(&t) : -1;
    if (!status) status = sweep(&t, o, c, bar);
    if (!status) leadseq_lr_suggest(c);
    leadseq_progress_free(bar);
    train_work_close(&t);
    return status;
}

static int check(const struct leadseq_lr_options *o)
{
    if (!(o->least > 0) || !(o->most > o->least) || !isfinite(o->most))
        return leadseq_fail("expected rates above 0 and rising, found %g to %g", o->least, o->most);
    if (o->steps < 20) return leadseq_fail("expected at least 20 steps, found %d", o->steps);
    if (leadseq_ranks() == 1) return 0;
    return leadseq_fail("expected one rank, found %d; start it without a launcher",
                        leadseq_ranks());
}

int leadseq_lr_find(const struct leadseq_experiment *e, const struct leadseq_lr_options *o,
                    struct leadseq_lr_curve *c)
{
    struct train_session s;
    *c = (struct leadseq_lr_curve){.steepest = NAN, .least = NAN};
    if (check(o)) return leadseq_fail_in("learning-rate range test");
    if (train_session_open(&s, e, o->data, 0)) return -1;
    c->records = s.split.n[LEADSEQ_TRAIN];
    int status = train_memory_check(&s);
    if (!status) status = train_fit_input(&s);
    if (!status) status = run(&s, o, c);
    train_session_close(&s);
    if (status) leadseq_lr_curve_clear(c);
    return status;
}

void leadseq_lr_curve_clear(struct leadseq_lr_curve *c)
{
    if (!c) return;
    free(c->point);
    *c = (struct leadseq_lr_curve){.steepest = NAN, .least = NAN};
}
