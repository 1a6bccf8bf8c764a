/* SPDX-License-Identifier: MIT
 *
 * Reliability: bins of probabilities, calibration errors, and the Brier score
 * taken apart. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static double weigh(const struct stats_view *v)
{
    double sum = 0;
    for (size_t r = 0; r < v->n; r++) sum += stats_weight(v, r);
    return sum;
}

/* The bin of n records with this probability, `before` of `total` having less; not below b. */
static inline size_t bin_of(size_t b, enum leadseq_binning binning, double probability,
                            double before, double n, double total)
{
    double at = LEADSEQ_BINS * (before + n / 2); // their middle; of equal width: their probability
    while (b + 1 < LEADSEQ_BINS &&
           (binning == LEADSEQ_EQUAL_MASS ? at >= (double)(b + 1) * total
                                          : probability > (double)(b + 1) / LEADSEQ_BINS))
        b++;
    return b;
}

static inline void add(struct stats_bin *bin, double probability, double n, double positives)
{
    if (bin->n == 0) bin->least = probability;
    bin->most = probability;
    bin->n += n;
    bin->positives += positives;
    bin->sum += n * probability;
}

void stats_bins_fill(struct stats_bin bin[2][LEADSEQ_BINS], const struct stats_view *v)
{
    double total = weigh(v), before = 0;
    size_t mass = 0, width = 0;
    for (int k = 0; k < LEADSEQ_BINS; k++) bin[0][k] = bin[1][k] = (struct stats_bin){0};
    for (size_t r = v->n; r > 0;) {
        double p = v->sorted[r - 1], n = 0, positives = 0;
        do { // equal probabilities stay together
            double weight = stats_weight(v, --r);
            n += weight;
            positives += weight * v->truth[r];
        } while (r && v->sorted[r - 1] == p);
        if (n == 0) continue;
        mass = bin_of(mass, LEADSEQ_EQUAL_MASS, p, before, n, total);
        width = bin_of(width, LEADSEQ_EQUAL_WIDTH, p, before, n, total);
        add(&bin[LEADSEQ_EQUAL_MASS][mass], p, n, positives);
        add(&bin[LEADSEQ_EQUAL_WIDTH][width], p, n, positives);
        before += n;
    }
}

/* E|X| of a normal X. */
static double folded_mean(double mean, double deviation)
{
    if (!(deviation > 0)) return fabs(mean);
    double z = mean / deviation;
    return deviation * sqrt(2 / M_PI) * exp(-z * z / 2) + mean * (1 - 2 * gsl_cdf_ugaussian_P(-z));
}

/* o_b - p_b varies by sampling even where it is 0 in truth, so that |o_b - p_b| is too large on
 * average; how much too large is estimated with o_b - p_b and its standard error in place of the
 * truth's, and taken away: of a gap that is 0 in truth that is two fifths of what sampling adds, of
 * a large one all. */
double stats_bins_ece(const struct stats_bin bin[LEADSEQ_BINS], double *plain)
{
    double sum = 0, debiased = 0, total = 0;
    for (int b = 0; b < LEADSEQ_BINS; b++) {
        total += bin[b].n;
        if (!(bin[b].n > 0)) continue;
        double n = bin[b].n, o = bin[b].positives / n, d = o - bin[b].sum / n;
        sum += n * fabs(d);
        debiased += n * (2 * fabs(d) - folded_mean(d, sqrt(o * (1 - o) / n)));
    }
    if (plain) *plain = stats_share(sum, total);
    return stats_share(fmax(0, debiased), total);
}

static void tell_bins(struct leadseq_reliability *to, const struct stats_bin *from)
{
    for (int b = 0; b < LEADSEQ_BINS; b++) {
        if (from[b].n == 0) continue;
        double probability = from[b].sum / from[b].n, share = from[b].positives / from[b].n;
        to->bin[to->n_bins++] = (struct leadseq_bin){
            .n = (size_t)from[b].n,
            .positives = (size_t)from[b].positives,
            .least = from[b].least,
            .most = from[b].most,
            .probability = probability,
            .share = leadseq_wilson((size_t)from[b].positives, (size_t)from[b].n),
        };
        to->largest = fmax(to->largest, fabs(share - probability));
    }
}

/* What the bins hide: each record against the means of its bin, whose places in the falling
 * order follow from their counts. */
static void tell_within(struct leadseq_reliability *to, const struct leadseq_scored *s)
{
    double variance = 0, covariance = 0, brier = 0;
    size_t r = s->n;
    for (size_t b = 0; b < to->n_bins; b++)
        for (size_t k = 0; k < to->bin[b].n; k++) {
            r--;
            double p = s->sorted[r] - to->bin[b].probability;
            double error = s->sorted[r] - s->truth[r];
            variance += p * p;
            covariance += 2 * p * (s->truth[r] - to->bin[b].share.value);
            brier += error * error;
        }
    to->within_variance = variance / (double)s->n;
    to->within_covariance = covariance / (double)s->n;
    to->brier = brier / (double)s->n;
}

static void tell_between(struct leadseq_reliability *to, const struct leadseq_scored *s)
{
    double share = (double)s->positives / (double)s->n;
    for (size_t b = 0; b < to->n_bins; b++) {
        double mass = (double)to->bin[b].n / (double)s->n, o = to->bin[b].share.value;
        to->reliability += mass * (to->bin[b].probability - o) * (to->bin[b].probability - o);
        to->resolution += mass * (o - share) * (o - share);
    }
    to->uncertainty = share * (1 - share);
    to->skill = to->uncertainty > 0 ? 1 - to->brier / to->uncertainty : NAN;
}

struct leadseq_reliability leadseq_reliability_of(const struct leadseq_scored *s,
                                                  enum leadseq_binning binning)
{
    struct leadseq_reliability to = {0};
    struct stats_bin bin[2][LEADSEQ_BINS];
    struct stats_view view = stats_view_of(s);
    stats_bins_fill(bin, &view);
    tell_bins(&to, bin[binning]);
    to.ece = stats_bins_ece(bin[binning], &to.ece_plain);
    tell_within(&to, s);
    tell_between(&to, s);
    return to;
}
