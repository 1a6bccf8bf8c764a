/* SPDX-License-Identifier: MIT
 *
 * Between compare.c and the files that write what was found. */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include "document.h"

/* report.json */
int report_results_save(const struct report *report, const char *path) LEADSEQ_CHECKED;
/* The exact tables, for programs. */
int report_tables_save(const struct report *report, const char *folder) LEADSEQ_CHECKED;
int report_figures_write(struct report *report, const char *folder) LEADSEQ_CHECKED;
/* Whether any input has a finite value in that column of its history (steps). */
bool report_has_history(const struct report *report, const char *column);
bool report_has_steps(const struct report *report);
/* Lines of what was published, for the terminal. */
void report_published_print(const struct report *report, FILE *out);
struct leadseq_page *report_document(const struct report *report,
                                     const struct report_place *place) LEADSEQ_CHECKED;

#endif
