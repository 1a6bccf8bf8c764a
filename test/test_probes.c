/* SPDX-License-Identifier: MIT
 *
 * Probes on small trainings: what they measure against what can be computed
 * without them, that they change nothing, their file at any moment. */
#include "tiny_run.h"

#include <leadseq/diagnose.h>

#include <math.h>

TestSuite(probes, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

static int probed_train(const struct leadseq_experiment *e, const char *data, const char *out,
                        bool resume)
{
    struct leadseq_probes *p = leadseq_probes_new();
    struct leadseq_train_options options = {
        .data = data, .out = out, .resume = resume, .hooks = leadseq_probes_hooks(p)};
    int status = leadseq_train(e, &options);
    leadseq_probes_free(p);
    return status;
}
#define cr_assert_probes(e, data, out)                                                             \
    cr_assert_eq(probed_train(e, data, out, false), 0, "%s", leadseq_error())

/* The paper's network on tiny images; two ConvLSTM layers, stem, dropout ... on request. */
#define PAPER(...)                                                                                 \
    TINY("model.type", "convlstm", "model.hidden", "[3]", "model.head", "flatten", "train.loss",   \
         "bce", "train.batch", "4", "train.epochs", "1", "diagnose.probes", "full", __VA_ARGS__)

static struct leadseq_diagnostics *open_file(const char *run)
{
    char path[600];
    snprintf(path, sizeof path, "%s/diagnostics.h5", run);
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(path);
    cr_assert(d, "%s", leadseq_error());
    return d;
}

static struct leadseq_measured read_all(struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    cr_assert_eq(leadseq_diagnostics_read(d, name, &m), 0, "%s", leadseq_error());
    return m;
}

/* One value of a series; NaN fails the test. */
static double at(const struct leadseq_measured *m, size_t row, size_t item)
{
    cr_assert(row < m->rows && item < m->items);
    double value = m->value[row * m->items + item];
    cr_assert(isfinite(value), "row %zu item %zu", row, item);
    return value;
}

Test(probes, every_group_that_applies_has_a_row_for_every_step)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "7");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    static const char *const group[] = {"output",     "head",       "flow",
                                        "parameters", "histograms", "gates"};
    for (size_t i = 0; i < LEADSEQ_COUNT(group); i++) {
        cr_assert_str_eq(leadseq_diagnostics_absent(d, group[i]), "");
        cr_assert_eq(leadseq_diagnostics_rows(d, group[i]), 7, "%s", group[i]);
    }
    cr_assert_str_eq(leadseq_diagnostics_label(d, "layers", 0), "convlstm0");
    cr_assert_str_eq(leadseq_diagnostics_label(d, "leads", 11), "V6");
    cr_assert_null(leadseq_diagnostics_label(d, "leads", 12));
    cr_assert_eq(leadseq_diagnostics_number(d, "batch"), 4);
    cr_assert(isnan(leadseq_diagnostics_number(d, "nothing")));
    leadseq_diagnostics_close(d);
}

Test(probes, a_model_without_recurrence_says_so_and_stores_no_zeros)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.max_steps", "3", "diagnose.probes", "full",
                                       "diagnose.groups", "[output, flow, gates]");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured m;
    cr_assert_str_eq(leadseq_diagnostics_absent(d, "gates"), "model.type: cnn has no recurrence");
    cr_assert_str_eq(leadseq_diagnostics_absent(d, "head"), "not in diagnose.groups");
    cr_assert_str_eq(leadseq_diagnostics_absent(d, "hearts"), "not in this file");
    cr_assert_eq(leadseq_diagnostics_rows(d, "flow"), 0);
    cr_assert_eq(leadseq_diagnostics_read(d, "flow/norm", &m), -1);
    cr_assert_error_has("cnn has no recurrence");
    cr_assert_eq(leadseq_diagnostics_read(d, "output/nothing", &m), -1);
    cr_assert_error_has("no such quantity");
    leadseq_diagnostics_close(d);
}

Test(probes, what_is_no_diagnostics_file_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 20});
    cr_assert_null(leadseq_diagnostics_open(in_folder("none.h5")));
    cr_assert_error_has("none.h5");
    cr_assert_null(leadseq_diagnostics_open(put("text.h5", "no HDF5")));
    cr_assert_error_has("expected an HDF5 file");
    cr_assert_null(leadseq_diagnostics_open(data));
    cr_assert_error_has("expected diagnostics of leadseq");
}

