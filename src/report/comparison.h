/* SPDX-License-Identifier: MIT
 *
 * What a comparison holds while it is made. It passes through these steps:
 *
 *   inputs.c, predictions.c      what each input says
 *   records.c                    the same records, with labels, in every input
 *   thresholds.c, flags.c        what was chosen on validation; what a reader must know
 *   measure.c, pairs.c, outputs.c, joint.c, seeds.c, subgroups.c, published.c
 *   tables.c, figures.c, document*.c, results.c, and compare.c puts them in the folder
 *
 * A question is one label that models predict. With one output the comparison is its own
 * question. With several, `output` has a comparison for each of them, on the records whose
 * label it knows, and the comparison itself has the means over the outputs.
 *
 * Single-threaded but for the bootstrap, which works on threads of its own. */
#ifndef REPORT_COMPARISON_H
#define REPORT_COMPARISON_H

#include "dataset/dataset.h"
#include "report/report.h"

#include <math.h>

/* --- Predictions ----------------------------------------------------------------- */

/* What a record is to a model. */
enum report_part {
    REPORT_TRAIN,
    REPORT_VALID,
    REPORT_TEST,
    REPORT_ALL,
    REPORT_OTHER,
    REPORT_PARTS
};

/* The outputs of a prediction table; empty where it has one question and no more. */
struct report_outputs {
    size_t n;
    char (*name)[LEADSEQ_LABEL_NAME]; /* (n) in the order of the columns */
    bool only;                        /* the table has no question but these */
    bool multi_class;                 /* exactly one of them is true of each record */
};

struct report_names; /* which key each record has: names.c */

struct report_row {
    int ecg_id;                  /* or the key of a record without one, below -1: names.c */
    int patient_id, fold, label; /* -1 where unknown */
    enum report_part part;       /* REPORT_ALL where the table does not say */
    double probability;          /* of the question; NaN without one */
    size_t at;                   /* its row in the arrays of outputs */
};
/* Rows of a prediction table, in ascending ecg_id, without duplicates. */
struct report_rows {
    size_t n, unanswered; /* unanswered: further records, without a probability */
    struct report_row *row;
    bool has_split;
    const struct report_names *names; /* the comparison's */
    struct report_outputs outputs;
    double *output_probability; /* (n, outputs), by `at` */
    uint8_t *output_label;      /* (n, outputs), LEADSEQ_UNKNOWN where it is empty */
};

/* Predictions of some records, in ascending ecg_id, without duplicates. */
struct report_set {
    size_t n;
    const struct report_names *names; /* the comparison's */
    int *ecg_id;                      /* or keys of names, as in struct report_row */
    int *patient_id; /* NULL where the file has none; below -1: a record that is its own patient */
    int *fold;       /* NULL where the file has none */
    uint8_t *label;  /* NULL where the file has none */
    double *probability; /* NULL without a question */
    struct report_outputs outputs;
    double *output_probability; /* (n, outputs); NULL without outputs */
    uint8_t *output_label;      /* (n, outputs); NULL where none is known */
};

/* --- Models ------------------------------------------------------------------------ */

struct report_model {
    /* From the input; the models of an output borrow it from the comparison's. */
    char *name, *path;                   /* path: as given; NULL: the constant classifier */
    struct report_names *names;          /* the comparison's */
    bool is_run;                         /* a run folder */
    size_t unanswered;                   /* records of its table that were left out */
    char decided[96];                    /* a column of labels that are decisions; "": none */
    struct leadseq_json *environment;    /* environment.json; NULL: none */
    struct leadseq_json *metrics;        /* metrics.json; NULL: none */
    struct leadseq_json *experiment;     /* "data.size" -> "64x64", NULL: none */
    struct leadseq_sheet history, steps; /* rows = 0: none */
    const char *flaw;                    /* why it cannot be tested here; NULL: nothing */
    char flaw_text[160];
    /* Its own. */
    struct report_rows rows;        /* of a table whose parts are not known yet */
    struct report_set test;         /* the records compared */
    struct report_set valid, train; /* n = 0 where unknown */
    size_t train_records, train_positives;
    double threshold, f_threshold;       /* NaN where there is none */
    char origin[256];                    /* where it came from, or why there is none */
    struct leadseq_estimate temperature; /* value NaN: none, method says why */
    size_t clamped;   /* validation logits that the temperature was fitted to as ±16 */
    size_t of_output; /* its place in the comparisons of outputs */
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
    /* Of several outputs: means over them, and what they say together. */
    struct leadseq_estimate macro[LEADSEQ_METRICS], macro_resampled[LEADSEQ_METRICS];
    double *constant; /* (records, outputs) of the constant classifier; NULL: none */
    struct leadseq_joint joint;
    size_t at_joint; /* its place among those resampled together */
    size_t *count;   /* (outputs, outputs) true by called; NULL: no outputs */
    struct leadseq_estimate together[LEADSEQ_JOINTS], together_resampled[LEADSEQ_JOINTS];
};

