/* SPDX-License-Identifier: MIT
 *
 * FNV-1a (Fowler, Noll & Vo), 64 bits: the one hash of the program. It finds what is
 * equal and makes keys of names; it is no protection against anyone. */
#include "base/base.h"

#include <string.h>

static const uint64_t prime = 0x100000001b3u;

uint64_t leadseq_hash(uint64_t hash, const void *data, size_t n)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < n; i++) hash = (hash ^ byte[i]) * prime;
    return hash;
}

uint64_t leadseq_hash_text(const char *text)
{
    return leadseq_hash(LEADSEQ_HASH_START, text, strlen(text));
}

/* The multiplication carries bits upwards only; the shift brings the high half of a word down
 * again, which the bytewise form does not need. */
uint64_t leadseq_hash_words(const void *data, size_t n)
{
    const unsigned char *byte = data;
    uint64_t hash = LEADSEQ_HASH_START, word;
    for (; n >= sizeof word; n -= sizeof word, byte += sizeof word) {
        memcpy(&word, byte, sizeof word);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
    }
    return leadseq_hash(hash, byte, n);
}
