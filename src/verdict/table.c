/* SPDX-License-Identifier: MIT
 *
 * A table of numbers as far as it is whole: a run that is going on, or that was
 * killed, may leave half a line at the end, and an older version other columns. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_MOST = 1 << 30 };

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; *text; text++) n += *text == c;
    return n;
}

/* The text up to the tab or the line's end, which becomes its end; *next behind it. */
static char *take_cell(char *text, char **next)
{
    size_t n = strcspn(text, "\t\n");
    *next = text + n + (text[n] != '\0');
    text[n] = '\0';
    return text;
}

static char *read_titles(struct verdict_table *t)
{
    char *line = t->text, *end = strchr(line, '\n');
    *end = '\0';
    t->columns = count(line, '\t') + 1;
    *end = '\n';
    t->title = leadseq_calloc(t->columns, sizeof *t->title);
    for (size_t c = 0; t->title && c < t->columns; c++) t->title[c] = take_cell(line, &line);
    return t->title ? line : NULL;
}

/* One whole line into row t->rows; false where it has other columns. */
static bool read_row(struct verdict_table *t, char *line, size_t room)
{
    if (count(line, '\t') + 1 != t->columns) return false;
    for (size_t c = 0; c < t->columns; c++) {
        char *cell = take_cell(line, &line), *end;
        double value = strtod(cell, &end);
        t->value[c * room + t->rows] = *cell && !*end ? value : NAN;
    }
    t->rows++;
    return true;
}

/* Columns lie `room` apart while rows are counted; then as close as they are. */
static void close_up(struct verdict_table *t, size_t room)
{
    for (size_t c = 1; c < t->columns; c++)
        memmove(t->value + c * t->rows, t->value + c * room, t->rows * sizeof *t->value);
}

static int read_rows(struct verdict_table *t, char *line)
{
    size_t room = count(line, '\n');
    t->value = leadseq_calloc(t->columns * (room + 1), sizeof *t->value);
    if (!t->value) return -1;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        if (!t->dropped && read_row(t, line, room + 1)) continue;
        t->dropped++;
    }
    t->dropped += *line != '\0';
    close_up(t, room + 1);
    return 0;
}

int verdict_table_read(struct verdict_table *t, const char *folder, const char *name)
{
    *t = (struct verdict_table){0};
    char *path = leadseq_path_join(folder, name);
    if (!path) return -1;
    int status = 0;
    if (leadseq_path_exists(path)) {
        t->text = leadseq_file_read(path, TABLE_MOST, NULL);
        status = t->text ? 0 : -1;
        if (!status && strchr(t->text, '\n')) {
            char *rows = read_titles(t);
            status = rows ? read_rows(t, rows) : -1;
        }
    }
    free(path);
    if (status) verdict_table_clear(t);
    return status;
}

void verdict_table_clear(struct verdict_table *t)
{
    free(t->text);
    free(t->title);
    free(t->value);
    *t = (struct verdict_table){0};
}

const double *verdict_column(const struct verdict_table *t, const char *title)
{
    for (size_t c = 0; c < t->columns; c++)
        if (!strcmp(t->title[c], title)) return t->value + c * t->rows;
    return NULL;
}
