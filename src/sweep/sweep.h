/* SPDX-License-Identifier: MIT
 *
 * Sweeps: one experiment in many settings, a numbered run folder for each. The
 * plan, its folder, and one job of it; who runs which job when is the caller's
 * business (cli), what came of them the report's.
 *
 *     DIR/base.yaml        the experiment, what was set of it
 *     DIR/jobs.tsv         one row per job: its number and its values
 *     DIR/sweep.json       the stack and its checksum; written last: the plan is whole
 *     DIR/0001 ...         run folders
 *     DIR/jobs/0001.status "finished", or "failed: why"; .log: what it said
 *
 * Ownership: a sweep's strings are its own until leadseq_sweep_clear().
 *
 * Processes: any number may read a sweep's folder at any time. Jobs are independent processes that
 * write only their own run folder, status and log, each of which is locked or replaced as a whole,
 * so that jobs on several machines need nothing but the shared folder. The table is made from what
 * is finished at that moment; making it twice at once gives two complete tables, of which one
 * stays. */
#ifndef LEADSEQ_SWEEP_H
#define LEADSEQ_SWEEP_H

#include "train/train.h"

enum { LEADSEQ_SWEEP_JOBS_MOST = 9999 };

struct leadseq_sweep {
    struct leadseq_experiment base; /* without the swept keys' values; not resolved */
    char **key;                     /* (n_keys) swept, in the order they were given */
    char **cell;           /* (n_jobs, n_keys) values, as experiment.yaml would have them */
    size_t n_keys, n_jobs; /* no keys: one job */
    char *folder, *data;   /* data: an absolute path */
    char checksum[32];     /* of the stack's contents */
};

/* Takes the experiment and assignments of it: "train.epochs=3" goes into the base, "train.lr=1e-3,
 * 1e-4" and "seed=1..5" are swept over; the last key changes fastest. Every job's experiment is
 * checked. What values look like: doc/experiment.md. */
int leadseq_sweep_plan(struct leadseq_sweep *s, const struct leadseq_experiment *base,
                       char *const *assignment, size_t n) LEADSEQ_CHECKED;
