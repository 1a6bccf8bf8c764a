/* SPDX-License-Identifier: MIT
 *
 * Between the files that measure. A stage is measured in a process of its own,
 * which is asked in lines of text and answers in one:
 *
 *   open      ok TEXT                  whatever is made once
 *   run N     ok S [S...]              N runs; mean seconds of each part
 *   loop N    ok S W                   N training steps on batches from the stack: mean seconds
 *                                      of a step, of them waiting
 *   peak      ok BYTES                 resident high-water mark of the process
 *   anything  failed TEXT
 *
 * So that no stage raises another's memory, and a peer (another program that
 * answers the same lines on its standard input and output) is measured alike. */
#ifndef TRAIN_BENCH_H
#define TRAIN_BENCH_H

#include "bench/bench.h"
#include "train/session.h"

#include <sys/types.h>

/* --- Processes (bench_worker.c) ------------------------------------------------- */

enum { BENCH_LINE = 2048 };

struct bench_worker {
    char name[96];
    pid_t pid; /* 0: none */
    int fd;    /* its end here */
    FILE *from;
};
/* What a stage does in its process. `state` is what `open` made. */
struct bench_role {
    const char *name;
    int (*open)(const void *job, void **state, FILE *reply);
    int (*run)(void *state, int times, FILE *reply);
    int (*loop)(void *state, int times, FILE *reply); /* NULL: it has none */
    void (*close)(void *state);                       /* takes NULL */
};
/* Before OpenMP has threads in this process: they do not survive a fork. `job` is read in the
 * new process alone. */
int bench_worker_fork(struct bench_worker *w, const char *name, const struct bench_role *role,
                      const void *job) LEADSEQ_CHECKED;
/* A program by the shell, followed by words. */
int bench_worker_command(struct bench_worker *w, const char *name, const char *command,
                         char *const *words) LEADSEQ_CHECKED;
/* The answer's text after "ok"; fails with the text after "failed", or if the process ended.
 */
int bench_worker_ask(struct bench_worker *w, const char *request,
                     char reply[BENCH_LINE]) LEADSEQ_CHECKED;
/* The same, n numbers. */
int bench_worker_numbers(struct bench_worker *w, const char *request, double *value,
                         int n) LEADSEQ_CHECKED;
void bench_worker_end(struct bench_worker *w); /* takes zeros */
/* Answers lines of `from` on `to` until they end; the process of a fork does nothing else. */
void bench_serve(const struct bench_role *role, const void *job, FILE *from, FILE *to);

/* --- Stages (bench_network.c, bench_data.c) ---------------------------------------- */

struct bench_job {
    const struct leadseq_experiment *e;
    const char *stack;  /* read, or made where `folder` is given */
    const char *folder; /* records are simulated there; NULL: the stack is the user's */
    int records;
};
/* open: flop forward, to data, to weights; leads, channels, height, width; parameters; engine.
 * run: seconds; for training also of forward with loss, backward with the gradient's norm,
 * the optimiser. */
extern const struct bench_role bench_evaluation, bench_training;
/* run: floating-point operations a second of the machine's ceiling, the best of N. */
extern const struct bench_role bench_ceiling;
/* run: seconds to draw and compress a record (no number where `folder` is NULL), and to read,
 * inflate and convert a batch. */
extern const struct bench_role bench_data;

/* --- A measurement under way (bench.c; bench_start.c starts its processes) ------------- */

struct bench_lane { /* the processes of an entry, and how many runs make a round */
    struct leadseq_bench_entry *entry;
    struct bench_worker evaluation, training;
    int evaluations, steps;
    struct bench_job job;
};
struct bench_session {
    struct leadseq_bench *b;
    const struct leadseq_bench_options *o;
    char folder[256], *stack; /* of this session; the stack that is read */
    struct bench_lane *lane;  /* (b->n) */
    struct bench_worker data, ceiling[2];
    struct bench_job data_job, ceiling_job[2];
    struct leadseq_experiment ceiling_e[2];
    int reads;
    struct leadseq_progress *bar;
    double begun; /* leadseq_seconds() */
};

/* Entries of all variants and of the peer, with room for their samples. */
int bench_entries(struct leadseq_bench *b, const struct leadseq_bench_options *o) LEADSEQ_CHECKED;
/* Starts and opens all processes of s->lane, which has its entries. */
int bench_start(struct bench_session *s) LEADSEQ_CHECKED;

#endif
