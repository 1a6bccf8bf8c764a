/* SPDX-License-Identifier: MIT
 *
 * The recurrence group against dense Jacobians, column by column, of a network
 * so small that they can be written down. */
#include "probed_run.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>

TestSuite(recurrence, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

/* 16 × 16 images, a stem of three strides: 2 × 2 pixels, two channels, 16 values of state. */
enum { N = 16, T = LEADSEQ_LEADS, EXPONENTS = 3 };
#define SMALL(...)                                                                                 \
    PAPER("model.hidden", "[2]", "model.stem", "conv", "model.stem_channels", "[3, 3, 3]",         \
          "train.max_steps", "1", "diagnose.groups", "[recurrence]", __VA_ARGS__)

struct dense {
    struct leadseq_training t;
    double j[T][N][N];
};

static int keep_training(void *user, const struct leadseq_training *t)
{
    ((struct dense *)user)->t = *t;
    return 0;
}

static int write_down(void *user, struct leadseq_step *step)
{
    struct dense *d = user;
    struct leadseq_cell_map *m = leadseq_model_cell_map(d->t.model, 0);
    size_t input = leadseq_model_cell(d->t.model, 0).inputs;
    float zero[N] = {0}, *x = malloc(T * input * sizeof *x);
    const float *state = zero;
    (void)step;
    cr_assert(m && leadseq_cell_map_state(m) == N);
    cr_assert_eq(leadseq_model_get_cell_input(d->t.model, 0, 0, x), 0);
    for (int t = 0; t < T; t++) {
        state = leadseq_cell_map_step(m, x + (size_t)t * input, state);
        for (int k = 0; k < N; k++) {
            float unit[N] = {0}, column[N];
            unit[k] = 1;
            cr_assert_eq(leadseq_cell_map_forward(m, unit, column), 0);
            for (int i = 0; i < N; i++) d->j[t][i][k] = column[i];
        }
    }
    free(x);
    leadseq_cell_map_free(m);
    return 0;
}

static void train_dense(const struct leadseq_experiment *e, const char *data, struct dense *d)
{
    struct leadseq_hooks hooks = {.user = d, .begin = keep_training, .gradient = write_down};
    struct leadseq_train_options options = {.data = data, .out = in_folder("d"), .hooks = &hooks};
    cr_assert_eq(leadseq_train(e, &options), 0, "%s", leadseq_error());
}

static gsl_matrix *matrix_of(const double j[N][N])
{
    gsl_matrix *m = gsl_matrix_alloc(N, N);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++) gsl_matrix_set(m, i, k, j[i][k]);
    return m;
}

static double largest_singular(const double j[N][N])
{
    gsl_matrix *m = matrix_of(j), *v = gsl_matrix_alloc(N, N);
    gsl_vector *s = gsl_vector_alloc(N), *space = gsl_vector_alloc(N);
    cr_assert_eq(gsl_linalg_SV_decomp(m, v, s, space), 0);
    double most = gsl_vector_get(s, 0);
    gsl_matrix_free(m), gsl_matrix_free(v), gsl_vector_free(s), gsl_vector_free(space);
    return most;
}

static double largest_eigenvalue(const double j[N][N])
{
    gsl_matrix *m = matrix_of(j);
    gsl_vector_complex *value = gsl_vector_complex_alloc(N);
    gsl_eigen_nonsymm_workspace *space = gsl_eigen_nonsymm_alloc(N);
    cr_assert_eq(gsl_eigen_nonsymm(m, value, space), 0);
    double most = 0;
    for (size_t i = 0; i < N; i++) {
        gsl_complex z = gsl_vector_complex_get(value, i);
        most = fmax(most, hypot(GSL_REAL(z), GSL_IMAG(z)));
    }
    gsl_eigen_nonsymm_free(space), gsl_vector_complex_free(value), gsl_matrix_free(m);
    return most;
}

