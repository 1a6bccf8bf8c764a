/* SPDX-License-Identifier: MIT
 *
 * Between the files that report on sweeps: what each job came to, and the jobs
 * that differ in nothing but their seed. */
#ifndef REPORT_SWEEP_H
#define REPORT_SWEEP_H

#include "page/page.h"
#include "stats/stats.h"
#include "sweep/sweep.h"

enum sweep_part { SWEEP_VALID, SWEEP_TEST, SWEEP_PARTS };
/* Scores are those that a training may watch, by enum leadseq_monitor; metrics.json has them as
 * leadseq_monitor_name. */
const char *sweep_title(enum leadseq_monitor score); /* "AUC", for a person */
extern const char *const sweep_part_name[SWEEP_PARTS];

struct sweep_run {
    enum leadseq_job_state state;
    char *why;                                   /* a failed one failed; else NULL */
    double value[SWEEP_PARTS][LEADSEQ_MONITORS]; /* NaN: not measured */
    double epoch, seconds;                       /* the best epoch; training time; NaN: unknown */
};
struct sweep_setting { /* jobs that differ in their seed alone */
    char *name;        /* "train.lr=0.001 train.batch=8"; "" where nothing else is swept */
    size_t *job, n;    /* in the plan's order */
    size_t finished;
    struct leadseq_spread spread[SWEEP_PARTS][LEADSEQ_MONITORS]; /* over finished ones */
};
struct sweep_results {
    const struct leadseq_sweep *sweep;
    struct sweep_run *run; /* (n_jobs) */
    struct sweep_setting *setting;
    size_t n_settings, finished, failed;
    size_t best; /* setting of the largest mean validation AUC; n_settings: none has one */
    bool has_seeds, has_part[SWEEP_PARTS];
};
int sweep_results_init(struct sweep_results *r, const struct leadseq_sweep *s) LEADSEQ_CHECKED;
void sweep_results_clear(struct sweep_results *r);

/* Every digit, for programs. */
struct leadseq_table *sweep_table_settings(const struct sweep_results *r) LEADSEQ_CHECKED;
struct leadseq_table *sweep_table_runs(const struct sweep_results *r) LEADSEQ_CHECKED;
/* For a person: "0.812 ± 0.010". */
struct leadseq_table *sweep_table_shown(const struct sweep_results *r) LEADSEQ_CHECKED;
struct leadseq_table *sweep_table_jobs(const struct sweep_results *r, size_t most) LEADSEQ_CHECKED;
/* report.html, report.md and figures/. */
int sweep_page_write(const struct sweep_results *r, const char *command_line) LEADSEQ_CHECKED;

#endif
