/* SPDX-License-Identifier: MIT
 *
 * Comparisons of tables of other programs, and what is written in place of a number that
 * would mislead.
 */
#include "report_json.h"
#include "small_runs.h"
#include "small_stack.h"

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

TestSuite(report_tables, .init = begin, .fini = end);

enum { N = 120 };
static const struct runs_made run_a = {.folder = "a", .name = "first", .n = N, .skill = 35};
static const struct runs_made run_b = {.folder = "b", .name = "second", .n = N, .skill = 15};

/* --- What is no honest number ------------------------------------------------------------ */

Test(report_tables, a_model_that_learnt_from_those_compared_has_words_for_intervals)
{
    struct runs_made a = run_a;
    runs_make(&a);
    runs_predictions(&a, "train", N - 7, 60);
    char *inputs[] = {runs_path("a"), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0), *pair = pair_of(json, 0);
    cr_assert_not(isnan(figure(m, "auc", "value")));
    cr_assert(isnan(figure(m, "auc", "low")));
    cr_assert(isnan(figure(m, "brier", "high")));
    cr_assert_str_eq(method_of(m, "f1"), "no honest test: learnt from 7 of these records");
    cr_assert(isnan(figure(pair, "auc", "p")));
    cr_assert(isnan(figure(pair, "auc", "p_exchange")));
    cr_assert(strstr(method_of(pair, "accuracy"), "learnt from 7"));
    cr_assert_not(isnan(figure(model_of(json, 1), "auc", "low")));
    cr_assert(notes_say(json, "first: 7 of the 120 records compared are among its training"));
    char *html = runs_text("out/report.html");
    cr_assert(strstr(html, "no honest test: learnt from 7 of these records"));
    free(html);
    json_decref(json);
}

Test(report_tables, numbers_of_simulated_records_are_not_those_of_another_source)
{
    const char *sources[] = {"simulated records, laid out as PTB-XL", "a part of formula"};
    small_write(LEADSEQ_PAPER_TEXT, 130);
    for (int i = 0; i < 2; i++) {
        struct runs_made a = run_a;
        a.source = sources[i];
        runs_make(&a);
        runs_predictions(&a, "train", N - 7, 60);
        char *inputs[] = {runs_path("a"), runs_make(&run_b)};
        json_t *json = compared(inputs, 2, small_path);
        cr_expect_eq(isnan(figure(model_of(json, 0), "auc", "low")), i == 1, "%s", sources[i]);
        json_decref(json);
    }
}

Test(report_tables, a_patient_on_both_sides_is_enough_for_that)
{
    struct runs_made a = run_a;
    runs_make(&a);
    runs_predictions(&a, "train", N + 1, 60); // records 119 and 120 would share a patient; 121 not
    char *inputs[] = {runs_path("a"), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, NULL);
    cr_assert_not(isnan(figure(model_of(json, 0), "auc", "low")));
    json_decref(json);
    a.n = N - 1; // the last patient's other record trains
    struct runs_made b = run_b;
    b.n = N - 1;
    runs_make(&a);
    runs_predictions(&a, "train", N - 1, 60);
    char *shared[] = {runs_path("a"), runs_make(&b)};
    json = compared(shared, 2, NULL);
    cr_assert(isnan(figure(model_of(json, 0), "auc", "low")));
    cr_assert_str_eq(method_of(model_of(json, 0), "auc"),
                     "no honest test: learnt from the patients of 1 of these records");
    json_decref(json);
}