void leadseq_sweep_clear(struct leadseq_sweep *s);
/* Job 0 … n_jobs-1; not resolved. */
int leadseq_sweep_experiment(const struct leadseq_sweep *s, size_t job,
                             struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* "train.lr=0.001 seed=1", in fresh memory. */
char *leadseq_sweep_setting(const struct leadseq_sweep *s, size_t job) LEADSEQ_CHECKED;

/* Holds every job's experiment against the stack, and writes the plan into a new folder or, where
 * the folder holds one already, compares it: a plan that changed is refused and the difference
 * named. */
int leadseq_sweep_begin(struct leadseq_sweep *s, const char *folder,
                        const char *data) LEADSEQ_CHECKED;
/* Reads a plan back; `data`: where the stack is now, NULL: where it was. */
int leadseq_sweep_open(struct leadseq_sweep *s, const char *folder,
                       const char *data) LEADSEQ_CHECKED;
bool leadseq_sweep_is_there(const char *folder);

/* --- Jobs -------------------------------------------------------------------------------- */

enum leadseq_job_state {
    LEADSEQ_JOB_WAITING,
    LEADSEQ_JOB_BEGUN,
    LEADSEQ_JOB_FINISHED,
    LEADSEQ_JOB_FAILED
};
extern const char *const leadseq_job_state_name[];
/* State of a job according to its folder. If `why` is not NULL and the job failed, it receives the
 * message, in memory the caller frees. */
enum leadseq_job_state leadseq_sweep_state(const struct leadseq_sweep *s, size_t job, char **why);
/* "DIR/0001" and, with a suffix, "DIR/jobs/0001.log", in fresh memory. */
char *leadseq_sweep_path(const struct leadseq_sweep *s, size_t job,
                         const char *suffix) LEADSEQ_CHECKED;
/* Epochs it has finished, and those it will have. */
int leadseq_sweep_epochs(const struct leadseq_sweep *s, size_t job);

/* Threads of each of that many jobs at once, where nothing else is asked for: at most
 * OMP_NUM_THREADS, and no more than its share of the processors. */
int leadseq_sweep_threads(int jobs);

struct leadseq_job_options {
    int threads;                       /* where train.threads is 0; 0: leadseq_threads_share() */
    const struct leadseq_hooks *hooks; /* NULL: none */
};
/* Trains it, or continues where it was; does nothing for one that is finished. 0 done or stopped by
 * a signal (leadseq_stop_signal()), -1 failed, which its status then says too. */
int leadseq_sweep_run(const struct leadseq_sweep *s, size_t job,
                      const struct leadseq_job_options *options) LEADSEQ_CHECKED;

struct leadseq_sweep_report_options {
    const char *command_line; /* for the record; NULL: unknown */
};
/* What came of a sweep so far: settings.tsv (mean and spread over seeds of each setting), runs.tsv
 * (one row per job), report.html, .md and figures/ in its folder, all made again; the table of
 * settings goes to `table` too. Fails where no job is finished. */
int leadseq_sweep_report(const struct leadseq_sweep *sweep,
                         const struct leadseq_sweep_report_options *options,
                         FILE *table) LEADSEQ_CHECKED;

struct sweep_options {
    int jobs;                 /* at once; of Slurm: 0, as many as it will */
    int threads;              /* of each job whose experiment leaves them open; 0: an equal share */
    bool keep_going;          /* a job that fails does not stop the others */
    bool submit;              /* to Slurm; false: the scripts are written only */
    const char *slurm;        /* words for sbatch; NULL: none */
    const char *command_line; /* for the report; NULL: unknown */
};

/* All jobs that are not finished, as processes of this program (local.c). Stopped by a
 * signal: 0 with leadseq_stop_signal() set; -1 where one failed. */
int sweep_local(const struct leadseq_sweep *s, const struct sweep_options *o) LEADSEQ_CHECKED;
/* Scripts of a job array and of the job after it, and their submission (slurm.c). */
int sweep_slurm(const struct leadseq_sweep *s, const struct sweep_options *o) LEADSEQ_CHECKED;
/* The results of what is finished, printed and written into the folder. */
int sweep_table(const struct leadseq_sweep *s, const char *command_line) LEADSEQ_CHECKED;

/* Only the process that holds the lock of a sweep's folder may start its jobs. The jobs inherit the
 * lock, so that it is free only when the last of them has ended (lock.c). A descriptor, or -1. */
int sweep_lock(const struct leadseq_sweep *s) LEADSEQ_CHECKED;

/* --- Trials ------------------------------------------------------------------------------- */

/* A training by name, as the remedies of a diagnosis are. All texts are the caller's. */
struct leadseq_trial {
    const char *name;       /* "loss-logits+head-mean", shown on the bar */
    const char *overrides;  /* for the record in its overrides.txt; NULL: none */
    const char *data, *out; /* stack; run folder, of an earlier trial of that name too */
    const struct leadseq_experiment *e; /* complete, checked */
    size_t steps;                       /* that it will take, for the bar; 0: unknown */
    bool done;                          /* trained before: nothing to do */
};
struct leadseq_trials {
    const char *label; /* of the bar */
    void *user;
    /* Makes what looks at one training, and its hooks; unwatch() frees it. Each may be NULL. */
    void *(*watch)(void *user, const struct leadseq_hooks **hooks);
    void (*unwatch)(void *watch);
    /* Trial i was trained (0), failed (-1; leadseq_error() says why) or was stopped by a signal
     * (1), which ends the list. A failure is an outcome like any other, unless this returns -1. */
    int (*ended)(void *user, size_t i, int status);
};
/* In order, in this process; a trial that was stopped earlier is resumed. 0 all ended, 1 stopped by
 * a signal, -1 failed. */
int leadseq_trials_run(const struct leadseq_trial *trial, size_t n,
                       const struct leadseq_trials *how) LEADSEQ_CHECKED;

#endif
