/* SPDX-License-Identifier: MIT
 *
 * Strict numbers and words of text formats. It knows no format. */
#include "io_private.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool io_parse_long(const char *text, long lo, long hi, long *value)
{
    if (!*text || isspace((unsigned char)*text)) return false;
    char *end;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno || end == text || *end || v < lo || v > hi) return false;
    *value = v;
    return true;
}

bool io_parse_double(const char *text, double lo, double hi, double *value)
{
    // strtod() would take "inf", "nan", hexadecimal and leading blanks
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text)) return false;
    char *end;
    double v = strtod(text, &end);
    if (*end || !isfinite(v) || v < lo || v > hi) return false;
    *value = v;
    return true;
}

char *io_next_word(char **cursor)
{
    char *word = *cursor + strspn(*cursor, " \t");
    if (!*word) return NULL;
    char *end = word + strcspn(word, " \t");
    *cursor = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

char *io_trim(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t n = strlen(text);
    while (n && strchr(" \t\r\n", text[n - 1])) n--;
    text[n] = '\0';
    return text;
}

bool io_copy(char *to, size_t size, const char *text)
{
    size_t n = strlen(text);
    bool fits = n < size;
    if (!fits) n = size - 1;
    memcpy(to, text, n);
    to[n] = '\0';
    return fits;
}

bool io_is_plain_name(const char *name)
{
    return *name && strcmp(name, ".") && strcmp(name, "..") && !strpbrk(name, "/\\");
}
