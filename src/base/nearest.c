/* SPDX-License-Identifier: MIT
 *
 * What someone who mistyped a name may have meant. */
#include "base/base.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t leadseq_edits(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t n = strnlen(a, LONGEST), m = strnlen(b, LONGEST), rows[3][LONGEST + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) last[j] = before[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(last[j - 1] + (a[i - 1] != b[j - 1]), 1 + least(last[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[m];
}

bool leadseq_is_near(const char *word, const char *name)
{
    return leadseq_edits(word, name) * 3 <= strlen(word);
}
