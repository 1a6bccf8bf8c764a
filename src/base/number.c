/* SPDX-License-Identifier: MIT
 *
 * Numbers in text that a person wrote: options, keys of experiment files, cells of
 * tables. All numbers of the program are read here, so that no caller can forget a
 * check: strtol() and strtod() alone accept leading blanks, "0x10", "inf" and "nan",
 * and conversions to a smaller type silently drop the high digits of 4294967360.
 * Nothing here leaves an error message; only the caller knows what the number is for. */
#include "base/base.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

bool leadseq_parse_integer(const char *text, int64_t least, int64_t most, int64_t *value)
{
    const char *first = text + (*text == '-' || *text == '+');
    char *end;
    if (!*first || first[strspn(first, digits)]) return false;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (errno || n < least || n > most) return false;
    *value = n;
    return true;
}

bool leadseq_parse_int(const char *text, int least, int most, int *value)
{
    int64_t n;
    if (!leadseq_parse_integer(text, least, most, &n)) return false;
    *value = (int)n;
    return true;
}

bool leadseq_parse_seed(const char *text, uint64_t *value)
{
    char *end;
    if (!*text || text[strspn(text, digits)]) return false;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno) return false;
    *value = n;
    return true;
}

bool leadseq_parse_number(const char *text, double least, double most, double *value)
{
    return leadseq_scan_number(&text, "", least, most, value);
}

bool leadseq_scan_number(const char **text, const char *stops, double least, double most,
                         double *value)
{
    char *end;
    // the characters of decimal numbers only: strtod() would read the others too
    const char *stop = *text + strspn(*text, "+-.0123456789eE");
    double x = strtod(*text, &end);
    if (end == *text || end != stop || (*end && !strchr(stops, *end))) return false;
    if (!isfinite(x) || x < least || x > most) return false;
    *value = x;
    *text = end;
    return true;
}

bool leadseq_parse_size(const char *text, int most, int *width, int *height)
{
    char first[24];
    const char *cross = strchr(text, 'x');
    size_t n = cross ? (size_t)(cross - text) : sizeof first;
    int size[2];
    if (n >= sizeof first) return false;
    memcpy(first, text, n);
    first[n] = '\0';
    if (!strchr(digits, text[0]) || !strchr(digits, cross[1])) return false; // no signs
    if (!leadseq_parse_int(first, 1, most, &size[0])) return false;
    if (!leadseq_parse_int(cross + 1, 1, most, &size[1])) return false;
    *width = size[0];
    *height = size[1];
    return true;
}

void leadseq_print_shortest(char text[32], double value, int least_digits)
{
    for (int n = least_digits; n <= 17; n++) {
        snprintf(text, 32, "%.*g", n, value);
        if (strtod(text, NULL) == value) return;
    }
}