struct report_pair {
    const struct report_model *a, *b;
    struct leadseq_difference metric[LEADSEQ_METRICS];
    struct leadseq_difference resampled[LEADSEQ_METRICS]; /* BCa of every metric */
    double permuted[LEADSEQ_METRICS];                     /* p by exchange */
    double holm[LEADSEQ_METRICS];                         /* metric's p over all pairs */
    struct leadseq_pairs right, right_positive, right_negative;
    double exact_p[3], mid_p[3]; /* McNemar: all, positives, negatives */
    /* Of several outputs, as the models have them. */
    struct leadseq_difference macro[LEADSEQ_METRICS], macro_resampled[LEADSEQ_METRICS];
    bool has_together;
    struct leadseq_difference together[LEADSEQ_JOINTS], together_resampled[LEADSEQ_JOINTS];
    double together_permuted[LEADSEQ_JOINTS], together_holm[LEADSEQ_JOINTS];
    struct leadseq_pairs called; /* by the largest probability, of records with one class */
    double called_exact, called_mid;
};

/* Runs of one experiment that differ in their seed alone. */
struct report_group {
    char name[128];
    size_t n, *member; /* indices of models */
    struct leadseq_spread spread[LEADSEQ_METRICS];
    bool has_together; /* every run has several outputs */
    struct leadseq_spread together[LEADSEQ_JOINTS];
};

enum { REPORT_SUBGROUPS_MAX = 40 };
struct report_subgroup {
    const char *family, *name; /* "Sex", "women" */
    size_t n, positives;
    struct leadseq_estimate *metric[LEADSEQ_METRICS]; /* (models); NULL: not of the headline */
    struct leadseq_difference *auc_difference;        /* (pairs) */
    double *auc_holm;                                 /* (pairs), over subgroups */
};

/* --- Published results ------------------------------------------------------------------- */

/* What was published of a model, beside ours, or why nothing published fits it. */
struct report_published {
    const struct report_model *model;
    char why[256]; /* why no row fits; "": one does */
    /* The row: */
    char figure[32], selection[8];
    int dataset, depth, batch, epoch; /* epoch: -1 where it is unknown */
    char other[256]; /* how our records differ from the published ones; "": they are alike */
    struct report_decided {
        struct leadseq_confusion count;
        struct leadseq_estimate error, sensitivity, precision;
    } ours, theirs;                       /* ours: at probability .5 */
    struct leadseq_difference difference; /* of the errors, ours less theirs */
    bool compatible;                      /* its interval contains 0 */
};

/* --- The comparison ------------------------------------------------------------------ */

/* The stack given by --data, by ascending ecg_id, which is a key here (names.c). */
struct report_stack {
    size_t n;
    struct leadseq_stack_row *row; /* NULL: none was given */
    char *source;
    size_t n_labels;
    char (*label_name)[LEADSEQ_LABEL_NAME];
    uint8_t *label; /* (n_labels, n) */
};

struct report {
    const struct leadseq_compare_options *options;
    const char *split;          /* asked for; "unknown" where no input says what its records are */
    char split_text[48];        /* "split "test"", "split unknown" */
    const char *question;       /* the label's name: "mi" */
    struct report_names *names; /* of all inputs; NULL in the comparisons of outputs */
    struct report_model *model; /* the inputs, then the constant classifier */
    size_t n_inputs, n_models;
    struct report_pair *pair;
    size_t n_pairs;
    struct report_group *group;
    size_t n_groups;
    struct report_subgroup subgroup[REPORT_SUBGROUPS_MAX];
    size_t n_subgroups;
    struct report_published *published; /* by model, then by row */
    size_t n_published;
    struct report_stack stack;
    const uint8_t *stack_label; /* (stack.n) of the question; NULL: the stack has none */
    /* Of the records compared: */
    const int *ecg_id, *patient_id;       /* patient_id: NULL where unknown */
    const uint8_t *label;                 /* NULL where the outputs alone have labels */
    const struct leadseq_stack_row **row; /* (records) of the stack; NULL without --data */
    size_t records, positives, patients;
    size_t single; /* of them with exactly one output true */
    /* Several outputs. `several`: they are the question, and the metrics here are their means;
     * else they are shown beside the question (five superclasses beside infarction). */
    struct report *output;
    size_t n_outputs;
    bool several, multi_class;
    bool classes; /* calls by the largest probability mean something */
    /* Of one output: */
    struct report *whole; /* the comparison it is a part of; NULL: it is whole */
    size_t *position;     /* (records) among those of `whole` */
    size_t unknown;       /* records of `whole` without a label */
    /* Where its models are among those resampled together. */
    struct leadseq_resampled *resampled;
    size_t first_block, first_tempered;
    char **note; /* what a reader must know, in sentences */
    size_t n_notes;
    bool simulated, drawn;
    struct leadseq_progress *bar;
};

/* Whether the outputs are shown beside another question: in brief. */
static inline bool report_is_brief(const struct report *r)
{
    return r->whole && !r->whole->several;
}

#endif
