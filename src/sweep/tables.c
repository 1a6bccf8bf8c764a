/* SPDX-License-Identifier: MIT
 *
 * A sweep's tables: for programs with every digit, for a person with few. */
#include "results.h"

#include <math.h>
#include <string.h>

static bool is_seed(const char *key)
{
    return !strcmp(key, "seed");
}

static const char *cell_of(const struct leadseq_sweep *s, size_t job, size_t k)
{
    return s->cell[job * s->n_keys + k];
}

/* --- For programs ------------------------------------------------------------------------- */

struct leadseq_table *sweep_table_settings(const struct sweep_results *r)
{
    static const char *const of[] = {"mean", "sd", "least", "most"};
    const struct leadseq_sweep *s = r->sweep;
    struct leadseq_table *t = leadseq_table_new(NULL);
    char title[96];
    if (!t) return NULL;
    for (size_t k = 0; k < s->n_keys; k++)
        if (!is_seed(s->key[k])) leadseq_table_column(t, LEADSEQ_LEFT, s->key[k]);
    leadseq_table_column(t, LEADSEQ_RIGHT, "jobs");
    leadseq_table_column(t, LEADSEQ_RIGHT, "finished");
    for (int part = 0; part < SWEEP_PARTS; part++)
        for (int m = 0; m < LEADSEQ_MONITORS; m++)
            for (size_t i = 0; i < LEADSEQ_COUNT(of); i++) {
                snprintf(title, sizeof title, "%s_%s_%s", sweep_part_name[part],
                         leadseq_monitor_name[m], of[i]);
                leadseq_table_column(t, LEADSEQ_RIGHT, title);
            }
    for (size_t i = 0; i < r->n_settings; i++) {
        const struct sweep_setting *g = &r->setting[i];
        for (size_t k = 0; k < s->n_keys; k++)
            if (!is_seed(s->key[k])) leadseq_table_cell(t, "%s", cell_of(s, g->job[0], k));
        leadseq_table_cell(t, "%zu", g->n);
        leadseq_table_cell(t, "%zu", g->finished);
        for (int part = 0; part < SWEEP_PARTS; part++)
            for (int m = 0; m < LEADSEQ_MONITORS; m++) {
                const struct leadseq_spread *spread = &g->spread[part][m];
                leadseq_table_exact(t, spread->mean);
                leadseq_table_exact(t, spread->sd);
                leadseq_table_exact(t, spread->least);
                leadseq_table_exact(t, spread->most);
            }
    }
    return t;
}

struct leadseq_table *sweep_table_runs(const struct sweep_results *r)
{
    const struct leadseq_sweep *s = r->sweep;
    struct leadseq_table *t = leadseq_table_new(NULL);
    char title[96];
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "job");
    for (size_t k = 0; k < s->n_keys; k++) leadseq_table_column(t, LEADSEQ_LEFT, s->key[k]);
    leadseq_table_column(t, LEADSEQ_LEFT, "state");
    leadseq_table_column(t, LEADSEQ_RIGHT, "best_epoch");
    leadseq_table_column(t, LEADSEQ_RIGHT, "seconds");
    for (int part = 0; part < SWEEP_PARTS; part++)
        for (int m = 0; m < LEADSEQ_MONITORS; m++) {
            snprintf(title, sizeof title, "%s_%s", sweep_part_name[part], leadseq_monitor_name[m]);
            leadseq_table_column(t, LEADSEQ_RIGHT, title);
        }
    for (size_t job = 0; job < s->n_jobs; job++) {
        const struct sweep_run *run = &r->run[job];
        leadseq_table_cell(t, "%04zu", job + 1);
        for (size_t k = 0; k < s->n_keys; k++) leadseq_table_cell(t, "%s", cell_of(s, job, k));
        leadseq_table_cell(t, "%s", leadseq_job_state_name[run->state]);
        leadseq_table_exact(t, run->epoch);
        leadseq_table_exact(t, run->seconds);
        for (int part = 0; part < SWEEP_PARTS; part++)
            for (int m = 0; m < LEADSEQ_MONITORS; m++) leadseq_table_exact(t, run->value[part][m]);
    }
    return t;
}

/* --- For a person ------------------------------------------------------------------------- */

