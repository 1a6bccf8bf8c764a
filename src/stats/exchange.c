/* SPDX-License-Identifier: MIT
 *
 * The permutation test of all metrics of two models. Metrics of order see midranks
 * exchanged (Venkatraman & Begg, Biometrika 1996), so that scores on different scales
 * may be compared; metrics of probabilities see those, decisions see decisions. */
#include "metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What both models say of all records, 2n items by falling score: item i is record i by a,
 * item n + i record i by b. Logits only where they are asked for. */
struct deck {
    uint32_t *item;
    double *score, *logit, *against;
};

struct exchange {
    const struct leadseq_scored *model[2];
    struct leadseq_scored between; /* where recalibrations of exchanged models start */
    size_t n;
    struct deck ranks, probabilities;
    uint32_t *items;
    double *numbers;
};

/* The two models as exchanged: what a view borrows. */
struct hands {
    double *sorted[2], *logit[2], *against[2];
    uint8_t *truth[2];
};

static struct hands hands_in(void *scratch, size_t n)
{
    double *d = scratch;
    uint8_t *t = (uint8_t *)(d + 6 * n);
    return (struct hands){{d, d + n}, {d + 2 * n, d + 3 * n}, {d + 4 * n, d + 5 * n}, {t, t + n}};
}

/* Deals the items, from the highest score to the lowest, to the model they belong to now. */
static void deal(struct hands *to, const struct exchange *x, const struct deck *deck,
                 const uint32_t *swapped)
{
    size_t filled[2] = {0};
    for (size_t k = 0; k < 2 * x->n; k++) {
        size_t item = deck->item[k], from = item >= x->n, i = item - from * x->n;
        size_t model = from ^ swapped[i], r = filled[model]++;
        to->sorted[model][r] = deck->score[k];
        to->truth[model][r] = x->model[0]->label[i];
        if (!deck->logit) continue;
        to->logit[model][r] = deck->logit[k];
        to->against[model][r] = deck->against[k];
    }
}

static struct leadseq_confusion decide(const struct exchange *x, size_t model,
                                       const uint32_t *swapped)
{
    size_t count[2][2] = {{0}};
    if (isnan(x->model[0]->threshold) || isnan(x->model[1]->threshold))
        return (struct leadseq_confusion){0};
    for (size_t i = 0; i < x->n; i++) {
        const struct leadseq_scored *by = x->model[model ^ swapped[i]];
        count[by->probability[i] >= by->threshold][by->label[i]]++;
    }
    return (struct leadseq_confusion){
        .tp = count[1][1], .fp = count[1][0], .fn = count[0][1], .tn = count[0][0]};
}

static void measure_one(double *difference, const uint32_t *swapped, const struct exchange *x,
                        void *scratch)
{
    struct hands hands = hands_in(scratch, x->n);
    double value[2][LEADSEQ_METRICS];
    struct stats_view view[2];
    struct stats_sample sample[2] = {0};
    for (int m = 0; m < 2; m++)
        view[m] = (struct stats_view){
            x->n, hands.sorted[m], hands.logit[m], hands.against[m], hands.truth[m], NULL};
    deal(&hands, x, &x->ranks, swapped);
    for (int m = 0; m < 2; m++) {
        stats_sample_order(&sample[m], &view[m]);
        stats_sample_measure(value[m], &sample[m], LEADSEQ_OF_ORDER);
    }
    deal(&hands, x, &x->probabilities, swapped);
    for (int m = 0; m < 2; m++) {
        stats_sample_probabilities(&sample[m], &view[m], &x->between);
        stats_sample_measure(value[m], &sample[m], LEADSEQ_OF_PROBABILITIES);
        sample[m].decisions = decide(x, (size_t)m, swapped);
        stats_sample_measure(value[m], &sample[m], LEADSEQ_OF_DECISIONS);
    }
    for (int k = 0; k < LEADSEQ_METRICS; k++) difference[k] = value[0][k] - value[1][k];
}

/* By item. rank: higher for a higher score; equal scores share the mean of their places. */
static void fill_items(double *rank, double *probability, const struct leadseq_scored *s, size_t m)
{
    for (size_t r = 0, end; r < s->n; r = end) {
        for (end = r + 1; end < s->n && s->sorted[end] == s->sorted[r]; end++) continue;
        for (size_t k = r; k < end; k++) {
            size_t item = s->order[k] + m * s->n;
            rank[item] = (double)s->n - (double)(r + end - 1) / 2;
            probability[item] = s->sorted[k];
        }
    }
}

/* Sorts a deck by `by_item`, which it copies. */
static int stack(struct deck *deck, const double *by_item, size_t items)
{
    if (stats_order(deck->item, by_item, items)) return -1;
    for (size_t k = 0; k < items; k++) {
        deck->score[k] = by_item[deck->item[k]];
        if (!deck->logit) continue;
        deck->logit[k] = leadseq_logit(deck->score[k]);
        deck->against[k] = exp(-deck->logit[k]);
    }
    return 0;
}