/* Weights at the end and every cost of a run. */
static void expect_same_training(const char *one, const char *two)
{
    char *a = run_text(one, "steps.tsv"), *b = run_text(two, "steps.tsv");
    const char *p = a, *q = b;
    for (; p && *p; p = strchr(p, '\n'), q = strchr(q, '\n')) {
        p += *p == '\n', q += *q == '\n';
        size_t n = 0; // step epoch cost grad_norm
        for (int tabs = 0; p[n] && tabs < 4; n++) tabs += p[n] == '\t';
        cr_assert(!strncmp(p, q, n), "%.60s\n%.60s", p, q);
    }
    free(a);
    free(b);
    a = run_text(one, "predictions-test.tsv"), b = run_text(two, "predictions-test.tsv");
    cr_assert_str_eq(a, b);
    free(a);
    free(b);
}

static void expect_untouched(struct leadseq_experiment e)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment none = e;
    cr_assert_eq(leadseq_experiment_set(&none, "diagnose.probes", "none"), 0);
    cr_assert_probes(&e, data, in_folder("with"));
    cr_assert_probes(&none, data, in_folder("without"));
    cr_assert(!leadseq_path_exists(in_folder("without/diagnostics.h5")));
    expect_same_training(in_folder("with"), in_folder("without"));
}

Test(probes, they_do_not_change_a_training_by_a_bit)
{
    expect_untouched(PAPER("train.max_steps", "9"));
}

Test(probes, they_leave_batch_norm_and_dropout_alone)
{
    expect_untouched(PAPER("train.max_steps", "9", "model.stem", "conv", "model.stem_channels",
                           "[4]", "model.dropout", "0.3", "model.head", "mean-max",
                           "train.clip_norm", "0.01"));
}

/* z' - z = Δw·h + w·Δh + Δw·Δh + Δb, and Δw·h was predicted. */
static void expect_head(struct leadseq_experiment e, double within)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured predicted = read_all(d, "head/predicted"),
                            measured = read_all(d, "head/measured"),
                            dw_h = read_all(d, "head/dw_h"), w_dh = read_all(d, "head/w_dh"),
                            dw_dh = read_all(d, "head/dw_dh"), db = read_all(d, "head/db"),
                            off = read_all(d, "head/split_error"),
                            bound = read_all(d, "head/bound"), reach = read_all(d, "head/reach"),
                            most = read_all(d, "head/measured_max");
    for (size_t row = 0; row < predicted.rows; row++)
        for (size_t n = 0; n < predicted.items; n++) {
            double sum =
                at(&dw_h, row, n) + at(&w_dh, row, n) + at(&dw_dh, row, n) + at(&db, row, 0);
            double scale = fabs(at(&measured, row, n)) + 1e-4; // z itself is a float32
            cr_assert_float_eq(sum, at(&measured, row, n), 0.01 * scale);
            cr_assert_float_eq(at(&predicted, row, n), at(&dw_h, row, n) + at(&db, row, 0),
                               1e-5 * scale + 1e-7);
            cr_assert_leq(fabs(at(&dw_h, row, n)), at(&reach, row, n) * (1 + 1e-6));
            cr_assert_lt(at(&off, row, 0) * at(&most, row, 0), within * at(&most, row, 0) + 1e-6);
            cr_assert_gt(at(&bound, row, n), 0);
        }
    struct leadseq_measured *all[] = {&predicted, &measured, &dw_h,  &w_dh,  &dw_dh,
                                      &db,        &off,      &bound, &reach, &most};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

Test(probes, the_displacement_of_the_logit_splits_exactly_under_adam)
{
    expect_head(PAPER("train.max_steps", "6"), 0.01);
}

Test(probes, the_displacement_of_the_logit_splits_exactly_under_sgd_with_momentum_and_decay)
{
    expect_head(PAPER("train.max_steps", "6", "train.optimizer", "sgd", "train.momentum", "0.9",
                      "train.weight_decay", "0.01", "train.clip_norm", "0.05"),
                0.01);
}

