/* SPDX-License-Identifier: MIT
 *
 * A training in progress: what loop, epoch and step share.
 *
 * One thread works on it; the reader of batches and OpenMP's threads never see it. */
#ifndef TRAIN_WORK_H
#define TRAIN_WORK_H

#include "checkpoint.h"
#include "folder.h"
#include "session.h"

/* What an exponential mean of costs keeps in each step, as fastai's. */
#define TRAIN_SMOOTHING 0.98

/* What the parts of a step computed so far have given; all 0 between steps. */
struct train_parts {
    int done, records;
    double weight; /* what the mean of their records divides by */
    double cost;   /* their shares of the step's mean */
    double waited_s, seconds;
};

/* Epochs that have a schedule, groups of parameters and moments to themselves; see phase.h. */
struct train_phase {
    uint64_t first, total; /* its first step, and its steps */
    bool frozen;           /* all but the head */
    bool separate;         /* the frozen epochs, before others */
};

/* What may be saved while this rank waits for others (work.c): */
enum train_at {
    TRAIN_ELSEWHERE,    /* nothing: the state is being changed */
    TRAIN_IN_STEP,      /* the state from before the step */
    TRAIN_IN_VALIDATION /* the state as it is */
};

struct train_work {
    struct train_session *s;
    struct train_folder *f;
    struct leadseq_optimizer optimizer;
    struct train_state state;
    struct train_phase phase; /* of the present epoch */
    struct leadseq_batches *batches;
    char *last, *best; /* checkpoints' paths, NULL: nothing is written */
    uint64_t epoch_steps, total;
    double lr, cost;                   /* of the last step */
    struct train_parts parts;          /* of the step in progress */
    const struct leadseq_rate *fixed;  /* in place of the schedule's, NULL: none */
    const struct leadseq_hooks *hooks; /* NULL: none */
    struct leadseq_training training;  /* what hooks see */
    bool hooks_begun, not_finite;      /* not_finite: the last step failed so */
    int stop; /* the signal that asked any rank to stop, as agreed in a step */
    enum train_at at;
    float *before;         /* running statistics from before the step in progress */
    double hook_seconds;   /* of the present step */
    double begun, saved;   /* clock when this process began, and when it last saved */
    double seconds_before; /* up to the last epoch that earlier processes finished */
};
/* The optimiser, room for the present epoch, the batches. t->s is set; all else may be 0. */
int train_work_open(struct train_work *t) LEADSEQ_CHECKED;
/* Frees what open() made; takes a work whose opening failed. */
void train_work_close(struct train_work *t);
/* The batches of the present epoch, from where it is. */
int train_work_start(struct train_work *t) LEADSEQ_CHECKED;
/* For trainings in memory: the next batch, of the next epoch where one ends. */
int train_work_next(struct train_work *t, const struct leadseq_batch **batch) LEADSEQ_CHECKED;
/* last.h5, once every row of the tables before it is on the disk. */
int train_work_save(struct train_work *t) LEADSEQ_CHECKED;
/* Puts back the running statistics from before the step in progress. */
void train_work_restore(struct train_work *t);
/* A signal that comes while this rank waits for one that may be dead: for as long as it waits,
 * what t->at allows is saved. */
void train_work_save_while_waiting(struct train_work *t);

#endif
