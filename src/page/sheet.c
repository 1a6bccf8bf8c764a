/* SPDX-License-Identifier: MIT
 *
 * The one reader of text tables. Cells are cut in place: a cell takes four bytes besides its text,
 * and there are never more cells than bytes. */
#include "page_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { SHEET_BYTES_MAX = 1 << 30 };

struct cursor {
    struct leadseq_sheet *s;
    char *at;
    size_t line;                          // that of `at`, from 1
    size_t n_cells, cell_room, line_room; // of the sheet's arrays
    bool unfinished;
};

/* What ended a cell; the last three end the table. */
enum ending { CELL_ENDS, LINE_ENDS, TEXT_ENDS, QUOTE_IS_OPEN, QUOTE_IS_FOLLOWED, NO_MEMORY };

/* Makes room for one more number, by doubling. */
static int reserve(uint32_t **array, size_t *room, size_t n)
{
    if (n < *room) return 0;
    size_t more = *room ? 2 * *room : 256;
    uint32_t *longer = leadseq_realloc(*array, more, sizeof *longer);
    if (!longer) return -1;
    *array = longer;
    *room = more;
    return 0;
}

static char *skip_blanks(const struct cursor *c, char *at)
{
    while (*at == ' ' || (*at == '\t' && c->s->separator != '\t')) at++;
    return at;
}

/* Between quotes any character is allowed; a quote is written twice (RFC 4180). *end: where the
 * cell's text ends; NULL where the quote is never closed. */
static char *cut_quoted(struct cursor *c, char *text, char **end)
{
    char *from = text + 1, *to = text;
    for (; *from; from++) {
        if (*from == '"' && from[1] != '"') break;
        if (*from == '"') from++;
        c->line += *from == '\n';
        *to++ = *from;
    }
    *end = to;
    c->at = from; // the end of the text where it is never closed
    return *from ? skip_blanks(c, from + 1) : NULL;
}

/* Cuts the next cell; what it ends with is found before it is overwritten. */
static enum ending next_cell(struct cursor *c)
{
    struct leadseq_sheet *s = c->s;
    char *text = skip_blanks(c, c->at), *end = text, *after;
    if (reserve(&s->cell, &c->cell_room, c->n_cells)) return NO_MEMORY;
    if (*text == '"') {
        after = cut_quoted(c, text, &end);
        if (!after) return QUOTE_IS_OPEN;
    } else {
        for (after = text; *after && *after != '\n' && *after != s->separator;) after++;
        end = after;
    }
    char found = *after;
    c->at = after;
    if (found && found != '\n' && found != s->separator) return QUOTE_IS_FOLLOWED;
    while (end > text && strchr(" \t\n", end[-1])) end--;
    while (text < end && strchr(" \t\n", *text)) text++; // within the quotes
    *end = '\0';
    s->cell[c->n_cells++] = (uint32_t)(text - s->text);
    c->at += found != '\0';
    c->line += found == '\n';
    return !found ? TEXT_ENDS : found == '\n' ? LINE_ENDS : CELL_ENDS;
}

static const char *separator_name(char separator)
{
    return separator == '\t' ? "tabs" : separator == ';' ? "semicolons" : "commas";
}

static int fail_cell(const struct cursor *c, enum ending ending, size_t line)
{
    const char *path = c->s->path;
    if (ending == QUOTE_IS_OPEN)
        return leadseq_fail("%s:%zu: a quote is opened and never closed", path, line);
    if (ending == QUOTE_IS_FOLLOWED)
        return leadseq_fail("%s:%zu: expected %s between cells, found \"%.10s\" after a closing "
                            "quote",
                            path, c->line, separator_name(c->s->separator), c->at);
    return -1;
}

/* The cells of one line, which may be several lines in quotes; *n of an empty line is 0. */
static int next_row(struct cursor *c, size_t *n, bool *whole)
{
    size_t first = c->n_cells, line = c->line;
    char *begin = skip_blanks(c, c->at);
    enum ending ending = CELL_ENDS;
    *n = 0;
    *whole = true;
    if (*begin == '\n' || !*begin) {
        c->at = begin + (*begin == '\n');
        c->line++;
        return 0;
    }
    while (ending == CELL_ENDS) ending = next_cell(c);
    *n = c->n_cells - first;
    *whole = ending == LINE_ENDS;
    if (ending > TEXT_ENDS) return fail_cell(c, ending, line);
    if (reserve(&c->s->line, &c->line_room, first ? c->s->rows + 1 : 0)) return -1;
    c->s->line[first ? c->s->rows + 1 : 0] = (uint32_t)line;
    return 0;
}

