/* SPDX-License-Identifier: MIT
 *
 * What a comparison needs, on which patients, said in which order. */
#ifndef LEADSEQ_REPORT_H
#define LEADSEQ_REPORT_H

#include "page/page.h"
#include "stats/stats.h"

struct leadseq_compare_options {
    const char *split; /* "test" */
    const char *data;  /* a stack: labels and folds for foreign files, subgroups; NULL: none */
    const char *command_line; /* for the record; NULL: unknown */
    size_t resamples;         /* of the bootstrap and of exchanges; 0: LEADSEQ_RESAMPLES */
    uint64_t seed;            /* of both; 0: 1 */
    int threads;              /* 0: as many as processors; the figures do not depend on it */
};
/* Compares runs (folders with predictions-<split>.tsv) or prediction files on
 * exactly the same patients, and writes report.html, .md, .json, tables (TSV and
 * LaTeX) and figures with their data into `out`, which must be new. The table of
 * results goes to `table` too. What each figure is: doc/statistics.md; what is
 * read and written: doc/comparison.md. */
int leadseq_compare(char *const *inputs, size_t n, const char *out,
                    const struct leadseq_compare_options *options, FILE *table) LEADSEQ_CHECKED;

#endif
