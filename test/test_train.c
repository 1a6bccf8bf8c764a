/* SPDX-License-Identifier: MIT
 *
 * Whole trainings on a tiny stack: what is refused, what is learnt, what is written. */
#include "tiny_run.h"
#include "train/folder.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

TestSuite(train, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

/* --- What is refused, and that no file is left in the folder -------------------------- */

struct refusal {
    const char *key, *value, *expected;
};

static const struct refusal refusals[] = {
    {"data.size", "512x512", "expected size 512x512, as data.size says, found 16x16"},
    {"data.profile", "fixed-mv",
     "expected profile fixed-mv, as data.profile says, found paper-text"},
    {"data.test", "[9]", "both have fold 9"},
    {"model.hidden", "[4, 4, 4, 4, 4, 4]", "too small"},
};

Test(train, a_stack_or_model_that_does_not_fit_the_experiment_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    for (size_t i = 0; i < LEADSEQ_COUNT(refusals); i++) {
        struct leadseq_experiment e = TINY(refusals[i].key, refusals[i].value);
        cr_assert_eq(tiny_train(&e, data, in_folder("run"), false), -1, "%s", refusals[i].key);
        cr_assert_error_has(refusals[i].expected);
        cr_assert(!leadseq_path_exists(in_folder("run")), "%s left a folder", refusals[i].key);
    }
}

Test(train, a_stack_that_is_none_is_refused_by_name)
{
    struct leadseq_experiment e = TINY("seed", "1");
    cr_assert_eq(tiny_train(&e, in_folder("none.h5"), in_folder("run"), false), -1);
    cr_assert_error_has("none.h5");
    cr_assert_eq(tiny_train(&e, put("text.h5", "not HDF5"), in_folder("run"), false), -1);
    cr_assert_error_has("text.h5");
    cr_assert(!leadseq_path_exists(in_folder("run")));
}

Test(train, a_folder_that_holds_something_is_never_written_into)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_eq(tiny_train(&e, data, put("file", ""), false), -1);
    cr_assert_error_has("found a file");
    cr_assert_eq(tiny_train(&e, data, folder, false), -1);
    cr_assert_error_has("found other files");
    cr_assert_eq(tiny_train(&e, data, in_folder("file/run"), false), -1);
    cr_assert_error_has("file");
    cr_assert_trains(&e, data, in_folder("run"), false);
    char *before = run_text(in_folder("run"), "steps.tsv");
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), false), -1);
    cr_assert_error_has("--resume continues it");
    char *after = run_text(in_folder("run"), "steps.tsv");
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
}

Test(train, a_folder_that_cannot_be_written_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_eq(tiny_train(&e, data, "/proc/leadseq-run", false), -1);
    cr_assert_error_has("/proc/leadseq-run");
}

/* Files may not grow beyond a few pages, as on a disk that is nearly full. */
Test(train, a_full_disk_fails_the_training_and_leaves_no_half_checkpoint)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096}), 0);
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), false), -1);
    cr_assert_error_has("best.h5");
    cr_assert(!leadseq_path_exists(in_folder("run/checkpoints/best.h5")));
    cr_assert(!leadseq_path_exists(in_folder("run/checkpoints/last.h5")));
}

/* --- What is learnt and written --------------------------------------------------------- */

/* The number after "name": in a JSON text, searched from `text` on. */
static double json_number(const char *text, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(text, key);
    cr_assert(at, "%s is not in %s", key, text);
    return strtod(at + strlen(key), NULL);
}

static double auc_of(const char *run, const char *part)
{
    char key[64], *metrics = run_text(run, "metrics.json");
    snprintf(key, sizeof key, "\"%s\": {", part);
    const char *at = strstr(metrics, key);
    cr_assert(at, "%s", metrics);
    double auc = json_number(at, "auc");
    free(metrics);
    return auc;
}

static void expect_learns(struct leadseq_experiment e)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *run = in_folder("run");
    cr_assert_trains(&e, data, run, false);
    cr_assert_gt(auc_of(run, "valid"), 0.95);
    cr_assert_gt(auc_of(run, "test"), 0.95);
}

Test(train, a_cnn_learns_what_can_be_seen)
{
    expect_learns(TINY("train.epochs", "6", "train.schedule", "one-cycle", "train.optimizer",
                       "adamw", "train.weight_decay", "0.01"));
}

