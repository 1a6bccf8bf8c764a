/* SPDX-License-Identifier: MIT
 *
 * Text as each format shows it literally, whatever it contains. Characters that no format can hold
 * (controls, bytes that are not UTF-8) become their numbers first, in page_next(); each format then
 * escapes what has a meaning in it. */
#include "page_private.h"

#include <string.h>

size_t page_next(const char *text, char shown[LEADSEQ_PLAIN_NEXT])
{
    if (*text != '\n' && *text != '\t') return leadseq_plain_next(text, strnlen(text, 4), shown);
    strcpy(shown, " ");
    return 1;
}

void page_put_plain(FILE *out, const char *text)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    while (*text) {
        text += page_next(text, shown);
        fputs(shown, out);
    }
}

/* What replaces a character in HTML and XML, NULL: itself. */
static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void leadseq_html_escape(FILE *out, const char *text)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    while (*text) {
        const char *named = entity(*text);
        text += page_next(text, shown);
        fputs(named ? named : shown, out);
    }
}

void page_markdown_escape(FILE *out, const char *text)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    while (*text) {
        bool means = strchr("\\`*_[]<>|#", *text) != NULL, ampersand = *text == '&';
        text += page_next(text, shown);
        if (means || (*shown == '\\' && shown[1])) putc('\\', out);
        fputs(ampersand ? "&amp;" : shown, out);
    }
}

/* In double quotes, whatever has a meaning there (a backquote runs a command) as its octal code.
 * gnuplot writes texts as CDATA, which "]]>" would end: an invisible blank goes between. `format`:
 * for a text that gnuplot takes for a format of printf. */
void page_put_quoted(FILE *out, const char *text, bool format)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    putc('"', out);
    while (*text) {
        if (!strncmp(text, "]]>", 3)) {
            fputs("]]\xe2\x80\x8b>", out);
            text += 3;
            continue;
        }
        text += page_next(text, shown);
        for (const char *c = shown; *c; c++) {
            if (*c == '%' && format) putc('%', out);
            if (strchr("\"\\`$", *c))
                fprintf(out, "\\%03o", (unsigned char)*c);
            else
                putc(*c, out);
        }
    }
    putc('"', out);
}
