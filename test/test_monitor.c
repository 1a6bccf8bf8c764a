/* SPDX-License-Identifier: MIT
 *
 * What the best epoch is best by, and when a training stops waiting for a better
 * one. */
#include "tiny_run.h"
#include "train/folder.h"
#include "train/monitor.h"
#include "train/tables.h"

#include <math.h>
#include <signal.h>

TestSuite(monitor, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

static const char *data;

static void write_stack(void)
{
    data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
}

/* A column of history.tsv by its title; NULL-ended rows of the run. */
static int column(const char *run, const char *title, double value[64])
{
    char *text = run_text(run, "history.tsv"), *rest = text, *line = strsep(&rest, "\n");
    int at = -1, n = 0, k = 0;
    for (char *cell; (cell = strsep(&line, "\t")); k++)
        if (!strcmp(cell, title)) at = k;
    cr_assert_geq(at, 0, "no column %s", title);
    while ((line = strsep(&rest, "\n")) && *line) {
        char *cell = NULL;
        for (int i = 0; i <= at; i++) cell = strsep(&line, "\t");
        value[n++] = *cell ? strtod(cell, NULL) : NAN;
    }
    free(text);
    return n;
}

/* --- Refusals -------------------------------------------------------------------------------- */

static const struct {
    const char *key, *value, *expected;
} refused[] = {
    {"train.monitor", "auroc", "auc, average_precision, brier"},
    {"train.patience", "-1", "a whole number from 0"},
    {"train.min_delta", "-0.1", "a number from 0"},
};

Test(monitor, values_that_are_none_are_refused)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(refused); i++) {
        struct leadseq_experiment e = TINY("seed", "1");
        cr_assert_eq(leadseq_experiment_set(&e, refused[i].key, refused[i].value), -1);
        cr_assert_error_has(refused[i].expected);
    }
    struct leadseq_experiment e = TINY("train.min_delta", "0.1");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("train.min_delta: 0.1 has no effect without train.patience");
}

Test(monitor, patience_without_validation_records_is_refused_before_there_is_a_folder)
{
    write_stack();
    struct leadseq_experiment e = TINY("data.valid", "[]", "train.patience", "2");
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), false), -1);
    cr_assert_error_has("train.patience: 2 needs validation records");
    cr_assert(!leadseq_path_exists(in_folder("run")));
}

/* --- Which is better ------------------------------------------------------------------------- */

Test(monitor, costs_are_better_below_and_scores_above)
{
    for (int m = 0; m < LEADSEQ_MONITORS; m++) {
        bool cost = m == LEADSEQ_MONITOR_LOSS || m == LEADSEQ_MONITOR_BRIER;
        cr_assert_eq(train_monitor_better((enum leadseq_monitor)m, 0.6, 0.5, 0), !cost);
        cr_assert_eq(train_monitor_better((enum leadseq_monitor)m, 0.4, 0.5, 0), cost);
        cr_assert(!train_monitor_better((enum leadseq_monitor)m, 0.5, 0.5, 0), "equals");
        cr_assert(!train_monitor_better((enum leadseq_monitor)m, cost ? 0.4 : 0.6, 0.5, 0.2));
        cr_assert(train_monitor_better((enum leadseq_monitor)m, 0.5, NAN, 0.2));
        cr_assert(!train_monitor_better((enum leadseq_monitor)m, NAN, 0.5, 0));
        cr_assert(!train_monitor_better((enum leadseq_monitor)m, NAN, NAN, 0));
    }
}

/* Eight records by hand: at the largest Youden index, .7, tp 3, fp 0, fn 1, tn 4. */
Test(monitor, every_metric_is_that_of_the_predictions)
{
    double probability[] = {.9, .8, .7, .2, .6, .4, .3, .1};
    uint8_t label[] = {1, 1, 1, 1, 0, 0, 0, 0};
    struct train_validation v;
    struct train_predictions p = {
        .n = 8, .outputs = 1, .probability = probability, .label = label, .loss = 0.625};
    cr_assert_eq(train_monitor_score(&v, &p), 0);
    cr_assert_eq(v.threshold[0], 0.7);
    cr_assert_float_eq(v.auc[0], 13.0 / 16, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_AUC], 13.0 / 16, 1e-12);
    cr_assert_eq(v.value[LEADSEQ_MONITOR_LOSS], 0.625);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_SENSITIVITY], 0.75, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_SPECIFICITY], 1, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_PPV], 1, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_F1], 6.0 / 7, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_ACCURACY], 0.875, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_AVERAGE_PRECISION], (3 + 4.0 / 7) / 4, 1e-12);
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_BRIER],
                       (.01 + .04 + .09 + .64 + .36 + .16 + .09 + .01) / 8, 1e-12);
}

/* Two outputs: the first as above with one label unknown, the second perfect, a third of one
 * class, whose AUC is undefined and left out of the mean. */