Test(train, a_cnn_learns_standardised_images_with_clipped_gradients_and_sgd)
{
    expect_learns(TINY("data.standardise", "true", "train.optimizer", "sgd", "train.lr", "0.05",
                       "train.momentum", "0.9", "train.clip_norm", "1", "train.epochs", "8"));
}

Test(train, a_convlstm_learns_what_can_be_seen)
{
    expect_learns(TINY("model.type", "convlstm", "model.hidden", "[6]", "model.head", "mean-max",
                       "model.pool_time", "true", "data.leads", "[V1, II]", "data.standardise",
                       "true", "train.epochs", "16", "train.lr", "0.03", "train.schedule",
                       "one-cycle"));
}

static const char *const files[] = {
    "experiment.yaml",
    "overrides.txt",
    "environment.json",
    "log.txt",
    "history.tsv",
    "steps.tsv",
    "input.json",
    "metrics.json",
    "predictions-valid.tsv",
    "predictions-test.tsv",
    "checkpoints/last.h5",
    "checkpoints/best.h5",
};

Test(train, a_run_folder_has_everything_and_a_row_for_every_step_and_epoch)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 93}), *run = in_folder("run");
    struct leadseq_experiment e = TINY("train.epochs", "2");
    cr_assert_trains(&e, data, run, false);
    for (size_t i = 0; i < LEADSEQ_COUNT(files); i++) {
        char *text = run_text(run, files[i]);
        free(text);
    }
    char *steps = run_text(run, "steps.tsv"), *history = run_text(run, "history.tsv");
    char *resolved = run_text(run, "experiment.yaml"),
         *environment = run_text(run, "environment.json");
    cr_assert_eq(count_lines(steps), 1 + 2 * 10); // 77 records: the last batch has five
    cr_assert_eq(count_lines(history), 1 + 2);
    cr_assert(strstr(resolved, "  size: 16x16\n") && strstr(resolved, "  threads: 1\n"));
    cr_assert(strstr(environment, "\"source\": \"tiny\"") && strstr(environment, "a.h5"));
    cr_assert_eq(json_number(environment, "threads"), 1);
    char *metrics = run_text(run, "metrics.json");
    cr_assert_eq(json_number(strstr(metrics, "\"train\": {"), "n"), 77);
    cr_assert_eq(json_number(strstr(metrics, "\"train\": {"), "positive"), 26);
    free(metrics);
    free(steps);
    free(history);
    free(resolved);
    free(environment);
}

Test(train, the_commit_checked_out_around_the_working_folder_is_recorded)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_eq(leadseq_folder_make(in_folder(".git")), 0);
    cr_assert_eq(leadseq_folder_make(in_folder("deep/er")), 0);
    put(".git/HEAD", "ref: refs/heads/main\n");
    put(".git/packed-refs", "# pack-refs with: peeled\n"
                            "1111111111111111111111111111111111111111 refs/heads/other\n"
                            "2222222222222222222222222222222222222222 refs/heads/main\n");
    cr_assert_eq(chdir(in_folder("deep/er")), 0);
    cr_assert_trains(&e, data, in_folder("run"), false);
    char *environment = run_text(in_folder("run"), "environment.json");
    cr_assert(strstr(environment, "\"git_commit\": \"2222222222222222222222222222222222222222\""),
              "%s", environment);
    free(environment);
}

Test(train, a_split_by_record_warns_of_patients_on_both_sides)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment record = TINY("train.max_steps", "1", "data.split", "record");
    struct leadseq_experiment patient = TINY("train.max_steps", "1", "data.split", "patient");
    cr_assert_trains(&record, data, in_folder("record"), false);
    cr_assert_trains(&patient, data, in_folder("patient"), false);
    char *warned = run_text(in_folder("record"), "log.txt");
    char *silent = run_text(in_folder("patient"), "log.txt");
    cr_assert(strstr(warned, "patients are both in training and in validation or test"));
    cr_assert(!strstr(silent, "patients are both"));
    free(warned);
    free(silent);
}

