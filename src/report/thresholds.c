/* SPDX-License-Identifier: MIT
 *
 * The thresholds and the temperature of each model, chosen on its own validation
 * predictions and on nothing else: not where those are among the records compared. */
#include "report_private.h"

#include <stdlib.h>

static const char *const no_validation = "no validation predictions";

/* Why nothing can be chosen; false where it can. */
static bool find_obstacle(char origin[256], const struct report *r, const struct report_model *m)
{
    const struct report_set *valid = &m->valid;
    size_t positives = report_set_positives(valid);
    size_t judged = report_count_common(r->ecg_id, r->records, valid->ecg_id, valid->n);
    if (!valid->n)
        snprintf(origin, 256, "none: %s",
                 m->is_run ? "the run has no predictions-valid.tsv"
                           : "the table has no rows of split valid");
    else if (!valid->label)
        snprintf(origin, 256, "none: the validation records have no label");
    else if (judged)
        snprintf(origin, 256, "none: %zu of the records compared are its validation records",
                 judged);
    else if (!positives || positives == valid->n)
        snprintf(origin, 256, "none: the validation records are of one class");
    else
        return false;
    return true;
}

static int choose_temperature(struct report_model *m)
{
    const struct report_set *valid = &m->valid;
    double *logit = leadseq_calloc(valid->n, sizeof *logit);
    if (!logit) return -1;
    for (size_t i = 0; i < valid->n; i++) logit[i] = leadseq_logit(valid->probability[i]);
    m->temperature = leadseq_temperature(logit, valid->label, valid->n);
    free(logit);
    return 0;
}

static int choose(const struct report *r, struct report_model *m)
{
    struct leadseq_curve curve;
    m->threshold = m->f_threshold = NAN;
    m->temperature = (struct leadseq_estimate){NAN, NAN, NAN, no_validation};
    if (find_obstacle(m->origin, r, m)) return 0;
    if (leadseq_curve_init(&curve, m->valid.probability, m->valid.label, m->valid.n)) return -1;
    m->threshold = leadseq_curve_youden(&curve);
    leadseq_curve_f_max(&curve, &m->f_threshold);
    leadseq_curve_clear(&curve);
    snprintf(m->origin, sizeof m->origin, "largest Youden index on validation");
    return choose_temperature(m);
}

int report_thresholds_choose(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (choose(r, m)) return -1;
        if (isnan(m->threshold) &&
            report_note(r, "%s has no threshold (%s): only what needs no threshold is shown of it.",
                        m->name, m->origin))
            return -1;
    }
    return 0;
}
