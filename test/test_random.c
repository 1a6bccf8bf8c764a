/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>
#include <math.h>

static struct leadseq_random stream(uint64_t seed, uint64_t a, uint64_t b)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_TEST, a, b);
    return r;
}

Test(random, the_same_key_gives_the_same_stream)
{
    struct leadseq_random a = stream(1, 2, 3), b = stream(1, 2, 3);
    for (int i = 0; i < 100; i++) cr_assert_eq(leadseq_random_bits(&a), leadseq_random_bits(&b));
}

Test(random, every_part_of_the_key_matters)
{
    struct leadseq_random a = stream(1, 2, 3);
    uint64_t first = leadseq_random_bits(&a);
    struct leadseq_random other[] = {stream(2, 2, 3), stream(1, 3, 3), stream(1, 2, 4),
                                     stream(1, 3, 2)};
    for (size_t i = 0; i < LEADSEQ_COUNT(other); i++)
        cr_assert_neq(leadseq_random_bits(&other[i]), first);
    leadseq_random_init(&a, 1, LEADSEQ_STREAM_SPLIT, 2, 3);
    cr_assert_neq(leadseq_random_bits(&a), first);
}

Test(random, uniform_and_normal_have_their_moments)
{
    enum { N = 200000 };
    double u = 0, uu = 0, z = 0, zz = 0;
    struct leadseq_random r = stream(7, 0, 0);
    for (int i = 0; i < N; i++) {
        double x = leadseq_random_uniform(&r), y = leadseq_random_normal(&r);
        cr_assert(x >= 0 && x < 1);
        u += x, uu += x * x, z += y, zz += y * y;
    }
    cr_assert_float_eq(u / N, 0.5, 5 * sqrt(1.0 / 12 / N));
    cr_assert_float_eq(uu / N, 1.0 / 3, 0.005);
    cr_assert_float_eq(z / N, 0, 5 / sqrt(N));
    cr_assert_float_eq(zz / N, 1, 0.02);
}

Test(random, below_is_uniform_over_small_ranges)
{
    enum { N = 70000 };
    int count[7] = {0};
    struct leadseq_random r = stream(9, 0, 0);
    for (int i = 0; i < N; i++) count[leadseq_random_below(&r, 7)]++;
    for (int k = 0; k < 7; k++) cr_assert_float_eq(count[k], N / 7, 5 * sqrt(N / 7));
    cr_assert_eq(leadseq_random_below(&r, 1), 0);
}

Test(random, a_permutation_holds_each_index_once)
{
    size_t index[50];
    bool seen[50] = {false};
    for (size_t i = 0; i < 50; i++) index[i] = i;
    struct leadseq_random r = stream(3, 0, 0);
    leadseq_random_permute(&r, index, 50);
    bool moved = false;
    for (size_t i = 0; i < 50; i++) {
        cr_assert(!seen[index[i]]);
        seen[index[i]] = true;
        moved |= index[i] != i;
    }
    cr_assert(moved);
}
