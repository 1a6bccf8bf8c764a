/* SPDX-License-Identifier: MIT
 *
 * Tables for programs and pages: TSV, Markdown, HTML. */
#include "page_private.h"

#include <stdlib.h>
#include <string.h>

int page_written(bool failed, FILE *out)
{
    if (failed) return leadseq_fail("a table or page could not be built: out of memory");
    if (ferror(out)) return leadseq_fail("writing failed: %s", leadseq_write_reason(out));
    return 0;
}

int leadseq_table_write_tsv(const struct leadseq_table *t, FILE *out)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (c) putc('\t', out);
        page_put_plain(out, t->column[c].title);
    }
    putc('\n', out);
    for (size_t r = 0; r < page_table_rows(t); r++) {
        for (size_t c = 0; c < t->n_columns; c++) {
            struct page_cell cell = page_table_at(t, r, c);
            if (c) putc('\t', out);
            page_put_plain(out, cell.text);
            if (!cell.small) continue;
            putc(' ', out);
            page_put_plain(out, cell.small);
        }
        putc('\n', out);
    }
    return page_written(t->failed, out);
}

int page_table_save(const struct leadseq_table *t, const char *path,
                    int (*put)(const struct leadseq_table *t, FILE *out))
{
    struct leadseq_file *f = leadseq_file_create(path);
    if (!f) return -1;
    if (put(t, leadseq_file_stream(f))) {
        leadseq_file_discard(f);
        return leadseq_fail_in("%s", path);
    }
    return leadseq_file_commit(f);
}

int leadseq_table_save_tsv(const struct leadseq_table *t, const char *path)
{
    return page_table_save(t, path, leadseq_table_write_tsv);
}

int leadseq_table_write_markdown(const struct leadseq_table *t, FILE *out)
{
    if (t->caption) {
        page_markdown_escape(out, t->caption);
        fputs("\n\n", out);
    }
    for (size_t c = 0; c < t->n_columns; c++) {
        fputs(c ? " | " : "| ", out);
        page_markdown_escape(out, t->column[c].title);
    }
    fputs(" |\n", out);
    for (size_t c = 0; c < t->n_columns; c++)
        fputs(t->column[c].align == LEADSEQ_RIGHT ? "| ---: " : "| --- ", out);
    fputs("|\n", out);
    for (size_t r = 0; r < page_table_rows(t); r++) {
        for (size_t c = 0; c < t->n_columns; c++) {
            struct page_cell cell = page_table_at(t, r, c);
            fputs(c ? " | " : "| ", out);
            page_markdown_escape(out, cell.text);
            if (cell.small) {
                putc(' ', out);
                page_markdown_escape(out, cell.small);
            }
        }
        fputs(" |\n", out);
    }
    return page_written(t->failed, out);
}

static void html_cell(const struct leadseq_table *t, size_t row, size_t column, FILE *out)
{
    struct page_cell cell = page_table_at(t, row, column);
    const char *tag = column ? "td" : "th scope=\"row\"";
    const char *class = t->column[column].align == LEADSEQ_RIGHT ? " class=\"right\"" : "";
    fprintf(out, "<%s%s>", tag, class);
    leadseq_html_escape(out, cell.text);
    if (cell.small) {
        fputs(cell.remark ? " <small class=\"remark\">" : " <small>", out);
        leadseq_html_escape(out, cell.small);
        fputs("</small>", out);
    }
    fputs(column ? "</td>" : "</th>", out);
}

/* Names of models may be broken where their parts meet. */
static void html_title(const char *title, FILE *out)
{
    while (*title) {
        size_t n = strcspn(title, "_./");
        if (title[n]) n++;
        char *part = strndup(title, n);
        leadseq_html_escape(out, part ? part : "");
        free(part);
        title += n;
        if (*title && strchr("_./", title[-1])) fputs("<wbr>", out);
    }
}

int leadseq_table_write_html(const struct leadseq_table *t, FILE *out)
{
    // what scrolls sideways is reached by the keyboard, and says what it is
    fputs("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", out);
    leadseq_html_escape(out, t->caption ? t->caption : "Table");
    fputs("\"><table>\n", out);
    if (t->caption) {
        fputs("<caption>", out);
        leadseq_html_escape(out, t->caption);
        fputs("</caption>\n", out);
    }
    fputs("<thead><tr>", out);
    for (size_t c = 0; c < t->n_columns; c++) {
        bool right = t->column[c].align == LEADSEQ_RIGHT;
        fprintf(out, "<th scope=\"col\"%s>", right ? " class=\"right\"" : "");
        html_title(t->column[c].title, out);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t r = 0; r < page_table_rows(t); r++) {
        fputs("<tr>", out);
        for (size_t c = 0; c < t->n_columns; c++) html_cell(t, r, c, out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
    return page_written(t->failed, out);
}