Test(monitor, of_several_outputs_metrics_are_means_over_known_labels)
{
    enum { U = LEADSEQ_UNKNOWN };
    double probability[] = {.9, .8, .7, .2, .6, .4, .3, .1, .9, .9, .9, .9,
                            .1, .1, .1, .1, .5, .4, .3, .2, .1, .1, .1, .1};
    uint8_t label[] = {1, 1, 1, 1, U, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    struct train_validation v;
    struct train_predictions p = {
        .n = 8, .outputs = 3, .probability = probability, .label = label, .loss = 1};
    cr_assert_eq(train_monitor_score(&v, &p), 0);
    cr_assert_float_eq(v.auc[0], 10.0 / 12, 1e-12);
    cr_assert_eq(v.auc[1], 1);
    cr_assert(isnan(v.auc[2]) && isnan(v.threshold[2]));
    cr_assert_float_eq(v.value[LEADSEQ_MONITOR_AUC], (10.0 / 12 + 1) / 2, 1e-12);
    cr_assert_eq(v.threshold[1], 0.9);
}

Test(monitor, the_best_checkpoint_follows_each_metric)
{
    write_stack();
    for (int m = 0; m < LEADSEQ_MONITORS; m++) {
        struct leadseq_experiment e =
            TINY("train.monitor", leadseq_monitor_name[m], "train.epochs", "5", "train.lr", "0.03");
        double value[64], best[64], threshold[64];
        const char *run = in_folder(leadseq_monitor_name[m]);
        char title[64];
        snprintf(title, sizeof title, "valid_%s", leadseq_monitor_name[m]);
        cr_assert_trains(&e, data, run, false);
        int n = column(run, title, value), at = 0;
        cr_assert_eq(n, 5);
        column(run, "best", best);
        column(run, "valid_threshold", threshold);
        for (int i = 0; i < n; i++) {
            bool better =
                i == 0 || train_monitor_better((enum leadseq_monitor)m, value[i], value[at], 0);
            cr_assert_eq(best[i], better, "%s, epoch %d", title, i + 1);
            if (better) at = i;
        }
    }
}

/* --- Stopping early --------------------------------------------------------------------------- */

/* Epochs until the loss has not fallen by `delta` for `patience` of them, from the table alone. */
static int expected_epochs(const double *loss, int n, int patience, double delta)
{
    double best = INFINITY;
    for (int i = 0, since = 0; i < n; i++) {
        bool better = loss[i] < best - delta;
        if (better) best = loss[i];
        since = better ? 0 : since + 1;
        if (since == patience) return i + 1;
    }
    return n;
}

Test(monitor, a_training_stops_when_its_patience_is_over)
{
    double loss[64], stopped[64];
    write_stack();
#define HASTY "train.lr", "0.1", "train.epochs", "30", "train.monitor", "loss"
    struct leadseq_experiment whole = TINY(HASTY);
    cr_assert_trains(&whole, data, in_folder("whole"), false);
    int n = column(in_folder("whole"), "valid_loss", loss);
    static const struct {
        const char *patience, *delta;
    } cases[] = {{"1", "0"}, {"3", "0"}, {"3", "0.05"}, {"30", "0"}};
    int fewer = 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char name[16];
        snprintf(name, sizeof name, "run%zu", i);
        struct leadseq_experiment e =
            TINY(HASTY, "train.patience", cases[i].patience, "train.min_delta", cases[i].delta);
        cr_assert_trains(&e, data, in_folder(name), false);
        int epochs = column(in_folder(name), "valid_loss", stopped);
        cr_assert_eq(epochs,
                     expected_epochs(loss, n, atoi(cases[i].patience), atof(cases[i].delta)),
                     "case %zu: %d epochs", i, epochs);
        cr_assert(!memcmp(loss, stopped, (size_t)epochs * sizeof *loss), "the same until then");
        cr_assert(leadseq_path_exists(in_folder(name)), "it is scored as any other");
        fewer += epochs < n;
        char *log = run_text(in_folder(name), "log.txt");
        cr_assert_eq(strstr(log, "stopped early after epoch") != NULL, epochs < n);
        free(log);
    }
    cr_assert_geq(fewer, 2, "the cases must stop early somewhere");
}

Test(monitor, a_training_that_stopped_early_does_not_go_on_when_resumed)
{
    write_stack();
    struct leadseq_experiment e = TINY(HASTY, "train.patience", "2");
    double before[64], after[64];
    cr_assert_trains(&e, data, in_folder("run"), false);
    int n = column(in_folder("run"), "valid_loss", before);
    cr_assert_lt(n, 30);
    cr_assert_trains(&e, data, in_folder("run"), true);
    cr_assert_eq(column(in_folder("run"), "valid_loss", after), n);
}

