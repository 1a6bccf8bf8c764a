/* SPDX-License-Identifier: MIT
 *
 * A page as one HTML file: style and figures inside, nothing fetched, no script. */
#include "page_private.h"

#include <stdlib.h>
#include <string.h>

enum { SVG_BYTES_MAX = 64 << 20, CONTENTS_FROM = 8 };

static const char style[] =
    ":root{color-scheme:light}*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:66rem;color:#1c2430;background:#fff;"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0 1rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.2rem;margin:2.4rem 0 .7rem;padding-bottom:.25rem;"
    "border-bottom:1px solid #d5dbe3}\n"
    "h3{font-size:1.02rem;margin:1.6rem 0 .5rem}\n"
    "nav{font-size:.93rem;margin:1.4rem 0}nav ol{columns:3 14rem;column-gap:2rem;margin:0;"
    "padding-left:1.6rem}nav li{margin:.15rem 0}a{color:#0b5a9a}\n"
    ".flow{list-style:none;margin:1rem 0;padding:0;max-width:46rem}"
    ".flow li{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;position:relative;"
    "padding-bottom:1.5rem}.flow li:last-child{padding-bottom:0}"
    ".flow li:not(:last-child)::after{content:'\\2193';position:absolute;bottom:.05rem;left:8rem;"
    "color:#5b6675}\n"
    ".box{border:1.5px solid #1c2430;border-radius:4px;padding:.4rem .7rem;flex:0 1 24rem}"
    ".out{border-left:3px solid #9aa5b1;padding:.1rem .7rem;color:#424d5b;font-size:.9rem;"
    "flex:1 1 12rem}\n"
    "p{max-width:46rem;margin:.6rem 0;overflow-wrap:anywhere}\n"
    ".note{border-left:4px solid #e69f00;background:#fff8e8;padding:.55rem .9rem;"
    "border-radius:0 4px 4px 0}\n"
    ".scroll{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.93rem}\n"
    "caption{text-align:left;font-weight:600;padding:0 0 .4rem}\n"
    "th,td{padding:.42rem .85rem;text-align:left;vertical-align:top;"
    "border-bottom:1px solid #e3e8ee;overflow-wrap:break-word}\n"
    "thead th{border-bottom:2px solid #1c2430;vertical-align:bottom}\n"
    "tbody th{font-weight:500}tbody tr:hover{background:#f5f8fb}\n"
    ".right{text-align:right}td.right{white-space:nowrap}\n"
    "th:first-child,td:first-child{padding-left:.1rem}\n"
    "small{display:block;color:#5b6675;font-size:.8rem}\n"
    ".remark{white-space:normal;max-width:9rem;margin-left:auto}\n"
    ".row{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;align-items:flex-start}\n"
    ".row>figure{flex:1 1 24rem;min-width:0}.row>.scroll{flex:0 1 auto;max-width:100%}\n"
    "figure{margin:1rem 0;max-width:44rem}figure svg{display:block;width:100%;height:auto}\n"
    "figure.square{max-width:34rem}\n"
    "figcaption{color:#5b6675;font-size:.88rem;margin-top:.3rem;overflow-wrap:anywhere}\n"
    ".absent{border:1px dashed #9aa5b1;padding:1.5rem 1rem;color:#5b6675}\n"
    "@media(max-width:40rem){body{font-size:15px;padding:1rem .8rem 3rem}h1{font-size:1.35rem}"
    "th,td{padding:.34rem .26rem}table{font-size:.82rem}small{font-size:.66rem}"
    ".remark{max-width:5.6rem}td:not(.right){overflow-wrap:anywhere;min-width:4.6rem}}\n"
    "@media print{body{max-width:none;padding:0;font-size:10pt}h2{break-after:avoid}"
    "figure,tr,.note{break-inside:avoid}.scroll{overflow:visible}"
    "table{font-size:8pt}th,td{padding:.25rem .4rem}small{font-size:7pt}nav{display:none}"
    "td.right{white-space:normal}td:not(.right){overflow-wrap:anywhere}"
    "figure svg{max-height:13.5cm;width:auto;max-width:100%;margin:0 auto}"
    ".note{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{margin:16mm}}\n";

static void put_element(FILE *out, const char *open, const char *text, const char *close)
{
    fputs(open, out);
    leadseq_html_escape(out, text);
    fputs(close, out);
}

static void put_absent(FILE *out, const struct page_block *b)
{
    fputs("<p class=\"absent\">Not drawn: gnuplot was not found or failed, or there was nothing to "
          "draw. "
          "The data and the script are ",
          out);
    leadseq_html_escape(out, b->link);
    putc('/', out);
    leadseq_html_escape(out, b->name);
    fputs(".tsv and .gp.</p>\n", out);
}

/* gnuplot names its marks alike in every drawing: NAME- before each id and what refers to it, so
 * that no id appears twice in the page. */
