/* SPDX-License-Identifier: MIT
 *
 * Metrics of the decisions at a threshold: made of the four counts, whose own functions are
 * in confusion.c and ratio.c. */
#include "metric.h"

#include <math.h>

static struct leadseq_confusion counts_of(const struct leadseq_predicted *p)
{
    struct leadseq_confusion none = {0};
    if (isnan(p->threshold)) return none;
    return leadseq_confusion_at(p->probability, p->label, p->n, p->threshold);
}

/* The two functions that every such metric has: of a resample, and of records that count once. */
#define OF_COUNTS(name, figure)                                                                    \
    static double name(const struct stats_sample *sample)                                          \
    {                                                                                              \
        return figure(&sample->decisions);                                                         \
    }                                                                                              \
    static double plain_##name(const struct leadseq_predicted *p)                                  \
    {                                                                                              \
        struct leadseq_confusion c = counts_of(p);                                                 \
        return figure(&c);                                                                         \
    }

/* The decisions on records of that label (-1: of any) as shares of two models. */
static int newcombe(struct leadseq_difference *d, const struct leadseq_predicted *a,
                    const struct leadseq_predicted *b, int label)
{
    struct leadseq_pairs pairs = leadseq_pairs_right(a, b, label);
    *d = leadseq_newcombe(&pairs);
    return 0;
}

#define DECISION .needs = LEADSEQ_OF_DECISIONS
#define BOTH     DECISION, .needs_positives = true, .needs_negatives = true

/* --- Shares, with Wilson's interval --------------------------------------------------------- */

OF_COUNTS(sensitivity, leadseq_sensitivity)

static int sensitivity_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_wilson(c.tp, c.tp + c.fn);
    return 0;
}

static int sensitivity_paired(struct leadseq_difference *d, const struct leadseq_predicted *a,
                              const struct leadseq_predicted *b)
{
    return newcombe(d, a, b, 1);
}

const struct leadseq_metric_type leadseq_metric_sensitivity = {
    .name = "sensitivity",
    .title = "Sensitivity",
    DECISION,
    .place = LEADSEQ_IN_HEADLINE,
    .needs_positives = true,
    .fixed_for_constant = true,
    .value = sensitivity,
    .plain = plain_sensitivity,
    .interval = sensitivity_interval,
    .paired = sensitivity_paired,
};

OF_COUNTS(specificity, leadseq_specificity)

static int specificity_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_wilson(c.tn, c.tn + c.fp);
    return 0;
}

static int specificity_paired(struct leadseq_difference *d, const struct leadseq_predicted *a,
                              const struct leadseq_predicted *b)
{
    return newcombe(d, a, b, 0);
}

const struct leadseq_metric_type leadseq_metric_specificity = {
    .name = "specificity",
    .title = "Specificity",
    DECISION,
    .place = LEADSEQ_IN_HEADLINE,
    .needs_negatives = true,
    .fixed_for_constant = true,
    .value = specificity,
    .plain = plain_specificity,
    .interval = specificity_interval,
    .paired = specificity_paired,
};

OF_COUNTS(precision, leadseq_precision)

static int precision_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_wilson(c.tp, c.tp + c.fp);
    if (!(c.tp + c.fp)) e->method = "nothing called positive";
    return 0;
}

const struct leadseq_metric_type leadseq_metric_precision = {
    .name = "precision",
    .title = "PPV (precision)",
    BOTH,
    .place = LEADSEQ_IN_SUMMARY,
    .value = precision,
    .plain = plain_precision,
    .interval = precision_interval,
};

OF_COUNTS(npv, leadseq_npv)

static int npv_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_wilson(c.tn, c.tn + c.fn);
    if (!(c.tn + c.fn)) e->method = "nothing called negative";
    return 0;
}

const struct leadseq_metric_type leadseq_metric_npv = {
    .name = "npv",
    .title = "NPV",
    BOTH,
    .value = npv,
    .plain = plain_npv,
    .interval = npv_interval,
};

OF_COUNTS(accuracy, leadseq_accuracy)

static int accuracy_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_wilson(c.tp + c.tn, c.tp + c.fp + c.fn + c.tn);
    return 0;
}

static int accuracy_paired(struct leadseq_difference *d, const struct leadseq_predicted *a,
                           const struct leadseq_predicted *b)
{
    return newcombe(d, a, b, -1);
}

const struct leadseq_metric_type leadseq_metric_accuracy = {
    .name = "accuracy",
    .title = "Accuracy",
    DECISION,
    .place = LEADSEQ_IN_SUMMARY,
    .value = accuracy,
    .plain = plain_accuracy,
    .interval = accuracy_interval,
    .paired = accuracy_paired,
};

/* --- Others, with the bootstrap's interval -------------------------------------------------- */

OF_COUNTS(f1, leadseq_f1)

const struct leadseq_metric_type leadseq_metric_f1 = {
    .name = "f1",
    .title = "F1",
    BOTH,
    .place = LEADSEQ_IN_SUMMARY,
    .fixed_for_constant = true,
    .value = f1,
    .plain = plain_f1,
};

OF_COUNTS(balanced_accuracy, leadseq_balanced_accuracy)

const struct leadseq_metric_type leadseq_metric_balanced_accuracy = {
    .name = "balanced_accuracy",
    .title = "Balanced accuracy",
    BOTH,
    .place = LEADSEQ_IN_SUMMARY,
    .fixed_for_constant = true,
    .value = balanced_accuracy,
    .plain = plain_balanced_accuracy,
};

OF_COUNTS(mcc, leadseq_mcc)

const struct leadseq_metric_type leadseq_metric_mcc = {
    .name = "mcc",
    .title = "MCC",
    BOTH,
    .place = LEADSEQ_IN_SUMMARY,
    .fixed_for_constant = true,
    .value = mcc,
    .plain = plain_mcc,
};

OF_COUNTS(kappa, leadseq_kappa)

const struct leadseq_metric_type leadseq_metric_kappa = {
    .name = "kappa",
    .title = "Cohen's kappa",
    BOTH,
    .fixed_for_constant = true,
    .value = kappa,
    .plain = plain_kappa,
};

/* --- Likelihood ratios, on the scale of logarithms -------------------------------------------- */

static double lr_positive_figure(const struct leadseq_confusion *c)
{
    return leadseq_lr_positive(c).value;
}

OF_COUNTS(lr_positive, lr_positive_figure)

static int lr_positive_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_lr_positive(&c);
    return 0;
}

const struct leadseq_metric_type leadseq_metric_lr_positive = {
    .name = "lr_positive",
    .title = "LR+",
    BOTH,
    .decimals = 2,
    .fixed_for_constant = true,
    .value = lr_positive,
    .plain = plain_lr_positive,
    .interval = lr_positive_interval,
};

static double lr_negative_figure(const struct leadseq_confusion *c)
{
    return leadseq_lr_negative(c).value;
}

OF_COUNTS(lr_negative, lr_negative_figure)

static int lr_negative_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_confusion c = counts_of(p);
    *e = leadseq_lr_negative(&c);
    return 0;
}

const struct leadseq_metric_type leadseq_metric_lr_negative = {
    .name = "lr_negative",
    .title = "LR−",
    BOTH,
    .decimals = 2,
    .fixed_for_constant = true,
    .lower_is_better = true,
    .value = lr_negative,
    .plain = plain_lr_negative,
    .interval = lr_negative_interval,
};
