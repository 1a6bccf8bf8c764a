/* SPDX-License-Identifier: MIT
 *
 * The metrics of a validation, which of two values is the better one, and when a
 * training has waited long enough for a better one. */
#include "monitor.h"

#include "stats/stats.h"

#include <math.h>

int train_monitor_score(double value[LEADSEQ_MONITORS], const struct train_predictions *p,
                        double threshold)
{
    const struct leadseq_predicted predicted = {p->n, p->probability, p->label,
                                                isnan(threshold) ? 0.5 : threshold};
    value[LEADSEQ_MONITOR_LOSS] = p->loss;
    for (int m = 0; m < LEADSEQ_MONITOR_LOSS; m++)
        if (leadseq_metric_of(&value[m], leadseq_monitor_metric[m], &predicted)) return -1;
    return 0;
}

static bool is_cost(enum leadseq_monitor m)
{
    return m == LEADSEQ_MONITOR_LOSS || leadseq_metrics[leadseq_monitor_metric[m]]->lower_is_better;
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
