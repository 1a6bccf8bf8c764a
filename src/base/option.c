/* SPDX-License-Identifier: MIT
 *
 * Rows of options at work: reading with a message, printing, defaults, and finding a
 * row in a list of groups. How a kind of value reads and prints is in option_value.c. */
#include "base/option.h"

#include <stdlib.h>
#include <string.h>

/* --- One option --------------------------------------------------------------------------- */

static void print_choices(const struct leadseq_option *o, FILE *out)
{
    for (size_t i = 0; leadseq_option_choice_at(o, i); i++) {
        const char *choice = leadseq_option_choice_at(o, i);
        bool last = i && !leadseq_option_choice_at(o, i + 1) && !strchr(choice, ',');
        fprintf(out, "%s%s", i == 0 ? "" : last ? " or " : ", ", choice);
    }
}

void leadseq_option_expected(const struct leadseq_option *o, FILE *out)
{
    const bool whole = o->kind == &leadseq_option_integer || o->kind == &leadseq_option_odd;
    if (o->expected)
        fputs(o->expected, out);
    else if (o->choices || o->choice)
        print_choices(o, out);
    else if (o->kind == &leadseq_option_bool)
        fputs("true or false", out);
    else if (o->kind == &leadseq_option_odd)
        fprintf(out, "an odd number from %.12g to %.12g", o->least, o->most);
    else
        fprintf(out, "a %snumber %s %.12g %s %.12g", whole ? "whole " : "",
                o->above ? "above" : "from", o->least, o->above ? "and at most" : "to", o->most);
}

int leadseq_option_refuse(const struct leadseq_option *o, const char *text)
{
    char *expected = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&expected, &size);
    if (!memory) return leadseq_fail_memory(0);
    leadseq_option_expected(o, memory);
    fclose(memory);
    leadseq_fail("%s: expected %s, found \"%s\"", o->key, expected, text);
    free(expected);
    return -1;
}

int leadseq_option_read(void *block, const struct leadseq_option *o, const char *text)
{
    if (!o->kind->read(block, o, text)) return 0;
    return o->kind->says ? leadseq_fail_in("%s", o->key) : leadseq_option_refuse(o, text);
}

char *leadseq_option_text(const void *block, const struct leadseq_option *o)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory) {
        o->kind->print(block, o, memory);
        if (!fclose(memory)) return text;
    }
    (void)leadseq_fail_memory(0);
    free(text);
    return NULL;
}

char *leadseq_option_normal(const struct leadseq_option *o, const char *text)
{
    struct leadseq_option alone = *o;
    char *field = leadseq_calloc(1, o->size), *normal = NULL;
    alone.offset = 0;
    if (field && !leadseq_option_read(field, &alone, text))
        normal = leadseq_option_text(field, &alone);
    free(field);
    return normal;
}

bool leadseq_option_equal(const struct leadseq_option *o, const char *a, const char *b)
{
    char *first = leadseq_option_normal(o, a), *second = leadseq_option_normal(o, b);
    bool same = first && second && !strcmp(first, second);
    free(first);
    free(second);
    return same;
}

bool leadseq_option_accepts(const struct leadseq_option *o, const char *text)
{
    return leadseq_option_equal(o, text, text);
}

bool leadseq_option_is(const void *block, const struct leadseq_option *o, const char *text)
{
    char *value = leadseq_option_text(block, o);
    bool same = value && leadseq_option_equal(o, value, text);
    free(value);
    return same;
}

/* --- Groups of them ----------------------------------------------------------------------- */

const struct leadseq_option *leadseq_group_find(const struct leadseq_option_group *groups,
                                                const char *key,
                                                const struct leadseq_option_group **in)
{
    for (const struct leadseq_option_group *g = groups; g && g->row; g++)
        for (size_t i = 0; i < g->n; i++)
            if (!strcmp(g->row[i].key, key)) {
                *in = g;
                return &g->row[i];
            }
    return NULL;
}

const char *leadseq_option_standard(const struct leadseq_option *o, const char *const *standards)
{
    for (size_t i = 0; standards && standards[i]; i += 2)
        if (!strcmp(standards[i], o->key)) return standards[i + 1];
    return o->standard;
}

void leadseq_group_defaults(void *block, const struct leadseq_option_group *groups,
                            const char *const *standards)
{
    for (const struct leadseq_option_group *g = groups; g && g->row; g++)
        for (size_t i = 0; i < g->n; i++) {
            const struct leadseq_option *o = &g->row[i];
            if (o->kind->read((char *)block + g->offset, o, leadseq_option_standard(o, standards)))
                abort();
        }
}
