/* SPDX-License-Identifier: MIT
 *
 * Lets other programs check the statistics: reads lines "a b label patient" from
 * standard input, two probabilities of a record, and prints "name value" lines of
 * what leadseq makes of them. Its argument: the resamples of the bootstrap. */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS_MAX = 100000, POINTS = 4, CLASSES = 3 };

static double a[ROWS_MAX], b[ROWS_MAX], logit[ROWS_MAX];
static uint8_t label[ROWS_MAX];
static int patient[ROWS_MAX], truth[ROWS_MAX], called[ROWS_MAX];

static size_t read_rows(void)
{
    size_t n = 0;
    unsigned positive;
    while (n < ROWS_MAX && scanf("%lf %lf %u %d", &a[n], &b[n], &positive, &patient[n]) == 4)
        label[n++] = (uint8_t)positive;
    return n;
}

static int give_up(void)
{
    fprintf(stderr, "%s\n", leadseq_error());
    return 1;
}

static void print_estimate(const char *name, struct leadseq_estimate e)
{
    printf("%s %.17g\n%s_low %.17g\n%s_high %.17g\n", name, e.value, name, e.low, name, e.high);
}

static void print_difference(const char *name, const char *suffix, struct leadseq_difference d)
{
    printf("%s%s %.17g\n%s%s_low %.17g\n%s%s_high %.17g\n%s%s_p %.17g\n", name, suffix,
           d.difference, name, suffix, d.low, name, suffix, d.high, name, suffix, d.p);
}

static void print_decisions(size_t n)
{
    double threshold = leadseq_threshold_youden(a, label, n);
    struct leadseq_confusion c = leadseq_confusion_at(a, label, n, threshold);
    printf("youden %.17g\ntp %zu\nfp %zu\nfn %zu\ntn %zu\n", threshold, c.tp, c.fp, c.fn, c.tn);
    print_estimate("wilson", leadseq_wilson(c.tp, c.tp + c.fn));
    print_estimate("lr+", leadseq_lr_positive(&c));
    print_estimate("lr-", leadseq_lr_negative(&c));
}

static void print_calibration(const struct leadseq_scored *s)
{
    static const char *const name[] = {"mass", "width"};
    for (int k = 0; k < 2; k++) {
        struct leadseq_reliability r = leadseq_reliability_of(s, (enum leadseq_binning)k);
        printf("%s_bins %zu\n%s_ece %.17g\n%s_largest %.17g\n", name[k], r.n_bins, name[k], r.ece,
               name[k], r.largest);
        printf("%s_reliability %.17g\n%s_resolution %.17g\n%s_uncertainty %.17g\n", name[k],
               r.reliability, name[k], r.resolution, name[k], r.uncertainty);
        printf("%s_variance %.17g\n%s_covariance %.17g\n", name[k], r.within_variance, name[k],
               r.within_covariance);
    }
    struct leadseq_recalibration r = leadseq_recalibrate(s);
    print_estimate("slope", r.slope);
    print_estimate("offset", r.offset);
    print_estimate("in_the_large", r.in_the_large);
    for (size_t i = 0; i < s->n; i++) logit[i] = leadseq_logit(s->probability[i]);
    print_estimate("temperature", leadseq_temperature(logit, s->label, s->n));
}

static void print_benefit(const struct leadseq_scored *s)
{
    static const double threshold[POINTS] = {.05, .1, .25, .5};
    double benefit[POINTS];
    leadseq_decision_curve(benefit, s, threshold, POINTS);
    for (int k = 0; k < POINTS; k++)
        printf("benefit_%d %.17g\nbenefit_all_%d %.17g\n", k, benefit[k], k,
               leadseq_net_benefit_all(s->positives, s->n, threshold[k]));
}

static void print_pairs(const struct leadseq_scored *s)
{
    static const char *const of[] = {"specificity", "sensitivity"};
    for (int k = 0; k < 2; k++) {
        const struct leadseq_predicted p[] = {
            {s[0].n, s[0].probability, s[0].label, s[0].threshold, NULL},
            {s[1].n, s[1].probability, s[1].label, s[1].threshold, NULL},
        };
        struct leadseq_pairs pairs = leadseq_pairs_right(&p[0], &p[1], k);
        print_difference("newcombe_", of[k], leadseq_newcombe(&pairs));
        printf("mcnemar_mid_%s %.17g\n", of[k], leadseq_mcnemar_mid(pairs.only_a, pairs.only_b));
    }
}

