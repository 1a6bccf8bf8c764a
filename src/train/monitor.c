/* SPDX-License-Identifier: MIT
 *
 * The metrics of a validation, which of two values is the better one, and when a
 * training has waited long enough for a better one. */
#include "train_private.h"

#include <math.h>

void train_monitor_score(double value[LEADSEQ_MONITORS], const struct train_predictions *p,
                         double threshold)
{
    const double at = isnan(threshold) ? 0.5 : threshold;
    const struct leadseq_confusion c = leadseq_confusion_at(p->probability, p->label, p->n, at);
    value[LEADSEQ_MONITOR_AUC] = leadseq_auc(p->probability, p->label, p->n);
    value[LEADSEQ_MONITOR_LOSS] = p->loss;
    value[LEADSEQ_MONITOR_AVERAGE_PRECISION] =
        leadseq_average_precision(p->probability, p->label, p->n);
    value[LEADSEQ_MONITOR_BRIER] = leadseq_brier(p->probability, p->label, p->n);
    value[LEADSEQ_MONITOR_SENSITIVITY] = leadseq_sensitivity(&c);
    value[LEADSEQ_MONITOR_SPECIFICITY] = leadseq_specificity(&c);
    value[LEADSEQ_MONITOR_PRECISION] = leadseq_precision(&c);
    value[LEADSEQ_MONITOR_F1] = leadseq_f1(&c);
    value[LEADSEQ_MONITOR_ACCURACY] = leadseq_accuracy(&c);
}

static bool is_cost(enum leadseq_monitor m)
{
    return m == LEADSEQ_MONITOR_LOSS || m == LEADSEQ_MONITOR_BRIER;
}

bool train_monitor_better(enum leadseq_monitor m, double value, double than, double margin)
{
    if (isnan(than)) return !isnan(value);
    return is_cost(m) ? value < than - margin : value > than + margin;
}

void train_patience_look(struct train_patience *p, const struct leadseq_experiment *e,
                         uint64_t epoch, const double value[LEADSEQ_MONITORS])
{
    enum leadseq_monitor m = e->train.monitor;
    if (!train_monitor_better(m, value[m], p->value, e->train.min_delta)) return;
    *p = (struct train_patience){value[m], epoch};
}

bool train_patience_ended(const struct train_state *state, const struct leadseq_experiment *e)
{
    uint64_t most = (uint64_t)e->train.patience;
    return most && state->epoch >= state->patience.epoch + most;
}
