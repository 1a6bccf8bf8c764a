/* SPDX-License-Identifier: MIT
 *
 * What is known of a run, gathered once: its tables, its predictions, what probes
 * measured, its stack. A number that is not known is NaN, and no rule may invent
 * one. Shared by the files that gather it and by the rules. */
#ifndef VERDICT_EVIDENCE_H
#define VERDICT_EVIDENCE_H

#include "page/page.h"
#include "stats/stats.h"
#include "verdict/verdict.h"

#include <math.h>

/* --- Tables that may still be growing (tables.c) ---------------------------------------------- */

struct verdict_table {
    size_t rows;
    struct leadseq_sheet sheet;
    double *value; /* (columns, rows); NaN where a cell is empty or no number */
};
/* A file that does not exist is a table without rows. */
int verdict_table_read(struct verdict_table *t, const char *folder,
                       const char *name) LEADSEQ_CHECKED;
void verdict_table_clear(struct verdict_table *t);

/* --- Evidence --------------------------------------------------------------------------------- */

enum { VERDICT_LEADS = LEADSEQ_LEADS, VERDICT_NOTES = 24, VERDICT_OUTPUTS = 64 };

struct verdict_steps { /* one row per step; pointers into the table, NULL: no such column */
    struct verdict_table table;
    size_t n;
    const double *step, *cost, *grad, *lr, *z_mean, *z_min, *z_max, *saturated, *zeros;
    double *size; /* (n) records of the batch, as the run's counts say; 0: not known */
};
struct verdict_scored { /* predictions on records the weights were not fitted to */
    size_t n, positive;
    double *logit, *probability;   /* (n) */
    uint8_t *label;                /* (n) */
    int *patient;                  /* (n) */
    struct leadseq_estimate auc;   /* of all of them, by patients: what is shown */
    struct leadseq_estimate plain; /* DeLong's own, whose width the tests go by */
    double z;                      /* (AUC - .5) / its standard error */
    double logit_sd, logit_mean, probability_sd, distinct; /* distinct probabilities */
    double sensitivity, specificity;                       /* at .5 */
    const char *parts;                                     /* "valid and test" */
};
struct verdict_counts { /* of the split */
    double n[LEADSEQ_PARTS], both_sides, records_of_those;
    char stack[4096], given[4096], checksum[32]; /* struct leadseq_stack_place */
};
struct verdict_head { /* the step that moved the logits furthest, of those measured */
    double step, predicted, measured, bound, sign, dw_h, w_dh, dw_dh, db, split_error, lr, lr_one;
    double first_predicted, first_measured, first_bound; /* of step 1 */
    double feature_variation;
    size_t rows;
    double *at, *moved, *reach; /* (rows) steps, |measured| (or predicted), bound */
};
struct verdict_dead { /* of an output's probabilities, as probes saw them in every step */
    size_t rows, first, after, dead; /* first: row from which on it is dead, rows: never; rows from
                                        there on, and those of them that are dead */
    double first_step, logit_mean, logit_mean_last;
};
/* One output of the model. Rules that judge an output look at v->now. */
struct verdict_output {
    char name[64];                                           /* "": the only one */
    double positive[LEADSEQ_PARTS], labelled[LEADSEQ_PARTS]; /* records of a part; NaN: unknown */
    struct verdict_scored scored;
    struct verdict_head head;
    struct verdict_dead dead;
};

struct verdict_flow { /* dL/dh through the leads, of the layer where least arrives */
    double step, factor, factor_se, share, mean_factor;
    int layer, leads;
    double norm[VERDICT_LEADS]; /* by place, the first lead read first */
    double factor_c, share_c;   /* of dL/dc */
    double peak, peak_step;     /* the largest share of any row */
    size_t rows;                /* rows with a gradient */
};
struct verdict_gates {                /* at the last step measured */
    double step, saturated[5], worst; /* i f o g tanh(c), of the worst layer */
    int worst_gate;
    double dead, duplicate, channels, memory;
};
struct verdict_change { /* of the parameters */
    double step, distance,
        ratio; /* ||theta - theta_0|| / ||theta_0||; median ||Delta||/||theta|| */
};
struct verdict_rest {
    double line_best, agreement, noise_scale; /* medians over the rows measured */
    double pixel_mean, pixel_sd;
    double nonfinite_step;
    char nonfinite_layer[64], nonfinite_tensor[64];
    double singular, radius, lyapunov, field, beat, order_shift;
    double singular_residual, radius_residual, radius_error; /* the largest of those measured */
};
struct verdict_yardstick { /* a plain CNN trained on the same records, where that was needed */
    double train_auc, z;   /* NaN: not trained */
    struct leadseq_estimate auc;
};
struct verdict_twins {    /* images of training that appear again in validation or test; NaN: not
                             looked at */
    double train, unseen; /* records looked at, of this many in all: */
    double of_train, of_unseen;
    double identical, near;  /* unseen records with such an image; near: not to the pixel */
    double typical, nearest; /* distance of two records, median; the least of all */
    int ecg_id, twin;        /* of the closest pair: unseen, in training */
};
struct verdict_fitted { /* training records as the best checkpoint ranks them; NaN: not asked */
    struct leadseq_estimate auc;
    double n, z; /* (unseen - fitted) / standard error of the difference */
};

