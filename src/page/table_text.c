/* SPDX-License-Identifier: MIT
 *
 * Tables for a terminal: aligned, in as many blocks as its width asks for. */
#include "page_private.h"

#include <string.h>

/* Characters of UTF-8 text as it is shown; wide and combining ones count as one. */
static int width_of(const char *text)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    int n = 0;
    while (*text) {
        text += page_next(text, shown);
        for (const char *c = shown; *c; c++) n += ((unsigned char)*c & 0xc0) != 0x80;
    }
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

static void put_padded(const char *text, int width, bool right, FILE *out)
{
    int gap = width - width_of(text);
    if (gap < 0) gap = 0;
    if (right) fprintf(out, "%*s", gap, "");
    page_put_plain(out, text);
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

static size_t keys_of(const struct leadseq_table *t)
{
    return t->n_keys ? t->n_keys : 1;
}

/* The column after c of a block that has the keys and the columns from `from` on. */
static size_t next_of(const struct leadseq_table *t, size_t c, size_t from)
{
    return c + 1 == keys_of(t) ? from : c + 1;
}

static void put_titles(const struct leadseq_table *t, size_t from, size_t to, FILE *out)
{
    for (size_t c = 0; c < to; c = next_of(t, c, from)) {
        struct widths w = column_widths(t, c);
        if (c) fputs("   ", out);
        put_padded(t->column[c].title, w.text + w.small, t->column[c].align == LEADSEQ_RIGHT, out);
    }
    putc('\n', out);
}

/* How many columns from `from` on fit beside the keys: at least one. */
static size_t block_end(const struct leadseq_table *t, size_t from, int width)
{
    int used = -3;
    size_t to = from;
    for (size_t c = 0; c < keys_of(t); c++) {
        struct widths w = column_widths(t, c);
        used += 3 + w.text + w.small;
    }
    for (; to < t->n_columns; to++) {
        struct widths w = column_widths(t, to);
        used += 3 + w.text + w.small;
        if (used > width && to > from) break;
    }
    return to;
}

int leadseq_table_write_text(const struct leadseq_table *t, int width, FILE *out)
{
    if (t->caption) {
        page_put_plain(out, t->caption);
        putc('\n', out);
    }
    size_t from = keys_of(t), to;
    do {
        to = block_end(t, from, width);
        if (from > keys_of(t)) putc('\n', out);
        put_titles(t, from, to, out);
        for (size_t r = 0; r < page_table_rows(t); r++) {
            for (size_t c = 0; c < to; c = next_of(t, c, from)) {
                if (c) fputs("   ", out);
                put_cell(t, r, c, c + 1 == to, out);
            }
            putc('\n', out);
        }
        from = to;
    } while (from < t->n_columns);
    return page_written(t->failed, out);
}
