/* SPDX-License-Identifier: MIT
 *
 * A step computed in parts against the same step at once. */
#include "tiny_run.h"
#include "train/checkpoint.h"
#include "train/memory.h"

#include <math.h>

TestSuite(accumulate, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

/* 69 training records: eight steps of 8 and one of 5, which parts of 2 cut into 2, 2, 1. No batch
 * norm, and SGD: its step follows the gradient's size, where Adam's would follow its sign alone. */
#define PLAIN                                                                                      \
    "model.type", "convlstm", "model.hidden", "[3]", "model.head", "mean", "train.optimizer",      \
        "sgd", "train.momentum", "0.9", "train.epochs", "2", "data.limit", "69", "train.lr", "0.1"

static float *weights(const struct leadseq_experiment *e, const char *data, const char *run,
                      size_t *count)
{
    struct train_session s;
    struct train_state state = {0};
    char path[600];
    snprintf(path, sizeof path, "%s/checkpoints/last.h5", run);
    cr_assert_eq(train_session_open(&s, e, data, 0), 0, "%s", leadseq_error());
    cr_assert_eq(train_checkpoint_read(path, &s.net, NULL, &state, 0), 0, "%s", leadseq_error());
    const struct leadseq_params *params = leadseq_model_params(s.net.model);
    float *copy = calloc(params->count, sizeof *copy);
    memcpy(copy, params->value, params->count * sizeof *copy);
    *count = params->count;
    train_session_close(&s);
    return copy;
}

/* Columns `from` to `to` of every row of a table of the run. */
static void expect_close_columns(const char *one, const char *two, const char *name, int from,
                                 int to)
{
    char *a = run_text(one, name), *b = run_text(two, name), *x = a, *y = b;
    for (char *p, *q; (p = strsep(&x, "\n")) && (q = strsep(&y, "\n")) && *p;) {
        for (int column = 0; p && q; column++) {
            const char *v = strsep(&p, "\t"), *w = strsep(&q, "\t");
            double u = strtod(v, NULL), z = strtod(w, NULL);
            if (column >= from && column <= to)
                cr_assert(fabs(u - z) <= 2e-5 * fmax(fabs(u), 1e-2), "%s column %d: %s, %s", name,
                          column, v, w);
        }
    }
    free(a);
    free(b);
}

static void expect_close_weights(const struct leadseq_experiment *e, const char *data,
                                 const char *one, const char *two)
{
    size_t n, m;
    float *a = weights(e, data, one, &n), *b = weights(e, data, two, &m);
    double moved = 0, apart = 0;
    cr_assert_eq(n, m);
    for (size_t i = 0; i < n; i++) {
        apart = fmax(apart, fabs((double)a[i] - b[i]));
        moved = fmax(moved, fabs((double)a[i]));
    }
    cr_assert(apart < 1e-5 * moved, "weights up to %g differ by %g", moved, apart);
    free(a);
    free(b);
}

Test(accumulate, parts_that_do_not_divide_the_batch_are_refused)
{
    struct leadseq_experiment e = TINY("train.accumulate", "3");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("train.accumulate: expected a divisor of train.batch, 8, found 3");
}

Test(accumulate, a_step_in_parts_is_the_whole_step_but_for_rounding)
{
    static const char *const parts[] = {"2", "4", "8"};
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment whole = TINY(PLAIN);
    cr_assert_trains(&whole, data, in_folder("whole"), false);
    for (size_t i = 0; i < LEADSEQ_COUNT(parts); i++) {
        struct leadseq_experiment e = TINY(PLAIN, "train.accumulate", parts[i]);
        cr_assert_trains(&e, data, in_folder(parts[i]), false);
        expect_close_columns(in_folder("whole"), in_folder(parts[i]), "steps.tsv", 0, 9);
        expect_close_columns(in_folder("whole"), in_folder(parts[i]), "history.tsv", 0, 8);
        expect_close_weights(&whole, data, in_folder("whole"), in_folder(parts[i]));
    }
}

/* Means that divide by the weights of the records' classes, which the first part does not know. */
Test(accumulate, a_weighted_mean_over_classes_is_that_of_the_whole_batch)
{
#define CLASSES                                                                                    \
    PLAIN, "data.task", "superclass-single", "train.loss", "softmax", "train.positive_weight",     \
        "[0.2, 3, 1, 0.5, 7]", "train.label_smoothing", "0.1"
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment whole = TINY(CLASSES), parts = TINY(CLASSES, "train.accumulate", "4");
    cr_assert_trains(&whole, data, in_folder("whole"), false);
    cr_assert_trains(&parts, data, in_folder("parts"), false);
    expect_close_columns(in_folder("whole"), in_folder("parts"), "steps.tsv", 0, 9);
    expect_close_weights(&whole, data, in_folder("whole"), in_folder("parts"));
}

/* The last part holds fewer records: were costs averaged over parts, it would count too much. */
Test(accumulate, a_batch_of_one_part_more_is_averaged_over_its_records)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment whole = TINY(PLAIN, "data.limit", "5", "train.epochs", "3");
    struct leadseq_experiment parts =
        TINY(PLAIN, "data.limit", "5", "train.epochs", "3", "train.accumulate", "2");
    cr_assert_trains(&whole, data, in_folder("whole"), false);
    cr_assert_trains(&parts, data, in_folder("parts"), false);
    expect_close_columns(in_folder("whole"), in_folder("parts"), "steps.tsv", 0, 9);
    expect_close_weights(&whole, data, in_folder("whole"), in_folder("parts"));
}

Test(accumulate, a_pass_is_no_larger_than_a_part)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment whole = TINY(PLAIN), parts = TINY(PLAIN, "train.accumulate", "4");
    struct train_session a, b;
    cr_assert_eq(train_session_open(&a, &whole, data, 0), 0, "%s", leadseq_error());
    cr_assert_eq(train_session_open(&b, &parts, data, 0), 0, "%s", leadseq_error());
    cr_assert_eq(b.net.batch, 2);
    cr_assert_lt(train_memory_need(&b).training * 3, train_memory_need(&a).training);
    cr_assert_lt(train_memory_need(&b).batches * 3, train_memory_need(&a).batches);
    cr_assert_eq(train_total_steps(&a), train_total_steps(&b));
    train_session_close(&a);
    train_session_close(&b);
}
