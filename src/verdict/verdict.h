/* SPDX-License-Identifier: MIT
 *
 * Judges a run by the files in its folder (experiment.yaml, diagnostics.h5,
 * history.tsv, steps.tsv, predictions; each optional): which finding, with which
 * evidence, and what to change. Trains nothing itself: what would need a training is
 * handed to the caller as a request, whose result is read from its files.
 *
 *     v = leadseq_verdict_open(run, e, options)
 *     while (leadseq_verdict_next(v, &request) == 1)   a rehearsal, a training
 *         do it; leadseq_verdict_done(v, status)
 *     leadseq_verdict_write(v, NULL); leadseq_verdict_print(v, stdout)
 *
 * A verdict is used by one thread at a time; several may exist at once. */
#ifndef LEADSEQ_VERDICT_H
#define LEADSEQ_VERDICT_H

#include "probe/probe.h"

struct leadseq_verdict_options {
    const char *data; /* the stack the run was trained on; NULL: where the run says it was */
    const char *out;  /* folder of diagnosis.html, .md, .json and figures; made where missing */
    const char *command_line;
    bool rehearse; /* ask for what the run's probes did not measure; look at its stack */
};

/* What a verdict asks its caller to do. All is the verdict's until the next call. */
struct leadseq_request {
    const char *says; /* for a person, as "rehearsing 3 steps from the initial weights" */
    const char *run;  /* a rehearsal of this run, NULL: a training */
    const struct leadseq_experiment *e;
    const char *data; /* the stack */
    const char *out;  /* a rehearsal: the diagnostics file to make, which does not exist; a
                         training: the run folder, to be resumed where it exists */
    enum leadseq_rehearse_from from; /* of a rehearsal */
    uint32_t groups;                 /* to measure, bits 1 << enum leadseq_group */
    int steps;
};

/* Whether a diagnosis of `run` may be written into `out`: the run's own folder, one that is new or
 * empty, or one that diagnose made and that holds nothing else. */
int leadseq_verdict_check_place(const char *out, const char *run) LEADSEQ_CHECKED;

struct leadseq_verdict;
/* Reads the folder. `e` is the run's resolved experiment; run, e and options are borrowed. Fails
 * only where the folder is no run or OUT cannot be written to. */
struct leadseq_verdict *
leadseq_verdict_open(const char *run, const struct leadseq_experiment *e,
                     const struct leadseq_verdict_options *options) LEADSEQ_CHECKED;
/* 1: `request` is to be done, then leadseq_verdict_done(); 0: nothing more is asked for, and the
 * run is judged; -1: failed. */
int leadseq_verdict_next(struct leadseq_verdict *v,
                         struct leadseq_request *request) LEADSEQ_CHECKED;
/* The request was done (0), or failed (-1), with the message in leadseq_error(), which is noted
 * among what could not be concluded and cleared. */
int leadseq_verdict_done(struct leadseq_verdict *v, int status) LEADSEQ_CHECKED;
struct leadseq_remedies;
/* OUT/diagnosis.json, .html, .md and OUT/figures; with what came of remedies, NULL: none tried. */
int leadseq_verdict_write(struct leadseq_verdict *v,
                          const struct leadseq_remedies *tried) LEADSEQ_CHECKED;
/* Findings in order of severity, as text. */
int leadseq_verdict_print(const struct leadseq_verdict *v, FILE *out) LEADSEQ_CHECKED;
void leadseq_verdict_free(struct leadseq_verdict *v);

/* --- Remedies --------------------------------------------------------------------------------- */

/* A ladder of short trainings: one change at a time from the same seed, order of records and
 * initial weights, then pairs of the promising changes, and threes where no pair learns. The
 * verdict says which, reads what came of them and judges it; the caller trains. */
struct leadseq_remedies_options {
    int steps, epochs;    /* of each training; 0: as the experiment says */
    int limit;            /* training records at most; 0: as the experiment says */
    int paired;           /* how many promising changes are paired; 0: none */
    const char *fixed_mv; /* a stack of the same records in profile fixed-mv, NULL: none */
    const char *only;     /* names of changes between commas, NULL: all */
};
/* Whether each name in options->only is one of a change. */
int leadseq_remedies_check(const struct leadseq_experiment *e,
                           const struct leadseq_remedies_options *options) LEADSEQ_CHECKED;
/* The ladder of a judged run, in OUT/remedies; continues one that is there with the same settings.
 * Borrows v and options. */
struct leadseq_remedies *
leadseq_remedies_open(struct leadseq_verdict *v,
                      const struct leadseq_remedies_options *options) LEADSEQ_CHECKED;
struct leadseq_remedy {          /* one training; the ladder's until the next level */
    const char *name;            /* "loss-logits+head-mean"; its folder is OUT/remedies/NAME */
    const char *overrides;       /* "train.loss=bce-logits model.head=mean", "": nothing changed */
    const char *out, *data;      /* run folder; stack */
    struct leadseq_experiment e; /* with the changes, short, checked */
    size_t steps;                /* it will take, 0: by epochs */
    bool done;                   /* trained before: nothing to do */
};
/* The trainings of the next level, in order: *n of them under a `label` for a bar; 1, or 0 after
 * the last level. To be done in order, each followed by leadseq_remedies_done(). */
int leadseq_remedies_next(struct leadseq_remedies *l, const char **label,
                          struct leadseq_remedy **remedy, size_t *n) LEADSEQ_CHECKED;
/* The next one in order was trained (0), failed (-1, leadseq_error() says why and is cleared; an
 * outcome like any other) or was stopped by a signal (1): then the ladder ends here. */
int leadseq_remedies_done(struct leadseq_remedies *l, int status) LEADSEQ_CHECKED;
/* OUT/remedies.tsv and its figure. */
int leadseq_remedies_write(const struct leadseq_remedies *l) LEADSEQ_CHECKED;
int leadseq_remedies_print(const struct leadseq_remedies *l, FILE *out) LEADSEQ_CHECKED;
void leadseq_remedies_free(struct leadseq_remedies *l);

/* --- A glance at a run, also while it continues ----------------------------------------------- */

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
    double age_s;                             /* since the last row of steps.tsv was written */
    bool running, finished;
    char failure[600]; /* "": none */
};
int leadseq_glance_read(struct leadseq_glance *g, const char *run,
                        const struct leadseq_experiment *e) LEADSEQ_CHECKED;
void leadseq_glance_clear(struct leadseq_glance *g);

#endif
