/* SPDX-License-Identifier: MIT
 *
 * Tables, figures, JSON, and one self-contained HTML page or its Markdown.
 *
 * Tables and pages latch their first failure: what builds them returns nothing,
 * what writes them returns -1 then. All texts are UTF-8, are copied, and may
 * hold anything: every writer escapes for its format.
 *
 * Ownership: what `new` or `read` returns is the caller's, freed by the matching
 * `free`, unless a function says that it takes it over. */
#ifndef LEADSEQ_PAGE_H
#define LEADSEQ_PAGE_H

#include "base/base.h"

/* --- Tables ---------------------------------------------------------------------- */

enum leadseq_align { LEADSEQ_LEFT, LEADSEQ_RIGHT };

struct leadseq_table;
/* caption: NULL for none. */
struct leadseq_table *leadseq_table_new(const char *caption) LEADSEQ_CHECKED;
void leadseq_table_free(struct leadseq_table *table);
/* Columns come before cells. */
void leadseq_table_column(struct leadseq_table *table, enum leadseq_align align, const char *title);
/* The columns so far are what names a row, repeated where a table wraps; without it, the first. */
void leadseq_table_keys(struct leadseq_table *table);
/* The next cell, row by row. */
void leadseq_table_cell(struct leadseq_table *table, const char *format, ...) LEADSEQ_PRINTF(2, 3);
/* A number as %.*f with a sign where asked for, its interval below or after it; NaN: "–". */
void leadseq_table_interval(struct leadseq_table *table, int decimals, bool sign, double value,
                            double low, double high);
/* Words below or after the last cell, in place of an interval. */
void leadseq_table_remark(struct leadseq_table *table, const char *text);
/* Rows become columns and columns rows, the first of them titled `title`. Takes the table over;
 * NULL stays NULL. */
struct leadseq_table *leadseq_table_turn(struct leadseq_table *table,
                                         const char *title) LEADSEQ_CHECKED;
/* A number with every digit (%.17g shortened where it reads back); NaN: an empty cell. */
void leadseq_table_exact(struct leadseq_table *table, double value);

int leadseq_table_write_tsv(const struct leadseq_table *table, FILE *out) LEADSEQ_CHECKED;
int leadseq_table_write_markdown(const struct leadseq_table *table, FILE *out) LEADSEQ_CHECKED;
/* A tabular, or a longtable where it has more rows than a page; needs no package but that. */
int leadseq_table_write_latex(const struct leadseq_table *table, FILE *out) LEADSEQ_CHECKED;
int leadseq_table_write_html(const struct leadseq_table *table, FILE *out) LEADSEQ_CHECKED;
/* Aligned for a terminal; columns that do not fit in `width` follow in further blocks, each
 * beginning with the columns that name a row. */
int leadseq_table_write_text(const struct leadseq_table *table, int width,
                             FILE *out) LEADSEQ_CHECKED;
/* As a file that appears whole. */
int leadseq_table_save_tsv(const struct leadseq_table *table, const char *path) LEADSEQ_CHECKED;
int leadseq_table_save_latex(const struct leadseq_table *table, const char *path) LEADSEQ_CHECKED;

/* --- Sheets: tables read back -------------------------------------------------------
 * Any text table with a title line, of any program: cells between commas, tabs or semicolons
 * (whichever the title line has most of, outside quotes; or as Excel's line "sep=;" says), quoted
 * where they hold one or a line break (RFC 4180), UTF-8 with or without byte order marks, lines
 * that end in \n, \r\n or \r. Blanks around a title or cell are none of it, empty lines are
 * skipped, and two columns of one title are refused. What a cell says is decided by base's
 * leadseq_is_absent() and leadseq_parse_answer(). Errors name the file and the line.
 *
 * Ownership: cells and titles live until the sheet is cleared. A sheet that was read does not
 * change: any number of threads may look at it. */
struct leadseq_sheet {
    char *path;
    size_t rows, columns; /* the title line is no row */
    size_t dropped;       /* lines at the end of an unfinished table */
    uint32_t crc32;       /* of the file */
    char separator;
    char *text;
    uint32_t *cell; /* (1 + rows, columns) where each begins in text; the titles first */
    uint32_t *line; /* (1 + rows) where each begins in the file, from 1 */
    uint32_t *slot; /* (slots) titles by their hash */
    size_t slots;
};
int leadseq_sheet_read(struct leadseq_sheet *sheet, const char *path) LEADSEQ_CHECKED;
/* FOLDER/NAME as a program that still runs, or was killed, left it: a line cut short and all after
 * it are counted in `dropped`; where there is no such file, or nothing in it, there are no columns.
 */
