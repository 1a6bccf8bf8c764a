/* SPDX-License-Identifier: MIT
 *
 * Huffman codes as DEFLATE defines them (RFC 1951, 3.2): lengths from counts, up to a given
 * number of bits, and canonical codes from lengths, least significant bit first. */
#include "deflate.h"

#include <stdlib.h>
#include <string.h>

struct leaf {
    uint32_t count;
    int symbol;
};

static int by_count(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? -1 : 1;
    return x->symbol - y->symbol;
}

/* Depths of n sorted leaves: the two lightest of leaves and joined nodes are joined until one is
 * left; nodes come into being in the order of their weight. */
static void find_depths(const struct leaf *leaf, int n, int *depth)
{
    uint32_t weight[DEFLATE_SYMBOLS];
    int parent[2 * DEFLATE_SYMBOLS], leaves = 0, nodes = 0;
    for (int made = 0; made < n - 1; made++) {
        weight[made] = 0;
        for (int side = 0; side < 2; side++) {
            bool take_leaf = nodes == made || (leaves < n && leaf[leaves].count <= weight[nodes]);
            weight[made] += take_leaf ? leaf[leaves].count : weight[nodes];
            parent[take_leaf ? leaves++ : n + nodes++] = n + made;
        }
    }
    int of_node[2 * DEFLATE_SYMBOLS];
    of_node[2 * n - 2] = 0;
    for (int i = 2 * n - 3; i >= 0; i--) of_node[i] = of_node[parent[i]] + 1;
    memcpy(depth, of_node, (size_t)n * sizeof *depth);
}

/* How many codes have each length, none above `most`: those that are longer are cut, and the
 * deepest shorter ones lengthened until all fit (Kraft's sum is 1 again). */
static void limit(const int *depth, int n, int most, int *with)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++) with[depth[i] < most ? depth[i] : most]++;
    for (int i = 1; i <= most; i++) sum += (uint32_t)with[i] << (most - i);
    for (; sum > 1u << most; sum--) {
        int i = most - 1;
        while (with[i] == 0) i--;
        with[i]--;
        with[i + 1] += 2;
        with[most]--;
    }
}

void deflate_lengths(const uint32_t *count, int n, int most, uint8_t *length)
{
    struct leaf leaf[DEFLATE_SYMBOLS];
    int depth[DEFLATE_SYMBOLS], with[16] = {0}, used = 0;
    memset(length, 0, (size_t)n);
    for (int i = 0; i < n; i++)
        if (count[i]) leaf[used++] = (struct leaf){count[i], i};
    if (used < 2) {
        if (used) length[leaf[0].symbol] = 1;
        return;
    }
    qsort(leaf, (size_t)used, sizeof *leaf, by_count);
    find_depths(leaf, used, depth);
    limit(depth, used, most, with);
    for (int bits = most, i = 0; bits > 0; bits--) // the rarest get the longest
        for (int k = 0; k < with[bits]; k++) length[leaf[i++].symbol] = (uint8_t)bits;
}

void deflate_codes(const uint8_t *length, int n, uint16_t *code)
{
    int with[16] = {0}, next[16] = {0};
    for (int i = 0; i < n; i++) with[length[i]]++;
    with[0] = 0;
    for (int bits = 1; bits < 16; bits++) next[bits] = (next[bits - 1] + with[bits - 1]) << 1;
    for (int i = 0; i < n; i++) {
        int value = next[length[i]]++, turned = 0;
        for (int b = 0; b < length[i]; b++) turned |= (value >> b & 1) << (length[i] - 1 - b);
        code[i] = (uint16_t)turned;
    }
}
