/* SPDX-License-Identifier: MIT
 *
 * report.json: every figure with every digit, for programs. */
#include "report_private.h"

#include "config.h"

#include <math.h>

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

static struct leadseq_json *confusion(const struct leadseq_confusion *c)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "tp", c->tp);
    leadseq_json_set_count(json, "fp", c->fp);
    leadseq_json_set_count(json, "fn", c->fn);
    leadseq_json_set_count(json, "tn", c->tn);
    return json;
}

static struct leadseq_json *model(const struct report_model *m)
{
    struct leadseq_json *json = leadseq_json_object(), *metrics = leadseq_json_object();
    leadseq_json_set_text(json, "name", m->name);
    leadseq_json_set_text(json, "kind", !m->path ? "constant" : m->is_run ? "run" : "table");
    leadseq_json_set_text(json, "input", m->path);
    leadseq_json_set_number(json, "threshold", m->threshold);
    leadseq_json_set_text(json, "threshold_origin", m->origin);
    leadseq_json_set_count(json, "validation_records", m->valid.n);
    if (!isnan(m->threshold)) leadseq_json_set(json, "confusion", confusion(&m->confusion));
    for (int k = 0; k < REPORT_METRICS; k++)
        leadseq_json_set(metrics, report_metric_info[k].name, estimate(&m->metric[k]));
    leadseq_json_set(json, "metrics", metrics);
    return json;
}

static struct leadseq_json *pair(const struct report_pair *p)
{
    struct leadseq_json *json = leadseq_json_object(), *metrics = leadseq_json_object();
    leadseq_json_set_text(json, "a", p->a->name);
    leadseq_json_set_text(json, "b", p->b->name);
    if (!isnan(p->a->threshold) && !isnan(p->b->threshold)) {
        struct leadseq_json *mcnemar = leadseq_json_object();
        leadseq_json_set_count(mcnemar, "only_a_right", p->only_a_right);
        leadseq_json_set_count(mcnemar, "only_b_right", p->only_b_right);
        leadseq_json_set_number(mcnemar, "p", p->metric[REPORT_ACCURACY].p);
        leadseq_json_set(json, "mcnemar", mcnemar);
    }
    for (int k = 0; k < REPORT_METRICS; k++)
        leadseq_json_set(metrics, report_metric_info[k].name, difference(&p->metric[k]));
    leadseq_json_set(json, "metrics", metrics);
    return json;
}

static void set_records(struct leadseq_json *json, const struct report *r)
{
    leadseq_json_set_text(json, "split", r->split);
    leadseq_json_set_count(json, "records", r->records);
    leadseq_json_set_count(json, "positives", r->positives);
    leadseq_json_set_number(json, "patients", r->patient_id ? (double)r->patients : NAN);
    leadseq_json_set_bool(json, "simulated", r->simulated);
    leadseq_json_set_bool(json, "for_clinical_use", false);
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
    leadseq_json_set(json, "models", models);
    leadseq_json_set(json, "pairs", pairs);
    leadseq_json_set(json, "notes", notes);
    int status = leadseq_json_save(json, path);
    leadseq_json_free(json);
    return status;
}
