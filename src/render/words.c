/* SPDX-License-Identifier: MIT
 *
 * Words with numbers: found in a list, or refused with the whole list. */
#include "words.h"

#include <string.h>

int render_word_find(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(word, words[i])) return i;
    return -1;
}

int render_word_refuse(const char *const *words, const char *word)
{
    char list[512] = "";
    size_t n = 0;
    for (int i = 0; words[i] && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s",
                              !i             ? ""
                              : words[i + 1] ? ", "
                                             : " or ",
                              words[i]);
    return leadseq_fail("expected %s, found \"%s\"", list, word);
}
