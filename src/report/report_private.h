/* SPDX-License-Identifier: MIT
 *
 * What a comparison holds while it is made: inputs read, aligned, measured, said.
 *
 *   inputs.c, predictions.c  ->  align.c, labels.c  ->  measure.c, pairs.c  ->  figures.c,
 *   tables.c, document.c, results.c  ->  compare.c puts them into the new folder */
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include <leadseq/report.h>

/* Predictions of some records, in ascending ecg_id, none twice. */
struct report_set {
    size_t n;
    int *ecg_id, *patient_id; /* patient_id: NULL where the file has none */
    uint8_t *label;           /* NULL where the file has none */
    double *probability;
};
/* Reads FILE's rows of `split` (all rows where the file has no column "split" or
 * `split` is NULL). found: rows of any split. */
int report_set_read(struct report_set *set, const struct leadseq_sheet *sheet,
                    const char *split) LEADSEQ_CHECKED;
void report_set_clear(struct report_set *set);
size_t report_set_positives(const struct report_set *set);
/* How many different patients; 0 where they are not known. */
size_t report_set_patients(const struct report_set *set);

enum report_metric {
    REPORT_AUC,
    REPORT_AVERAGE_PRECISION,
    REPORT_SENSITIVITY,
    REPORT_SPECIFICITY,
    REPORT_PRECISION,
    REPORT_F1,
    REPORT_ACCURACY,
    REPORT_BRIER,
    REPORT_METRICS
};
struct report_metric_info {
    const char *name, *title; /* in JSON and TSV; for people */
    bool needs_threshold;
};
extern const struct report_metric_info report_metric_info[REPORT_METRICS];

struct report_model {
    char *name, *path;              /* path: as given; NULL for the constant classifier */
    bool is_run;                    /* a run folder */
    struct report_set test;         /* the records compared */
    struct report_set valid, train; /* n = 0 where unknown */
    size_t train_records, train_positives;
    double threshold;                    /* NaN where there is none */
    char origin[256];                    /* where it came from, or why there is none */
    struct leadseq_json *environment;    /* NULL: none */
    struct leadseq_sheet history, steps; /* rows = 0: none */
    /* Measured. */
    struct leadseq_curve curve;
    struct leadseq_confusion confusion;
    struct leadseq_estimate metric[REPORT_METRICS];
};

struct report_pair {
    const struct report_model *a, *b;
    struct leadseq_difference metric[REPORT_METRICS];
    size_t only_a_right, only_b_right; /* records; McNemar's b and c */
};

struct report {
    const struct leadseq_compare_options *options;
    const char *split;
    struct report_model *model; /* the inputs, then the constant classifier */
    size_t n_inputs, n_models;
    struct report_pair *pair;
    size_t n_pairs;
    /* Of the records compared: */
    const int *ecg_id, *patient_id; /* patient_id: NULL where unknown */
    const uint8_t *label;
    size_t records, positives, patients;
    char **note; /* what a reader must be told, in sentences */
    size_t n_notes;
    bool simulated, drawn;
};

int report_note(struct report *report, const char *format, ...)
    LEADSEQ_PRINTF(2, 3) LEADSEQ_CHECKED;

int report_input_read(struct report_model *model, const char *path,
                      const char *split) LEADSEQ_CHECKED;
int report_names_distinguish(struct report *report) LEADSEQ_CHECKED;
void report_model_clear(struct report_model *model);

/* Labels and patients where files have none: from the stack, else from another input. */
int report_labels_fill(struct report *report) LEADSEQ_CHECKED;
/* From the stack alone; checks those there are. */
int report_labels_from_stack(struct report *report, const char *path) LEADSEQ_CHECKED;
/* Refuses inputs whose records, patients or labels differ. */
int report_align(struct report *report) LEADSEQ_CHECKED;

int report_constant_add(struct report *report) LEADSEQ_CHECKED;
int report_thresholds_choose(struct report *report) LEADSEQ_CHECKED;
int report_measure(struct report *report) LEADSEQ_CHECKED;
/* What else a reviewer would ask: overlaps, few positives, choices on the test split. */
int report_flags_raise(struct report *report) LEADSEQ_CHECKED;

/* Differences of a pair: draws (models × REPORT_METRICS, resamples) as measured. */
int report_pair_measure(struct report *report, struct report_pair *pair, const double *draws,
                        size_t resamples) LEADSEQ_CHECKED;

struct leadseq_table *report_table_models(const struct report *report,
                                          const char *caption) LEADSEQ_CHECKED;
struct leadseq_table *report_table_pair(const struct report_pair *pair) LEADSEQ_CHECKED;
struct leadseq_table *report_table_pairs(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_confusion(const struct report_model *model) LEADSEQ_CHECKED;
struct leadseq_table *report_table_choices(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_environment(const struct report *report) LEADSEQ_CHECKED;
int report_tables_save(const struct report *report, const char *folder) LEADSEQ_CHECKED;
void report_format_p(char text[32], double p);

int report_figures_write(struct report *report, const char *folder) LEADSEQ_CHECKED;
/* Whether any input has a finite value in that column of its history (steps). */
bool report_has_history(const struct report *report, const char *column);
bool report_has_steps(const struct report *report);
struct leadseq_page *report_document(const struct report *report,
                                     const char *figures) LEADSEQ_CHECKED;
int report_results_save(const struct report *report, const char *path) LEADSEQ_CHECKED;

#endif
