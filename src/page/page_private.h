/* SPDX-License-Identifier: MIT
 *
 * What the files of the page layer share. */
#ifndef PAGE_PRIVATE_H
#define PAGE_PRIVATE_H

#include "page/page.h"

struct page_column {
    enum leadseq_align align;
    char *title;
};
struct page_cell {
    char *text, *small; /* small: the interval or a remark, NULL for none */
    bool remark;
};
struct leadseq_table {
    char *caption;
    struct page_column *column;
    struct page_cell *cell; /* row by row */
    size_t n_columns, n_keys, n_cells, room;
    bool failed;
};
size_t page_table_rows(const struct leadseq_table *table);
struct page_cell page_table_at(const struct leadseq_table *table, size_t row, size_t column);
/* Writes PATH by `put`, whole or not at all. */
int page_table_save(const struct leadseq_table *table, const char *path,
                    int (*put)(const struct leadseq_table *table, FILE *out)) LEADSEQ_CHECKED;
/* -1 with a message where building it or writing to `out` failed. */
int page_written(bool failed, FILE *out) LEADSEQ_CHECKED;

enum page_kind {
    PAGE_HEADING,
    PAGE_SUBHEADING,
    PAGE_TEXT,
    PAGE_NOTE,
    PAGE_STEP,
    PAGE_TABLE,
    PAGE_FIGURE,
    PAGE_ROW,
    PAGE_END
};
struct page_block {
    enum page_kind kind;
    char *text, *folder, *link, *name; /* text: also a figure's caption */
    char *aside;                       /* a figure's alternative; what a step leaves out */
    struct leadseq_table *table;
};
struct leadseq_page {
    char *title;
    struct page_block *block;
    size_t n;
    bool failed;
};

/* --- sheet_cell.c ---- */

/* Makes columns findable by their titles; refuses two of one title. */
int page_sheet_index(struct leadseq_sheet *sheet) LEADSEQ_CHECKED;

/* Whether the series has a point to draw. */
bool page_series_has_points(const struct leadseq_series *series);
/* The gnuplot script of a figure. */
void page_figure_script(FILE *out, const struct leadseq_figure *figure);
/* A text in double quotes for gnuplot; format: one that it takes for a format of printf. */
void page_put_quoted(FILE *out, const char *text, bool format);
/* A matrix: its data, its part of the script, and how high it is drawn. */
void page_matrix_data(FILE *out, const struct leadseq_figure *figure);
void page_matrix_plot(FILE *out, const struct leadseq_figure *figure);
int page_matrix_height(const struct leadseq_figure *figure);
/* The variable of gnuplot with which a script draws to stdout; without it to NAME.svg. */
#define PAGE_TO_STDOUT "to_stdout"
/* Runs gnuplot on FOLDER/SCRIPT within FOLDER, its drawing into the open file `out`; *ran is false
 * where there is no gnuplot. */
int page_gnuplot_run(const char *folder, const char *script, int out, bool *ran) LEADSEQ_CHECKED;
/* The next character of `text` as every format can hold it (see leadseq_plain_next), line ends and
 * tabs as blanks; the bytes read. */
size_t page_next(const char *text, char shown[LEADSEQ_PLAIN_NEXT]);
/* `text` of such characters, without a meaning of the format escaped: TSV. */
void page_put_plain(FILE *out, const char *text);
/* `text` as Markdown shows it literally. */
void page_markdown_escape(FILE *out, const char *text);

#endif