Test(probes, the_displacement_of_the_logit_splits_exactly_under_adamw_with_a_schedule)
{
    expect_head(PAPER("train.max_steps", "6", "train.optimizer", "adamw", "train.weight_decay",
                      "0.1", "train.schedule", "one-cycle", "model.head", "mean-max",
                      "model.dropout", "0.2"),
                0.01);
}

/* Adam's first step is lr·sign(g): predicted, sign and bound tell the same story. */
Test(probes, adams_first_step_moves_the_logit_by_lr_times_the_signed_sum_of_h)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "1");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured predicted = read_all(d, "head/predicted"),
                            sign = read_all(d, "head/sign"), db = read_all(d, "head/db"),
                            bound = read_all(d, "head/bound"), one = read_all(d, "head/lr_one"),
                            most = read_all(d, "head/predicted_max");
    for (size_t n = 0; n < predicted.items; n++) {
        cr_assert_float_eq(at(&predicted, 0, n), at(&sign, 0, n) + at(&db, 0, 0),
                           1e-3 * fabs(at(&sign, 0, n)) + 1e-6);
        cr_assert_leq(fabs(at(&sign, 0, n)), at(&bound, 0, n) * (1 + 1e-6));
    }
    cr_assert_float_eq(at(&one, 0, 0) * at(&most, 0, 0), e.train.lr, 1e-9);
    struct leadseq_measured *all[] = {&predicted, &sign, &db, &bound, &one, &most};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

static void expect_same_rows(const char *one, const char *two)
{
    struct leadseq_diagnostics *a = open_file(one), *b = open_file(two);
    for (size_t i = 0; i < leadseq_n_quantities; i++) {
        char group[64];
        const char *name = leadseq_quantities[i].name;
        snprintf(group, sizeof group, "%.*s", (int)strcspn(name, "/"), name);
        if (*leadseq_diagnostics_absent(a, group)) continue;
        struct leadseq_measured p = read_all(a, name), q = read_all(b, name);
        cr_assert_eq(p.rows, q.rows, "%s: %zu and %zu rows", name, p.rows, q.rows);
        cr_assert(!memcmp(p.step, q.step, p.rows * sizeof *p.step), "%s", name);
        for (size_t k = 0; k < p.rows * p.items; k++)
            cr_assert((isnan(p.value[k]) && isnan(q.value[k])) || p.value[k] == q.value[k],
                      "%s: row %zu: %g and %g", name, k / p.items, p.value[k], q.value[k]);
        leadseq_measured_clear(&p);
        leadseq_measured_clear(&q);
    }
    leadseq_diagnostics_close(a);
    leadseq_diagnostics_close(b);
}

/* --- Hooks around the probes' own ------------------------------------------------------------ */

struct around {
    const struct leadseq_hooks *inner;
    uint64_t stop_at, look_at; /* steps; 0: none */
    const char *run;
    size_t rows_seen;
};

static int around_begin(void *user, const struct leadseq_training *t)
{
    struct around *a = user;
    return a->inner->begin(a->inner->user, t);
}

static int around_start(void *user, uint64_t step)
{
    struct around *a = user;
    return a->inner->start(a->inner->user, step);
}

static int around_before(void *user, struct leadseq_step *step)
{
    struct around *a = user;
    if (step->step == a->look_at) {
        struct leadseq_diagnostics *d = open_file(a->run);
        a->rows_seen = leadseq_diagnostics_rows(d, "output");
        leadseq_diagnostics_close(d);
    }
    return a->inner->before(a->inner->user, step);
}

static int around_gradient(void *user, struct leadseq_step *step)
{
    struct around *a = user;
    return a->inner->gradient(a->inner->user, step);
}

static int around_after(void *user, struct leadseq_step *step)
{
    struct around *a = user;
    if (step->step == a->stop_at) leadseq_stop_request(15);
    return a->inner->after(a->inner->user, step);
}

static int around_save(void *user)
{
    struct around *a = user;
    return a->inner->save(a->inner->user);
}

static int around_end(void *user)
{
    struct around *a = user;
    return a->inner->end(a->inner->user);
}

