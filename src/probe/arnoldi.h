/* SPDX-License-Identifier: MIT */
#ifndef PROBE_ARNOLDI_H
#define PROBE_ARNOLDI_H

#include "base/base.h"

struct probe_ritz {
    double radius;   /* modulus of the largest eigenvalue */
    double residual; /* of its vector: ||A v - lambda v|| / |lambda| */
    double error;    /* of the modulus, relative: residual and rounding, times the condition */
};
/* Of h (m, m), in rows of `stride`, and its row m+1, which holds one value, in column m. NaN where
 * h is not finite. */
int probe_ritz(const double *h, int stride, int m, struct probe_ritz *ritz) LEADSEQ_CHECKED;
/* An orthonormal basis q (m, *k), in rows of `stride`, of the real space of the eigenvectors whose
 * eigenvalues are largest: of at least `least` of them, and of both of a conjugate pair. */
int probe_ritz_basis(const double *h, int stride, int m, int least, double *q,
                     int *k) LEADSEQ_CHECKED;

#endif
