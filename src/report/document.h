/* SPDX-License-Identifier: MIT
 *
 * Between the files that write the page: its parts, in the order they are said. */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include "report_private.h"

enum { DOCUMENT_TABLES_MAX = 200 };
struct document {
    const struct report *r;
    const struct report_place *place;
    struct leadseq_page *page;
    char *table[DOCUMENT_TABLES_MAX]; /* names of the LaTeX tables written */
    size_t n_tables;
    int status; /* -1: a table could not be written */
};
/* Adds the table to the page and writes it as TABLES/NAME.tex; takes it over. */
void document_table(struct document *d, const char *name, struct leadseq_table *table);
/* The same of a table with a column a model: where they are many, with a row a model. */
void document_models(struct document *d, const char *name, struct leadseq_table *table);
/* The same named NAME_1, NAME_2 …, one of several. */
void document_table_of(struct document *d, const char *name, size_t i, struct leadseq_table *table);
void document_figure(struct document *d, const char *name, const char *caption);
/* "p = 0.013", "p < 0.0001" */
void document_p(char text[48], double p);

void document_discrimination(struct document *d);
void document_decisions(struct document *d);
void document_calibration(struct document *d);
void document_differences(struct document *d);
/* Differences of means beside the spread over seeds, in sentences. */
void document_group_sentences(struct document *d);
void document_seeds(struct document *d);
void document_subgroups(struct document *d);
void document_benefit(struct document *d);
void document_classes(struct document *d);
void document_flow(struct document *d);
void document_origin(struct document *d);
void document_checklists(struct document *d);

#endif
