/* SPDX-License-Identifier: MIT
 *
 * Published results beside ours: which rows fit which run, what is said of their records, and
 * which tables are refused. */
#include "report_json.h"

TestSuite(published, .init = runs_begin, .fini = runs_end);

enum { N = 120 };
static const char head[] = "figure\tdataset\tselection\tdepth\tbatch\tepoch\ttp\tfp\tfn\ttn\n";

/* A run of a residual network, tested on N records of the part that chose the epoch. */
static char *made(const char *folder, const char *type, const char *data, const char *source,
                  int trained)
{
    char name[64], text[512];
    struct runs_made m = {.folder = folder, .name = folder, .n = N, .skill = 35, .no_valid = true};
    char *path = runs_make(&m);
    runs_predictions(&m, "valid", 0, N);
    snprintf(name, sizeof name, "%s/experiment.yaml", folder);
    snprintf(text, sizeof text,
             "name: %s\ndata:\n  style: dataset2\n%s  task: mi\nmodel:\n  type: %s\n  depth: 50\n"
             "train:\n  batch: 16\n",
             folder, data, type);
    runs_write(name, text);
    snprintf(name, sizeof name, "%s/environment.json", folder);
    snprintf(text, sizeof text,
             "{\"stack\": {\"source\": \"%s\"}, \"parts\": {\"train\": {\"n\": %d, \"positive\": "
             "%d}}}",
             source, trained, trained / 3);
    runs_write(name, text);
    return path;
}

static const char as_published[] = "  select: all\n  split: record\n";
static const char release[] = "PTB-XL 1.0.3; ptbxl_database.csv of 21799 records, crc32:680586bc";

static FILE *printed;
static int compare(char *a, char *b, const char *table)
{
    char *inputs[] = {a, b};
    struct leadseq_compare_options options = {
        .split = "valid", .published = runs_path("p.tsv"), .resamples = 300};
    leadseq_progress_show(false);
    runs_write("p.tsv", table);
    printed = fopen(runs_path("printed"), "w");
    int status = leadseq_compare(inputs, 2, runs_path("out"), &options, printed);
    fclose(printed);
    return status;
}

static void assert_refused(const char *table, const char *message)
{
    char *run = made("a", "resnet", as_published, release, 480);
    cr_assert_eq(compare(run, made("b", "cnn", as_published, release, 480), table), -1,
                 "not refused: %s", message);
    cr_assert(strstr(leadseq_error(), message), "expected \"%s\" in \"%s\"", message,
              leadseq_error());
    cr_assert(!leadseq_path_exists(runs_path("out")));
}

static json_t *results(char *a, char *b, const char *rows)
{
    char table[1024];
    snprintf(table, sizeof table, "%s%s", head, rows);
    cr_assert_eq(compare(a, b, table), 0, "%s", leadseq_error());
    json_error_t error;
    json_t *json = json_load_file(runs_path("out/report.json"), 0, &error);
    cr_assert(json, "%s", error.text);
    json_t *of = json_incref(json_object_get(json, "published"));
    json_decref(json);
    return of;
}

static double number(json_t *object, const char *first, const char *second)
{
    json_t *value = json_object_get(json_object_get(object, first), second);
    if (json_is_object(value)) value = json_object_get(value, "value");
    cr_assert(json_is_number(value), "%s.%s is not there", first, second);
    return json_number_value(value);
}

