/* SPDX-License-Identifier: MIT
 *
 * The tables of subgroups and of superclasses. */
#include "report_private.h"

static void begin_subgroups(struct leadseq_table *t)
{
    leadseq_table_column(t, LEADSEQ_LEFT, "Subgroup");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Records (positive)");
}

static void add_subgroup(struct leadseq_table *t, const struct report_subgroup *s)
{
    leadseq_table_cell(t, "%s: %s", s->family, s->name);
    leadseq_table_cell(t, "%zu (%zu)", s->n, s->positives);
}

struct leadseq_table *report_table_subgroups(const struct report *r, enum leadseq_metric metric)
{
    char caption[64];
    snprintf(caption, sizeof caption, "%s in subgroups", leadseq_metrics[metric]->title);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    begin_subgroups(t);
    report_add_models(t, r, r->n_inputs);
    for (size_t i = 0; i < r->n_subgroups; i++) {
        const struct report_subgroup *s = &r->subgroup[i];
        if (!s->metric[metric]) continue;
        if (report_is_shared(s, metric)) continue; // the same as of all records
        add_subgroup(t, s);
        for (size_t m = 0; m < r->n_inputs; m++) report_add_estimate(t, &s->metric[metric][m], 3);
    }
    return t;
}

struct leadseq_table *report_table_subgroup_pair(const struct report *r, size_t pair)
{
    char caption[512];
    const struct report_pair *p = &r->pair[pair];
    snprintf(caption, sizeof caption, "AUC of %.200s minus %.200s in subgroups", p->a->name,
             p->b->name);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    begin_subgroups(t);
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p, Holm");
    for (size_t i = 0; i < r->n_subgroups; i++) {
        const struct report_subgroup *s = &r->subgroup[i];
        add_subgroup(t, s);
        report_add_difference(t, &s->auc_difference[pair]);
        report_add_p(t, s->auc_difference[pair].p);
        report_add_p(t, s->auc_holm[pair]);
    }
    return t;
}

/* --- Superclasses ------------------------------------------------------------------------ */

static void add_class_models(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].class) leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
}

struct leadseq_table *report_table_classes(const struct report *r, enum leadseq_metric metric)
{
    char caption[96];
    snprintf(caption, sizeof caption, "%s, one superclass against the rest",
             leadseq_metrics[metric]->title);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Superclass");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Records");
    add_class_models(t, r);
    for (size_t k = 0; k < REPORT_CLASSES; k++) {
        leadseq_table_cell(t, "%s", leadseq_superclass_name[k]);
        leadseq_table_cell(t, "%zu", r->with_classes->class[k].positives);
        for (size_t i = 0; i < r->n_inputs; i++)
            if (r->model[i].class) report_add_estimate(t, &r->model[i].class[k].metric[metric], 3);
    }
    return t;
}

static void add_called(struct leadseq_table *t, const struct report *r, const char *title,
                       size_t member)
{
    leadseq_table_cell(t, "%s", title);
    for (size_t i = 0; i < r->n_inputs; i++) {
        const char *called = (const char *)&r->model[i].called;
        if (!r->model[i].class) continue;
        double value = *(const double *)(called + member);
        leadseq_table_interval(t, 3, false, value, NAN, NAN);
        if (isnan(value)) leadseq_table_remark(t, "not defined: a class is empty");
    }
}

struct leadseq_table *report_table_macro(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Over the five superclasses");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    add_class_models(t, r);
    for (int q = 0; q < REPORT_MACROS; q++) {
        leadseq_table_cell(t, "%s", report_macro_info[q].title);
        for (size_t i = 0; i < r->n_inputs; i++)
            if (r->model[i].class) report_add_estimate(t, &r->model[i].macro[q], 3);
    }
#define CALLED(title, member)                                                                      \
    add_called(t, r, title, offsetof(struct leadseq_classes_figures, member))
    CALLED("Largest probability: accuracy", accuracy);
    CALLED("… balanced accuracy", balanced_accuracy);
    CALLED("… macro precision", macro_precision);
    CALLED("… macro F1", macro_f1);
    CALLED("… Cohen's kappa", kappa);
    CALLED("… MCC", mcc);
#undef CALLED
    return t;
}

struct leadseq_table *report_table_macro_pairs(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Differences over the five superclasses");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First minus second");
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        for (int q = 0; q < REPORT_MACROS && p->a->class && p->b->class; q++) {
            leadseq_table_cell(t, "%s minus %s", p->a->name, p->b->name);
            leadseq_table_cell(t, "%s", report_macro_info[q].title);
            report_add_difference(t, &p->macro[q]);
            report_add_p(t, p->macro[q].p);
        }
    }
    return t;
}

struct leadseq_table *report_table_class_confusion(const struct report_model *m)
{
    char title[64];
    struct leadseq_table *t = leadseq_table_new(m->name);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Truth");
    for (size_t k = 0; k < REPORT_CLASSES; k++) {
        snprintf(title, sizeof title, "called %s", leadseq_superclass_name[k]);
        leadseq_table_column(t, LEADSEQ_RIGHT, title);
    }
    for (size_t row = 0; row < REPORT_CLASSES; row++) {
        leadseq_table_cell(t, "%s", leadseq_superclass_name[row]);
        for (size_t k = 0; k < REPORT_CLASSES; k++)
            leadseq_table_cell(t, "%zu", m->count[row * REPORT_CLASSES + k]);
    }
    return t;
}
