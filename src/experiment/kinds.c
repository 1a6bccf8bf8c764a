/* SPDX-License-Identifier: MIT
 *
 * Kinds of option values that are one word or number: how each is read from
 * text, refused, and printed so that it reads back to the same bits. */
#include "experiment/experiment.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int read_name(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    static const char allowed[] = "._-+";
    size_t n = strlen(text);
    if (n == 0 || n >= o->size || !isalnum((unsigned char)text[0])) return -1;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr(allowed, text[i])) return -1;
    memcpy(option_field(e, o), text, n + 1);
    return 0;
}

static void print_text(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       FILE *out)
{
    fputs(option_value(e, o), out);
}

static int read_seed(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    return leadseq_parse_seed(text, option_field(e, o)) ? 0 : -1;
}

static void print_seed(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       FILE *out)
{
    fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)option_value(e, o));
}

int option_scan_number(const struct leadseq_option *o, const char *text, double *value)
{
    double found;
    if (!leadseq_parse_number(text, o->least, o->most, &found)) return -1;
    if (o->above && found == o->least) return -1;
    *value = found;
    return 0;
}

static int read_integer(struct leadseq_experiment *e, const struct leadseq_option *o,
                        const char *text)
{
    double value;
    if (option_scan_number(o, text, &value) || value != floor(value)) return -1;
    *(int *)option_field(e, o) = (int)value;
    return 0;
}

static void print_integer(const struct leadseq_experiment *e, const struct leadseq_option *o,
                          FILE *out)
{
    fprintf(out, "%d", *(const int *)option_value(e, o));
}

static int read_number(struct leadseq_experiment *e, const struct leadseq_option *o,
                       const char *text)
{
    return option_scan_number(o, text, option_field(e, o));
}

/* The shortest digits that read back to the same double. */
void option_print_double(double value, FILE *out)
{
    char text[32];
    bool whole = value == floor(value) && fabs(value) < 1e6; // 10, not 1e+01
    leadseq_print_shortest(text, value, whole ? 6 : 1);
    fputs(text, out);
}

static void print_number(const struct leadseq_experiment *e, const struct leadseq_option *o,
                         FILE *out)
{
    option_print_double(*(const double *)option_value(e, o), out);
}

static int read_number32(struct leadseq_experiment *e, const struct leadseq_option *o,
                         const char *text)
{
    double value;
    if (option_scan_number(o, text, &value)) return -1;
    *(float *)option_field(e, o) = (float)value;
    return 0;
}

void option_print_float(float value, FILE *out)
{
    char text[32];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if ((float)strtod(text, NULL) == value) break;
    }
    fputs(text, out);
}

static void print_number32(const struct leadseq_experiment *e, const struct leadseq_option *o,
                           FILE *out)
{
    option_print_float(*(const float *)option_value(e, o), out);
}

static int read_bool(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    bool yes = !strcmp(text, "true");
    if (!yes && strcmp(text, "false")) return -1;
    *(bool *)option_field(e, o) = yes;
    return 0;
}

static void print_bool(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       FILE *out)
{
    fputs(*(const bool *)option_value(e, o) ? "true" : "false", out);
}

/* The place of a word among the option's choices, -1 where it is none. */
static int choice_of(const struct leadseq_option *o, const char *text)
{
    for (size_t i = 0; option_choice_at(o, i); i++)
        if (!strcmp(option_choice_at(o, i), text)) return (int)i;
    return -1;
}

static int read_choice(struct leadseq_experiment *e, const struct leadseq_option *o,
                       const char *text)
{
    int i = choice_of(o, text);
    if (i < 0) return -1;
    memcpy(option_field(e, o), &(unsigned){(unsigned)i}, sizeof(unsigned)); // an enum's storage
    return 0;
}

static void print_choice(const struct leadseq_experiment *e, const struct leadseq_option *o,
                         FILE *out)
{
    unsigned i;
    memcpy(&i, option_value(e, o), sizeof i);
    fputs(option_choice_at(o, i), out);
}

static int read_word(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    if (choice_of(o, text) < 0 || strlen(text) >= o->size) return -1;
    strcpy(option_field(e, o), text);
    return 0;
}

static int read_size(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    int *size = option_field(e, o);
    if (!strcmp(text, "any") || !strcmp(text, "0")) {
        size[0] = size[1] = 0;
        return 0;
    }
    return leadseq_parse_size(text, (int)o->most, &size[0], &size[1]) ? 0 : -1;
}

static void print_size(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       FILE *out)
{
    const int *size = option_value(e, o);
    if (size[0])
        fprintf(out, "%dx%d", size[0], size[1]);
    else
        fputs("any", out);
}

const struct option_kind
    option_name = {.name = "text", .read = read_name, .print = print_text},
    option_seed = {.name = "whole number", .read = read_seed, .print = print_seed, .number = true},
    option_integer = {.name = "whole number",
                      .read = read_integer,
                      .print = print_integer,
                      .number = true},
    option_number = {.name = "number", .read = read_number, .print = print_number, .number = true},
    option_number32 = {.name = "number",
                       .read = read_number32,
                       .print = print_number32,
                       .number = true},
    option_bool = {.name = "true or false", .read = read_bool, .print = print_bool},
    option_choice = {.name = "choice", .read = read_choice, .print = print_choice},
    option_word = {.name = "choice", .read = read_word, .print = print_text},
    option_size = {.name = "size", .read = read_size, .print = print_size};
