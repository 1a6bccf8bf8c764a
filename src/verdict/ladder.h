/* SPDX-License-Identifier: MIT
 *
 * The ladder of remedies: changes of an experiment (remedies.c), the trainings that
 * try them and what came of each (ladder.c), and how that is written (ladder_write.c). */
#ifndef VERDICT_LADDER_H
#define VERDICT_LADDER_H

#include "evidence.h"

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
    double steps;
    size_t records; /* unseen, that the AUC is of */
    struct leadseq_estimate auc;
    double z, cost_unseen,
        cost_constant; /* cross-entropy on unseen records; of the constant answer */
};

struct rung {                            /* a training: up to three changes */
    char name[128], keys[400];           /* keys: "train.lr=0.001 model.head=mean" */
    int change[RUNG_CHANGES], n_changes; /* indices of remedies; 0 changes: as it was */
    struct remedy_outcome outcome;
};

struct leadseq_remedies {
    const struct leadseq_experiment *e; /* the run's */
    const struct leadseq_remedies_options *options;
    struct leadseq_remedy *level; /* the trainings of the present level, and their rungs */
    int *level_rung, n_level, at, level_number;
    const char *data;
    char *folder; /* OUT/remedies */
    struct remedy remedy[REMEDY_MOST];
    char names[1024]; /* of all changes, also those that would change nothing, between commas */
    int n_remedies;
    struct rung rung[RUNGS_MOST];
    int n_rungs, answer; /* the least change that learns, -1: none */
    bool stopped;        /* by a signal */
};

/* The list of changes that mean something for the experiment (remedies.c). */
void remedies_plan(struct leadseq_remedies *l);
/* The experiment of a rung. */
int rung_experiment(const struct leadseq_remedies *l, const struct rung *r,
                    struct leadseq_experiment *e) LEADSEQ_CHECKED;

/* A ladder in OUT/remedies (ladder.c); see leadseq_remedies_open(). */
struct leadseq_remedies *
ladder_open(const struct verdict *v, const char *out,
            const struct leadseq_remedies_options *options) LEADSEQ_CHECKED;
/* Adds a training of n changes (indices); false where they exclude each other or it exists. */
bool ladder_add(struct leadseq_remedies *l, const int *change, int n);
/* 2: learns, also after correction for the number of rungs tried; 1: above chance at 5 % by
 * itself; 0: no; -1: not known. */
int rung_learns(const struct leadseq_remedies *l, const struct rung *r);

/* A section of the page and of diagnosis.json (ladder_write.c). */
struct leadseq_page;
struct leadseq_json;
void ladder_page(struct leadseq_page *page, const struct leadseq_remedies *l, const char *figures);
struct leadseq_json *ladder_json(const struct leadseq_remedies *l);

#endif
