/* SPDX-License-Identifier: MIT
 *
 * Flat, saturated and missing leads, and limb leads that break Einthoven's law.
 * Thresholds are explained in doc/quality.md. */
#include "signal_private.h"

#include <math.h>
#include <stdlib.h>

static const double flat_mv = 0.01, flat_s = 1;
static const double pinned_mv = 1, pinned_s = 0.03;
enum { PINNED_SAMPLES = 5 };
static const double identity_mv = 0.05;
static const double most_mv = 20, least_mv = 0.01;

static size_t count_missing(const float *x, size_t n)
{
    size_t missing = 0;
    for (size_t i = 0; i < n; i++) missing += isnan(x[i]) != 0;
    return missing;
}

/* Whether some stretch of `length` samples stays within flat_mv. The stretch that
 * begins at `start` is walked until it leaves the band; where it does, the next one
 * can begin only after the last sample that is too far from the newcomer. */
static bool is_flat(const float *x, size_t n, size_t length)
{
    size_t start = 0;
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            start = i + 1;
            low = INFINITY, high = -INFINITY;
            continue;
        }
        low = fminf(low, x[i]), high = fmaxf(high, x[i]);
        if ((double)high - (double)low > flat_mv + 1e-6) { // 1e-6: float32 of a whole µV
            low = high = x[i];
            for (start = i; start > 0; start--) {
                float before = x[start - 1], l = fminf(low, before), h = fmaxf(high, before);
                if (isnan(before) || (double)h - (double)l > flat_mv + 1e-6) break;
                low = l, high = h;
            }
        }
        if (i + 1 - start >= length) return true;
    }
    return false;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The median of the samples that are not missing; 0 if all are. */
static double median(const float *x, size_t n)
{
    float *room = malloc(n * sizeof *room);
    size_t m = 0;
    for (size_t i = 0; room && i < n; i++)
        if (!isnan(x[i])) room[m++] = x[i];
    if (m) qsort(room, m, sizeof *room, ascending);
    double middle = m ? ((double)room[(m - 1) / 2] + (double)room[m / 2]) / 2 : 0;
    free(room);
    return middle;
}

static size_t longest_run_of(const float *x, size_t n, float value)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < n; i++) {
        run = x[i] == value ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    return longest;
}

static bool is_saturated(const float *x, size_t n, double rate_hz)
{
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) low = fminf(low, x[i]), high = fmaxf(high, x[i]); // skips NaN
    size_t length = (size_t)fmax(PINNED_SAMPLES, ceil(pinned_s * rate_hz));
    bool at_high = longest_run_of(x, n, high) >= length;
    bool at_low = longest_run_of(x, n, low) >= length;
    if (!at_high && !at_low) return false;
    double middle = median(x, n);
    return (at_high && (double)high - middle >= pinned_mv) ||
           (at_low && middle - (double)low >= pinned_mv);
}

/* Root mean square of a·A + b·B + c·C over the samples that have all three. */
static double identity_rms(const struct leadseq_record *r, const int lead[3],
                           const double factor[3])
{
    size_t n = r->n_samples, used = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double v = 0;
        for (int k = 0; k < 3; k++) v += factor[k] * (double)r->mv[(size_t)lead[k] * n + i];
        if (isnan(v)) continue;
        sum += v * v;
        used++;
    }
    return used ? sqrt(sum / (double)used) : NAN;
}

static void check_identities(struct leadseq_signal_quality *q, const struct leadseq_record *r)
{
    enum { I, II, III, AVR, AVL, AVF };
    q->einthoven_mv = identity_rms(r, (int[]){II, I, III}, (double[]){1, -1, -1});
    double avr = identity_rms(r, (int[]){AVR, I, II}, (double[]){1, .5, .5});
    double avl = identity_rms(r, (int[]){AVL, I, III}, (double[]){1, -.5, .5});
    double avf = identity_rms(r, (int[]){AVF, II, III}, (double[]){1, -.5, -.5});
    q->augmented_mv = fmax(avr, fmax(avl, avf));
    if (q->einthoven_mv > identity_mv || q->augmented_mv > identity_mv)
        q->bits |= LEADSEQ_QUALITY_EINTHOVEN;
}

/* The range of a lead that has any movement: from its lowest to its highest sample, mV; and the
 * largest distance from 0. */
static double range_of(const float *x, size_t n, double *farthest)
{
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) low = fminf(low, x[i]), high = fmaxf(high, x[i]); // skips NaN
    *farthest = fmax((double)high, -(double)low);
    return (double)high - (double)low;
}

/* Amplitudes no heart has: any lead too large, or all that move too small. */
static void judge_amplitudes(struct leadseq_signal_quality *q, const struct leadseq_record *r)
{
    bool moves[LEADSEQ_LEADS] = {false}, small = false, normal = false;
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        double farthest, range = range_of(r->mv + lead * r->n_samples, r->n_samples, &farthest);
        moves[lead] = range > 0;
        q->implausible[lead] = range > most_mv || farthest > most_mv;
        if (moves[lead]) *(range < least_mv ? &small : &normal) = true;
    }
    for (size_t lead = 0; small && !normal && lead < LEADSEQ_LEADS; lead++)
        q->implausible[lead] = moves[lead];
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (q->implausible[lead]) q->bits |= LEADSEQ_QUALITY_AMPLITUDE;
}

int leadseq_signal_quality(struct leadseq_signal_quality *q, const struct leadseq_record *r)
{
    *q = (struct leadseq_signal_quality){0};
    size_t n = r->n_samples, flat_length = (size_t)fmax(2, ceil(flat_s * r->rate_hz));
    if (flat_length > n && n > 1) flat_length = n; // a shorter record is flat as a whole
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        const float *x = r->mv + lead * n;
        q->missing[lead] = count_missing(x, n);
        q->flat[lead] = is_flat(x, n, flat_length);
        q->saturated[lead] = is_saturated(x, n, r->rate_hz);
        if (q->missing[lead]) q->bits |= LEADSEQ_QUALITY_MISSING;
        if (q->flat[lead]) q->bits |= LEADSEQ_QUALITY_FLAT_LEAD;
        if (q->saturated[lead]) q->bits |= LEADSEQ_QUALITY_SATURATED;
    }
    if (leadseq_signal_empty(r->mv, n)) q->bits |= LEADSEQ_QUALITY_EMPTY;
    judge_amplitudes(q, r);
    check_identities(q, r);
    return signal_judge_electrodes(q, r);
}
