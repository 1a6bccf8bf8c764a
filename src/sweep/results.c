/* SPDX-License-Identifier: MIT
 *
 * What a sweep came to: each job's scores as its run folder has them, and their
 * mean and spread over the seeds of a setting. Jobs may still be running: their folders
 * are only read, and files in them appear whole or not at all. */
#include "results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *sweep_title(enum leadseq_monitor m)
{
    if (m == LEADSEQ_MONITOR_LOSS) return "loss";
    return leadseq_metrics[leadseq_monitor_metric[m]]->title;
}

const char *const sweep_part_name[] = {"valid", "test"};

/* --- Runs -------------------------------------------------------------------------------- */

static int read_metrics(struct sweep_run *run, const char *folder)
{
    struct leadseq_json *json = NULL;
    if (leadseq_json_read_optional(&json, folder, "metrics.json")) return -1;
    for (int part = 0; part < SWEEP_PARTS; part++)
        for (int m = 0; m < LEADSEQ_MONITORS; m++) {
            char path[96];
            snprintf(path, sizeof path, "parts.%s.%s", sweep_part_name[part],
                     leadseq_monitor_name[m]);
            run->value[part][m] = json ? leadseq_json_number(json, path) : NAN;
            if (!json || !isnan(run->value[part][m])) continue;
            snprintf(path, sizeof path, "parts.%s.macro.%s", sweep_part_name[part],
                     leadseq_monitor_name[m]); // of several outputs the mean
            run->value[part][m] = leadseq_json_number(json, path);
        }
    run->epoch = json ? leadseq_json_number(json, "parts.valid.epoch") : NAN;
    leadseq_json_free(json);
    return 0;
}

/* Of the last row; a folder without a history has no time. */
static int read_seconds(struct sweep_run *run, const char *folder)
{
    struct leadseq_sheet history;
    if (leadseq_sheet_read_unfinished(&history, folder, "history.tsv")) return -1;
    int column = leadseq_sheet_column(&history, "seconds"), status = 0;
    if (column >= 0 && history.rows)
        status = leadseq_sheet_number(&history, history.rows - 1, column, &run->seconds);
    leadseq_sheet_clear(&history);
    return status;
}

static int read_run(struct sweep_results *r, size_t job)
{
    struct sweep_run *run = &r->run[job];
    char *folder = leadseq_sweep_path(r->sweep, job, NULL);
    *run = (struct sweep_run){.epoch = NAN, .seconds = NAN};
    for (int part = 0; part < SWEEP_PARTS; part++)
        for (int m = 0; m < LEADSEQ_MONITORS; m++) run->value[part][m] = NAN;
    run->state = leadseq_sweep_state(r->sweep, job, &run->why);
    int status = folder ? 0 : -1;
    if (!status && run->state == LEADSEQ_JOB_FINISHED)
        status = read_metrics(run, folder) || read_seconds(run, folder) ? -1 : 0;
    free(folder);
    r->finished += run->state == LEADSEQ_JOB_FINISHED;
    r->failed += run->state == LEADSEQ_JOB_FAILED;
    for (int part = 0; part < SWEEP_PARTS; part++)
        if (!isnan(run->value[part][LEADSEQ_MONITOR_LOSS])) r->has_part[part] = true;
    return status;
}

/* --- Settings ------------------------------------------------------------------------------- */

/* The values of a job but its seed. */
static char *name_of(const struct leadseq_sweep *s, size_t job)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const char *between = "";
    for (size_t k = 0; out && k < s->n_keys; k++) {
        if (!strcmp(s->key[k], "seed")) continue;
        fprintf(out, "%s%s=%s", between, s->key[k], s->cell[job * s->n_keys + k]);
        between = " ";
    }
    if (out && !fclose(out)) return text;
    leadseq_fail_memory(0);
    return NULL;
}

/* The setting of that name, a new one if none has it; NULL without memory. Takes name over. */
static struct sweep_setting *setting_of(struct sweep_results *r, char *name)
{
    for (size_t i = 0; name && i < r->n_settings; i++)
        if (!strcmp(r->setting[i].name, name)) {
            free(name);
            return &r->setting[i];
        }
    struct sweep_setting *longer =
        name ? leadseq_realloc(r->setting, r->n_settings + 1, sizeof *longer) : NULL;
    if (!longer) {
        free(name);
        return NULL;
    }
    r->setting = longer;
    r->setting[r->n_settings] = (struct sweep_setting){.name = name};
    return &r->setting[r->n_settings++];
}

static int group(struct sweep_results *r)
{
    for (size_t job = 0; job < r->sweep->n_jobs; job++) {
        struct sweep_setting *s = setting_of(r, name_of(r->sweep, job));
        size_t *longer = s ? leadseq_realloc(s->job, s->n + 1, sizeof *longer) : NULL;
        if (!longer) return -1;
        s->job = longer;
        s->job[s->n++] = job;
        s->finished += r->run[job].state == LEADSEQ_JOB_FINISHED;
        r->has_seeds = r->has_seeds || s->n > 1;
    }
    return 0;
}

static int measure_one(const struct sweep_results *r, struct sweep_setting *s, int part, int m)
{
    double *value = leadseq_calloc(s->n, sizeof *value);
    size_t n = 0;
    if (!value) return -1;
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(r->run[s->job[i]].value[part][m])) value[n++] = r->run[s->job[i]].value[part][m];
    s->spread[part][m] = n ? leadseq_spread_of(value, n)
                           : (struct leadseq_spread){0, NAN, NAN, NAN, NAN, NAN, NAN, NULL};
    free(value);
    return 0;
}

static int measure(struct sweep_results *r)
{
    r->best = r->n_settings;
    for (size_t i = 0; i < r->n_settings; i++) {
        for (int part = 0; part < SWEEP_PARTS; part++)
            for (int m = 0; m < LEADSEQ_MONITORS; m++)
                if (measure_one(r, &r->setting[i], part, m)) return -1;
        double auc = r->setting[i].spread[SWEEP_VALID][LEADSEQ_MONITOR_AUC].mean;
        if (isnan(auc)) continue;
        if (r->best == r->n_settings ||
            auc > r->setting[r->best].spread[SWEEP_VALID][LEADSEQ_MONITOR_AUC].mean)
            r->best = i;
    }
    return 0;
}

int sweep_results_init(struct sweep_results *r, const struct leadseq_sweep *s)
{
    *r = (struct sweep_results){.sweep = s, .run = leadseq_calloc(s->n_jobs, sizeof *r->run)};
    int status = r->run ? 0 : -1;
    for (size_t job = 0; !status && job < s->n_jobs; job++)
        status = leadseq_stop_check() ? -1 : read_run(r, job);
    if (!status) status = group(r);
    if (!status) status = measure(r);
    if (status) sweep_results_clear(r);
    return status;
}

void sweep_results_clear(struct sweep_results *r)
{
    for (size_t i = 0; i < r->n_settings; i++) {
        free(r->setting[i].name);
        free(r->setting[i].job);
    }
    for (size_t job = 0; r->run && job < r->sweep->n_jobs; job++) free(r->run[job].why);
    free(r->setting);
    free(r->run);
    *r = (struct sweep_results){0};
}
