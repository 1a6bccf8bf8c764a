/* SPDX-License-Identifier: MIT
 *
 * What a comparison says, parsed from its files. */
#include "report_json.h"
#include "small_runs.h"
#include "small_stack.h"

#include <math.h>

static void begin(void)
{
    runs_begin();
    small_begin();
}

static void end(void)
{
    runs_end();
    small_end();
}

TestSuite(report, .init = begin, .fini = end);

enum { N = 120 };

static const struct runs_made run_a = {
    .folder = "a", .name = "first", .n = N, .skill = 35, .source = "PTB-XL 1.0.3"};
static const struct runs_made run_b = {.folder = "b", .name = "second", .n = N, .skill = 15};

static json_t *compared_runs(const struct runs_made *a, const struct runs_made *b)
{
    char *inputs[] = {runs_make(a), runs_make(b)};
    return compared(inputs, 2, NULL);
}

/* By the definition: over all pairs of a positive and a negative. */
static double auc_by_pairs(size_t n, int skill)
{
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; runs_label(i) && j < n; j++) {
            if (runs_label(j)) continue;
            double a = runs_probability(i, skill), b = runs_probability(j, skill);
            wins += a > b ? 1 : a == b ? .5 : 0;
            pairs++;
        }
    return wins / pairs;
}

static struct leadseq_confusion count(size_t first, size_t n, int skill, double threshold)
{
    struct leadseq_confusion c = {0};
    for (size_t i = first; i < first + n; i++) {
        bool called = runs_probability(i, skill) >= threshold;
        (*(runs_label(i) ? called ? &c.tp : &c.fn : called ? &c.fp : &c.tn))++;
    }
    return c;
}

/* The best of all thresholds k/128 on the validation records, the highest of equals. */
static double threshold_by_search(int skill)
{
    double best = -1, threshold = NAN;
    for (int k = 128; k >= 0; k--) {
        struct leadseq_confusion c = count(RUNS_VALID_FIRST, RUNS_VALID, skill, k / 128.);
        double j = leadseq_sensitivity(&c) + leadseq_specificity(&c) - 1;
        if (j <= best + 1e-12) continue;
        best = j;
        threshold = k / 128.;
    }
    return threshold;
}

Test(report, numbers_are_those_of_the_definitions)
{
    json_t *json = compared_runs(&run_a, &run_b);
    const int skills[] = {run_a.skill, run_b.skill};
    const char *const names[] = {"first", "second"};
    for (size_t i = 0; i < 2; i++) {
        json_t *m = model_of(json, i);
        double t = json_number_value(json_object_get(m, "threshold"));
        struct leadseq_confusion c = count(0, N, skills[i], t);
        cr_assert_str_eq(text_of(m, "name"), names[i]);
        cr_assert_eq(t, threshold_by_search(skills[i]));
        cr_assert_float_eq(figure(m, "auc", "value"), auc_by_pairs(N, skills[i]), 1e-12);
        cr_assert_eq(figure(m, "sensitivity", "value"), leadseq_sensitivity(&c));
        cr_assert_eq(figure(m, "specificity", "value"), leadseq_specificity(&c));
        cr_assert_eq(figure(m, "precision", "value"), leadseq_precision(&c));
        cr_assert_eq(figure(m, "f1", "value"), leadseq_f1(&c));
        cr_assert_eq(figure(m, "accuracy", "value"), leadseq_accuracy(&c));
    }
    json_decref(json);
}

Test(report, every_figure_has_its_interval_around_it_and_a_method)
{
    static const char *const metrics[] = {
        "auc", "average_precision", "sensitivity", "specificity", "precision",
        "f1",  "accuracy",          "brier"};
    json_t *json = compared_runs(&run_a, &run_b);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < LEADSEQ_COUNT(metrics); k++) {
            json_t *m = model_of(json, i);
            double value = figure(m, metrics[k], "value");
            cr_assert_lt(figure(m, metrics[k], "low"), value, "%s", metrics[k]);
            cr_assert_gt(figure(m, metrics[k], "high"), value, "%s", metrics[k]);
            json_t *of = json_object_get(json_object_get(m, "metrics"), metrics[k]);
            cr_assert(text_of(of, "method"));
        }
    json_decref(json);
}