/* Three classes made of what there is: the positives parted by b, the calls by a. */
static int print_classes(size_t n)
{
    size_t count[CLASSES * CLASSES];
    for (size_t i = 0; i < n; i++) {
        truth[i] = label[i] ? 1 + (b[i] > .6) : 0;
        called[i] = (a[i] > .4) + (a[i] > .7);
    }
    if (leadseq_classes_count(count, truth, called, NULL, n, CLASSES)) return -1;
    struct leadseq_classes_figures f = leadseq_classes_measure(count, CLASSES);
    printf("classes_accuracy %.17g\nclasses_balanced %.17g\nclasses_f1 %.17g\n", f.accuracy,
           f.balanced_accuracy, f.macro_f1);
    printf("classes_precision %.17g\nclasses_kappa %.17g\nclasses_mcc %.17g\n", f.macro_precision,
           f.kappa, f.mcc);
    return 0;
}

/* As if the first figures were those of seeds. */
static void print_seeds(void)
{
    struct leadseq_spread x = leadseq_spread_of(a, 6), y = leadseq_spread_of(b, 5);
    printf("seeds_low %.17g\nseeds_high %.17g\nseeds_sd %.17g\n", x.low, x.high, x.sd);
    print_difference("welch", "", leadseq_welch(&x, &y));
}

static int print_resampled(const struct leadseq_scored *s, size_t resamples)
{
    struct leadseq_bootstrap_options options = {
        .resamples = resamples, .seed = 1, .cluster = patient};
    struct leadseq_resampled r;
    double p[LEADSEQ_METRICS];
    if (leadseq_resample_models(&r, s, 2, &options)) return -1;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_estimate e;
        struct leadseq_difference d;
        if (leadseq_resampled_estimate(&e, &r, k) ||
            leadseq_resampled_difference(&d, &r, k, LEADSEQ_METRICS + k))
            return -1;
        print_estimate(leadseq_metrics[k]->name, e);
        print_difference(leadseq_metrics[k]->name, "_difference", d);
    }
    leadseq_resampled_clear(&r);
    options.resamples = 4000;
    if (leadseq_permute_models(p, &s[0], &s[1], &options)) return -1;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++)
        printf("%s_permutation %.17g\n", leadseq_metrics[k]->name, p[k]);
    return 0;
}

static int print_areas(size_t n)
{
    struct leadseq_estimate auc;
    struct leadseq_difference d;
    if (leadseq_auc_delong(&auc, a, label, n)) return -1;
    print_estimate("delong", auc);
    if (leadseq_auc_interval(&auc, a, label, NULL, n)) return -1;
    print_estimate("delong_logit", auc);
    if (leadseq_auc_interval(&auc, a, label, patient, n)) return -1;
    print_estimate("obuchowski", auc);
    if (leadseq_auc_difference(&d, a, b, label, patient, n)) return -1;
    print_difference("obuchowski_difference", "", d);
    if (leadseq_auc_delong_paired(&d, a, b, label, n)) return -1;
    print_difference("delong_difference", "", d);
    return 0;
}

int main(int argc, char **argv)
{
    size_t n = read_rows();
    double holm[5];
    struct leadseq_scored s[2];
    if (print_areas(n)) return give_up();
    print_decisions(n);
    if (leadseq_scored_init(&s[0], a, label, n, leadseq_threshold_youden(a, label, n)) ||
        leadseq_scored_init(&s[1], b, label, n, leadseq_threshold_youden(b, label, n)))
        return give_up();
    print_calibration(&s[0]);
    print_benefit(&s[0]);
    print_pairs(s);
    print_seeds();
    if (leadseq_holm(holm, a, 5)) return give_up();
    for (int k = 0; k < 5; k++) printf("holm_%d %.17g\n", k, holm[k]);
    if (print_classes(n) || print_resampled(s, argc > 1 ? strtoul(argv[1], NULL, 10) : 200))
        return give_up();
    leadseq_scored_clear(&s[0]);
    leadseq_scored_clear(&s[1]);
    return 0;
}