struct verdict {
    const char *run;
    const struct leadseq_experiment *e;
    struct verdict_output *output; /* (n_outputs) */
    size_t n_outputs;
    const struct verdict_output *now; /* the one a rule looks at */
    struct verdict_steps steps;
    struct verdict_table history;
    struct verdict_counts counts;
    struct verdict_flow flow;
    struct verdict_gates gates;
    struct verdict_change change;
    struct verdict_rest rest;
    struct verdict_yardstick yardstick;
    bool wants_yardstick, yardstick_failed; /* a rule could use it; it could not be measured */
    struct verdict_twins twins;
    struct verdict_fitted fitted;
    const char *data;          /* the stack, NULL: not found */
    bool rehearse;             /* the stack may be looked at, and trainings asked for */
    double total_steps;        /* that the experiment asks for, NaN: counts unknown */
    bool early;                /* it ended by train.patience */
    bool finished, busy;       /* scored on its parts; another process is writing */
    char failure[600];         /* what log.txt says it failed with, "" */
    char *note[VERDICT_NOTES]; /* what could not be concluded, and why */
    size_t n_notes;
};

/* --- Gathering it ----------------------------------------------------------------------------- */

/* The run's tables and how it ended, without what probes measured (tables.c). */
int verdict_read(struct verdict *v, const char *run,
                 const struct leadseq_experiment *e) LEADSEQ_CHECKED;
void verdict_clear(struct verdict *v);
/* What a file of measurements adds to what is known; 1 where it cannot be read (measured.c). */
int verdict_measure(struct verdict *v, const char *path) LEADSEQ_CHECKED;
/* All rows of a quantity, of one output where it has that axis; false, with nothing to clear,
 * where there are none. */
bool verdict_get(struct leadseq_diagnostics *d, const char *name, size_t output,
                 struct leadseq_measured *m);
/* From the run's stack, where it may be looked at: images of training among the unseen records,
 * training records as the best checkpoint ranks them, mean and deviation of the pixels (stack.c).
 */
int verdict_look(struct verdict *v) LEADSEQ_CHECKED;

/* The yardstick's experiment: the run's data, another network; what came of it (yardstick.c). */
int verdict_yardstick(const struct verdict *v, struct leadseq_experiment *e) LEADSEQ_CHECKED;
int verdict_read_yardstick(struct verdict *v, const char *folder,
                           const struct leadseq_experiment *e) LEADSEQ_CHECKED;

/* --- What is asked of it (evidence.c) --------------------------------------------------------- */

/* The column of a table (rows), NULL where it has none of that title. */
const double *verdict_column(const struct verdict_table *t, const char *title);
/* Remembers once what could not be concluded. */
void verdict_note(struct verdict *v, const char *format, ...) LEADSEQ_PRINTF(2, 3);
/* Whether an output ranks unseen records better than chance: 1 yes, 0 no, -1 not known. */
int verdict_learned(const struct verdict *v);
/* Whether it ranks the records it is fitted to better than chance, beyond one in a thousand, in its
 * last epoch: then the model can fit. */
bool verdict_fits(const struct verdict *v);
/* Cost of answering the training shares every time, as the loss weighs and smooths; NaN unknown. */
double verdict_constant_cost(const struct verdict *v);
/* Weight of an output's positive labels in the loss, 1 where the loss has none. */
double verdict_weight(const struct verdict *v, const struct verdict_output *o);
/* Share of an output's yes in the cost of its classes, weights counted; NaN unknown. */
double verdict_cost_share(const struct verdict *v, const struct verdict_output *o);
/* Share of positives among the training records whose label is known. */
double verdict_positives(const struct verdict *v);
/* Mean of the finite values first … last-1, NaN of none. */
double verdict_mean(const double *value, size_t first, size_t last);

/* "0.812 [0.760, 0.864]"; the value alone where it has no interval, "not known" where it is none:
 * the one way an estimate is put in words. */
struct verdict_words {
    char text[64];
};
struct verdict_words verdict_estimate(const struct leadseq_estimate *e);
/* Whether a text contains a number that is none, as printf() writes NaN and infinity. */
bool verdict_is_undefined(const char *text);

#endif
