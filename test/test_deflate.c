/* SPDX-License-Identifier: MIT
 *
 * What the encoder writes, read back by libdeflate; codes against Kraft and against
 * the best that can be. */
#include "dataset/deflate.h"

#include <criterion/criterion.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 20 };

static uint8_t bytes[ROOM];

/* Encodes n bytes and reads them back; the size of the stream. */
static size_t there_and_back(size_t n, size_t pixel, size_t row)
{
    struct deflate *d = deflate_new(pixel, row);
    uint8_t *stream = malloc(deflate_bound(n) + 1), *back = malloc(n + 1);
    stream[deflate_bound(n)] = 99;
    size_t packed = 0, found;
    for (int again = 0; again < 2; again++) packed = deflate_encode(d, bytes, n, stream);
    cr_assert_leq(packed, deflate_bound(n));
    cr_assert_eq(stream[deflate_bound(n)], 99);
    struct libdeflate_decompressor *r = libdeflate_alloc_decompressor();
    cr_assert_eq(libdeflate_deflate_decompress(r, stream, packed, back, n, &found),
                 LIBDEFLATE_SUCCESS, "%zu bytes, %zu, %zu", n, pixel, row);
    cr_assert_eq(found, n);
    cr_assert_eq(memcmp(back, bytes, n), 0);
    libdeflate_free_decompressor(r);
    deflate_free(d);
    free(stream);
    free(back);
    return packed;
}

Test(deflate, paper_takes_next_to_nothing)
{
    memset(bytes, 255, ROOM);
    cr_assert_lt(there_and_back(ROOM, 1, 512), ROOM / 258 / 4 + 200); // two bits a match
    cr_assert_lt(there_and_back(ROOM, 3, 1536), ROOM / 258 / 4 + 200);
}

Test(deflate, every_length_and_size_comes_back)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, 0, 0);
    for (size_t n = 0; n < 700; n++) { // runs of every length around the limits of a match
        memset(bytes, 7, n);
        if (n) bytes[0] = 8, bytes[n - 1] = 9;
        there_and_back(n, 1, 64);
    }
    for (int k = 0; k < 60; k++) { // pieces of rows, runs and noise in any order
        size_t n = 0, row = 1 + leadseq_random_below(&r, 400);
        while (n < 20000) {
            size_t length = 1 + leadseq_random_below(&r, 600), kind = leadseq_random_below(&r, 3);
            for (size_t i = 0; i < length; i++, n++) {
                bytes[n] = (uint8_t)leadseq_random_below(&r, 256);
                if (kind == 1 && n) bytes[n] = bytes[n - 1];
                if (kind == 2 && n >= row) bytes[n] = bytes[n - row];
            }
        }
        there_and_back(n, 1 + 2 * (k % 2), row);
    }
}

Test(deflate, noise_of_several_blocks_stays_within_its_bound)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 2, LEADSEQ_STREAM_TEST, 0, 0);
    for (size_t i = 0; i < ROOM; i++) bytes[i] = (uint8_t)leadseq_random_bits(&r);
    cr_assert_lt(there_and_back(ROOM, 1, 512), ROOM + ROOM / 200);
    for (size_t i = 0; i < ROOM; i++) bytes[i] = (uint8_t)(i * i >> 7);
    there_and_back(ROOM, 3, 24576);
    there_and_back(ROOM, 1, 1);
    there_and_back(ROOM, 1, 32768);
}

Test(deflate, literals_of_fibonacci_counts_keep_to_fifteen_bits)
{
    size_t n = 0; // unlimited codes of such counts would have 25 bits
    for (size_t a = 1, b = 1, symbol = 0; symbol < 26 && n + a < ROOM; symbol++) {
        for (size_t i = 0; i < a; i++) bytes[n++] = (uint8_t)(symbol * 2 + i % 2 * 100);
        size_t next = a + b;
        a = b, b = next;
    }
    there_and_back(n, 3, 32768);
}

/* Bits of the best code without a limit: the sum of all joined weights. */
static uint64_t best_bits(const uint32_t *count, int n)
{
    uint64_t weight[DEFLATE_SYMBOLS], total = 0;
    int left = 0;
    for (int i = 0; i < n; i++)
        if (count[i]) weight[left++] = count[i];
    while (left > 1) {
        uint64_t sum = 0;
        for (int k = 0; k < 2; k++) {
            int least = 0;
            for (int i = 1; i < left; i++)
                if (weight[i] < weight[least]) least = i;
            sum += weight[least];
            weight[least] = weight[--left];
        }
        weight[left++] = sum;
        total += sum;
    }
    return total;
}

Test(deflate, codes_are_complete_and_as_short_as_can_be)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 3, LEADSEQ_STREAM_TEST, 0, 0);
    for (int k = 0; k < 400; k++) {
        uint32_t count[DEFLATE_SYMBOLS] = {0};
        uint8_t length[DEFLATE_SYMBOLS];
        int n = 2 + (int)leadseq_random_below(&r, DEFLATE_SYMBOLS - 1), most = k % 2 ? 15 : 9;
        for (int i = 0; i < n; i++)
            if (k % 3 || leadseq_random_below(&r, 4))
                count[i] = 1u << leadseq_random_below(&r, (uint64_t)(1 + k % 20));
        count[0] = count[1] = 1;
        deflate_lengths(count, n, most, length);
        uint64_t bits = 0, kraft = 0;
        int longest = 0;
        for (int i = 0; i < n; i++) {
            cr_assert_eq(length[i] > 0, count[i] > 0);
            bits += (uint64_t)length[i] * count[i];
            if (length[i]) kraft += 1ull << (most - length[i]);
            if (length[i] > longest) longest = length[i];
        }
        cr_assert_eq(kraft, 1ull << most);
        if (longest < most) cr_assert_eq(bits, best_bits(count, n)); // the limit did not bind
        cr_assert_leq(longest, most);
    }
}