static void exchange_clear(struct exchange *x)
{
    free(x->numbers);
    free(x->items);
}

static int exchange_init(struct exchange *x, const struct leadseq_scored *a,
                         const struct leadseq_scored *b)
{
    size_t items = 2 * a->n;
    *x = (struct exchange){.model = {a, b}, .n = a->n};
    x->between.slope = (a->slope + b->slope) / 2;
    x->between.offset = (a->offset + b->offset) / 2;
    x->between.intercept = (a->intercept + b->intercept) / 2;
    double *d = x->numbers = leadseq_calloc(6 * items, sizeof *x->numbers);
    x->items = leadseq_calloc(2 * items, sizeof *x->items);
    if (d && x->items) {
        double *rank = d + 4 * items, *probability = d + 5 * items;
        x->ranks = (struct deck){.item = x->items, .score = d};
        x->probabilities = (struct deck){x->items + items, d + items, d + 2 * items, d + 3 * items};
        fill_items(rank, probability, a, 0);
        fill_items(rank, probability, b, 1);
        if (!stack(&x->ranks, rank, items) && !stack(&x->probabilities, probability, items))
            return 0;
    }
    exchange_clear(x);
    return -1;
}

/* --- Several outputs, exchanged together ---------------------------------------------------- */

struct outputs {
    size_t n, records;
    struct exchange *exchange;
};

/* An output exchanges those of the records that it knows. */
static const uint32_t *swapped_of(const struct exchange *x, const uint32_t *swapped, uint32_t *own)
{
    const size_t *record = x->model[0]->record;
    if (!record) return swapped;
    for (size_t i = 0; i < x->n; i++) own[i] = swapped[record[i]];
    return own;
}

/* The differences of each output, then their means. */
static void measure(double *difference, const uint32_t *swapped, const void *state, void *scratch)
{
    const struct outputs *all = state;
    uint32_t *own = scratch;
    double *mean = difference + all->n * LEADSEQ_METRICS;
    void *memory = own + (all->records + 1) / 2 * 2;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) mean[k] = 0;
    for (size_t q = 0; q < all->n; q++) {
        const struct exchange *x = &all->exchange[q];
        double *of = difference + q * LEADSEQ_METRICS;
        measure_one(of, swapped_of(x, swapped, own), x, memory);
        for (size_t k = 0; k < LEADSEQ_METRICS; k++) mean[k] += of[k] / (double)all->n;
    }
}

static int outputs_init(struct outputs *all, const struct leadseq_scored *const *a,
                        const struct leadseq_scored *const *b)
{
    all->exchange = leadseq_calloc(all->n, sizeof *all->exchange);
    if (!all->exchange) return -1;
    for (size_t q = 0; q < all->n; q++) {
        const size_t n = a[q]->n;
        if (n != b[q]->n || n > UINT32_MAX / 2 || n > all->records ||
            memcmp(a[q]->label, b[q]->label, n) != 0)
            return leadseq_fail("permutation: expected two models of the same records, found %zu "
                                "and %zu of them or other labels",
                                n, b[q]->n);
        if (exchange_init(&all->exchange[q], a[q], b[q])) return -1;
    }
    return 0;
}

int leadseq_permute_outputs(double *p, const struct leadseq_scored *const *a,
                            const struct leadseq_scored *const *b, size_t outputs,
                            const struct leadseq_bootstrap_options *options)
{
    struct outputs all = {.n = outputs, .records = options->records ? options->records : a[0]->n};
    struct leadseq_statistic difference = {
        .figures = (outputs + 1) * LEADSEQ_METRICS,
        .n = all.records,
        .scratch = all.records * (6 * sizeof(double) + 2 + sizeof(uint32_t)) + sizeof(double),
        .measure = measure,
        .state = &all,
    };
    int status = outputs_init(&all, a, b);
    if (!status) status = leadseq_permute(p, &difference, options);
    for (size_t q = 0; all.exchange && q < outputs; q++) exchange_clear(&all.exchange[q]);
    free(all.exchange);
    return status;
}

int leadseq_permute_models(double p[LEADSEQ_METRICS], const struct leadseq_scored *a,
                           const struct leadseq_scored *b,
                           const struct leadseq_bootstrap_options *options)
{
    double both[2 * LEADSEQ_METRICS];
    struct leadseq_bootstrap_options own = *options;
    struct leadseq_scored first = *a;
    const struct leadseq_scored *of = &first;
    own.records = a->n;
    first.record = NULL;
    if (leadseq_permute_outputs(both, &of, &b, 1, &own)) return -1;
    memcpy(p, both, LEADSEQ_METRICS * sizeof *p);
    return 0;
}
