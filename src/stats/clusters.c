/* SPDX-License-Identifier: MIT
 *
 * Records gathered into clusters (patients), and the memory that threads which
 * resample them work in. */
#include "stats/stats.h"

#include "stats_private.h"

#include <stdlib.h>

struct keyed {
    int key;
    size_t record;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                            : (x->record > y->record) - (x->record < y->record);
}

static int number_by_key(struct stats_clusters *c, const int *key)
{
    struct keyed *sorted = leadseq_calloc(c->n, sizeof *sorted);
    if (!sorted) return -1;
    for (size_t i = 0; i < c->n; i++) sorted[i] = (struct keyed){key[i], i};
    qsort(sorted, c->n, sizeof *sorted, by_key);
    for (size_t i = 0; i < c->n; i++) {
        if (!i || sorted[i].key != sorted[i - 1].key) c->count++;
        c->member[sorted[i].record] = c->count - 1;
    }
    free(sorted);
    return 0;
}

int stats_clusters_init(struct stats_clusters *c, const int *key, size_t n)
{
    *c = (struct stats_clusters){.n = n};
    if (!n) return leadseq_fail("resampling: no records");
    c->member = leadseq_calloc(n, sizeof *c->member);
    if (!c->member || (key && number_by_key(c, key))) {
        stats_clusters_clear(c);
        return -1;
    }
    if (key) return 0;
    for (size_t i = 0; i < n; i++) c->member[i] = i;
    c->count = n;
    return 0;
}

void stats_clusters_clear(struct stats_clusters *c)
{
    free(c->member);
    *c = (struct stats_clusters){0};
}

int stats_workers_init(struct stats_workers *w, const struct leadseq_statistic *statistic,
                       int threads)
{
    threads = leadseq_threads_granted(threads);
    *w = (struct stats_workers){.threads = threads,
                                .n = statistic->n,
                                .figures = statistic->figures,
                                .scratch = (statistic->scratch + 63) / 64 * 64};
    size_t count = (size_t)threads;
    w->weight = leadseq_calloc(count * w->n, sizeof *w->weight);
    w->times = leadseq_calloc(count * w->n, sizeof *w->times);
    w->value = leadseq_calloc(count * w->figures, sizeof *w->value);
    w->memory = leadseq_calloc(count, w->scratch + 64);
    if (w->weight && w->times && w->value && w->memory) return 0;
    stats_workers_clear(w);
    return -1;
}

void stats_workers_clear(struct stats_workers *w)
{
    free(w->weight);
    free(w->times);
    free(w->value);
    free(w->memory);
    *w = (struct stats_workers){0};
}
