/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(text, counts_have_their_plural)
{
    static const struct {
        size_t n;
        const char *one, *text;
    } rows[] = {
        {0, "record", "0 records"}, {1, "record", "1 record"},     {2, "record", "2 records"},
        {1, "class", "1 class"},    {3, "class", "3 classes"},     {2, "box", "2 boxes"},
        {2, "batch", "2 batches"},  {2, "summary", "2 summaries"}, {2, "day", "2 days"},
        {11, "dash", "11 dashes"},  {2, "epoch", "2 epochs"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(rows); i++)
        cr_assert_str_eq(leadseq_count(rows[i].n, rows[i].one), rows[i].text);
    cr_assert_str_eq(leadseq_count_of(1, "axis", "axes"), "1 axis");
    cr_assert_str_eq(leadseq_count_of(2, "axis", "axes"), "2 axes");
}

Test(text, two_counts_in_one_message_do_not_disturb_each_other)
{
    char text[256];
    snprintf(text, sizeof text, "%s, %s", leadseq_count(1, "run"), leadseq_count(2, "seed"));
    cr_assert_str_eq(text, "1 run, 2 seeds");
}

Test(text, endings_are_compared)
{
    cr_assert(leadseq_ends_with("a.hea", ".hea"));
    cr_assert(leadseq_ends_with(".hea", ".hea"));
    cr_assert_not(leadseq_ends_with("hea", ".hea"));
    cr_assert_not(leadseq_ends_with("a.heap", ".hea"));
    cr_assert(leadseq_ends_with("a", ""));
}

/* --- Text from outside ----------------------------------------------------------------------- */

Test(text, what_a_terminal_would_obey_or_hide_is_shown_plainly)
{
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"Ärzte–Δ 心電図 🫀", "Ärzte–Δ 心電図 🫀"},
        {"C:\\new", "C:\\new"},
        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
        {"\x1b[2Jx\x07\x7f", "\\u001b[2Jx\\u0007\\u007f"},
        {"\xc2\x9b"
         "31m",
         "\\u009b31m"}, /* C1: CSI in one character */
        {"\x9b"
         "31m",
         "\\x9b31m"}, /* and in Latin 1 */
        {"a\xe2\x80\xae"
         "gnp.exe",
         "a\\u202egnp.exe"},                                           /* right to left */
        {"\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c", "\\u2066\\u200f\\u061c"}, /* isolates and marks */
        {"\xe2\x80\xa8\xef\xbb\xbf", "\\u2028\\ufeff"},
        {"\xef\xbf\xbe\xef\xbf\xbf", "\\ufffe\\uffff"},        /* XML has no such characters */
        {"\xc0\x80\xed\xa0\x80", "\\xc0\\x80\\xed\\xa0\\x80"}, /* too long; a surrogate */
        {"\xf4\x90\x80\x80\xe2\x82", "\\xf4\\x90\\x80\\x80\\xe2\\x82"}, /* too large; cut short */
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(rows); i++) {
        cr_assert_str_eq(leadseq_plain(rows[i].text), rows[i].shown);
        cr_assert_str_eq(leadseq_plain(rows[i].shown), rows[i].shown); // twice is once
        char *put = NULL;
        size_t size;
        FILE *out = open_memstream(&put, &size);
        leadseq_plain_put(out, rows[i].text);
        fclose(out);
        cr_assert_str_eq(put, rows[i].shown);
        free(put);
    }
}

Test(text, plain_text_is_cut_between_characters)
{
    char four[4];
    cr_assert_eq(leadseq_plain_copy(four, sizeof four, "aéé"), 3);
    cr_assert_str_eq(four, "aé");
    cr_assert_eq(leadseq_plain_copy(four, sizeof four, "ab\x1b"), 2);
    cr_assert_str_eq(four, "ab");
    cr_assert_eq(leadseq_plain_copy(four, 1, "ab"), 0);
    cr_assert_str_eq(four, "");
}