Test(recurrence, singular_values_and_radii_are_those_of_the_dense_jacobian)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = SMALL("model.forget_bias", "1");
    static struct dense dense;
    train_dense(&e, data, &dense);
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured singular = read_all(d, "recurrence/singular"),
                            radius = read_all(d, "recurrence/radius"),
                            rest = read_all(d, "recurrence/radius_residual"),
                            field = read_all(d, "recurrence/field"),
                            beat = read_all(d, "recurrence/beat");
    cr_assert(isnan(singular.value[0]), "there is no state before the first lead");
    for (size_t t = 1; t < T; t++) {
        double sigma = largest_singular(dense.j[t]), rho = largest_eigenvalue(dense.j[t]);
        cr_assert_float_eq(at(&singular, 0, t), sigma, 1e-4 * sigma, "lead %zu", t);
        cr_assert_float_eq(at(&radius, 0, t), rho, 1e-3 * rho, "lead %zu", t);
        cr_assert_lt(at(&rest, 0, t), 1e-3);
    }
    cr_assert_float_eq(at(&field, 0, 0), 15 + 8 * 12 * 2, 1e-9); // stem of three: 15 px, strides 8
    cr_assert_float_eq(at(&beat, 0, 0), 16 * 0.775 / 1.1 * 0.08, 1e-5);
    struct leadseq_measured *all[] = {&singular, &radius, &rest, &field, &beat};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

/* ln of the volume three vectors span: half the ln of their Gram determinant. */
static double log_volume(const double q[EXPONENTS][N])
{
    double g[EXPONENTS][EXPONENTS];
    for (int a = 0; a < EXPONENTS; a++)
        for (int b = 0; b < EXPONENTS; b++) {
            g[a][b] = 0;
            for (int i = 0; i < N; i++) g[a][b] += q[a][i] * q[b][i];
        }
    double det = g[0][0] * (g[1][1] * g[2][2] - g[1][2] * g[2][1]) -
                 g[0][1] * (g[1][0] * g[2][2] - g[1][2] * g[2][0]) +
                 g[0][2] * (g[1][0] * g[2][1] - g[1][1] * g[2][0]);
    return log(det) / 2;
}

static void multiply(const double j[N][N], double q[EXPONENTS][N])
{
    for (int a = 0; a < EXPONENTS; a++) {
        double product[N] = {0};
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) product[i] += j[i][k] * q[a][k];
        memcpy(q[a], product, sizeof product);
    }
}

/* The sum of the exponents is how the volume grows, however it is orthogonalised on the way: here
 * not at all, in double. */
Test(recurrence, the_exponents_sum_to_the_growth_of_a_volume)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = SMALL("model.forget_bias", "2");
    static struct dense dense;
    double q[EXPONENTS][N], before, sum = 0;
    train_dense(&e, data, &dense);
    cr_assert_probes(&e, data, in_folder("r"));
    for (int k = 0; k < EXPONENTS; k++) { // the directions the probes begin with
        struct leadseq_random r;
        leadseq_random_init(&r, e.seed, LEADSEQ_STREAM_PROBES, 0, (uint64_t)(2 + k));
        double squares = 0;
        for (int i = 0; i < N; i++) {
            q[k][i] = 2 * leadseq_random_uniform(&r) - 1;
            squares += q[k][i] * q[k][i];
        }
        for (int i = 0; i < N; i++) q[k][i] /= sqrt(squares);
    }
    before = log_volume(q);
    for (int t = 1; t < T; t++) multiply(dense.j[t], q);
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured m = read_all(d, "recurrence/lyapunov");
    for (size_t k = 0; k < EXPONENTS; k++) sum += at(&m, 0, k);
    before = log_volume(q) - before;
    cr_assert_float_eq(sum * (T - 1), before, 1e-3 * fabs(before));
    leadseq_measured_clear(&m);
    leadseq_diagnostics_close(d);
}

/* The state of a cell after a patch stem is the image divided by the patch, and a pixel of it sees
 * patches: 16 x 16 in patches of 4 are 4 x 4. Everything here is the model's to say; derived from
 * the stem's name it was 16 x 16, and written out of bounds. */
Test(recurrence, a_patch_stem_has_small_states_that_see_large_fields)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("model.hidden", "[2, 3]", "model.stem", "patch", "model.patch", "4",
              "train.max_steps", "1", "diagnose.groups", "[recurrence]", "diagnose.probes", "full");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured field = read_all(d, "recurrence/field"),
                            effective = read_all(d, "recurrence/field_effective");
    cr_assert_float_eq(at(&field, 0, 0), 4 + 4 * 12 * 2, 1e-9);
    cr_assert_float_eq(at(&field, 0, 1), 4 + 4 * 13 * 2, 1e-9);
    for (size_t layer = 0; layer < 2; layer++) {
        double side = at(&effective, 0, layer) / 4; // of 4 pixels, around the third
        cr_assert(side == 1 || side == 3 || side == 5, "%g", side);
    }
    leadseq_measured_clear(&field);
    leadseq_measured_clear(&effective);
    leadseq_diagnostics_close(d);
}
