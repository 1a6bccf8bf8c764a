/* SPDX-License-Identifier: MIT
 *
 * What a comparison needs, on which patients, said in which order. */
#ifndef LEADSEQ_REPORT_H
#define LEADSEQ_REPORT_H

#include <leadseq/page.h>
#include <leadseq/stats.h>

struct leadseq_compare_options {
    const char *split;        /* "test" */
    const char *data;         /* a stack with labels for foreign files; NULL: none */
    const char *command_line;
};
/* Compares runs (folders with predictions-<split>.tsv) or prediction files on
 * exactly the same patients, and writes report.html, .md, .json and tables with
 * figures' data into `out`, which must be new. The table goes to `table` too. */
int leadseq_compare(char *const *inputs, size_t n, const char *out,
                    const struct leadseq_compare_options *options, FILE *table) LEADSEQ_CHECKED;

#endif
