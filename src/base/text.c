/* SPDX-License-Identifier: MIT
 *
 * Words as text: quoted for a shell, compared at their ends, counted with their plural. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

void leadseq_print_word(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=,:+@%";
    if (*word && !word[strspn(word, plain)]) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

bool leadseq_ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && !strcmp(text + n - m, ending);
}

/* "epoch" → "epochs", "class" → "classes", "summary" → "summaries", "day" → "days" */
static void add_plural(char *word, size_t size)
{
    size_t n = strlen(word);
    static const char *const hissing[] = {"s", "x", "z", "ch", "sh"};
    if (n >= 2 && word[n - 1] == 'y' && !strchr("aeiou", word[n - 2])) {
        snprintf(word + n - 1, size - n + 1, "ies");
        return;
    }
    for (size_t i = 0; i < LEADSEQ_COUNT(hissing); i++)
        if (leadseq_ends_with(word, hissing[i]) && !leadseq_ends_with(word, "epoch")) {
            snprintf(word + n, size - n, "es");
            return;
        }
    snprintf(word + n, size - n, "s");
}

struct leadseq_counted leadseq_counted(size_t n, const char *one, const char *many)
{
    struct leadseq_counted c;
    int used = snprintf(c.text, sizeof c.text, "%zu ", n);
    char *word = c.text + used;
    size_t room = sizeof c.text - (size_t)used;
    snprintf(word, room, "%s", n != 1 && many ? many : one);
    if (n != 1 && !many) add_plural(word, room);
    return c;
}
