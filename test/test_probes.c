/* SPDX-License-Identifier: MIT
 *
 * What probes measure on small trainings, against what can be computed without
 * them; that they change nothing. */
#include "probed_run.h"

TestSuite(probes, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

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

/* Adam's first step is lr·sign(g): predicted, sign and bound agree. */
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

/* --- Against plain sums ----------------------------------------------------------------------- */

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

/* --- The step --------------------------------------------------------------------------------- */

/* The change of cost along the update is what the gradient promises, to first order. */
Test(probes, the_cost_along_the_update_begins_with_the_slope_the_gradient_has)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "4", "train.optimizer", "sgd",
                                        "train.lr", "0.05", "train.clip_norm", "0.1");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured line = read_all(d, "step/line_cost"),
                            promise = read_all(d, "step/first_order"),
                            change = read_all(d, "step/change"), cost = read_all(d, "output/cost");
    for (size_t row = 0; row < line.rows; row++) {
        double start = at(&line, row, 0), quarter = at(&line, row, 1);
        cr_assert_eq(start, (float)at(&cost, row, 0));
        cr_assert_lt(at(&promise, row, 0), 0, "sgd goes downhill");
        cr_assert_float_eq(quarter - start, at(&promise, row, 0) / 4,
                           0.1 * fabs(at(&promise, row, 0)) + 1e-6);
        cr_assert_float_eq(at(&line, row, 3) - start, at(&change, row, 0), 1e-6);
    }
    leadseq_measured_clear(&line);
    leadseq_measured_clear(&promise);
    leadseq_measured_clear(&change);
    leadseq_measured_clear(&cost);
    leadseq_diagnostics_close(d);
}

/* The paper's point of saturation: far too long a step is seen as one, a tiny one as too short. */
Test(probes, a_step_too_long_and_one_too_short_are_told_apart)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    static const struct {
        const char *lr;
        double least, most;
    } cases[] = {{"1e-3", 4, 4}, {"100", 0, 0.25}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_experiment e =
            PAPER("train.max_steps", "2", "train.optimizer", "sgd", "train.loss", "bce-logits",
                  "train.batch", "20", "train.lr", cases[i].lr, "diagnose.groups", "[step]");
        const char *run = in_folder(cases[i].lr);
        cr_assert_probes(&e, data, run);
        struct leadseq_diagnostics *d = open_file(run);
        struct leadseq_measured best = read_all(d, "step/best");
        cr_assert_geq(at(&best, 0, 0), cases[i].least);
        cr_assert_leq(at(&best, 0, 0), cases[i].most);
        leadseq_measured_clear(&best);
        leadseq_diagnostics_close(d);
    }
}

/* The gradient of one record alone, by the same model with a batch of one. */
struct lone {
    struct leadseq_training t;
    float *gradient[2], *whole;
    size_t count;
};

static int lone_begin(void *user, const struct leadseq_training *t)
{
    struct lone *l = user;
    l->t = *t;
    l->count = leadseq_model_params(t->model)->count;
    for (int i = 0; i < 2; i++) l->gradient[i] = calloc(l->count, sizeof(float));
    l->whole = calloc(l->count, sizeof(float));
    return 0;
}

/* Records of a batch of two, each in a pass of its own. */
static int lone_before(void *user, struct leadseq_step *step)
{
    struct lone *l = user;
    struct leadseq_params *p = leadseq_model_params(l->t.model);
    const struct leadseq_model_spec *s = leadseq_model_spec(l->t.model);
    size_t image = (size_t)s->channels * s->height * s->width;
    float *one = malloc(s->leads * image * sizeof *one), z, dz;
    for (int i = 0; i < 2; i++) {
        for (int t = 0; t < s->leads; t++)
            memcpy(one + (size_t)t * image, step->batch->images + ((size_t)t * 2 + i) * image,
                   image * sizeof *one);
        memset(p->gradient, 0, p->count * sizeof *p->gradient);
        cr_assert_eq(leadseq_model_forward(l->t.model, LEADSEQ_TRAINING, 0, 1, one, &z), 0);
        const struct leadseq_loss loss = leadseq_experiment_loss(l->t.e);
        leadseq_loss_mean(&loss, &z, &step->batch->target[i], 1, NULL, &dz);
        cr_assert_eq(leadseq_model_backward(l->t.model, &dz), 0);
        memcpy(l->gradient[i], p->gradient, p->count * sizeof *p->gradient);
    }
    free(one);
    return 0;
}

