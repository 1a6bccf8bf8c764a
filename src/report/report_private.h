/* SPDX-License-Identifier: MIT
 *
 * What a comparison holds while it is made: inputs read, aligned, measured, said.
 *
 *   inputs, predictions  ->  stack, parts, labels, align  ->  thresholds, flags  ->
 *   measure, pairs, seeds, subgroups, classes  ->  figures, tables, document, results,
 *   and compare.c puts them into the new folder */
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include "dataset/dataset.h"
#include "report/report.h"

#include <math.h>

enum { REPORT_CLASSES = LEADSEQ_SUPERCLASSES };

/* --- What is read ---------------------------------------------------------------- */

/* What a record is to a model. */
enum report_part {
    REPORT_TRAIN,
    REPORT_VALID,
    REPORT_TEST,
    REPORT_ALL,
    REPORT_OTHER,
    REPORT_PARTS
};
extern const char *const report_part_name[REPORT_PARTS];
/* By its name in a column "split"; REPORT_OTHER where it is none of them. */
enum report_part report_part_of(const char *name);

struct report_row {
    int ecg_id, patient_id, fold, label; /* all but ecg_id: -1 where unknown */
    enum report_part part;               /* REPORT_ALL where the table does not say */
    double probability;
    double class_probability[REPORT_CLASSES]; /* NaN where there are none */
    int superclass[REPORT_CLASSES];           /* -1 where unknown */
};
/* Rows of a prediction table, in ascending ecg_id, none twice. */
struct report_rows {
    size_t n;
    struct report_row *row;
    bool has_split, has_classes;
};
int report_rows_read(struct report_rows *rows, const struct leadseq_sheet *sheet) LEADSEQ_CHECKED;
void report_rows_clear(struct report_rows *rows);

/* Predictions of some records, in ascending ecg_id, none twice. */
struct report_set {
    size_t n;
    int *ecg_id, *patient_id, *fold; /* patient_id, fold: NULL where the file has none */
    uint8_t *label;                  /* NULL where the file has none */
    double *probability;
    double *class_probability; /* (n, REPORT_CLASSES); NULL where the file has none */
    uint8_t *superclass;       /* (n, REPORT_CLASSES); NULL where unknown */
};
/* The rows of one part (REPORT_ALL: all of them). path: for messages. */
int report_set_take(struct report_set *set, const struct report_rows *rows, enum report_part part,
                    const char *path) LEADSEQ_CHECKED;
void report_set_clear(struct report_set *set);
size_t report_set_positives(const struct report_set *set);
/* How many different patients; 0 where they are not known. */
size_t report_set_patients(const struct report_set *set);
void report_sort(int *value, size_t n);
/* How many different values, which are sorted. */
size_t report_count_different(const int *sorted, size_t n);
/* The place of an ecg_id in the set; n where it is not there. */
size_t report_set_find(const struct report_set *set, int ecg_id);

/* --- Models ------------------------------------------------------------------------ */

/* One class against the rest. */
struct report_class {
    struct leadseq_scored scored;
    double *probability; /* (n) */
    uint8_t *label;      /* (n) */
    double threshold;    /* NaN: none */
    size_t positives;
    struct leadseq_estimate metric[LEADSEQ_METRICS];
};

struct report_model {
    char *name, *path;              /* path: as given; NULL for the constant classifier */
    bool is_run;                    /* a run folder */
    struct report_rows rows;        /* of a table whose parts are not known yet */
    struct report_set test;         /* the records compared */
    struct report_set valid, train; /* n = 0 where unknown */
    size_t train_records, train_positives;
    double threshold, f_threshold;       /* NaN where there is none */
    char origin[256];                    /* where it came from, or why there is none */
    struct leadseq_estimate temperature; /* value NaN: none, method says why */
    const char *flaw;                    /* why its figures are no honest test; NULL: none */
    char flaw_text[160];
    struct leadseq_json *environment;    /* NULL: none */
    struct leadseq_json *experiment;     /* "data.size" -> "64x64", NULL: none */
    struct leadseq_sheet history, steps; /* rows = 0: none */
    /* Measured. */
    struct leadseq_curve curve;
    struct leadseq_scored scored, second; /* second: tempered, deciding at f_threshold */
    double *tempered;                     /* (n) what `second` borrows; NULL: none */
    struct leadseq_confusion confusion;
    struct leadseq_estimate metric[LEADSEQ_METRICS];          /* with the customary interval */
    struct leadseq_estimate resampled[LEADSEQ_METRICS];       /* BCa of every metric */
    struct leadseq_estimate tempered_metric[LEADSEQ_METRICS]; /* of the probabilities alone */
    struct leadseq_estimate f1_at_valid_f_max; /* F1 at the threshold of validation's F-max */
    struct leadseq_reliability mass, width;
    /* Of five probabilities; NULL: it has none. */
    struct report_class *class;       /* (REPORT_CLASSES) */
    size_t *count;                    /* (REPORT_CLASSES, REPORT_CLASSES) */
    struct leadseq_estimate macro[4]; /* enum report_macro */
    struct leadseq_classes_figures called;
};