static void put_drawing(FILE *out, const char *svg, const char *name)
{
    static const char *const marks[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};
    while (*svg) {
        size_t length = 0;
        for (size_t i = 0; !length && i < LEADSEQ_COUNT(marks); i++)
            if (!strncmp(svg, marks[i], strlen(marks[i]))) length = strlen(marks[i]);
        if (length) fprintf(out, "%.*s%s-", (int)length, svg, name);
        svg += length;
        if (!length) putc(*svg++, out);
    }
}

/* Lets assistive programs read words for the drawing. */
static void put_svg(FILE *out, const char *svg, const struct page_block *b)
{
    fputs("<svg role=\"img\" aria-label=\"", out);
    leadseq_html_escape(out, b->aside ? b->aside : b->text);
    putc('"', out);
    put_drawing(out, svg + strlen("<svg"), b->name);
}

static void put_figure(FILE *out, const struct page_block *b)
{
    char *path = leadseq_format("%s/%s.svg", b->folder, b->name);
    bool there = path && leadseq_path_exists(path);
    char *text = there ? leadseq_file_read(path, SVG_BYTES_MAX, NULL) : NULL;
    const char *svg = text ? strstr(text, "<svg") : NULL; // after the XML prologue
    fputs("<figure>\n", out);
    if (svg)
        put_svg(out, svg, b);
    else
        put_absent(out, b);
    put_element(out, "<figcaption>", b->text, "</figcaption>\n</figure>\n");
    free(text);
    free(path);
}

static void put_step(FILE *out, const struct page_block *b)
{
    put_element(out, "<li><span class=\"box\">", b->text, "</span>");
    if (b->aside) put_element(out, "<span class=\"out\">left out: ", b->aside, "</span>");
    fputs("</li>\n", out);
}

static int put_block(FILE *out, const struct page_block *b)
{
    switch (b->kind) {
    case PAGE_HEADING:
        put_element(out, "<h2>", b->text, "</h2>\n");
        break;
    case PAGE_SUBHEADING:
        put_element(out, "<h3>", b->text, "</h3>\n");
        break;
    case PAGE_STEP:
        put_step(out, b);
        break;
    case PAGE_TEXT:
        put_element(out, "<p>", b->text, "</p>\n");
        break;
    case PAGE_NOTE:
        put_element(out, "<p class=\"note\">", b->text, "</p>\n");
        break;
    case PAGE_TABLE:
        return leadseq_table_write_html(b->table, out);
    case PAGE_FIGURE:
        put_figure(out, b);
        break;
    case PAGE_ROW:
        fputs("<div class=\"row\">\n", out);
        break;
    case PAGE_END:
        fputs("</div>\n", out);
        break;
    }
    return 0;
}

static bool is_step(const struct leadseq_page *page, size_t i)
{
    return i < page->n && page->block[i].kind == PAGE_STEP;
}

/* A list opens before the first of its steps and closes after the last. */
static int put_blocks(FILE *out, const struct leadseq_page *page, bool numbered)
{
    size_t headings = 0;
    for (size_t i = 0; i < page->n; i++) {
        const struct page_block *b = &page->block[i];
        if (is_step(page, i) && (!i || !is_step(page, i - 1))) fputs("<ol class=\"flow\">\n", out);
        if (b->kind == PAGE_HEADING && numbered) {
            fprintf(out, "<h2 id=\"s%zu\">", ++headings);
            put_element(out, "", b->text, "</h2>\n");
        } else if (put_block(out, b)) {
            return -1;
        }
        if (is_step(page, i) && !is_step(page, i + 1)) fputs("</ol>\n", out);
    }
    return 0;
}

static size_t count_headings(const struct leadseq_page *page)
{
    size_t n = 0;
    for (size_t i = 0; i < page->n; i++) n += page->block[i].kind == PAGE_HEADING;
    return n;
}

static void put_contents(FILE *out, const struct leadseq_page *page)
{
    size_t n = 0;
    fputs("<nav aria-label=\"Contents\"><ol>\n", out);
    for (size_t i = 0; i < page->n; i++) {
        if (page->block[i].kind != PAGE_HEADING) continue;
        fprintf(out, "<li><a href=\"#s%zu\">", ++n);
        put_element(out, "", page->block[i].text, "</a></li>\n");
    }
    fputs("</ol></nav>\n", out);
}

/* Long pages begin with their contents. */
static int put_body(FILE *out, const struct leadseq_page *page)
{
    bool numbered = count_headings(page) >= CONTENTS_FROM;
    if (numbered) put_contents(out, page);
    return put_blocks(out, page, numbered);
}

int leadseq_page_write_html(const struct leadseq_page *page, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
          out);
    put_element(out, "<title>", page->title, "</title>\n");
    fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", style);
    put_element(out, "<h1>", page->title, "</h1>\n");
    if (put_body(out, page)) return -1;
    fputs("</body>\n</html>\n", out);
    return page_written(page->failed, out);
}