static void expect_noise(const char *run, double agrees, double trace, double square_of)
{
    struct leadseq_diagnostics *d = open_file(run);
    struct leadseq_measured agreement = read_all(d, "step/agreement"),
                            variance = read_all(d, "step/grad_variance"),
                            square = read_all(d, "step/grad_square");
    cr_assert_float_eq(at(&agreement, 0, 0), agrees, 1e-3);
    cr_assert_float_eq(at(&variance, 0, 0), trace, 1e-3 * fabs(trace));
    cr_assert_float_eq(at(&square, 0, 0), square_of, 1e-3 * (square_of + trace / 2));
    leadseq_measured_clear(&agreement);
    leadseq_measured_clear(&variance);
    leadseq_measured_clear(&square);
    leadseq_diagnostics_close(d);
}

/* Also where each record is a part of its own (train.accumulate). */
Test(probes, noise_and_agreement_are_those_of_the_records_own_gradients)
{
#define TWO                                                                                        \
    "train.max_steps", "1", "train.batch", "2", "data.valid", "[]", "data.test", "[]",             \
        "train.clip_norm", "0.01"
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER(TWO), parts = PAPER(TWO, "train.accumulate", "2");
    struct lone l = {0};
    struct leadseq_hooks hooks = {.user = &l, .begin = lone_begin, .before = lone_before};
    struct leadseq_train_options options = {.data = data, .out = in_folder("l"), .hooks = &hooks};
    cr_assert_eq(leadseq_train(&e, &options), 0, "%s", leadseq_error());
    double aa = 0, bb = 0, ab = 0, gg = 0;
    for (size_t i = 0; i < l.count; i++) {
        double a = l.gradient[0][i], b = l.gradient[1][i];
        aa += a * a, bb += b * b, ab += a * b, gg += (a + b) * (a + b) / 4;
    }
    double trace = ((aa + bb) / 2 - gg) / (1 - 0.5);
    cr_assert_probes(&e, data, in_folder("r"));
    expect_noise(in_folder("r"), ab / sqrt(aa * bb), trace, gg - trace / 2);
    cr_assert_probes(&parts, data, in_folder("p"));
    expect_noise(in_folder("p"), ab / sqrt(aa * bb), trace, gg - trace / 2);
    for (int i = 0; i < 2; i++) free(l.gradient[i]);
    free(l.whole);
}

/* --- Several outputs -------------------------------------------------------------------------- */

/* MI, and what is not: both outputs are described, with an axis of their own, and the displacement
 * of each splits exactly. */