/* What is left of a table that is being written, or whose writer was killed, is counted. */
static int drop(struct cursor *c, size_t keep)
{
    c->n_cells = keep;
    c->s->dropped = 1;
    for (; *c->at; c->at++) c->s->dropped += *c->at == '\n' || !c->at[1];
    leadseq_error_clear();
    return 0;
}

static int read_rows(struct cursor *c)
{
    struct leadseq_sheet *s = c->s;
    while (*c->at) {
        size_t keep = c->n_cells, n;
        bool whole;
        int status = next_row(c, &n, &whole);
        if (c->unfinished && (status || !whole || (n && n != s->columns))) return drop(c, keep);
        if (status) return -1;
        if (n && n != s->columns)
            return leadseq_fail("%s:%u: expected %zu cells between %s as in the title line, found "
                                "%zu",
                                s->path, s->line[s->rows + 1], s->columns,
                                separator_name(s->separator), n);
        s->rows += n != 0;
    }
    return 0;
}

static const char separators[] = "\t,;";

/* Excel's "sep=;" before the titles. */
static bool take_separator_line(struct cursor *c)
{
    if (strncasecmp(c->at, "sep=", 4) || !c->at[4] || !strchr(separators, c->at[4])) return false;
    if (c->at[5] && c->at[5] != '\n') return false;
    c->s->separator = c->at[4];
    c->at += 5 + (c->at[5] == '\n');
    c->line++;
    return true;
}

/* How often each separator is between the titles, outside quotes; returns the last one. A tab at
 * the line's end is more likely a blank. */
static char count_separators(const char *at, size_t count[3])
{
    bool quoted = false, begins = true; // a cell
    char last = ',';
    for (; *at && (quoted || *at != '\n'); at++) {
        const char *found = quoted ? NULL : strchr(separators, *at);
        if (quoted && at[0] == '"' && at[1] == '"')
            at++;
        else if (*at == '"' && (quoted || begins))
            quoted = !quoted;
        begins = found || (begins && *at == ' ');
        if (!found) continue;
        count[found - separators] += *at != '\t' || (at[1] && at[1] != '\n');
        last = *at;
    }
    return last;
}

/* What is most frequent among the titles; of equals a tab before a comma before a semicolon. */
static void find_separator(struct cursor *c)
{
    size_t count[3] = {0}, most = 0;
    for (size_t n; c->at[n = strspn(c->at, " ")] == '\n'; c->line++) c->at += n + 1;
    if (take_separator_line(c)) return;
    c->s->separator = count_separators(c->at, count);
    for (size_t i = 0; i < LEADSEQ_COUNT(count); i++)
        if (count[i] > most) {
            most = count[i];
            c->s->separator = separators[i];
        }
}

static int read_text(struct cursor *c)
{
    struct leadseq_sheet *s = c->s;
    bool whole;
    find_separator(c);
    while (*c->at && !s->columns)
        if (next_row(c, &s->columns, &whole)) return c->unfinished ? drop(c, 0) : -1;
    if (c->unfinished && (!s->columns || !whole)) {
        s->columns = 0;
        return 0;
    }
    if (!s->columns)
        return leadseq_fail("%s: expected a title line with the names of the columns, found "
                            "nothing",
                            s->path);
    return page_sheet_index(s) ? -1 : read_rows(c);
}

static int read_sheet(struct leadseq_sheet *s, const char *path, bool unfinished)
{
    size_t size;
    *s = (struct leadseq_sheet){0};
    s->path = leadseq_format("%s", path);
    if (s->path) s->text = leadseq_file_read(path, SHEET_BYTES_MAX, &size);
    if (!s->text) goto fail;
    s->crc32 = (uint32_t)crc32(0, (const unsigned char *)s->text, (unsigned)size);
    if (unfinished) size = strlen(s->text); // zeros at its end where the machine lost power
    if (leadseq_text_clean(s->text, &size, path) || leadseq_text_check(s->text, size, path))
        goto fail;
    struct cursor c = {.s = s, .at = s->text, .line = 1, .unfinished = unfinished};
    if (!read_text(&c)) return 0;
fail:
    leadseq_sheet_clear(s);
    return -1;
}

int leadseq_sheet_read(struct leadseq_sheet *s, const char *path)
{
    return read_sheet(s, path, false);
}

int leadseq_sheet_read_unfinished(struct leadseq_sheet *s, const char *folder, const char *name)
{
    *s = (struct leadseq_sheet){0};
    char *path = leadseq_path_join(folder, name);
    if (!path) return -1;
    int status = leadseq_path_exists(path) ? read_sheet(s, path, true) : 0;
    free(path);
    return status;
}

void leadseq_sheet_clear(struct leadseq_sheet *s)
{
    if (!s) return;
    free(s->path);
    free(s->text);
    free(s->cell);
    free(s->line);
    free(s->slot);
    *s = (struct leadseq_sheet){0};
}
