/* SPDX-License-Identifier: MIT
 *
 * A page as a list of blocks. How they look is in page_html.c and page_markdown.c. */
#include "page_private.h"

#include <stdlib.h>

struct leadseq_page *leadseq_page_new(const char *title)
{
    struct leadseq_page *page = leadseq_calloc(1, sizeof *page);
    if (!page) return NULL;
    page->title = leadseq_format("%s", title);
    if (page->title) return page;
    free(page);
    return NULL;
}

static void clear_block(struct page_block *block)
{
    free(block->text);
    free(block->folder);
    free(block->link);
    free(block->name);
    free(block->aside);
    leadseq_table_free(block->table);
}

void leadseq_page_free(struct leadseq_page *page)
{
    if (!page) return;
    for (size_t i = 0; i < page->n; i++) clear_block(&page->block[i]);
    free(page->block);
    free(page->title);
    free(page);
}

/* Takes what the block holds over. */
static void add_block(struct leadseq_page *page, struct page_block block)
{
    struct page_block *more = leadseq_realloc(page->block, page->n + 1, sizeof *more);
    if (more) {
        page->block = more;
        more[page->n++] = block;
    } else {
        clear_block(&block);
        page->failed = true;
    }
}

static LEADSEQ_PRINTF(3, 0) void add_text(struct leadseq_page *page, enum page_kind kind,
                                          const char *format, va_list args)
{
    char *text;
    if (vasprintf(&text, format, args) < 0)
        page->failed = true;
    else
        add_block(page, (struct page_block){.kind = kind, .text = text});
}

void leadseq_page_heading(struct leadseq_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(page, PAGE_HEADING, format, args);
    va_end(args);
}

void leadseq_page_subheading(struct leadseq_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(page, PAGE_SUBHEADING, format, args);
    va_end(args);
}

void leadseq_page_text(struct leadseq_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(page, PAGE_TEXT, format, args);
    va_end(args);
}

void leadseq_page_note(struct leadseq_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(page, PAGE_NOTE, format, args);
    va_end(args);
}

void leadseq_page_table(struct leadseq_page *page, struct leadseq_table *table)
{
    if (table)
        add_block(page, (struct page_block){.kind = PAGE_TABLE, .table = table});
    else
        page->failed = true;
}

void leadseq_page_figure(struct leadseq_page *page, const char *folder, const char *link,
                         const char *name, const char *caption)
{
    struct page_block block = {
        .kind = PAGE_FIGURE,
        .text = leadseq_format("%s", caption),
        .folder = leadseq_format("%s", folder),
        .link = leadseq_format("%s", link),
        .name = leadseq_format("%s", name),
    };
    if (!block.text || !block.folder || !block.link || !block.name) {
        clear_block(&block);
        page->failed = true;
        return;
    }
    add_block(page, block);
}

/* Of the block added last; takes the text over. */
static void set_aside(struct leadseq_page *page, char *text)
{
    if (page->n && text) {
        free(page->block[page->n - 1].aside);
        page->block[page->n - 1].aside = text;
    } else {
        free(text);
        page->failed = true;
    }
}

void leadseq_page_alternative(struct leadseq_page *page, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    set_aside(page, n < 0 ? NULL : text);
}

void leadseq_page_step(struct leadseq_page *page, const char *left_out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(page, PAGE_STEP, format, args);
    va_end(args);
    if (left_out) set_aside(page, leadseq_format("%s", left_out));
}

void leadseq_page_row_begin(struct leadseq_page *page)
{
    add_block(page, (struct page_block){.kind = PAGE_ROW});
}

void leadseq_page_row_end(struct leadseq_page *page)
{
    add_block(page, (struct page_block){.kind = PAGE_END});
}

static int save(const struct leadseq_page *page, const char *folder, const char *name,
                const char *ending, int (*put)(const struct leadseq_page *page, FILE *out))
{
    char *path = leadseq_format("%s/%s.%s", folder, name, ending);
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    int status = file ? put(page, leadseq_file_stream(file)) : -1;
    if (!status)
        status = leadseq_file_commit(file);
    else if (file) {
        leadseq_file_discard(file);
        leadseq_fail_in("%s", path);
    }
    free(path);
    return status;
}

int leadseq_page_save(const struct leadseq_page *page, const char *folder, const char *name)
{
    if (save(page, folder, name, "html", leadseq_page_write_html)) return -1;
    return save(page, folder, name, "md", leadseq_page_write_markdown);
}
