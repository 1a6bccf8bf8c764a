/* SPDX-License-Identifier: MIT
 *
 * A number that is read lies in its range, and what is printed of it reads back the same. */
#include "fuzz.h"

static void check_number(const char *text)
{
    double value = -7, again = -8;
    if (!leadseq_parse_number(text, -1e300, 1e300, &value)) {
        fuzz_require(value == -7, "refused, and changed all the same");
        return;
    }
    char shortest[32];
    fuzz_require(value >= -1e300 && value <= 1e300, "%g", value);
    leadseq_print_shortest(shortest, value, 1);
    fuzz_require(leadseq_parse_number(shortest, -1e300, 1e300, &again) && value == again,
                 "%.17g printed as %s", value, shortest);
}

static void check_integers(const char *text)
{
    char again[32];
    int64_t value = 5;
    uint64_t seed = 5;
    int small = 7;
    if (leadseq_parse_integer(text, INT64_MIN, INT64_MAX, &value)) {
        snprintf(again, sizeof again, "%lld", (long long)value);
        int64_t copy;
        fuzz_require(leadseq_parse_integer(again, value, value, &copy) && copy == value, "%s",
                     again);
    }
    if (leadseq_parse_int(text, -3, 1000, &small))
        fuzz_require(small >= -3 && small <= 1000 && small == value, "%d", small);
    else
        fuzz_require(small == 7, "refused, and changed all the same");
    if (leadseq_parse_seed(text, &seed)) {
        snprintf(again, sizeof again, "%llu", (unsigned long long)seed);
        uint64_t copy;
        fuzz_require(leadseq_parse_seed(again, &copy) && copy == seed, "%s", again);
    }
}

static void check_size(const char *text)
{
    int width = -1, height = -1;
    if (!leadseq_parse_size(text, LEADSEQ_SIDE_MAX, &width, &height)) return;
    fuzz_require(width >= 1 && width <= LEADSEQ_SIDE_MAX && height >= 1 &&
                     height <= LEADSEQ_SIDE_MAX,
                 "%d %d", width, height);
}

/* Scanning moves forward, never beyond the end. */
static void check_scan(const char *text)
{
    const char *at = text, *end = text + strlen(text);
    double value;
    while (at < end && leadseq_scan_number(&at, ":,", -1e9, 1e9, &value)) {
        fuzz_require(at <= end && (!*at || strchr(":,", *at)), "stopped at '%.10s'", at);
        if (*at) at++;
    }
}

static void run(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_number(text);
    check_integers(text);
    check_size(text);
    check_scan(text);
    double value;
    if (size < sizeof value)
        value = (double)size;
    else
        memcpy(&value, data, sizeof value);
    if (isfinite(value)) {
        char shortest[32], *end;
        leadseq_print_shortest(shortest, value, 1);
        fuzz_require(strtod(shortest, &end) == value && !*end, "%.17g as %s", value, shortest);
    }
    free(text);
}

static void seeds(void)
{
    static const char *const text[] = {"0",
                                       "-0",
                                       "1e-3",
                                       "512x512",
                                       "8193x1",
                                       "18446744073709551615",
                                       "9223372036854775808",
                                       "0x10",
                                       "inf",
                                       "nan",
                                       " 1",
                                       "1 ",
                                       "1e400",
                                       "4.9e-324",
                                       "0.5:0.3,1:2",
                                       "-9223372036854775808",
                                       "+5",
                                       "1.",
                                       ".5",
                                       "1e",
                                       "00012",
                                       "1_000",
                                       "1,5"};
    for (size_t i = 0; i < LEADSEQ_COUNT(text); i++) fuzz_seed_text(text[i]);
}

const struct fuzz_harness fuzz_number = {"number", "numbers, sizes and seeds in text", run, seeds};
