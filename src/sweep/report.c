/* SPDX-License-Identifier: MIT
 *
 * The report of a sweep: its tables for programs, its page, its table for a person. */
#include "results.h"

#include <math.h>
#include <stdlib.h>

enum { TERMINAL_WIDTH = 100 };

/* Takes the table over. */
static int save(struct leadseq_table *table, const char *folder, const char *name)
{
    char *path = table ? leadseq_path_join(folder, name) : NULL;
    int status = path ? leadseq_table_save_tsv(table, path) : -1;
    free(path);
    leadseq_table_free(table);
    return status;
}

static int print(const struct sweep_results *r, FILE *out)
{
    struct leadseq_table *table = sweep_table_shown(r);
    if (!table) return -1;
    fprintf(out, "%zu of %s finished", r->finished, leadseq_count(r->sweep->n_jobs, "job"));
    if (r->failed) fprintf(out, ", %zu failed", r->failed);
    fputs("; mean ± standard deviation over seeds\n\n", out);
    int status = leadseq_table_write_text(table, TERMINAL_WIDTH, out);
    leadseq_table_free(table);
    return status;
}

static int report(const struct leadseq_sweep *s, const struct leadseq_sweep_report_options *options,
                  FILE *table)
{
    struct sweep_results r;
    if (sweep_results_init(&r, s)) return -1;
    int status = 0;
    if (!r.finished)
        status = leadseq_fail("%s: expected finished jobs to make a table of, found none of %zu",
                              s->folder, s->n_jobs);
    if (!status) status = save(sweep_table_settings(&r), s->folder, "settings.tsv");
    if (!status) status = save(sweep_table_runs(&r), s->folder, "runs.tsv");
    if (!status) status = sweep_page_write(&r, options->command_line);
    if (!status && table) status = print(&r, table);
    sweep_results_clear(&r);
    return status;
}

/* One at a time: the page, its tables and its figures belong together. The plan's jobs.tsv is there
 * in every sweep and never replaced. */
int leadseq_sweep_report(const struct leadseq_sweep *s,
                         const struct leadseq_sweep_report_options *options, FILE *table)
{
    int lock = -1;
    char *path = leadseq_path_join(s->folder, "jobs.tsv");
    int status = path ? leadseq_lock_await(path, 60, &lock) : -1;
    free(path);
    if (!status) status = report(s, options, table);
    leadseq_lock_release(lock);
    return status;
}

int sweep_table(const struct leadseq_sweep *s, const char *command_line)
{
    struct leadseq_sweep_report_options o = {.command_line = command_line};
    if (leadseq_sweep_report(s, &o, stdout)) return -1;
    printf("\nReport: %s/report.html\n", leadseq_plain(s->folder));
    return 0;
}