static void train_around(const struct leadseq_experiment *e, const char *data, struct around *a,
                         bool resume)
{
    struct leadseq_probes *p = leadseq_probes_new();
    a->inner = leadseq_probes_hooks(p);
    struct leadseq_hooks hooks = {
        a,           around_begin, around_start, around_before, around_gradient, around_after,
        around_save, around_end};
    struct leadseq_train_options options = {
        .data = data, .out = a->run, .resume = resume, .hooks = &hooks};
    leadseq_stop_request(0);
    cr_assert_eq(leadseq_train(e, &options), 0, "%s", leadseq_error());
    leadseq_probes_free(p);
    leadseq_stop_request(0);
}

Test(probes, a_run_stopped_and_resumed_has_the_rows_of_one_that_was_not)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "26", "train.epochs", "2",
                                        "diagnose.probes", "economy", "diagnose.every", "3");
    struct around whole = {.run = in_folder("whole")};
    struct around parts = {.run = in_folder("parts"), .stop_at = 5};
    train_around(&e, data, &whole, false);
    train_around(&e, data, &parts, false);
    parts.stop_at = 23;
    train_around(&e, data, &parts, true);
    parts.stop_at = 0;
    train_around(&e, data, &parts, true);
    expect_same_rows(whole.run, parts.run);
}

Test(probes, the_file_can_be_read_while_the_run_goes_on)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("train.epochs", "2"); // 20 steps an epoch, then a checkpoint
    struct around a = {.run = in_folder("run"), .look_at = 22};
    train_around(&e, data, &a, false);
    cr_assert_eq(a.rows_seen, 20);
}

Test(probes, rows_behind_a_checkpoint_are_dropped_with_a_file_that_is_no_longer_there_made_anew)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "9");
    struct around a = {.run = in_folder("run"), .stop_at = 4};
    train_around(&e, data, &a, false);
    cr_assert_eq(unlink(in_folder("run/diagnostics.h5")), 0);
    a.stop_at = 0;
    train_around(&e, data, &a, true);
    struct leadseq_diagnostics *d = open_file(a.run);
    struct leadseq_measured cost = read_all(d, "output/cost");
    cr_assert_eq(cost.rows, 5);
    cr_assert_eq(cost.step[0], 5);
    leadseq_measured_clear(&cost);
    leadseq_diagnostics_close(d);
}

Test(probes, another_file_in_the_place_of_the_runs_own_is_not_overwritten)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "9");
    struct around a = {.run = in_folder("run"), .stop_at = 4};
    train_around(&e, data, &a, false);
    cr_assert_eq(
        rename(tiny_write("b.h5", (struct tiny_stack){.n = 20}), in_folder("run/diagnostics.h5")),
        0);
    cr_assert_eq(probed_train(&e, data, a.run, true), -1);
    cr_assert_error_has("expected diagnostics of leadseq");
    cr_assert_error_has("move it away");
}

/* --- Against plain sums
 * ---------------------------------------------------------------------------- */

/* What observers show of the first step, summed without any care for speed. */
struct plain {
    double norm[3][LEADSEQ_LEADS]; /* dh dc dgates */
    double mean[LEADSEQ_LEADS][4][3], high[LEADSEQ_LEADS][4][3], low[LEADSEQ_LEADS][4][3];
    double cell[LEADSEQ_LEADS][3], h_mean[LEADSEQ_LEADS][3], h_sd[LEADSEQ_LEADS][3];
    struct leadseq_model *model;
};

static double plane_mean(const struct leadseq_view *v, int c, double (*of)(double), double shift)
{
    size_t pixels = (size_t)v->h * (size_t)v->w;
    double sum = 0;
    for (int n = 0; n < v->n; n++)
        for (size_t i = 0; i < pixels; i++)
            sum += of(v->data[((size_t)n * (size_t)v->c + (size_t)c) * pixels + i] - shift);
    return sum / (double)pixels / v->n;
}

static double itself(double x)
{
    return x;
}
static double square(double x)
{
    return x * x;
}
static double positive(double x)
{
    return x > 0;
}
static double negative(double x)
{
    return x < 0;
}

