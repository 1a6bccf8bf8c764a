/* SPDX-License-Identifier: MIT
 *
 * A csv file with a row of column names as a table of strings (libcsv splits it).
 * What the columns mean is not known here. */
#include "io/csv.h"

#include "base/base.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CSV_BYTES_MAX = 1 << 28, FIELDS_MAX = 1 << 26 };

struct reader {
    struct leadseq_csv *table;
    size_t n_text, text_room, n_fields, field_room, line_room;
    size_t row_fields;     // of the current row so far
    size_t line, row_line; // the line being fed; the one the current row began on
    bool in_row;
    bool failed; // the message is in the error chain already
};

/* Makes room for `need` elements, by doubling. */
static int reserve(void **array, size_t *room, size_t need, size_t size)
{
    if (need <= *room) return 0;
    size_t more = *room ? *room : 1024;
    while (more < need) more *= 2;
    void *p = leadseq_realloc(*array, more, size);
    if (!p) return -1;
    *array = p;
    *room = more;
    return 0;
}

static int append_field(struct reader *r, const char *text, size_t n)
{
    struct leadseq_csv *t = r->table;
    void *memory = t->text;
    if (reserve(&memory, &r->text_room, r->n_text + n + 1, 1)) return -1;
    t->text = memory;
    memory = t->field;
    if (reserve(&memory, &r->field_room, r->n_fields + 1, sizeof *t->field)) return -1;
    t->field = memory;
    if (n) memcpy(t->text + r->n_text, text, n);
    t->text[r->n_text + n] = '\0';
    t->field[r->n_fields++] = r->n_text;
    r->n_text += n + 1;
    return 0;
}

static void on_field(void *text, size_t n, void *data)
{
    struct reader *r = data;
    if (r->failed) return;
    if (r->n_fields >= FIELDS_MAX) {
        leadseq_fail("%s:%zu: expected at most %d fields, found more", r->table->path, r->line,
                     FIELDS_MAX);
        r->failed = true;
        return;
    }
    r->row_fields++;
    r->failed = append_field(r, text, n) != 0;
}

static int end_row(struct reader *r)
{
    struct leadseq_csv *t = r->table;
    if (!t->n_columns) t->n_columns = r->row_fields;
    if (r->row_fields != t->n_columns)
        return leadseq_fail("%s:%zu: expected a row of %zu fields as the first row has, found %zu",
                            t->path, r->row_line, t->n_columns, r->row_fields);
    void *memory = t->line;
    if (reserve(&memory, &r->line_room, t->n_rows + 1, sizeof *t->line)) return -1;
    t->line = memory;
    t->line[t->n_rows++] = r->row_line; // the names count too, until the end
    r->row_fields = 0;
    r->in_row = false;
    return 0;
}

static void on_row(int end, void *data)
{
    (void)end;
    struct reader *r = data;
    if (!r->failed) r->failed = end_row(r) != 0;
}

static int broken(const struct reader *r, struct csv_parser *parser)
{
    if (r->failed) return -1;
    return leadseq_fail("%s:%zu: expected a csv row, found a broken quote in the row that begins "
                        "on line %zu (%s)",
                        r->table->path, r->line, r->row_line, csv_strerror(csv_error(parser)));
}

static bool is_blank(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr(" \t\r\n", line[i])) return false;
    return true;
}

/* Feeds line by line, so that errors can say where. */
static int parse(struct reader *r, struct csv_parser *parser, const char *text, size_t size)
{
    for (const char *p = text, *end = text + size; p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t n = newline ? (size_t)(newline - p) + 1 : (size_t)(end - p);
        r->line++;
        if (!r->in_row) r->row_line = r->line;
        if (!is_blank(p, n)) r->in_row = true; // else libcsv sees no row in it
        if (csv_parse(parser, p, n, on_field, on_row, r) != n || r->failed)
            return broken(r, parser);
        p += n;
    }
    return csv_fini(parser, on_field, on_row, r) || r->failed ? broken(r, parser) : 0;
}

/* Spreadsheets of some countries and PhysioNet's tools write other separators. */
static int check_separator(const struct leadseq_csv *table, const char *text, size_t size)
{
    static const struct {
        char byte;
        const char *name;
    } other[] = {{';', "semicolons"}, {'\t', "tabs"}};
    const char *newline = memchr(text, '\n', size);
    size_t n = newline ? (size_t)(newline - text) : size;
    for (size_t i = 0; !memchr(text, ',', n) && i < LEADSEQ_COUNT(other); i++)
        if (memchr(text, other[i].byte, n))
            return leadseq_fail("%s:1: expected commas between the names of the columns, found %s; "
                                "save the table with commas",
                                table->path, other[i].name);
    return 0;
}

static int parse_text(struct leadseq_csv *table, const char *text, size_t size)
{
    if (memchr(text, '\0', size))
        return leadseq_fail("%s: expected a csv file, found a file that is no text", table->path);
    if (check_separator(table, text, size)) return -1;
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI)) return leadseq_fail_memory(0);
    size_t mark = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0; // byte order mark
    struct reader r = {.table = table};
    int status = parse(&r, &parser, text + mark, size - mark);
    csv_free(&parser);
    if (status) return -1;
    if (!table->n_rows)
        return leadseq_fail("%s: expected a row of column names, found nothing", table->path);
    table->n_rows--;
    return 0;
}

int leadseq_csv_read(struct leadseq_csv *table, const char *path)
{
    *table = (struct leadseq_csv){0};
    size_t size;
    char *text = leadseq_file_read(path, CSV_BYTES_MAX, &size);
    if (!text) return -1;
    table->path = leadseq_format("%s", path);
    table->crc32 = (uint32_t)crc32(0, (const unsigned char *)text, (unsigned)size);
    int status = table->path ? parse_text(table, text, size) : -1;
    free(text);
    if (status) leadseq_csv_clear(table);
    return status;
}

void leadseq_csv_clear(struct leadseq_csv *table)
{
    free(table->path);
    free(table->text);
    free(table->field);
    free(table->line);
    *table = (struct leadseq_csv){0};
}

static const char *field_at(const struct leadseq_csv *table, size_t row, size_t column)
{
    return table->text + table->field[row * table->n_columns + column];
}

const char *leadseq_csv_name(const struct leadseq_csv *table, int column)
{
    return field_at(table, 0, (size_t)column);
}

int leadseq_csv_find(const struct leadseq_csv *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (!strcmp(field_at(table, 0, i), name)) return (int)i;
    return -1;
}

int leadseq_csv_column(const struct leadseq_csv *table, const char *name)
{
    int column = leadseq_csv_find(table, name);
    if (column >= 0) return column;
    return leadseq_fail("%s:1: expected a column named \"%s\", found %zu columns without it",
                        table->path, name, table->n_columns);
}

const char *leadseq_csv_field(const struct leadseq_csv *table, size_t row, int column)
{
    return field_at(table, row + 1, (size_t)column);
}

int leadseq_csv_fail(const struct leadseq_csv *table, size_t row, const char *column,
                     const char *expected, const char *found)
{
    return leadseq_fail("%s:%zu: %s: expected %s, found \"%.100s\"", table->path,
                        table->line[row + 1], column, expected, found);
}
