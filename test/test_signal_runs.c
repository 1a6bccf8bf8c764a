/* SPDX-License-Identifier: MIT
 *
 * Runs on signals: what is refused, how windows become one answer, and that a training resumes to
 * the same bits and a record from elsewhere gets the answer it has in the stack. */
#include "tiny_run.h"
#include "train/records.h"
#include "train/windows.h"

#include <math.h>

TestSuite(signal_runs, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

enum { SAMPLES = 80, VALUES = LEADSEQ_LEADS * SAMPLES };

static struct leadseq_drawing signal_drawing(void)
{
    struct leadseq_drawing drawing;
    leadseq_drawing_default(&drawing, LEADSEQ_PAPER_TEXT);
    drawing.width = drawing.height = TINY_SIDE;
    drawing.preparation.window_s = .8;
    drawing.preparation.highpass_hz = .5;
    return drawing;
}

/* Noise, and in lead II of positive records a wave that no window of 40 samples misses. */
static void wave(int i, float *mv, size_t n)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 2, LEADSEQ_STREAM_TEST, (uint64_t)i, 0);
    for (size_t k = 0; k < LEADSEQ_LEADS * n; k++) mv[k] = (float)(0.2 * leadseq_random_normal(&r));
    for (size_t k = 0; tiny_row(i).mi && k < n; k++) mv[n + k] += sinf(0.5f * (float)k);
}

/* A record of 1.2 s at 100 Hz as WFDB files. */
static const char *write_record(int i)
{
    enum { LONG = 120 };
    float mv[LEADSEQ_LEADS * LONG];
    char name[16], path[32];
    wave(i, mv, LONG);
    snprintf(name, sizeof name, "%05d_lr", tiny_row(i).ecg_id);
    snprintf(path, sizeof path, "%s.hea", name);
    unlink(in_folder(path));
    cr_assert_eq(leadseq_record_write(folder, name, 100, mv, LONG), 0, "%s", leadseq_error());
    return in_folder(name);
}

struct contents {
    bool images, signals;
    double gain;
};

