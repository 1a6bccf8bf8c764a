/* SPDX-License-Identifier: MIT
 *
 * Arnoldi's iteration with thick restarts (Stewart 2001; Wu & Simon 2000), for the
 * largest eigenvalue of a matrix that is known by its products alone. Powers of A of a
 * start vector, each made orthogonal to those before it (twice, since one pass loses
 * orthogonality in float32), span a space in which A V_m = V_m H + v_{m+1} b'. The
 * largest eigenvalue of the small H is close to that of A. Where it is not close
 * enough and the space is full, the eigenvectors of its larger eigenvalues alone are
 * kept, and the iteration continues from there. */
#include "krylov.h"

#include "sums.h"

#include <math.h>
#include <string.h>

enum { STRIDE = PROBE_KRYLOV_MOST, LOOK = 4, BLOCK = 256 };

struct space {
    const struct probe_operator *a;
    const struct probe_krylov *k;
    double h[(PROBE_KRYLOV_MOST + 1) * STRIDE];
    int m, used;
    double rest; /* length of the last vector before it was made 1, by that of A v */
};

/* One vector more. */
static int extend(struct space *s)
{
    const size_t n = s->a->n;
    float *next = s->k->basis + (size_t)(s->m + 1) * n;
    if (s->a->apply(s->a->of, s->k->basis + (size_t)s->m * n, next)) return -1;
    double whole = probe_norm(next, n);
    for (int twice = 0; twice < 2; twice++)
        for (int k = 0; k <= s->m; k++) {
            const float *b = s->k->basis + (size_t)k * n;
            double dot = probe_dot(b, next, n);
            probe_subtract(next, b, n, dot);
            s->h[k * STRIDE + s->m] += dot;
        }
    double length = s->h[(s->m + 1) * STRIDE + s->m] = probe_norm(next, n);
    s->rest = whole > 0 ? length / whole : 0;
    if (length > 0) probe_scale(next, n, 1 / length);
    s->m++;
    s->used++;
    return 0;
}

/* V <- V Q in place, k vectors of m. */
static void rotate(struct space *s, const double *q, int k)
{
    const size_t n = s->a->n;
    const int m = s->m;
    float *v = s->k->basis;
#pragma omp parallel for schedule(static) if (n > 65536)
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t length = n - from < BLOCK ? n - from : BLOCK;
        double sum[PROBE_KRYLOV_MOST][BLOCK] = {{0}};
        for (int j = 0; j < k; j++)
            for (int i = 0; i < m; i++)
                for (size_t x = 0; x < length; x++)
                    sum[j][x] += q[i * STRIDE + j] * (double)v[(size_t)i * n + from + x];
        for (int j = 0; j < k; j++)
            for (size_t x = 0; x < length; x++) v[(size_t)j * n + from + x] = (float)sum[j][x];
    }
    memcpy(v + (size_t)k * n, v + (size_t)m * n, n * sizeof *v);
}

/* H <- Q'HQ, and what A leads out of the space by: row k+1 is h_{m+1,m} of Q's last row. */
static void project(struct space *s, const double *q, int k)
{
    double small[(PROBE_KRYLOV_MOST + 1) * STRIDE] = {0};
    const int m = s->m;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < m; j++)
                    small[a * STRIDE + b] +=
                        q[i * STRIDE + a] * s->h[i * STRIDE + j] * q[j * STRIDE + b];
    for (int b = 0; b < k; b++)
        small[k * STRIDE + b] = s->h[m * STRIDE + m - 1] * q[(m - 1) * STRIDE + b];
    memcpy(s->h, small, sizeof small);
}

static int restart(struct space *s)
{
    double q[PROBE_KRYLOV_MOST * STRIDE] = {0};
    int k;
    if (probe_ritz_basis(s->h, STRIDE, s->m, s->m / 2, q, &k)) return -1;
    rotate(s, q, k);
    project(s, q, k);
    s->m = k;
    return 0;
}

/* What the last vectors changed is a lower bound of the error, the residual times the condition an
 * estimate from above. */
int probe_largest(const struct probe_operator *a, const struct probe_krylov *krylov,
                  struct probe_ritz *ritz)
{
    struct space s = {.a = a, .k = krylov};
    const int most = (size_t)krylov->vectors < a->n ? krylov->vectors : (int)a->n;
    double before = NAN;
    for (;;) {
        if (extend(&s)) return -1;
        bool whole = (size_t)s.m == a->n || !(s.rest > 1e-10), last = s.used == krylov->products;
        if (whole || last || s.m == most || s.used % LOOK == 0) {
            if (probe_ritz(s.h, STRIDE, s.m, ritz)) return -1;
            if (whole || isnan(ritz->radius)) return 0;
            if (!isnan(before))
                ritz->error = fmax(ritz->error, fabs(ritz->radius - before) / ritz->radius);
            if (last || (!isnan(before) && ritz->error <= krylov->wanted)) return 0;
            before = ritz->radius;
        }
        if (s.m == most && restart(&s)) return -1;
    }
}
