/* SPDX-License-Identifier: MIT
 *
 * A table as it is built: columns, then cells row by row. Writing is in
 * table_write.c and table_text.c. */
#include "page_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct leadseq_table *leadseq_table_new(const char *caption)
{
    struct leadseq_table *t = leadseq_calloc(1, sizeof *t);
    if (!t || !caption) return t;
    t->caption = leadseq_format("%s", caption);
    if (t->caption) return t;
    free(t);
    return NULL;
}

void leadseq_table_free(struct leadseq_table *t)
{
    if (!t) return;
    for (size_t i = 0; i < t->n_columns; i++) free(t->column[i].title);
    for (size_t i = 0; i < t->n_cells; i++) {
        free(t->cell[i].text);
        free(t->cell[i].small);
    }
    free(t->column);
    free(t->cell);
    free(t->caption);
    free(t);
}

void leadseq_table_column(struct leadseq_table *t, enum leadseq_align align, const char *title)
{
    struct page_column *more = leadseq_realloc(t->column, t->n_columns + 1, sizeof *more);
    char *copy = leadseq_format("%s", title);
    if (more) t->column = more;
    if (more && copy) {
        more[t->n_columns++] = (struct page_column){align, copy};
    } else {
        free(copy);
        t->failed = true;
    }
}

void leadseq_table_keys(struct leadseq_table *t)
{
    t->n_keys = t->n_columns;
}

/* Takes text and small over. */
static void add_cell(struct leadseq_table *t, char *text, char *small)
{
    if (t->n_cells == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        struct page_cell *more = leadseq_realloc(t->cell, room, sizeof *more);
        if (more) {
            t->cell = more;
            t->room = room;
        }
    }
    if (text && t->n_cells < t->room) {
        t->cell[t->n_cells++] = (struct page_cell){text, small, false};
    } else {
        free(text);
        free(small);
        t->failed = true;
    }
}

void leadseq_table_cell(struct leadseq_table *t, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    add_cell(t, n < 0 ? NULL : text, NULL);
}

static void put_number(char text[64], int decimals, bool sign, double value)
{
    snprintf(text, 64, "%s%.*f", sign && value >= 0 ? "+" : "", decimals, value);
    if (!sign && *text == '-' && !text[strspn(text, "-0.")]) memmove(text, text + 1, strlen(text));
}

void leadseq_table_interval(struct leadseq_table *t, int decimals, bool sign, double value,
                            double low, double high)
{
    if (isnan(value)) {
        leadseq_table_cell(t, "–");
        return;
    }
    char from[64], to[64], text[64];
    put_number(text, decimals, sign, value);
    put_number(from, decimals, sign, low);
    put_number(to, decimals, sign, high);
    bool known = !isnan(low) && !isnan(high);
    char *small = known ? leadseq_format("[%s, %s]", from, to) : NULL;
    if (known && !small) t->failed = true;
    add_cell(t, leadseq_format("%s", text), small);
}

void leadseq_table_remark(struct leadseq_table *t, const char *text)
{
    struct page_cell *cell = t->n_cells ? &t->cell[t->n_cells - 1] : NULL;
    if (!cell) return;
    free(cell->small);
    cell->small = leadseq_format("%s", text);
    cell->remark = true;
    if (!cell->small) t->failed = true;
}

void leadseq_table_exact(struct leadseq_table *t, double value)
{
    char text[32] = "";
    if (!isnan(value)) leadseq_print_shortest(text, value, 15);
    leadseq_table_cell(t, "%s", text);
}

struct leadseq_table *leadseq_table_turn(struct leadseq_table *t, const char *title)
{
    struct leadseq_table *turned = t ? leadseq_table_new(t->caption) : NULL;
    if (turned) {
        size_t rows = page_table_rows(t);
        turned->failed = t->failed;
        leadseq_table_column(turned, LEADSEQ_LEFT, title);
        for (size_t r = 0; r < rows; r++)
            leadseq_table_column(turned, t->n_columns > 1 ? t->column[1].align : LEADSEQ_LEFT,
                                 page_table_at(t, r, 0).text);
        for (size_t c = 1; c < t->n_columns; c++) {
            leadseq_table_cell(turned, "%s", t->column[c].title);
            for (size_t r = 0; r < rows; r++) {
                struct page_cell cell = page_table_at(t, r, c);
                leadseq_table_cell(turned, "%s", cell.text);
                if (cell.small) leadseq_table_remark(turned, cell.small);
                if (cell.small && turned->n_cells)
                    turned->cell[turned->n_cells - 1].remark = cell.remark;
            }
        }
    }
    leadseq_table_free(t);
    return turned;
}

size_t page_table_rows(const struct leadseq_table *t)
{
    return t->n_columns ? (t->n_cells + t->n_columns - 1) / t->n_columns : 0;
}

struct page_cell page_table_at(const struct leadseq_table *t, size_t row, size_t column)
{
    size_t i = row * t->n_columns + column;
    static char nothing[] = "";
    return i < t->n_cells ? t->cell[i] : (struct page_cell){nothing, NULL, false};
}
