/* SPDX-License-Identifier: MIT
 *
 * A record to the samples that are drawn: filtered at its own rate, resampled as
 * a whole, and only then cut to its window, so that what is drawn does not depend
 * on where the window ends. */
#include "signal_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* (12, most) samples from `begin` on of (12, n), NaN after the end. */
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
    out->empty = leadseq_signal_empty(out->mv, most);
    out->missing = leadseq_signal_missing(out->mv, most);
    return 0;
}

void leadseq_prepared_clear(struct leadseq_prepared *prepared)
{
    if (!prepared) return;
    free(prepared->mv);
    *prepared = (struct leadseq_prepared){0};
}