Test(published, decisions_at_a_half_are_beside_the_row_that_fits)
{
    char *run = made("a", "resnet", as_published, release, 480);
    json_t *all = results(run, made("b", "cnn", as_published, release, 480),
                          "6\t2\tmini\t50\t16\t\t12\t3\t3\t11\n"
                          "8\t2\tall\t50\t16\t18\t20\t10\t20\t70\n"
                          "8\t2\tall\t50\t8\t20\t20\t10\t20\t70\n"
                          "8\t2\tall\t152\t16\t17\t20\t10\t20\t70\n"
                          "12\t3\tall\t50\t16\t\t20\t10\t20\t70\n");
    size_t tp = 0, fp = 0, fn = 0, tn = 0;
    for (size_t i = 0; i < N; i++) {
        bool called = runs_probability(i, 35) >= .5;
        tp += called && runs_label(i);
        fp += called && !runs_label(i);
        fn += !called && runs_label(i);
        tn += !called && !runs_label(i);
    }
    cr_assert_eq(json_array_size(all), 2); // one row, and the CNN that none fits
    json_t *p = json_array_get(all, 0);
    cr_assert_str_eq(text_of(p, "figure"), "8");
    cr_assert_eq(number(p, "ours", "tp"), (double)tp);
    cr_assert_eq(number(p, "ours", "fp"), (double)fp);
    cr_assert_eq(number(p, "ours", "fn"), (double)fn);
    cr_assert_eq(number(p, "ours", "tn"), (double)tn);
    cr_assert_float_eq(number(p, "ours", "error"), (double)(fp + fn) / N, 1e-12);
    cr_assert_float_eq(number(p, "published", "error"), .25, 1e-12);
    cr_assert_float_eq(number(p, "published", "sensitivity"), .5, 1e-12);
    cr_assert_float_eq(number(p, "published", "precision"), 20. / 30, 1e-12);
    cr_assert_float_eq(number(p, "difference", "difference"), (double)(fp + fn) / N - .25, 1e-12);
    cr_assert(json_is_null(json_object_get(p, "other_records")));
    cr_assert_str_eq(text_of(json_array_get(all, 1), "nothing_fits"),
                     "model.type is cnn, not resnet");
    json_decref(all);
    char *text = runs_text("printed"), *tsv = runs_text("out/tables/published.tsv");
    char *html = runs_text("out/report.html"), *line = strstr(text, "\na beside figure 8");
    cr_assert(line, "%s", text);
    cr_assert(strstr(line, "published 0.250 [0.181, 0.334], difference"), "%s", line);
    cr_assert(strstr(text, "\nb: nothing published fits: model.type is cnn, not resnet\n"));
    cr_assert(strstr(tsv, "a\t8\t2\tall\t50\t16\t\t"), "%s", tsv);
    cr_assert(strstr(tsv, "\n\t8\t2\tall\t50\t16\t18\t20\t10\t20\t70\t0.25\t"), "%s", tsv);
    cr_assert(strstr(html, "Published results"));
    free(text);
    free(tsv);
    free(html);
}

Test(published, results_are_compatible_where_the_interval_contains_zero)
{
    char *run = made("a", "resnet", as_published, release, 480);
    char *other = made("b", "resnet", as_published, release, 480);
    // Ours errs in about a third.
    json_t *all = results(run, other, "8\t2\tall\t50\t16\t\t20\t18\t18\t64\n");
    json_t *p = json_array_get(all, 0);
    cr_assert(json_is_true(json_object_get(p, "compatible")));
    json_decref(all);
    all = results(run, other, "8\t2\tall\t50\t16\t\t38\t1\t1\t80\n");
    cr_assert(json_is_false(json_object_get(json_array_get(all, 0), "compatible")));
    json_decref(all);
    char *text = runs_text("printed");
    cr_assert(strstr(text, "(Newcombe, independent): not compatible\n"), "%s", text);
    free(text);
}

static void assert_other(char *run, const char *reason)
{
    json_t *all = results(run, made("b", "resnet", as_published, release, 480),
                          "8\t2\tall\t50\t16\t\t20\t18\t18\t64\n");
    const char *other = text_of(json_array_get(all, 0), "other_records");
    cr_assert(other && strstr(other, reason), "expected \"%s\" in \"%s\"", reason, other);
    cr_assert(!json_object_get(json_array_get(all, 0), "compatible"));
    json_decref(all);
    char *text = runs_text("printed");
    cr_assert(strstr(text, "\nother records: not comparable ("), "%s", text);
    cr_assert_null(strstr(text, "\na beside"), "%s", text);
    free(text);
}

