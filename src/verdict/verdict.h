/* SPDX-License-Identifier: MIT
 *
 * Judges a run by what it left behind: which finding, with which evidence, and
 * what to change. */
#ifndef LEADSEQ_VERDICT_H
#define LEADSEQ_VERDICT_H

#include "probe/probe.h"

/* --- The verdict
 * ----------------------------------------------------------------------------------- */

/* A ladder of short trainings: one change at a time from the same seed, order of records and
 * initial weights, then pairs of the promising changes, and threes where no pair learns. */
struct leadseq_remedies_options {
    int steps, epochs;    /* of each training; 0: as the experiment says */
    int limit;            /* training records at most; 0: as the experiment says */
    int paired;           /* so many of the promising changes are paired; 0: none */
    const char *fixed_mv; /* a stack of the same records in profile fixed-mv, NULL: none */
    const char *only;     /* names of changes between commas, NULL: all */
};
struct leadseq_diagnose_options {
    const char *data; /* the stack the run was trained on; NULL: where the run says it was */
    const char *out;  /* folder of diagnosis.html, .md, .json and figures; made where it is not */
    const char *command_line;
    bool rehearse; /* run what the run's probes did not measure, where the stack is there */
    const struct leadseq_remedies_options *remedies; /* NULL: none are tried */
};
/* What a run folder tells, finished, cut short or still going on: findings in order of severity
 * into OUT/diagnosis.*, and as text to `text` (may be NULL). `e`: the run's experiment. Fails only
 * where the folder is no run or nothing can be written: what could not be concluded is said there.
 * Remedies are tried in OUT/remedies/NAME, each a run of its own; tried again, a ladder goes on
 * where it stood. */
int leadseq_diagnose(const char *run, const struct leadseq_experiment *e,
                     const struct leadseq_diagnose_options *options, FILE *text) LEADSEQ_CHECKED;

/* --- A glance at a run, also while it goes on
 * ------------------------------------------------------- */

struct leadseq_glance {   /* NaN: not known */
    size_t steps, epochs; /* rows of steps.tsv and of history.tsv */
    double step, total, lr, seconds_a_step, logit_mean;
    double *cost, *gradient; /* (steps) of each step */
    double *saturated; /* (steps) share of the batch whose probability is exactly 0 or 1; NULL:
                          unknown */
    double train_loss, valid_loss, valid_auc; /* of the last epoch */
    int leads;                                /* 0: no gradient through leads is measured */
    char lead[LEADSEQ_LEADS][16];             /* names in the order the model reads them */
    double flow[LEADSEQ_LEADS], flow_step;    /* ‖∂L/∂h_t‖ by lead, and when */
    double gates[5], gates_step;              /* shares saturated of i, f, o, g, tanh(c) */
    bool going_on, finished;
    char failure[600]; /* "": none */
};
int leadseq_glance_read(struct leadseq_glance *g, const char *run,
                        const struct leadseq_experiment *e) LEADSEQ_CHECKED;
void leadseq_glance_clear(struct leadseq_glance *g);

#endif
