/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

/* true down, called across */
static const size_t three[] = {20, 3, 2, 4, 30, 6, 1, 5, 29};

Test(classes, a_class_beyond_the_last_is_refused)
{
    const int truth[] = {0, 1, 2}, beyond[] = {0, 1, 3}, below[] = {0, -1, 2};
    size_t count[9];
    cr_assert_eq(leadseq_classes_count(count, truth, beyond, NULL, 3, 3), -1);
    cr_assert(strstr(leadseq_error(), "record 3 of 3: expected a class from 0 to 2, found 3"));
    cr_assert_eq(leadseq_classes_count(count, below, truth, NULL, 3, 3), -1);
    cr_assert(strstr(leadseq_error(), "record 2 of 3"));
}

Test(classes, the_largest_probability_is_called_of_equals_the_first)
{
    const double p[] = {.1, .7, .2, .4, .4, .2, .2, .3, .5, 0, 0, 0};
    int called[4];
    leadseq_classes_call(called, p, 4, 3);
    const int expected[] = {1, 0, 2, 0};
    for (int i = 0; i < 4; i++) cr_assert_eq(called[i], expected[i]);
}

Test(classes, what_is_not_a_number_is_called_nothing_and_not_counted)
{
    const double p[] = {.1, .7, .2, .4, NAN, .2};
    const int truth[] = {1, 0};
    int called[2];
    size_t count[9];
    leadseq_classes_call(called, p, 2, 3);
    cr_assert(called[0] == 1 && called[1] == -1);
    cr_assert_eq(leadseq_classes_count(count, truth, called, NULL, 2, 3), -1);
    cr_assert(strstr(leadseq_error(), "record 2 of 2"));
}

Test(classes, counts_stand_at_true_and_called_with_their_weights)
{
    const int truth[] = {0, 0, 1, 2, 2}, called[] = {0, 1, 1, 0, 2};
    const uint32_t weight[] = {2, 0, 1, 3, 1};
    size_t count[9];
    cr_assert_eq(leadseq_classes_count(count, truth, called, NULL, 5, 3), 0);
    const size_t once[] = {1, 1, 0, 0, 1, 0, 1, 0, 1}, weighted[] = {2, 0, 0, 0, 1, 0, 3, 0, 1};
    for (int i = 0; i < 9; i++) cr_assert_eq(count[i], once[i]);
    cr_assert_eq(leadseq_classes_count(count, truth, called, weight, 5, 3), 0);
    for (int i = 0; i < 9; i++) cr_assert_eq(count[i], weighted[i]);
}

Test(classes, one_against_the_rest_adds_up)
{
    struct leadseq_confusion c = leadseq_classes_one(three, 3, 1);
    cr_assert(c.tp == 30 && c.fn == 10 && c.fp == 8 && c.tn == 52);
}

/* Two classes: the same as with the four counts; kappa .4 is a textbook's, mcc .478 another's. */
Test(classes, two_of_them_are_the_binary_figures)
{
    const size_t cohen[] = {20, 5, 10, 15}, cats[] = {3, 1, 2, 6};
    struct leadseq_classes_figures f = leadseq_classes_measure(cohen, 2);
    struct leadseq_confusion c = leadseq_classes_one(cohen, 2, 1);
    cr_assert_float_eq(f.kappa, .4, 1e-15);
    cr_assert_float_eq(leadseq_kappa(&c), .4, 1e-15);
    cr_assert_float_eq(f.accuracy, leadseq_accuracy(&c), 1e-15);
    cr_assert_float_eq(f.balanced_accuracy, leadseq_balanced_accuracy(&c), 1e-15);
    f = leadseq_classes_measure(cats, 2);
    c = leadseq_classes_one(cats, 2, 1);
    cr_assert_float_eq(f.mcc, .478, 5e-4);
    cr_assert_float_eq(leadseq_mcc(&c), f.mcc, 1e-15);
}

Test(classes, macro_figures_are_plain_means)
{
    struct leadseq_classes_figures f = leadseq_classes_measure(three, 3);
    cr_assert_float_eq(f.balanced_accuracy, (20. / 25 + 30. / 40 + 29. / 35) / 3, 1e-15);
    cr_assert_float_eq(f.macro_precision, (20. / 25 + 30. / 38 + 29. / 37) / 3, 1e-15);
    cr_assert_float_eq(f.macro_f1, (40. / 50 + 60. / 78 + 58. / 72) / 3, 1e-15);
    cr_assert_float_eq(f.accuracy, .79, 1e-15);
    const double x[] = {.5, .7, .9}, y[] = {.5, NAN};
    cr_assert_float_eq(leadseq_macro(x, 3), .7, 1e-15);
    cr_assert(isnan(leadseq_macro(y, 2)));
    cr_assert(isnan(leadseq_macro(y, 0)));
}

Test(classes, a_class_nobody_has_leaves_no_macro_sensitivity)
{
    const size_t count[] = {5, 1, 0, 2, 6, 0, 0, 0, 0}, none[9] = {0};
    struct leadseq_classes_figures f = leadseq_classes_measure(count, 3);
    cr_assert(isnan(f.balanced_accuracy) && isnan(f.macro_precision) && isnan(f.macro_f1));
    cr_assert_float_eq(f.accuracy, 11. / 14, 1e-15);
    cr_assert(isfinite(f.kappa) && isfinite(f.mcc));
    f = leadseq_classes_measure(none, 3);
    cr_assert(isnan(f.accuracy) && isnan(f.kappa) && isnan(f.mcc));
}

Test(classes, one_answer_for_all_is_no_agreement_beyond_chance)
{
    const size_t constant[] = {5, 0, 0, 7, 0, 0, 3, 0, 0};
    struct leadseq_classes_figures f = leadseq_classes_measure(constant, 3);
    cr_assert_float_eq(f.kappa, 0, 1e-15);
    cr_assert(isnan(f.mcc));
}