Test(published, records_of_another_source_share_or_split_are_not_comparable)
{
    assert_other(
        made("a", "resnet", as_published, "a folder laid out as PTB-XL, not the table", 480),
        "source a folder laid out as PTB-XL");
    assert_other(made("a", "resnet", as_published, release, 440),
                 "440 training records, published about 480");
    assert_other(made("a", "resnet", "  select: all\n  split: folds\n", release, 480),
                 "split by folds, published by record");
}

Test(published, of_other_dataset_selection_or_depth_nothing_fits)
{
    char *other = made("b", "resnet", as_published, release, 480);
    char *run = made("a", "resnet", "  select: balanced\n  split: record\n", release, 480);
    json_t *all = results(run, other, "8\t2\tall\t50\t16\t\t20\t18\t18\t64\n");
    cr_assert_str_eq(text_of(json_array_get(all, 0), "nothing_fits"),
                     "no row has dataset 2, selection mini, depth 50, batch 16");
    json_decref(all);
    run = made("a", "resnet", "  select: heartnet-rnn\n", release, 480);
    all = results(run, other, "8\t2\tall\t50\t16\t\t20\t18\t18\t64\n");
    cr_assert_str_eq(text_of(json_array_get(all, 0), "nothing_fits"),
                     "data.select is heartnet-rnn");
    json_decref(all);
}

Test(published, tables_that_are_none_are_refused_by_line)
{
    char table[512];
    assert_refused("figure\tdataset\tselection\tdepth\tepoch\ttp\tfp\tfn\ttn\n",
                   "p.tsv:1: expected a column named \"batch\", found none");
    assert_refused(head, "p.tsv: expected a row for each published result, found none");
#define ROW(row, message)                                                                          \
    snprintf(table, sizeof table, "%s8\t2\tall\t50\t16\t1\t1\t1\t1\t1\n%s", head, row);            \
    assert_refused(table, message)
    ROW("8\t2\tall\t50\t16\t1\t1.5\t1\t1\t1\n", "p.tsv:3: tp: expected a whole number");
    ROW("8\t2\tall\t50\t16\t1\t1\t-1\t1\t1\n", "p.tsv:3: fp: expected a whole number");
    ROW("8\t2\tall\t50\t16\t1\t1\t1\t\t1\n", "p.tsv:3: fn: expected a whole number");
    ROW("8\t2\tall\t50\t16\t1\t1\t1\t1\tmany\n", "found \"many\"");
    ROW("8\t2\tall\t50\t16\t1\t0\t0\t0\t0\n", "p.tsv:3: tp: expected a record");
    ROW("8\t2\thalf\t50\t16\t1\t1\t1\t1\t1\n", "selection: expected mini or all, found \"half\"");
    ROW("8\ttwo\tall\t50\t16\t1\t1\t1\t1\t1\n", "p.tsv:3: dataset: expected a whole number");
    ROW("8\t2\tall\t50\t16\t1\t1\t1\t1\n", "p.tsv:3");
#undef ROW
}

/* Of the paper: its own rows beside a run that fits one. */
Test(published, a_run_as_published_finds_its_row_of_the_papers_table)
{
    char path[512];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/experiments/heartnet-cnn/published.tsv", srcdir ? srcdir : ".");
    char *table = leadseq_file_read(path, 1 << 20, NULL);
    cr_assert(table, "%s", leadseq_error());
    char *run = made("a", "resnet", as_published, release, 17439);
    cr_assert_eq(compare(run, made("b", "resnet", as_published, release, 17439), table), 0, "%s",
                 leadseq_error());
    free(table);
    char *text = runs_text("printed");
    cr_assert(strstr(text, "\na beside figure 8: dataset 2, selection all, depth 50, batch 16, "
                           "epoch 18: error"),
              "%s", text);
    cr_assert(strstr(text, "published 0.101 [0.092, 0.110]"), "%s", text);
    free(text);
}
