/* SPDX-License-Identifier: MIT
 *
 * Runs opened for use: predictions, evaluation, thresholds, other places. */
#include "tiny_run.h"
#include "train/folder.h"
#include "train/predict.h"
#include "train/records.h"

#include <math.h>

TestSuite(run, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

static struct leadseq_run *open_run(const char *folder_name, const struct leadseq_experiment *e,
                                    enum leadseq_checkpoint which)
{
    struct leadseq_run *run = leadseq_run_open_as(folder_name, e, which, 0);
    cr_assert(run, "%s", leadseq_error());
    return run;
}

Test(run, what_is_no_run_is_refused)
{
    struct leadseq_experiment e = TINY("seed", "1");
    cr_assert_null(leadseq_run_open_as(in_folder("none"), &e, LEADSEQ_BEST, 0));
    cr_assert_error_has("input.json");
}

struct bad_input {
    const char *text, *expected;
};

static const struct bad_input bad_inputs[] = {
    {"", "expected JSON"},
    {"[1]", "expected a JSON object"},
    {"{\"mean\": 0}", "not what a run writes"},
    {"{\"drawing\": {\"style\": \"dataset4\", \"profile\": \"crayon\", \"width\": 16, \"height\": "
     "16, \"range_mv\": 2, \"rate_hz\": 100}, \"mean\": 0, \"deviation\": 1, \"source\": \"\", "
     "\"checksum\": \"\"}",
     "crayon"},
    {"{\"drawing\": {\"style\": \"dataset4\", \"profile\": \"paper-text\", \"width\": 0, "
     "\"height\": 16, \"range_mv\": 2, \"rate_hz\": 100}, \"mean\": 0, \"deviation\": 1, "
     "\"source\": \"\", \"checksum\": \"\"}",
     "found 0x16"},
    {"{\"drawing\": {\"style\": \"dataset4\", \"profile\": \"paper-text\", \"width\": 16, "
     "\"height\": 16, \"range_mv\": 2, \"rate_hz\": 100}, \"mean\": 0, \"deviation\": 0, "
     "\"source\": \"\", \"checksum\": \"\"}",
     "deviation above 0"},
};

Test(run, a_damaged_input_file_is_refused_by_what_is_wrong)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(bad_inputs); i++) {
        struct train_input input;
        cr_assert_eq(train_input_read(&input, put("input.json", bad_inputs[i].text)), -1, "%zu", i);
        cr_assert_error_has(bad_inputs[i].expected);
        cr_assert_error_has("input.json");
    }
}

Test(run, a_source_cut_within_a_character_is_written_and_read)
{
    struct train_input input = {.style = "dataset4", .mean = {1, 1, 1}, .deviation = {1, 1, 1}},
                       back;
    leadseq_drawing_default(&input.drawing, LEADSEQ_PAPER_TEXT);
    snprintf(input.source, sizeof input.source, "%254s\xc3", "Herzzentrum, archive of M");
    snprintf(input.checksum, sizeof input.checksum, "fnv:\xef\xbb");
    const char *path = in_folder("cut.json");
    cr_assert_eq(train_input_write(&input, path), 0, "%s", leadseq_error());
    cr_assert_eq(train_input_read(&back, path), 0, "%s", leadseq_error());
    cr_assert(strstr(back.source, "Herzzentrum, archive of M"), "%s", back.source);
    cr_assert_eq(back.drawing.width, input.drawing.width);
}

/* The logit of an ecg_id in a predictions table; NaN where it is not there. */
static double logit_of(const char *table, int ecg_id)
{
    int id, patient, fold, label;
    char part[16];
    double logit, probability;
    for (const char *row = strchr(table, '\n'); row && row[1]; row = strchr(row + 1, '\n')) {
        cr_assert_eq(sscanf(row + 1, "%d\t%*s\t%d\t%d\t%15s\t%d\t%lf\t%lf", &id, &patient, &fold,
                            part, &label, &logit, &probability),
                     7);
        if (id == ecg_id) return logit;
    }
    return NAN;
}

