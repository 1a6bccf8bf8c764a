/* SPDX-License-Identifier: MIT
 *
 * report.json: every figure with every digit, for programs. With several outputs, models[] and
 * pairs[] have the means in `metrics`, and outputs[] with what is said of each. */
#include "results.h"

#include "checklist.h"
#include "measure.h"

#include "config.h"

static struct leadseq_json *estimate(const struct leadseq_estimate *e)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "value", e->value);
    leadseq_json_set_number(json, "low", e->low);
    leadseq_json_set_number(json, "high", e->high);
    leadseq_json_set_text(json, "method", e->method);
    return json;
}

static struct leadseq_json *difference(const struct leadseq_difference *d)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "difference", d->difference);
    leadseq_json_set_number(json, "low", d->low);
    leadseq_json_set_number(json, "high", d->high);
    leadseq_json_set_number(json, "p", d->p);
    leadseq_json_set_text(json, "method", d->method);
    return json;
}

/* --- Models ------------------------------------------------------------------------- */

static struct leadseq_json *confusion(const struct leadseq_confusion *c)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "tp", c->tp);
    leadseq_json_set_count(json, "fp", c->fp);
    leadseq_json_set_count(json, "fn", c->fn);
    leadseq_json_set_count(json, "tn", c->tn);
    return json;
}

static struct leadseq_json *metrics(const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_json *metric = estimate(&m->metric[k]);
        leadseq_json_set_number(metric, "bootstrap_low", m->resampled[k].low);
        leadseq_json_set_number(metric, "bootstrap_high", m->resampled[k].high);
        leadseq_json_set_text(metric, "bootstrap_method", m->resampled[k].method);
        leadseq_json_set(json, leadseq_metrics[k]->name, metric);
    }
    if (!m->path) return json;
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        char name[64];
        if (leadseq_metrics[k]->needs != LEADSEQ_OF_PROBABILITIES) continue;
        snprintf(name, sizeof name, "%s_tempered", leadseq_metrics[k]->name);
        leadseq_json_set(json, name, estimate(&m->tempered_metric[k]));
    }
    leadseq_json_set(json, "f1_at_valid_f_max", estimate(&m->f1_at_valid_f_max));
    return json;
}

/* Of the bins of equal mass, which the Brier score is taken apart by. */
static struct leadseq_json *brier_parts(const struct leadseq_reliability *of)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "bins", of->n_bins);
    leadseq_json_set_number(json, "reliability", of->reliability);
    leadseq_json_set_number(json, "resolution", of->resolution);
    leadseq_json_set_number(json, "uncertainty", of->uncertainty);
    leadseq_json_set_number(json, "within_variance", of->within_variance);
    leadseq_json_set_number(json, "within_covariance", of->within_covariance);
    leadseq_json_set_number(json, "skill", of->skill);
    return json;
}

/* What a model's decisions and probabilities come to, of one question. */
static void set_figures(struct leadseq_json *json, const struct report_model *m)
{
    leadseq_json_set_number(json, "threshold", m->threshold);
    leadseq_json_set_text(json, "threshold_origin", m->origin);
    leadseq_json_set_number(json, "f_max_threshold", m->f_threshold);
    leadseq_json_set(json, "temperature", estimate(&m->temperature));
    leadseq_json_set_count(json, "validation_records", m->valid.n);
    leadseq_json_set_number(json, "training_records",
                            m->train_records ? (double)m->train_records : NAN);
    leadseq_json_set_number(json, "training_positives",
                            m->train_records ? (double)m->train_positives : NAN);
    if (!isnan(m->threshold)) leadseq_json_set(json, "confusion", confusion(&m->confusion));
    leadseq_json_set(json, "metrics", metrics(m));
    leadseq_json_set(json, "brier_parts", brier_parts(&m->mass));
}

/* --- Several outputs -------------------------------------------------------------------- */

static struct leadseq_json *count_rows(const struct report *r, const size_t *count)
{
    struct leadseq_json *rows = leadseq_json_array();
    for (size_t i = 0; i < r->n_outputs; i++) {
        struct leadseq_json *row = leadseq_json_object();
        for (size_t k = 0; k < r->n_outputs; k++)
            leadseq_json_set_count(row, r->output[k].question, count[i * r->n_outputs + k]);
        leadseq_json_set_text(row, "truth", r->output[i].question);
        leadseq_json_append(rows, row);
    }
    return rows;
}

