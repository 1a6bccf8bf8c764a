/* SPDX-License-Identifier: MIT
 *
 * Predictions on records the weights were not fitted to. Validation and test are
 * taken together: both come from the same checkpoint, and an AUC of twice the
 * records says twice as much. (That checkpoint was chosen on validation, which
 * favours that half a little; doc/diagnostics.md.) */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int make_room(struct verdict_scored *s, size_t more)
{
    size_t n = s->n + more + 1;
    double *logit = leadseq_realloc(s->logit, n, sizeof *logit);
    if (logit) s->logit = logit;
    double *probability = logit ? leadseq_realloc(s->probability, n, sizeof *probability) : NULL;
    if (probability) s->probability = probability;
    uint8_t *label = probability ? leadseq_realloc(s->label, n, sizeof *label) : NULL;
    if (label) s->label = label;
    return label ? 0 : -1;
}

/* Adds a part's rows; 1 where there are none or its columns are not ours. */
static int add_part(struct verdict *v, const char *name)
{
    struct verdict_table t;
    struct verdict_scored *s = &v->scored;
    if (verdict_table_read(&t, v->run, name)) return -1;
    const double *logit = verdict_column(&t, "logit"), *label = verdict_column(&t, "label");
    const double *probability = verdict_column(&t, "probability");
    bool usable = t.rows && logit && label && probability;
    int status = usable ? make_room(s, t.rows) : 1;
    for (size_t i = 0; !status && i < t.rows; i++) {
        if (!isfinite(logit[i]) || isnan(probability[i]) || (label[i] != 0 && label[i] != 1))
            continue;
        s->logit[s->n] = logit[i];
        s->probability[s->n] = probability[i];
        s->label[s->n] = label[i] == 1;
        s->positive += s->label[s->n++];
    }
    verdict_table_clear(&t);
    return status;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int count_distinct(struct verdict_scored *s)
{
    double *sorted = leadseq_calloc(s->n, sizeof *sorted);
    if (!sorted) return -1;
    memcpy(sorted, s->probability, s->n * sizeof *sorted);
    qsort(sorted, s->n, sizeof *sorted, compare);
    s->distinct = 1;
    for (size_t i = 1; i < s->n; i++) s->distinct += sorted[i] != sorted[i - 1];
    free(sorted);
    return 0;
}

static double deviation(const double *x, size_t n, double *mean)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - *mean) * (x[i] - *mean);
    return sqrt(square / (double)n);
}

static int measure(struct verdict_scored *s)
{
    double mean;
    s->logit_sd = deviation(s->logit, s->n, &s->logit_mean);
    s->probability_sd = deviation(s->probability, s->n, &mean);
    struct leadseq_confusion c = leadseq_confusion_at(s->probability, s->label, s->n, .5);
    s->sensitivity = leadseq_sensitivity(&c);
    s->specificity = leadseq_specificity(&c);
    if (count_distinct(s)) return -1;
    if (!s->positive || s->positive == s->n) return 0;
    if (leadseq_auc_delong(&s->auc, s->probability, s->label, s->n)) return -1;
    // no distinct scores leave DeLong's variance at zero: chance has this much
    double p = (double)s->positive, n = (double)(s->n - s->positive);
    double null = sqrt((p + n + 1) / (12 * p * n));
    double error = (s->auc.high - s->auc.low) / (2 * 1.959964);
    if (!(error > null / 4)) error = null;
    s->z = (s->auc.value - .5) / error;
    return 0;
}

int verdict_scored_read(struct verdict *v)
{
    struct verdict_scored *s = &v->scored;
    int valid = add_part(v, "predictions-valid.tsv"), test = 1;
    if (valid >= 0) test = add_part(v, "predictions-test.tsv");
    if (valid < 0 || test < 0) return -1;
    s->parts = valid ? test ? "" : "test" : test ? "validation" : "validation and test";
    s->z = s->auc.value = s->auc.low = s->auc.high = NAN;
    if (!s->n)
        verdict_note(v, "there are no predictions of validation or test records: whether it "
                        "learned can be said from its epochs only");
    return s->n ? measure(s) : 0;
}

void verdict_scored_clear(struct verdict_scored *s)
{
    free(s->logit);
    free(s->probability);
    free(s->label);
    *s = (struct verdict_scored){0};
}