/* Records from anywhere, five at a time in batches of eight and fewer. */
static void expect_predicts(struct leadseq_experiment e)
{
    enum { N = TINY_RECORDS };
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = N}),
               *folder_name = in_folder("r");
    cr_assert_trains(&e, data, folder_name, false);
    struct leadseq_run *run = open_run(folder_name, &e, LEADSEQ_BEST);
    size_t record = LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE;
    uint8_t *images = malloc(N * record);
    uint64_t ids[N];
    float logits[N];
    for (int i = 0; i < N; i++) {
        tiny_images(i, images + (size_t)i * record);
        ids[i] = (uint64_t)tiny_row(i).ecg_id;
    }
    cr_assert_eq(leadseq_run_predict(run, images, ids, N, logits), 0, "%s", leadseq_error());
    char *table = run_text(folder_name, "predictions-test.tsv");
    int compared = 0;
    for (int i = 0; i < N; i++) {
        double expected = logit_of(table, (int)ids[i]);
        cr_assert_eq(isnan(expected), tiny_row(i).strat_fold != 10);
        if (isnan(expected)) continue;
        cr_assert_float_eq(logits[i], expected, 1e-6 * fabs(expected) + 1e-6);
        compared++;
    }
    cr_assert_eq(compared, 10);
    free(table);
    free(images);
    leadseq_run_close(run);
}

Test(run, a_record_from_anywhere_gets_the_logit_it_has_in_the_stack)
{
    expect_predicts(TINY("train.epochs", "1", "data.standardise", "true"));
}

Test(run, a_record_without_a_signal_gets_no_logit)
{
    enum { SAMPLES = 1000 };
    struct leadseq_experiment e = TINY("train.epochs", "1");
    const char *data = tiny_write("s.h5", (struct tiny_stack){.n = TINY_RECORDS});
    cr_assert_trains(&e, data, in_folder("r"), false);
    struct leadseq_run *run = open_run(in_folder("r"), &e, LEADSEQ_BEST);
    static float mv[LEADSEQ_LEADS * SAMPLES];
    char path[] = "zero.hea";
    struct leadseq_record record = {
        .name = "zero", .path = path, .rate_hz = 100, .n_samples = SAMPLES, .mv = mv};
    float logit;
    cr_assert_eq(leadseq_run_predict_record(run, &record, &logit), -1);
    cr_assert(strstr(leadseq_error(), "zero.hea: expected a signal, found none"), "%s",
              leadseq_error());
    mv[500] = 1; // of lead I alone
    cr_assert_eq(leadseq_run_predict_record(run, &record, &logit), 0, "%s", leadseq_error());
    leadseq_run_close(run);
}

Test(run, a_record_with_shuffled_leads_gets_the_logit_it_has_in_the_stack)
{
    expect_predicts(TINY("train.epochs", "1", "model.type", "convlstm", "model.hidden", "[3]",
                         "data.leads", "shuffled"));
}

Test(run, a_run_in_bf16_predicts_and_evaluates_in_bf16_and_says_so)
{
    struct leadseq_experiment e = TINY("train.epochs", "1", "train.precision", tiny_bf16());
    char expected[64];
    snprintf(expected, sizeof expected, "\"computed_in\": \"%s\"", tiny_bf16());
    expect_predicts(e);
    char *metrics = run_text(in_folder("r"), "metrics.json"),
         *machine = run_text(in_folder("r"), "environment.json");
    cr_assert(strstr(metrics, expected), "%s", metrics);
    cr_assert(strstr(machine, "computing in bf16"), "%s", machine);
    free(metrics);
    free(machine);
}

Test(run, a_run_in_bf16_on_a_cpu_without_is_refused_and_emulated_by_name)
{
    setenv("DNNL_MAX_CPU_ISA", "AVX2", 1); // read when oneDNN is first asked
    if (leadseq_bf16_is_native()) cr_skip_test("this oneDNN does not limit instruction sets");
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.epochs", "1", "train.precision", "bf16");
    cr_assert_eq(tiny_train(&e, data, in_folder("r"), false), -1);
    cr_assert(strstr(leadseq_error(), "bf16-emulated"), "%s", leadseq_error());
    cr_assert(!leadseq_path_exists(in_folder("r")));
    e.train.precision = LEADSEQ_BF16_EMULATED;
    cr_assert_trains(&e, data, in_folder("r"), false);
    e.train.precision = LEADSEQ_BF16;
    cr_assert_null(leadseq_run_open_as(in_folder("r"), &e, LEADSEQ_BEST, 0));
    cr_assert(strstr(leadseq_error(), "--precision"), "%s", leadseq_error());
    e.train.precision = LEADSEQ_F32;
    leadseq_run_close(open_run(in_folder("r"), &e, LEADSEQ_BEST));
}

