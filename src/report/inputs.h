/* SPDX-License-Identifier: MIT
 *
 * Between the files that read inputs and decide which records are compared. */
#ifndef REPORT_INPUTS_H
#define REPORT_INPUTS_H

#include "comparison.h"

/* --- names.c --------------------------------------------------------------------- */

enum { REPORT_RECORD_TEXT = 96 };

/* Keys of records, owned by the comparison; nothing here runs concurrently. */
struct report_names *report_names_new(void) LEADSEQ_CHECKED;
void report_names_free(struct report_names *names);
/* The key of a record by its ecg_id (-1: none) and its name ("": none); -1 where it has neither. */
int report_names_key(struct report_names *names, int ecg_id, const char *record,
                     int *key) LEADSEQ_CHECKED;
/* The name of a record that is known by it; NULL where the key is an ecg_id. */
const char *report_names_name(const struct report_names *names, int key);
/* For messages: "ecg_id 17" or "record ward3/0001"; returns `text`. */
const char *report_names_text(const struct report_names *names, int key,
                              char text[REPORT_RECORD_TEXT]);

/* --- predictions.c --------------------------------------------------------------- */

extern const char *const report_part_name[REPORT_PARTS];
/* By its name in a column "split"; REPORT_OTHER where it is none of them. */
enum report_part report_part_of(const char *name);

/* names: the comparison's, which the rows and their sets borrow. */
int report_rows_read(struct report_rows *rows, const struct leadseq_sheet *sheet,
                     struct report_names *names) LEADSEQ_CHECKED;
void report_rows_clear(struct report_rows *rows);

/* --- decisions.c ------------------------------------------------------------------ */

/* Refuses a table of leadseq predict, which has decisions and no truth: always where its decisions
 * are called labels, as before version 0.2, else unless a stack has the `truth`. */
int report_decisions_refuse(const struct leadseq_sheet *sheet, bool truth) LEADSEQ_CHECKED;
/* The first column whose every label is what its probability is called at one threshold, be it the
 * table's or any; -1: none. */
int report_decisions_find(const struct leadseq_sheet *sheet);

/* The rows of one part (REPORT_ALL: all of them). path: for messages. */
int report_set_take(struct report_set *set, const struct report_rows *rows, enum report_part part,
                    const char *path) LEADSEQ_CHECKED;
/* The records of `from` whose label of output k is known, as a question of its own; `position`
 * (from->n): their places. */
int report_set_take_output(struct report_set *set, const struct report_set *from, size_t k,
                           size_t *position) LEADSEQ_CHECKED;
/* The patient of a record whose patient is not known: nobody else's, below -1. */
int report_own_patient(int key);
void report_set_clear(struct report_set *set);
size_t report_set_positives(const struct report_set *set);
/* How many different patients; 0 where they are not known. */
int report_set_patients(size_t *patients, const struct report_set *set) LEADSEQ_CHECKED;
/* The place of a record in the set by its key; n where it is not in it. */
size_t report_set_find(const struct report_set *set, int ecg_id);
bool report_outputs_same(const struct report_outputs *a, const struct report_outputs *b);

/* How many of key (n) are among other (m); none where either is NULL. */
int report_count_common(size_t *common, const int *key, size_t n, const int *other,
                        size_t m) LEADSEQ_CHECKED;
void report_sort(int *value, size_t n);
/* How many different values, which are sorted. */
size_t report_count_different(const int *sorted, size_t n);

/* --- inputs.c ---------------------------------------------------------------------- */

int report_input_read(struct report_model *model, const char *path,
                      const struct report *report) LEADSEQ_CHECKED;
void report_input_clear(struct report_model *model);
/* Names that distinguish the models. */
int report_names_distinguish(struct report *report) LEADSEQ_CHECKED;
/* An entry of a run's experiment; NULL where it has none. */
const char *report_experiment_text(const struct report_model *model, const char *key);

/* --- records.c ----------------------------------------------------------------------- */

/* The rows of the stack given by --data. */
int report_stack_read(struct report *report) LEADSEQ_CHECKED;
void report_stack_clear(struct report_stack *stack);
const struct leadseq_stack_row *report_stack_find(const struct report *report, int ecg_id);
/* (n) The labels of that name; NULL where the stack has none. */
const uint8_t *report_stack_column(const struct report_stack *stack, const char *name);
/* The question's label of row i of the stack; LEADSEQ_UNKNOWN without one. */
uint8_t report_stack_label(const struct report *report, size_t i);
/* Which rows of tables without a column "split" are compared, and which chose. */
int report_parts_assign(struct report *report) LEADSEQ_CHECKED;
/* Whether the inputs ask one question or several. */
int report_question_find(struct report *report) LEADSEQ_CHECKED;
/* Labels and patients of files without them, from the stack, else from another input; refuses
 * inputs whose records, patients or labels differ. */
int report_align(struct report *report) LEADSEQ_CHECKED;

/* --- tasks.c ------------------------------------------------------------------------- */

/* Inputs that predict each output and inputs that predict which of them: the records of which
 * exactly one is true, with a note. */
int report_tasks_match(struct report *report) LEADSEQ_CHECKED;

/* --- thresholds.c, flags.c ------------------------------------------------------------ */

int report_constant_add(struct report *report) LEADSEQ_CHECKED;
/* Thresholds and temperatures, on validation alone. */
int report_thresholds_choose(struct report *report) LEADSEQ_CHECKED;
/* What else a reviewer would ask: overlaps, few positives, choices on the test split. */
int report_flags_raise(struct report *report) LEADSEQ_CHECKED;
/* … once the outputs are split. */
int report_few_flag(struct report *report) LEADSEQ_CHECKED;
/* A sentence; of an output it begins with its name, and outputs of which the same is said share
 * one. */
int report_note(struct report *report, const char *format, ...)
    LEADSEQ_PRINTF(2, 3) LEADSEQ_CHECKED;

#endif
