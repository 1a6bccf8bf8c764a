/* SPDX-License-Identifier: MIT
 *
 * The tables in tables/ for programs: every digit, a row for each figure. With several outputs
 * the first column says which one, "mean" for the means over them. */
#include "results.h"

#include "inputs.h"

#include <stdlib.h>
#include <string.h>

static int finish(struct leadseq_table *t, const char *folder, const char *name)
{
    char *path = t ? leadseq_path_join(folder, name) : NULL;
    int status = path ? leadseq_table_save_tsv(t, path) : -1;
    free(path);
    leadseq_table_free(t);
    return status;
}

/* A table of these columns, after that of the outputs where there are several. */
static struct leadseq_table *begin(const struct report *r, const char *titles)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    char *list = t ? leadseq_format("%s%s", r->several ? "output " : "", titles) : NULL;
    for (char *rest = list, *title; rest && (title = strsep(&rest, " "));)
        leadseq_table_column(t, LEADSEQ_LEFT, title);
    if (t && !list) {
        leadseq_table_free(t);
        t = NULL;
    }
    free(list);
    return t;
}

/* The comparisons whose rows a table has: that of the question, or of each output. */
static size_t count_questions(const struct report *r)
{
    return r->several ? r->n_outputs : 1;
}

static const struct report *question(const struct report *r, size_t i)
{
    return r->several ? &r->output[i] : r;
}

/* The first cell of a row. */
static void add_output(struct leadseq_table *t, const struct report *r)
{
    if (r->several) leadseq_table_cell(t, "mean");
    if (r->whole) leadseq_table_cell(t, "%s", r->question);
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

/* --- Models and pairs -------------------------------------------------------------------- */

static void add_metric_of(struct leadseq_table *t, const struct report_model *m, const char *metric,
                          const char *ending, const struct leadseq_estimate *e,
                          const struct leadseq_estimate *resampled)
{
    leadseq_table_cell(t, "%s", m->name);
    leadseq_table_cell(t, "%s%s", metric, ending);
    add_estimate(t, e);
    leadseq_table_exact(t, resampled->low);
    leadseq_table_exact(t, resampled->high);
}

static void add_metric(struct leadseq_table *t, const struct report *r,
                       const struct report_model *m, const char *metric, const char *ending,
                       const struct leadseq_estimate *e, const struct leadseq_estimate *resampled)
{
    add_output(t, r);
    add_metric_of(t, m, metric, ending, e, resampled);
}

/* Several outputs judged together. */
static void add_together(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++)
        for (int k = 0; r->model[i].count && k < LEADSEQ_JOINTS; k++) {
            leadseq_table_cell(t, "together");
            add_metric_of(t, &r->model[i], leadseq_joint_types[k].name, "",
                          &r->model[i].together[k], &r->model[i].together_resampled[k]);
        }
}

static void add_models(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        for (int k = 0; k < LEADSEQ_METRICS; k++)
            add_metric(t, r, m, leadseq_metrics[k]->name, "", &m->metric[k], &m->resampled[k]);
        if (!m->path || r->several) continue;
        for (int k = 0; k < LEADSEQ_METRICS; k++)
            if (leadseq_metrics[k]->needs == LEADSEQ_OF_PROBABILITIES)
                add_metric(t, r, m, leadseq_metrics[k]->name, "_tempered", &m->tempered_metric[k],
                           &m->tempered_metric[k]);
        add_metric(t, r, m, "f1_at_valid_f_max", "", &m->f1_at_valid_f_max, &m->f1_at_valid_f_max);
    }
}

static struct leadseq_table *models(const struct report *r)
{
    struct leadseq_table *t =
        begin(r, "model metric value low high method bootstrap_low bootstrap_high");
    if (t && r->several) add_models(t, r);
    if (t && r->several) add_together(t, r);
    for (size_t i = 0; t && i < count_questions(r); i++) add_models(t, question(r, i));
    return t;
}

/* One difference of a pair, with all that is said of it. */
struct said {
    const char *metric;
    const struct leadseq_difference *difference, *resampled;
    double holm, permuted;
};

static void add_said(struct leadseq_table *t, const struct report_pair *p, const struct said *s)
{
    leadseq_table_cell(t, "%s", p->a->name);
    leadseq_table_cell(t, "%s", p->b->name);
    leadseq_table_cell(t, "%s", s->metric);
    add_difference(t, s->difference);
    leadseq_table_exact(t, s->holm);
    leadseq_table_exact(t, s->permuted);
    leadseq_table_exact(t, s->resampled->low);
    leadseq_table_exact(t, s->resampled->high);
    leadseq_table_exact(t, s->resampled->p);
}