/* Means over the five classes of one-against-rest. */
enum report_macro {
    REPORT_MACRO_AUC,
    REPORT_MACRO_AVERAGE_PRECISION,
    REPORT_MACRO_SENSITIVITY,
    REPORT_MACRO_F1,
    REPORT_MACROS
};
struct report_macro_info {
    const char *name, *title;
    enum leadseq_metric metric;
};
extern const struct report_macro_info report_macro_info[REPORT_MACROS];

struct report_pair {
    const struct report_model *a, *b;
    struct leadseq_difference metric[LEADSEQ_METRICS];
    struct leadseq_difference resampled[LEADSEQ_METRICS]; /* BCa of every metric */
    double permuted[LEADSEQ_METRICS];                     /* p by exchange */
    double holm[LEADSEQ_METRICS];                         /* metric's p over all pairs */
    struct leadseq_pairs right, right_positive, right_negative;
    double exact_p[3], mid_p[3];                    /* McNemar: all, positives, negatives */
    struct leadseq_difference macro[REPORT_MACROS]; /* NaN where a model has no classes */
};

/* Runs of one experiment that differ in their seed alone. */
struct report_group {
    char name[128];
    size_t n, *member; /* indices of models */
    struct leadseq_spread spread[LEADSEQ_METRICS];
};

/* --- Subgroups ----------------------------------------------------------------------- */

enum { REPORT_SUBGROUPS_MAX = 40 };
struct report_subgroup {
    const char *family, *name; /* "Sex", "women" */
    size_t n, positives;
    struct leadseq_estimate *metric[LEADSEQ_METRICS]; /* (models); NULL: not of the headline */
    struct leadseq_difference *auc_difference;        /* (pairs) */
    double *auc_holm;                                 /* (pairs), over subgroups */
};

struct report {
    const struct leadseq_compare_options *options;
    const char *split;
    struct report_model *model; /* the inputs, then the constant classifier */
    size_t n_inputs, n_models;
    struct report_pair *pair;
    size_t n_pairs;
    struct report_group *group;
    size_t n_groups;
    struct report_subgroup subgroup[REPORT_SUBGROUPS_MAX];
    size_t n_subgroups;
    /* Of the stack given by --data, in ascending ecg_id: */
    struct leadseq_stack_row *stack_row;
    size_t stack_rows;
    char *stack_source;
    /* Of the records compared: */
    const int *ecg_id, *patient_id; /* patient_id: NULL where unknown */
    const uint8_t *label, *superclass;
    const struct leadseq_stack_row **row; /* (records) of the stack; NULL without --data */
    size_t records, positives, patients;
    size_t single;                     /* of them with exactly one superclass */
    struct report_model *with_classes; /* the first such; NULL: none */
    char **note;                       /* what a reader must be told, in sentences */
    size_t n_notes;
    bool simulated, drawn;
    struct leadseq_progress *bar;
};

int report_note(struct report *report, const char *format, ...)
    LEADSEQ_PRINTF(2, 3) LEADSEQ_CHECKED;

int report_input_read(struct report_model *model, const char *path,
                      const char *split) LEADSEQ_CHECKED;
