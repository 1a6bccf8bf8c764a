/* SPDX-License-Identifier: MIT
 *
 * Whether there is anything to see in a lead. The rule of every command: a picture of leads that
 * are all missing or flat shows nothing, and nothing is answered about it. */
#include "signal/signal.h"

#include <math.h>

static const double still_mv = 1e-5; // far below a step of any recorder, far above float32's noise

enum leadseq_lead_state leadseq_lead_state(const float *mv, size_t n)
{
    float low = INFINITY, high = -INFINITY;
    bool line = false;
    for (size_t i = 0; i < n; i++) {
        low = fminf(low, mv[i]), high = fmaxf(high, mv[i]); // skip NaN
        line = line || (i && !isnan(mv[i]) && !isnan(mv[i - 1]));
    }
    if (!line) return LEADSEQ_LEAD_MISSING;
    return (double)high - (double)low <= still_mv ? LEADSEQ_LEAD_FLAT : LEADSEQ_LEAD_THERE;
}

bool leadseq_signal_empty(const float *mv, size_t n)
{
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (leadseq_lead_state(mv + lead * n, n) == LEADSEQ_LEAD_THERE) return false;
    return true;
}

double leadseq_signal_missing(const float *mv, size_t n)
{
    size_t missing = 0;
    for (size_t i = 0; i < LEADSEQ_LEADS * n; i++) missing += isnan(mv[i]) != 0;
    return n ? (double)missing / (double)(LEADSEQ_LEADS * n) : 1;
}

int leadseq_fail_empty(const char *name)
{
    return leadseq_fail("%s: expected a signal, found none: every lead is missing or flat", name);
}
