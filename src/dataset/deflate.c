/* SPDX-License-Identifier: MIT
 *
 * DEFLATE (RFC 1951) for pictures of lines: what repeats in them repeats the pixel to the left
 * or the row above, so matches are sought at these two distances and nowhere else. No table
 * of earlier places is kept, and paper is passed at the speed of comparing it.
 *
 * A block holds up to 65,536 literals and matches with Huffman codes of its own. */
#include "deflate.h"

#include <stdlib.h>
#include <string.h>

enum {
    LITERALS = 286, /* literals, end of block, lengths */
    DISTANCES = 30,
    CODE_LENGTHS = 19,
    END = 256,
    MATCH_LEAST = 4, /* shorter ones cost as much as their literals */
    MATCH_MOST = 258,
    TOKENS = 1 << 16,
    FAR = 1 << 15, /* of a token: the row above; else the pixel to the left */
};

struct bits { /* least significant first */
    uint64_t value;
    int n;
};

struct code { /* of a match's length or distance, with the bits that follow it */
    uint32_t bits;
    int n;
};

struct deflate {
    size_t distance[2];     /* to the left, above */
    uint16_t token[TOKENS]; /* a literal; or END + length, | FAR */
    size_t tokens;
    uint8_t *out;
    struct bits bits;
};

/* --- Symbols of RFC 1951, 3.2.5 ----------------------------------------------------- */

/* The symbol of `value` - base in classes of 4 or 2 a power of two, and its extra bits. */
static int symbol_of(uint32_t offset, int split, int *extra)
{
    int top = offset ? 31 - __builtin_clz(offset) : 0;
    *extra = top > split ? top - split : 0;
    return (*extra << split) + (int)(offset >> *extra);
}

static int length_symbol(int length, int *extra)
{
    if (length == MATCH_MOST) {
        *extra = 0;
        return 285;
    }
    return 257 + symbol_of((uint32_t)length - 3, 2, extra);
}

/* --- Bits ----------------------------------------------------------------------------- */

static inline void put(struct deflate *d, uint32_t bits, int n)
{
    d->bits.value |= (uint64_t)bits << d->bits.n;
    d->bits.n += n;
    if (d->bits.n < 32) return;
    for (int i = 0; i < 4; i++) d->out[i] = (uint8_t)(d->bits.value >> (8 * i));
    d->out += 4;
    d->bits.value >>= 32;
    d->bits.n -= 32;
}

static void flush(struct deflate *d)
{
    for (; d->bits.n > 0; d->bits.n -= 8, d->bits.value >>= 8) *d->out++ = (uint8_t)d->bits.value;
    d->bits = (struct bits){0};
}

/* --- One block ------------------------------------------------------------------------ */

struct block {
    uint32_t literals[LITERALS], distances[DISTANCES];
    uint8_t literal_bits[LITERALS], distance_bits[DISTANCES];
    uint16_t literal_code[LITERALS], distance_code[DISTANCES];
    struct code length[MATCH_MOST + 1], distance[2];
};

static void count(struct block *b, const struct deflate *d)
{
    int extra, of_distance[2];
    for (int i = 0; i < 2; i++) of_distance[i] = symbol_of((uint32_t)d->distance[i] - 1, 1, &extra);
    b->literals[END] = 1;
    for (size_t i = 0; i < d->tokens; i++) {
        int token = d->token[i] & ~FAR;
        if (token >= END) b->distances[of_distance[d->token[i] >= FAR]]++;
        b->literals[token < END ? token : length_symbol(token - END, &extra)]++;
    }
}

static struct code with_extra(uint32_t code, int bits, uint32_t offset, int extra)
{
    uint32_t rest = offset & ((1u << extra) - 1);
    return (struct code){code | rest << bits, bits + extra};
}

static void make_codes(struct block *b, const struct deflate *d)
{
    int extra;
    deflate_lengths(b->literals, LITERALS, 15, b->literal_bits);
    deflate_lengths(b->distances, DISTANCES, 15, b->distance_bits);
    deflate_codes(b->literal_bits, LITERALS, b->literal_code);
    deflate_codes(b->distance_bits, DISTANCES, b->distance_code);
    for (int l = MATCH_LEAST; l <= MATCH_MOST; l++) {
        int s = length_symbol(l, &extra);
        b->length[l] = with_extra(b->literal_code[s], b->literal_bits[s], (uint32_t)l - 3, extra);
    }
    for (int i = 0; i < 2; i++) {
        uint32_t offset = (uint32_t)d->distance[i] - 1;
        int s = symbol_of(offset, 1, &extra);
        b->distance[i] = with_extra(b->distance_code[s], b->distance_bits[s], offset, extra);
    }
}