static void put_spread(struct leadseq_table *t, const struct leadseq_spread *spread)
{
    if (!spread->n)
        leadseq_table_cell(t, "–");
    else if (isnan(spread->sd))
        leadseq_table_cell(t, "%.3f", spread->mean);
    else
        leadseq_table_cell(t, "%.3f ± %.3f", spread->mean, spread->sd);
}

/* What is shown of each part, in this order. */
static const struct shown {
    enum sweep_part part;
    enum leadseq_monitor score;
} shown[] = {
    {SWEEP_VALID, LEADSEQ_MONITOR_AUC},
    {SWEEP_VALID, LEADSEQ_MONITOR_AVERAGE_PRECISION},
    {SWEEP_VALID, LEADSEQ_MONITOR_LOSS},
    {SWEEP_TEST, LEADSEQ_MONITOR_AUC},
    {SWEEP_TEST, LEADSEQ_MONITOR_AVERAGE_PRECISION},
    {SWEEP_TEST, LEADSEQ_MONITOR_LOSS},
};

struct leadseq_table *sweep_table_shown(const struct sweep_results *r)
{
    const struct leadseq_sweep *s = r->sweep;
    struct leadseq_table *t = leadseq_table_new(NULL);
    char title[96];
    if (!t) return NULL;
    for (size_t k = 0; k < s->n_keys; k++)
        if (!is_seed(s->key[k])) leadseq_table_column(t, LEADSEQ_LEFT, s->key[k]);
    leadseq_table_keys(t);
    leadseq_table_column(t, LEADSEQ_RIGHT, "runs");
    for (size_t i = 0; i < LEADSEQ_COUNT(shown); i++) {
        if (!r->has_part[shown[i].part]) continue;
        snprintf(title, sizeof title, "%s %s", sweep_part_name[shown[i].part],
                 sweep_title(shown[i].score));
        leadseq_table_column(t, LEADSEQ_RIGHT, title);
    }
    for (size_t i = 0; i < r->n_settings; i++) {
        const struct sweep_setting *g = &r->setting[i];
        for (size_t k = 0; k < s->n_keys; k++)
            if (!is_seed(s->key[k])) leadseq_table_cell(t, "%s", cell_of(s, g->job[0], k));
        if (g->finished == g->n)
            leadseq_table_cell(t, "%zu", g->n);
        else
            leadseq_table_cell(t, "%zu of %zu", g->finished, g->n);
        for (size_t c = 0; c < LEADSEQ_COUNT(shown); c++)
            if (r->has_part[shown[c].part])
                put_spread(t, &g->spread[shown[c].part][shown[c].score]);
    }
    return t;
}

static void put_number(struct leadseq_table *t, int decimals, double value)
{
    if (isnan(value))
        leadseq_table_cell(t, "–");
    else
        leadseq_table_cell(t, "%.*f", decimals, value);
}

struct leadseq_table *sweep_table_jobs(const struct sweep_results *r, size_t most)
{
    const struct leadseq_sweep *s = r->sweep;
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "job");
    for (size_t k = 0; k < s->n_keys; k++) leadseq_table_column(t, LEADSEQ_LEFT, s->key[k]);
    static const char *const titles[] = {"best epoch", "valid AUC", "test AUC", "seconds"};
    leadseq_table_column(t, LEADSEQ_LEFT, "state");
    for (size_t i = 0; i < LEADSEQ_COUNT(titles); i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, titles[i]);
    for (size_t job = 0; job < s->n_jobs && job < most; job++) {
        const struct sweep_run *run = &r->run[job];
        leadseq_table_cell(t, "%04zu", job + 1);
        for (size_t k = 0; k < s->n_keys; k++) leadseq_table_cell(t, "%s", cell_of(s, job, k));
        leadseq_table_cell(t, "%s", leadseq_job_state_name[run->state]);
        put_number(t, 0, run->epoch);
        put_number(t, 3, run->value[SWEEP_VALID][LEADSEQ_MONITOR_AUC]);
        put_number(t, 3, run->value[SWEEP_TEST][LEADSEQ_MONITOR_AUC]);
        put_number(t, 1, run->seconds);
    }
    return t;
}