Test(report, the_pair_is_the_difference_of_its_models)
{
    json_t *json = compared_runs(&run_a, &run_b);
    json_t *pairs = json_object_get(json, "pairs"), *pair = json_array_get(pairs, 0);
    cr_assert_eq(json_array_size(pairs), 1);
    cr_assert_str_eq(text_of(pair, "a"), "first");
    cr_assert_str_eq(text_of(pair, "b"), "second");
    static const char *const metrics[] = {"auc", "sensitivity", "accuracy", "f1", "brier"};
    for (size_t k = 0; k < LEADSEQ_COUNT(metrics); k++) {
        double difference = figure(model_of(json, 0), metrics[k], "value") -
                            figure(model_of(json, 1), metrics[k], "value");
        double p = figure(pair, metrics[k], "p");
        cr_assert_float_eq(figure(pair, metrics[k], "difference"), difference, 1e-12);
        cr_assert(figure(pair, metrics[k], "low") <= difference);
        cr_assert(figure(pair, metrics[k], "high") >= difference);
        cr_assert(p >= 0 && p <= 1);
    }
    json_decref(json);
}

Test(report, mcnemar_counts_what_one_alone_has_right)
{
    json_t *json = compared_runs(&run_a, &run_b);
    json_t *pair = json_array_get(json_object_get(json, "pairs"), 0);
    json_t *mcnemar = json_object_get(pair, "mcnemar");
    double ta = threshold_by_search(run_a.skill), tb = threshold_by_search(run_b.skill);
    size_t b = 0, c = 0;
    for (size_t i = 0; i < N; i++) {
        bool right_a = (runs_probability(i, run_a.skill) >= ta) == runs_label(i);
        bool right_b = (runs_probability(i, run_b.skill) >= tb) == runs_label(i);
        b += right_a && !right_b;
        c += right_b && !right_a;
    }
    cr_assert_gt(b + c, 0);
    cr_assert_eq(json_integer_value(json_object_get(mcnemar, "only_a_right")), (json_int_t)b);
    cr_assert_eq(json_integer_value(json_object_get(mcnemar, "only_b_right")), (json_int_t)c);
    cr_assert_eq(figure(pair, "accuracy", "p"), leadseq_mcnemar(b, c));
    json_decref(json);
}

Test(report, the_constant_classifier_stands_last_and_knows_nothing)
{
    json_t *json = compared_runs(&run_a, &run_b), *m = model_of(json, 2);
    cr_assert_eq(json_array_size(json_object_get(json, "models")), 3);
    cr_assert_str_eq(text_of(m, "name"), "constant");
    cr_assert_eq(figure(m, "auc", "value"), .5);
    cr_assert(isnan(figure(m, "auc", "low")));
    cr_assert_eq(figure(m, "sensitivity", "value"), 0);
    cr_assert_float_eq(figure(m, "accuracy", "value"), 2. / 3, 1e-12);
    cr_assert(isnan(figure(m, "precision", "value")));
    cr_assert(strstr(text_of(m, "threshold_origin"), "most frequent class"));
    json_decref(json);
}

Test(report, the_constant_classifier_says_the_training_prevalence_where_it_is_known)
{
    struct runs_made with_train = run_a;
    with_train.with_train = true;
    json_t *json = compared_runs(&with_train, &run_b), *m = model_of(json, 2);
    double positives = 0, brier = 0;
    for (size_t i = RUNS_TRAIN_FIRST; i < RUNS_TRAIN_FIRST + RUNS_TRAIN; i++)
        positives += runs_label(i);
    double p = positives / RUNS_TRAIN;
    for (size_t i = 0; i < N; i++) brier += pow(p - runs_label(i), 2) / N;
    cr_assert(strstr(text_of(m, "threshold_origin"), "training prevalence of first"));
    cr_assert_float_eq(figure(m, "brier", "value"), brier, 1e-12);
    cr_assert_eq(figure(m, "sensitivity", "value"), 0); // .34 is below one half
    json_decref(json);
}

Test(report, counts_are_of_records_and_patients)
{
    json_t *json = compared_runs(&run_a, &run_b);
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), N);
    cr_assert_eq(json_integer_value(json_object_get(json, "positives")), N / 3);
    cr_assert_eq(json_number_value(json_object_get(json, "patients")), N / 2);
    cr_assert(json_is_false(json_object_get(json, "simulated")));
    cr_assert(json_is_false(json_object_get(json, "for_clinical_use")));
    json_decref(json);
}

Test(report, without_validation_predictions_nothing_that_needs_a_threshold_is_shown)
{
    struct runs_made without = run_a;
    without.no_valid = true;
    json_t *json = compared_runs(&without, &run_b), *m = model_of(json, 0);
    json_t *pair = json_array_get(json_object_get(json, "pairs"), 0);
    cr_assert(isnan(figure(m, "sensitivity", "value")));
    cr_assert(isnan(figure(m, "f1", "value")));
    cr_assert(isnan(figure(pair, "accuracy", "p")));
    cr_assert_not(isnan(figure(m, "auc", "low")));
    cr_assert_not(isnan(figure(m, "brier", "low")));
    cr_assert(notes_say(json, "first has no threshold"));
    json_decref(json);
}

