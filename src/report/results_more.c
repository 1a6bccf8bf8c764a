/* SPDX-License-Identifier: MIT
 *
 * report.json: superclasses, seeds, subgroups and checklists. */
#include "results.h"

static struct leadseq_json *count_rows(const size_t *count)
{
    struct leadseq_json *rows = leadseq_json_array();
    for (size_t i = 0; i < REPORT_CLASSES; i++) {
        struct leadseq_json *row = leadseq_json_object();
        for (size_t k = 0; k < REPORT_CLASSES; k++)
            leadseq_json_set_count(row, leadseq_superclass_name[k], count[i * REPORT_CLASSES + k]);
        leadseq_json_set_text(row, "truth", leadseq_superclass_name[i]);
        leadseq_json_append(rows, row);
    }
    return rows;
}

static struct leadseq_json *called(const struct leadseq_classes_figures *c)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "accuracy", c->accuracy);
    leadseq_json_set_number(json, "balanced_accuracy", c->balanced_accuracy);
    leadseq_json_set_number(json, "macro_precision", c->macro_precision);
    leadseq_json_set_number(json, "macro_f1", c->macro_f1);
    leadseq_json_set_number(json, "kappa", c->kappa);
    leadseq_json_set_number(json, "mcc", c->mcc);
    return json;
}

static struct leadseq_json *one_class(const struct report_class *c)
{
    struct leadseq_json *json = leadseq_json_object(), *metrics = leadseq_json_object();
    leadseq_json_set_count(json, "positives", c->positives);
    leadseq_json_set_number(json, "threshold", c->threshold);
    for (int i = 0; i < LEADSEQ_METRICS; i++)
        leadseq_json_set(metrics, leadseq_metrics[i]->name, results_estimate(&c->metric[i]));
    leadseq_json_set(json, "metrics", metrics);
    return json;
}

struct leadseq_json *results_classes(const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object(), *macro = leadseq_json_object();
    for (size_t k = 0; k < REPORT_CLASSES; k++)
        leadseq_json_set(json, leadseq_superclass_name[k], one_class(&m->class[k]));
    for (int q = 0; q < REPORT_MACROS; q++)
        leadseq_json_set(macro, report_macro_info[q].name, results_estimate(&m->macro[q]));
    leadseq_json_set(json, "macro", macro);
    leadseq_json_set(json, "largest_probability", called(&m->called));
    leadseq_json_set(json, "confusion", count_rows(m->count));
    return json;
}

static struct leadseq_json *spread(const struct leadseq_spread *s)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "mean", s->mean);
    leadseq_json_set_number(json, "sd", s->sd);
    leadseq_json_set_number(json, "least", s->least);
    leadseq_json_set_number(json, "most", s->most);
    leadseq_json_set_number(json, "low", s->low);
    leadseq_json_set_number(json, "high", s->high);
    leadseq_json_set_text(json, "method", s->method);
    return json;
}

static struct leadseq_json *group(const struct report *r, const struct report_group *g)
{
    struct leadseq_json *json = leadseq_json_object(), *metrics = leadseq_json_object();
    struct leadseq_json *members = leadseq_json_array();
    leadseq_json_set_text(json, "experiment", g->name);
    leadseq_json_set_count(json, "seeds", g->n);
    for (size_t k = 0; k < g->n; k++)
        leadseq_json_append(members, leadseq_json_string(r->model[g->member[k]].name));
    leadseq_json_set(json, "models", members);
    for (int k = 0; k < LEADSEQ_METRICS; k++)
        leadseq_json_set(metrics, leadseq_metrics[k]->name, spread(&g->spread[k]));
    leadseq_json_set(json, "metrics", metrics);
    return json;
}

/* Of the means of two experiments. */
static struct leadseq_json *group_pair(const struct report_group *a, const struct report_group *b)
{
    struct leadseq_json *json = leadseq_json_object(), *metrics = leadseq_json_object();
    leadseq_json_set_text(json, "a", a->name);
    leadseq_json_set_text(json, "b", b->name);
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_difference d = leadseq_welch(&a->spread[k], &b->spread[k]);
        leadseq_json_set(metrics, leadseq_metrics[k]->name, results_difference(&d));
    }
    leadseq_json_set(json, "metrics", metrics);
    return json;
}

