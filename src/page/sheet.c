/* SPDX-License-Identifier: MIT
 *
 * Text tables read back: a title line and cells between tabs, or between commas
 * where the title line has no tab. Quotes around a cell are dropped; a comma or a
 * line end within quotes is not understood (the row is refused by its count). */
#include <leadseq/page.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHEET_BYTES_MAX = 1 << 30 };

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n + 1;
}

/* Takes the next line off *rest; NULL at the end. A line ends in \n, \r\n or the text's end. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (!line || !*line) return NULL;
    char *end = strchr(line, '\n');
    *rest = end ? end + 1 : NULL;
    if (!end) end = line + strlen(line);
    if (end > line && end[-1] == '\r') end--;
    *end = '\0';
    return line;
}

static char *unquoted(char *cell)
{
    size_t n = strlen(cell);
    if (n < 2 || cell[0] != '"' || cell[n - 1] != '"') return cell;
    cell[n - 1] = '\0';
    return cell + 1;
}

/* Fills at most `room` cells; returns how many the line has. */
static size_t split_line(char **cell, size_t room, char *line, char separator)
{
    size_t n = 0;
    while (line) {
        char *end = strchr(line, separator);
        if (end) *end = '\0';
        if (n < room) cell[n] = unquoted(line);
        n++;
        line = end ? end + 1 : NULL;
    }
    return n;
}

static size_t count_columns(const char *line, char separator)
{
    size_t n = 1;
    for (; *line; line++) n += *line == separator;
    return n;
}

static int split_rows(struct leadseq_sheet *s, char *rest, char separator)
{
    char *line;
    for (size_t number = 2; (line = next_line(&rest)); number++) {
        if (!*line) continue;
        size_t n = split_line(s->cell + s->rows * s->columns, s->columns, line, separator);
        if (n != s->columns)
            return leadseq_fail("%s: line %zu: expected %zu cells as in the title line, found %zu",
                                s->path, number, s->columns, n);
        s->rows++;
    }
    return 0;
}

static int split_text(struct leadseq_sheet *s, size_t size)
{
    if (strlen(s->text) != size)
        return leadseq_fail("%s: expected a text table, found a zero byte", s->path);
    char *rest = s->text;
    if (!strncmp(rest, "\xef\xbb\xbf", 3)) rest += 3; // byte order mark
    size_t lines = count_lines(rest);
    char *line = next_line(&rest);
    if (!line || !*line)
        return leadseq_fail("%s: expected a title line with the names of the columns, found none",
                            s->path);
    char separator = strchr(line, '\t') ? '\t' : ',';
    s->columns = count_columns(line, separator);
    s->title = leadseq_calloc(s->columns, sizeof *s->title);
    s->cell = leadseq_calloc(lines * s->columns, sizeof *s->cell);
    if (!s->title || !s->cell) return -1;
    split_line(s->title, s->columns, line, separator);
    return split_rows(s, rest, separator);
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
