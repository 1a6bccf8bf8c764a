/* SPDX-License-Identifier: MIT
 *
 * Age and sex in the comments of a header. WFDB prescribes no form; these are in
 * use: "Age: 80", "age: 81", "Sex: Male", "<age>: 51  <sex>: F". */
#include "io_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { AGE_MAX = 130 };

/* What follows "KEY:" or "<KEY>:" anywhere in the text, as a word; NULL if there is none. */
static const char *value_of(const char *text, const char *key)
{
    size_t n = strlen(key);
    for (const char *p = text; (p = strcasestr(p, key)); p += n) {
        bool begins = p == text || !isalnum((unsigned char)p[-1]);
        const char *end = p + n + (p[n] == '>');
        if (begins && *end == ':') return end + 1 + strspn(end + 1, " \t");
    }
    return NULL;
}

static int age_of(const char *text)
{
    const char *value = value_of(text, "age");
    if (!value || !isdigit((unsigned char)*value)) return -1;
    double years;
    return leadseq_scan_number(&value, " \t\r\n", 0, AGE_MAX, &years) ? (int)years : -1;
}

static int sex_of(const char *text)
{
    static const struct {
        const char *word;
        int sex;
    } table[] = {{"male", 0}, {"m", 0}, {"female", 1}, {"f", 1}};
    const char *value = value_of(text, "sex");
    size_t n = value ? strcspn(value, " \t\r\n,;") : 0;
    for (size_t i = 0; n && i < LEADSEQ_COUNT(table); i++)
        if (strlen(table[i].word) == n && !strncasecmp(value, table[i].word, n))
            return table[i].sex;
    return -1;
}

void leadseq_record_person(const struct leadseq_record *record, int *age_years, int *sex)
{
    const char *text = record->comments ? record->comments : "";
    *age_years = age_of(text);
    *sex = sex_of(text);
}
