/* SPDX-License-Identifier: MIT
 *
 * Between the files of the verdict: evidence gathered once, rules that judge it,
 * findings that are written down. A number that is not known is NaN; a rule that
 * lacks its numbers says so and finds nothing. */
#ifndef DIAGNOSE_VERDICT_H
#define DIAGNOSE_VERDICT_H

#include "page/page.h"
#include "stats/stats.h"
#include "verdict/verdict.h"

/* --- Tables that may still be growing (verdict_table.c) ------------------------------------- */

struct verdict_table {
    size_t rows, columns;
    char *text;     /* titles point into it */
    char **title;   /* (columns) */
    double *value;  /* (columns, rows); NaN where a cell is empty or no number */
    size_t dropped; /* lines at the end that are cut short or have other columns */
};
/* A file that is not there is a table without rows. */
int verdict_table_read(struct verdict_table *t, const char *folder,
                       const char *name) LEADSEQ_CHECKED;
void verdict_table_clear(struct verdict_table *t);
/* The column (rows), NULL where there is none. */
const double *verdict_column(const struct verdict_table *t, const char *title);

/* --- Evidence --------------------------------------------------------------------------------- */

enum { VERDICT_LEADS = LEADSEQ_LEADS, VERDICT_NOTES = 24 };

struct verdict_steps { /* a row a step; pointers into the table, NULL: no such column */
    struct verdict_table table;
    size_t n;
    const double *step, *cost, *grad, *lr, *z_mean, *z_min, *z_max, *saturated, *zeros;
    double *size; /* (n) records of the batch, as the run's counts say; 0: not known */
};

struct verdict_scored { /* predictions on records the weights were not fitted to */
    size_t n, positive;
    double *logit, *probability;                           /* (n) */
    uint8_t *label;                                        /* (n) */
    struct leadseq_estimate auc;                           /* of all of them */
    double z;                                              /* (AUC - .5) / its standard error */
    double logit_sd, logit_mean, probability_sd, distinct; /* distinct probabilities */
    double sensitivity, specificity;                       /* at .5 */
    const char *parts;                                     /* "valid and test" */
};

struct verdict_counts {
    double n[LEADSEQ_PARTS], positive[LEADSEQ_PARTS], both_sides, records_of_those;
    char stack[1024], checksum[32]; /* "" where unknown */
};

struct verdict_head { /* the step that moved the logits furthest, of those measured */
    double step, predicted, measured, bound, sign, dw_h, w_dh, dw_dh, db, split_error, lr, lr_one;
    double first_predicted, first_measured, first_bound; /* of step 1 */
    double feature_variation;
    size_t rows;
    double *at, *moved, *reach; /* (rows) steps, |measured| (or predicted), bound */
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
};

struct verdict_yardstick { /* a plain CNN trained on the same records, where that was needed */
    double train_auc, z;   /* NaN: not trained */
    struct leadseq_estimate auc;
};

struct verdict_twins { /* images of training that come again in validation or test; NaN: not looked
                          at */
    double train, unseen; /* records looked at, of so many there are */
    double of_train, of_unseen;
    double identical, near;  /* unseen records with such an image; near: not to the pixel */
    double typical, nearest; /* distance of two records, median; the least there is */
    int ecg_id, twin;        /* of the closest pair: unseen, in training */
};
struct verdict_fitted { /* training records as the best checkpoint ranks them; NaN: not asked */
    struct leadseq_estimate auc;
    double n, z; /* (unseen - fitted) / standard error of the difference */
};

struct verdict {
    const char *run;
    const struct leadseq_experiment *e;
    struct verdict_steps steps;
    struct verdict_table history;
    struct verdict_counts counts;
    struct verdict_scored scored;
    struct verdict_head head;
    struct verdict_flow flow;
    struct verdict_gates gates;
    struct verdict_change change;
    struct verdict_rest rest;
    struct verdict_yardstick yardstick;
    struct verdict_twins twins;
    struct verdict_fitted fitted;
    const char *data, *out; /* the stack, NULL: not there; where rehearsals are kept */
    bool rehearse;
    double total_steps;        /* that the experiment asks for, NaN: counts unknown */
    bool early;                /* it ended by train.patience */
    bool finished, busy;       /* scored on its parts; another process is writing */
    char failure[600];         /* what log.txt says it failed with, "" */
    char *note[VERDICT_NOTES]; /* what could not be concluded, and why */
    size_t n_notes;
};