static void see(void *user, const char *layer, int t, enum leadseq_observed what,
                const struct leadseq_view *v)
{
    struct plain *p = user;
    cr_assert_str_eq(layer, "convlstm0");
    for (int c = 0; c < 3 && what == LEADSEQ_OBSERVED_H; c++) {
        p->h_mean[t][c] = plane_mean(v, c, itself, 0);
        p->h_sd[t][c] = sqrt(plane_mean(v, c, square, p->h_mean[t][c]));
    }
    for (int c = 0; c < 3 && what == LEADSEQ_OBSERVED_C; c++)
        p->cell[t][c] = plane_mean(v, c, tanh, 0);
    for (int k = 0; k < 12 && what == LEADSEQ_OBSERVED_GATES; k++) {
        p->mean[t][k / 3][k % 3] = plane_mean(v, k, itself, 0);
        p->high[t][k / 3][k % 3] = plane_mean(v, k, positive, 0.9f);
        p->low[t][k / 3][k % 3] = plane_mean(v, k, negative, k / 3 == 3 ? -0.9f : 0.1f);
    }
    if (what < LEADSEQ_OBSERVED_DH) return;
    double sum = 0;
    for (int c = 0; c < v->c; c++) sum += plane_mean(v, c, square, 0);
    p->norm[what - LEADSEQ_OBSERVED_DH][t] = sqrt(sum * v->n * v->h * v->w);
}

static int plain_begin(void *user, const struct leadseq_training *t)
{
    leadseq_model_observe(t->model, see, user);
    return 0;
}

Test(probes, gates_and_gradients_are_those_plain_sums_give)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("train.max_steps", "1", "data.test", "[]", "data.valid", "[]");
    static struct plain p;
    struct leadseq_hooks hooks = {.user = &p, .begin = plain_begin};
    struct leadseq_train_options options = {
        .data = data, .out = in_folder("plain"), .hooks = &hooks};
    cr_assert_eq(leadseq_train(&e, &options), 0, "%s", leadseq_error());
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured norm = read_all(d, "flow/norm"), mean = read_all(d, "gates/mean"),
                            low = read_all(d, "gates/low"), high = read_all(d, "gates/high"),
                            h_mean = read_all(d, "gates/h_mean"), h_sd = read_all(d, "gates/h_sd");
    for (int t = 0; t < LEADSEQ_LEADS; t++) {
        for (int k = 0; k < 3; k++)
            cr_assert_float_eq(at(&norm, 0, (size_t)(k * 12 + t)), p.norm[k][t],
                               1e-5 * p.norm[k][t]);
        for (int k = 0; k < 12; k++) {
            size_t i = (size_t)((t * 5 + k / 3) * 3 + k % 3);
            cr_assert_float_eq(at(&mean, 0, i), p.mean[t][k / 3][k % 3], 1e-5);
            cr_assert_float_eq(at(&low, 0, i), p.low[t][k / 3][k % 3], 1e-6);
            cr_assert_float_eq(at(&high, 0, i), p.high[t][k / 3][k % 3], 1e-6);
        }
        for (int c = 0; c < 3; c++) {
            cr_assert_float_eq(at(&mean, 0, (size_t)((t * 5 + 4) * 3 + c)), p.cell[t][c], 1e-5);
            cr_assert_float_eq(at(&h_mean, 0, (size_t)(t * 3 + c)), p.h_mean[t][c], 1e-5);
            cr_assert_float_eq(at(&h_sd, 0, (size_t)(t * 3 + c)), p.h_sd[t][c],
                               1e-4 * p.h_sd[t][c]);
        }
    }
    struct leadseq_measured *all[] = {&norm, &mean, &low, &high, &h_mean, &h_sd};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

/* dL/dh of the last lead is dz w: with one record, |σ(z) - t| ‖w‖. */
Test(probes, the_gradient_at_the_last_lead_is_that_of_the_head)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "5", "train.batch", "1");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured norm = read_all(d, "flow/norm"), z = read_all(d, "output/logit_mean"),
                            t = read_all(d, "output/target_mean"),
                            w = read_all(d, "parameters/weight_norm");
    size_t head = 0;
    while (strcmp(leadseq_diagnostics_label(d, "tensors", head), "head.weight")) head++;
    for (size_t row = 0; row < norm.rows; row++) {
        double expected = fabs(1 / (1 + exp(-at(&z, row, 0))) - at(&t, row, 0)) * at(&w, row, head);
        cr_assert_float_eq(at(&norm, row, 11), expected, 1e-4 * expected);
    }
    leadseq_measured_clear(&norm);
    leadseq_measured_clear(&z);
    leadseq_measured_clear(&t);
    leadseq_measured_clear(&w);
    leadseq_diagnostics_close(d);
}

