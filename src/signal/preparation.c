/* SPDX-License-Identifier: MIT
 *
 * What is done to a signal before it is drawn: limits, comparison, and in words. */
#include "signal/signal.h"

static int check_between(const char *what, double value, double low, double high, const char *unit)
{
    if (value >= low && value <= high) return 0;
    return leadseq_fail("%s: expected %g to %g %s, or 0, found %g", what, low, high, unit, value);
}

int leadseq_preparation_check(const struct leadseq_preparation *p)
{
    if (p->notch_hz != 0 && check_between("notch", p->notch_hz, 10, 1000, "Hz")) return -1;
    if (p->highpass_hz != 0 && check_between("high-pass", p->highpass_hz, 0.01, 40, "Hz"))
        return -1;
    if (p->window_start_s != 0 &&
        check_between("beginning of the window", p->window_start_s, 0, 1e6, "s"))
        return -1;
    return p->window_s != 0 ? check_between("length of the window", p->window_s, 0.1, 3600, "s")
                            : 0;
}

bool leadseq_preparation_same(const struct leadseq_preparation *a,
                              const struct leadseq_preparation *b)
{
    return a->notch_hz == b->notch_hz && a->highpass_hz == b->highpass_hz &&
           a->window_start_s == b->window_start_s &&
           leadseq_preparation_seconds(a) == leadseq_preparation_seconds(b);
}

double leadseq_preparation_seconds(const struct leadseq_preparation *p)
{
    return p->window_s > 0 ? p->window_s : LEADSEQ_WINDOW_S;
}

const char *leadseq_preparation_text(const struct leadseq_preparation *p, char text[128])
{
    int n = 0;
    *text = '\0';
    if (p->highpass_hz > 0)
        n += snprintf(text + n, 128 - (size_t)n, ", high-pass %g Hz", p->highpass_hz);
    if (p->notch_hz > 0) n += snprintf(text + n, 128 - (size_t)n, ", notch %g Hz", p->notch_hz);
    if (p->window_start_s > 0 || p->window_s > 0)
        snprintf(text + n, 128 - (size_t)n, ", window from %g s for %g s", p->window_start_s,
                 leadseq_preparation_seconds(p));
    return text;
}
