/* SPDX-License-Identifier: MIT
 *
 * The largest eigenvalue by products alone, against dense eigenvalues: of matrices
 * that are normal and far from it, with real and complex values, alone and in crowds
 * where 24 vectors are too few. */
#include "probe/krylov.h"

#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_matrix.h>
#include <math.h>
#include <stdlib.h>

enum { N = 160 };
static const double WANTED = 5e-4;

struct dense {
    double a[N][N];
    int products;
};

static int apply(void *of, const float *v, float *u)
{
    struct dense *d = of;
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int j = 0; j < N; j++) sum += d->a[i][j] * (double)v[j];
        u[i] = (float)sum;
    }
    d->products++;
    return 0;
}

static double dense_radius(const struct dense *d)
{
    gsl_matrix *m = gsl_matrix_alloc(N, N);
    gsl_vector_complex *value = gsl_vector_complex_alloc(N);
    gsl_eigen_nonsymm_workspace *space = gsl_eigen_nonsymm_alloc(N);
    double most = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) gsl_matrix_set(m, i, j, d->a[i][j]);
    cr_assert_eq(gsl_eigen_nonsymm(m, value, space), 0);
    for (size_t i = 0; i < N; i++) {
        gsl_complex z = gsl_vector_complex_get(value, i);
        most = fmax(most, hypot(GSL_REAL(z), GSL_IMAG(z)));
    }
    gsl_eigen_nonsymm_free(space), gsl_vector_complex_free(value), gsl_matrix_free(m);
    return most;
}

static struct probe_ritz find(struct dense *d, int vectors, int products)
{
    static float basis[(PROBE_KRYLOV_MOST + 1) * N];
    const struct probe_operator a = {apply, d, N};
    const struct probe_krylov k = {vectors, products, WANTED, basis};
    struct probe_ritz ritz;
    struct leadseq_random r;
    double length = 0;
    leadseq_random_init(&r, 3, LEADSEQ_STREAM_TEST, 0, 0);
    for (int i = 0; i < N; i++) {
        basis[i] = (float)(2 * leadseq_random_uniform(&r) - 1);
        length += (double)basis[i] * (double)basis[i];
    }
    for (int i = 0; i < N; i++) basis[i] /= (float)sqrt(length);
    d->products = 0;
    cr_assert_eq(probe_largest(&a, &k, &ritz), 0, "%s", leadseq_error());
    cr_assert_leq(d->products, products);
    return ritz;
}

/* --- Matrices --------------------------------------------------------------------------------- */

static void turn(struct dense *d, struct leadseq_random *r)
{
    for (int times = 0; times < 3; times++) { // Q'AQ by reflections: the same values, no axes
        double w[N], length = 0;
        for (int i = 0; i < N; i++) w[i] = leadseq_random_normal(r), length += w[i] * w[i];
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < N; i++) {
                double dot = 0;
                for (int j = 0; j < N; j++) dot += w[j] * (pass ? d->a[i][j] : d->a[j][i]);
                for (int j = 0; j < N; j++)
                    *(pass ? &d->a[i][j] : &d->a[j][i]) -= 2 * dot / length * w[j];
            }
    }
}

static void put_pair(struct dense *d, int at, double modulus, double angle)
{
    d->a[at][at] = d->a[at + 1][at + 1] = modulus * cos(angle);
    d->a[at][at + 1] = -(d->a[at + 1][at] = modulus * sin(angle));
}

enum kind { EVEN, CROWD, PAIRS, COUPLED, DISC, CONVOLUTION, KINDS };
static const char *const name[] = {"real values, evenly spaced",
                                   "many near the largest",
                                   "pairs of nearly one modulus, all round",
                                   "far from normal",
                                   "values all over a disc",
                                   "a convolution with gates"};

/* `coupling` and `draw` are of COUPLED. */
static struct dense *make_coupled(enum kind kind, double coupling, uint64_t draw)
{
    struct dense *d = leadseq_calloc(1, sizeof *d);
    struct leadseq_random r;
    cr_assert(d);
    leadseq_random_init(&r, 5, LEADSEQ_STREAM_TEST, (uint64_t)kind, draw);
    for (int i = 0; i < N; i++) {
        double share = (i + 1) / (double)N;
        if (kind == EVEN) d->a[i][i] = share;
        if (kind == CROWD) d->a[i][i] = 1 - pow(1 - share, 2);
        if (kind == PAIRS && i % 2 == 0) put_pair(d, i, .9 + .05 * pow(share, 8), .04 * i);
        for (int j = 0; j < N; j++) {
            if (kind == DISC) d->a[i][j] = leadseq_random_normal(&r) / sqrt(N);
            if (kind == COUPLED && j > i) d->a[i][j] = coupling * leadseq_random_normal(&r);
            double far = i - j;
            if (kind == CONVOLUTION && fabs(far) < 3)
                d->a[i][j] = (i == j ? .6 : 0) + .3 * sin(i + .2) * cos(far - .3);
        }
        if (kind == COUPLED) d->a[i][i] = .9 * share * (i % 2 ? 1 : -1);
    }
    if (kind <= COUPLED) turn(d, &r);
    return d;
}