int leadseq_sheet_read_unfinished(struct leadseq_sheet *sheet, const char *folder,
                                  const char *name) LEADSEQ_CHECKED;
void leadseq_sheet_clear(struct leadseq_sheet *sheet);

const char *leadseq_sheet_title(const struct leadseq_sheet *sheet, int column);
/* The titles for a message, as many as fit. */
void leadseq_sheet_titles(const struct leadseq_sheet *sheet, char *text, size_t size);
/* The column of exactly that title, -1 where there is none. */
int leadseq_sheet_column(const struct leadseq_sheet *sheet, const char *title);
/* The same in any case, for titles with a meaning: "Record"; refused where there are two. */
int leadseq_sheet_find(const struct leadseq_sheet *sheet, const char *title,
                       int *column) LEADSEQ_CHECKED;
/* The same, and refused where there is none. */
int leadseq_sheet_need(const struct leadseq_sheet *sheet, const char *title,
                       int *column) LEADSEQ_CHECKED;

/* Column -1 is empty in every row, below too. */
const char *leadseq_sheet_cell(const struct leadseq_sheet *sheet, size_t row, int column);
/* Where a row begins in the file. */
size_t leadseq_sheet_line(const struct leadseq_sheet *sheet, size_t row);
bool leadseq_sheet_absent(const struct leadseq_sheet *sheet, size_t row, int column);
enum leadseq_answer leadseq_sheet_answer(const struct leadseq_sheet *sheet, size_t row, int column);
/* A number; NaN where it is absent. */
int leadseq_sheet_number(const struct leadseq_sheet *sheet, size_t row, int column,
                         double *value) LEADSEQ_CHECKED;
/* A whole number of that range, as 7 or 7.0; -1 where it is absent and that is `optional`. */
int leadseq_sheet_whole(const struct leadseq_sheet *sheet, size_t row, int column, int least,
                        int most, bool optional, int *value) LEADSEQ_CHECKED;
/* "file:line: title: expected …, found "cell"". Returns -1. */
int leadseq_sheet_fail(const struct leadseq_sheet *sheet, size_t row, int column,
                       const char *expected);

/* --- Figures ------------------------------------------------------------------------- */

enum leadseq_line {
    LEADSEQ_SOLID,
    LEADSEQ_DASHED,
    LEADSEQ_DOTS,      /* many small points */
    LEADSEQ_MARK,      /* one large point */
    LEADSEQ_REFERENCE, /* thin, grey, dotted */
    LEADSEQ_JOINED,    /* points joined by a thin line */
    LEADSEQ_POINTS,    /* points */
};

struct leadseq_series {
    const char *label;
    size_t n;
    const double *x, *y;      /* (n); points with a NaN are left out */
    const double *low, *high; /* (n) ends of an error bar, NULL: none; NaN: none of this point */
    enum leadseq_line line;
    int colour;    /* 0 … : a palette that the colour-blind can distinguish */
    bool unlisted; /* not in the legend */
};
/* Records of class `row` called `column`. */
struct leadseq_matrix {
    size_t n;
    const char *const *name; /* (n) of the classes */
    const size_t *count;     /* (n, n) */
};
struct leadseq_figure {
    const char *name; /* of its files, without folder: letters, digits, _ */
    const char *x_label, *y_label;
    double x_low, x_high, y_low, y_high; /* equal: chosen by the data */
    bool square;                         /* as wide as high, for ROC curves */
    bool x_log;                          /* powers of ten are equally far apart */
    bool x_counts;                       /* x are whole numbers: no tics between them */
    const char *const *y_name; /* (n_y_names) y = 0, 1 … are these, from the top down, and */
    size_t n_y_names;          /* error bars lie along x; 0: y is a number */
    const struct leadseq_series *series;
    size_t n_series;
    const struct leadseq_matrix *matrix; /* in place of series; NULL: none */
};
/* Writes FOLDER/NAME.tsv (series, x, y, and low, high where there are bars; of a matrix truth,
 * called, x, y, records, share of the row), NAME.gp, and with
 * gnuplot (or what the environment's GNUPLOT names) NAME.svg; *drawn says whether that was
 * possible. A gnuplot that fails is a warning. */
int leadseq_figure_write(const struct leadseq_figure *figure, const char *folder,
                         bool *drawn) LEADSEQ_CHECKED;

/* --- Pages ---------------------------------------------------------------------------- */

struct leadseq_page;
struct leadseq_page *leadseq_page_new(const char *title) LEADSEQ_CHECKED;
void leadseq_page_free(struct leadseq_page *page);
void leadseq_page_heading(struct leadseq_page *page, const char *format, ...) LEADSEQ_PRINTF(2, 3);
void leadseq_page_subheading(struct leadseq_page *page, const char *format, ...)
    LEADSEQ_PRINTF(2, 3);
