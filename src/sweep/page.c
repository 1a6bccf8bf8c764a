/* SPDX-License-Identifier: MIT
 *
 * A sweep's page: which setting did best on validation, how much of that is the
 * seed's doing, every setting in a table and a figure, and what failed. */
#include "page/drawing.h"
#include "results.h"

#include <math.h>
#include <stdlib.h>

enum { SETTINGS_DRAWN = 40, JOBS_SHOWN = 500, FAILURES_SHOWN = 20 };

/* --- The figure ------------------------------------------------------------------------------ */

/* Settings in the order they are drawn: the largest mean validation AUC on top. */
struct order {
    size_t setting;
    double auc;
};

static int by_auc(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->auc != y->auc) return x->auc > y->auc ? -1 : 1;
    return x->setting < y->setting ? -1 : 1;
}

static size_t make_order(const struct sweep_results *r, struct order *order)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_settings; i++) {
        double auc = r->setting[i].spread[SWEEP_VALID][LEADSEQ_MONITOR_AUC].mean;
        if (!isnan(auc)) order[n++] = (struct order){i, auc};
    }
    qsort(order, n, sizeof *order, by_auc);
    return n < SETTINGS_DRAWN ? n : SETTINGS_DRAWN;
}

/* Each seed a point, the mean below them with one standard deviation to either side. */
static int draw_setting(struct drawing *d, const struct sweep_results *r, size_t i, size_t line)
{
    const struct sweep_setting *s = &r->setting[i];
    const struct leadseq_spread *spread = &s->spread[SWEEP_VALID][LEADSEQ_MONITOR_AUC];
    if (drawing_series(d, leadseq_format("each run"), s->n, LEADSEQ_POINTS, 0)) return -1;
    if (line) drawing_unlisted(d);
    for (size_t k = 0; k < s->n; k++) {
        double auc = r->run[s->job[k]].value[SWEEP_VALID][LEADSEQ_MONITOR_AUC];
        if (!isnan(auc)) drawing_point(d, auc, (double)line - .12);
    }
    if (spread->n < 2) return 0;
    if (drawing_series(d, leadseq_format("mean ± standard deviation"), 1, LEADSEQ_MARK, 1))
        return -1;
    if (line) drawing_unlisted(d);
    drawing_bar(d, spread->mean, (double)line + .12, spread->mean - spread->sd,
                spread->mean + spread->sd);
    return 0;
}

static int draw(const struct sweep_results *r, const char *folder, size_t *n, bool *drawn)
{
    struct drawing d = {0};
    struct order *order = leadseq_calloc(r->n_settings, sizeof *order);
    const char **name = leadseq_calloc(r->n_settings, sizeof *name);
    int status = order && name ? 0 : -1;
    *n = status ? 0 : make_order(r, order);
    for (size_t line = 0; !status && line < *n; line++) {
        name[line] = r->setting[order[line].setting].name;
        status = draw_setting(&d, r, order[line].setting, line);
    }
    struct leadseq_figure figure = {.name = "settings",
                                    .x_label = "validation AUC",
                                    .y_label = "",
                                    .y_name = name,
                                    .n_y_names = *n};
    if (!status && *n) status = drawing_write(&d, &figure, folder, drawn);
    drawing_clear(&d);
    free(name);
    free(order);
    return status;
}

static int add_figure(struct leadseq_page *page, const struct sweep_results *r)
{
    size_t n = 0;
    bool drawn = false;
    char *folder = leadseq_path_join(r->sweep->folder, "figures");
    int status = folder && !leadseq_folder_make(folder) ? draw(r, folder, &n, &drawn) : -1;
    if (!status && drawn) {
        char *caption =
            leadseq_format("Validation AUC of %s%s, the best on top.",
                           n < r->n_settings ? "the best " : "", leadseq_count(n, "setting"));
        leadseq_page_figure(page, folder, "figures", "settings", caption ? caption : "");
        free(caption);
    }
    free(folder);
    return status;
}

/* --- The words -------------------------------------------------------------------------------- */