/* Stopped by a signal at each step around the ends of epochs, patience must be remembered. */
Test(monitor, patience_survives_stopping_and_going_on)
{
    write_stack();
    struct leadseq_experiment e = TINY(HASTY, "train.patience", "2");
    double whole[64], parts[64];
    cr_assert_trains(&e, data, in_folder("whole"), false);
    int n = column(in_folder("whole"), "valid_loss", whole);
    bool there = false;
    for (int i = 0; i < 10 * n + 5; i++) {
        leadseq_stop_request(SIGTERM);
        cr_assert_trains(&e, data, in_folder("parts"), there);
        there = true;
    }
    leadseq_stop_request(0);
    cr_assert_trains(&e, data, in_folder("parts"), true);
    cr_assert_eq(column(in_folder("parts"), "valid_loss", parts), n);
    cr_assert(!memcmp(whole, parts, (size_t)n * sizeof *whole));
}

/* --- Files of an earlier version -------------------------------------------------------------- */

/* A run as the version before had it: fewer columns, best.auc in place of best.value. */
Test(monitor, a_run_begun_with_fewer_columns_goes_on_with_them)
{
    write_stack();
    struct leadseq_experiment e = TINY("train.epochs", "2");
    leadseq_stop_request(SIGTERM);
    cr_assert_trains(&e, data, in_folder("run"), false);
    leadseq_stop_request(0);
    put("run/history.tsv", train_history_header_old);
    cr_assert_trains(&e, data, in_folder("run"), true);
    char *text = run_text(in_folder("run"), "history.tsv"), *rest = text, *line;
    cr_assert(!strncmp(text, train_history_header_old, strlen(train_history_header_old)));
    for (int rows = 0; (line = strsep(&rest, "\n")) && *line; rows++) {
        int tabs = 0;
        for (; *line; line++) tabs += *line == '\t';
        cr_assert_eq(tabs, 9, "row %d", rows);
    }
    free(text);
}

/* --- Class weights ---------------------------------------------------------------------------- */

Test(monitor, balanced_class_weights_are_negatives_per_positive)
{
    struct train_session s;
    write_stack();
    struct leadseq_experiment e = TINY("train.class_weights", "balanced");
    cr_assert_eq(train_session_open(&s, &e, data, 0), 0, "%s", leadseq_error());
    double n = (double)s.split.n[LEADSEQ_TRAIN],
           p = (double)train_count(&s, LEADSEQ_TRAIN, 0).positive;
    cr_assert_eq(s.e.train.positive_weight[0], (float)((n - p) / p));
    struct leadseq_experiment resolved = s.e; // as RUN/experiment.yaml has it
    train_session_close(&s);
    cr_assert_eq(train_session_open(&s, &resolved, data, 0), 0, "%s", leadseq_error());
    train_session_close(&s);
    e = TINY("train.class_weights", "balanced", "train.positive_weight", "3");
    cr_assert_eq(train_session_open(&s, &e, data, 0), -1);
    cr_assert_error_has("leave one of them out");
    e = TINY("train.class_weights", "balanced", "train.loss", "bce");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("needs train.loss: bce-logits");
}

/* scikit-learn's class_weight="balanced": records / (classes · records of the class). */
Test(monitor, balanced_class_weights_of_a_choice_make_all_classes_weigh_the_same)
{
    struct train_session s;
    write_stack();
    struct leadseq_experiment e = TINY("data.task", "superclass-single", "train.loss", "softmax",
                                       "train.class_weights", "balanced");
    cr_assert_eq(train_session_open(&s, &e, data, 0), 0, "%s", leadseq_error());
    const size_t n = s.split.n[LEADSEQ_TRAIN];
    cr_assert_eq(s.e.train.n_weights, LEADSEQ_SUPERCLASSES);
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++) {
        const size_t own = train_count(&s, LEADSEQ_TRAIN, k).positive;
        cr_assert_gt(own, 0);
        cr_assert_eq(s.e.train.positive_weight[k], (float)((double)n / (5 * (double)own)));
    }
    train_session_close(&s);
    e = TINY("data.task", "superclass-single", "train.loss", "softmax", "train.positive_weight",
             "2");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("expected a weight of each of the 5 classes");
    e = TINY("data.task", "superclass-single", "train.loss", "softmax", "train.positive_weight",
             "[1, 2, 3]");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("found 3");
}

Test(monitor, balanced_class_weights_train_as_the_same_weight_by_hand)
{
    write_stack();
    struct leadseq_experiment e = TINY("train.class_weights", "balanced", "train.epochs", "2");
    cr_assert_trains(&e, data, in_folder("balanced"), false);
    cr_assert_trains(&e, data, in_folder("balanced"), true);
    struct leadseq_experiment resolved;
    cr_assert_eq(train_folder_experiment(in_folder("balanced"), &resolved), 0);
    cr_assert_gt(resolved.train.positive_weight[0], 1.5);
    resolved.train.class_weights = LEADSEQ_CLASS_WEIGHTS_NONE;
    cr_assert_trains(&resolved, data, in_folder("hand"), false);
    double a[64], b[64];
    int n = column(in_folder("balanced"), "train_loss", a);
    cr_assert_eq(column(in_folder("hand"), "train_loss", b), n);
    cr_assert(!memcmp(a, b, (size_t)n * sizeof *a));
}