/* The run's tables and how it ended, without what probes measured. */
int verdict_gather_tables(struct verdict *v, const char *run,
                          const struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Everything the folder holds; `options` say whether and with which stack to rehearse. */
int verdict_gather(struct verdict *v, const char *run, const struct leadseq_experiment *e,
                   const struct leadseq_diagnose_options *options) LEADSEQ_CHECKED;
void verdict_clear(struct verdict *v);
/* Remembers once what could not be concluded. */
void verdict_note(struct verdict *v, const char *format, ...) LEADSEQ_PRINTF(2, 3);

int verdict_steps_read(struct verdict *v) LEADSEQ_CHECKED;
int verdict_scored_read(struct verdict *v) LEADSEQ_CHECKED;
void verdict_scored_clear(struct verdict_scored *s);
/* Measurements of the run, and of rehearsals where the run has none. */
int verdict_measure(struct verdict *v,
                    const struct leadseq_diagnose_options *options) LEADSEQ_CHECKED;

/* All rows of a quantity; false, with nothing to clear, where there are none. */
bool verdict_get(struct leadseq_diagnostics *d, const char *name, struct leadseq_measured *m);
/* Flow and channels from a file, where they say more than what is known. */
void verdict_fill_flow(struct verdict *v, struct leadseq_diagnostics *d);
void verdict_fill_gates(struct verdict *v, struct leadseq_diagnostics *d);
/* Trains the yardstick, once, where rehearsals are allowed and the stack is there. */
int verdict_yardstick(struct verdict *v) LEADSEQ_CHECKED;
/* Looks for images of training among the unseen records of the stack, where it is there. */
int verdict_twins(struct verdict *v) LEADSEQ_CHECKED;
/* Ranks training records with the best checkpoint, where unseen ones are ranked better than the
 * run's own table says of training. */
int verdict_fitted(struct verdict *v) LEADSEQ_CHECKED;
/* The same from one file of measurements, for what is not known yet; 1 where it cannot be read. */
int verdict_measure_file(struct verdict *v, const char *path) LEADSEQ_CHECKED;
void verdict_measure_nothing(struct verdict *v);

/* Whether it ranks unseen records better than chance: 1 yes, 0 no, -1 not known. */
int verdict_learned(const struct verdict *v);
/* Whether it ranks the records it is fitted to better than chance, beyond one in a thousand, in its
 * last epoch: then what it is made of does not keep it from fitting. */
bool verdict_fits(const struct verdict *v);
/* ln-likelihood cost of answering the training share every time; NaN unknown. */
double verdict_constant_cost(const struct verdict *v);
/* Mean of the finite values first … last-1, NaN of none. */
double verdict_mean(const double *value, size_t first, size_t last);
double verdict_median(double *value, size_t n); /* sorts */

/* --- Findings
 * ------------------------------------------------------------------------------------- */

enum verdict_severity { VERDICT_NONE, VERDICT_MINOR, VERDICT_MAJOR, VERDICT_CRITICAL };
extern const char *const verdict_severity_name[];

enum { VERDICT_NUMBERS = 24 };
struct finding {
    const char *id, *title;
    enum verdict_severity severity;
    double first_step;   /* NaN: not bound to a step */
    double confidence;   /* 0 … 1 */
    const char *follows; /* id of the finding that explains this one, NULL */
    struct {
        const char *name;
        double value;
    } number[VERDICT_NUMBERS];
    size_t n_numbers;
    char mechanism[1600], advice[900], figure[48], caption[300];
};
void finding_number(struct finding *f, const char *name, double value);
void finding_say(struct finding *f, const char *format, ...) LEADSEQ_PRINTF(2, 3);
void finding_advise(struct finding *f, const char *format, ...) LEADSEQ_PRINTF(2, 3);

/* "0.812 [0.760, 0.864]", or the value alone where there is no interval. */
void finding_estimate(const struct leadseq_estimate *e, char text[48]);

struct findings {
    struct finding *finding;
    size_t n;
};
const struct finding *findings_find(const struct findings *all, const char *id);

/* A rule looks at the evidence and at what earlier rules found; true: it holds. */
struct verdict_rule {
    const char *id, *title;
    bool (*holds)(struct verdict *v, const struct findings *before, struct finding *f);
    int (*draw)(const struct verdict *v, const char *folder, const char *name); /* NULL: none */
    const char *caption;
};
extern const struct verdict_rule verdict_rules[];
extern const size_t verdict_n_rules;
/* Every rule once; sorted, the most severe first. */
int verdict_judge(struct verdict *v, struct findings *all) LEADSEQ_CHECKED;

bool rule_non_finite(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_saturated_output(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_head_displacement(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_leakage(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_learning_rate(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_exploding(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_dead_channels(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_saturated_gates(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_class_imbalance(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_not_standardised(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_vanishing(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_overfitting(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_constant(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_shuffled_labels(struct verdict *v, const struct findings *before, struct finding *f);
bool rule_healthy(struct verdict *v, const struct findings *before, struct finding *f);

/* --- Figures, page, JSON
 * ------------------------------------------------------------------------------ */

int draw_cost(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_logits(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_displacement(const struct verdict *v, const char *folder,
                      const char *name) LEADSEQ_CHECKED;
int draw_flow(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_gates(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_history(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_scores(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_classes(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;

/* Figures into OUT/figures; findings then know theirs. */
int verdict_draw(const struct verdict *v, struct findings *all, const char *out) LEADSEQ_CHECKED;
struct ladder; /* remedies.h */
/* tried: NULL where no remedies were asked for. */
int verdict_write(const struct verdict *v, const struct findings *all, const struct ladder *tried,
                  const struct leadseq_diagnose_options *options) LEADSEQ_CHECKED;
int verdict_print(const struct verdict *v, const struct findings *all, FILE *out) LEADSEQ_CHECKED;

#endif
