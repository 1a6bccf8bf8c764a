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
