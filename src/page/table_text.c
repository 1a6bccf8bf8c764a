/* SPDX-License-Identifier: MIT
 *
 * Tables for a terminal: aligned, in as many blocks as its width asks for. */
#include "page_private.h"

#include <string.h>

/* Characters of UTF-8 text; wide and combining ones count as one. */
static int width_of(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* The width of the numbers of a column and of the intervals after them: both are aligned. */
struct widths {
    int text, small;
};

static struct widths column_widths(const struct leadseq_table *t, size_t column)
{
    struct widths w = {0, 0};
    for (size_t r = 0; r < page_table_rows(t); r++) {
        struct page_cell cell = page_table_at(t, r, column);
        int text = width_of(cell.text), small = cell.small ? width_of(cell.small) + 1 : 0;
        if (text > w.text) w.text = text;
        if (small > w.small) w.small = small;
    }
    int title = width_of(t->column[column].title);
    if (title > w.text + w.small) w.text = title - w.small;
    return w;
}

static void put_printable(const char *text, FILE *out)
{
    for (; *text; text++) putc((unsigned char)*text < ' ' ? ' ' : *text, out);
}

static void put_padded(const char *text, int width, bool right, FILE *out)
{
    int gap = width - width_of(text);
    if (gap < 0) gap = 0;
    if (right) fprintf(out, "%*s", gap, "");
    put_printable(text, out);
    if (!right) fprintf(out, "%*s", gap, "");
}

/* The last cell of a line is not padded after its text. */
static void put_cell(const struct leadseq_table *t, size_t row, size_t column, bool last, FILE *out)
{
    struct page_cell cell = page_table_at(t, row, column);
    struct widths w = column_widths(t, column);
    bool right = t->column[column].align == LEADSEQ_RIGHT;
    const char *small = cell.small ? cell.small : "";
    put_padded(cell.text, last && !right ? 0 : w.text, right, out);
    if (w.small && !(last && !*small)) {
        putc(' ', out);
        put_padded(small, last ? 0 : w.small - 1, false, out);
    }
}

static void put_titles(const struct leadseq_table *t, size_t from, size_t to, FILE *out)
{
    for (size_t c = 0; c < to; c = c < from ? from : c + 1) {
        struct widths w = column_widths(t, c);
        if (c) fputs("   ", out);
        put_padded(t->column[c].title, w.text + w.small, t->column[c].align == LEADSEQ_RIGHT, out);
    }
    putc('\n', out);
}

/* How many columns from `from` on fit beside the first: at least one. */
static size_t block_end(const struct leadseq_table *t, size_t from, int width)
{
    struct widths first = column_widths(t, 0);
    int used = first.text + first.small;
    size_t to = from;
    for (; to < t->n_columns; to++) {
        struct widths w = column_widths(t, to);
        used += 3 + w.text + w.small;
        if (used > width && to > from) break;
    }
    return to;
}

int leadseq_table_write_text(const struct leadseq_table *t, int width, FILE *out)
{
    if (t->caption) fprintf(out, "%s\n", t->caption);
    size_t from = 1, to;
    do {
        to = block_end(t, from, width);
        if (from > 1) putc('\n', out);
        put_titles(t, from, to, out);
        for (size_t r = 0; r < page_table_rows(t); r++) {
            put_cell(t, r, 0, false, out);
            for (size_t c = from; c < to; c++) {
                fputs("   ", out);
                put_cell(t, r, c, c + 1 == to, out);
            }
            putc('\n', out);
        }
        from = to;
    } while (from < t->n_columns);
    return page_written(t->failed, out);
}
