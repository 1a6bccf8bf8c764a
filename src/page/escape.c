/* SPDX-License-Identifier: MIT
 *
 * Text as HTML and Markdown show it literally, whatever it contains. */
#include "page_private.h"

#include <string.h>

void leadseq_html_escape(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            putc(*text, out);
        }
    }
}

void page_markdown_escape(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>|#", *text)) putc('\\', out);
        if (*text == '&')
            fputs("&amp;", out);
        else
            putc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
}
