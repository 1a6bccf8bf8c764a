/* SPDX-License-Identifier: MIT */
#ifndef PROBE_KRYLOV_H
#define PROBE_KRYLOV_H

#include "arnoldi.h"

/* A matrix (n, n) of which only products are known. */
struct probe_operator {
    int (*apply)(void *of, const float *v, float *u); /* u <- A v */
    void *of;
    size_t n;
};

enum { PROBE_KRYLOV_MOST = 24 }; /* vectors of a space */
struct probe_krylov {
    int vectors;   /* of the space, at most PROBE_KRYLOV_MOST; it is restarted when it is full */
    int products;  /* with A, at most */
    double wanted; /* relative error to stop at */
    float *basis;  /* (vectors + 1, n), the first the vector of length 1 to start from */
};
/* The largest eigenvalue by modulus; its error is above `wanted` where the products did not
 * suffice. */
int probe_largest(const struct probe_operator *a, const struct probe_krylov *krylov,
                  struct probe_ritz *ritz) LEADSEQ_CHECKED;

#endif
