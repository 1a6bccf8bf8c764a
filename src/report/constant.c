/* SPDX-License-Identifier: MIT
 *
 * The constant classifier that stands beside the models: it says the prevalence
 * of the training records, of everyone. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

struct prevalence {
    size_t records, positives;
    char of[128]; /* whose */
};

static bool knows_record(const struct report *r, int ecg_id)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        if (report_set_find(&m->test, ecg_id) < m->test.n) return true;
        if (report_set_find(&m->valid, ecg_id) < m->valid.n) return true;
    }
    return false;
}

/* Of the first input that tells it, else of the stack's records that nobody compares or chose on.
 */
static void find_prevalence(struct prevalence *p, const struct report *r)
{
    *p = (struct prevalence){0};
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        if (!m->train_records) continue;
        *p = (struct prevalence){m->train_records, m->train_positives, ""};
        snprintf(p->of, sizeof p->of, "the training prevalence of %.90s", m->name);
        return;
    }
    for (size_t i = 0; i < r->stack_rows; i++) {
        const struct leadseq_stack_row *row = &r->stack_row[i];
        if (row->mi > 1 || knows_record(r, row->ecg_id)) continue;
        p->records++;
        p->positives += row->mi;
    }
    snprintf(p->of, sizeof p->of, "the prevalence of the stack's other %zu records", p->records);
}

/* A copy of what labels the records compared. */
static int copy_set(struct report_set *to, const struct report_set *from)
{
    to->n = from->n;
    to->ecg_id = leadseq_calloc(from->n, sizeof *to->ecg_id);
    to->label = leadseq_calloc(from->n, sizeof *to->label);
    to->probability = leadseq_calloc(from->n, sizeof *to->probability);
    if (!to->ecg_id || !to->label || !to->probability) return -1;
    memcpy(to->ecg_id, from->ecg_id, from->n * sizeof *to->ecg_id);
    memcpy(to->label, from->label, from->n * sizeof *to->label);
    return 0;
}

int report_constant_add(struct report *r)
{
    struct report_model *m = &r->model[r->n_inputs];
    struct prevalence p;
    find_prevalence(&p, r);
    r->n_models = r->n_inputs + 1;
    m->name = leadseq_format("constant");
    if (!m->name || copy_set(&m->test, &r->model[0].test)) return -1;
    m->threshold = .5;
    m->f_threshold = NAN;
    m->temperature = (struct leadseq_estimate){NAN, NAN, NAN, "a constant is not tempered"};
    double says = 2 * r->positives > r->records;
    if (p.records) {
        says = (double)p.positives / (double)p.records;
        snprintf(m->origin, sizeof m->origin, "says %.120s, %.4f", p.of, says);
        m->train_records = p.records;
        m->train_positives = p.positives;
    } else {
        snprintf(m->origin, sizeof m->origin,
                 "says the most frequent class of the records compared (training prevalence "
                 "unknown)");
    }
    for (size_t i = 0; i < m->test.n; i++) m->test.probability[i] = says;
    return 0;
}
