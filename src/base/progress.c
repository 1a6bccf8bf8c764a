/* SPDX-License-Identifier: MIT
 *
 * Progress bars: on a terminal one line redrawn in place, elsewhere a plain line
 * every ten seconds, so that a batch system's log stays readable. */
#include "base/base.h"

#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of this is guarded by the terminal's lock: a step that draws must not meet a log line or
 * another bar, and counting is too short to deserve a lock of its own. */
struct leadseq_progress {
    char label[64], unit[32], note[160];
    size_t total, done;
    double begin, drawn; // leadseq_seconds()
    bool terminal;
};

static bool show_bars = true;
static const struct leadseq_progress *only; // NULL: every bar

bool leadseq_progress_show(bool show)
{
    base_terminal_lock();
    bool before = show_bars;
    show_bars = show;
    base_terminal_unlock();
    return before;
}

void leadseq_progress_show_only(const struct leadseq_progress *p)
{
    base_terminal_lock();
    only = p;
    base_terminal_unlock();
}

static bool is_shown(const struct leadseq_progress *p)
{
    return show_bars && (!only || only == p);
}

struct leadseq_progress *leadseq_progress_new(const char *label, const char *unit, size_t total)
{
    struct leadseq_progress *p = leadseq_calloc(1, sizeof *p);
    if (!p) return NULL;
    leadseq_plain_copy(p->label, sizeof p->label, label);
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

/* Three digits, and all before the point: 91.7, 210, 1380. */
static void format_rate(char *text, size_t size, double rate)
{
    snprintf(text, size, "%.*f",
             rate >= 99.95    ? 0
             : rate >= 9.995  ? 1
             : rate >= 0.9995 ? 2
                              : 4,
             rate);
}

static void draw(struct leadseq_progress *p, double now, bool last)
{
    enum { WIDTH = 24 };
    double spent = now - p->begin;
    double rate = spent > 0 ? (double)p->done / spent : 0;
    double share = p->total ? (double)p->done / (double)p->total : 1;
    char left[32], speed[32], bar[WIDTH + 1], line[512];
    format_rate(speed, sizeof speed, rate);
    format_duration(left, sizeof left,
                    last || rate <= 0 ? spent : (double)(p->total - p->done) / rate);
    for (int i = 0; i < WIDTH; i++) bar[i] = i < share * WIDTH ? '#' : '.';
    bar[WIDTH] = '\0';
    const bool stays = !p->terminal || last;
    snprintf(line, sizeof line, "%s [%s] %zu/%zu %s, %s/s, %s %s  %s%s", p->label, bar, p->done,
             p->total, p->unit, speed, left, last ? "taken" : "left", p->note, stays ? "\n" : "");
    base_terminal_write(line, !stays);
    p->drawn = now;
}

void leadseq_progress_step(struct leadseq_progress *p, size_t n, const char *note)
{
    if (!p) return;
    base_terminal_lock();
    p->done += n;
    if (p->done > p->total) p->total = p->done;
    if (note) leadseq_plain_copy(p->note, sizeof p->note, note);
    double now = leadseq_seconds();
    if (is_shown(p) && now - p->drawn >= (p->terminal ? 0.1 : 10.0)) draw(p, now, false);
    base_terminal_unlock();
}

void leadseq_progress_free(struct leadseq_progress *p)
{
    if (!p) return;
    base_terminal_lock();
    if (is_shown(p)) draw(p, leadseq_seconds(), true);
    base_terminal_unlock();
    free(p);
}
