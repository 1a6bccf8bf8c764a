/* SPDX-License-Identifier: MIT
 *
 * A vector of floats at a time, on GCC's portable vectors, and functions that are compiled once for
 * each instruction set. A file that includes it may define how many floats a vector has (NN_LANES);
 * the default is sixteen. */
#ifndef NN_LANES_H
#define NN_LANES_H

#include <stdint.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wpsabi" /* vectors never cross a call that is not inlined */

/* The widest instructions of the CPU that runs, where compiler and C library can choose at
 * run time (GCC 12 knows the x86-64 levels); elsewhere those the compiler was told. */
#if defined __x86_64__ && defined __GLIBC__ && !defined __clang__ && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

#ifndef NN_LANES
#define NN_LANES 16
#endif
enum { WIDTH = NN_LANES }; /* floats of a vector */
typedef float vec __attribute__((vector_size(WIDTH * sizeof(float))));
typedef int32_t mask __attribute__((vector_size(WIDTH * sizeof(float))));
typedef uint32_t bits __attribute__((vector_size(WIDTH * sizeof(float))));

INLINE vec load(const float *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, vec v)
{
    memcpy(p, &v, sizeof v);
}

/* Lane i is that of the number place[i] of a, or of b from WIDTH on. Clang has it for constants
 * alone. */
INLINE vec shuffle(vec a, vec b, mask place)
{
#ifdef __clang__
    vec v;
    for (int i = 0; i < WIDTH; i++) v[i] = place[i] < WIDTH ? a[place[i]] : b[place[i] - WIDTH];
    return v;
#else
    return __builtin_shuffle(a, b, place);
#endif
}

/* Up to a vector's values; the rest is zero, or is not written. */
INLINE vec load_some(const float *p, size_t count)
{
    if (count >= WIDTH) return load(p);
    vec v = {0};
    memcpy(&v, p, count * sizeof *p);
    return v;
}

INLINE void store_some(float *p, vec v, size_t count)
{
    if (count >= WIDTH)
        store(p, v);
    else
        memcpy(p, &v, count * sizeof *p);
}

/* yes where m is set, else no, bit by bit. */
INLINE vec choose(mask m, vec yes, vec no)
{
    return (vec)((m & (mask)yes) | (~m & (mask)no));
}

/* --- Vectors in double ---------------------------------------------------------------------
 * In halves: GCC would keep sums of whole ones in memory, and wait for it. */

typedef float half_vec __attribute__((vector_size(WIDTH / 2 * sizeof(float))));
typedef double half_sums __attribute__((vector_size(WIDTH / 2 * sizeof(double))));
struct doubles {
    half_sums low, high;
};

INLINE struct doubles doubled(vec v)
{
    half_vec half[2];
    memcpy(half, &v, sizeof half);
    return (struct doubles){__builtin_convertvector(half[0], half_sums),
                            __builtin_convertvector(half[1], half_sums)};
}

INLINE void add_doubles(double *to, struct doubles v)
{
    struct doubles sum;
    memcpy(&sum.low, to, sizeof sum.low);
    memcpy(&sum.high, to + WIDTH / 2, sizeof sum.high);
    sum.low += v.low;
    sum.high += v.high;
    memcpy(to, &sum.low, sizeof sum.low);
    memcpy(to + WIDTH / 2, &sum.high, sizeof sum.high);
}

#endif