int report_names_distinguish(struct report *report) LEADSEQ_CHECKED;
/* The last part of a path, without `ending` and trailing slashes, in fresh memory. */
char *report_last_part(const char *path, bool without_ending) LEADSEQ_CHECKED;
void report_model_clear(struct report_model *model);
/* FOLDER/experiment.yaml as "section.key" -> text; NULL in *json where it is not there. */
int report_experiment_read(struct leadseq_json **json, const char *folder) LEADSEQ_CHECKED;
/* An entry of a run's experiment; NULL where there is none. */
const char *report_experiment_text(const struct report_model *model, const char *key);

/* The rows of the stack given by --data; labels, patients, folds and classes from it. */
int report_stack_read(struct report *report) LEADSEQ_CHECKED;
int report_stack_fill(struct report *report) LEADSEQ_CHECKED;
const struct leadseq_stack_row *report_stack_find(const struct report *report, int ecg_id);
/* Which rows of tables without a column "split" are compared, and which chose. */
int report_parts_assign(struct report *report) LEADSEQ_CHECKED;
/* Labels and patients where files have none: from the stack, else from another input. */
int report_labels_fill(struct report *report) LEADSEQ_CHECKED;
/* Refuses inputs whose records, patients or labels differ. */
int report_align(struct report *report) LEADSEQ_CHECKED;

int report_constant_add(struct report *report) LEADSEQ_CHECKED;
/* Thresholds and temperatures, on validation alone. */
int report_thresholds_choose(struct report *report) LEADSEQ_CHECKED;
/* What else a reviewer would ask: overlaps, few positives, choices on the test split. */
int report_flags_raise(struct report *report) LEADSEQ_CHECKED;
/* How many of key (n) are among other (m). */
size_t report_count_common(const int *key, size_t n, const int *other, size_t m);

/* --- Measuring -------------------------------------------------------------------------- */

struct leadseq_bootstrap_options report_bootstrap_options(const struct report *report);
/* Every metric of every model, and the pairs. */
int report_measure(struct report *report) LEADSEQ_CHECKED;
int report_pairs_measure(struct report *report,
                         const struct leadseq_resampled *resampled) LEADSEQ_CHECKED;
int report_groups_measure(struct report *report) LEADSEQ_CHECKED;
void report_groups_clear(struct report *report);
/* Whether the metric is that of all records in this subgroup: of records without infarction. */
bool report_is_shared(const struct report_subgroup *subgroup, enum leadseq_metric metric);
int report_subgroups_measure(struct report *report) LEADSEQ_CHECKED;
void report_subgroups_clear(struct report *report);
int report_classes_measure(struct report *report) LEADSEQ_CHECKED;
void report_classes_clear(struct report_model *model);
/* A metric with its customary interval: none where a class has too few records for one. */
int report_estimate(struct leadseq_estimate *estimate, enum leadseq_metric metric,
                    const struct leadseq_predicted *predicted) LEADSEQ_CHECKED;
struct leadseq_predicted report_predicted(const struct report *report,
                                          const struct report_model *model);
extern const char *const report_few;

/* --- Saying it ----------------------------------------------------------------------------- */

/* A row a metric, a column a model: it stays readable on a phone. */
struct leadseq_table *report_table_metrics(const struct report *report, const char *caption,
                                           const enum leadseq_metric *metric,
                                           size_t n) LEADSEQ_CHECKED;
