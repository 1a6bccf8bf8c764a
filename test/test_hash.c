/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>

/* Values of the reference implementation (Fowler, Noll & Vo, test_fnv.c). */
Test(hash, texts_have_the_published_values)
{
    cr_assert_eq(leadseq_hash_text(""), UINT64_C(0xcbf29ce484222325));
    cr_assert_eq(leadseq_hash_text("a"), UINT64_C(0xaf63dc4c8601ec8c));
    cr_assert_eq(leadseq_hash_text("foobar"), UINT64_C(0x85944171f73967e8));
}

Test(hash, parts_continue_each_other)
{
    uint64_t hash = leadseq_hash(LEADSEQ_HASH_START, "foo", 3);
    cr_assert_eq(leadseq_hash(hash, "bar", 3), leadseq_hash_text("foobar"));
}

Test(hash, words_depend_on_every_byte)
{
    unsigned char data[19] = {0};
    uint64_t zero = leadseq_hash_words(data, sizeof data);
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = 1;
        cr_assert_neq(leadseq_hash_words(data, sizeof data), zero, "byte %zu", i);
        data[i] = 0;
    }
    cr_assert_neq(leadseq_hash_words(data, sizeof data - 1), zero);
}
