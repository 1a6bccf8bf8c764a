/* SPDX-License-Identifier: MIT
 *
 * What tables of pandas, R, SQL and spreadsheets write for nothing, for yes and for no: decided
 * here once, for labels, quality flags, persons and numbers of every table. */
#include "base/base.h"

#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcasecmp(text, words[i])) return true;
    return false;
}

bool leadseq_is_absent(const char *text)
{
    static const char *const words[] = {"nan", "-nan", "null",     "none", "na",  "n/a", "<na>",
                                        "nat", "#n/a", "#n/a n/a", "#na",  "\\n", "."};
    if (!*text) return true;
    if (*text >= '0' && *text <= '9') return false; // most cells
    return is_one_of(text, words, LEADSEQ_COUNT(words));
}

enum leadseq_answer leadseq_parse_answer(const char *text)
{
    static const char *const yes[] = {"true", "t", "yes", "y"}, *const no[] = {"false", "f", "no",
                                                                               "n"};
    double number;
    if (leadseq_is_absent(text)) return LEADSEQ_ANSWER_ABSENT;
    if (leadseq_parse_number(text, 0, 1, &number) && (number == 0 || number == 1))
        return number == 1 ? LEADSEQ_ANSWER_YES : LEADSEQ_ANSWER_NO;
    if (is_one_of(text, yes, LEADSEQ_COUNT(yes))) return LEADSEQ_ANSWER_YES;
    if (is_one_of(text, no, LEADSEQ_COUNT(no))) return LEADSEQ_ANSWER_NO;
    return LEADSEQ_ANSWER_OTHER;
}
