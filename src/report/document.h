/* SPDX-License-Identifier: MIT
 *
 * Between the files that write the page: its sections, and what all of them use (page.c). */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include "comparison.h"

/* Where a page and what belongs to it is written. */
struct report_place {
    const char *tables, *figures;
};
struct document {
    const struct report *r;
    const struct report_place *place;
    struct leadseq_page *page;
    const char *output; /* the sections are of this output; NULL: of the comparison */
    char prefix[64];    /* of names of files: "NORM_" */
    char **table;       /* names of the LaTeX tables written */
    size_t n_tables;
    int status; /* -1: a table could not be written */
};
enum { DOCUMENT_PAIRS_IN_FULL = 3 }; /* more pairs share tables */

/* --- section.c: what sections use ------------------------------------------------------ */

/* "Discrimination", of an output "NORM: Discrimination". */
void document_heading(struct document *d, const char *title);
/* Adds the table to the page and writes it as TABLES/NAME.tex; takes it over. */
void document_table(struct document *d, const char *name, struct leadseq_table *table);
/* The same of a table with a column per model: if they are many, with a row per model. */
void document_models(struct document *d, const char *name, struct leadseq_table *table);
/* The same named NAME_1, NAME_2 …, one of several. */
void document_table_of(struct document *d, const char *name, size_t i, struct leadseq_table *table);
void document_figure(struct document *d, const char *name, const char *caption);
/* What a figure shows, for those who do not see it. */
void document_values(struct document *d, const char *what, enum leadseq_metric metric);
/* "p = 0.013", "p < 0.0001" */
void document_p(char text[48], double p);
/* "patients" or "records": what is resampled. */
const char *document_unit(const struct document *d);
/* The prefix of files of an output, of letters, digits, '-' and '_': different for each. */
void report_output_prefix(char prefix[64], const struct report *whole, size_t output);

/* --- Sections ---------------------------------------------------------------------------- */

void document_discrimination(struct document *d);
void document_decisions(struct document *d);
void document_calibration(struct document *d);
void document_benefit(struct document *d);
void document_differences(struct document *d);
/* Differences of means beside the spread over seeds, in sentences. */
void document_group_sentences(struct document *d);
void document_seeds(struct document *d);
void document_subgroups(struct document *d);
/* The outputs beside the question, or as the question. */
void document_outputs(struct document *d);
void document_published(struct document *d);
void document_flow(struct document *d);
void document_origin(struct document *d);

#endif
