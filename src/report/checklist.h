/* SPDX-License-Identifier: MIT
 *
 * Checklists, filled in from what the comparison knows. */
#ifndef REPORT_CHECKLIST_H
#define REPORT_CHECKLIST_H

#include "comparison.h"

enum { REPORT_WORDS = 512 };
enum report_answer { REPORT_SAID, REPORT_PARTLY, REPORT_AUTHORS };
struct report_item {
    const char *number, *topic; /* "12e", in our words */
    enum report_answer answer;
    const char *words; /* where the answer is, or who must write it */
    /* Words from this comparison in their place; NULL: `words` are all. */
    enum report_answer (*fill)(char text[REPORT_WORDS], const struct report *report);
};
struct report_checklist {
    const char *name, *title, *source;
    const struct report_item *item;
    size_t n;
};
extern const struct report_checklist report_tripod, report_stard;
extern const char *const report_answer_name[];
/* The words of an item and what they are. */
enum report_answer report_item_fill(char text[REPORT_WORDS], const struct report_item *item,
                                    const struct report *report);
struct leadseq_table *report_table_checklist(const struct report *report,
                                             const struct report_checklist *list) LEADSEQ_CHECKED;
/* What the items of both lists say from the comparison. */
enum report_answer report_fill_flow(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_data(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_model(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_partition(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_threshold(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_subgroups(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_people(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_updating(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_size(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_input(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_software(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_imbalance(char text[REPORT_WORDS], const struct report *report);
enum report_answer report_fill_severity(char text[REPORT_WORDS], const struct report *report);

#endif