Test(run, a_moved_run_evaluates_a_moved_stack_to_the_same_table)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.epochs", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    char *before = run_text(in_folder("run"), "predictions-test.tsv");
    cr_assert_eq(rename(in_folder("run"), in_folder("elsewhere")), 0);
    cr_assert_eq(rename(data, in_folder("b.h5")), 0);
    cr_assert_eq(unlink(in_folder("elsewhere/predictions-test.tsv")), 0);
    struct leadseq_run *run = open_run(in_folder("elsewhere"), &e, LEADSEQ_BEST);
    cr_assert_eq(leadseq_run_evaluate(run, in_folder("b.h5"), LEADSEQ_TEST), 0, "%s",
                 leadseq_error());
    char *after = run_text(in_folder("elsewhere"), "predictions-test.tsv");
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
    leadseq_run_close(run);
}

Test(run, all_labelled_records_are_evaluated_with_their_parts)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.epochs", "1", "data.test", "[]");
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert(!leadseq_path_exists(in_folder("run/predictions-test.tsv")));
    struct leadseq_run *run = open_run(in_folder("run"), &e, LEADSEQ_LAST);
    cr_assert_eq(leadseq_run_evaluate(run, data, -1), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_run_evaluate(run, data, LEADSEQ_TEST), -1);
    cr_assert_error_has("test part, found none");
    char *table = run_text(in_folder("run"), "predictions-all.tsv");
    char *metrics = run_text(in_folder("run"), "metrics.json");
    cr_assert_eq(count_lines(table), 1 + TINY_RECORDS);
    cr_assert(strstr(table, "\ttrain\t") && strstr(table, "\tvalid\t") &&
              strstr(table, "\tnone\t"));
    cr_assert(strstr(metrics, "\"valid\": {") && strstr(metrics, "\"all\": {"));
    cr_assert(strstr(metrics, "\"checkpoint\": \"last\"") &&
              strstr(metrics, "\"checkpoint\": \"best\""));
    free(table);
    free(metrics);
    leadseq_run_close(run);
}

Test(run, a_stack_drawn_otherwise_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    const char *other =
        tiny_write("b.h5", (struct tiny_stack){.n = 40, .profile = LEADSEQ_FIXED_MV});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    struct leadseq_run *run = open_run(in_folder("run"), &e, LEADSEQ_BEST);
    cr_assert_eq(leadseq_run_evaluate(run, other, LEADSEQ_TEST), -1);
    cr_assert_error_has("found dataset4, fixed-mv, 16x16");
    leadseq_run_close(run);
}

Test(run, a_cnn_learns_pages_and_a_convlstm_is_refused_in_words)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS, .pages = true});
    struct leadseq_experiment e = TINY("train.epochs", "6"), rnn = TINY("model.type", "convlstm"),
                              shuffled = TINY("data.leads", "shuffled");
    cr_assert_eq(tiny_train(&rnn, data, in_folder("rnn"), false), -1);
    cr_assert_error_has("images of style dataset1 show all leads on one page");
    cr_assert_eq(tiny_train(&shuffled, data, in_folder("shuffled"), false), -1);
    cr_assert_error_has("data.leads: expected ordered");
    cr_assert_trains(&e, data, in_folder("run"), false);
    struct leadseq_run *run = open_run(in_folder("run"), &e, LEADSEQ_LAST);
    cr_assert_eq(leadseq_run_drawing(run)->style, LEADSEQ_DATASET1);
    cr_assert_eq(leadseq_run_evaluate(run, data, LEADSEQ_TEST), 0, "%s", leadseq_error());
    struct leadseq_stack *stack = leadseq_stack_open(data);
    uint8_t page[3 * TINY_SIDE * TINY_SIDE];
    double sum[2] = {0}, n[2] = {0};
    for (size_t i = 0; i < TINY_RECORDS; i++) {
        float logit;
        int mi = leadseq_stack_rows(stack)[i].mi;
        cr_assert_eq(leadseq_stack_read(stack, i, page), 0);
        cr_assert_eq(leadseq_run_predict(run, page, NULL, 1, &logit), 0, "%s", leadseq_error());
        sum[mi] += (double)logit, n[mi]++;
    }
    cr_assert_gt(sum[1] / n[1], sum[0] / n[0] + 0.5, "the square is seen");
    leadseq_stack_close(stack);
    leadseq_run_close(run);
}