/* --- On a run that is there
 * -------------------------------------------------------------------------- */

Test(probes, a_run_without_probes_is_probed_afterwards_and_stays_as_it_is)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "8"), none = e;
    cr_assert_eq(leadseq_experiment_set(&none, "diagnose.probes", "none"), 0);
    cr_assert_probes(&e, data, in_folder("with"));
    cr_assert_probes(&none, data, in_folder("without"));
    char *before = run_text(in_folder("without"), "steps.tsv");
    struct leadseq_probe_options how = {
        .data = data, .out = in_folder("without/probed.h5"), .from = LEADSEQ_FROM_SEED, .steps = 8};
    cr_assert_eq(leadseq_probe_run(in_folder("without"), &none, &how), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_probe_run(in_folder("without"), &none, &how), -1);
    cr_assert_error_has("exists already");
    cr_assert_eq(rename(how.out, in_folder("without/diagnostics.h5")), 0);
    expect_same_rows(in_folder("with"), in_folder("without"));
    char *after = run_text(in_folder("without"), "steps.tsv");
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
}

Test(probes, a_checkpoint_is_probed_in_the_step_behind_it)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.epochs", "1");
    cr_assert_probes(&e, data, in_folder("run"));
    for (int from = LEADSEQ_FROM_LAST; from <= LEADSEQ_FROM_BEST; from++) {
        const char *out = in_folder(from ? "best.h5" : "last.h5");
        struct leadseq_probe_options how = {.data = data,
                                            .out = out,
                                            .from = (enum leadseq_rehearse_from)from,
                                            .steps = 2,
                                            .groups = 1u << LEADSEQ_GROUP_HEAD};
        cr_assert_eq(leadseq_probe_run(in_folder("run"), &e, &how), 0, "%s", leadseq_error());
        struct leadseq_diagnostics *d = leadseq_diagnostics_open(out);
        struct leadseq_measured moved = read_all(d, "head/measured_max");
        cr_assert_eq(moved.rows, 2);
        cr_assert_eq(moved.step[0], 21);
        cr_assert_gt(at(&moved, 1, 0), 0);
        leadseq_measured_clear(&moved);
        leadseq_diagnostics_close(d);
    }
}

Test(probes, another_stack_or_no_run_at_all_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *other = tiny_write("b.h5", (struct tiny_stack){.n = TINY_RECORDS, .first = 7});
    struct leadseq_experiment e = PAPER("train.max_steps", "2");
    cr_assert_probes(&e, data, in_folder("run"));
    struct leadseq_probe_options how = {.data = other, .out = in_folder("p.h5"), .steps = 1};
    cr_assert_eq(leadseq_probe_run(in_folder("run"), &e, &how), -1);
    cr_assert_error_has("expected the stack the run was trained on");
    cr_assert(!leadseq_path_exists(how.out));
    how.data = data;
    cr_assert_eq(leadseq_probe_run(in_folder("none"), &e, &how), -1);
    how.steps = 0;
    cr_assert_eq(leadseq_probe_run(in_folder("run"), &e, &how), -1);
    cr_assert_error_has("at least one step");
}

/* Every step multiplies the weights by 1 - lr·decay = -9999: soon nothing is finite. */
Test(probes, numbers_that_are_not_finite_are_stored_with_the_layer_they_came_from)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("train.optimizer", "sgd", "train.weight_decay", "100", "train.lr", "100");
    cr_assert_eq(probed_train(&e, data, in_folder("run"), false), -1);
    cr_assert_error_has("expected a finite cost");
    struct leadseq_diagnostics *d = open_file(in_folder("run"));
    struct leadseq_measured layer = read_all(d, "output/nonfinite_layer"),
                            grad = read_all(d, "parameters/grad_nonfinite");
    cr_assert(isfinite(layer.value[layer.rows - 1]), "the layer was looked for");
    cr_assert(layer.rows < 2 || isnan(layer.value[0]), "but not where all was finite");
    cr_assert_eq(grad.step[grad.rows - 1], layer.step[layer.rows - 1]);
    cr_assert_gt(at(&grad, grad.rows - 1, 0), 0);
    leadseq_measured_clear(&layer);
    leadseq_measured_clear(&grad);
    leadseq_diagnostics_close(d);
}