/* The same as shares of their rows; null where no record is of the class. */
static struct leadseq_json *share_rows(const struct report *r, const size_t *count)
{
    struct leadseq_json *rows = leadseq_json_array();
    for (size_t i = 0; i < r->n_outputs; i++) {
        struct leadseq_json *row = leadseq_json_object();
        double all = 0;
        for (size_t k = 0; k < r->n_outputs; k++) all += (double)count[i * r->n_outputs + k];
        for (size_t k = 0; k < r->n_outputs; k++)
            leadseq_json_set_number(row, r->output[k].question,
                                    all > 0 ? (double)count[i * r->n_outputs + k] / all : NAN);
        leadseq_json_set_text(row, "truth", r->output[i].question);
        leadseq_json_append(rows, row);
    }
    return rows;
}

/* What the outputs say together. */
static void set_together(struct leadseq_json *json, const struct report *r,
                         const struct report_model *m)
{
    if (!m->count) return;
    struct leadseq_json *all = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_JOINTS; k++) {
        struct leadseq_json *one = estimate(&m->together[k]);
        leadseq_json_set_number(one, "bootstrap_low", m->together_resampled[k].low);
        leadseq_json_set_number(one, "bootstrap_high", m->together_resampled[k].high);
        leadseq_json_set_text(one, "bootstrap_method", m->together_resampled[k].method);
        leadseq_json_set(all, leadseq_joint_types[k].name, one);
    }
    leadseq_json_set(json, "together", all);
    if (!r->classes) return;
    leadseq_json_set_count(json, "records_of_one_class", r->single);
    leadseq_json_set(json, "confusion", count_rows(r, m->count));
    leadseq_json_set(json, "confusion_shares", share_rows(r, m->count));
}

/* Outputs beside the question: each against the rest, and their means. */
static struct leadseq_json *beside(const struct report *r, const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object(), *macro = leadseq_json_object();
    for (size_t q = 0; q < r->n_outputs; q++) {
        const struct report_model *of = &r->output[q].model[m->of_output];
        struct leadseq_json *one = leadseq_json_object(), *all = leadseq_json_object();
        leadseq_json_set_count(one, "positives", r->output[q].positives);
        leadseq_json_set_number(one, "threshold", of->threshold);
        for (int k = 0; k < LEADSEQ_METRICS; k++)
            leadseq_json_set(all, leadseq_metrics[k]->name, estimate(&of->metric[k]));
        leadseq_json_set(one, "metrics", all);
        leadseq_json_set(json, r->output[q].question, one);
    }
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        char name[64];
        snprintf(name, sizeof name, "macro_%s", leadseq_metrics[k]->name);
        leadseq_json_set(macro, name, estimate(&m->macro[k]));
    }
    leadseq_json_set(json, "macro", macro);
    set_together(json, r, m);
    return json;
}

static struct leadseq_json *model_outputs(const struct report *r, const struct report_model *m)
{
    struct leadseq_json *outputs = leadseq_json_array();
    for (size_t q = 0; q < r->n_outputs; q++) {
        struct leadseq_json *json = leadseq_json_object();
        leadseq_json_set_text(json, "name", r->output[q].question);
        set_figures(json, &r->output[q].model[m->of_output]);
        leadseq_json_append(outputs, json);
    }
    return outputs;
}

static struct leadseq_json *means(const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_json *mean = estimate(&m->macro[k]);
        leadseq_json_set_number(mean, "bootstrap_low", m->macro_resampled[k].low);
        leadseq_json_set_number(mean, "bootstrap_high", m->macro_resampled[k].high);
        leadseq_json_set_text(mean, "bootstrap_method", m->macro_resampled[k].method);
        leadseq_json_set(json, leadseq_metrics[k]->name, mean);
    }
    return json;
}

static struct leadseq_json *model(const struct report *r, const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "name", m->name);
    leadseq_json_set_text(json, "kind", !m->path ? "constant" : m->is_run ? "run" : "table");
    leadseq_json_set_text(json, "input", m->path);
    leadseq_json_set_text(json, "flaw", m->flaw);
    if (r->several) {
        leadseq_json_set(json, "metrics", means(m));
        leadseq_json_set(json, "outputs", model_outputs(r, m));
        set_together(json, r, m);
        return json;
    }
    set_figures(json, m);
    if (r->n_outputs && m->test.output_label) leadseq_json_set(json, "superclasses", beside(r, m));
    return json;
}

/* --- Pairs ------------------------------------------------------------------------------- */

