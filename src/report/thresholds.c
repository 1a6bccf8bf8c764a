/* SPDX-License-Identifier: MIT
 *
 * The threshold of each model, chosen on its own validation predictions and on
 * nothing else, and the constant classifier that stands beside the models. */
#include "report_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void choose(struct report_model *m)
{
    const struct report_set *valid = &m->valid;
    m->threshold = NAN;
    if (!valid->n) {
        snprintf(m->origin, sizeof m->origin, "%s",
                 m->is_run ? "none: the run has no predictions-valid.tsv"
                           : "none: the table has no rows of split valid");
        return;
    }
    if (!valid->label) {
        snprintf(m->origin, sizeof m->origin, "none: the validation records have no label");
        return;
    }
    m->threshold = leadseq_threshold_youden(valid->probability, valid->label, valid->n);
    snprintf(m->origin, sizeof m->origin, "%s",
             isnan(m->threshold) ? "none: the validation records are of one class"
                                 : "largest Youden index on validation");
}

static bool without_threshold(const struct report_model *m)
{
    return isnan(m->threshold);
}

int report_thresholds_choose(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        choose(m);
        if (!without_threshold(m)) continue;
        if (report_note(r, "%s has no threshold (%s): only what needs no threshold is shown of it.",
                        m->name, m->origin))
            return -1;
    }
    return 0;
}

/* The share of positives a constant classifier knows: that of some input's training records. */
static double training_prevalence(const struct report *r, const char **of)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        *of = m->name;
        if (m->train_records) return (double)m->train_positives / (double)m->train_records;
    }
    return NAN;
}

static int copy_ids(struct report_set *to, const struct report_set *from)
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
    const char *of = "";
    double p = training_prevalence(r, &of);
    r->n_models = r->n_inputs + 1;
    m->name = leadseq_format("constant");
    if (!m->name || copy_ids(&m->test, &r->model[0].test)) return -1;
    m->threshold = .5;
    if (isnan(p)) {
        p = 2 * r->positives > r->records;
        snprintf(m->origin, sizeof m->origin,
                 "says the most frequent class of the records compared (training prevalence "
                 "unknown)");
    } else {
        snprintf(m->origin, sizeof m->origin, "says the training prevalence of %.60s, %.4f", of, p);
    }
    for (size_t i = 0; i < m->test.n; i++) m->test.probability[i] = p;
    return 0;
}
