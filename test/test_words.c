/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const struct {
    struct leadseq_estimate e;
    const char *text;
} estimates[] = {
    {{.9123, .881, .9402, "DeLong"}, "0.912 [0.881, 0.940]"},
    {{1, NAN, NAN, "no interval: its variance is zero"},
     "1.000 (no interval: its variance is zero)"},
    {{1, NAN, NAN, NULL}, "1.000 (no interval)"},
    {{NAN, NAN, NAN, "one class only"}, "– (one class only)"},
    {{NAN, .1, .2, NULL}, "– (not defined)"},
};

Test(words, an_estimate_is_never_printed_where_it_is_undefined)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(estimates); i++) {
        char text[LEADSEQ_ESTIMATE_TEXT];
        leadseq_estimate_text(text, &estimates[i].e, 3);
        cr_assert_str_eq(text, estimates[i].text);
    }
}

static const struct {
    struct leadseq_difference d;
    const char *text;
} differences[] = {
    {{.021, -.004, .046, .1012, "DeLong, paired"},
     "+0.021 [-0.004, +0.046], p = 0.101 (DeLong, paired)"},
    {{-.5, NAN, NAN, .00001, "rough"}, "-0.500, p < 0.0001 (rough)"},
    {{.25, NAN, NAN, NAN, "too few"}, "+0.250 (too few)"},
    {{NAN, NAN, NAN, NAN, NULL}, "– (not defined)"},
};

Test(words, a_difference_says_what_it_has)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(differences); i++) {
        char text[LEADSEQ_ESTIMATE_TEXT];
        leadseq_difference_text(text, &differences[i].d, 3);
        cr_assert_str_eq(text, differences[i].text);
    }
}

Test(words, a_long_reason_is_cut_within_the_text)
{
    char text[LEADSEQ_ESTIMATE_TEXT], reason[400];
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    const struct leadseq_difference d = {.1, .05, .2, .01, reason};
    leadseq_difference_text(text, &d, 3);
    cr_assert_eq(strlen(text), sizeof text - 1);
}
