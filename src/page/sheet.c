/* SPDX-License-Identifier: MIT
 *
 * Text tables read back, of any program: a title line and cells between tabs, commas
 * or semicolons, quoted where they hold one; a byte order mark and lines that end in
 * \r\n are fine. Decimal commas are not read. */
#include "page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHEET_BYTES_MAX = 1 << 30 };

/* What ended a cell. */
enum ending { CELL_ENDS, LINE_ENDS, TEXT_ENDS, QUOTE_IS_OPEN, QUOTE_IS_FOLLOWED };

/* Cuts cells out of the text in place. */
struct cursor {
    char *at;
    char separator;
    size_t line; /* that of `at`, from 1 */
};

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n + 1;
}

/* The cell's end was found: cuts it at `end` and steps over what separates it from the next. */
static enum ending end_cell(struct cursor *c, char *end)
{
    char *at = c->at;
    if (at[0] == '\r' && (at[1] == '\n' || !at[1])) at++;
    char found = *at;
    if (found && found != '\n' && found != c->separator) return QUOTE_IS_FOLLOWED;
    c->at = found ? at + 1 : at;
    c->line += found == '\n';
    *end = '\0';
    return !found ? TEXT_ENDS : found == '\n' ? LINE_ENDS : CELL_ENDS;
}

/* Between quotes any character is allowed; a quote is written twice (RFC 4180). */
static enum ending quoted_cell(struct cursor *c, char **cell)
{
    char *end = c->at, *from = c->at + 1;
    *cell = end;
    for (; *from; from++) {
        if (*from == '"' && from[1] != '"') break;
        if (*from == '"') from++;
        c->line += *from == '\n';
        *end++ = *from;
    }
    c->at = from;
    if (!*from) return QUOTE_IS_OPEN;
    c->at++;
    return end_cell(c, end);
}

static enum ending next_cell(struct cursor *c, char **cell)
{
    if (*c->at == '"') return quoted_cell(c, cell);
    *cell = c->at;
    while (*c->at && *c->at != '\n' && *c->at != c->separator) c->at++;
    char *end = c->at;
    if (end > *cell && end[-1] == '\r' && *end != c->separator) end--;
    return end_cell(c, end);
}

/* Reads a line's cells, at most `room` of them into cell; counts all. An empty line has none. */
static int next_line(struct cursor *c, const char *path, char **cell, size_t room, size_t *count)
{
    size_t line = c->line;
    enum ending ending = CELL_ENDS;
    *count = 0;
    if (*c->at == '\n' || (*c->at == '\r' && c->at[1] == '\n')) {
        c->at += *c->at == '\r' ? 2 : 1;
        c->line++;
        return 0;
    }
    while (ending == CELL_ENDS) {
        char *text;
        ending = next_cell(c, &text);
        if (ending == QUOTE_IS_OPEN)
            return leadseq_fail("%s: line %zu: a quote is opened and never closed", path, line);
        if (ending == QUOTE_IS_FOLLOWED)
            return leadseq_fail("%s: line %zu: expected a separator after a closing quote, found "
                                "\"%.10s\"",
                                path, line, c->at);
        if (*count < room) cell[*count] = text;
        ++*count;
    }
    return 0;
}

static int split_rows(struct leadseq_sheet *s, struct cursor *c)
{
    while (*c->at) {
        size_t line = c->line, n;
        if (next_line(c, s->path, s->cell + s->rows * s->columns, s->columns, &n)) return -1;
        if (!n) continue;
        if (n != s->columns)
            return leadseq_fail("%s: line %zu: expected %zu cells as in the title line, found %zu",
                                s->path, line, s->columns, n);
        s->rows++;
    }
    return 0;
}

/* A tab, else a comma, else a semicolon, whichever the title line has. */
static char find_separator(const char *text)
{
    size_t n = strcspn(text, "\n");
    if (memchr(text, '\t', n)) return '\t';
    return !memchr(text, ',', n) && memchr(text, ';', n) ? ';' : ',';
}

/* How many columns the title line can have at most: it ends where its last quote is closed. */
static size_t count_separators(const char *text, char separator)
{
    size_t n = 0;
    bool quoted = false;
    for (; *text && (quoted || *text != '\n'); text++) {
        if (*text == '"') quoted = !quoted;
        n += *text == separator;
    }
    return n;
}

static int check_titles(const struct leadseq_sheet *s)
{
    for (size_t i = 0; i < s->columns; i++)
        for (size_t k = 0; k < i; k++)
            if (*s->title[i] && !strcmp(s->title[i], s->title[k]))
                return leadseq_fail("%s: two columns are named \"%.40s\"; expected different names",
                                    s->path, s->title[i]);
    return 0;
}

static int split_text(struct leadseq_sheet *s, size_t size)
{
    if (strlen(s->text) != size)
        return leadseq_fail("%s: expected a text table, found a zero byte", s->path);
    struct cursor c = {.at = s->text, .line = 1};
    if (!strncmp(c.at, "\xef\xbb\xbf", 3)) c.at += 3; // byte order mark
    c.separator = find_separator(c.at);
    size_t lines = count_lines(c.at), room = count_separators(c.at, c.separator) + 1;
    s->title = leadseq_calloc(room, sizeof *s->title);
    if (!s->title) return -1;
    if (*c.at && next_line(&c, s->path, s->title, room, &s->columns)) return -1;
    if (!s->columns)
        return leadseq_fail("%s: expected a title line with the names of the columns, found none",
                            s->path);
    if (check_titles(s)) return -1;
    s->cell = leadseq_calloc(lines * s->columns, sizeof *s->cell);
    return s->cell ? split_rows(s, &c) : -1;
}

int leadseq_sheet_read(struct leadseq_sheet *s, const char *path)
{
    size_t size;
    *s = (struct leadseq_sheet){0};
    s->path = leadseq_format("%s", path);
    if (s->path) s->text = leadseq_file_read(path, SHEET_BYTES_MAX, &size);
    if (s->text && !split_text(s, size)) return 0;
    leadseq_sheet_clear(s);
    return -1;
}

void leadseq_sheet_clear(struct leadseq_sheet *s)
{
    if (!s) return;
    free(s->path);
    free(s->text);
    free(s->title);
    free(s->cell);
    *s = (struct leadseq_sheet){0};
}

int leadseq_sheet_column(const struct leadseq_sheet *s, const char *title)
{
    for (size_t c = 0; c < s->columns; c++)
        if (!strcmp(s->title[c], title)) return (int)c;
    return -1;
}

int leadseq_sheet_number(const struct leadseq_sheet *s, size_t row, int column, double *value)
{
    const char *text = s->cell[row * s->columns + (size_t)column];
    char *end;
    *value = NAN;
    if (!*text) return 0;
    *value = strtod(text, &end);
    if (end != text && !*end) return 0;
    return leadseq_fail("%s: record %zu: %s: expected a number, found \"%.40s\"", s->path, row + 1,
                        s->title[column], text);
}