static void add_pairs(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_pairs; i++)
        for (int k = 0; k < LEADSEQ_METRICS; k++) {
            const struct report_pair *p = &r->pair[i];
            const struct said said = {leadseq_metrics[k]->name, &p->metric[k], &p->resampled[k],
                                      p->holm[k], p->permuted[k]};
            add_output(t, r);
            add_said(t, p, &said);
        }
}

static void add_pairs_together(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_pairs; i++)
        for (int k = 0; r->pair[i].has_together && k < LEADSEQ_JOINTS; k++) {
            const struct report_pair *p = &r->pair[i];
            const struct said said = {leadseq_joint_types[k].name, &p->together[k],
                                      &p->together_resampled[k], p->together_holm[k],
                                      p->together_permuted[k]};
            leadseq_table_cell(t, "together");
            add_said(t, p, &said);
        }
}

static struct leadseq_table *pairs(const struct report *r)
{
    struct leadseq_table *t = begin(r, "a b metric difference low high p method p_holm p_exchange "
                                       "bootstrap_low bootstrap_high bootstrap_p");
    if (t && r->several) add_pairs(t, r);
    if (t && r->several) add_pairs_together(t, r);
    for (size_t i = 0; t && i < count_questions(r); i++) add_pairs(t, question(r, i));
    return t;
}

static void add_confusion(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        if (isnan(m->threshold)) continue;
        add_output(t, r);
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_exact(t, m->threshold);
        leadseq_table_cell(t, "%zu", m->confusion.tp);
        leadseq_table_cell(t, "%zu", m->confusion.fp);
        leadseq_table_cell(t, "%zu", m->confusion.fn);
        leadseq_table_cell(t, "%zu", m->confusion.tn);
    }
}

static struct leadseq_table *confusion(const struct report *r)
{
    struct leadseq_table *t = begin(r, "model threshold tp fp fn tn");
    for (size_t i = 0; t && i < count_questions(r); i++) add_confusion(t, question(r, i));
    return t;
}

/* Who was called what where each record has one class. */
static void add_classes(struct leadseq_table *t, const struct report *r,
                        const struct report_model *m)
{
    const size_t n = r->n_outputs;
    for (size_t row = 0; row < n; row++) {
        size_t all = 0;
        for (size_t c = 0; c < n; c++) all += m->count[row * n + c];
        for (size_t c = 0; c < n; c++) {
            struct leadseq_estimate share = leadseq_wilson(m->count[row * n + c], all);
            leadseq_table_cell(t, "%s", m->name);
            leadseq_table_cell(t, "%s", r->output[row].question);
            leadseq_table_cell(t, "%s", r->output[c].question);
            leadseq_table_cell(t, "%zu", m->count[row * n + c]);
            leadseq_table_exact(t, share.value);
            leadseq_table_exact(t, share.low);
            leadseq_table_exact(t, share.high);
        }
    }
}

static struct leadseq_table *classes(const struct report *r)
{
    static const char *const title[] = {"model", "truth", "called", "records",
                                        "share", "low",   "high"};
    struct leadseq_table *t = leadseq_table_new(NULL);
    for (size_t i = 0; t && i < LEADSEQ_COUNT(title); i++)
        leadseq_table_column(t, LEADSEQ_LEFT, title[i]);
    for (size_t i = 0; t && i < r->n_models; i++)
        if (r->model[i].count) add_classes(t, r, &r->model[i]);
    return t;
}

static void add_choices(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        add_output(t, r);
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_exact(t, m->threshold);
        leadseq_table_cell(t, "%s", m->origin);
        leadseq_table_exact(t, m->f_threshold);
        leadseq_table_exact(t, m->temperature.value);
        leadseq_table_cell(t, "%zu", m->valid.n);
        leadseq_table_cell(t, "%zu", report_set_positives(&m->valid));
    }
}

static struct leadseq_table *choices(const struct report *r)
{
    struct leadseq_table *t = begin(r, "model threshold origin f_max_threshold temperature "
                                       "validation_records validation_positives");
    for (size_t i = 0; t && i < count_questions(r); i++) add_choices(t, question(r, i));
    return t;
}