Test(report, validation_records_among_those_compared_are_told)
{
    struct runs_made a = run_a;
    runs_make(&a);
    runs_predictions(&a, "valid", N - 10, 30);
    char *inputs[] = {runs_path("a"), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, NULL);
    cr_assert(notes_say(json, "first: 10 of the 120 records compared are among its validation"));
    json_decref(json);
}

Test(report, what_a_run_says_of_its_own_split_is_used_and_told)
{
    struct runs_made a = run_a;
    a.more = ", \"parts\": {\"train\": {\"n\": 200, \"positive\": 30},"
             " \"patients_on_both_sides\": 7, \"records_of_those\": 9}";
    json_t *json = compared_runs(&a, &run_b);
    cr_assert(strstr(text_of(model_of(json, 2), "threshold_origin"), "first, 0.1500"));
    cr_assert(notes_say(json, "first: its split has 7 patients both in training"));
    json_decref(json);
}

/* A probability of exactly 0 among the records compared has no logit either. */
Test(report, probabilities_without_a_logit_are_told_wherever_logits_are_used)
{
    struct runs_made a = run_a;
    size_t compared_zeros = 0, valid_zeros = 0;
    for (a.skill = 5; !compared_zeros || !valid_zeros; a.skill++) {
        compared_zeros = valid_zeros = 0;
        for (size_t i = 0; i < a.n; i++) compared_zeros += runs_probability(i, a.skill) == 0;
        for (size_t i = 0; i < RUNS_VALID; i++)
            valid_zeros += runs_probability(RUNS_VALID_FIRST + i, a.skill) == 0;
        cr_assert_lt(a.skill, 40);
        if (compared_zeros && valid_zeros) break;
    }
    json_t *json = compared_runs(&a, &run_b);
    char compared_note[200], valid_note[200];
    snprintf(compared_note, sizeof compared_note, "first: %s of the records compared",
             leadseq_count_of(compared_zeros, "probability", "probabilities"));
    snprintf(valid_note, sizeof valid_note, "first: %s of validation",
             leadseq_count_of(valid_zeros, "probability", "probabilities"));
    cr_assert(notes_say(json, compared_note), "%s", compared_note);
    cr_assert(notes_say(json, valid_note), "%s", valid_note);
    json_decref(json);
}

Test(report, simulated_records_and_few_positives_are_told)
{
    struct runs_made a = run_a, b = run_b;
    a.source = "simulated by leadseq synth, seed 1";
    a.n = b.n = 24;
    json_t *json = compared_runs(&a, &b);
    cr_assert(json_is_true(json_object_get(json, "simulated")));
    cr_assert(notes_say(json, "Simulated records"));
    cr_assert(notes_say(json, "Only 8 records are positive"));
    json_decref(json);
}

Test(report, runs_of_one_name_are_told_apart_by_folder_then_by_number)
{
    struct runs_made b = run_b;
    b.name = run_a.name;
    char *inputs[] = {runs_make(&run_a), runs_make(&b), runs_path("a")};
    json_t *json = compared(inputs, 3, NULL);
    cr_assert_str_eq(text_of(model_of(json, 0), "name"), "first (a)");
    cr_assert_str_eq(text_of(model_of(json, 1), "name"), "first (b)");
    cr_assert_str_eq(text_of(model_of(json, 2), "name"), "first (a) #2");
    cr_assert_eq(json_array_size(json_object_get(json, "pairs")), 3);
    json_decref(json);
}

Test(report, a_hostile_name_is_only_text)
{
    struct runs_made a = run_a;
    a.name = "'<img src=x onerror=alert(1)>&\"'";
    json_decref(compared_runs(&a, &run_b));
    char *html = runs_text("out/report.html");
    cr_assert_null(strstr(html, "<img"));
    cr_assert(strstr(html, "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;"));
    free(html);
}

