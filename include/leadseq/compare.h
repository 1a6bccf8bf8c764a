/* SPDX-License-Identifier: MIT
 *
 * Models compared on the same patients, as a report.
 *
 * Threads: one comparison at a time; it uses threads of its own. */
#ifndef LEADSEQ_COMPARE_H
#define LEADSEQ_COMPARE_H

#include <leadseq/base.h>

LEADSEQ_BEGIN

struct leadseq_compare_options {
    const char *split;     /* "test" */
    const char *data;      /* a stack: labels and folds for foreign files, subgroups; NULL: none */
    const char *published; /* a table of published results to set beside ours; NULL: none */
    const char *command_line; /* for the record; NULL: unknown */
    size_t resamples;         /* of the bootstrap and of exchanges; 0: LEADSEQ_RESAMPLES */
    uint64_t seed;            /* of both; 0: 1 */
    int threads;              /* 0: as many as processors; the figures do not depend on it */
};
/* Compares runs (folders with predictions-<split>.tsv) or prediction files on
 * exactly the same patients, and writes report.html, .md, .json, tables (TSV and
 * LaTeX) and figures with their data into `out`, which must be new, empty, or a
 * report made here before, which is replaced when the new one is complete. The table of
 * results goes to `table` too. What each figure is: doc/statistics.md; what is
 * read and written: doc/comparison.md. */
int leadseq_compare(char *const *inputs, size_t n, const char *out,
                    const struct leadseq_compare_options *options, FILE *table) LEADSEQ_CHECKED;

LEADSEQ_END

#endif
