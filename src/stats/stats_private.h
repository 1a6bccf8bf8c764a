/* SPDX-License-Identifier: MIT
 *
 * What the files of the statistics share. */
#ifndef STATS_PRIVATE_H
#define STATS_PRIVATE_H

#include <leadseq/stats.h>

/* Scores are numbers and labels are 0 or 1, or a message. */
int stats_check(const double *score, const uint8_t *label, size_t n) LEADSEQ_CHECKED;

/* The normal quantile of LEADSEQ_CONFIDENCE, two-sided: 1.96. */
double stats_z(void);
/* P(|Z| >= |z|) of a standard normal Z. */
double stats_p_normal(double z);

#endif
