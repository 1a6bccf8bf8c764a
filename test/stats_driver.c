/* SPDX-License-Identifier: MIT
 *
 * Lets other programs check the statistics: reads lines "a b label" from
 * standard input, prints "name value" lines of what leadseq makes of them. */
#include <leadseq/stats.h>

#include <stdlib.h>

enum { ROWS_MAX = 100000 };

static double a[ROWS_MAX], b[ROWS_MAX];
static uint8_t label[ROWS_MAX];

static size_t read_rows(void)
{
    size_t n = 0;
    unsigned truth;
    while (n < ROWS_MAX && scanf("%lf %lf %u", &a[n], &b[n], &truth) == 3)
        label[n++] = (uint8_t)truth;
    return n;
}

static void print_estimate(const char *name, struct leadseq_estimate e)
{
    printf("%s %.17g\n%s_low %.17g\n%s_high %.17g\n", name, e.value, name, e.low, name, e.high);
}

static void print_decisions(size_t n)
{
    double threshold = leadseq_threshold_youden(a, label, n);
    struct leadseq_confusion c = leadseq_confusion_at(a, label, n, threshold);
    printf("youden %.17g\ntp %zu\nfp %zu\nfn %zu\ntn %zu\n", threshold, c.tp, c.fp, c.fn, c.tn);
    printf("f1 %.17g\nprecision %.17g\n", leadseq_f1(&c), leadseq_precision(&c));
    print_estimate("sensitivity", leadseq_wilson(c.tp, c.tp + c.fn));
    printf("mcnemar %.17g\n", leadseq_mcnemar(c.fp, c.fn));
}

int main(void)
{
    size_t n = read_rows();
    struct leadseq_estimate auc;
    struct leadseq_difference d;
    if (leadseq_auc_delong(&auc, a, label, n) || leadseq_auc_delong_paired(&d, a, b, label, n)) {
        fprintf(stderr, "%s\n", leadseq_error());
        return 1;
    }
    print_estimate("auc", auc);
    printf("difference %.17g\ndifference_low %.17g\ndifference_high %.17g\ndifference_p %.17g\n",
           d.difference, d.low, d.high, d.p);
    printf("average_precision %.17g\nbrier %.17g\n", leadseq_average_precision(a, label, n),
           leadseq_brier(a, label, n));
    print_decisions(n);
    return 0;
}
