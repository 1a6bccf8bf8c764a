/* SPDX-License-Identifier: MIT
 *
 * The exact tables in tables/: every digit, a row a figure, for programs. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

int report_table_finish(struct leadseq_table *t, const char *folder, const char *name)
{
    char *path = t ? leadseq_path_join(folder, name) : NULL;
    int status = path ? leadseq_table_save_tsv(t, path) : -1;
    free(path);
    leadseq_table_free(t);
    return status;
}

void report_add_columns(struct leadseq_table *t, const char *titles)
{
    char list[256];
    snprintf(list, sizeof list, "%s", titles);
    for (char *rest = list, *title; (title = strsep(&rest, " "));)
        leadseq_table_column(t, LEADSEQ_LEFT, title);
}

static struct leadseq_table *begin(const char *titles)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (t) report_add_columns(t, titles);
    return t;
}

static void add_estimate(struct leadseq_table *t, const struct leadseq_estimate *e)
{
    leadseq_table_exact(t, e->value);
    leadseq_table_exact(t, e->low);
    leadseq_table_exact(t, e->high);
    leadseq_table_cell(t, "%s", e->method ? e->method : "");
}

static void add_difference(struct leadseq_table *t, const struct leadseq_difference *d)
{
    leadseq_table_exact(t, d->difference);
    leadseq_table_exact(t, d->low);
    leadseq_table_exact(t, d->high);
    leadseq_table_exact(t, d->p);
    leadseq_table_cell(t, "%s", d->method ? d->method : "");
}

/* After tempering, or at another threshold: by the bootstrap alone. */
static void add_second(struct leadseq_table *t, const struct report_model *m, const char *ending,
                       const char *metric, const struct leadseq_estimate *e)
{
    leadseq_table_cell(t, "%s", m->name);
    leadseq_table_cell(t, "%s%s", metric, ending);
    add_estimate(t, e);
    leadseq_table_exact(t, e->low);
    leadseq_table_exact(t, e->high);
}

static struct leadseq_table *models(const struct report *r)
{
    struct leadseq_table *t =
        begin("model metric value low high method bootstrap_low bootstrap_high");
    for (size_t i = 0; t && i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        for (int k = 0; k < LEADSEQ_METRICS; k++) {
            leadseq_table_cell(t, "%s", m->name);
            leadseq_table_cell(t, "%s", leadseq_metrics[k]->name);
            add_estimate(t, &m->metric[k]);
            leadseq_table_exact(t, m->resampled[k].low);
            leadseq_table_exact(t, m->resampled[k].high);
        }
        for (int k = 0; k < LEADSEQ_METRICS && m->path; k++)
            if (leadseq_metrics[k]->needs == LEADSEQ_OF_PROBABILITIES)
                add_second(t, m, "_tempered", leadseq_metrics[k]->name, &m->tempered_metric[k]);
        if (m->path) add_second(t, m, "", "f1_at_valid_f_max", &m->f1_at_valid_f_max);
    }
    return t;
}

static struct leadseq_table *pairs(const struct report *r)
{
    struct leadseq_table *t = begin("a b metric difference low high p method p_holm p_exchange "
                                    "bootstrap_low bootstrap_high bootstrap_p");
    for (size_t i = 0; t && i < r->n_pairs; i++)
        for (int k = 0; k < LEADSEQ_METRICS; k++) {
            const struct report_pair *p = &r->pair[i];
            leadseq_table_cell(t, "%s", p->a->name);
            leadseq_table_cell(t, "%s", p->b->name);
            leadseq_table_cell(t, "%s", leadseq_metrics[k]->name);
            add_difference(t, &p->metric[k]);
            leadseq_table_exact(t, p->holm[k]);
            leadseq_table_exact(t, p->permuted[k]);
            leadseq_table_exact(t, p->resampled[k].low);
            leadseq_table_exact(t, p->resampled[k].high);
            leadseq_table_exact(t, p->resampled[k].p);
        }
    return t;
}

static struct leadseq_table *confusion(const struct report *r)
{
    struct leadseq_table *t = begin("model threshold tp fp fn tn");
    for (size_t i = 0; t && i < r->n_models; i++) {
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

static struct leadseq_table *choices(const struct report *r)
{
    struct leadseq_table *t = begin("model threshold origin f_max_threshold temperature "
                                    "validation_records validation_positives");
    for (size_t i = 0; t && i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_exact(t, m->threshold);
        leadseq_table_cell(t, "%s", m->origin);
        leadseq_table_exact(t, m->f_threshold);
        leadseq_table_exact(t, m->temperature.value);
        leadseq_table_cell(t, "%zu", m->valid.n);
        leadseq_table_cell(t, "%zu", report_set_positives(&m->valid));
    }
    return t;
}

static void add_bins(struct leadseq_table *t, const char *model, const char *binning,
                     const struct leadseq_reliability *of)
{
    for (size_t b = 0; b < of->n_bins; b++) {
        const struct leadseq_bin *bin = &of->bin[b];
        leadseq_table_cell(t, "%s", model);
        leadseq_table_cell(t, "%s", binning);
        leadseq_table_cell(t, "%zu", bin->n);
        leadseq_table_cell(t, "%zu", bin->positives);
        leadseq_table_exact(t, bin->probability);
        leadseq_table_exact(t, bin->share.value);
        leadseq_table_exact(t, bin->share.low);
        leadseq_table_exact(t, bin->share.high);
        leadseq_table_exact(t, bin->least);
        leadseq_table_exact(t, bin->most);
    }
}

static struct leadseq_table *bins(const struct report *r)
{
    struct leadseq_table *t = begin("model binning records positives mean_probability "
                                    "share_positive low high least most");
    for (size_t i = 0; t && i < r->n_models; i++) {
        add_bins(t, r->model[i].name, "equal mass", &r->model[i].mass);
        add_bins(t, r->model[i].name, "equal width", &r->model[i].width);
    }
    return t;
}

/* Probabilities beside labels, so that another program can check every figure. */
static struct leadseq_table *predictions(const struct report *r)
{
    struct leadseq_table *t = begin("ecg_id");
    if (!t) return NULL;
    if (r->patient_id) leadseq_table_column(t, LEADSEQ_RIGHT, "patient_id");
    leadseq_table_column(t, LEADSEQ_RIGHT, "label");
    report_add_models(t, r, r->n_models);
    for (size_t i = 0; i < r->records; i++) {
        leadseq_table_cell(t, "%d", r->ecg_id[i]);
        if (r->patient_id) leadseq_table_cell(t, "%d", r->patient_id[i]);
        leadseq_table_cell(t, "%d", r->label[i]);
        for (size_t m = 0; m < r->n_models; m++)
            leadseq_table_exact(t, r->model[m].test.probability[i]);
    }
    return t;
}

int report_tables_save(const struct report *r, const char *folder)
{
    if (report_table_finish(models(r), folder, "metrics.tsv")) return -1;
    if (report_table_finish(pairs(r), folder, "pairs.tsv")) return -1;
    if (report_table_finish(confusion(r), folder, "confusion.tsv")) return -1;
    if (report_table_finish(choices(r), folder, "thresholds.tsv")) return -1;
    if (report_table_finish(bins(r), folder, "reliability.tsv")) return -1;
    if (report_table_finish(predictions(r), folder, "predictions.tsv")) return -1;
    return report_tables_save_more(r, folder);
}
