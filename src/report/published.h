/* SPDX-License-Identifier: MIT
 *
 * Published results beside ours. */
#ifndef REPORT_PUBLISHED_H
#define REPORT_PUBLISHED_H

#include "comparison.h"

/* Reads options->published, if it is given, and sets its rows beside the models they fit. */
int report_published_read(struct report *report) LEADSEQ_CHECKED;
void report_published_clear(struct report *report);
/* "dataset 2, selection mini, depth 18, batch 16" */
void report_published_row(char text[160], const struct report_published *p);

#endif
