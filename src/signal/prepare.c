/* SPDX-License-Identifier: MIT
 *
 * A record to the samples that are drawn: filtered at its own rate, resampled as
 * a whole, and only then cut to its window, so that what is drawn does not depend
 * on where the window ends. */
#include "signal_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Fresh samples at rate_hz; NULL and a message. */
static float *filtered(const struct leadseq_record *record, const struct leadseq_preparation *p,
                       double rate_hz, size_t *n)
{
    if (!(p->notch_hz > 0) && !(p->highpass_hz > 0))
        return leadseq_signal_resample(record, rate_hz, n);
    size_t samples = LEADSEQ_LEADS * record->n_samples;
    struct leadseq_record copy = *record;
    copy.mv = leadseq_calloc(samples, sizeof *copy.mv);
    if (!copy.mv) return NULL;
    memcpy(copy.mv, record->mv, samples * sizeof *copy.mv);
    float *mv = NULL;
    if (!leadseq_signal_filter(p, record->rate_hz, copy.mv, record->n_samples))
        mv = leadseq_signal_resample(&copy, rate_hz, n);
    free(copy.mv);
    return mv;
}

/* (12, most) samples from `begin` on of (12, n), NaN behind the end. */
static float *cut(const float *mv, size_t n, size_t begin, size_t most)
{
    float *window = leadseq_calloc(LEADSEQ_LEADS * most, sizeof *window);
    if (!window) return NULL;
    size_t there = n - begin < most ? n - begin : most;
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        memcpy(window + lead * most, mv + lead * n + begin, there * sizeof *window);
        for (size_t k = there; k < most; k++) window[lead * most + k] = NAN;
    }
    return window;
}

int leadseq_signal_prepare(struct leadseq_prepared *out, const struct leadseq_record *record,
                           const struct leadseq_preparation *p, double rate_hz)
{
    *out = (struct leadseq_prepared){0};
    if (leadseq_preparation_check(p)) return -1;
    size_t n;
    float *mv = filtered(record, p, rate_hz, &n);
    if (!mv) return -1;
    size_t begin = (size_t)llround(p->window_start_s * rate_hz);
    size_t most = (size_t)llround(leadseq_preparation_seconds(p) * rate_hz);
    int status = 0;
    if (begin >= n || !most)
        status = leadseq_fail("a record of %g s: expected a window that begins before its end and "
                              "holds a sample, found one from %g s for %g s",
                              (double)record->n_samples / record->rate_hz, p->window_start_s,
                              leadseq_preparation_seconds(p));
    else
        out->mv = cut(mv, n, begin, most);
    free(mv);
    if (status || !out->mv) return -1;
    out->n = most;
    out->resampled = record->rate_hz != rate_hz;
    out->cut = begin > 0 || n - begin > most;
    out->padded = n - begin < most;
    return 0;
}

void leadseq_prepared_clear(struct leadseq_prepared *prepared)
{
    if (!prepared) return;
    free(prepared->mv);
    *prepared = (struct leadseq_prepared){0};
}