static void add_bins(struct leadseq_table *t, const struct report *r, const char *model,
                     const char *binning, const struct leadseq_reliability *of)
{
    for (size_t b = 0; b < of->n_bins; b++) {
        const struct leadseq_bin *bin = &of->bin[b];
        add_output(t, r);
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
    struct leadseq_table *t = begin(r, "model binning records positives mean_probability "
                                       "share_positive low high least most");
    for (size_t q = 0; t && q < count_questions(r); q++) {
        const struct report *of = question(r, q);
        for (size_t i = 0; i < of->n_models; i++) {
            add_bins(t, of, of->model[i].name, "equal mass", &of->model[i].mass);
            add_bins(t, of, of->model[i].name, "equal width", &of->model[i].width);
        }
    }
    return t;
}

/* Whether some records have no ecg_id; the table then has names instead. */
static bool has_names(const struct report *r)
{
    for (size_t i = 0; i < r->records; i++)
        if (r->ecg_id[i] < 0) return true;
    return false;
}

static void add_record(struct leadseq_table *t, const struct report *r, int key)
{
    const char *name = report_names_name(r->names, key);
    if (name)
        leadseq_table_cell(t, "%s", name);
    else
        leadseq_table_cell(t, "%d", key);
}

/* Probabilities beside labels, so that another program can check every figure. With several
 * outputs a row for each record and output that has a label. */
static struct leadseq_table *predictions(const struct report *r)
{
    struct leadseq_table *t = begin(r, has_names(r) ? "record" : "ecg_id");
    if (!t) return NULL;
    if (r->patient_id) leadseq_table_column(t, LEADSEQ_RIGHT, "patient_id");
    leadseq_table_column(t, LEADSEQ_RIGHT, "label");
    for (size_t i = 0; i < r->n_models; i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
    for (size_t k = 0; k < count_questions(r); k++) {
        const struct report *q = question(r, k);
        for (size_t i = 0; i < q->records; i++) {
            add_output(t, q);
            add_record(t, r, q->ecg_id[i]);
            int patient = q->patient_id ? q->patient_id[i] : -1;
            if (r->patient_id && patient >= 0)
                leadseq_table_cell(t, "%d", patient);
            else if (r->patient_id)
                leadseq_table_cell(t, "%s", "");
            leadseq_table_cell(t, "%d", q->label[i]);
            for (size_t m = 0; m < q->n_models; m++)
                leadseq_table_exact(t, q->model[m].test.probability[i]);
        }
    }
    return t;
}

/* --- Seeds, subgroups, outputs ---------------------------------------------------------------- */

static void add_spread(struct leadseq_table *t, const struct report_group *g, const char *metric,
                       const struct leadseq_spread *s)
{
    leadseq_table_cell(t, "%s", g->name);
    leadseq_table_cell(t, "%s", metric);
    leadseq_table_cell(t, "%zu", s->n);
    leadseq_table_exact(t, s->mean);
    leadseq_table_exact(t, s->sd);
    leadseq_table_exact(t, s->least);
    leadseq_table_exact(t, s->most);
    leadseq_table_exact(t, s->low);
    leadseq_table_exact(t, s->high);
}

static struct leadseq_table *seeds(const struct report *r)
{
    struct leadseq_table *t = begin(r, "experiment metric seeds mean sd least most low high");
    for (size_t g = 0; t && g < r->n_groups; g++) {
        const struct report_group *of = &r->group[g];
        for (int k = 0; k < LEADSEQ_METRICS; k++) {
            add_output(t, r);
            add_spread(t, of, leadseq_metrics[k]->name, &of->spread[k]);
        }
        for (int k = 0; r->several && of->has_together && k < LEADSEQ_JOINTS; k++) {
            leadseq_table_cell(t, "together");
            add_spread(t, of, leadseq_joint_types[k].name, &of->together[k]);
        }
    }
    return t;
}

static void add_subgroup(struct leadseq_table *t, const struct report *r,
                         const struct report_subgroup *s, size_t model, size_t metric)
{
    add_output(t, r);
    leadseq_table_cell(t, "%s", s->family);
    leadseq_table_cell(t, "%s", s->name);
    leadseq_table_cell(t, "%zu", s->n);
    leadseq_table_cell(t, "%zu", s->positives);
    leadseq_table_cell(t, "%s", r->model[model].name);
    leadseq_table_cell(t, "%s", leadseq_metrics[metric]->name);
    add_estimate(t, &s->metric[metric][model]);
}

static void add_subgroups(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_subgroups; i++)
        for (size_t m = 0; m < r->n_models; m++)
            for (size_t k = 0; k < LEADSEQ_METRICS; k++)
                if (r->subgroup[i].metric[k]) add_subgroup(t, r, &r->subgroup[i], m, k);
}

static struct leadseq_table *subgroups(const struct report *r)
{
    struct leadseq_table *t =
        begin(r, "family subgroup records positives model metric value low high method");
    for (size_t i = 0; t && i < count_questions(r); i++) add_subgroups(t, question(r, i));
    return t;
}

/* Outputs beside the question, and their means. */
static struct leadseq_table *outputs(const struct report *r)
{
    struct leadseq_table *t = begin(r, "model output metric value low high method");
    for (size_t i = 0; t && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        for (size_t q = 0; m->test.output_label && q <= r->n_outputs; q++)
            for (int k = 0; k < LEADSEQ_METRICS; k++) {
                bool mean = q == r->n_outputs;
                leadseq_table_cell(t, "%s", m->name);
                leadseq_table_cell(t, "%s", mean ? "mean" : r->output[q].question);
                leadseq_table_cell(t, "%s", leadseq_metrics[k]->name);
                add_estimate(t, mean ? &m->macro[k] : &r->output[q].model[m->of_output].metric[k]);
            }
        for (int k = 0; m->count && k < LEADSEQ_JOINTS; k++) {
            leadseq_table_cell(t, "%s", m->name);
            leadseq_table_cell(t, "together");
            leadseq_table_cell(t, "%s", leadseq_joint_types[k].name);
            add_estimate(t, &m->together[k]);
        }
    }
    return t;
}

static void add_decided(struct leadseq_table *t, const struct report_decided *d)
{
    const struct leadseq_estimate *of[] = {&d->error, &d->sensitivity, &d->precision};
    leadseq_table_cell(t, "%zu", d->count.tp);
    leadseq_table_cell(t, "%zu", d->count.fp);
    leadseq_table_cell(t, "%zu", d->count.fn);
    leadseq_table_cell(t, "%zu", d->count.tn);
    for (size_t i = 0; i < LEADSEQ_COUNT(of); i++) {
        leadseq_table_exact(t, of[i]->value);
        leadseq_table_exact(t, of[i]->low);
        leadseq_table_exact(t, of[i]->high);
    }
}

/* A row of ours, then one of the published result, which names no model. */
static void add_published(struct leadseq_table *t, const struct report_published *p, bool ours)
{
    leadseq_table_cell(t, "%s", ours ? p->model->name : "");
    leadseq_table_cell(t, "%s", p->figure);
    leadseq_table_cell(t, "%d", p->dataset);
    leadseq_table_cell(t, "%s", p->selection);
    leadseq_table_cell(t, "%d", p->depth);
    leadseq_table_cell(t, "%d", p->batch);
    leadseq_table_exact(t, !ours && p->epoch >= 0 ? p->epoch : NAN);
    add_decided(t, ours ? &p->ours : &p->theirs);
    leadseq_table_exact(t, ours ? p->difference.difference : NAN);
    leadseq_table_exact(t, ours ? p->difference.low : NAN);
    leadseq_table_exact(t, ours ? p->difference.high : NAN);
    leadseq_table_cell(t, "%s", !ours ? "" : *p->other ? "" : p->compatible ? "yes" : "no");
    leadseq_table_cell(t, "%s", ours ? p->other : "");
}

static struct leadseq_table *published(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    static const char *const title[] = {"model",
                                        "figure",
                                        "dataset",
                                        "selection",
                                        "depth",
                                        "batch",
                                        "epoch",
                                        "tp",
                                        "fp",
                                        "fn",
                                        "tn",
                                        "error",
                                        "error_low",
                                        "error_high",
                                        "sensitivity",
                                        "sensitivity_low",
                                        "sensitivity_high",
                                        "precision",
                                        "precision_low",
                                        "precision_high",
                                        "difference",
                                        "difference_low",
                                        "difference_high",
                                        "compatible",
                                        "other_records"};
    for (size_t i = 0; t && i < LEADSEQ_COUNT(title); i++)
        leadseq_table_column(t, LEADSEQ_LEFT, title[i]);
    for (size_t i = 0; t && i < r->n_published; i++) {
        if (*r->published[i].why) continue;
        add_published(t, &r->published[i], true);
        add_published(t, &r->published[i], false);
    }
    return t;
}

static bool any_subgroups(const struct report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < count_questions(r); i++) n += question(r, i)->n_subgroups;
    return n > 0;
}

int report_tables_save(const struct report *r, const char *folder)
{
    if (finish(models(r), folder, "metrics.tsv")) return -1;
    if (finish(pairs(r), folder, "pairs.tsv")) return -1;
    if (finish(confusion(r), folder, "confusion.tsv")) return -1;
    if (r->classes && finish(classes(r), folder, "classes.tsv")) return -1;
    if (finish(choices(r), folder, "thresholds.tsv")) return -1;
    if (finish(bins(r), folder, "reliability.tsv")) return -1;
    if (finish(predictions(r), folder, "predictions.tsv")) return -1;
    if (r->n_groups && finish(seeds(r), folder, "seeds.tsv")) return -1;
    if (any_subgroups(r) && finish(subgroups(r), folder, "subgroups.tsv")) return -1;
    if (r->n_published && finish(published(r), folder, "published.tsv")) return -1;
    if (r->n_outputs && !r->several) return finish(outputs(r), folder, "outputs.tsv");
    return 0;
}