static struct leadseq_json *mcnemar(const struct leadseq_pairs *right, double p, double mid_p)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "both_right", right->both);
    leadseq_json_set_count(json, "only_a_right", right->only_a);
    leadseq_json_set_count(json, "only_b_right", right->only_b);
    leadseq_json_set_count(json, "neither_right", right->neither);
    leadseq_json_set_number(json, "p", p);
    leadseq_json_set_number(json, "mid_p", mid_p);
    return json;
}

static void set_mcnemar(struct leadseq_json *json, const struct report_pair *p)
{
    const double *exact = p->exact_p, *mid = p->mid_p;
    if (isnan(p->a->threshold) || isnan(p->b->threshold)) return;
    leadseq_json_set(json, "mcnemar", mcnemar(&p->right, exact[0], mid[0]));
    leadseq_json_set(json, "mcnemar_positive", mcnemar(&p->right_positive, exact[1], mid[1]));
    leadseq_json_set(json, "mcnemar_negative", mcnemar(&p->right_negative, exact[2], mid[2]));
}

static struct leadseq_json *pair_metrics(const struct report_pair *p)
{
    struct leadseq_json *all = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_json *metric = difference(&p->metric[k]);
        leadseq_json_set_number(metric, "p_holm", p->holm[k]);
        leadseq_json_set_number(metric, "p_exchange", p->permuted[k]);
        leadseq_json_set_number(metric, "bootstrap_low", p->resampled[k].low);
        leadseq_json_set_number(metric, "bootstrap_high", p->resampled[k].high);
        leadseq_json_set_number(metric, "bootstrap_p", p->resampled[k].p);
        leadseq_json_set(all, leadseq_metrics[k]->name, metric);
    }
    return all;
}

static struct leadseq_json *pair_outputs(const struct report *r, size_t pair)
{
    struct leadseq_json *outputs = leadseq_json_array();
    for (size_t q = 0; q < r->n_outputs; q++) {
        const struct report_pair *p = &r->output[q].pair[pair];
        struct leadseq_json *json = leadseq_json_object();
        leadseq_json_set_text(json, "name", r->output[q].question);
        set_mcnemar(json, p);
        leadseq_json_set(json, "metrics", pair_metrics(p));
        leadseq_json_append(outputs, json);
    }
    return outputs;
}

static void set_pair_together(struct leadseq_json *json, const struct report *r,
                              const struct report_pair *p)
{
    if (!p->has_together) return;
    struct leadseq_json *all = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_JOINTS; k++) {
        struct leadseq_json *one = difference(&p->together[k]);
        leadseq_json_set_number(one, "p_holm", p->together_holm[k]);
        leadseq_json_set_number(one, "p_exchange", p->together_permuted[k]);
        leadseq_json_set_number(one, "bootstrap_low", p->together_resampled[k].low);
        leadseq_json_set_number(one, "bootstrap_high", p->together_resampled[k].high);
        leadseq_json_set_number(one, "bootstrap_p", p->together_resampled[k].p);
        leadseq_json_set(all, leadseq_joint_types[k].name, one);
    }
    leadseq_json_set(json, "together", all);
    if (r->classes)
        leadseq_json_set(json, "mcnemar_called",
                         mcnemar(&p->called, p->called_exact, p->called_mid));
}

static struct leadseq_json *pair(const struct report *r, size_t i)
{
    const struct report_pair *p = &r->pair[i];
    struct leadseq_json *json = leadseq_json_object(), *all = pair_metrics(p);
    leadseq_json_set_text(json, "a", p->a->name);
    leadseq_json_set_text(json, "b", p->b->name);
    set_mcnemar(json, p);
    bool beside = r->n_outputs && !r->several && p->a->test.output_label && p->b->test.output_label;
    for (int k = 0; beside && k < LEADSEQ_METRICS; k++) {
        char name[64];
        snprintf(name, sizeof name, "macro_%s", leadseq_metrics[k]->name);
        leadseq_json_set(all, name, difference(&p->macro[k]));
    }
    leadseq_json_set(json, "metrics", all);
    set_pair_together(json, r, p);
    if (r->several) leadseq_json_set(json, "outputs", pair_outputs(r, i));
    return json;
}

