/* SPDX-License-Identifier: MIT
 *
 * Words of text formats. It knows no format. */
#include "io_private.h"

#include <stdlib.h>
#include <string.h>

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