static struct dense *make(enum kind kind)
{
    return make_coupled(kind, .04, 0);
}

/* --- What is found ---------------------------------------------------------------------------- */

Test(krylov, the_largest_of_many_kinds_is_that_of_the_dense_matrix)
{
    for (enum kind kind = EVEN; kind < KINDS; kind++) {
        struct dense *d = make(kind);
        double truth = dense_radius(d);
        struct probe_ritz ritz = find(d, 24, 2000);
        double off = fabs(ritz.radius - truth) / truth;
        cr_log_info("%s: off by %.1e, error said %.1e, %d products", name[kind], off, ritz.error,
                    d->products);
        cr_assert_leq(off, ritz.error, "%s: %g for %g, error said %g", name[kind], ritz.radius,
                      truth, ritz.error);
        cr_assert_eq(ritz.error <= WANTED, kind != PAIRS, "%s: error %g after %d products",
                     name[kind], ritz.error, d->products);
        cr_assert_lt(d->products, kind == PAIRS ? 2001 : 300, "%s", name[kind]);
        free(d);
    }
}

/* With 24 vectors alone some of these are wrong in the second digit, and it is said. */
Test(krylov, a_limit_that_is_too_small_is_told_by_the_error)
{
    double worst = 0;
    for (enum kind kind = EVEN; kind < KINDS; kind++) {
        struct dense *d = make(kind);
        double truth = dense_radius(d);
        struct probe_ritz ritz = find(d, 24, 24);
        double off = fabs(ritz.radius - truth) / truth;
        cr_log_info("%s, 24 products: off by %.1e, error said %.1e", name[kind], off, ritz.error);
        cr_assert_leq(off, ritz.error, "%s: off by %g, error said %g", name[kind], off, ritz.error);
        cr_assert_gt(ritz.error, WANTED);
        cr_assert_eq(d->products, 24);
        worst = fmax(worst, off);
        ritz = find(d, 16, 24); // economy's
        off = fabs(ritz.radius - truth) / truth;
        cr_log_info("%s, 16 vectors, 24 products: off by %.1e, error said %.1e", name[kind], off,
                    ritz.error);
        cr_assert_leq(off, ritz.error);
        free(d);
    }
    cr_assert_gt(worst, .03);
}

/* The largest eigenvalue's 1/|yᵀx| of these matrices grows from 5 to 3·10⁴ with the coupling up to
 * .09, as dense eigenvectors show; at .135 it is 3·10⁴ to 10⁷, at .2 10⁸, where products that are
 * stored in float32 do not know the eigenvalue any more. */
Test(krylov, the_error_holds_far_from_normal_as_well)
{
    static const double coupling[] = {.04, .06, .09, .135, .2, .3};
    for (size_t k = 0; k < sizeof coupling / sizeof *coupling; k++)
        for (uint64_t draw = 0; draw < 4; draw++) {
            struct dense *d = make_coupled(COUPLED, coupling[k], draw);
            struct probe_ritz ritz = find(d, 24, 240);
            double off = fabs(ritz.radius - dense_radius(d)) / dense_radius(d);
            cr_log_info("coupling %g, draw %d: off by %.1e, error said %.1e", coupling[k],
                        (int)draw, off, ritz.error);
            if (coupling[k] < .1) cr_assert_leq(off, 1.5 * ritz.error);
            free(d);
        }
}

Test(krylov, a_matrix_of_zeros_and_one_of_rank_one_end_early)
{
    struct dense *d = leadseq_calloc(1, sizeof *d);
    struct probe_ritz ritz = find(d, 24, 240);
    cr_assert(ritz.radius == 0 && ritz.error == 0 && d->products == 1);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) d->a[i][j] = 2. / N;
    ritz = find(d, 24, 240);
    cr_assert_float_eq(ritz.radius, 2, 1e-5);
    cr_assert_lt(ritz.error, 1e-4);
    d->a[0][0] = NAN;
    ritz = find(d, 24, 240);
    cr_assert(isnan(ritz.radius) && isnan(ritz.error));
    free(d);
}
