/* SPDX-License-Identifier: MIT
 *
 * The metrics of a validation, which of two values is the better one, and when a
 * training has waited long enough for a better one. */
#include "monitor.h"

#include "stats/stats.h"

#include <math.h>

/* value[m] of one output at its threshold, but for the loss. */
static int score_output(struct train_validation *v, const struct train_predictions *p, int output,
                        double value[LEADSEQ_MONITOR_LOSS])
{
    struct train_output o;
    if (train_output_init(&o, p, output)) return -1;
    v->threshold[output] = train_threshold(&o);
    const struct leadseq_predicted predicted = {
        .n = o.n,
        .probability = o.probability,
        .label = o.label,
        .threshold = isnan(v->threshold[output]) ? 0.5 : v->threshold[output],
    };
    int status = 0;
    for (int m = 0; !status && m < LEADSEQ_MONITOR_LOSS; m++)
        status = leadseq_metric_of(&value[m], leadseq_monitor_metric[m], &predicted);
    v->auc[output] = value[LEADSEQ_MONITOR_AUC];
    train_output_clear(&o);
    return status;
}

int train_monitor_score(struct train_validation *v, const struct train_predictions *p)
{
    double value[LEADSEQ_OUTPUTS_MOST][LEADSEQ_MONITOR_LOSS], of[LEADSEQ_OUTPUTS_MOST];
    for (int k = 0; k < p->outputs; k++)
        if (score_output(v, p, k, value[k])) return -1;
    v->value[LEADSEQ_MONITOR_LOSS] = p->loss;
    for (int m = 0; m < LEADSEQ_MONITOR_LOSS; m++) {
        for (int k = 0; k < p->outputs; k++) of[k] = value[k][m];
        v->value[m] = train_macro(of, p->outputs);
    }
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

/* Patience has its own best value, apart from the best checkpoint's: min_delta applies to patience
 * only. With min_delta 0.01 an AUC of .801 after .800 is a new best checkpoint, but does not
 * restart the count. */
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
