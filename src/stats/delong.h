/* SPDX-License-Identifier: MIT
 *
 * Between the files of the AUC: its variance (delong.c), and intervals of sums (auc_sum.c). */
#ifndef STATS_DELONG_H
#define STATS_DELONG_H

#include "stats_private.h"

/* The placements of one score: V10 (m) of the positives, V01 (n - m) of the negatives; member (n):
 * the patients of those records, NULL where each is a patient's only one. */
struct stats_placements {
    size_t positives, negatives;
    double *v10, *v01, auc;
    size_t *member, patients, with_positive, with_negative;
};
int stats_placements_init(struct stats_placements *placements, const double *score,
                          const uint8_t *label, const int *cluster, size_t n) LEADSEQ_CHECKED;
void stats_placements_clear(struct stats_placements *placements);
/* Covariance of the AUCs of a and b, which have the same records and labels, and their variance
 * where a is b; memory: (4, patients). */
double stats_auc_covariance(const struct stats_placements *a, const struct stats_placements *b,
                            double *memory);
/* Why there is no interval, NULL where there is one. */
const char *stats_auc_obstacle(const struct stats_placements *placements);
/* Patients of the rarer class. */
size_t stats_auc_rarer(const struct stats_placements *placements);

/* An area by what an interval of any confidence is made of. */
struct stats_area {
    double auc, error;
    size_t rarer;
};
bool stats_area_separated(const struct stats_area *area);
/* The ends at two-sided level `alpha`. Of a complete separation: with k patients of the rarer
 * class, each above (below) all records of the other class with a probability of at most the AUC,
 * k of k has the exact bound (alpha/2)^(1/k) (Clopper & Pearson 1934). */
void stats_area_ends(const struct stats_area *area, double alpha, double *low, double *high);

#endif
