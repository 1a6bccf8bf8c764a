/* SPDX-License-Identifier: MIT
 *
 * How far a run has come: what its tables and its diagnostics.h5 hold so far,
 * without judging it. */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The values of a column in fresh memory, NULL where it is absent. */
static double *copy(const double *column, size_t n)
{
    double *to = column ? leadseq_calloc(n + 1, sizeof *to) : NULL;
    if (to) memcpy(to, column, n * sizeof *to);
    return to;
}

static double last_of(const double *column, size_t n)
{
    for (size_t i = n; column && i-- > 0;)
        if (isfinite(column[i])) return column[i];
    return NAN;
}

static int copy_steps(struct leadseq_glance *g, const struct verdict *v)
{
    const struct verdict_steps *s = &v->steps;
    g->steps = s->n;
    g->total = v->total_steps;
    g->cost = copy(s->n ? s->cost : NULL, s->n);
    g->gradient = copy(s->n ? s->grad : NULL, s->n);
    g->saturated = s->saturated ? copy(s->saturated, s->n) : NULL;
    for (size_t i = 0; g->saturated && i < s->n; i++) g->saturated[i] /= s->size[i];
    g->step = last_of(s->step, s->n);
    g->lr = last_of(s->lr, s->n);
    g->logit_mean = last_of(s->z_mean, s->n);
    g->epochs = v->history.rows;
    g->train_loss = last_of(verdict_column(&v->history, "train_loss"), v->history.rows);
    g->valid_loss = last_of(verdict_column(&v->history, "valid_loss"), v->history.rows);
    g->valid_auc = last_of(verdict_column(&v->history, "valid_auc"), v->history.rows);
    g->seconds_a_step =
        verdict_mean(verdict_column(&s->table, "step_s"), s->n > 20 ? s->n - 20 : 0, s->n);
    return s->n && (!g->cost || !g->gradient) ? -1 : 0;
}

/* The last row of ||dL/dh|| by lead that has a gradient, of the last layer. */
static void copy_flow(struct leadseq_glance *g, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (!verdict_get(d, "flow/norm", 0, &m)) return;
    size_t leads = m.rank == 3 && m.items ? m.shape[2] : 0, signals = m.shape[1];
    for (size_t i = 0; leads && leads <= LEADSEQ_LEADS && i < m.rows; i++) {
        const double *norm = m.value + i * m.items + (m.shape[0] - 1) * signals * leads;
        if (!isfinite(norm[leads - 1])) continue;
        g->leads = (int)leads;
        g->flow_step = (double)m.step[i];
        for (size_t t = 0; t < leads; t++) g->flow[t] = norm[t];
    }
    leadseq_measured_clear(&m);
    for (int t = 0; t < g->leads; t++) {
        const char *name = leadseq_diagnostics_label(d, "leads", (size_t)t);
        snprintf(g->lead[t], sizeof g->lead[t], "%s", name ? name : "?");
    }
}

static void copy_gates(struct leadseq_glance *g, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (!verdict_get(d, "gates/saturated", 0, &m)) return;
    g->gates_step = (double)m.step[m.rows - 1];
    for (size_t k = 0; k < 5 && k < m.items; k++) g->gates[k] = m.value[(m.rows - 1) * m.items + k];
    leadseq_measured_clear(&m);
}

static double age_of(const char *run, const char *name)
{
    struct stat info;
    struct timespec now;
    char *path = leadseq_path_join(run, name);
    bool known = path && !stat(path, &info) && !clock_gettime(CLOCK_REALTIME, &now);
    free(path);
    if (!known) return NAN;
    return fmax(0, difftime(now.tv_sec, info.st_mtim.tv_sec) +
                       1e-9 * (double)(now.tv_nsec - info.st_mtim.tv_nsec));
}

/* A file that is being replaced right now is read next time. */
static int read_probes(struct leadseq_glance *g, const char *run)
{
    char *path = leadseq_path_join(run, "diagnostics.h5");
    if (!path) return -1;
    struct leadseq_diagnostics *d =
        leadseq_path_exists(path) ? leadseq_diagnostics_open(path) : NULL;
    if (d) {
        copy_flow(g, d);
        copy_gates(g, d);
    }
    leadseq_error_clear();
    leadseq_diagnostics_close(d);
    free(path);
    return 0;
}

int leadseq_glance_read(struct leadseq_glance *g, const char *run,
                        const struct leadseq_experiment *e)
{
    struct verdict v;
    *g = (struct leadseq_glance){.flow_step = NAN, .gates_step = NAN};
    int status = verdict_read(&v, run, e);
    if (!status) status = copy_steps(g, &v);
    if (!status) status = read_probes(g, run);
    g->age_s = age_of(run, "steps.tsv");
    g->running = v.busy;
    g->finished = v.finished;
    snprintf(g->failure, sizeof g->failure, "%s", v.failure);
    verdict_clear(&v);
    if (status) leadseq_glance_clear(g);
    return status;
}

void leadseq_glance_clear(struct leadseq_glance *g)
{
    free(g->cost);
    free(g->gradient);
    free(g->saturated);
    *g = (struct leadseq_glance){0};
}
