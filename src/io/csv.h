/* SPDX-License-Identifier: MIT
 *
 * A csv file (RFC 4180: commas, double quotes, LF or CRLF, an optional byte order mark) whose first
 * row names the columns, read whole into memory.
 *
 * Ownership: what leadseq_csv_read() fills is freed by leadseq_csv_clear(). A table that was read
 * does not change: any number of threads may look at it. */
#ifndef IO_CSV_H
#define IO_CSV_H

#include "base/base.h"

struct leadseq_csv {
    char *path;
    size_t n_columns, n_rows; /* rows without the first */
    char *text;               /* all fields, each ended by a zero byte */
    size_t *field;            /* (n_rows + 1, n_columns) offsets into text */
    size_t *line;             /* (n_rows + 1) where each row begins in the file, from 1 */
    uint32_t crc32;           /* of the file */
};

/* Errors name file and line: no text, a broken quote, a row of another length, other separators. */
int leadseq_csv_read(struct leadseq_csv *table, const char *path) LEADSEQ_CHECKED;
void leadseq_csv_clear(struct leadseq_csv *table);
/* The name of a column, from 0. */
const char *leadseq_csv_name(const struct leadseq_csv *table, int column);
/* The number of the column of that name, from 0; -1 without a message where there is none. */
int leadseq_csv_find(const struct leadseq_csv *table, const char *name);
/* The same with a message. */
int leadseq_csv_column(const struct leadseq_csv *table, const char *name);
/* A field, row 0 being the first after the names. */
const char *leadseq_csv_field(const struct leadseq_csv *table, size_t row, int column);
/* "file:line: column: expected …, found …". Returns -1. */
int leadseq_csv_fail(const struct leadseq_csv *table, size_t row, const char *column,
                     const char *expected, const char *found);

#endif