Test(probes, each_output_of_several_is_measured)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("train.max_steps", "3", "data.task", "[MI, NORM]", "train.loss", "bce-logits",
              "diagnose.groups", "all", "data.valid", "[9]", "data.test", "[]");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    cr_assert_str_eq(leadseq_diagnostics_label(d, "outputs", 0), "MI");
    cr_assert_str_eq(leadseq_diagnostics_label(d, "outputs", 1), "NORM");
    cr_assert_null(leadseq_diagnostics_label(d, "outputs", 2));
    struct leadseq_measured measured = read_all(d, "head/measured"),
                            dw_h = read_all(d, "head/dw_h"), w_dh = read_all(d, "head/w_dh"),
                            dw_dh = read_all(d, "head/dw_dh"), db = read_all(d, "head/db"),
                            mean = read_all(d, "output/logit_mean"),
                            slope = read_all(d, "input/gradient_norm"),
                            cost = read_all(d, "output/cost");
    cr_assert_eq(measured.rank, 2);
    cr_assert_eq(measured.shape[0], 2);
    cr_assert_eq(mean.rank, 1);
    cr_assert_eq(mean.shape[0], 2);
    cr_assert_eq(slope.shape[0], 2);
    cr_assert_eq(slope.shape[1], LEADSEQ_LEADS);
    cr_assert_eq(cost.rank, 0, "the loss is one");
    for (size_t row = 0; row < measured.rows; row++)
        for (size_t i = 0; i < measured.items; i++) {
            double sum = at(&dw_h, row, i) + at(&w_dh, row, i) + at(&dw_dh, row, i) +
                         at(&db, row, i / measured.shape[1]);
            cr_assert_float_eq(sum, at(&measured, row, i),
                               0.01 * (fabs(at(&measured, row, i)) + 1e-4));
        }
    struct leadseq_measured *all[] = {&measured, &dw_h, &w_dh, &dw_dh, &db, &mean, &slope, &cost};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

/* Predictions of the input group are of the task's labels, not of the rows' mi: STTC alone and with
 * MI has the AUC of the run's own predictions. Those of the first epoch's end are these of the
 * second epoch's first step, before which nothing has moved. */
static void expect_input_auc(const char *task, const char *title, size_t output)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("train.epochs", "2", "data.task", task, "train.loss", "bce-logits", "diagnose.groups",
              "[input]", "data.valid", "[9]", "data.test", "[]");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured auc = read_all(d, "input/auc");
    char *history = run_text(in_folder("r"), "history.tsv"), *row = strchr(history, '\n') + 1;
    size_t column = 0;
    for (const char *name = history; strncmp(name, title, strlen(title)); column++) {
        name = strchr(name, '\t');
        cr_assert(name++, "no column %s", title);
    }
    for (size_t i = 0; i < column; i++) row = strchr(row, '\t') + 1;
    cr_assert_float_eq(at(&auc, auc.rows / 2, output), strtod(row, NULL), 1e-6);
    free(history);
    leadseq_measured_clear(&auc);
    leadseq_diagnostics_close(d);
}

Test(probes, what_is_predicted_without_a_lead_is_the_task)
{
    expect_input_auc("STTC", "valid_auc\t", 0);
}

Test(probes, what_is_predicted_without_a_lead_is_each_output)
{
    expect_input_auc("[MI, STTC]", "valid_auc_STTC", 1);
}

/* What a step's row says of the inputs is of the weights before it, however far the step goes. */
Test(probes, the_inputs_gradients_are_those_before_the_step)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *rate[] = {"1e-4", "1e-1"}, *run[] = {"short", "long"};
    struct leadseq_measured slope[2], product[2], cost[2];
    for (int i = 0; i < 2; i++) {
        struct leadseq_experiment e = PAPER("train.max_steps", "1", "train.lr", rate[i],
                                            "diagnose.groups", "[input]", "data.valid", "[9]");
        cr_assert_probes(&e, data, in_folder(run[i]));
        struct leadseq_diagnostics *d = open_file(in_folder(run[i]));
        slope[i] = read_all(d, "input/gradient_norm");
        product[i] = read_all(d, "input/gradient_input");
        cost[i] = read_all(d, "input/cost");
        leadseq_diagnostics_close(d);
    }
    for (size_t t = 0; t < slope[0].items; t++) {
        cr_assert_gt(at(&slope[0], 0, t), 0);
        cr_assert_eq(at(&slope[0], 0, t), at(&slope[1], 0, t), "lead %zu", t);
        cr_assert_eq(at(&product[0], 0, t), at(&product[1], 0, t), "lead %zu", t);
    }
    cr_assert_eq(at(&cost[0], 0, 0), at(&cost[1], 0, 0));
    for (int i = 0; i < 2; i++) {
        leadseq_measured_clear(&slope[i]);
        leadseq_measured_clear(&product[i]);
        leadseq_measured_clear(&cost[i]);
    }
}
