/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(number, whole_numbers_are_refused_outside_their_range_and_form)
{
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "+",
                                      "-",
                                      "0x10",
                                      "1e3",
                                      "1.0",
                                      "4294967360",
                                      "-4294967295",
                                      "99999999999999999999",
                                      "1,",
                                      "one",
                                      "101",
                                      "-101"};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        int value = 7;
        cr_assert_not(leadseq_parse_int(bad[i], -100, 100, &value), "'%s'", bad[i]);
        cr_assert_eq(value, 7, "'%s' changed the value", bad[i]);
    }
}

Test(number, whole_numbers_are_read)
{
    static const struct {
        const char *text;
        int value;
    } good[] = {{"0", 0}, {"-0", 0}, {"+5", 5}, {"100", 100}, {"-100", -100}, {"007", 7}};
    for (size_t i = 0; i < LEADSEQ_COUNT(good); i++) {
        int value = -1;
        cr_assert(leadseq_parse_int(good[i].text, -100, 100, &value), "'%s'", good[i].text);
        cr_assert_eq(value, good[i].value);
    }
    int64_t large;
    cr_assert(leadseq_parse_integer("9223372036854775807", INT64_MIN, INT64_MAX, &large));
    cr_assert_eq(large, INT64_MAX);
    cr_assert_not(leadseq_parse_integer("9223372036854775808", INT64_MIN, INT64_MAX, &large));
}

Test(number, seeds_are_digits_up_to_64_bits)
{
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "0x10", "18446744073709551616", "99999999999999999999"};
    uint64_t seed = 7;
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++)
        cr_assert_not(leadseq_parse_seed(bad[i], &seed), "'%s'", bad[i]);
    cr_assert_eq(seed, 7);
    cr_assert(leadseq_parse_seed("18446744073709551615", &seed));
    cr_assert_eq(seed, UINT64_MAX);
}

Test(number, numbers_are_refused_outside_their_range_and_form)
{
    static const char *const bad[] = {"",      " 1",     "1 ",  "0x10", "inf",  "nan", "-inf",
                                      "1e400", "1e",     "1-2", "--1",  ".",    "e5",  "1,5",
                                      "1.5f",  "-1e400", "1e9", "-1",   "1e+1e"};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        double value = 7;
        cr_assert_not(leadseq_parse_number(bad[i], 0, 1000, &value), "'%s'", bad[i]);
        cr_assert_eq(value, 7);
    }
    double value;
    cr_assert(leadseq_parse_number("1e-3", 0, 1000, &value) && value == 1e-3);
    cr_assert(leadseq_parse_number("+.5", 0, 1000, &value) && value == 0.5);
    cr_assert(leadseq_parse_number("1000", 0, 1000, &value) && value == 1000);
    cr_assert_not(leadseq_parse_number("1e400", -INFINITY, INFINITY, &value));
}

Test(number, a_scan_ends_at_a_stop_or_the_end)
{
    const char *text = "0.5:0.25,7";
    double value;
    cr_assert(leadseq_scan_number(&text, ":,", 0, 1, &value) && value == 0.5);
    cr_assert_str_eq(text, ":0.25,7");
    text++;
    cr_assert(leadseq_scan_number(&text, ":,", 0, 1, &value) && value == 0.25);
    text++;
    cr_assert_not(leadseq_scan_number(&text, ":,", 0, 1, &value), "7 is above 1");
    cr_assert_str_eq(text, "7");
    text = "0.5;";
    cr_assert_not(leadseq_scan_number(&text, ":,", 0, 1, &value));
}

Test(number, sizes_do_not_overflow)
{
    static const char *const bad[] = {"",
                                      "64",
                                      "x64",
                                      "64x",
                                      "64x64x",
                                      "64x 64",
                                      " 64x64",
                                      "+6x64",
                                      "64x-64",
                                      "0x64",
                                      "64x0",
                                      "64X64",
                                      "4294967360x64",
                                      "64x4294967360",
                                      "1e2x9",
                                      "8193x8",
                                      "8x8193",
                                      "64x64 ",
                                      "0000000000000000000000000000001x1"};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        int width = 7, height = 7;
        cr_assert_not(leadseq_parse_size(bad[i], 8192, &width, &height), "'%s'", bad[i]);
        cr_assert(width == 7 && height == 7, "'%s'", bad[i]);
    }
    int width, height;
    cr_assert(leadseq_parse_size("8192x1", 8192, &width, &height));
    cr_assert(width == 8192 && height == 1);
}

Test(number, the_shortest_text_reads_back)
{
    static const double values[] = {0.1, 1.0 / 3, 1e-300, 123456789.125, -2.5, 0};
    for (size_t i = 0; i < LEADSEQ_COUNT(values); i++) {
        char text[32];
        double value;
        leadseq_print_shortest(text, values[i], 1);
        cr_assert(leadseq_parse_number(text, -INFINITY, INFINITY, &value), "%s", text);
        cr_assert_eq(value, values[i], "%s", text);
    }
    char text[32];
    leadseq_print_shortest(text, 0.1, 1);
    cr_assert_str_eq(text, "0.1");
}