/* --- Seeds, subgroups, checklists ------------------------------------------------------------- */

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
    struct leadseq_json *json = leadseq_json_object(), *all = leadseq_json_object();
    struct leadseq_json *members = leadseq_json_array();
    leadseq_json_set_text(json, "experiment", g->name);
    leadseq_json_set_count(json, "seeds", g->n);
    for (size_t k = 0; k < g->n; k++)
        leadseq_json_append(members, leadseq_json_string(r->model[g->member[k]].name));
    leadseq_json_set(json, "models", members);
    for (int k = 0; k < LEADSEQ_METRICS; k++)
        leadseq_json_set(all, leadseq_metrics[k]->name, spread(&g->spread[k]));
    leadseq_json_set(json, "metrics", all);
    if (!g->has_together) return json;
    struct leadseq_json *together = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_JOINTS; k++)
        leadseq_json_set(together, leadseq_joint_types[k].name, spread(&g->together[k]));
    leadseq_json_set(json, "together", together);
    return json;
}

/* Of the means of two experiments. */
static struct leadseq_json *group_pair(const struct report_group *a, const struct report_group *b)
{
    struct leadseq_json *json = leadseq_json_object(), *all = leadseq_json_object();
    leadseq_json_set_text(json, "a", a->name);
    leadseq_json_set_text(json, "b", b->name);
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_difference d = leadseq_welch(&a->spread[k], &b->spread[k]);
        leadseq_json_set(all, leadseq_metrics[k]->name, difference(&d));
    }
    leadseq_json_set(json, "metrics", all);
    if (!a->has_together || !b->has_together) return json;
    struct leadseq_json *together = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_JOINTS; k++) {
        struct leadseq_difference d = leadseq_welch(&a->together[k], &b->together[k]);
        leadseq_json_set(together, leadseq_joint_types[k].name, difference(&d));
    }
    leadseq_json_set(json, "together", together);
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
        struct leadseq_json *json = leadseq_json_object(), *all = leadseq_json_object();
        leadseq_json_set_text(json, "name", r->model[m].name);
        for (int k = 0; k < LEADSEQ_METRICS; k++)
            if (s->metric[k])
                leadseq_json_set(all, leadseq_metrics[k]->name, estimate(&s->metric[k][m]));
        leadseq_json_set(json, "metrics", all);
        leadseq_json_append(models, json);
    }
    return models;
}

static struct leadseq_json *subgroup(const struct report *r, const struct report_subgroup *s)
{
    struct leadseq_json *json = leadseq_json_object(), *pairs = leadseq_json_array();
    if (r->whole) leadseq_json_set_text(json, "output", r->question);
    leadseq_json_set_text(json, "family", s->family);
    leadseq_json_set_text(json, "name", s->name);
    leadseq_json_set_count(json, "records", s->n);
    leadseq_json_set_count(json, "positives", s->positives);
    leadseq_json_set(json, "models", subgroup_models(r, s));
    for (size_t i = 0; i < r->n_pairs; i++) {
        struct leadseq_json *auc = difference(&s->auc_difference[i]);
        struct leadseq_json *two = leadseq_json_object();
        leadseq_json_set_number(auc, "p_holm", s->auc_holm[i]);
        leadseq_json_set_text(two, "a", r->pair[i].a->name);
        leadseq_json_set_text(two, "b", r->pair[i].b->name);
        leadseq_json_set(two, "auc", auc);
        leadseq_json_append(pairs, two);
    }
    leadseq_json_set(json, "pairs", pairs);
    return json;
}

