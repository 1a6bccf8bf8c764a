/* SPDX-License-Identifier: MIT
 *
 * The learning-rate range test: what it suggests of costs that are known, and that it
 * leaves everything as it was. */
#include "tiny_run.h"
#include "train/session.h"

#include <math.h>
#include <signal.h>

TestSuite(lr_find, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

enum { N = 100 };

/* Rates from 1e-7 to 10. */
static struct leadseq_lr_curve curve_of(struct leadseq_lr_point point[N],
                                        double (*cost)(double log10_rate), double noise)
{
    for (size_t i = 0; i < N; i++) {
        struct leadseq_random r;
        double x = -7 + 8.0 * (double)i / (N - 1);
        leadseq_random_init(&r, 3, LEADSEQ_STREAM_TEST, i, 0);
        point[i] = (struct leadseq_lr_point){.lr = pow(10, x),
                                             .cost = cost(x) + noise * leadseq_random_normal(&r)};
    }
    struct leadseq_lr_curve c = {.point = point, .n = N};
    leadseq_lr_suggest(&c);
    return c;
}

/* .7 up to 1e-4, down to .2 at 1e-2, up again from 1e-1. */
static double valley(double x)
{
    if (x < -4) return 0.7;
    if (x < -2) return 0.7 - 0.25 * (x + 4);
    return x < -1 ? 0.2 : 0.2 + 2 * (x + 1);
}

static double plain(double x)
{
    (void)x;
    return 0.7;
}

static double rising(double x)
{
    return 0.7 + 0.1 * (x + 7);
}

Test(lr_find, the_steepest_fall_of_a_valley_lies_on_its_slope)
{
    static const double noise[] = {0, 0.02, 0.05};
    for (size_t i = 0; i < LEADSEQ_COUNT(noise); i++) {
        struct leadseq_lr_point point[N];
        struct leadseq_lr_curve c = curve_of(point, valley, noise[i]);
        cr_assert(c.steepest > 1e-4 && c.steepest < 1e-2, "noise %g: %g", noise[i], c.steepest);
        cr_assert(c.least > 1e-2 && c.least < 1, "noise %g: %g", noise[i], c.least);
    }
}

Test(lr_find, noise_alone_is_no_fall_and_a_rise_is_none)
{
    struct leadseq_lr_point point[N];
    cr_assert(isnan(curve_of(point, plain, 0.3).steepest));
    cr_assert(isnan(curve_of(point, plain, 0).steepest));
    cr_assert(isnan(curve_of(point, rising, 0.05).steepest));
}

/* m_i = (1 - .98) Σ .98^(i-k) cost_k over 1 - .98^(i+1), summed from the start for each i. */
Test(lr_find, the_running_mean_weighs_every_cost_by_its_age)
{
    struct leadseq_lr_point point[N];
    curve_of(point, valley, 0.1);
    for (size_t i = 0; i < N; i++) {
        double sum = 0, weights = 0;
        for (size_t k = 0; k <= i; k++) {
            sum += pow(0.98, (double)(i - k)) * point[k].cost;
            weights += pow(0.98, (double)(i - k));
        }
        cr_assert_float_eq(point[i].smooth, sum / weights, 1e-12, "step %zu", i);
    }
}

/* --- On a stack ------------------------------------------------------------------------------- */

static const struct {
    struct leadseq_lr_options options;
    const char *expected;
} refused[] = {
    {{.least = 0, .most = 1, .steps = 50}, "above 0 and rising"},
    {{.least = 1, .most = 1, .steps = 50}, "above 0 and rising"},
    {{.least = 1e-3, .most = 1, .steps = 5}, "at least 20 steps"},
};

Test(lr_find, sweeps_that_make_no_sense_are_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("seed", "1");
    for (size_t i = 0; i < LEADSEQ_COUNT(refused); i++) {
        struct leadseq_lr_options o = refused[i].options;
        struct leadseq_lr_curve c;
        o.data = data;
        cr_assert_eq(leadseq_lr_find(&e, &o, &c), -1);
        cr_assert_error_has(refused[i].expected);
        cr_assert_null(c.point);
    }
}

static struct leadseq_lr_curve find(const struct leadseq_experiment *e, const char *data,
                                    double least, double most, int steps)
{
    struct leadseq_lr_options o = {.data = data, .least = least, .most = most, .steps = steps};
    struct leadseq_lr_curve c;
    cr_assert_eq(leadseq_lr_find(e, &o, &c), 0, "%s", leadseq_error());
    return c;
}

/* The first rate is so small that the next cost is that of the same weights: the costs are those
 * of a training at that rate, on the same batches. */
Test(lr_find, its_steps_are_those_of_training_at_these_rates)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        TINY("train.optimizer", "sgd", "train.lr", "1e-12", "data.augment", "heartnet",
             "train.accumulate", "2", "train.epochs", "3");
    struct leadseq_lr_curve c = find(&e, data, 1e-12, 1.0000001e-12, 25);
    cr_assert_eq(c.n, 25);
    cr_assert_trains(&e, data, in_folder("run"), false);
    char *text = run_text(in_folder("run"), "steps.tsv"), *row = text;
    for (size_t i = 0; i < c.n; i++) {
        double cost;
        row = strchr(row, '\n') + 1;
        cr_assert_eq(sscanf(row, "%*d\t%*d\t%lf", &cost), 1);
        cr_assert_float_eq(c.point[i].cost, cost, 1e-6 * cost, "step %zu", i + 1);
        cr_assert_float_eq(c.point[i].lr, 1e-12, 1e-18);
    }
    free(text);
    leadseq_lr_curve_clear(&c);
}

