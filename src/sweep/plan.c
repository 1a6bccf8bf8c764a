/* SPDX-License-Identifier: MIT
 *
 * Assignments to jobs: what is swept over, every combination of it, and the
 * experiment of each. No files: sweep_folder.c. */
#include "sweep_private.h"

#include <stdlib.h>
#include <string.h>

void leadseq_sweep_clear(struct leadseq_sweep *s)
{
    if (!s) return;
    for (size_t i = 0; s->key && i < s->n_keys; i++) free(s->key[i]);
    for (size_t i = 0; s->cell && i < s->n_jobs * s->n_keys; i++) free(s->cell[i]);
    free(s->key);
    free(s->cell);
    free(s->folder);
    free(s->data);
    *s = (struct leadseq_sweep){0};
}

int leadseq_sweep_experiment(const struct leadseq_sweep *s, size_t job,
                             struct leadseq_experiment *e)
{
    *e = s->base;
    for (size_t k = 0; k < s->n_keys; k++)
        if (leadseq_experiment_set(e, s->key[k], s->cell[job * s->n_keys + k])) return -1;
    return 0;
}

char *leadseq_sweep_setting(const struct leadseq_sweep *s, size_t job)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t k = 0; out && k < s->n_keys; k++)
        fprintf(out, "%s%s=%s", k ? " " : "", s->key[k], s->cell[job * s->n_keys + k]);
    if (out && !fclose(out)) return text;
    leadseq_fail_memory(0);
    return NULL;
}

/* --- Assignments --------------------------------------------------------------------------- */

struct axes {
    struct sweep_axis *axis;
    size_t n;
};

static void axes_clear(struct axes *axes)
{
    for (size_t i = 0; i < axes->n; i++) sweep_axis_clear(&axes->axis[i]);
    free(axes->axis);
}

static int check_key(const char *key, char *const *assignment, size_t before)
{
    size_t n = strlen(key);
    for (size_t i = 0; i < before; i++)
        if (!strncmp(assignment[i], key, n) && assignment[i][n] == '=')
            return leadseq_fail("%s: the key appears twice; give all its values at once, as %s=a,b",
                                key, key);
    return 0;
}

/* One value belongs to the base, several are an axis. */
static int take(struct leadseq_sweep *s, struct axes *axes, const char *key, const char *text)
{
    const struct leadseq_option *o = leadseq_option_any(&s->base, key);
    if (!o) return leadseq_experiment_set(&s->base, key, text); // which fails, and says why
    struct sweep_axis *axis = &axes->axis[axes->n];
    if (sweep_axis_init(axis, o, text)) return -1;
    if (axis->n == 1) {
        int status = leadseq_experiment_set(&s->base, key, axis->value[0]);
        sweep_axis_clear(axis);
        return status;
    }
    axes->n++;
    return 0;
}

static int take_assignment(struct leadseq_sweep *s, struct axes *axes, char *const *assignment,
                           size_t i)
{
    const char *text = assignment[i], *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1])
        return leadseq_fail("'%s': expected key=value or key=value,value,..., such as "
                            "train.lr=1e-3,1e-4",
                            text);
    char *key = leadseq_format("%.*s", (int)(equals - text), text);
    int status = key ? check_key(key, assignment, i) : -1;
    if (!status) status = take(s, axes, key, equals + 1);
    free(key);
    return status ? leadseq_fail_in("'%.200s'", text) : 0;
}

/* --- Combinations ----------------------------------------------------------------------------- */

static int count_jobs(struct leadseq_sweep *s, const struct axes *axes)
{
    double product = 1;
    for (size_t k = 0; k < axes->n; k++) product *= (double)axes->axis[k].n;
    if (product > LEADSEQ_SWEEP_JOBS_MOST)
        return leadseq_fail("the sweep would have %.0f jobs; expected at most %d: sweep over fewer "
                            "values, or one part after the other",
                            product, LEADSEQ_SWEEP_JOBS_MOST);
    s->n_jobs = (size_t)product;
    s->n_keys = axes->n;
    return 0;
}

/* The last axis changes fastest: job = ((i0)·n1 + i1)·n2 + i2 … */
static int combine(struct leadseq_sweep *s, const struct axes *axes)
{
    if (count_jobs(s, axes)) return -1;
    s->key = leadseq_calloc(s->n_keys + 1, sizeof *s->key);
    s->cell = leadseq_calloc(s->n_jobs * s->n_keys + 1, sizeof *s->cell);
    if (!s->key || !s->cell) return -1;
    size_t faster = s->n_jobs;
    for (size_t k = 0; k < s->n_keys; k++) {
        const struct sweep_axis *axis = &axes->axis[k];
        faster /= axis->n;
        s->key[k] = leadseq_format("%s", axis->option->key);
        if (!s->key[k]) return -1;
        for (size_t job = 0; job < s->n_jobs; job++) {
            char *cell = leadseq_format("%s", axis->value[job / faster % axis->n]);
            if (!cell) return -1;
            s->cell[job * s->n_keys + k] = cell;
        }
    }
    return 0;
}

static int check_jobs(const struct leadseq_sweep *s)
{
    for (size_t job = 0; job < s->n_jobs; job++) {
        struct leadseq_experiment e;
        if (!leadseq_sweep_experiment(s, job, &e) && !leadseq_experiment_check(&e)) continue;
        char *setting = leadseq_sweep_setting(s, job);
        if (setting) leadseq_fail_in("job %04zu (%s)", job + 1, setting);
        free(setting);
        return -1;
    }
    return 0;
}

int leadseq_sweep_plan(struct leadseq_sweep *s, const struct leadseq_experiment *base,
                       char *const *assignment, size_t n)
{
    struct axes axes = {.axis = leadseq_calloc(n + 1, sizeof *axes.axis)};
    *s = (struct leadseq_sweep){.base = *base};
    int status = axes.axis ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++) status = take_assignment(s, &axes, assignment, i);
    if (!status) status = combine(s, &axes);
    if (!status) status = check_jobs(s);
    axes_clear(&axes);
    if (status) leadseq_sweep_clear(s);
    return status;
}
