/* SPDX-License-Identifier: MIT
 *
 * The exact tables of what not every comparison has: seeds, subgroups, superclasses. */
#include "report_private.h"

static void add_estimate(struct leadseq_table *t, const struct leadseq_estimate *e)
{
    leadseq_table_exact(t, e->value);
    leadseq_table_exact(t, e->low);
    leadseq_table_exact(t, e->high);
    leadseq_table_cell(t, "%s", e->method ? e->method : "");
}

static struct leadseq_table *seeds(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (t) report_add_columns(t, "experiment metric seeds mean sd least most low high");
    for (size_t g = 0; t && g < r->n_groups; g++)
        for (int k = 0; k < LEADSEQ_METRICS; k++) {
            const struct leadseq_spread *s = &r->group[g].spread[k];
            leadseq_table_cell(t, "%s", r->group[g].name);
            leadseq_table_cell(t, "%s", leadseq_metrics[k]->name);
            leadseq_table_cell(t, "%zu", s->n);
            leadseq_table_exact(t, s->mean);
            leadseq_table_exact(t, s->sd);
            leadseq_table_exact(t, s->least);
            leadseq_table_exact(t, s->most);
            leadseq_table_exact(t, s->low);
            leadseq_table_exact(t, s->high);
        }
    return t;
}

static void add_subgroup(struct leadseq_table *t, const struct report_subgroup *s,
                         const char *model, const char *metric, const struct leadseq_estimate *e)
{
    leadseq_table_cell(t, "%s", s->family);
    leadseq_table_cell(t, "%s", s->name);
    leadseq_table_cell(t, "%zu", s->n);
    leadseq_table_cell(t, "%zu", s->positives);
    leadseq_table_cell(t, "%s", model);
    leadseq_table_cell(t, "%s", metric);
    add_estimate(t, e);
}

static struct leadseq_table *subgroups(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (t)
        report_add_columns(t,
                           "family subgroup records positives model metric value low high method");
    for (size_t i = 0; t && i < r->n_subgroups; i++)
        for (size_t m = 0; m < r->n_models; m++) {
            const struct report_subgroup *s = &r->subgroup[i];
            const char *name = r->model[m].name;
            for (int k = 0; k < LEADSEQ_METRICS; k++)
                if (s->metric[k])
                    add_subgroup(t, s, name, leadseq_metrics[k]->name, &s->metric[k][m]);
        }
    return t;
}

static void add_class(struct leadseq_table *t, const struct report_model *m, size_t k)
{
    for (int i = 0; i < LEADSEQ_METRICS; i++) {
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_cell(t, "%s", leadseq_superclass_name[k]);
        leadseq_table_cell(t, "%s", leadseq_metrics[i]->name);
        add_estimate(t, &m->class[k].metric[i]);
    }
}

static struct leadseq_table *classes(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (t) report_add_columns(t, "model superclass metric value low high method");
    for (size_t i = 0; t && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        for (size_t k = 0; m->class && k < REPORT_CLASSES; k++) add_class(t, m, k);
        for (int q = 0; m->class && q < REPORT_MACROS; q++) {
            leadseq_table_cell(t, "%s", m->name);
            leadseq_table_cell(t, "macro");
            leadseq_table_cell(t, "%s", report_macro_info[q].name);
            add_estimate(t, &m->macro[q]);
        }
    }
    return t;
}

int report_tables_save_more(const struct report *r, const char *folder)
{
    if (r->n_groups && report_table_finish(seeds(r), folder, "seeds.tsv")) return -1;
    if (r->n_subgroups && report_table_finish(subgroups(r), folder, "subgroups.tsv")) return -1;
    return r->with_classes ? report_table_finish(classes(r), folder, "superclasses.tsv") : 0;
}