Test(lr_find, the_same_seed_gives_the_same_bits_and_rates_grow_by_a_factor)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("seed", "4");
    struct leadseq_lr_curve a = find(&e, data, 1e-6, 1e-2, 41), b = find(&e, data, 1e-6, 1e-2, 41);
    cr_assert_eq(a.n, 41);
    cr_assert(!memcmp(a.point, b.point, a.n * sizeof *a.point));
    for (size_t i = 0; i < a.n; i++)
        cr_assert_float_eq(a.point[i].lr, pow(10, -6 + (double)i / 10),
                           1e-12 * a.point[i].lr * 1e3);
    leadseq_lr_curve_clear(&a);
    leadseq_lr_curve_clear(&b);
}

Test(lr_find, a_label_that_can_be_seen_is_found_and_rates_beyond_measure_diverge)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("model.head_norm", "true");
    struct leadseq_lr_curve c = find(&e, data, 1e-6, 1e8, 200);
    cr_assert(c.diverged && c.n < 200, "%zu steps", c.n);
    cr_assert(c.steepest > 1e-5 && c.steepest < 1, "%g", c.steepest);
    cr_assert(c.least > c.steepest / 3, "%g, %g", c.least, c.steepest);
    leadseq_lr_curve_clear(&c);
}

Test(lr_find, a_signal_ends_it_without_a_curve)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("seed", "1");
    struct leadseq_lr_options o = {.data = data, .least = 1e-6, .most = 1, .steps = 50};
    struct leadseq_lr_curve c;
    leadseq_stop_request(SIGTERM);
    cr_assert_eq(leadseq_lr_find(&e, &o, &c), -1);
    cr_assert_error_has("stopped by ");
    cr_assert_null(c.point);
    leadseq_stop_request(0);
}

/* --- Batches as pictures ---------------------------------------------------------------------- */

static int count_pngs(const char *name, const char *begin)
{
    char command[700];
    snprintf(command, sizeof command, "test $(ls '%s' | grep -c '^%s') -eq 8", in_folder(name),
             begin);
    return system(command);
}

static void expect_shown(struct tiny_stack stack, const char *order)
{
    const char *data = tiny_write("a.h5", stack);
    struct leadseq_experiment e = TINY("data.augment", "none", "data.leads", order);
    cr_assert_eq(leadseq_train_show(&e, data, in_folder("show")), 0, "%s", leadseq_error());
    cr_assert_eq(count_pngs("show", "epoch1_"), 0);
    cr_assert_eq(count_pngs("show", "epoch2_"), 0);
    cr_assert_eq(leadseq_train_show(&e, data, in_folder("show")), -1, "a folder with files stays");
    char command[700];
    snprintf(command, sizeof command, "mv '%s'/epoch1_01_*.png '%s'", in_folder("show"),
             in_folder("one.png"));
    cr_assert_eq(system(command), 0);
    struct leadseq_image image;
    cr_assert_eq(leadseq_png_read(&image, in_folder("one.png"), 1 << 20), 0, "%s", leadseq_error());
    const int step = TINY_SIDE + 6,
              lower = 3 * step + 6; // the lower half begins below a second gap
    cr_assert_eq(image.width, 4 * step + 6);
    cr_assert_eq(image.height, 6 * step + 12);
    size_t w = (size_t)image.width;
    for (int y = 6; y < 3 * step; y++)
        cr_assert(!memcmp(image.pixels + (size_t)y * w, image.pixels + (size_t)(y + lower) * w, w),
                  "without augmentation both halves are alike");
    leadseq_image_clear(&image);
}

Test(lr_find, a_batch_is_shown_as_stored_and_as_given)
{
    expect_shown((struct tiny_stack){.n = TINY_RECORDS}, "ordered");
}

/* Both halves are shuffled by the same key: that of training, also without an ecg_id. */
Test(lr_find, shuffled_leads_of_records_without_a_number_are_shown_alike)
{
    expect_shown((struct tiny_stack){.n = TINY_RECORDS, .named = true}, "shuffled");
}
