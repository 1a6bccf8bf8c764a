/* SPDX-License-Identifier: MIT
 *
 * report.json: every figure with every digit, for programs. */
#include "results.h"

#include "config.h"

struct leadseq_json *results_estimate(const struct leadseq_estimate *e)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "value", e->value);
    leadseq_json_set_number(json, "low", e->low);
    leadseq_json_set_number(json, "high", e->high);
    leadseq_json_set_text(json, "method", e->method);
    return json;
}

struct leadseq_json *results_difference(const struct leadseq_difference *d)
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
        struct leadseq_json *metric = results_estimate(&m->metric[k]);
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
        leadseq_json_set(json, name, results_estimate(&m->tempered_metric[k]));
    }
    leadseq_json_set(json, "f1_at_valid_f_max", results_estimate(&m->f1_at_valid_f_max));
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

static struct leadseq_json *model(const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "name", m->name);
    leadseq_json_set_text(json, "kind", !m->path ? "constant" : m->is_run ? "run" : "table");
    leadseq_json_set_text(json, "input", m->path);
    leadseq_json_set_text(json, "flaw", m->flaw);
    leadseq_json_set_number(json, "threshold", m->threshold);
    leadseq_json_set_text(json, "threshold_origin", m->origin);
    leadseq_json_set_number(json, "f_max_threshold", m->f_threshold);
    leadseq_json_set(json, "temperature", results_estimate(&m->temperature));
    leadseq_json_set_count(json, "validation_records", m->valid.n);
    leadseq_json_set_number(json, "training_records",
                            m->train_records ? (double)m->train_records : NAN);
    leadseq_json_set_number(json, "training_positives",
                            m->train_records ? (double)m->train_positives : NAN);
    if (!isnan(m->threshold)) leadseq_json_set(json, "confusion", confusion(&m->confusion));
    leadseq_json_set(json, "metrics", metrics(m));
    leadseq_json_set(json, "brier_parts", brier_parts(&m->mass));
    if (m->class) leadseq_json_set(json, "superclasses", results_classes(m));
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

static struct leadseq_json *pair(const struct report_pair *p)
{
    struct leadseq_json *json = leadseq_json_object(), *all = leadseq_json_object();
    leadseq_json_set_text(json, "a", p->a->name);
    leadseq_json_set_text(json, "b", p->b->name);
    set_mcnemar(json, p);
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_json *metric = results_difference(&p->metric[k]);
        leadseq_json_set_number(metric, "p_holm", p->holm[k]);
        leadseq_json_set_number(metric, "p_exchange", p->permuted[k]);
        leadseq_json_set_number(metric, "bootstrap_low", p->resampled[k].low);
        leadseq_json_set_number(metric, "bootstrap_high", p->resampled[k].high);
        leadseq_json_set_number(metric, "bootstrap_p", p->resampled[k].p);
        leadseq_json_set(all, leadseq_metrics[k]->name, metric);
    }
    for (int q = 0; q < REPORT_MACROS && p->a->class && p->b->class; q++)
        leadseq_json_set(all, report_macro_info[q].name, results_difference(&p->macro[q]));
    leadseq_json_set(json, "metrics", all);
    return json;
}

/* --- The whole ----------------------------------------------------------------------------- */

static void set_records(struct leadseq_json *json, const struct report *r)
{
    leadseq_json_set_text(json, "split", r->split);
    leadseq_json_set_count(json, "records", r->records);
    leadseq_json_set_count(json, "positives", r->positives);
    leadseq_json_set_number(json, "patients", r->patient_id ? (double)r->patients : NAN);
    leadseq_json_set_bool(json, "simulated", r->simulated);
    leadseq_json_set_bool(json, "for_clinical_use", false);
}

static struct leadseq_json *resampling(const struct report *r)
{
    struct leadseq_bootstrap_options o = report_bootstrap_options(r);
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "resamples", o.resamples ? o.resamples : LEADSEQ_RESAMPLES);
    leadseq_json_set_count(json, "seed", o.seed);
    leadseq_json_set_text(json, "unit", r->patient_id ? "patient" : "record");
    return json;
}

int report_results_save(const struct report *r, const char *path)
{
    char when[32];
    leadseq_timestamp(when);
    struct leadseq_json *json = leadseq_json_object(), *models = leadseq_json_array();
    struct leadseq_json *pairs = leadseq_json_array(), *notes = leadseq_json_array();
    for (size_t i = 0; i < r->n_models; i++) leadseq_json_append(models, model(&r->model[i]));
    for (size_t i = 0; i < r->n_pairs; i++) leadseq_json_append(pairs, pair(&r->pair[i]));
    for (size_t i = 0; i < r->n_notes; i++)
        leadseq_json_append(notes, leadseq_json_string(r->note[i]));
    leadseq_json_set_text(json, "program", PACKAGE_STRING);
    leadseq_json_set_text(json, "created", when);
    leadseq_json_set_text(json, "command", r->options->command_line);
    set_records(json, r);
    leadseq_json_set(json, "resampling", resampling(r));
    leadseq_json_set(json, "models", models);
    leadseq_json_set(json, "pairs", pairs);
    results_set_more(json, r);
    leadseq_json_set(json, "notes", notes);
    int status = leadseq_json_save(json, path);
    leadseq_json_free(json);
    return status;
}