static void say_counts(struct leadseq_page *page, const struct sweep_results *r)
{
    const struct leadseq_sweep *s = r->sweep;
    size_t left = s->n_jobs - r->finished - r->failed;
    leadseq_page_text(page,
                      "%s, %s: %zu finished, %zu failed, %zu still to do. Stack: "
                      "%s (%s). Experiment: base.yaml; settings: jobs.tsv.",
                      leadseq_count(r->n_settings, "setting"), leadseq_count(s->n_jobs, "job"),
                      r->finished, r->failed, left, s->data, s->checksum);
}

static void say_best(struct leadseq_page *page, const struct sweep_results *r)
{
    if (r->best == r->n_settings) return;
    const struct sweep_setting *best = &r->setting[r->best];
    const struct leadseq_spread *auc = &best->spread[SWEEP_VALID][LEADSEQ_MONITOR_AUC];
    char spread[192] = "";
    if (!isnan(auc->sd))
        snprintf(spread, sizeof spread, ", standard deviation %.3f over %s", auc->sd,
                 leadseq_count(auc->n, "seed"));
    leadseq_page_text(page, "The largest mean validation AUC: %.3f%s, with %s.", auc->mean, spread,
                      *best->name ? best->name : "the experiment itself");
    if (r->n_settings > 1)
        leadseq_page_note(page,
                          "It was chosen among %s by these very records, so it flatters "
                          "itself. Choose by validation; look at test figures of the chosen one "
                          "alone, and compare settings that matter with leadseq compare.",
                          leadseq_count(r->n_settings, "setting"));
    if (!r->has_seeds)
        leadseq_page_note(page, "Each setting was run once: how much of a difference is the seed's "
                                "doing is unknown. Sweep over seed=1..5 as well.");
}

static void say_failures(struct leadseq_page *page, const struct sweep_results *r)
{
    size_t said = 0;
    if (r->failed) leadseq_page_heading(page, "Failed jobs");
    for (size_t job = 0; job < r->sweep->n_jobs && said < FAILURES_SHOWN; job++) {
        if (r->run[job].state != LEADSEQ_JOB_FAILED) continue;
        leadseq_page_text(page, "%04zu: %s", job + 1, r->run[job].why ? r->run[job].why : "");
        said++;
    }
    if (said < r->failed) leadseq_page_text(page, "… and %zu more.", r->failed - said);
}

static void say_jobs(struct leadseq_page *page, const struct sweep_results *r)
{
    leadseq_page_heading(page, "Jobs");
    leadseq_page_table(page, sweep_table_jobs(r, JOBS_SHOWN));
    if (r->sweep->n_jobs > JOBS_SHOWN)
        leadseq_page_text(page, "The first %d of %zu; all of them: runs.tsv.", JOBS_SHOWN,
                          r->sweep->n_jobs);
}

static void say_end(struct leadseq_page *page, const char *command_line)
{
    char when[32];
    leadseq_timestamp(when);
    leadseq_page_text(page,
                      "Written %s. The same with every digit: settings.tsv, runs.tsv; data and "
                      "script of the figure: figures/.",
                      when);
    if (command_line && *command_line) leadseq_page_text(page, "Command: %s", command_line);
    leadseq_page_note(page, "Not for clinical use.");
}

int sweep_page_write(const struct sweep_results *r, const char *command_line)
{
    char *title = leadseq_format("Sweep of %s", r->sweep->base.name);
    struct leadseq_page *page = title ? leadseq_page_new(title) : NULL;
    free(title);
    if (!page) return -1;
    say_counts(page, r);
    say_best(page, r);
    leadseq_page_heading(page, "Settings");
    leadseq_page_text(
        page, "Mean ± standard deviation over seeds; the checkpoint is each run's %s.",
        r->has_part[SWEEP_VALID] ? "best on validation" : "last: nothing was validated");
    leadseq_page_table(page, sweep_table_shown(r));
    int status = add_figure(page, r);
    say_failures(page, r);
    say_jobs(page, r);
    say_end(page, command_line);
    if (!status) status = leadseq_page_save(page, r->sweep->folder, "report");
    leadseq_page_free(page);
    return status;
}
