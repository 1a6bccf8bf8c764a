/* SPDX-License-Identifier: MIT
 *
 * Kinds of option values: how each is read from text, refused, and printed so that it
 * reads back to the same bits. Words and numbers first, then lists of them. */
#include "base/option.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- One word or number ------------------------------------------------------------------- */

static int read_seed(void *block, const struct leadseq_option *o, const char *text)
{
    return leadseq_parse_seed(text, leadseq_option_field(block, o)) ? 0 : -1;
}

static void print_seed(const void *block, const struct leadseq_option *o, FILE *out)
{
    fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)leadseq_option_value(block, o));
}

/* The whole of `text` as a finite number within the option's range. */
static int scan_number(const struct leadseq_option *o, const char *text, double *value)
{
    double x;
    if (!leadseq_parse_number(text, o->least, o->most, &x)) return -1;
    if (o->above && x == o->least) return -1;
    *value = x;
    return 0;
}

static int scan_integer(const struct leadseq_option *o, const char *text, int *value)
{
    double x;
    if (scan_number(o, text, &x) || x != floor(x)) return -1;
    *value = (int)x;
    return 0;
}

static int read_integer(void *block, const struct leadseq_option *o, const char *text)
{
    return scan_integer(o, text, leadseq_option_field(block, o));
}

static int read_odd(void *block, const struct leadseq_option *o, const char *text)
{
    int value;
    if (scan_integer(o, text, &value) || value % 2 == 0) return -1;
    *(int *)leadseq_option_field(block, o) = value;
    return 0;
}

static void print_integer(const void *block, const struct leadseq_option *o, FILE *out)
{
    fprintf(out, "%d", *(const int *)leadseq_option_value(block, o));
}

static int read_number(void *block, const struct leadseq_option *o, const char *text)
{
    return scan_number(o, text, leadseq_option_field(block, o));
}

void leadseq_option_print_double(double value, FILE *out)
{
    char text[32];
    bool whole = value == floor(value) && fabs(value) < 1e6; // 10, not 1e+01
    leadseq_print_shortest(text, value, whole ? 6 : 1);
    fputs(text, out);
}

static void print_number(const void *block, const struct leadseq_option *o, FILE *out)
{
    leadseq_option_print_double(*(const double *)leadseq_option_value(block, o), out);
}

static int read_number32(void *block, const struct leadseq_option *o, const char *text)
{
    double value;
    if (scan_number(o, text, &value)) return -1;
    *(float *)leadseq_option_field(block, o) = (float)value;
    return 0;
}

void leadseq_option_print_float(float value, FILE *out)
{
    char text[32];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if ((float)strtod(text, NULL) == value) break;
    }
    fputs(text, out);
}

static void print_number32(const void *block, const struct leadseq_option *o, FILE *out)
{
    leadseq_option_print_float(*(const float *)leadseq_option_value(block, o), out);
}

static int read_bool(void *block, const struct leadseq_option *o, const char *text)
{
    bool yes = !strcmp(text, "true");
    if (!yes && strcmp(text, "false")) return -1;
    *(bool *)leadseq_option_field(block, o) = yes;
    return 0;
}

static void print_bool(const void *block, const struct leadseq_option *o, FILE *out)
{
    fputs(*(const bool *)leadseq_option_value(block, o) ? "true" : "false", out);
}

/* An enum of up to a few thousand values has the storage of an unsigned int, as int has. */
static int read_choice(void *block, const struct leadseq_option *o, const char *text)
{
    const char *choice;
    for (unsigned i = 0; (choice = leadseq_option_choice_at(o, i)); i++) {
        if (strcmp(choice, text)) continue;
        memcpy(leadseq_option_field(block, o), &i, sizeof i);
        return 0;
    }
    return -1;
}

static void print_choice(const void *block, const struct leadseq_option *o, FILE *out)
{
    unsigned i;
    memcpy(&i, leadseq_option_value(block, o), sizeof i);
    fputs(leadseq_option_choice_at(o, i), out);
}

/* --- Lists -------------------------------------------------------------------------------- */

