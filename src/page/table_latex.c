/* SPDX-License-Identifier: MIT
 *
 * Tables for LaTeX, to be \input between text: no package is needed but longtable,
 * and that only where a table is longer than a page. */
#include "page_private.h"

#include <string.h>

enum { ROWS_A_PAGE = 45, WIDE = 32 }; // columns of more characters wrap

/* Signs that LaTeX's fonts lack as letters. */
static const struct {
    const char *utf8, *latex;
} signs[] = {
    {"–", "--"},        {"—", "---"},        {"−", "$-$"},       {"±", "$\\pm$"},
    {"×", "$\\times$"}, {"·", "$\\cdot$"},   {"≥", "$\\geq$"},   {"≤", "$\\leq$"},
    {"…", "\\ldots{}"}, {"½", "$\\frac12$"}, {"²", "$^2$"},      {"κ", "$\\kappa$"},
    {"→", "$\\to$"},    {"“", "``"},         {"”", "''"},        {"’", "'"},
    {"σ", "$\\sigma$"}, {"Σ", "$\\Sigma$"},  {"∞", "$\\infty$"}, {"µ", "$\\mu$"},
};

static size_t put_sign(FILE *out, const char *text)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(signs); i++) {
        size_t length = strlen(signs[i].utf8);
        if (strncmp(text, signs[i].utf8, length)) continue;
        fputs(signs[i].latex, out);
        return length;
    }
    return 0;
}

static void put_character(FILE *out, char c)
{
    if (c && strchr("&%$#_{}", c))
        fprintf(out, "\\%c", c);
    else if (c == '\\')
        fputs("\\textbackslash{}", out);
    else if (c == '~')
        fputs("\\textasciitilde{}", out);
    else if (c == '^')
        fputs("\\textasciicircum{}", out);
    else if (c == '<' || c == '>')
        fprintf(out, "$%c$", c);
    else
        putc(c, out);
}

static void put_latex(FILE *out, const char *text)
{
    if (*text == '[') fputs("{}", out); // after \\ it would begin a length
    while (*text) {
        char shown[LEADSEQ_PLAIN_NEXT];
        size_t length = put_sign(out, text);
        text += length;
        if (length) continue;
        text += page_next(text, shown);
        for (const char *c = shown; *c; c++) put_character(out, *c);
    }
}

static void put_row(const struct leadseq_table *t, size_t row, FILE *out)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        struct page_cell cell = page_table_at(t, row, c);
        if (c) fputs(" & ", out);
        put_latex(out, cell.text);
        if (cell.small) {
            fputs(" {\\scriptsize ", out);
            put_latex(out, cell.small);
            putc('}', out);
        }
    }
    fputs(" \\\\\n", out);
}

static size_t longest(const struct leadseq_table *t, size_t column)
{
    size_t longest = 0;
    for (size_t r = 0; r < page_table_rows(t); r++) {
        struct page_cell cell = page_table_at(t, r, column);
        size_t n = strlen(cell.text) + (cell.small ? strlen(cell.small) : 0);
        if (n > longest) longest = n;
    }
    return longest;
}

/* Columns of running text share the line by their lengths, and wrap. */
static void put_columns(const struct leadseq_table *t, FILE *out)
{
    size_t wide = 0;
    for (size_t c = 0; c < t->n_columns; c++)
        wide += t->column[c].align == LEADSEQ_LEFT && longest(t, c) > WIDE;
    for (size_t c = 0; c < t->n_columns; c++) {
        if (t->column[c].align == LEADSEQ_LEFT && longest(t, c) > WIDE)
            fprintf(out, "p{%.2f\\linewidth}", .8 / (double)wide);
        else
            putc(t->column[c].align == LEADSEQ_RIGHT ? 'r' : 'l', out);
    }
}

int leadseq_table_write_latex(const struct leadseq_table *t, FILE *out)
{
    const char *kind = page_table_rows(t) > ROWS_A_PAGE ? "longtable" : "tabular";
    if (t->caption) {
        fputs("\\paragraph{", out);
        put_latex(out, t->caption);
        fputs("}\\mbox{}\\\\\n", out);
    }
    fprintf(out, "\\begin{%s}{", kind);
    put_columns(t, out);
    fputs("}\n\\hline\n", out);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (c) fputs(" & ", out);
        put_latex(out, t->column[c].title);
    }
    fputs(" \\\\\n\\hline\n", out);
    if (*kind == 'l') fputs("\\endhead\n", out);
    for (size_t r = 0; r < page_table_rows(t); r++) put_row(t, r, out);
    fprintf(out, "\\hline\n\\end{%s}\n", kind);
    return page_written(t->failed, out);
}

int leadseq_table_save_latex(const struct leadseq_table *t, const char *path)
{
    return page_table_save(t, path, leadseq_table_write_latex);
}