static void set_groups(struct leadseq_json *json, const struct report *r)
{
    struct leadseq_json *groups = leadseq_json_array(), *pairs = leadseq_json_array();
    for (size_t a = 0; a < r->n_groups; a++) {
        leadseq_json_append(groups, group(r, &r->group[a]));
        for (size_t b = a + 1; b < r->n_groups; b++)
            leadseq_json_append(pairs, group_pair(&r->group[a], &r->group[b]));
    }
    leadseq_json_set(json, "experiments", groups);
    leadseq_json_set(json, "experiment_pairs", pairs);
}

static struct leadseq_json *subgroup_models(const struct report *r, const struct report_subgroup *s)
{
    struct leadseq_json *models = leadseq_json_array();
    for (size_t m = 0; m < r->n_models; m++) {
        struct leadseq_json *json = leadseq_json_object(), *metrics = leadseq_json_object();
        leadseq_json_set_text(json, "name", r->model[m].name);
        for (int k = 0; k < LEADSEQ_METRICS; k++)
            if (s->metric[k])
                leadseq_json_set(metrics, leadseq_metrics[k]->name,
                                 results_estimate(&s->metric[k][m]));
        leadseq_json_set(json, "metrics", metrics);
        leadseq_json_append(models, json);
    }
    return models;
}

static struct leadseq_json *subgroup(const struct report *r, const struct report_subgroup *s)
{
    struct leadseq_json *json = leadseq_json_object(), *pairs = leadseq_json_array();
    leadseq_json_set_text(json, "family", s->family);
    leadseq_json_set_text(json, "name", s->name);
    leadseq_json_set_count(json, "records", s->n);
    leadseq_json_set_count(json, "positives", s->positives);
    leadseq_json_set(json, "models", subgroup_models(r, s));
    for (size_t i = 0; i < r->n_pairs; i++) {
        struct leadseq_json *auc = results_difference(&s->auc_difference[i]);
        struct leadseq_json *pair = leadseq_json_object();
        leadseq_json_set_number(auc, "p_holm", s->auc_holm[i]);
        leadseq_json_set_text(pair, "a", r->pair[i].a->name);
        leadseq_json_set_text(pair, "b", r->pair[i].b->name);
        leadseq_json_set(pair, "auc", auc);
        leadseq_json_append(pairs, pair);
    }
    leadseq_json_set(json, "pairs", pairs);
    return json;
}

static struct leadseq_json *checklist(const struct report *r, const struct report_checklist *list)
{
    struct leadseq_json *items = leadseq_json_array();
    for (size_t i = 0; i < list->n; i++) {
        char text[512];
        struct leadseq_json *json = leadseq_json_object();
        enum report_answer answer = report_item_fill(text, &list->item[i], r);
        leadseq_json_set_text(json, "item", list->item[i].number);
        leadseq_json_set_text(json, "topic", list->item[i].topic);
        leadseq_json_set_text(json, "answer", report_answer_name[answer]);
        leadseq_json_set_text(json, "words", text);
        leadseq_json_append(items, json);
    }
    return items;
}

void results_set_more(struct leadseq_json *json, const struct report *r)
{
    struct leadseq_json *subgroups = leadseq_json_array(), *lists = leadseq_json_object();
    set_groups(json, r);
    for (size_t i = 0; i < r->n_subgroups; i++)
        leadseq_json_append(subgroups, subgroup(r, &r->subgroup[i]));
    leadseq_json_set(json, "subgroups", subgroups);
    leadseq_json_set(lists, report_tripod.name, checklist(r, &report_tripod));
    leadseq_json_set(lists, report_stard.name, checklist(r, &report_stard));
    leadseq_json_set(json, "checklists", lists);
}