int leadseq_words_split(struct leadseq_words *words, const char *text)
{
    size_t n = strlen(text);
    char inner[LEADSEQ_WORDS_MOST * LEADSEQ_WORD_BYTES];
    bool brackets = n >= 2 && text[0] == '[' && text[n - 1] == ']';
    if (n >= sizeof inner) return -1;
    snprintf(inner, sizeof inner, "%.*s", (int)(brackets ? n - 2 : n), text + brackets);
    words->n = 0;
    if (inner[strspn(inner, " ")] == '\0') return brackets ? 0 : -1;
    for (char *rest = inner, *item; (item = strsep(&rest, ","));) {
        item += strspn(item, " ");
        size_t length = strcspn(item, " ");
        if (words->n == LEADSEQ_WORDS_MOST || length == 0 || length >= LEADSEQ_WORD_BYTES)
            return -1;
        if (item[length + strspn(item + length, " ")]) return -1; // two words in one item
        memcpy(words->item[words->n], item, length);
        words->item[words->n++][length] = '\0';
    }
    return 0;
}

int leadseq_option_scan(const struct leadseq_option *o, const char *text, double *value, int n)
{
    struct leadseq_words words;
    if (leadseq_words_split(&words, text) || words.n != n) return -1;
    for (int i = 0; i < n; i++)
        if (scan_number(o, words.item[i], &value[i])) return -1;
    return 0;
}

void leadseq_option_print_numbers(const double *value, int n, FILE *out)
{
    for (int i = 0; i < n; i++) {
        fputs(i ? ", " : "[", out);
        leadseq_option_print_double(value[i], out);
    }
    fputc(']', out);
}

static int read_integers(void *block, const struct leadseq_option *o, const char *text)
{
    struct leadseq_words words;
    struct leadseq_integers list = {0};
    if (leadseq_words_split(&words, text) || words.n < 1 || words.n > LEADSEQ_INTEGERS_MOST)
        return -1;
    for (list.n = 0; list.n < words.n; list.n++)
        if (scan_integer(o, words.item[list.n], &list.value[list.n])) return -1;
    memcpy(leadseq_option_field(block, o), &list, sizeof list);
    return 0;
}

static void print_integers(const void *block, const struct leadseq_option *o, FILE *out)
{
    const struct leadseq_integers *list = leadseq_option_value(block, o);
    for (int i = 0; i < list->n; i++) fprintf(out, "%s%d", i ? ", " : "[", list->value[i]);
    fputc(']', out);
}

static int read_pair(void *block, const struct leadseq_option *o, const char *text)
{
    double pair[2];
    if (leadseq_option_scan(o, text, pair, 2)) return -1;
    memcpy(leadseq_option_field(block, o), pair, sizeof pair);
    return 0;
}

static void print_pair(const void *block, const struct leadseq_option *o, FILE *out)
{
    leadseq_option_print_numbers(leadseq_option_value(block, o), 2, out);
}

const struct leadseq_option_kind
    leadseq_option_seed = {.name = "whole number",
                           .read = read_seed,
                           .print = print_seed,
                           .number = true},
    leadseq_option_integer = {.name = "whole number",
                              .read = read_integer,
                              .print = print_integer,
                              .number = true},
    leadseq_option_odd = {.name = "whole number",
                          .read = read_odd,
                          .print = print_integer,
                          .number = true},
    leadseq_option_number = {.name = "number",
                             .read = read_number,
                             .print = print_number,
                             .number = true},
    leadseq_option_number32 = {.name = "number",
                               .read = read_number32,
                               .print = print_number32,
                               .number = true},
    leadseq_option_bool = {.name = "true or false", .read = read_bool, .print = print_bool},
    leadseq_option_choice = {.name = "choice", .read = read_choice, .print = print_choice},
    leadseq_option_integers = {.name = "whole numbers",
                               .read = read_integers,
                               .print = print_integers,
                               .list = true},
    leadseq_option_pair = {.name = "numbers", .read = read_pair, .print = print_pair, .list = true};