Test(report, the_page_stands_alone_and_says_what_must_be_said)
{
    json_decref(compared_runs(&run_a, &run_b));
    char *html = runs_text("out/report.html"), *markdown = runs_text("out/report.md");
    static const char *const said[] = {"Not for clinical use",
                                       "120 records of 60 patients",
                                       "largest Youden index on validation",
                                       "McNemar",
                                       "ROC curves",
                                       "Confusion matrices",
                                       "PTB-XL 1.0.3"};
    for (size_t i = 0; i < LEADSEQ_COUNT(said); i++) {
        cr_assert(strstr(html, said[i]), "%s", said[i]);
        cr_assert(strstr(markdown, said[i]), "%s", said[i]);
    }
    cr_assert_null(strstr(html, "src="));
    cr_assert_null(strstr(html, "<script"));
    bool drawn = leadseq_path_exists(runs_path("out/figures/roc.svg"));
    cr_assert_eq(!!strstr(html, "<svg"), drawn);
    free(html);
    free(markdown);
}

Test(report, without_gnuplot_the_page_says_where_the_data_are)
{
    setenv("GNUPLOT", "/nowhere/gnuplot", 1);
    json_decref(compared_runs(&run_a, &run_b));
    char *html = runs_text("out/report.html"), *data = runs_text("out/figures/roc.tsv");
    cr_assert_null(strstr(html, "<svg"));
    cr_assert(strstr(html, "figures/roc.tsv"));
    free(html);
    free(data);
}

Test(report, every_figure_stands_in_the_page_where_gnuplot_is)
{
    if (system("gnuplot --version >/dev/null 2>&1")) cr_skip_test("no gnuplot");
    json_decref(compared_runs(&run_a, &run_b));
    char *html = runs_text("out/report.html");
    size_t drawings = 0;
    for (char *at = html; (at = strstr(at, "<svg")); at++) drawings++;
    cr_assert_eq(drawings, 6, "%zu", drawings); // four of results, two of training
    free(html);
}

Test(report, tables_read_back_to_the_same_bits_as_the_json)
{
    json_t *json = compared_runs(&run_a, &run_b);
    struct leadseq_sheet sheet;
    double value;
    cr_assert_eq(leadseq_sheet_read(&sheet, runs_path("out/tables/metrics.tsv")), 0);
    cr_assert_str_eq(leadseq_sheet_cell(&sheet, 0, 0), "first");
    cr_assert_str_eq(leadseq_sheet_cell(&sheet, 0, 1), "auc");
    cr_assert_eq(leadseq_sheet_number(&sheet, 0, leadseq_sheet_column(&sheet, "low"), &value), 0);
    cr_assert_eq(value, figure(model_of(json, 0), "auc", "low"));
    leadseq_sheet_clear(&sheet);
    json_decref(json);
}

Test(report, the_same_inputs_give_the_same_bits)
{
    json_decref(compared_runs(&run_a, &run_b));
    char *first = runs_text("out/tables/metrics.tsv"), *pairs = runs_text("out/tables/pairs.tsv");
    cr_assert_eq(rename(runs_path("out"), runs_path("before")), 0);
    json_decref(compared_runs(&run_a, &run_b));
    char *again = runs_text("out/tables/metrics.tsv"), *more = runs_text("out/tables/pairs.tsv");
    cr_assert_str_eq(first, again);
    cr_assert_str_eq(pairs, more);
    free(first);
    free(pairs);
    free(again);
    free(more);
}

Test(report, a_table_of_another_program_takes_labels_and_patients_from_the_stack)
{
    small_write(LEADSEQ_PAPER_TEXT, 24);
    FILE *f = fopen(runs_path("other.csv"), "w");
    fputs("ecg_id,split,probability\n", f);
    for (size_t i = 0; i < 24; i++)
        fprintf(f, "%zu,%s,%.9g\n", 100 + i, i % 2 ? "test" : "valid", runs_probability(i, 30));
    fclose(f);
    char *inputs[] = {runs_path("other.csv"), runs_path("other.csv")};
    json_t *json = compared(inputs, 2, small_path);
    cr_assert(strstr(text_of(model_of(json, 0), "name"), "other (leadseq-runs-"));
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), 12);
    cr_assert_eq(json_integer_value(json_object_get(json, "positives")), 4);
    cr_assert_eq(json_number_value(json_object_get(json, "patients")), 12);
    cr_assert_not(isnan(figure(model_of(json, 0), "sensitivity", "value")));
    cr_assert_eq(figure(json_array_get(json_object_get(json, "pairs"), 0), "auc", "p"), 1);
    json_decref(json);
}

Test(report, the_terminal_gets_the_table)
{
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)}, *text = NULL;
    size_t size;
    struct leadseq_compare_options options = {.split = "test"};
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_compare(inputs, 2, runs_path("out"), &options, out), 0);
    fclose(out);
    cr_assert(strstr(text, "120 records of 60 patients, 40 positive"));
    cr_assert(strstr(text, "AUC of first minus second: +"));
    cr_assert(strstr(text, "\nSensitivity "));
    free(text);
}
