/* SPDX-License-Identifier: MIT */
#ifndef PROBE_ARNOLDI_H
#define PROBE_ARNOLDI_H

#include "base/base.h"

/* Modulus of the largest eigenvalue of h (m, m), Hessenberg in rows of `stride`, and the residual
 * of its vector with row m+1; NaN where h is not finite. */
int probe_ritz(const double *h, int stride, int m, double *radius,
               double *residual) LEADSEQ_CHECKED;

#endif
