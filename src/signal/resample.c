/* SPDX-License-Identifier: MIT
 *
 * Resampling in a ratio p/q of whole numbers, or as close to one as makes no difference, by a
 * Kaiser-windowed sinc (Kaiser 1974; Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5.3),
 * one row of weights for each of the p positions a result can have between two inputs:
 *
 *   y[k] = sum_j w[phase][j] x[base - half + 1 + j],  k·q = base·p + phase
 *
 * Every row sums to 1, so that a constant stays exactly what it was. Two rates a few millionths off
 * a simple ratio, such as 100.0005 and 100 Hz, have no such p and q within reach: there the rows
 * are of evenly spaced positions, and a result in between is weighed by the two rows around it. */
#include "signal_private.h"

#include <gsl/gsl_sf_bessel.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double stop_db = 80, pass_share = 0.8;
static const double off_most = 1e-6, off_s = 1e-6; // of an approximate ratio; by a record's end
enum { WEIGHTS_MAX = 1 << 23, SCALE_MAX = 1000, BETWEEN_MAX = 1024 };

struct resampler {
    size_t p, q;    // rate out / rate in, or positions between two inputs and 0
    double step;    // rate in / rate out
    size_t half;    // inputs used on either side of a result
    double *weight; // (p, 2·half)
};

static size_t common_divisor(size_t a, size_t b)
{
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool is_whole(double x)
{
    return fabs(x - rint(x)) <= 1e-9 * x;
}

/* The kernel of a ratio out / in, in cycles per sample of the input: stop band from f on, pass band
 * to 0.8·f. */
struct kernel {
    double cutoff, width;
    size_t half;
};

static struct kernel kernel_of(double ratio)
{
    double stop = ratio < 1 ? ratio / 2 : 0.5, band = (1 - pass_share) * stop;
    double width = (stop_db - 7.95) / (14.36 * band) / 2; // Kaiser's formula for the half length
    return (struct kernel){stop - band / 2, width, (size_t)ceil(width) + 1};
}

/* Positions between two inputs whose weights there is room for. */
static size_t phases_most(double ratio)
{
    return WEIGHTS_MAX / (2 * kernel_of(ratio).half);
}

/* In lowest terms; rates may have decimals (128.5 Hz). */
static bool find_exact(struct resampler *r, double in_hz, double out_hz)
{
    for (int scale = 1; scale <= SCALE_MAX; scale++) {
        if (!is_whole(in_hz * scale) || !is_whole(out_hz * scale)) continue;
        size_t in = (size_t)llrint(in_hz * scale), out = (size_t)llrint(out_hz * scale);
        size_t divisor = common_divisor(in, out);
        r->p = out / divisor;
        r->q = in / divisor;
        return r->p <= phases_most((double)r->p / (double)r->q);
    }
    return false;
}

/* The first convergent of the ratio's continued fraction that is as close as `tolerance`, else the
 * last one that there is room for; false unless that is within `off_most`. */
static bool approximate(struct resampler *r, double ratio, double tolerance)
{
    const double p_most = (double)phases_most(ratio), q_most = 1e9;
    double p = 1, q = 0, p_before = 0, q_before = 1, off = INFINITY, rest = ratio;
    while (off > tolerance) {
        double whole = floor(rest), p_next = whole * p + p_before, q_next = whole * q + q_before;
        if (p_next > p_most || q_next > q_most) break;
        p_before = p, q_before = q, p = p_next, q = q_next;
        off = fabs(p / (q * ratio) - 1);
        rest = 1 / (rest - whole);
    }
    r->p = (size_t)p;
    r->q = (size_t)q;
    return off <= off_most;
}

/* Evenly spaced positions, one row more than there are. Linear between BETWEEN_MAX of them is off
 * by less than 1e-6 of the signal; the wider the kernel, the fewer will do. */
static bool interpolate(struct resampler *r, double ratio)
{
    size_t most = phases_most(ratio);
    r->p = most > BETWEEN_MAX ? BETWEEN_MAX : most - (most > 0);
    r->q = 0;
    return r->p > 0;
}

/* Any two rates have a ratio that is close enough: by the end of the record the time is off by at
 * most 1 µs where there is room for as many weights, and never by more than 1e-6 of it. */
static int find_ratio(struct resampler *r, double in_hz, double out_hz, size_t n)
{
    bool in_range = in_hz > 0 && out_hz > 0 && in_hz <= LEADSEQ_WFDB_RATE_MAX &&
                    out_hz <= LEADSEQ_WFDB_RATE_MAX;
    double tolerance = fmin(off_most, off_s * in_hz / (double)n);
    if (in_range && find_exact(r, in_hz, out_hz)) return 0;
    if (in_range && approximate(r, out_hz / in_hz, tolerance)) return 0;
    r->step = in_hz / out_hz;
    if (in_range && interpolate(r, out_hz / in_hz)) return 0;
    return leadseq_fail("resampling from %.15g to %.15g Hz: expected rates up to %d Hz whose ratio "
                        "can be met with %d weights",
                        in_hz, out_hz, LEADSEQ_WFDB_RATE_MAX, WEIGHTS_MAX);
}

static double sinc(double x)
{
    return fabs(x) < 1e-12 ? 1 : sin(M_PI * x) / (M_PI * x);
}

static size_t rows_of(const struct resampler *r)
{
    return r->p + !r->q;
}

static void fill_weights(struct resampler *r, double cutoff, double width)
{
    double beta = 0.1102 * (stop_db - 8.7);
    for (size_t phase = 0; phase < rows_of(r); phase++) {
        double *w = r->weight + phase * 2 * r->half, sum = 0;
        for (size_t j = 0; j < 2 * r->half; j++) {
            double t = (double)j - (double)r->half + 1 - (double)phase / (double)r->p;
            double u = t / width;
            w[j] =
                fabs(u) > 1 ? 0 : sinc(2 * cutoff * t) * gsl_sf_bessel_I0(beta * sqrt(1 - u * u));
            sum += w[j];
        }
        for (size_t j = 0; j < 2 * r->half; j++) w[j] /= sum;
    }
}

static int make_weights(struct resampler *r)
{
    struct kernel kernel = kernel_of(r->q ? (double)r->p / (double)r->q : 1 / r->step);
    r->half = kernel.half;
    r->weight = leadseq_calloc(rows_of(r) * 2 * r->half, sizeof *r->weight);
    if (!r->weight) return -1;
    fill_weights(r, kernel.cutoff, kernel.width);
    return 0;
}

struct place {
    size_t base, phase;
    double between; // this row of weights and the next, 0 to 1
};

static struct place place_of(const struct resampler *r, size_t k)
{
    if (r->q) return (struct place){k * r->q / r->p, k * r->q % r->p, 0};
    double at = (double)k * r->step, base = floor(at), row = (at - base) * (double)r->p;
    return (struct place){(size_t)base, (size_t)row, row - floor(row)};
}

static double weigh(const double *w, const double *v, size_t n)
{
    double sum = 0;
    for (size_t j = 0; j < n; j++) sum += w[j] * v[j];
    return sum;
}

static void resample_lead(const struct resampler *r, const float *x, size_t n, double *padded,
                          float *y, size_t n_out)
{
    const size_t width = 2 * r->half;
    signal_bridge_gaps(x, n, padded + r->half);
    signal_reflect_ends(padded, n, r->half);
    for (size_t k = 0; k < n_out; k++) {
        struct place at = place_of(r, k);
        size_t base = at.base;
        bool apart = at.phase || at.between > 0;
        bool gap = isnan(x[base]) || (apart && base + 1 < n && isnan(x[base + 1]));
        const double *w = r->weight + at.phase * width, *v = padded + base + 1;
        double sum = weigh(w, v, width);
        if (at.between > 0) sum += at.between * (weigh(w + width, v, width) - sum);
        y[k] = gap ? NAN : (float)sum;
    }
}

static float *resample_all(const struct resampler *r, const struct leadseq_record *record,
                           size_t n_out)
{
    size_t n = record->n_samples;
    double *padded = leadseq_calloc(n + 2 * r->half, sizeof *padded);
    float *out = padded ? leadseq_calloc(LEADSEQ_LEADS * n_out, sizeof *out) : NULL;
    for (size_t lead = 0; out && lead < LEADSEQ_LEADS; lead++)
        resample_lead(r, record->mv + lead * n, n, padded, out + lead * n_out, n_out);
    free(padded);
    return out;
}

static size_t samples_most(const struct resampler *r)
{
    const size_t most = LEADSEQ_WFDB_SAMPLES_MAX;
    size_t by_out = r->q ? most / r->p * r->q : (size_t)fmin((double)most * r->step, (double)most);
    return by_out < most ? by_out : most;
}

/* Results before the record's end. */
static size_t count_out(const struct resampler *r, size_t n)
{
    if (r->q) return (n * r->p + r->q - 1) / r->q;
    size_t count = (size_t)ceil((double)n / r->step);
    return count > 1 && place_of(r, count - 1).base >= n ? count - 1 : count;
}

float *leadseq_signal_resample(const struct leadseq_record *record, double rate_hz, size_t *n_out)
{
    struct resampler r = {0};
    size_t n = record->n_samples;
    if (find_ratio(&r, record->rate_hz, rate_hz, n ? n : 1)) return NULL;
    if (!n || n > samples_most(&r)) {
        leadseq_fail("%s: expected 1 to %d samples before and after resampling from %.15g to "
                     "%.15g Hz, found %zu",
                     record->name, LEADSEQ_WFDB_SAMPLES_MAX, record->rate_hz, rate_hz, n);
        return NULL;
    }
    *n_out = count_out(&r, n);
    if (r.p == r.q) {
        float *copy = leadseq_calloc(LEADSEQ_LEADS * n, sizeof *copy);
        if (copy) memcpy(copy, record->mv, LEADSEQ_LEADS * n * sizeof *copy);
        return copy;
    }
    if (make_weights(&r)) return NULL;
    float *out = resample_all(&r, record, *n_out);
    free(r.weight);
    return out;
}
