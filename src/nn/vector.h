/* SPDX-License-Identifier: MIT
 *
 * A vector of floats at a time, on GCC's portable vectors: σ and tanh, and an LSTM's step on
 * them. For the files that walk through the gates; all of it is inlined there, once for each
 * instruction set. A file that includes it may define how many floats a vector has (NN_LANES); the
 * default is sixteen.
 *
 * The C library's expf() and tanhf() take one value at a time; these take a vector and are within
 * 2e-7 relative of the exact functions. */
#ifndef NN_VECTOR_H
#define NN_VECTOR_H

#include "lanes.h"

/* --- Vector mathematics --------------------------------------------------------------------- */

/* tanh(x) where m is set, else σ(x), from t = e^y - 1 with y = -2|x| or -|x|:
 *   tanh|x| = -t / (2 + t),   σ(|x|) = 1 / (2 + t),   σ(-|x|) = e^y / (2 + t).
 * e^y = 2^n e^r with |r| <= ln 2 / 2, e^r - 1 by its Taylor polynomial of degree
 * 7 (remainder 2e-8 relative). y is held above -87, where 2^n is still normal.
 * NaN stays NaN. */
INLINE vec activate(vec x, mask m)
{
    const float log2e = 1.44269504f, shift = 0x1.8p23f;
    const float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
    const vec zero = {0};
    mask sign = (mask)x & (mask)((bits)zero | 0x80000000u);
    vec size = (vec)((mask)x & 0x7fffffff);
    vec y = -(size + (vec)((mask)size & m));
    y = choose(y < -87.0f, zero - 87.0f, y);
    vec z = y * log2e + shift;
    vec n = z - shift;
    vec r = (y - n * ln2_high) - n * ln2_low;
    vec p = r * (1.0f / 5040) + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * (r * r) + r;
    vec s = (vec)(((bits)z << 23) + (127u << 23)); /* 2^n: z holds n in its last bits */
    vec t = s * p + (s - 1.0f);
    vec e = s * p + s;
    vec over = choose(m, zero - t, choose(sign < 0, e, zero + 1.0f));
    return (vec)((mask)(over / (2.0f + t)) | (sign & m));
}

/* Instructions that have no operator; an instruction set may bring its own. NaN in x stays NaN. */
#ifndef AT_LEAST
#define AT_LEAST(x, low) choose((x) < (low), low, x)
#define AT_MOST(x, high) choose((x) > (high), high, x)
#endif
#ifndef RECIPROCAL
#define RECIPROCAL(x) (1.0f / (x))
#endif

/* e^y - 1 as s p + (s - 1) and s = 2^n, for activations whose lanes are all of one kind;
 * y is held within ±87. p = e^r - 1 = r + r² q(r), q by interpolation at Chebyshev's points
 * (relative error of p 2e-8). NaN stays NaN. */
struct exponential {
    vec s, p;
};
INLINE struct exponential exponential(vec y)
{
    const float log2e = 1.44269504f, shift = 0x1.8p23f;
    const float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
    const vec zero = {0};
    y = AT_LEAST(y, zero - 87.0f);
    y = AT_MOST(y, zero + 87.0f);
    vec z = y * log2e + shift;
    vec n = z - shift;
    vec r = (y - n * ln2_high) - n * ln2_low;
    vec q = r * 0.00139262131f + 0.00836320315f;
    q = q * r + 0.0416665561f;
    q = q * r + 0.166665763f;
    q = q * r + 0.5f;
    return (struct exponential){.s = (vec)(((bits)z << 23) + (127u << 23)), .p = q * (r * r) + r};
}

/* 1 / (1 + e^-x) */
INLINE vec sigmoid(vec x)
{
    struct exponential e = exponential(-x);
    return RECIPROCAL((e.s * e.p + e.s) + 1.0f);
}

/* t / (2 + t) with t = e^2x - 1 */
INLINE vec tangent(vec x)
{
    struct exponential e = exponential(x * 2.0f);
    vec t = e.s * e.p + (e.s - 1.0f);
    return t * RECIPROCAL(2.0f + t);
}

struct gates {
    vec i, f, o, g;
};

/* h, and c in place; the gates are activated. */
INLINE vec step(const struct gates *a, vec *c)
{
    *c = a->f * *c + a->i * a->g;
    return a->o * tangent(*c);
}

/* The gates become derivatives of their sums, dc that of c_before; t = tanh(c). */
INLINE void step_back(struct gates *a, vec t, vec c_before, vec dh, vec *dc)
{
    vec d = *dc + dh * a->o * (1.0f - t * t);
    *dc = d * a->f;
    a->o = dh * t * a->o * (1.0f - a->o);
    a->f = d * c_before * a->f * (1.0f - a->f);
    vec i = a->i;
    a->i = d * a->g * i * (1.0f - i);
    a->g = d * i * (1.0f - a->g * a->g);
}

#endif
