/* SPDX-License-Identifier: MIT
 *
 * The permutation test of all metrics of two models. Metrics of order see midranks
 * exchanged (Venkatraman & Begg, Biometrika 1996), so that scores on different scales
 * may be compared; metrics of probabilities see those, decisions see decisions. */
#include <leadseq/stats.h>

#include "stats_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Item i is record i by a, item n + i record i by b. */
struct exchange {
    const struct leadseq_scored *model[2];
    size_t n;
    double *rank, *probability, *logit, *against; /* (2n) by item */
    uint32_t *rank_order, *probability_order;     /* (2n) items, falling */
    uint32_t *memory;
    double *figures;
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
static void deal(struct hands *to, const struct exchange *x, const uint32_t *order,
                 const double *score, const uint32_t *swapped)
{
    size_t filled[2] = {0};
    for (size_t k = 0; k < 2 * x->n; k++) {
        size_t item = order[k], from = item >= x->n, i = item - from * x->n;
        size_t model = from ^ swapped[i], r = filled[model]++;
        to->sorted[model][r] = score[item];
        to->logit[model][r] = x->logit[item];
        to->against[model][r] = x->against[item];
        to->truth[model][r] = x->model[0]->label[i];
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

static void measure(double *difference, const uint32_t *swapped, const void *state, void *scratch)
{
    const struct exchange *x = state;
    struct hands hands = hands_in(scratch, x->n);
    double value[2][LEADSEQ_METRICS];
    struct stats_view view[2];
    for (int m = 0; m < 2; m++)
        view[m] = (struct stats_view){
            x->n, hands.sorted[m], hands.logit[m], hands.against[m], hands.truth[m], NULL};
    deal(&hands, x, x->rank_order, x->rank, swapped);
    for (int m = 0; m < 2; m++) stats_order_figures(value[m], &view[m]);
    deal(&hands, x, x->probability_order, x->probability, swapped);
    for (int m = 0; m < 2; m++) {
        struct leadseq_confusion c = decide(x, (size_t)m, swapped);
        stats_probability_figures(value[m], &view[m], x->model[m]);
        stats_decision_figures(value[m], &c);
    }
    for (int k = 0; k < LEADSEQ_METRICS; k++) difference[k] = value[0][k] - value[1][k];
}

/* Higher for a higher score; equal scores share the mean of their places. */
static void fill_items(struct exchange *x, size_t m)
{
    const struct leadseq_scored *s = x->model[m];
    for (size_t r = 0, end; r < s->n; r = end) {
        for (end = r + 1; end < s->n && s->sorted[end] == s->sorted[r]; end++) continue;
        for (size_t k = r; k < end; k++) {
            size_t item = s->order[k] + m * s->n;
            x->rank[item] = (double)s->n - (double)(r + end - 1) / 2;
            x->probability[item] = s->sorted[k];
            x->logit[item] = s->logit[k];
            x->against[item] = s->against[k];
        }
    }
}

static void exchange_clear(struct exchange *x)
{
    free(x->figures);
    free(x->memory);
}

static int exchange_init(struct exchange *x, const struct leadseq_scored *a,
                         const struct leadseq_scored *b)
{
    size_t items = 2 * a->n;
    *x = (struct exchange){.model = {a, b}, .n = a->n};
    x->figures = leadseq_calloc(4 * items, sizeof *x->figures);
    x->memory = leadseq_calloc(2 * items, sizeof *x->memory);
    if (x->figures && x->memory) {
        x->rank = x->figures;
        x->probability = x->rank + items;
        x->logit = x->probability + items;
        x->against = x->logit + items;
        x->rank_order = x->memory;
        x->probability_order = x->memory + items;
        fill_items(x, 0);
        fill_items(x, 1);
        if (!stats_order(x->rank_order, x->rank, items) &&
            !stats_order(x->probability_order, x->probability, items))
            return 0;
    }
    exchange_clear(x);
    return -1;
}

int leadseq_permute_models(double p[LEADSEQ_METRICS], const struct leadseq_scored *a,
                           const struct leadseq_scored *b,
                           const struct leadseq_bootstrap_options *options)
{
    struct exchange x;
    if (a->n != b->n || a->n > UINT32_MAX / 2 || memcmp(a->label, b->label, a->n) != 0)
        return leadseq_fail("permutation: expected two models of the same records, found %zu and "
                            "%zu of them or other labels",
                            a->n, b->n);
    if (exchange_init(&x, a, b)) return -1;
    struct leadseq_statistic difference = {
        .figures = LEADSEQ_METRICS,
        .n = a->n,
        .scratch = a->n * (6 * sizeof(double) + 2),
        .measure = measure,
        .state = &x,
    };
    int status = leadseq_permute(p, &difference, options);
    exchange_clear(&x);
    return status;
}
