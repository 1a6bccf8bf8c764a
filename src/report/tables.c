/* SPDX-License-Identifier: MIT
 *
 * The tables of a comparison: those that are read, and the exact ones in tables/. */
#include "report_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void report_format_p(char text[32], double p)
{
    if (isnan(p))
        snprintf(text, 32, "–");
    else if (p < .0001)
        snprintf(text, 32, "< 0.0001");
    else if (p < .001)
        snprintf(text, 32, "%.4f", p);
    else
        snprintf(text, 32, "%.3f", p);
}

/* A row a metric, a column a model: it stays readable on a phone. */
struct leadseq_table *report_table_models(const struct report *r, const char *caption)
{
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    for (size_t i = 0; i < r->n_models; i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
    for (int k = 0; k < REPORT_METRICS; k++) {
        leadseq_table_cell(t, "%s", report_metric_info[k].title);
        for (size_t i = 0; i < r->n_models; i++) {
            const struct leadseq_estimate *e = &r->model[i].metric[k];
            leadseq_table_interval(t, 3, false, e->value, e->low, e->high);
            if (isnan(e->low)) leadseq_table_remark(t, e->method);
        }
    }
    return t;
}

static void add_difference(struct leadseq_table *t, const struct leadseq_difference *d)
{
    char p[32];
    report_format_p(p, d->p);
    leadseq_table_interval(t, 3, true, d->difference, d->low, d->high);
    if (isnan(d->low)) leadseq_table_remark(t, d->method);
    leadseq_table_cell(t, "%s", p);
}

struct leadseq_table *report_table_pair(const struct report_pair *pair)
{
    char caption[512];
    snprintf(caption, sizeof caption, "%.200s minus %.200s", pair->a->name, pair->b->name);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    for (int k = 0; k < REPORT_METRICS; k++) {
        const struct leadseq_difference *d = &pair->metric[k];
        leadseq_table_cell(t, "%s", report_metric_info[k].title);
        add_difference(t, d);
    }
    return t;
}

struct leadseq_table *report_table_pairs(const struct report *r)
{
    static const enum report_metric shown[] = {REPORT_AUC, REPORT_SENSITIVITY, REPORT_SPECIFICITY,
                                               REPORT_ACCURACY};
    struct leadseq_table *t = leadseq_table_new("Differences of pairs, first minus second");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First");
    leadseq_table_column(t, LEADSEQ_LEFT, "Second");
    for (size_t k = 0; k < LEADSEQ_COUNT(shown); k++) {
        leadseq_table_column(t, LEADSEQ_RIGHT, report_metric_info[shown[k]].title);
        leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    }
    for (size_t i = 0; i < r->n_pairs; i++) {
        leadseq_table_cell(t, "%s", r->pair[i].a->name);
        leadseq_table_cell(t, "%s", r->pair[i].b->name);
        for (size_t k = 0; k < LEADSEQ_COUNT(shown); k++)
            add_difference(t, &r->pair[i].metric[shown[k]]);
    }
    return t;
}

struct leadseq_table *report_table_confusion(const struct report_model *m)
{
    struct leadseq_table *t = leadseq_table_new(m->name);
    if (!t) return NULL;
    const struct leadseq_confusion *c = &m->confusion;
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    leadseq_table_column(t, LEADSEQ_RIGHT, "called positive");
    leadseq_table_column(t, LEADSEQ_RIGHT, "called negative");
    leadseq_table_cell(t, "positive");
    leadseq_table_cell(t, "%zu", c->tp);
    leadseq_table_cell(t, "%zu", c->fn);
    leadseq_table_cell(t, "negative");
    leadseq_table_cell(t, "%zu", c->fp);
    leadseq_table_cell(t, "%zu", c->tn);
    return t;
}

static void add_count(struct leadseq_table *t, size_t n, bool known)
{
    if (known)
        leadseq_table_cell(t, "%zu", n);
    else
        leadseq_table_cell(t, "–");
}

struct leadseq_table *report_table_choices(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Model");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Threshold");
    leadseq_table_column(t, LEADSEQ_LEFT, "Chosen by");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Validation records");
    leadseq_table_column(t, LEADSEQ_RIGHT, "of them positive");
    leadseq_table_column(t, LEADSEQ_LEFT, "Input");
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_interval(t, 4, false, m->threshold, NAN, NAN);
        leadseq_table_cell(t, "%s", m->origin);
        add_count(t, m->valid.n, m->valid.n);
        add_count(t, report_set_positives(&m->valid), m->valid.label);
        leadseq_table_cell(t, "%s", m->path ? m->path : "–");
    }
    return t;
}

static int save(struct leadseq_table *t, const char *folder, const char *name)
{
    char *path = t ? leadseq_path_join(folder, name) : NULL;
    int status = path ? leadseq_table_save_tsv(t, path) : -1;
    free(path);
    leadseq_table_free(t);
    return status;
}

static void add_columns(struct leadseq_table *t, const char *titles)
{
    char list[256];
    snprintf(list, sizeof list, "%s", titles);
    for (char *rest = list, *title; (title = strsep(&rest, " "));)
        leadseq_table_column(t, LEADSEQ_LEFT, title);
}

static struct leadseq_table *exact_models(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    add_columns(t, "model metric value low high method");
    for (size_t i = 0; i < r->n_models; i++)
        for (int k = 0; k < REPORT_METRICS; k++) {
            const struct leadseq_estimate *e = &r->model[i].metric[k];
            leadseq_table_cell(t, "%s", r->model[i].name);
            leadseq_table_cell(t, "%s", report_metric_info[k].name);
            leadseq_table_exact(t, e->value);
            leadseq_table_exact(t, e->low);
            leadseq_table_exact(t, e->high);
            leadseq_table_cell(t, "%s", e->method);
        }
    return t;
}

static struct leadseq_table *exact_pairs(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    add_columns(t, "a b metric difference low high p method");
    for (size_t i = 0; i < r->n_pairs; i++)
        for (int k = 0; k < REPORT_METRICS; k++) {
            const struct leadseq_difference *d = &r->pair[i].metric[k];
            leadseq_table_cell(t, "%s", r->pair[i].a->name);
            leadseq_table_cell(t, "%s", r->pair[i].b->name);
            leadseq_table_cell(t, "%s", report_metric_info[k].name);
            leadseq_table_exact(t, d->difference);
            leadseq_table_exact(t, d->low);
            leadseq_table_exact(t, d->high);
            leadseq_table_exact(t, d->p);
            leadseq_table_cell(t, "%s", d->method);
        }
    return t;
}

static struct leadseq_table *exact_confusion(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    add_columns(t, "model threshold tp fp fn tn");
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        if (isnan(m->threshold)) continue;
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_exact(t, m->threshold);
        leadseq_table_cell(t, "%zu", m->confusion.tp);
        leadseq_table_cell(t, "%zu", m->confusion.fp);
        leadseq_table_cell(t, "%zu", m->confusion.fn);
        leadseq_table_cell(t, "%zu", m->confusion.tn);
    }
    return t;
}

int report_tables_save(const struct report *r, const char *folder)
{
    if (save(exact_models(r), folder, "metrics.tsv")) return -1;
    if (save(exact_pairs(r), folder, "pairs.tsv")) return -1;
    if (save(exact_confusion(r), folder, "confusion.tsv")) return -1;
    return save(report_table_choices(r), folder, "thresholds.tsv");
}
