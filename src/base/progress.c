/* SPDX-License-Identifier: MIT
 *
 * Progress bars: on a terminal one line redrawn in place, elsewhere a plain
 * line every ten seconds, so that a batch system's log stays readable. */
#include "base/base.h"

#include "base_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct leadseq_progress {
    pthread_mutex_t lock;
    char label[64], unit[32], note[160];
    size_t total, done;
    double begin, drawn;
    bool terminal;
};

static bool show_bars = true;
static const struct leadseq_progress *only; // NULL: every bar
static volatile bool bar_on_screen;

void leadseq_progress_show(bool show)
{
    show_bars = show;
}

void leadseq_progress_show_only(const struct leadseq_progress *p)
{
    only = p;
}

static bool is_shown(const struct leadseq_progress *p)
{
    return show_bars && (!only || only == p);
}

void base_progress_hide(void)
{
    if (!bar_on_screen) return;
    fputs("\r\033[K", stderr);
    bar_on_screen = false;
}

struct leadseq_progress *leadseq_progress_new(const char *label, const char *unit, size_t total)
{
    struct leadseq_progress *p = leadseq_calloc(1, sizeof *p);
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    snprintf(p->label, sizeof p->label, "%s", label);
    snprintf(p->unit, sizeof p->unit, "%s", unit);
    p->total = total;
    p->begin = p->drawn = leadseq_seconds();
    p->terminal = isatty(STDERR_FILENO);
    return p;
}

static void format_duration(char *text, size_t size, double s)
{
    long t = (long)(s + 0.5);
    if (t >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", t / 3600, t / 60 % 60, t % 60);
    else
        snprintf(text, size, "%ld:%02ld", t / 60, t % 60);
}

static void draw(struct leadseq_progress *p, double now, bool last)
{
    enum { WIDTH = 24 };
    double spent = now - p->begin;
    double rate = spent > 0 ? (double)p->done / spent : 0;
    double share = p->total ? (double)p->done / (double)p->total : 1;
    char left[32], bar[WIDTH + 1];
    format_duration(left, sizeof left,
                    last || rate <= 0 ? spent : (double)(p->total - p->done) / rate);
    for (int i = 0; i < WIDTH; i++) bar[i] = i < share * WIDTH ? '#' : '.';
    bar[WIDTH] = '\0';
    fprintf(stderr, "%s%s [%s] %zu/%zu %s, %.3g/s, %s %s  %s%s", p->terminal ? "\r\033[K" : "",
            p->label, bar, p->done, p->total, p->unit, rate, left, last ? "taken" : "left", p->note,
            p->terminal && !last ? "" : "\n");
    fflush(stderr);
    bar_on_screen = p->terminal && !last;
    p->drawn = now;
}

void leadseq_progress_step(struct leadseq_progress *p, size_t n, const char *note)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->done += n;
    if (p->done > p->total) p->total = p->done;
    if (note) snprintf(p->note, sizeof p->note, "%s", note);
    double now = leadseq_seconds();
    if (is_shown(p) && now - p->drawn >= (p->terminal ? 0.1 : 10.0)) draw(p, now, false);
    pthread_mutex_unlock(&p->lock);
}

void leadseq_progress_free(struct leadseq_progress *p)
{
    if (!p) return;
    if (is_shown(p)) draw(p, leadseq_seconds(), true);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
