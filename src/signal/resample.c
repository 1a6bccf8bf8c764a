/* SPDX-License-Identifier: MIT
 *
 * Resampling in a ratio p/q of whole numbers by a Kaiser-windowed sinc (Kaiser 1974;
 * Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5.3), one row of weights
 * for each of the p positions a result can have between two inputs:
 *
 *   y[k] = sum_j w[phase][j] x[base - half + 1 + j],  k·q = base·p + phase
 *
 * Every row sums to 1, so that a constant stays exactly what it was. */
#include "signal_private.h"

#include <gsl/gsl_sf_bessel.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double stop_db = 80, pass_share = 0.8;
enum { WEIGHTS_MAX = 1 << 23, SCALE_MAX = 1000 };

struct resampler {
    size_t p, q;    // rate out / rate in
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

/* The ratio of two rates in lowest terms; rates may have decimals (128.5 Hz). */
static int find_ratio(struct resampler *r, double in_hz, double out_hz)
{
    bool in_range = in_hz > 0 && out_hz > 0 && in_hz <= LEADSEQ_WFDB_RATE_MAX &&
                    out_hz <= LEADSEQ_WFDB_RATE_MAX;
    for (int scale = 1; in_range && scale <= SCALE_MAX; scale++) {
        if (!is_whole(in_hz * scale) || !is_whole(out_hz * scale)) continue;
        size_t in = (size_t)llrint(in_hz * scale), out = (size_t)llrint(out_hz * scale);
        size_t divisor = common_divisor(in, out);
        r->p = out / divisor;
        r->q = in / divisor;
        return 0;
    }
    return leadseq_fail("resampling from %g to %g Hz: expected rates up to %d Hz in a ratio of "
                        "whole numbers",
                        in_hz, out_hz, LEADSEQ_WFDB_RATE_MAX);
}

static double sinc(double x)
{
    return fabs(x) < 1e-12 ? 1 : sin(M_PI * x) / (M_PI * x);
}

static void fill_weights(struct resampler *r, double cutoff, double width)
{
    double beta = 0.1102 * (stop_db - 8.7);
    for (size_t phase = 0; phase < r->p; phase++) {
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

/* All in cycles a sample of the input: stop band from f on, pass band to 0.8·f. */
static int make_weights(struct resampler *r)
{
    double ratio = (double)r->p / (double)r->q;
    double stop = ratio < 1 ? ratio / 2 : 0.5, band = (1 - pass_share) * stop;
    double width = (stop_db - 7.95) / (14.36 * band) / 2; // Kaiser's formula for the half length
    r->half = (size_t)ceil(width) + 1;
    if (r->p > WEIGHTS_MAX / (2 * r->half))
        return leadseq_fail("resampling in the ratio %zu/%zu: expected a simpler ratio, which "
                            "needs at most %d weights",
                            r->p, r->q, WEIGHTS_MAX);
    r->weight = leadseq_calloc(r->p * 2 * r->half, sizeof *r->weight);
    if (!r->weight) return -1;
    fill_weights(r, stop - band / 2, width);
    return 0;
}

static void resample_lead(const struct resampler *r, const float *x, size_t n, double *padded,
                          float *y, size_t n_out)
{
    signal_bridge_gaps(x, n, padded + r->half);
    signal_reflect_ends(padded, n, r->half);
    for (size_t k = 0; k < n_out; k++) {
        size_t base = k * r->q / r->p, phase = k * r->q % r->p;
        bool gap = isnan(x[base]) || (phase && base + 1 < n && isnan(x[base + 1]));
        const double *w = r->weight + phase * 2 * r->half, *v = padded + base + 1;
        double sum = 0;
        for (size_t j = 0; j < 2 * r->half; j++) sum += w[j] * v[j];
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

float *leadseq_signal_resample(const struct leadseq_record *record, double rate_hz, size_t *n_out)
{
    struct resampler r = {0};
    size_t n = record->n_samples;
    if (find_ratio(&r, record->rate_hz, rate_hz)) return NULL;
    if (!n || n > LEADSEQ_WFDB_SAMPLES_MAX || n > LEADSEQ_WFDB_SAMPLES_MAX / r.p * r.q) {
        leadseq_fail("%s: expected 1 to %d samples before and after resampling in the ratio "
                     "%zu/%zu, found %zu",
                     record->name, LEADSEQ_WFDB_SAMPLES_MAX, r.p, r.q, n);
        return NULL;
    }
    *n_out = (n * r.p + r.q - 1) / r.q;
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
