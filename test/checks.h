/* SPDX-License-Identifier: MIT
 *
 * The gradient checks of doc/mathematics.md on anything that has a forward and a
 * backward pass: a layer or a whole network, next to the same network in double
 * precision. Each returns a relative error; the test holds the bound. */
#ifndef TEST_CHECKS_H
#define TEST_CHECKS_H

#include "gradient.h"
#include "reference_net.h"

/* What went in, and what the code under test made of it. Loss is Σ dy y. */
struct check_subject {
    const struct ref_net *net;
    int batch;
    float *x, *dy;       /* (n_x), (n_y) */
    const float *y, *dx; /* dx NULL: not computed */
    size_t n_x, n_y;
    struct leadseq_params *params; /* values, and the gradients for dy */
    const float *state;            /* running statistics; may be NULL */
    double (*loss)(void *user);    /* of x and the parameters as they are, by the code under test */
    void *user;
};

/* Reference: the largest difference of y, dx and each slice's gradient from the
 * double-precision network, over the largest value there; *where says which. */
double check_reference(const struct check_subject *s, char where[96]);

/* What bfloat16's roundings alone do to the network, both in double precision: the largest
 * difference of y over the largest y, and the cosine between the gradients of all parameters. */
struct check_rounding {
    double y, same;
};
struct check_rounding check_rounding(const struct check_subject *s, bool training);

/* Adjoint: |⟨dy, J v⟩ - ⟨Jᵀ dy, v⟩| over ‖Jᵀ dy‖, for a random direction v of x and
 * the parameters together. J v comes from the double-precision network's forward
 * pass alone (central differences over 2e-8, good to 1e-7: no wider, or a ReLU of the many of a
 * deep network bends within them), Jᵀ dy from the code under test, so that no backward pass but the
 * one checked is trusted. */
double check_adjoint_map(const struct check_subject *s, uint64_t seed);

/* Central differences of the code's own loss by at most `most` parameters and values of x. */
double check_own_differences(const struct check_subject *s, double step, size_t most);

/* Taylor: along a random direction v of x and parameters the remainder
 * R(h) = |L(h) - L(0) - h ⟨Jᵀ dy, v⟩| of the code's own loss falls with h², by 4 from
 * h to h / 2. A wrong gradient makes it fall with h, by 2. */
struct check_remainder {
    double at_h, at_half; /* R over ‖Jᵀ dy‖ h, so that bounds need not know the scale */
    double fall;          /* R(h) / R(h / 2) */
};
struct check_remainder check_taylor(const struct check_subject *s, double h, uint64_t seed);

#endif