static const char *write_stack(const char *name, struct contents c)
{
    static char path[512];
    struct leadseq_drawing drawing = signal_drawing();
    const struct leadseq_stack_plan plan = {
        .drawing = &drawing, .images = c.images, .signals = c.signals, .gain = c.gain};
    uint8_t *images = malloc(LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE);
    snprintf(path, sizeof path, "%s", in_folder(name));
    struct leadseq_stack_writer *w = leadseq_stack_begin(path, &plan, "tiny", "test");
    cr_assert(w, "%s", leadseq_error());
    for (int i = 0; i < TINY_RECORDS; i++) {
        struct leadseq_stack_row row = tiny_row(i);
        struct leadseq_prepared signal;
        struct leadseq_record *record = leadseq_record_open(write_record(i));
        cr_assert(record, "%s", leadseq_error());
        cr_assert_eq(leadseq_signal_prepare(&signal, record, &drawing.preparation, 100), 0);
        cr_assert_eq(signal.n, SAMPLES);
        tiny_images(i, images);
        cr_assert_eq(leadseq_stack_append_record(w, &row, c.images ? images : NULL,
                                                 c.signals ? signal.mv : NULL),
                     0, "%s", leadseq_error());
        leadseq_prepared_clear(&signal);
        leadseq_record_close(record);
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    free(images);
    return path;
}

/* The first type of model that reads signals, with its own defaults. */
static struct leadseq_experiment signal_experiment(const char *const *more)
{
    static const char *const standard[] = {"train.loss",
                                           "bce-logits",
                                           "train.batch",
                                           "8",
                                           "train.lr",
                                           "0.01",
                                           "train.epochs",
                                           "3",
                                           "train.threads",
                                           "1",
                                           "data.crop",
                                           "40",
                                           "data.standardise",
                                           "true",
                                           NULL};
    struct leadseq_experiment e;
    size_t i = 0;
    leadseq_experiment_default(&e);
    while (leadseq_model_type_at(i) && leadseq_model_type_at(i)->input != LEADSEQ_INPUT_SIGNALS)
        i++;
    if (!leadseq_model_type_at(i)) cr_skip("no type of model reads signals");
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", leadseq_model_type_name(i)), 0);
    for (int k = 0; standard[k]; k += 2)
        cr_assert_eq(leadseq_experiment_set(&e, standard[k], standard[k + 1]), 0, "%s",
                     leadseq_error());
    for (int k = 0; more && more[k]; k += 2)
        cr_assert_eq(leadseq_experiment_set(&e, more[k], more[k + 1]), 0, "%s", leadseq_error());
    return e;
}
#define SIGNALS(...) signal_experiment((const char *const[]){__VA_ARGS__, NULL})

/* --- Refusals --------------------------------------------------------------------------------- */

Test(signal_runs, an_image_model_refuses_a_stack_of_signals)
{
    struct leadseq_experiment e = TINY("seed", "1");
    const char *data = write_stack("s.h5", (struct contents){.signals = true});
    cr_assert_eq(tiny_train(&e, data, in_folder("r"), false), -1);
    cr_assert_error_has("expected images, found signals only");
    cr_assert_error_has("s.h5");
    cr_assert_error_has("without --signals-only");
}

Test(signal_runs, an_image_model_reads_a_stack_of_both_as_one_of_images)
{
    struct leadseq_experiment e = TINY("train.epochs", "1");
    const char *data = write_stack("b.h5", (struct contents){.images = true, .signals = true});
    cr_assert_trains(&e, data, in_folder("both"), false);
    data = write_stack("i.h5", (struct contents){.images = true});
    cr_assert_trains(&e, data, in_folder("images"), false);
    char *both = run_text(in_folder("both"), "predictions-test.tsv"),
         *images = run_text(in_folder("images"), "predictions-test.tsv");
    cr_assert_str_eq(both, images);
    free(both);
    free(images);
}

Test(signal_runs, windows_longer_than_the_records_are_refused)
{
    struct leadseq_experiment e = SIGNALS("data.crop", "81");
    const char *data = write_stack("s.h5", (struct contents){.signals = true});
    cr_assert_eq(tiny_train(&e, data, in_folder("r"), false), -1);
    cr_assert_error_has("data.crop: expected at most 80 samples");
    cr_assert_error_has("found 81");
}

Test(signal_runs, a_signal_model_refuses_a_stack_of_images)
{
    struct leadseq_experiment e = SIGNALS("seed", "1");
    const char *data = write_stack("i.h5", (struct contents){.images = true});
    cr_assert_eq(tiny_train(&e, data, in_folder("r"), false), -1);
    cr_assert_error_has("expected signals, found images only");
    cr_assert_error_has("--signals");
}

Test(signal_runs, options_of_the_other_input_are_refused)
{
    static const char *const bad[][3] = {
        {"data.input", "images", "data.input: expected signals"},
        {"data.invert", "true", "data.invert: is for images"},
        {"data.augment", "fastai2", "data.augment: is for images"},
        {"data.normalise", "imagenet", "data.normalise: is for images"},
        {"data.size", "64x64", "data.size: is for images"},
        {"data.style", "dataset4", "data.style: is for images"},
        {"data.standardise", "false", NULL},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_experiment e = SIGNALS(bad[i][0], bad[i][1]);
        cr_assert_eq(leadseq_experiment_check(&e), bad[i][2] ? -1 : 0, "%zu", i);
        if (bad[i][2]) cr_assert_error_has(bad[i][2]);
    }
    struct leadseq_experiment e = SIGNALS("data.stride", "5", "data.crop", "0");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("data.stride: 5 has no effect without data.crop");
    e = SIGNALS("data.standardise", "false", "data.standardise_by", "lead");
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert_error_has("data.standardise_by: lead has no effect");
    e = SIGNALS("seed", "1");
    cr_assert(leadseq_experiment_says(&e, "data.input", "signals"));
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "cnn"), 0);
    cr_assert(leadseq_experiment_says(&e, "data.input", "images"));
}

/* --- Windows ---------------------------------------------------------------------------------- */

static double softmax_of(const float *z, int outputs, int k)
{
    double sum = 0;
    for (int j = 0; j < outputs; j++) sum += exp((double)z[j] - (double)z[k]);
    return 1 / sum;
}

