/* SPDX-License-Identifier: MIT
 *
 * Between the files of the remedies: changes of an experiment, the trainings
 * that try them, and what came of each. */
#ifndef DIAGNOSE_REMEDIES_H
#define DIAGNOSE_REMEDIES_H

#include "verdict_private.h"

enum { REMEDY_KEYS = 4, REMEDY_MOST = 40, RUNG_CHANGES = 3, RUNGS_MOST = 96 };

/* One change; two of the same group undo each other and are never paired. */
struct remedy {
    char name[32], says[120];
    int group;
    struct {
        char key[32], value[64];
    } set[REMEDY_KEYS];
    int n_sets;
    const char *data; /* another stack, NULL: the run's */
    char absent[200]; /* why it cannot be tried, "" */
};

struct remedy_outcome {
    bool tried;
    char failure[240]; /* why its training failed, "" */
    bool saturated;
    double saturated_from;        /* step, NaN */
    double first_lead;            /* ||dL/dh|| at the first lead at the first measured step */
    double first_share;           /* of that at the last lead */
    double moved;                 /* furthest a step moved a logit */
    double cost_first, cost_last; /* mean of the first and of the last steps */
    double steps, seconds;
    size_t records; /* unseen, behind the AUC */
    struct leadseq_estimate auc;
    double z, cost_unseen,
        cost_constant; /* cross-entropy on unseen records; of the constant answer */
};

struct rung { /* a training: up to three changes */
    char name[128];
    int change[RUNG_CHANGES], n_changes; /* indices of remedies; 0 changes: as it was */
    struct remedy_outcome outcome;
};

struct ladder {
    const struct leadseq_experiment *e; /* the run's */
    const struct leadseq_remedies_options *options;
    const char *data;
    char *folder; /* OUT/remedies */
    struct remedy remedy[REMEDY_MOST];
    char names[1024]; /* of all there are, those that would change nothing too, between commas */
    int n_remedies;
    struct rung rung[RUNGS_MOST];
    int n_rungs, answer; /* the least change that learns, -1: none */
    bool stopped;        /* by a signal */
};

/* Every change that means something for the experiment. */
void remedies_plan(struct ladder *l);
/* Whether each name the options give is one of them. */
int remedies_check(const struct leadseq_experiment *e,
                   const struct leadseq_remedies_options *options) LEADSEQ_CHECKED;
/* Adds a training of so many changes (indices); false where they exclude each other or it is there.
 */
bool ladder_add(struct ladder *l, const int *change, int n);
/* The experiment of a rung. */
int rung_experiment(const struct ladder *l, const struct rung *r,
                    struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Trains it, or goes on, or finds it done; its failure is an outcome. 1: stopped by a signal. */
int rung_run(struct ladder *l, struct rung *r, struct leadseq_progress *bar) LEADSEQ_CHECKED;
/* Steps it will take, for the bar. */
size_t rung_steps(const struct ladder *l, const struct rung *r);

/* 2: learns, also after correction for the number of rungs tried; 1: above chance at 5 % alone;
 * 0: no; -1: not known. */
int rung_learns(const struct ladder *l, const struct rung *r);

/* Climbs it; remedies in v's run's terms. The ladder is the caller's, of static or heap storage. */
int ladder_climb(struct ladder *l, const struct verdict *v,
                 const struct leadseq_diagnose_options *options) LEADSEQ_CHECKED;

void ladder_clear(struct ladder *l);

/* remedies.tsv, a figure, a section of the page and of the JSON, text. */
int ladder_save(const struct ladder *l, const char *out) LEADSEQ_CHECKED;
void ladder_page(struct leadseq_page *page, const struct ladder *l, const char *figures);
struct leadseq_json *ladder_json(const struct ladder *l);
int ladder_print(const struct ladder *l, FILE *out) LEADSEQ_CHECKED;

#endif
