/* SPDX-License-Identifier: MIT
 *
 * Keyed random streams: SplitMix64 as a generator type of GSL's, so that GSL's
 * distributions draw from it. Not for cryptography. */
#include "base/base.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

static const uint64_t GOLDEN = 0x9e3779b97f4a7c15u;

/* The finaliser of SplitMix64 (variant 13 of Stafford's mixers). */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void leadseq_random_init(struct leadseq_random *r, uint64_t seed, enum leadseq_stream purpose,
                         uint64_t a, uint64_t b)
{
    uint64_t key = mix(seed + GOLDEN);
    key = mix(key ^ (uint64_t)purpose) + GOLDEN;
    key = mix(key ^ a) + GOLDEN;
    r->state = mix(key ^ b);
}

uint64_t leadseq_random_bits(struct leadseq_random *r)
{
    r->state += GOLDEN;
    return mix(r->state);
}

double leadseq_random_uniform(struct leadseq_random *r)
{
    return (double)(leadseq_random_bits(r) >> 11) * 0x1p-53;
}

static void stream_set(void *state, unsigned long seed)
{
    ((struct leadseq_random *)state)->state = seed;
}

static unsigned long stream_get(void *state)
{
    return leadseq_random_bits(state) >> 32;
}

static double stream_uniform(void *state)
{
    return leadseq_random_uniform(state);
}

static const gsl_rng_type stream_type = {
    .name = "leadseq-splitmix64",
    .max = 0xffffffffu,
    .min = 0,
    .size = sizeof(struct leadseq_random),
    .set = stream_set,
    .get = stream_get,
    .get_double = stream_uniform,
};

double leadseq_random_normal(struct leadseq_random *r)
{
    gsl_rng view = {.type = &stream_type, .state = r};
    return gsl_ran_gaussian_ziggurat(&view, 1.0);
}

uint64_t leadseq_random_below(struct leadseq_random *r, uint64_t n)
{
    uint64_t reject = -n % n; // 2^64 mod n: values below it would favour small results
    uint64_t bits;
    do bits = leadseq_random_bits(r);
    while (bits < reject);
    return bits % n;
}

void leadseq_random_permute(struct leadseq_random *r, size_t *index, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = leadseq_random_below(r, i);
        size_t t = index[i - 1];
        index[i - 1] = index[j];
        index[j] = t;
    }
}
