/* SPDX-License-Identifier: MIT
 *
 * Limb electrodes put elsewhere: what a record would have shown. */
#ifndef TEST_ELECTRODES_H
#define TEST_ELECTRODES_H

#include "signal/signal.h"

/* Where the electrodes R, L and F are placed, and so which potential each measures: that of the
 * right arm, left arm, left leg or right leg (taken to be the left leg's up to 3 %). */
enum { ON_RIGHT_ARM, ON_LEFT_ARM, ON_LEFT_LEG, ON_RIGHT_LEG };
struct places {
    int r, l, f;
    enum leadseq_reversal reversal;
    const char *name;
};
static const struct places places[] = {
    {ON_LEFT_ARM, ON_RIGHT_ARM, ON_LEFT_LEG, LEADSEQ_REVERSAL_ARMS, "arms exchanged"},
    {ON_LEFT_LEG, ON_LEFT_ARM, ON_RIGHT_ARM, LEADSEQ_REVERSAL_RIGHT_ARM_LEFT_LEG,
     "right arm and left leg exchanged"},
    {ON_RIGHT_LEG, ON_LEFT_ARM, ON_LEFT_LEG, LEADSEQ_REVERSAL_RIGHT_ARM_ON_LEG,
     "right arm's on the right leg"},
    {ON_RIGHT_ARM, ON_RIGHT_LEG, ON_LEFT_LEG, LEADSEQ_REVERSAL_LEFT_ARM_ON_LEG,
     "left arm's on the right leg"},
    {ON_RIGHT_LEG, ON_LEFT_LEG, ON_LEFT_ARM, LEADSEQ_REVERSAL_BOTH_ARMS_ON_LEGS,
     "both arms' on the legs"},
    // found, but not told from two exchanged
    {ON_LEFT_ARM, ON_LEFT_LEG, ON_RIGHT_ARM, LEADSEQ_REVERSAL_NONE, "moved round"},
    {ON_LEFT_LEG, ON_RIGHT_ARM, ON_LEFT_ARM, LEADSEQ_REVERSAL_NONE, "moved back"},
};

/* Rewrites all twelve leads; the chest leads' reference is the mean of R, L and F. */
static inline void put_electrodes(struct leadseq_record *record, const struct places *to)
{
    size_t n = record->n_samples;
    float *mv = record->mv;
    for (size_t k = 0; k < n; k++) {
        double i = (double)mv[k], ii = (double)mv[n + k];
        // with the right arm's potential for 0
        double at[] = {0, i, ii, 0.97 * ii}, mean = (i + ii) / 3;
        double r = at[to->r], l = at[to->l], f = at[to->f], moved = (r + l + f) / 3 - mean;
        double limb[] = {l - r, f - r, f - l, r - (l + f) / 2, l - (r + f) / 2, f - (r + l) / 2};
        for (size_t lead = 0; lead < 6; lead++) mv[lead * n + k] = (float)limb[lead];
        for (size_t lead = 6; lead < LEADSEQ_LEADS; lead++) mv[lead * n + k] -= (float)moved;
    }
}

#endif