/* Folds mean the same everywhere; a split drawn by a seed does not. */
Test(run, another_stack_is_split_by_folds_but_never_by_shares)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *other = tiny_write("b.h5", (struct tiny_stack){.n = 30, .first = 18});
    struct leadseq_experiment folds = TINY("train.max_steps", "1");
    struct leadseq_experiment shares = TINY("train.max_steps", "1", "data.split", "patient");
    cr_assert_trains(&folds, data, in_folder("folds"), false);
    cr_assert_trains(&shares, data, in_folder("shares"), false);
    struct leadseq_run *run = open_run(in_folder("folds"), &folds, LEADSEQ_BEST);
    cr_assert_eq(leadseq_run_evaluate(run, other, LEADSEQ_TEST), -1);
    cr_assert_error_has("b.h5: is not the stack that");
    cr_assert_eq(leadseq_run_evaluate_into(run, other, LEADSEQ_TEST, in_folder("other"), false), 0,
                 "%s", leadseq_error());
    leadseq_run_close(run);
    run = open_run(in_folder("shares"), &shares, LEADSEQ_BEST);
    cr_assert_eq(leadseq_run_evaluate(run, other, LEADSEQ_TEST), -1);
    cr_assert_error_has("its split was drawn over that stack's records");
    cr_assert_eq(leadseq_run_evaluate_into(run, other, -1, in_folder("other"), false), 0, "%s",
                 leadseq_error());
    leadseq_run_close(run);
}

Test(run, the_threshold_comes_from_validation_and_says_so)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.epochs", "4"), without = TINY("data.valid", "[]");
    cr_assert_trains(&e, data, in_folder("with"), false);
    cr_assert_trains(&without, data, in_folder("without"), false);
    const char *origin;
    struct leadseq_run *run = open_run(in_folder("with"), &e, LEADSEQ_BEST);
    double threshold = leadseq_run_threshold(run, 0, &origin);
    cr_assert(threshold > 0 && threshold < 1);
    cr_assert(strstr(origin, "valid, largest Youden index at epoch "), "%s", origin);
    leadseq_run_close(run);
    run = open_run(in_folder("without"), &without, LEADSEQ_LAST);
    cr_assert_eq(leadseq_run_threshold(run, 0, &origin), 0.5);
    cr_assert_str_eq(origin, "default");
    leadseq_run_close(run);
}

Test(run, the_threshold_holds_for_probabilities_as_computed_and_as_printed)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, 0, 0);
    uint8_t label[] = {0, 0, 1, 1};
    for (int i = 0; i < 200; i++) {
        float best = (float)leadseq_random_uniform(&r), below = nextafterf(best, 0);
        double probability[] = {0, below, best, 1};
        struct train_output p = {.n = 4, .probability = probability, .label = label};
        double threshold = train_threshold(&p);
        char printed[32];
        snprintf(printed, sizeof printed, "%.9g", (double)best);
        cr_assert(best >= threshold && strtod(printed, NULL) >= threshold, "%s", printed);
        snprintf(printed, sizeof printed, "%.9g", (double)below);
        cr_assert(below < threshold && strtod(printed, NULL) < threshold, "%s", printed);
    }
}

Test(run, saturated_predictions_have_a_threshold_and_one_class_has_none)
{
    double saturated[] = {0, 0, 1, 1};
    uint8_t label[] = {0, 0, 1, 1}, one_class[] = {1, 1, 1, 1};
    struct train_output p = {.n = 4, .probability = saturated, .label = label};
    cr_assert_eq(train_threshold(&p), 1);
    p.label = one_class;
    cr_assert(isnan(train_threshold(&p)));
}
