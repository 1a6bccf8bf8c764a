/* SPDX-License-Identifier: MIT
 *
 * What the optimisers' files share. */
#ifndef OPTIM_MOVES_H
#define OPTIM_MOVES_H

#include "optim.h"

/* Options of Adam and AdamW. */
struct moves_adaptive {
    double beta1, beta2, epsilon;
};
extern const struct leadseq_option_group moves_adaptive_options[];

/* Values of a slice from which its update is divided among threads. */
enum { MOVES_PARALLEL_FROM = 1 << 15 };

/* Adam's and AdamW's update (moves.c), with β₁ the step's momentum and t = u->step:
 *   p *= keep;  g += l2·p (the p before `keep`)
 *   m = β₁m + (1 - β₁)g;  v = β₂v + (1 - β₂)g²
 *   p -= lr/(1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε) */
void moves_adaptively(const struct leadseq_optim *how, const struct leadseq_update *u, float keep,
                      float l2);
double moves_beta1(const struct leadseq_optim *how, bool *plain);

#endif