Test(signal_runs, windows_become_the_largest_or_the_mean_probability)
{
    enum { W = 4, K = 3 };
    const float z[W * K] = {-3, 2, .5f, 1, -1, 0, 90, -90, 3, -2, 0, 200};
    float out[K];
    for (int softmax = 0; softmax < 2; softmax++)
        for (int mean = 0; mean < 2; mean++) {
            struct leadseq_experiment e =
                TINY("data.task", softmax ? "superclass-single" : "superclass", "train.loss",
                     softmax ? "softmax" : "bce-logits");
            e.data.aggregate = mean ? LEADSEQ_AGGREGATE_MEAN : LEADSEQ_AGGREGATE_MAX;
            double expected[K], all = 0;
            for (int k = 0; k < K; k++) {
                expected[k] = 0;
                for (int w = 0; w < W; w++) {
                    const double p = softmax ? softmax_of(z + w * K, K, k)
                                             : 1 / (1 + exp(-(double)z[w * K + k]));
                    expected[k] = mean ? expected[k] + p / W : fmax(expected[k], p);
                }
                all += expected[k];
            }
            train_aggregate(&e, z, W, K, out);
            for (int k = 0; k < K; k++) {
                cr_assert(isfinite(out[k]));
                const double p = softmax ? softmax_of(out, K, k) : 1 / (1 + exp(-(double)out[k]));
                cr_assert_float_eq(p, softmax ? expected[k] / all : expected[k], 1e-6,
                                   "%d %d %d: %g, expected %g", softmax, mean, k, p, expected[k]);
            }
            train_aggregate(&e, z, 1, K, out);
            cr_assert(!memcmp(out, z, sizeof out), "one window is left as it is");
        }
}

Test(signal_runs, a_window_that_is_no_number_is_not_hidden_by_the_others)
{
    const float z[] = {1, 2, 3, NAN, 1, 2, 4, 0, -1};
    float out[3];
    for (int softmax = 0; softmax < 2; softmax++)
        for (int mean = 0; mean < 2; mean++) {
            struct leadseq_experiment e =
                TINY("data.task", softmax ? "superclass-single" : "superclass", "train.loss",
                     softmax ? "softmax" : "bce-logits");
            e.data.aggregate = mean ? LEADSEQ_AGGREGATE_MEAN : LEADSEQ_AGGREGATE_MAX;
            train_aggregate(&e, z, 3, 3, out);
            cr_assert(isnan(out[0]), "%d %d: %g", softmax, mean, (double)out[0]);
        }
}

/* --- Standardising --------------------------------------------------------------------------- */

/* Lead III is missing in all records, V6 flat; of `all` every lead is. */
static const char *write_leads(bool all)
{
    static char path[512];
    struct leadseq_drawing drawing = signal_drawing();
    const struct leadseq_stack_plan plan = {.drawing = &drawing, .signals = true, .replace = true};
    float mv[VALUES];
    snprintf(path, sizeof path, "%s", in_folder("leads.h5"));
    struct leadseq_stack_writer *w = leadseq_stack_begin(path, &plan, "tiny", "test");
    cr_assert(w, "%s", leadseq_error());
    for (int i = 0; i < TINY_RECORDS; i++) {
        struct leadseq_stack_row row = tiny_row(i);
        wave(i, mv, SAMPLES);
        for (int k = 0; k < VALUES; k++) {
            const int lead = k / SAMPLES;
            mv[k] = lead == 2 ? NAN : lead == 11 || all ? .5f : mv[k];
        }
        cr_assert_eq(leadseq_stack_append_record(w, &row, NULL, mv), 0, "%s", leadseq_error());
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    return path;
}

Test(signal_runs, leads_that_nobody_reads_may_be_flat_or_missing)
{
    const char *data = write_leads(false);
    struct leadseq_experiment e = SIGNALS("data.standardise_by", "lead", "train.epochs", "1"),
                              some = SIGNALS("data.standardise_by", "lead", "train.epochs", "1",
                                             "data.leads", "[V5, II]");
    struct train_input input;
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), false), -1);
    cr_assert(strstr(leadseq_error(), "lead III of the training records"), "%s", leadseq_error());
    cr_assert(strstr(leadseq_error(), "data.standardise_by: all"), "%s", leadseq_error());
    cr_assert_trains(&some, data, in_folder("some"), false);
    cr_assert_eq(train_input_read(&input, in_folder("some/input.json")), 0, "%s", leadseq_error());
    cr_assert_eq(input.lead_deviation[2], 1);
    cr_assert_neq(input.lead_deviation[1], 1);
    data = write_leads(true);
    e = SIGNALS("train.epochs", "1");
    cr_assert_eq(tiny_train(&e, data, in_folder("flat"), false), -1);
    cr_assert(strstr(leadseq_error(), "every lead of the training records"), "%s", leadseq_error());
    cr_assert_null(strstr(leadseq_error(), "standardise_by"), "%s", leadseq_error());
}

/* --- Time ------------------------------------------------------------------------------------ */