Test(train, the_best_checkpoint_is_the_earliest_of_the_largest_auc)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.epochs", "6");
    cr_assert_trains(&e, data, in_folder("run"), false);
    char *history = run_text(in_folder("run"), "history.tsv");
    char *metrics = run_text(in_folder("run"), "metrics.json");
    double most = -1;
    int best = 0, epoch, step, flag;
    for (char *row = strchr(history, '\n') + 1; *row; row = strchr(row, '\n') + 1) {
        double loss, train_auc, valid_loss, auc, threshold;
        cr_assert_eq(sscanf(row, "%d\t%d\t%lf\t%lf\t%lf\t%lf\t%lf\t%d", &epoch, &step, &loss,
                            &train_auc, &valid_loss, &auc, &threshold, &flag),
                     8);
        cr_assert_eq(flag, auc > most);
        if (auc > most) best = epoch, most = auc;
    }
    cr_assert_eq(epoch, 6);
    cr_assert_eq(json_number(strstr(metrics, "\"valid\": {"), "epoch"), best);
    cr_assert_float_eq(json_number(strstr(metrics, "\"valid\": {"), "auc"), most, 1e-8);
    free(history);
    free(metrics);
}

Test(train, fewer_steps_than_an_epoch_still_end_in_validation)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *run = in_folder("run");
    struct leadseq_experiment e = TINY("train.max_steps", "4", "diagnose.probes", "none");
    cr_assert_trains(&e, data, run, false);
    char *steps = run_text(run, "steps.tsv"), *history = run_text(run, "history.tsv");
    cr_assert_eq(count_lines(steps), 1 + 4);
    cr_assert_eq(count_lines(history), 1 + 1);
    cr_assert(strstr(history, "\n1\t4\t"));
    cr_assert(strstr(steps, "\t\t\t\t\t\t"), "probes that do not run leave their columns empty");
    cr_assert(isfinite(auc_of(run, "test")));
    free(steps);
    free(history);
}

Test(train, without_validation_records_the_last_epoch_is_the_best_and_the_threshold_a_half)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *run = in_folder("run");
    struct leadseq_experiment e = TINY("data.valid", "[]", "train.epochs", "2");
    cr_assert_trains(&e, data, run, false);
    char *metrics = run_text(run, "metrics.json");
    cr_assert(!strstr(metrics, "\"valid\": {"));
    cr_assert(strstr(metrics, "\"threshold_origin\": \"default\""));
    cr_assert_eq(json_number(metrics, "threshold"), 0.5);
    cr_assert_eq(json_number(metrics, "epoch"), 2);
    free(metrics);
}

/* Everything of steps.tsv but the three times at the end of each row. */
static char *without_times(char *steps)
{
    char *to = steps, *from = steps;
    for (char *line; (line = strsep(&from, "\n")) && *line;) {
        for (int k = 0; k < 3; k++) *strrchr(line, '\t') = '\0';
        size_t n = strlen(line);
        memmove(to, line, n);
        to += n;
        *to++ = '\n';
    }
    *to = '\0';
    return steps;
}

Test(train, the_same_seed_gives_the_same_run_and_another_seed_another)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment one = TINY("seed", "3"), two = TINY("seed", "4");
    cr_assert_trains(&one, data, in_folder("a"), false);
    cr_assert_trains(&one, data, in_folder("b"), false);
    cr_assert_trains(&two, data, in_folder("c"), false);
    char *a = without_times(run_text(in_folder("a"), "steps.tsv"));
    char *b = without_times(run_text(in_folder("b"), "steps.tsv"));
    char *c = without_times(run_text(in_folder("c"), "steps.tsv"));
    cr_assert_str_eq(a, b);
    cr_assert_str_neq(a, c);
    free(a);
    free(b);
    free(c);
}

Test(train, a_summary_trains_nothing_and_counts_everything)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.max_steps", "7");
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    cr_assert_eq(leadseq_train_summary(&e, data, memory), 0, "%s", leadseq_error());
    fclose(memory);
    cr_assert(strstr(text, "10 per epoch, 7 in all, 8 records per step"), "%s", text);
    cr_assert(strstr(text, "80 records"), "%s", text);
    free(text);
}

Test(train, a_limit_takes_an_even_sample_of_the_training_records_alone)
{
    struct leadseq_experiment e = TINY("data.limit", "20", "train.epochs", "1");
    const char *data = tiny_write("stack.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *out = in_folder("run");
    cr_assert_trains(&e, data, out, false);
    char *metrics = run_text(out, "metrics.json");
    cr_assert(strstr(metrics, "\"n\": 20,"), "%s", metrics);
    cr_assert(strstr(metrics, "\"n\": 10,"), "%s", metrics); // validation as before
    free(metrics);
    char *steps = run_text(out, "steps.tsv");
    cr_assert_eq(count_lines(steps), 1 + 3);
    free(steps);
}