void leadseq_page_text(struct leadseq_page *page, const char *format, ...) LEADSEQ_PRINTF(2, 3);
/* A paragraph that must not be missed. */
void leadseq_page_note(struct leadseq_page *page, const char *format, ...) LEADSEQ_PRINTF(2, 3);
/* Takes the table over, also on failure. */
void leadseq_page_table(struct leadseq_page *page, struct leadseq_table *table);
/* A figure written before, from FOLDER/NAME.svg; in Markdown a link to LINK/NAME.svg. */
void leadseq_page_figure(struct leadseq_page *page, const char *folder, const char *link,
                         const char *name, const char *caption);
/* What those hear who do not see the figure added last; without it, the caption. */
void leadseq_page_alternative(struct leadseq_page *page, const char *format, ...)
    LEADSEQ_PRINTF(2, 3);
/* A step of a flow of patients; steps that follow each other are joined by arrows.
 * left_out: what is left out after this step, NULL for nothing. */
void leadseq_page_step(struct leadseq_page *page, const char *left_out, const char *format, ...)
    LEADSEQ_PRINTF(3, 4);
/* Blocks between these are side by side if the page is wide enough. */
void leadseq_page_row_begin(struct leadseq_page *page);
void leadseq_page_row_end(struct leadseq_page *page);
int leadseq_page_write_html(const struct leadseq_page *page, FILE *out) LEADSEQ_CHECKED;
int leadseq_page_write_markdown(const struct leadseq_page *page, FILE *out) LEADSEQ_CHECKED;
/* Both, as FOLDER/NAME.html and FOLDER/NAME.md, each appearing whole. */
int leadseq_page_save(const struct leadseq_page *page, const char *folder,
                      const char *name) LEADSEQ_CHECKED;
/* `text` with what HTML gives a meaning to escaped. */
void leadseq_html_escape(FILE *out, const char *text);

/* --- JSON -------------------------------------------------------------------------------- */

/* A value, jansson's json_t by another name. Setters take their child over and accept NULL for one
 * that failed; the failure is reported where the whole is saved. */
struct leadseq_json;
struct leadseq_json *leadseq_json_object(void);
struct leadseq_json *leadseq_json_array(void);
struct leadseq_json *leadseq_json_string(const char *text);
void leadseq_json_free(struct leadseq_json *json);
void leadseq_json_set(struct leadseq_json *object, const char *key, struct leadseq_json *child);
void leadseq_json_append(struct leadseq_json *array, struct leadseq_json *child);
/* NaN and infinities become null. */
void leadseq_json_set_number(struct leadseq_json *object, const char *key, double value);
void leadseq_json_set_count(struct leadseq_json *object, const char *key, size_t value);
void leadseq_json_append_count(struct leadseq_json *array, size_t value);
void leadseq_json_append_number(struct leadseq_json *array, double value);
void leadseq_json_append_bool(struct leadseq_json *array, bool value);
/* The i-th value of an array, which is freed; NULL where there is none. */
struct leadseq_json *leadseq_json_take(struct leadseq_json *array, size_t i);
/* NULL becomes null; a text with bytes that are not UTF-8 is shown plainly: "\\xff". */
void leadseq_json_set_text(struct leadseq_json *object, const char *key, const char *text);
void leadseq_json_set_bool(struct leadseq_json *object, const char *key, bool value);
/* Indented, followed by a line end; numbers as the shortest text that reads back to the same bits.
 */
int leadseq_json_write(const struct leadseq_json *json, FILE *out) LEADSEQ_CHECKED;
int leadseq_json_save(const struct leadseq_json *json, const char *path) LEADSEQ_CHECKED;
/* On one line, numbers of `digits` digits, without waiting for the disk: for many large files. */
int leadseq_json_save_small(const struct leadseq_json *json, const char *path,
                            int digits) LEADSEQ_CHECKED;

/* Of a file with one object in it. */
struct leadseq_json *leadseq_json_read(const char *path) LEADSEQ_CHECKED;
/* Reads FOLDER/NAME into *json, NULL where there is no such file. */
int leadseq_json_read_optional(struct leadseq_json **json, const char *folder,
                               const char *name) LEADSEQ_CHECKED;
/* By a path of keys, which may hold points themselves: "parts.test.outputs.ST.T.auc"; NaN and NULL
 * where there is none. */
double leadseq_json_number(const struct leadseq_json *json, const char *path);
const char *leadseq_json_text(const struct leadseq_json *json, const char *path);
/* Calls `each` for every leaf with its path and its value as text. */
void leadseq_json_leaves(const struct leadseq_json *json,
                         void (*each)(const char *path, const char *value, void *state),
                         void *state);

#endif
