/* SPDX-License-Identifier: MIT
 *
 * Names that are like each other. */
#include "nearest.h"

#include <string.h>

/* Levenshtein's distance: letters inserted, removed or replaced. */
size_t cli_edits(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t n = strnlen(a, LONGEST), m = strnlen(b, LONGEST), row[LONGEST + 1];
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t least = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < least) least = row[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            row[j] = least;
        }
    }
    return row[m];
}
