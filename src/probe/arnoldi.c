/* SPDX-License-Identifier: MIT
 *
 * The largest eigenvalue of a small Hessenberg matrix, by GSL: the end of Arnoldi's
 * iteration, which does not know where the matrix comes from. */
#include "arnoldi.h"

#include <gsl/gsl_complex_math.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_matrix.h>
#include <math.h>

struct ritz {
    gsl_matrix *a;
    gsl_vector_complex *value;
    gsl_matrix_complex *vector;
    gsl_eigen_nonsymmv_workspace *space;
};

static void ritz_clear(struct ritz *r)
{
    if (r->a) gsl_matrix_free(r->a);
    if (r->value) gsl_vector_complex_free(r->value);
    if (r->vector) gsl_matrix_complex_free(r->vector);
    if (r->space) gsl_eigen_nonsymmv_free(r->space);
}

static int solve(struct ritz *r, const double *h, int stride, int m)
{
    size_t n = (size_t)m;
    r->a = gsl_matrix_alloc(n, n);
    r->value = gsl_vector_complex_alloc(n);
    r->vector = gsl_matrix_complex_alloc(n, n);
    r->space = gsl_eigen_nonsymmv_alloc(n);
    if (!r->a || !r->value || !r->vector || !r->space) return leadseq_fail_memory(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) gsl_matrix_set(r->a, i, j, h[i * (size_t)stride + j]);
    int status = gsl_eigen_nonsymmv(r->a, r->value, r->vector, r->space);
    return status ? leadseq_fail("eigenvalues of a %d x %d matrix: %s", m, m, gsl_strerror(status))
                  : 0;
}

/* |λ|, and ‖J v - λ v‖ = h_{m+1,m} |e_m·y| by |λ|, y the unit eigenvector of H. The residual needs
 * no further product with J: it is large where the Krylov space is too small for the eigenvector,
 * and a reader of the file can then see that |λ| is not to be trusted.
 *
 * GSL's error handler is global to the process and aborts by default. It is off during the call;
 * other threads must not set it meanwhile, and none does (probes run on the thread that trains). */
int probe_ritz(const double *h, int stride, int m, double *radius, double *residual)
{
    struct ritz r = {0};
    *radius = *residual = NAN;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++)
            if (!isfinite(h[i * stride + j])) return 0; // no state to speak of
    if (m < 1) return 0;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    int status = solve(&r, h, stride, m);
    gsl_set_error_handler(handler);
    size_t best = 0;
    for (size_t i = 0; !status && i < (size_t)m; i++)
        if (gsl_complex_abs(gsl_vector_complex_get(r.value, i)) >
            gsl_complex_abs(gsl_vector_complex_get(r.value, best)))
            best = i;
    if (!status) {
        *radius = gsl_complex_abs(gsl_vector_complex_get(r.value, best));
        double last = gsl_complex_abs(gsl_matrix_complex_get(r.vector, (size_t)m - 1, best));
        *residual = *radius > 0 ? h[m * stride + m - 1] * last / *radius : 0;
    }
    ritz_clear(&r);
    return status;
}
