/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(ratio, one_class_only_has_no_ratio)
{
    const struct leadseq_confusion no_positive = {.fp = 2, .tn = 3}, no_negative = {.tp = 2};
    cr_assert(isnan(leadseq_lr_positive(&no_positive).value));
    cr_assert(strstr(leadseq_lr_negative(&no_positive).method, "one class"));
    cr_assert(isnan(leadseq_lr_negative(&no_negative).value));
    cr_assert(strstr(leadseq_lr_positive(&no_negative).method, "one class"));
}

Test(ratio, a_ratio_by_nothing_is_no_figure_and_zero_has_no_interval)
{
    const struct leadseq_confusion no_fp = {.tp = 5, .fn = 5, .tn = 9};
    const struct leadseq_confusion no_tp = {.fp = 1, .fn = 5, .tn = 9};
    struct leadseq_estimate e = leadseq_lr_positive(&no_fp);
    cr_assert(isnan(e.value) && isnan(e.low) && strstr(e.method, "divided by zero"));
    e = leadseq_lr_positive(&no_tp);
    cr_assert(e.value == 0 && isnan(e.low) && isnan(e.high) && strstr(e.method, "zero"));
}

Test(ratio, calling_everything_positive_has_no_variance)
{
    const struct leadseq_confusion all = {.tp = 5, .fp = 7};
    struct leadseq_estimate e = leadseq_lr_positive(&all);
    cr_assert(e.value == 1 && isnan(e.low) && strstr(e.method, "variance is zero"));
    cr_assert(isnan(leadseq_lr_negative(&all).value));
}

/* sensitivity 90/100, specificity 160/200: the logarithm's variance of LR+ is
 * 1/90 - 1/100 + 1/40 - 1/200 = .021111, of LR- 1/10 - 1/100 + 1/160 - 1/200 = .09125. */
Test(ratio, the_interval_is_that_of_the_logarithm)
{
    const struct leadseq_confusion c = {.tp = 90, .fp = 40, .fn = 10, .tn = 160};
    struct leadseq_estimate e = leadseq_lr_positive(&c);
    cr_assert_float_eq(e.value, 4.5, 1e-12);
    cr_assert_float_eq(e.low, 4.5 * exp(-1.959963984540054 * sqrt(19. / 900)), 1e-9);
    cr_assert_float_eq(e.high, 4.5 * exp(1.959963984540054 * sqrt(19. / 900)), 1e-9);
    e = leadseq_lr_negative(&c);
    cr_assert_float_eq(e.value, .125, 1e-12);
    cr_assert_float_eq(e.low, .125 * exp(-1.959963984540054 * sqrt(.09125)), 1e-9);
    cr_assert_float_eq(e.high, .125 * exp(1.959963984540054 * sqrt(.09125)), 1e-9);
}