/* What temperature scaling changes, the temperature first. */
struct leadseq_table *report_table_after(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_f_max(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_brier(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_confusion(const struct report_model *model) LEADSEQ_CHECKED;
struct leadseq_table *report_table_pair(const struct report *report,
                                        const struct report_pair *pair) LEADSEQ_CHECKED;
/* Of many pairs: the AUC, and three other metrics with Holm's p. */
struct leadseq_table *report_table_pairs_auc(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_pairs(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_mcnemar(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_groups(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_group_differences(const struct report *report) LEADSEQ_CHECKED;
/* metric: one of the headline. */
struct leadseq_table *report_table_subgroups(const struct report *report,
                                             enum leadseq_metric metric) LEADSEQ_CHECKED;
struct leadseq_table *report_table_subgroup_pair(const struct report *report,
                                                 size_t pair) LEADSEQ_CHECKED;
struct leadseq_table *report_table_classes(const struct report *report,
                                           enum leadseq_metric metric) LEADSEQ_CHECKED;
struct leadseq_table *report_table_macro(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_macro_pairs(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_class_confusion(const struct report_model *m) LEADSEQ_CHECKED;
struct leadseq_table *report_table_choices(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_environment(const struct report *report) LEADSEQ_CHECKED;
struct leadseq_table *report_table_experiments(const struct report *report) LEADSEQ_CHECKED;
/* Records, positives and patients of each model's parts. */
struct leadseq_table *report_table_records(const struct report *report) LEADSEQ_CHECKED;
/* Sex, age, sites and quality of the records compared beside the stack's others. */
struct leadseq_table *report_table_people(const struct report *report) LEADSEQ_CHECKED;
/* An estimate with its interval, or with the words that stand for it. */
void report_add_estimate(struct leadseq_table *table, const struct leadseq_estimate *e,
                         int decimals);
void report_add_difference(struct leadseq_table *table, const struct leadseq_difference *d);
void report_add_p(struct leadseq_table *table, double p);
/* A column for each model (inputs: without the constant classifier). */
void report_add_models(struct leadseq_table *table, const struct report *report, size_t models);
int report_decimals(enum leadseq_metric metric);
/* The metrics of a section, into metric; returns how many. */
size_t report_metrics_of(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_needs needs);
/* Those shown at least there. */
size_t report_metrics_in(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_place place);

/* Checklists, filled in from what the comparison knows. */
enum report_answer { REPORT_SAID, REPORT_PARTLY, REPORT_AUTHORS };
struct report_item {
    const char *number, *topic; /* "12e", in our words */
    enum report_answer answer;
    const char *words; /* where it stands, or who must write it */
    /* Words from this comparison in their place; NULL: `words` are all. */
    enum report_answer (*fill)(char text[512], const struct report *report);
};
struct report_checklist {
    const char *name, *title, *source;
    const struct report_item *item;
    size_t n;
};
extern const struct report_checklist report_tripod, report_stard;
extern const char *const report_answer_name[];
/* The words of an item and what they are. */
enum report_answer report_item_fill(char text[512], const struct report_item *item,
                                    const struct report *report);
struct leadseq_table *report_table_checklist(const struct report *report,
                                             const struct report_checklist *list) LEADSEQ_CHECKED;
/* What the items of both lists say from the comparison. */
enum report_answer report_fill_flow(char text[512], const struct report *report);
enum report_answer report_fill_data(char text[512], const struct report *report);
enum report_answer report_fill_model(char text[512], const struct report *report);
enum report_answer report_fill_partition(char text[512], const struct report *report);
enum report_answer report_fill_threshold(char text[512], const struct report *report);
enum report_answer report_fill_subgroups(char text[512], const struct report *report);
enum report_answer report_fill_people(char text[512], const struct report *report);
enum report_answer report_fill_updating(char text[512], const struct report *report);
enum report_answer report_fill_size(char text[512], const struct report *report);
enum report_answer report_fill_input(char text[512], const struct report *report);
enum report_answer report_fill_software(char text[512], const struct report *report);
enum report_answer report_fill_imbalance(char text[512], const struct report *report);
enum report_answer report_fill_severity(char text[512], const struct report *report);

/* Exact tables, for programs. */
int report_tables_save(const struct report *report, const char *folder) LEADSEQ_CHECKED;
void report_format_p(char text[32], double p);
void report_add_columns(struct leadseq_table *table, const char *titles);
/* Saves as FOLDER/NAME and frees. */
int report_table_finish(struct leadseq_table *table, const char *folder,
                        const char *name) LEADSEQ_CHECKED;
int report_tables_save_more(const struct report *report, const char *folder) LEADSEQ_CHECKED;

int report_figures_write(struct report *report, const char *folder) LEADSEQ_CHECKED;
int report_histories_write(struct report *report, const char *folder) LEADSEQ_CHECKED;
int report_forests_write(struct report *report, const char *folder) LEADSEQ_CHECKED;
/* Whether any input has a finite value in that column of its history (steps). */
bool report_has_history(const struct report *report, const char *column);
bool report_has_steps(const struct report *report);

/* Where a page and what belongs to it is written. */
struct report_place {
    const char *tables, *figures;
};
struct leadseq_page *report_document(const struct report *report,
                                     const struct report_place *place) LEADSEQ_CHECKED;
int report_results_save(const struct report *report, const char *path) LEADSEQ_CHECKED;

#endif
