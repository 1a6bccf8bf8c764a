/* SPDX-License-Identifier: MIT
 *
 * The largest eigenvalues of a small matrix, by GSL: the dense end of Arnoldi's
 * iteration, which does not know where the matrix comes from. */
#include "arnoldi.h"

#include <float.h>
#include <gsl/gsl_complex_math.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_matrix.h>
#include <math.h>
#include <stdlib.h>

struct pairs { /* eigenvalues and vectors of length 1 */
    gsl_matrix *a;
    gsl_vector_complex *value;
    gsl_matrix_complex *vector;
    gsl_eigen_nonsymmv_workspace *space;
    size_t n;
};

static void pairs_clear(struct pairs *p)
{
    if (p->a) gsl_matrix_free(p->a);
    if (p->value) gsl_vector_complex_free(p->value);
    if (p->vector) gsl_matrix_complex_free(p->vector);
    if (p->space) gsl_eigen_nonsymmv_free(p->space);
}

/* Of h, or of its transpose, the largest first. GSL's error handler is global to the process and
 * aborts by default. It is off during the call; other threads must not set it meanwhile, and none
 * does (probes run on the thread that trains). */
static int solve(struct pairs *p, const double *h, int stride, int m, bool transposed)
{
    size_t n = p->n = (size_t)m;
    p->a = gsl_matrix_alloc(n, n);
    p->value = gsl_vector_complex_alloc(n);
    p->vector = gsl_matrix_complex_alloc(n, n);
    p->space = gsl_eigen_nonsymmv_alloc(n);
    if (!p->a || !p->value || !p->vector || !p->space) return leadseq_fail_memory(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(p->a, transposed ? j : i, transposed ? i : j, h[i * (size_t)stride + j]);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    int status = gsl_eigen_nonsymmv(p->a, p->value, p->vector, p->space);
    if (!status) status = gsl_eigen_nonsymmv_sort(p->value, p->vector, GSL_EIGEN_SORT_ABS_DESC);
    gsl_set_error_handler(handler);
    return status ? leadseq_fail("eigenvalues of a %d x %d matrix: %s", m, m, gsl_strerror(status))
                  : 0;
}

static double modulus(const struct pairs *p, size_t i)
{
    return gsl_complex_abs(gsl_vector_complex_get(p->value, i));
}

/* How much an eigenvalue moves at most when the matrix does, 1/|y'x| of its unit left and right
 * eigenvectors: 1 where the matrix is normal (Wilkinson 1965). */
static double condition_of(const struct pairs *right, const struct pairs *left)
{
    const gsl_complex value = gsl_vector_complex_get(right->value, 0);
    gsl_complex dot = gsl_complex_rect(0, 0);
    size_t same = 0;
    double least = INFINITY;
    for (size_t i = 0; i < left->n; i++) {
        double far =
            gsl_complex_abs(gsl_complex_sub(gsl_vector_complex_get(left->value, i), value));
        if (far < least) least = far, same = i;
    }
    for (size_t i = 0; i < left->n; i++)
        dot = gsl_complex_add(dot, gsl_complex_mul(gsl_matrix_complex_get(left->vector, i, same),
                                                   gsl_matrix_complex_get(right->vector, i, 0)));
    return 1 / gsl_complex_abs(dot);
}

static bool is_finite(const double *h, int stride, int m)
{
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++)
            if (!isfinite(h[i * stride + j])) return false;
    return m > 0;
}

/* Of products that are stored in float32. */
static double rounding(const double *h, int stride, int m)
{
    double squares = 0;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) squares += h[i * stride + j] * h[i * stride + j];
    return FLT_EPSILON * sqrt(squares);
}

/* |λ|, and ‖J v - λ v‖ = h_{m+1,m} |e_m·y| by |λ|, y the unit eigenvector of H. The residual needs
 * no further product with J: it is large where the Krylov space is too small for the eigenvector. A
 * matrix whose eigenvectors lie close together has eigenvalues that move further than that, by
 * their condition. */
int probe_ritz(const double *h, int stride, int m, struct probe_ritz *ritz)
{
    struct pairs right = {0}, left = {0};
    *ritz = (struct probe_ritz){NAN, NAN, NAN};
    if (!is_finite(h, stride, m)) return 0; // no state to speak of
    int status = solve(&right, h, stride, m, false);
    if (!status) status = solve(&left, h, stride, m, true);
    if (!status) {
        double last = gsl_complex_abs(gsl_matrix_complex_get(right.vector, (size_t)m - 1, 0));
        ritz->radius = modulus(&right, 0);
        double by = ritz->radius > 0 ? 1 / ritz->radius : 0;
        ritz->residual = by * h[m * stride + m - 1] * last;
        double error = ritz->residual + by * rounding(h, stride, m);
        ritz->error = error > 0 ? error * condition_of(&right, &left) : 0;
    }
    pairs_clear(&right);
    pairs_clear(&left);
    return status;
}

/* Column k of q: what a vector has beyond the columns before it, if it has any. */
static bool add_column(double *q, int stride, int m, int k, const double *vector)
{
    double length = 0;
    for (int i = 0; i < m; i++) q[i * stride + k] = vector[i], length += vector[i] * vector[i];
    const double whole = sqrt(length);
    for (int twice = 0; twice < 2; twice++)
        for (int j = 0; j < k; j++) {
            double dot = 0;
            for (int i = 0; i < m; i++) dot += q[i * stride + j] * q[i * stride + k];
            for (int i = 0; i < m; i++) q[i * stride + k] -= dot * q[i * stride + j];
        }
    length = 0;
    for (int i = 0; i < m; i++) length += q[i * stride + k] * q[i * stride + k];
    if (!(sqrt(length) > 1e-6 * whole)) return false; // eigenvectors that nearly coincide
    for (int i = 0; i < m; i++) q[i * stride + k] /= sqrt(length);
    return true;
}

int probe_ritz_basis(const double *h, int stride, int m, int least, double *q, int *k)
{
    struct pairs p = {0};
    int status = solve(&p, h, stride, m, false), whole = 0;
    double *part = status ? NULL : leadseq_calloc((size_t)m, sizeof *part);
    *k = 0;
    if (!status && !part) status = -1;
    for (size_t i = 0; !status && whole < m && (whole < least || whole % 2); i++) {
        if (i == p.n) break;
        gsl_complex value = gsl_vector_complex_get(p.value, i);
        if (GSL_IMAG(value) < 0) continue; // its partner has given both parts
        for (int imaginary = 0; imaginary < (GSL_IMAG(value) > 0 ? 2 : 1); imaginary++, whole++) {
            for (size_t j = 0; j < p.n; j++) {
                gsl_complex z = gsl_matrix_complex_get(p.vector, j, i);
                part[j] = imaginary ? GSL_IMAG(z) : GSL_REAL(z);
            }
            if (*k < m - 1 && add_column(q, stride, m, *k, part)) ++*k;
        }
    }
    free(part);
    pairs_clear(&p);
    return status;
}
