/* SPDX-License-Identifier: MIT
 *
 * Notch and high-pass of second order, run forward and then backward, so that
 * nothing is delayed and every attenuation counts twice (Gustafsson 1996 and
 * Oppenheim & Schafer on why; the ends are continued by odd reflection, and each
 * pass begins in the state a constant would have left).
 *
 *   y[k] = b0·x[k] + b1·x[k-1] + b2·x[k-2] - a1·y[k-1] - a2·y[k-2]
 *
 * Both are bilinear transforms whose frequencies are warped to be exact. */
#include "signal_private.h"

#include <math.h>
#include <stdlib.h>

static const double notch_width_hz = 2; // between the two points of -3 dB, both passes together
static const double settled = 1e-4;     // what remains of a transient after the reflected end

struct section {
    double b0, b1, b2, a1, a2;
};

/* A pass that has 1/sqrt(2)^(1/2) of amplitude where both together shall have 1/sqrt(2). */
static const double edge = 1.5537739740300374; // sqrt(1 + sqrt(2))

/* Zeros on the unit circle at f; |H|² = u/(1 + u) with u growing from 0 there. */
static struct section notch(double f, double rate_hz)
{
    double w = 2 * M_PI * f / rate_hz;
    double half = tan(M_PI * notch_width_hz / edge / rate_hz), gain = 1 / (1 + half);
    double middle = -2 * cos(w) * gain;
    return (struct section){gain, middle, gain, middle, 2 * gain - 1};
}

/* Butterworth, |H|² = (f/g)⁴/(1 + (f/g)⁴), g below the corner by the same argument. */
static struct section highpass(double f, double rate_hz)
{
    double k = tan(M_PI * f / rate_hz) / sqrt(edge), norm = 1 / (1 + M_SQRT2 * k + k * k);
    return (struct section){norm, -2 * norm, norm, 2 * (k * k - 1) * norm,
                            (1 - M_SQRT2 * k + k * k) * norm};
}

/* Samples until a transient has died away: both poles are of radius sqrt(a2). */
static size_t settling(const struct section *s)
{
    return (size_t)ceil(2 * log(settled) / log(s->a2));
}

static void run(const struct section *s, double *x, size_t n, ptrdiff_t step)
{
    double constant = (s->b0 + s->b1 + s->b2) / (1 + s->a1 + s->a2) * *x;
    double second = s->b2 * *x - s->a2 * constant;
    double first = s->b1 * *x - s->a1 * constant + second;
    for (size_t k = 0; k < n; k++, x += step) {
        double y = s->b0 * *x + first;
        first = s->b1 * *x - s->a1 * y + second;
        second = s->b2 * *x - s->a2 * y;
        *x = y;
    }
}

/* A gap that was bridged stays a gap. */
static void filter_lead(const struct section *s, float *mv, size_t n, size_t reach, double *padded)
{
    size_t all = n + 2 * reach;
    signal_bridge_gaps(mv, n, padded + reach);
    signal_reflect_ends(padded, n, reach);
    run(s, padded, all, 1);
    run(s, padded + all - 1, all, -1);
    for (size_t k = 0; k < n; k++)
        if (!isnan(mv[k])) mv[k] = (float)padded[reach + k];
}

static int filter(const struct section *s, float *mv, size_t n)
{
    size_t reach = settling(s);
    if (reach > n - 1) reach = n - 1;
    double *padded = leadseq_calloc(n + 2 * reach, sizeof *padded);
    if (!padded) return -1;
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        filter_lead(s, mv + lead * n, n, reach, padded);
    free(padded);
    return 0;
}

static int check_below(const char *what, double hz, double rate_hz)
{
    if (hz < rate_hz / 2) return 0;
    return leadseq_fail("a %s at %g Hz: expected a record sampled faster than %g Hz, found one of "
                        "%g Hz, which has nothing there",
                        what, hz, 2 * hz, rate_hz);
}

int leadseq_signal_filter(const struct leadseq_preparation *p, double rate_hz, float *mv, size_t n)
{
    if (leadseq_preparation_check(p)) return -1;
    if (p->highpass_hz > 0) {
        struct section s = highpass(p->highpass_hz, rate_hz);
        if (check_below("high-pass", p->highpass_hz, rate_hz) || filter(&s, mv, n)) return -1;
    }
    if (p->notch_hz > 0) {
        struct section s = notch(p->notch_hz, rate_hz);
        if (check_below("notch", p->notch_hz + notch_width_hz / 2, rate_hz) || filter(&s, mv, n))
            return -1;
    }
    return 0;
}
