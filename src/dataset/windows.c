/* SPDX-License-Identifier: MIT
 *
 * Signals of a record to their place in a batch: which samples, which leads, at which scale. Of a
 * record of 1000 samples with windows of 250, 125 apart, the windows begin at 0, 125, …, 750; with
 * windows 300 apart at 0, 300 and 600. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>

size_t leadseq_windows_samples(const struct leadseq_batch_signals *s)
{
    return s->crop ? s->crop : s->samples;
}

static size_t stride_of(const struct leadseq_batch_signals *s)
{
    const size_t half = leadseq_windows_samples(s) / 2;
    return s->stride ? s->stride : half ? half : 1;
}

size_t leadseq_windows_count(const struct leadseq_batch_signals *s)
{
    const size_t width = leadseq_windows_samples(s);
    if (s->windows != LEADSEQ_WINDOWS_ALL || width >= s->samples) return 1;
    return (s->samples - width) / stride_of(s) + 1;
}

/* Epochs are far fewer than 2^40, as for the order of records. */
size_t dataset_window_begin(const struct leadseq_batch_options *o, size_t window,
                            const struct leadseq_augment_key *key)
{
    const struct leadseq_batch_signals *s = &o->signals;
    const size_t room = s->samples - leadseq_windows_samples(s);
    struct leadseq_random r;
    if (s->windows == LEADSEQ_WINDOWS_ALL) return window * stride_of(s);
    if (s->windows == LEADSEQ_WINDOWS_MIDDLE) return room / 2;
    leadseq_random_init(&r, key->seed, LEADSEQ_STREAM_CROP, key->epoch | key->round << 40,
                        key->number);
    return (size_t)leadseq_random_below(&r, room + 1);
}

void dataset_pack_window(const struct leadseq_batch_options *o, const float *mv, size_t begin,
                         uint64_t key, int i, float *batch)
{
    const struct leadseq_batch_signals *s = &o->signals;
    size_t lead[LEADSEQ_LEADS] = {0};
    const size_t leads = dataset_lead_order(o, key, lead), width = leadseq_windows_samples(s);
    for (size_t t = 0; t < leads; t++) {
        const float *from = mv + lead[t] * s->samples + begin;
        float *to = batch + ((size_t)i * leads + t) * width;
        const float mean = s->mean[lead[t]], scale = s->scale[lead[t]];
        for (size_t k = 0; k < width; k++) to[k] = isnan(from[k]) ? 0 : (from[k] - mean) * scale;
    }
}

void leadseq_batch_pack_signals(const struct leadseq_batch_options *o, const float *mv,
                                size_t window, uint64_t key, int i, int n, float *batch)
{
    const struct leadseq_augment_key none = {0};
    (void)n; // the layout does not depend on it
    dataset_pack_window(o, mv, dataset_window_begin(o, window, &none), key, i, batch);
}

/* --- Moments ---------------------------------------------------------------------------------- */

struct moments {
    double n, mean, squares; /* squares: Σ(x - mean)² */
};

/* Chan, Golub & LeVeque's (1979) rule for two sets. */
static void join(struct moments *a, const struct moments *b)
{
    const double n = a->n + b->n, d = b->mean - a->mean;
    if (!(b->n > 0)) return;
    a->squares += b->squares + d * d * a->n * b->n / n;
    a->mean += d * b->n / n;
    a->n = n;
}

static struct moments moments_of(const float *mv, size_t n)
{
    struct moments m = {0, 0, 0};
    for (size_t i = 0; i < n; i++)
        if (!isnan(mv[i])) m.n++, m.mean += (double)mv[i];
    if (m.n > 0) m.mean /= m.n;
    for (size_t i = 0; i < n; i++)
        if (!isnan(mv[i])) m.squares += ((double)mv[i] - m.mean) * ((double)mv[i] - m.mean);
    return m;
}

int leadseq_signals_moments(struct leadseq_stack *stack, const size_t *position, size_t n,
                            bool by_lead, double mean[LEADSEQ_LEADS],
                            double deviation[LEADSEQ_LEADS])
{
    struct moments all[LEADSEQ_LEADS] = {{0, 0, 0}};
    const size_t samples = leadseq_stack_samples(stack);
    if (n == 0) return leadseq_fail("%s: no records to standardise by", leadseq_stack_path(stack));
    float *mv = leadseq_calloc(LEADSEQ_LEADS * samples, sizeof *mv);
    int status = mv ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++) {
        status = leadseq_stack_read_signals(stack, position[i], mv);
        for (size_t lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
            const struct moments own = moments_of(mv + lead * samples, samples);
            join(&all[by_lead ? lead : 0], &own);
        }
    }
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        const struct moments *m = &all[by_lead ? lead : 0];
        mean[lead] = m->n > 0 ? m->mean : NAN;
        deviation[lead] = m->n > 0 ? sqrt(m->squares / m->n) : NAN;
    }
    free(mv);
    return status;
}
