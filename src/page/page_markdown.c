/* SPDX-License-Identifier: MIT
 *
 * A page as Markdown with pipe tables; figures are links to their files. */
#include "page_private.h"

#include <stdlib.h>

static void put_line(FILE *out, const char *before, const char *text)
{
    fputs(before, out);
    page_markdown_escape(out, text);
    fputs("\n\n", out);
}

static void put_figure(FILE *out, const struct page_block *b)
{
    char *path = leadseq_format("%s/%s.svg", b->folder, b->name);
    bool drawn = path && leadseq_path_exists(path);
    fputs(drawn ? "![" : "[", out);
    page_markdown_escape(out, b->text);
    fprintf(out, "](%s/%s.%s)\n\n", b->link, b->name, drawn ? "svg" : "tsv");
    free(path);
}

static void put_step(FILE *out, const struct page_block *b)
{
    fputs("1. ", out);
    page_markdown_escape(out, b->text);
    if (b->aside) {
        fputs(" (left out: ", out);
        page_markdown_escape(out, b->aside);
        putc(')', out);
    }
    fputs("\n\n", out);
}

static int put_block(FILE *out, const struct page_block *b)
{
    switch (b->kind) {
    case PAGE_SUBHEADING:
        put_line(out, "### ", b->text);
        break;
    case PAGE_STEP:
        put_step(out, b);
        break;
    case PAGE_HEADING:
        put_line(out, "## ", b->text);
        break;
    case PAGE_TEXT:
        put_line(out, "", b->text);
        break;
    case PAGE_NOTE:
        put_line(out, "> ", b->text);
        break;
    case PAGE_TABLE:
        if (leadseq_table_write_markdown(b->table, out)) return -1;
        putc('\n', out);
        break;
    case PAGE_FIGURE:
        put_figure(out, b);
        break;
    case PAGE_ROW:
    case PAGE_END:
        break;
    }
    return 0;
}

int leadseq_page_write_markdown(const struct leadseq_page *page, FILE *out)
{
    put_line(out, "# ", page->title);
    for (size_t i = 0; i < page->n; i++)
        if (put_block(out, &page->block[i])) return -1;
    return page_written(page->failed, out);
}