static struct leadseq_json *checklist(const struct report *r, const struct report_checklist *list)
{
    struct leadseq_json *items = leadseq_json_array();
    for (size_t i = 0; i < list->n; i++) {
        char text[REPORT_WORDS];
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

/* --- The whole ----------------------------------------------------------------------------- */

static void set_records(struct leadseq_json *json, const struct report *r)
{
    leadseq_json_set_text(json, "split", r->split);
    leadseq_json_set_count(json, "records", r->records);
    if (r->several)
        leadseq_json_set_number(json, "positives", NAN);
    else
        leadseq_json_set_count(json, "positives", r->positives);
    leadseq_json_set_number(json, "patients", r->patient_id ? (double)r->patients : NAN);
    leadseq_json_set_bool(json, "simulated", r->simulated);
    leadseq_json_set_bool(json, "for_clinical_use", false);
}

/* Of several outputs: how many records each has. */
static struct leadseq_json *outputs(const struct report *r)
{
    struct leadseq_json *all = leadseq_json_array();
    for (size_t k = 0; k < r->n_outputs; k++) {
        struct leadseq_json *json = leadseq_json_object();
        leadseq_json_set_text(json, "name", r->output[k].question);
        leadseq_json_set_count(json, "records", r->output[k].records);
        leadseq_json_set_count(json, "positives", r->output[k].positives);
        leadseq_json_set_count(json, "label_unknown", r->output[k].unknown);
        leadseq_json_append(all, json);
    }
    return all;
}

static void append_subgroups(struct leadseq_json *all, const struct report *r)
{
    for (size_t i = 0; i < r->n_subgroups; i++)
        leadseq_json_append(all, subgroup(r, &r->subgroup[i]));
    for (size_t k = 0; r->several && k < r->n_outputs; k++) append_subgroups(all, &r->output[k]);
}

static struct leadseq_json *resampling(const struct report *r)
{
    struct leadseq_bootstrap_options o = report_bootstrap_options(r);
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "resamples", report_resamples(r));
    leadseq_json_set_count(json, "seed", o.seed);
    leadseq_json_set_text(json, "unit", r->patient_id ? "patient" : "record");
    return json;
}

/* --- Published results ----------------------------------------------------------------------- */

static struct leadseq_json *decided(const struct report_decided *d)
{
    struct leadseq_json *json = confusion(&d->count);
    leadseq_json_set(json, "error", estimate(&d->error));
    leadseq_json_set(json, "sensitivity", estimate(&d->sensitivity));
    leadseq_json_set(json, "precision", estimate(&d->precision));
    return json;
}

static struct leadseq_json *published(const struct report_published *p)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "model", p->model->name);
    leadseq_json_set_text(json, "nothing_fits", *p->why ? p->why : NULL);
    if (*p->why) return json;
    leadseq_json_set_text(json, "figure", p->figure);
    leadseq_json_set_count(json, "dataset", (size_t)p->dataset);
    leadseq_json_set_text(json, "selection", p->selection);
    leadseq_json_set_count(json, "depth", (size_t)p->depth);
    leadseq_json_set_count(json, "batch", (size_t)p->batch);
    leadseq_json_set_number(json, "epoch", p->epoch >= 0 ? p->epoch : NAN);
    leadseq_json_set(json, "ours", decided(&p->ours));
    leadseq_json_set(json, "published", decided(&p->theirs));
    leadseq_json_set(json, "difference", difference(&p->difference));
    leadseq_json_set_text(json, "other_records", *p->other ? p->other : NULL);
    if (!*p->other) leadseq_json_set_bool(json, "compatible", p->compatible);
    return json;
}

int report_results_save(const struct report *r, const char *path)
{
    char when[32];
    leadseq_timestamp(when);
    struct leadseq_json *json = leadseq_json_object(), *models = leadseq_json_array();
    struct leadseq_json *pairs = leadseq_json_array(), *notes = leadseq_json_array();
    struct leadseq_json *subgroups = leadseq_json_array(), *lists = leadseq_json_object();
    for (size_t i = 0; i < r->n_models; i++) leadseq_json_append(models, model(r, &r->model[i]));
    for (size_t i = 0; i < r->n_pairs; i++) leadseq_json_append(pairs, pair(r, i));
    for (size_t i = 0; i < r->n_notes; i++)
        leadseq_json_append(notes, leadseq_json_string(r->note[i]));
    leadseq_json_set_text(json, "program", PACKAGE_STRING);
    leadseq_json_set_text(json, "created", when);
    leadseq_json_set_text(json, "command", r->options->command_line);
    set_records(json, r);
    leadseq_json_set(json, "resampling", resampling(r));
    leadseq_json_set(json, "models", models);
    leadseq_json_set(json, "pairs", pairs);
    if (r->several) leadseq_json_set(json, "outputs", outputs(r));
    set_groups(json, r);
    append_subgroups(subgroups, r);
    leadseq_json_set(json, "subgroups", subgroups);
    struct leadseq_json *results = r->n_published ? leadseq_json_array() : NULL;
    for (size_t i = 0; i < r->n_published; i++)
        leadseq_json_append(results, published(&r->published[i]));
    if (results) leadseq_json_set(json, "published", results);
    leadseq_json_set(lists, report_tripod.name, checklist(r, &report_tripod));
    leadseq_json_set(lists, report_stard.name, checklist(r, &report_stard));
    leadseq_json_set(json, "checklists", lists);
    leadseq_json_set(json, "notes", notes);
    int status = leadseq_json_save(json, path);
    leadseq_json_free(json);
    return status;
}
