/* SPDX-License-Identifier: MIT
 *
 * Age and sex in the comments of a header. WFDB prescribes no form; these are in
 * use: "Age: 80", "age: 81", "Sex: Male", "<age>: 51  <sex>: F", "Age : 45", "Age: 45Y",
 * "Age (years): 45", "Age: 4 months", "Age: 3 d". */
#include "io_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { AGE_MAX = 130 };

static const char blanks[] = " \t";

/* What follows "KEY:", "<KEY>:" or "KEY =" anywhere in the text, as a word; NULL if there is none.
 * "KEY (UNIT):" puts the unit into `unit`, which may be NULL. */
static const char *value_of(const char *text, const char *key, char unit[16])
{
    size_t n = strlen(key);
    for (const char *p = text; (p = strcasestr(p, key)); p += n) {
        if (p > text && isalnum((unsigned char)p[-1])) continue;
        const char *end = p + n + (p[n] == '>');
        end += strspn(end, blanks);
        const char *open = end;
        if (unit && *open == '(' && open[strcspn(open, ")\n")] == ')') {
            end = open + strcspn(open, ")") + 1;
            snprintf(unit, 16, "%.*s", (int)(end - open) - 2, open + 1);
            end += strspn(end, blanks);
        }
        if (*end == ':' || *end == '=') return end + 1 + strspn(end + 1, blanks);
        if (unit) *unit = '\0';
    }
    return NULL;
}

/* How many of a unit are a year; 0: no unit of time. */
static double in_a_year(const char *word, size_t n)
{
    static const struct {
        const char *names;
        double per_year;
    } table[] = {
        {" y yr yrs yo year years ", 1},        {" m mo mos mon mth mths month months ", 12},
        {" w wk wks week weeks ", 365.25 / 7},  {" d day days ", 365.25},
        {" h hr hrs hour hours ", 365.25 * 24},
    };
    char name[16];
    if (snprintf(name, sizeof name, " %.*s ", (int)n, word) >= (int)sizeof name) return 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(table); i++)
        if (strcasestr(table[i].names, name)) return table[i].per_year;
    return 0;
}

static int sex_in(const char *word, size_t n)
{
    static const struct {
        const char *word;
        int sex;
    } table[] = {{"male", 0}, {"m", 0}, {"female", 1}, {"f", 1}};
    for (size_t i = 0; n && i < LEADSEQ_COUNT(table); i++)
        if (strlen(table[i].word) == n && !strncasecmp(word, table[i].word, n)) return table[i].sex;
    return -1;
}

static size_t letters_in(const char *text)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n])) n++;
    return n;
}

/* A word that begins something else than the unit of a number: a key, "Sex: F", or a sex. */
static bool is_other(const char *word, size_t n)
{
    const char *end = word + n + (word[n] == '>');
    end += strspn(end, blanks);
    return *end == ':' || *end == '=' || sex_in(word, n) >= 0;
}

/* What the number of an age counts, as parts of a year: the unit that touches it, or the word after
 * it ("4 months", but not "45 Sex: F"); 0: unclear. "45 M" may be a man, "4 Monate" a unit. */
static double unit_after(const char *text, const char *unit)
{
    size_t n = letters_in(text);
    if (n) return in_a_year(text, n);
    if (*text && !strchr(" \t\r\n,;.<)(", *text)) return 0;
    text += strspn(text, blanks);
    text += *text == '(';
    n = letters_in(text);
    if (n == 1 && (*text == 'm' || *text == 'M')) return 0;
    double per_year = n ? in_a_year(text, n) : 0;
    if (per_year > 0) return per_year;
    if (*unit) return in_a_year(unit, strlen(unit));
    bool strange = n ? !is_other(text, n) : isdigit((unsigned char)*text) || *text & 0x80;
    return strange ? 0 : 1;
}

static int age_in(const char *value, const char *unit)
{
    if (!isdigit((unsigned char)*value)) return -1;
    char number[32];
    size_t n = strspn(value, "0123456789.");
    if (n && value[n - 1] == '.') n--;
    snprintf(number, sizeof number, "%.*s", n < sizeof number ? (int)n : 0, value);
    double age, per_year = unit_after(value + n, unit);
    if (!leadseq_parse_number(number, 0, 1e6, &age) || !(per_year > 0)) return -1;
    return age / per_year <= AGE_MAX ? (int)(age / per_year) : -1;
}

int leadseq_parse_age(const char *text)
{
    return age_in(text, "");
}

static int age_of(const char *text)
{
    char unit[16] = "";
    const char *value = value_of(text, "age", unit);
    return value ? age_in(value, unit) : -1;
}

static int sex_of(const char *text)
{
    const char *value = value_of(text, "sex", NULL);
    return value ? sex_in(value, strcspn(value, " \t\r\n,;")) : -1;
}

void leadseq_record_person(const struct leadseq_record *record, int *age_years, int *sex)
{
    const char *text = record->comments ? record->comments : "";
    *age_years = age_of(text);
    *sex = sex_of(text);
}