Test(report_tables, nothing_is_decided_where_validation_is_judged)
{
    struct runs_made a = run_a;
    runs_make(&a);
    runs_predictions(&a, "valid", N - 10, 30);
    char *inputs[] = {runs_path("a"), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
    cr_assert(isnan(figure(m, "sensitivity", "value")));
    cr_assert_str_eq(method_of(m, "sensitivity"), "no threshold");
    cr_assert(strstr(text_of(m, "threshold_origin"), "10 of the records compared are its valid"));
    cr_assert(json_is_null(json_object_get(json_object_get(m, "temperature"), "value")));
    cr_assert_not(isnan(figure(m, "auc", "low")));
    json_decref(json);
}

Test(report_tables, too_few_positives_have_words_for_intervals)
{
    struct runs_made a = run_a, b = run_b;
    a.n = b.n = 24; // 8 positive
    char *inputs[] = {runs_make(&a), runs_make(&b)};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
    static const char *const metrics[] = {"auc", "average_precision", "f1", "calibration_slope"};
    for (size_t i = 0; i < LEADSEQ_COUNT(metrics); i++) {
        cr_assert(isnan(figure(m, metrics[i], "low")), "%s", metrics[i]);
        cr_assert(strstr(method_of(m, metrics[i]), "fewer than 10"), "%s", metrics[i]);
    }
    cr_assert_not(isnan(figure(m, "sensitivity", "low"))); // Wilson's is honest still
    cr_assert(strstr(method_of(pair_of(json, 0), "auc"), "fewer than 10"));
    json_decref(json);
}

/* --- Tables of other programs ------------------------------------------------------------- */

struct form {
    const char *name, *title, *row; /* row: of index, ecg_id, label, probability */
    bool index;
};

static void write_form(const struct form *form)
{
    FILE *f = fopen(runs_path(form->name), "w");
    cr_assert(f);
    fputs(form->title, f);
    for (size_t i = 0; i < N; i++) {
        char id[16], label[8], p[32], index[16];
        snprintf(index, sizeof index, "%zu", i);
        snprintf(id, sizeof id, "%zu", 100 + i);
        snprintf(label, sizeof label, "%d", runs_label(i));
        snprintf(p, sizeof p, "%.17g", runs_probability(i, 30));
        for (const char *c = form->row; *c; c++)
            fputs(*c == 'i'   ? index
                  : *c == 'e' ? id
                  : *c == 'l' ? label
                  : *c == 'p' ? p
                              : (char[]){*c, '\0'},
                  f);
    }
    fclose(f);
}

Test(report_tables, whatever_pandas_writes_reads_alike)
{
    static const struct form forms[] = {
        {"a.csv", "ecg_id,label,probability\n", "e,l,p\n", false},
        {"b.tsv", "ecg_id\tlabel\tprobability\n", "e\tl\tp\n", false},
        {"c.csv", ",probability,ecg_id,label\n", "i,p,e,l\n", true},
        {"d.csv",
         "\xef\xbb\xbf"
         "ecg_id,label,probability\r\n",
         "e,l,p\r\n", false},
        {"e.csv", "\"label\";\"probability\";\"ecg_id\"\n", "l;\"p\";e.0\n", false},
        {"f.csv", "Unnamed: 0,ecg_id,probability,label\n", "i,e,p,l.0\n", true},
    };
    char *inputs[LEADSEQ_COUNT(forms)];
    for (size_t i = 0; i < LEADSEQ_COUNT(forms); i++) {
        write_form(&forms[i]);
        inputs[i] = runs_path(forms[i].name);
    }
    json_t *json = compared(inputs, LEADSEQ_COUNT(forms), NULL);
    for (size_t i = 1; i < LEADSEQ_COUNT(forms); i++) {
        cr_assert_eq(figure(model_of(json, i), "auc", "value"),
                     figure(model_of(json, 0), "auc", "value"));
        cr_assert_eq(figure(model_of(json, i), "brier", "value"),
                     figure(model_of(json, 0), "brier", "value"));
    }
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), N);
    json_decref(json);
}

static void write_plain(const char *name, size_t n, int skill)
{
    FILE *f = fopen(runs_path(name), "w");
    fputs("ecg_id,probability\n", f);
    for (size_t i = 0; i < n; i++) fprintf(f, "%zu,%.9g\n", 100 + i, runs_probability(i, skill));
    fclose(f);
}

Test(report_tables, folds_of_the_stack_say_who_is_compared_and_who_chose)
{
    small_write(LEADSEQ_PAPER_TEXT, N);
    write_plain("a.csv", N, 35);
    write_plain("b.csv", N, 20);
    char *inputs[] = {runs_path("a.csv"), runs_path("b.csv")};
    json_t *json = compared(inputs, 2, small_path), *m = model_of(json, 0);
    size_t test = 0, valid = 0, train = 0, train_positive = 0;
    for (size_t i = 0; i < N; i++) {
        int fold = small_row(i).strat_fold;
        test += fold == 10;
        valid += fold == 9;
        train += fold < 9;
        train_positive += fold < 9 && runs_label(i);
    }
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), (json_int_t)test);
    cr_assert_eq(json_integer_value(json_object_get(m, "validation_records")), (json_int_t)valid);
    cr_assert_eq(json_number_value(json_object_get(m, "training_records")), (double)train);
    cr_assert_eq(json_number_value(json_object_get(m, "training_positives")),
                 (double)train_positive);
    cr_assert_not(isnan(figure(m, "sensitivity", "value")));
    cr_assert(strstr(text_of(model_of(json, 2), "threshold_origin"), "training prevalence of a"));
    cr_assert(notes_say(json, "a has no column split: of its 120 records 12 are compared"));
    json_decref(json);
}

Test(report_tables, without_the_test_fold_all_records_of_a_table_are_compared)
{
    small_write(LEADSEQ_PAPER_TEXT, 16); // folds 1 to 8
    write_plain("a.csv", 16, 35);
    write_plain("b.csv", 16, 20);
    char *inputs[] = {runs_path("a.csv"), runs_path("b.csv")};
    json_t *json = compared(inputs, 2, small_path);
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), 16);
    cr_assert(isnan(figure(model_of(json, 0), "sensitivity", "value")));
    json_decref(json);
}

Test(report_tables, beside_a_run_a_table_is_taken_apart_as_the_run_is)
{
    struct runs_made a = run_a;
    runs_make(&a);
    FILE *f = fopen(runs_path("b.csv"), "w");
    fputs("ecg_id,probability\n", f);
    for (size_t i = 0; i < N; i++) fprintf(f, "%zu,%.9g\n", 100 + i, runs_probability(i, 30));
    for (size_t i = RUNS_VALID_FIRST; i < RUNS_VALID_FIRST + RUNS_VALID; i++)
        fprintf(f, "%zu,%.9g\n", 100 + i, runs_probability(i, 30));
    fclose(f);
    char *inputs[] = {runs_path("b.csv"), runs_path("a")};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), N);
    cr_assert_eq(json_integer_value(json_object_get(m, "validation_records")), RUNS_VALID);
    cr_assert_eq(json_number_value(json_object_get(json, "patients")), N / 2);
    json_decref(json);
}
