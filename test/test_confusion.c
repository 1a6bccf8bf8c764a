/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

Test(confusion, proportions_of_nothing_are_not_numbers)
{
    struct leadseq_confusion none = {0}, no_call = {.fn = 3, .tn = 5}, no_positive = {.tn = 4};
    cr_assert(isnan(leadseq_accuracy(&none)));
    cr_assert(isnan(leadseq_precision(&no_call)));
    cr_assert_eq(leadseq_f1(&no_call), 0);
    cr_assert_eq(leadseq_sensitivity(&no_call), 0);
    cr_assert(isnan(leadseq_sensitivity(&no_positive)));
    cr_assert(isnan(leadseq_f1(&no_positive)));
    cr_assert(isnan(leadseq_brier(NULL, NULL, 0)));
}

Test(confusion, a_score_at_the_threshold_is_called_positive)
{
    double score[] = {.2, .5, .5, .8};
    uint8_t label[] = {0, 0, 1, 1};
    struct leadseq_confusion c = leadseq_confusion_at(score, label, 4, .5);
    cr_assert(c.tp == 2 && c.fp == 1 && c.fn == 0 && c.tn == 1);
    c = leadseq_confusion_at(score, label, 4, nextafter(.5, 1));
    cr_assert(c.tp == 1 && c.fp == 0 && c.fn == 1 && c.tn == 2);
}

Test(confusion, brier_is_the_mean_squared_error)
{
    double p[] = {.9, .2, .5};
    uint8_t label[] = {1, 0, 1};
    cr_assert_float_eq(leadseq_brier(p, label, 3), (.01 + .04 + .25) / 3, 1e-15);
}

/* The published runs: the digits as printed, and the counts that give them. */
static const struct published {
    const char *error, *recall, *precision, *f1;
    struct leadseq_confusion counts;
} published[] = {
    {".102359", ".689401", ".871795", ".769943", {748, 110, 337, 3172}},
    {".100985", ".702304", ".865909", ".775573", {762, 118, 323, 3164}},
    {".104420", ".720737", ".836364", ".774257", {782, 153, 303, 3129}},
    {".100069", ".710599", ".862416", ".779181", {771, 123, 314, 3159}},
    {".1143", ".6894", ".8220", ".7499", {748, 162, 337, 3120}},
    {".1042", ".7309", ".8295", ".7771", {793, 163, 292, 3119}},
    {".2290", ".8481", ".7403", ".7906", {134, 47, 24, 105}},
    {".2258", ".7911", ".7716", ".7813", {125, 37, 33, 115}},
    {".2129", ".7911", ".7911", ".7911", {125, 33, 33, 119}},
    {".2097", ".8734", ".7541", ".8094", {138, 45, 20, 107}},
    {".1742", ".8165", ".8377", ".8269", {129, 25, 29, 127}},
    {".2194", ".6772", ".8629", ".7589", {107, 17, 51, 135}},
    {".2065", ".8734", ".7582", ".8118", {138, 44, 20, 108}},
    {".2097", ".8418", ".7688", ".8036", {133, 40, 25, 112}},
    {".2581", ".7215", ".7600", ".7403", {114, 36, 44, 116}},
    {".2452", ".7532", ".7628", ".7580", {119, 37, 39, 115}},
    {".2871", ".7532", ".7041", ".7278", {119, 50, 39, 102}},
};

/* Within half a unit of the last digit: one F1 is exactly .78125, printed as .7813. */
static void assert_prints(double value, const char *printed, size_t row, const char *what)
{
    double unit = pow(10, 1 - (double)strlen(printed));
    cr_assert_float_eq(value, atof(printed), unit / 2 + 1e-12, "row %zu, %s: %.7f", row, what,
                       value);
}

Test(confusion, the_published_counts_give_every_printed_digit)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(published); i++) {
        const struct published *p = &published[i];
        assert_prints(1 - leadseq_accuracy(&p->counts), p->error, i, "error");
        assert_prints(leadseq_sensitivity(&p->counts), p->recall, i, "recall");
        assert_prints(leadseq_precision(&p->counts), p->precision, i, "precision");
        assert_prints(leadseq_f1(&p->counts), p->f1, i, "F1");
    }
}

Test(confusion, specificity_of_the_published_best_is_above_its_precision)
{
    const struct leadseq_confusion *best = &published[3].counts;
    cr_assert_float_eq(leadseq_specificity(best), 3159.0 / 3282, 1e-15);
    cr_assert_gt(leadseq_specificity(best), .95);
}
