/* SPDX-License-Identifier: MIT
 *
 * Columns of a sheet by their titles, and what its cells say. */
#include "page_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- Titles ------------------------------------------------------------------------- */

static size_t hash_of(const struct leadseq_sheet *s, const char *title)
{
    return (size_t)leadseq_hash_text(title) & (s->slots - 1);
}

/* Enters the titles in a hash table of column + 1, which has at least as many empty slots. */
int page_sheet_index(struct leadseq_sheet *s)
{
    for (s->slots = 8; s->slots < 2 * s->columns;) s->slots *= 2;
    s->slot = leadseq_calloc(s->slots, sizeof *s->slot);
    if (!s->slot) return -1;
    for (size_t c = 0; c < s->columns; c++) {
        const char *title = leadseq_sheet_title(s, (int)c);
        if (!*title) continue; // an index column of pandas, an empty one of a spreadsheet
        int twin = leadseq_sheet_column(s, title);
        if (twin >= 0)
            return leadseq_fail("%s:%u: expected each column once, found \"%.60s\" as columns %d "
                                "and %zu",
                                s->path, s->line[0], title, twin + 1, c + 1);
        size_t at = hash_of(s, title);
        while (s->slot[at]) at = (at + 1) & (s->slots - 1);
        s->slot[at] = (uint32_t)c + 1;
    }
    return 0;
}

const char *leadseq_sheet_title(const struct leadseq_sheet *s, int column)
{
    return s->text + s->cell[column];
}

int leadseq_sheet_column(const struct leadseq_sheet *s, const char *title)
{
    if (!s->slot) return -1; // a table without columns
    for (size_t at = hash_of(s, title); s->slot[at]; at = (at + 1) & (s->slots - 1))
        if (!strcmp(leadseq_sheet_title(s, (int)s->slot[at] - 1), title))
            return (int)s->slot[at] - 1;
    return -1;
}

int leadseq_sheet_find(const struct leadseq_sheet *s, const char *title, int *column)
{
    *column = leadseq_sheet_column(s, title);
    for (int c = 0; *column < 0 && c < (int)s->columns; c++)
        if (!strcasecmp(leadseq_sheet_title(s, c), title)) *column = c;
    for (int c = 0; *column >= 0 && c < (int)s->columns; c++)
        if (c != *column && !strcasecmp(leadseq_sheet_title(s, c), title))
            return leadseq_fail("%s:%u: expected each column once, found %s as columns %d and %d",
                                s->path, s->line[0], title, *column + 1, c + 1);
    return 0;
}

void leadseq_sheet_titles(const struct leadseq_sheet *s, char *text, size_t size)
{
    size_t n = 0;
    *text = '\0';
    for (size_t c = 0; c < s->columns && n + 1 < size; c++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", c ? ", " : "",
                              leadseq_sheet_title(s, (int)c));
    if (n >= size && size > 4) strcpy(text + size - 4, "…");
}

int leadseq_sheet_need(const struct leadseq_sheet *s, const char *title, int *column)
{
    char titles[256];
    if (leadseq_sheet_find(s, title, column)) return -1;
    if (*column >= 0) return 0;
    leadseq_sheet_titles(s, titles, sizeof titles);
    return leadseq_fail("%s:%u: expected a column named \"%s\", found none of that name among %s "
                        "(%s)",
                        s->path, s->line[0], title, leadseq_count(s->columns, "column"), titles);
}

/* --- Cells ---------------------------------------------------------------------------- */

const char *leadseq_sheet_cell(const struct leadseq_sheet *s, size_t row, int column)
{
    return column < 0 ? "" : s->text + s->cell[(row + 1) * s->columns + (size_t)column];
}

size_t leadseq_sheet_line(const struct leadseq_sheet *s, size_t row)
{
    return s->line[row + 1];
}

bool leadseq_sheet_absent(const struct leadseq_sheet *s, size_t row, int column)
{
    return leadseq_is_absent(leadseq_sheet_cell(s, row, column));
}

/* "0,71", as spreadsheets of many countries write it. */
static bool has_decimal_comma(const char *cell)
{
    size_t n = strspn(cell, "+-0123456789.");
    return n && cell[n] == ',' && cell[n + 1] &&
           !cell[n + 1 + strspn(cell + n + 1, "0123456789eE+-")];
}

int leadseq_sheet_fail(const struct leadseq_sheet *s, size_t row, int column, const char *expected)
{
    const char *cell = leadseq_sheet_cell(s, row, column);
    const char *title = leadseq_sheet_title(s, column);
    char number[32];
    snprintf(number, sizeof number, "column %d", column + 1);
    return leadseq_fail("%s:%zu: %.60s: expected %s, found \"%.100s\"%s", s->path,
                        leadseq_sheet_line(s, row), *title ? title : number, expected, cell,
                        has_decimal_comma(cell) ? " (a decimal comma; write a decimal point)" : "");
}

int leadseq_sheet_number(const struct leadseq_sheet *s, size_t row, int column, double *value)
{
    const char *cell = leadseq_sheet_cell(s, row, column);
    const char *sign = cell + (*cell == '-');
    *value = NAN;
    if (leadseq_is_absent(cell) || leadseq_parse_number(cell, -HUGE_VAL, HUGE_VAL, value)) return 0;
    if (strcasecmp(sign, "inf")) return leadseq_sheet_fail(s, row, column, "a number");
    *value = *cell == '-' ? -INFINITY : INFINITY; // a measurement that overflowed
    return 0;
}

int leadseq_sheet_whole(const struct leadseq_sheet *s, size_t row, int column, int least, int most,
                        bool optional, int *value)
{
    double number;
    const char *cell = leadseq_sheet_cell(s, row, column);
    *value = -1;
    if (optional && leadseq_is_absent(cell)) return 0;
    if (leadseq_parse_number(cell, least, most, &number) && number == floor(number)) {
        *value = (int)number;
        return 0;
    }
    char expected[96];
    snprintf(expected, sizeof expected, "a whole number from %d to %d%s", least, most,
             optional ? " or nothing" : "");
    return leadseq_sheet_fail(s, row, column, expected);
}

enum leadseq_answer leadseq_sheet_answer(const struct leadseq_sheet *s, size_t row, int column)
{
    return leadseq_parse_answer(leadseq_sheet_cell(s, row, column));
}