/* Both codes by the lengths of their symbols, themselves in a Huffman code (3.2.7). */
static void put_codes(struct deflate *d, const struct block *b)
{
    static const uint8_t order[CODE_LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint32_t used[CODE_LENGTHS] = {0};
    uint8_t bits[CODE_LENGTHS];
    uint16_t code[CODE_LENGTHS];
    for (int i = 0; i < LITERALS; i++) used[b->literal_bits[i]]++;
    for (int i = 0; i < DISTANCES; i++) used[b->distance_bits[i]]++;
    deflate_lengths(used, CODE_LENGTHS, 7, bits);
    deflate_codes(bits, CODE_LENGTHS, code);
    put(d, LITERALS - 257, 5);
    put(d, DISTANCES - 1, 5);
    put(d, CODE_LENGTHS - 4, 4);
    for (int i = 0; i < CODE_LENGTHS; i++) put(d, bits[order[i]], 3);
    for (int i = 0; i < LITERALS; i++) put(d, code[b->literal_bits[i]], bits[b->literal_bits[i]]);
    for (int i = 0; i < DISTANCES; i++)
        put(d, code[b->distance_bits[i]], bits[b->distance_bits[i]]);
}

static void put_block(struct deflate *d, bool last)
{
    struct block b = {0};
    count(&b, d);
    make_codes(&b, d);
    put(d, last | 2 << 1, 3);
    put_codes(d, &b);
    for (size_t i = 0; i < d->tokens; i++) {
        int token = d->token[i] & ~FAR;
        if (token < END) {
            put(d, b.literal_code[token], b.literal_bits[token]);
            continue;
        }
        const struct code *length = &b.length[token - END],
                          *distance = &b.distance[d->token[i] >= FAR];
        put(d, length->bits, length->n);
        put(d, distance->bits, distance->n);
    }
    put(d, b.literal_code[END], b.literal_bits[END]);
    d->tokens = 0;
}

/* --- All ---------------------------------------------------------------------------------- */

/* Bytes that are the same from a and b on, at most `most`. */
static inline size_t same(const uint8_t *a, const uint8_t *b, size_t most)
{
    size_t n = 0;
    for (; n + 8 <= most; n += 8)
        if (memcmp(a + n, b + n, 8)) break;
    while (n < most && a[n] == b[n]) n++;
    return n;
}

/* The longer of the two matches at `at`. */
static size_t find(const struct deflate *d, const uint8_t *bytes, size_t at, size_t most,
                   int *which)
{
    size_t best = 0;
    for (int i = 0; i < 2 && best < most; i++) {
        if (d->distance[i] > at) continue;
        size_t length = same(bytes + at, bytes + at - d->distance[i], most);
        if (length <= best) continue;
        best = length;
        *which = i;
    }
    return best;
}

size_t deflate_encode(struct deflate *d, const uint8_t *bytes, size_t n, uint8_t *out)
{
    d->out = out;
    d->tokens = 0;
    for (size_t at = 0; at < n;) {
        int which = 0;
        size_t most = n - at < MATCH_MOST ? n - at : MATCH_MOST;
        size_t length = find(d, bytes, at, most, &which);
        if (d->tokens == TOKENS) put_block(d, false);
        if (length >= MATCH_LEAST) {
            d->token[d->tokens++] = (uint16_t)((END + length) | (which ? FAR : 0));
            at += length;
        } else {
            d->token[d->tokens++] = bytes[at++];
        }
    }
    put_block(d, true);
    flush(d);
    return (size_t)(d->out - out);
}

size_t deflate_bound(size_t bytes)
{
    return 2 * bytes + (bytes / TOKENS + 1) * 512; // 15 bits a literal, and the codes of each block
}

struct deflate *deflate_new(size_t pixel, size_t row)
{
    struct deflate *d = leadseq_calloc(1, sizeof *d);
    if (!d) return NULL;
    d->distance[0] = pixel;
    d->distance[1] = row;
    return d;
}

void deflate_free(struct deflate *d)
{
    free(d);
}