/* The least of several: other processes only make it longer. */
static double record_seconds(struct leadseq_experiment *e, const char *data)
{
    double least = INFINITY;
    for (int i = 0; i < 7; i++) {
        struct leadseq_forecast f;
        cr_assert_eq(leadseq_train_estimate(e, data, 0, &f), 0, "%s", leadseq_error());
        least = fmin(least, f.record_s);
    }
    return least;
}

Test(signal_runs, evaluating_a_record_takes_as_long_as_its_windows)
{
    const char *data = write_stack("both.h5", (struct contents){.signals = true});
    struct leadseq_experiment one = SIGNALS("data.stride", "40"), all = SIGNALS("data.stride", "1");
    const double few = record_seconds(&one, data), many = record_seconds(&all, data);
    cr_assert_gt(many, 3 * few, "2 windows: %g s, 41: %g s", few, many);
}

/* --- input.json ------------------------------------------------------------------------------- */

Test(signal_runs, the_input_of_signals_is_written_and_read)
{
    struct train_input input = {.samples = SAMPLES, .gain = 1000}, back;
    input.drawing = signal_drawing();
    snprintf(input.source, sizeof input.source, "PTB-XL");
    snprintf(input.checksum, sizeof input.checksum, "fnv1a:0");
    for (int i = 0; i < LEADSEQ_LEADS; i++)
        input.lead_mean[i] = i / 7.0, input.lead_deviation[i] = 1 + i / 3.0;
    const char *path = in_folder("input.json");
    cr_assert_eq(train_input_write(&input, path), 0, "%s", leadseq_error());
    cr_assert_eq(train_input_read(&back, path), 0, "%s", leadseq_error());
    cr_assert_eq(back.samples, SAMPLES);
    cr_assert_eq(back.gain, 1000);
    cr_assert_eq(back.drawing.rate_hz, 100);
    cr_assert(leadseq_preparation_same(&back.drawing.preparation, &input.drawing.preparation));
    cr_assert_arr_eq(back.lead_mean, input.lead_mean, sizeof back.lead_mean);
    cr_assert_arr_eq(back.lead_deviation, input.lead_deviation, sizeof back.lead_deviation);
    cr_assert_str_eq(back.checksum, "fnv1a:0");
    char *text = leadseq_file_read(path, 1 << 16, NULL);
    static const char *const bad[][3] = {
        {"\"samples\": 80", "\"samples\": 81", "the samples of its window"},
        {"\"samples\": 80", "\"samples\": -80", "the samples of its window"},
        {"\"rate_hz\": 100.0", "\"rate_hz\": 0.0", "expected a rate"},
        {"\"gain\": 1000.0", "\"gain\": -1.0", "steps per mV"},
        {"\"lead_mean\"", "\"lead_means\"", "expected a list of 12 numbers"},
        {"\"rate_hz\"", "\"rate\"", "not what a run writes"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        char *at = strstr(text, bad[i][0]);
        cr_assert(at, "%s in %s", bad[i][0], text);
        char *changed =
            leadseq_format("%.*s%s%s", (int)(at - text), text, bad[i][1], at + strlen(bad[i][0]));
        cr_assert_eq(train_input_read(&back, put("bad.json", changed)), -1, "%s", bad[i][1]);
        cr_assert_error_has(bad[i][2]);
        cr_assert_error_has("bad.json");
        free(changed);
    }
    free(text);
}

/* --- Training and prediction -------------------------------------------------------------------
 */

static struct leadseq_run *open_run(const char *name, const struct leadseq_experiment *e)
{
    struct leadseq_run *run = leadseq_run_open_as(in_folder(name), e, LEADSEQ_LAST, 0);
    cr_assert(run, "%s", leadseq_error());
    return run;
}

/* The logit of an ecg_id in a predictions table; NaN where it is not there. */
static double logit_of(const char *table, int ecg_id)
{
    char key[32];
    double logit;
    snprintf(key, sizeof key, "\n%d\t", ecg_id);
    const char *row = strstr(table, key);
    if (!row) return NAN;
    cr_assert_eq(sscanf(row + 1, "%*d\t%*s\t%*d\t%*d\t%*s\t%*d\t%lf", &logit), 1);
    return logit;
}

static void expect_predicts(const struct leadseq_experiment *e, struct contents c)
{
    float in_stack, of_record, of_signals, mv[VALUES];
    const char *data = write_stack("p.h5", c);
    cr_assert_trains(e, data, in_folder("p"), false);
    struct leadseq_run *run = open_run("p", e);
    struct leadseq_stack *stack = leadseq_stack_open(data);
    char *table = run_text(in_folder("p"), "predictions-test.tsv");
    int compared = 0, apart = 0;
    cr_assert_eq(leadseq_run_samples(run), SAMPLES);
    for (int i = 0; i < TINY_RECORDS; i += 3) {
        const uint64_t key = leadseq_record_key(tiny_row(i).ecg_id, tiny_row(i).record);
        struct leadseq_record *record = leadseq_record_open(write_record(i));
        cr_assert_eq(leadseq_run_predict_row(run, stack, (size_t)i, &in_stack), 0, "%s",
                     leadseq_error());
        cr_assert_eq(leadseq_run_predict_record(run, record, &of_record), 0, "%s", leadseq_error());
        cr_assert_eq(leadseq_stack_read_signals(stack, (size_t)i, mv), 0);
        cr_assert_eq(leadseq_run_predict_signals(run, mv, &key, 1, &of_signals), 0);
        cr_assert_eq(in_stack, of_record, "record %d: %.9g, in the stack %.9g", i,
                     (double)of_record, (double)in_stack);
        cr_assert_eq(in_stack, of_signals);
        leadseq_record_close(record);
        const double expected = logit_of(table, tiny_row(i).ecg_id);
        if (isnan(expected)) continue;
        cr_assert_float_eq(in_stack, expected, 1e-6 * fabs(expected) + 1e-6);
        compared++;
    }
    cr_assert_gt(compared, 2);
    uint8_t pixels[LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE] = {0};
    cr_assert_eq(leadseq_run_predict(run, pixels, NULL, 1, &in_stack), -1);
    cr_assert_error_has("expected signals, which the run was trained on");
    leadseq_run_close(run);
    /* The mean over windows is below the largest where windows differ. */
    struct leadseq_experiment mean = *e;
    mean.data.aggregate = LEADSEQ_AGGREGATE_MEAN;
    run = open_run("p", &mean);
    for (int i = 0; i < TINY_RECORDS; i++) {
        const double most = logit_of(table, tiny_row(i).ecg_id);
        if (isnan(most)) continue;
        cr_assert_eq(leadseq_run_predict_row(run, stack, (size_t)i, &in_stack), 0);
        cr_assert_leq((double)in_stack, most + 1e-6 * fabs(most));
        apart += (double)in_stack < most - 1e-3;
    }
    cr_assert_gt(apart, 2);
    free(table);
    leadseq_stack_close(stack);
    leadseq_run_close(run);
}

Test(signal_runs, a_record_is_predicted_as_in_a_stack_of_floats)
{
    struct leadseq_experiment e = SIGNALS("train.epochs", "1", "data.stride", "15");
    expect_predicts(&e, (struct contents){.signals = true});
}

/* A gain so coarse that forgetting it would show. */
Test(signal_runs, a_record_is_predicted_as_in_a_stack_of_integers)
{
    struct leadseq_experiment e =
        SIGNALS("train.epochs", "1", "data.standardise_by", "lead", "data.leads", "[II, V1, I]");
    expect_predicts(&e, (struct contents){.images = true, .signals = true, .gain = 20});
}

/* Stopped after every step of the first epoch and into the second. */
Test(signal_runs, it_learns_and_resumes_to_the_same_bits)
{
    const char *data = write_stack("s.h5", (struct contents){.signals = true});
    struct leadseq_experiment e = SIGNALS("train.epochs", "3");
    size_t one_size, two_size;
    cr_assert_trains(&e, data, in_folder("whole"), false);
    char *metrics = run_text(in_folder("whole"), "metrics.json");
    const char *auc = strstr(metrics, "\"auc\": ");
    cr_assert(auc && strtod(auc + 7, NULL) > .95, "%s", metrics);
    for (int step = 1; step <= 13; step++) {
        leadseq_stop_request(SIGTERM);
        cr_assert_trains(&e, data, in_folder("part"), step > 1);
    }
    leadseq_stop_request(0);
    cr_assert_trains(&e, data, in_folder("part"), true);
    char *one = run_text(in_folder("whole"), "predictions-test.tsv"),
         *two = run_text(in_folder("part"), "predictions-test.tsv");
    cr_assert_str_eq(one, two);
    free(metrics);
    free(one);
    free(two);
    one = leadseq_file_read(in_folder("whole/checkpoints/last.h5"), 1 << 24, &one_size);
    two = leadseq_file_read(in_folder("part/checkpoints/last.h5"), 1 << 24, &two_size);
    cr_assert(one && two && one_size == two_size && !memcmp(one, two, one_size));
    free(one);
    free(two);
}
