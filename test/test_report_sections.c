/* SPDX-License-Identifier: MIT
 *
 * Comparisons of several seeds, in subgroups, of five superclasses; and what is written.
 */
#include "../src/report/inputs.h"
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

TestSuite(report_sections, .init = begin, .fini = end);

enum { N = 120 };
static const struct runs_made run_a = {.folder = "a", .name = "first", .n = N, .skill = 35};
static const struct runs_made run_b = {.folder = "b", .name = "second", .n = N, .skill = 15};

/* --- Seeds, subgroups, superclasses ----------------------------------------------------------- */

static json_t *compared_seeds(void)
{
    static const int skills[] = {35, 31, 33, 15, 19};
    char *inputs[5], folder[5][8];
    for (size_t i = 0; i < 5; i++) {
        snprintf(folder[i], sizeof folder[i], "s%zu", i);
        struct runs_made m = {.folder = folder[i],
                              .name = i < 3 ? "better" : "worse",
                              .n = N,
                              .skill = skills[i],
                              .seed = (int)i + 1};
        inputs[i] = runs_make(&m);
    }
    return compared(inputs, 5, NULL);
}

Test(report_sections, runs_that_differ_in_their_seed_are_one_experiment)
{
    json_t *json = compared_seeds(), *groups = json_object_get(json, "experiments");
    cr_assert_eq(json_array_size(groups), 2);
    json_t *better = json_array_get(groups, 0), *worse = json_array_get(groups, 1);
    cr_assert_eq(json_integer_value(json_object_get(better, "seeds")), 3);
    cr_assert_eq(json_integer_value(json_object_get(worse, "seeds")), 2);
    double mean = 0, square = 0;
    for (size_t i = 0; i < 3; i++) mean += figure(model_of(json, i), "auc", "value") / 3;
    for (size_t i = 0; i < 3; i++)
        square += pow(figure(model_of(json, i), "auc", "value") - mean, 2) / 2;
    cr_assert_float_eq(figure(better, "auc", "mean"), mean, 1e-12);
    cr_assert_float_eq(figure(better, "auc", "sd"), sqrt(square), 1e-12);
    json_t *pair = json_array_get(json_object_get(json, "experiment_pairs"), 0);
    cr_assert_float_eq(figure(pair, "auc", "difference"), mean - figure(worse, "auc", "mean"),
                       1e-12);
    char *html = runs_text("out/report.html");
    cr_assert(strstr(html, "Spread over seeds"));
    free(html);
    json_decref(json);
}

Test(report_sections, p_values_are_corrected_over_the_pairs)
{
    json_t *json = compared_seeds();
    double least = 1, least_holm = 1;
    for (size_t i = 0; i < 10; i++) {
        double p = figure(pair_of(json, i), "auc", "p"),
               holm = figure(pair_of(json, i), "auc", "p_holm");
        cr_assert_geq(holm, p);
        if (p < least) least = p, least_holm = holm;
    }
    cr_assert_float_eq(least_holm, fmin(1, 10 * least), 1e-12);
    json_decref(json);
}

Test(report_sections, runs_of_other_options_are_no_seeds)
{
    struct runs_made b = run_b;
    b.name = run_a.name;
    b.seed = 2;
    char *inputs[] = {runs_make(&run_a), runs_make(&b)};
    runs_write("b/experiment.yaml", "name: first\nseed: 2\nmodel:\n  type: convlstm\n");
    json_t *json = compared(inputs, 2, NULL);
    cr_assert_eq(json_array_size(json_object_get(json, "experiments")), 0);
    json_decref(json);
}

static json_t *find_subgroup(json_t *json, const char *name)
{
    size_t i;
    json_t *s;
    json_array_foreach(json_object_get(json, "subgroups"), i, s)
    {
        if (!strcmp(text_of(s, "name"), name)) return s;
    }
    return NULL;
}

static double auc_of_sex(int sex, int skill)
{
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; runs_label(i) && (int)i % 2 == sex && j < N; j++) {
            if (runs_label(j) || (int)j % 2 != sex) continue;
            double a = runs_probability(i, skill), b = runs_probability(j, skill);
            wins += a > b ? 1 : a == b ? .5 : 0;
            pairs++;
        }
    return wins / pairs;
}

Test(report_sections, subgroups_are_judged_on_their_own_records)
{
    small_write(LEADSEQ_PAPER_TEXT, N);
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, small_path);
    json_t *women = find_subgroup(json, "women"), *men = find_subgroup(json, "men");
    cr_assert(women && men);
    json_t *of = json_array_get(json_object_get(women, "models"), 0);
    cr_assert_float_eq(figure(of, "auc", "value"), auc_of_sex(1, run_a.skill), 1e-12);
    of = json_array_get(json_object_get(men, "models"), 1);
    cr_assert_float_eq(figure(of, "auc", "value"), auc_of_sex(0, run_b.skill), 1e-12);
    json_t *inferior = find_subgroup(json, "inferior");
    cr_assert_eq(json_integer_value(json_object_get(inferior, "records")), N);
    cr_assert_null(find_subgroup(json, "anterior")); // no infarction there
    cr_assert_not(isnan(figure(of, "sensitivity", "value")));
    json_t *young = find_subgroup(json, "under 50");
    cr_assert(young);
    cr_assert_lt(json_integer_value(json_object_get(young, "records")), N);
    json_decref(json);
}

/* Class k of record i has the higher probability where it is true. */
static double class_probability(size_t i, size_t k, int skill)
{
    bool is = small_row(i).superclass[k];
    return (double)((i * 31 + k * 17) % 61 + (is ? (size_t)skill : 0)) / 128;
}

static char *write_classes(const char *name, int skill)
{
    FILE *f = fopen(runs_path(name), "w");
    fputs("ecg_id,split,probability_NORM,probability_MI,probability_STTC,probability_CD,"
          "probability_HYP,label_NORM,label_MI,label_STTC,label_CD,label_HYP\n",
          f);
    for (size_t i = 0; i < N; i++) {
        fprintf(f, "%zu,%s", 100 + i, i % 3 == 2 && i % 2 ? "valid" : "test");
        for (size_t k = 0; k < 5; k++) fprintf(f, ",%.9g", class_probability(i, k, skill));
        for (size_t k = 0; k < 5; k++)
            fprintf(f, ",%d", k < 2 ? small_row(i).superclass[k] : i % (k + 2) == 0);
        fputs("\n", f);
    }
    fclose(f);
    return runs_path(name);
}

Test(report_sections, five_superclasses_have_figures_each_and_in_the_mean)
{
    char *inputs[] = {write_classes("a.csv", 40), write_classes("b.csv", 10)};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
    json_t *classes = json_object_get(m, "superclasses"),
           *macro = json_object_get(classes, "macro");
    double sum = 0;
    static const char *const names[] = {"NORM", "MI", "STTC", "CD", "HYP"};
    for (size_t k = 0; k < 5; k++)
        sum += figure(json_object_get(classes, names[k]), "auc", "value");
    cr_assert_float_eq(
        json_number_value(json_object_get(json_object_get(macro, "macro_auc"), "value")), sum / 5,
        1e-12);
    cr_assert_eq(figure(json_object_get(classes, "MI"), "auc", "value"), figure(m, "auc", "value"));
    cr_assert_gt(figure(pair_of(json, 0), "macro_auc", "difference"), 0);
    size_t i, single = 0;
    json_t *row;
    json_array_foreach(json_object_get(classes, "confusion"), i, row)
    {
        for (size_t k = 0; k < 5; k++)
            single += (size_t)json_integer_value(json_object_get(row, names[k]));
    }
    cr_assert(single > 0 && single < N);
    char *html = runs_text("out/report.html");
    cr_assert(strstr(html, "Five superclasses"));
    free(html);
    json_decref(json);
}

/* --- What is written -------------------------------------------------------------------------- */

Test(report_sections, tempering_is_fitted_on_validation_and_keeps_the_order)
{
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
    double logit[RUNS_VALID];
    uint8_t label[RUNS_VALID];
    for (size_t i = 0; i < RUNS_VALID; i++) {
        logit[i] = leadseq_logit(runs_probability(RUNS_VALID_FIRST + i, run_a.skill));
        label[i] = (uint8_t)runs_label(RUNS_VALID_FIRST + i);
    }
    double t = leadseq_temperature(logit, label, RUNS_VALID).value, brier = 0;
    cr_assert_float_eq(
        json_number_value(json_object_get(json_object_get(m, "temperature"), "value")), t, 1e-6);
    for (size_t i = 0; i < N; i++)
        brier +=
            pow(leadseq_temper(leadseq_logit(runs_probability(i, run_a.skill)), t) - runs_label(i),
                2) /
            N;
    cr_assert_float_eq(figure(m, "brier_tempered", "value"), brier, 1e-6);
    json_decref(json);
}

Test(report_sections, every_item_of_both_checklists_has_an_answer)
{
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)};
    json_t *json = compared(inputs, 2, NULL);
    json_t *lists = json_object_get(json, "checklists"), *item;
    static const char *const names[] = {"TRIPOD+AI", "STARD-AI"};
    static const size_t sizes[] = {52, 48};
    size_t i;
    for (size_t k = 0; k < 2; k++) {
        json_t *list = json_object_get(lists, names[k]);
        cr_assert_eq(json_array_size(list), sizes[k], "%zu", json_array_size(list));
        json_array_foreach(list, i, item)
        {
            const char *answer = text_of(item, "answer");
            cr_assert(*text_of(item, "item") && *text_of(item, "topic") && *text_of(item, "words"));
            cr_assert(!strcmp(answer, "here") || !strcmp(answer, "in part") ||
                      !strcmp(answer, "authors"));
        }
    }
    json_decref(json);
}

/* Columns of each row as many as in the first, braces that close. */
static void check_latex(const char *text, const char *name)
{
    int depth = 0;
    size_t columns = 0, here = 1;
    const char *body = strstr(text, "\\hline\n");
    cr_assert(body, "%s", name);
    for (const char *c = body; *c; c++) {
        if (*c == '\\' && c[1] == '\\' && c[2] == '\n') {
            if (columns) cr_assert_eq(here, columns, "%s", name);
            columns = here;
            here = 1;
            c++;
        } else if (*c == '\\' && c[1]) {
            c++;
        } else {
            here += *c == '&';
            depth += (*c == '{') - (*c == '}');
        }
        cr_assert_geq(depth, 0, "%s", name);
    }
    cr_assert_eq(depth, 0, "%s", name);
}

Test(report_sections, every_table_that_is_read_is_written_for_latex)
{
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)};
    json_decref(compared(inputs, 2, NULL));
    char *all = runs_text("out/tables/tables.tex");
    size_t tables = 0;
    for (char *at = all; (at = strstr(at, "\\input{")); at++) {
        char name[96], path[160];
        cr_assert_eq(sscanf(at, "\\input{%90[^}]}", name), 1);
        snprintf(path, sizeof path, "out/tables/%s", name);
        char *text = runs_text(path);
        check_latex(text, name);
        free(text);
        tables++;
    }
    cr_assert_geq(tables, 15);
    free(all);
}

Test(report_sections, every_drawing_has_its_data_and_script_beside_it)
{
    static const char *const figures[] = {
        "roc", "precision_recall", "reliability", "decision_curve", "loss", "valid_auc"};
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)};
    json_decref(compared(inputs, 2, NULL));
    for (size_t i = 0; i < LEADSEQ_COUNT(figures); i++) {
        char name[96];
        snprintf(name, sizeof name, "out/figures/%s.tsv", figures[i]);
        cr_assert(leadseq_path_exists(runs_path(name)), "%s", name);
        snprintf(name, sizeof name, "out/figures/%s.gp", figures[i]);
        cr_assert(leadseq_path_exists(runs_path(name)), "%s", name);
    }
}

/* --- Nothing is cut, nothing undefined is printed --------------------------------------------- */

Test(report_sections, every_option_that_differs_has_a_row)
{
    enum { OPTIONS = 180 };
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)};
    for (int i = 0; i < 2; i++) {
        FILE *f = fopen(runs_path(i ? "b/experiment.yaml" : "a/experiment.yaml"), "w");
        cr_assert(f);
        fprintf(f, "name: run%d\nseed: %d\nextra:\n", i, i);
        for (int k = 0; k < OPTIONS; k++) fprintf(f, "  option%d: %d\n", k, i * 1000 + k);
        fclose(f);
    }
    json_decref(compared(inputs, 2, NULL));
    char *text = runs_text("out/tables/experiments.tex");
    for (int k = 0; k < OPTIONS; k++) {
        char name[32];
        snprintf(name, sizeof name, "extra.option%d &", k);
        cr_assert(strstr(text, name), "%s", name);
    }
    free(text);
}

Test(report_sections, every_entry_of_environments_has_a_row_and_is_whole)
{
    enum { ENTRIES = 90, LONG = 300 };
    char more[ENTRIES * 24 + LONG + 64], *at = more, word[LONG + 1];
    memset(word, 'x', LONG);
    word[LONG] = '\0';
    for (int k = 0; k < ENTRIES; k++) at += sprintf(at, ", \"entry%d\": %d", k, k);
    sprintf(at, ", \"last\": \"%s\"", word);
    char *inputs[] = {runs_make(&run_a), runs_make(&run_b)}, text[sizeof more + 32];
    snprintf(text, sizeof text, "{\"threads\": 2%s}", more);
    runs_write("a/environment.json", text);
    json_decref(compared(inputs, 2, NULL));
    char *table = runs_text("out/tables/environment.tex");
    cr_assert(strstr(table, "entry89 &"));
    cr_assert(strstr(table, word));
    free(table);
}

Test(report_sections, out_of_memory_is_no_absence_of_overlaps)
{
    const int key[] = {1, 2, 3};
    size_t common = 7;
    cr_assert_eq(report_count_common(&common, key, 3, key, 3), 0);
    cr_assert_eq(common, 3);
    cr_assert_eq(report_count_common(&common, key, 3, key, SIZE_MAX / 16), -1);
    cr_assert(strstr(leadseq_error(), "memory"), "%s", leadseq_error());
}

static char *printed(char *const *inputs, size_t n)
{
    char *text = NULL, command[160];
    size_t size;
    snprintf(command, sizeof command, "rm -rf '%s'", runs_path("out"));
    cr_assert_eq(system(command), 0);
    struct leadseq_compare_options options = {.split = "test", .resamples = 100};
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_compare(inputs, n, runs_path("out"), &options, out), 0, "%s",
                 leadseq_error());
    fclose(out);
    return text;
}

/* One positive, ranked first by both models: no interval, no p, no temperature. */
Test(report_sections, undefined_numbers_are_words)
{
    static const char *const files[] = {"out/report.html", "out/report.md"};
    runs_write("a.csv", "ecg_id,label,probability\n1,1,.9\n2,0,.2\n3,0,.3\n4,0,.1\n");
    runs_write("b.csv", "ecg_id,label,probability\n1,1,.8\n2,0,.1\n3,0,.1\n4,0,.4\n");
    char *inputs[] = {runs_path("a.csv"), runs_path("b.csv")}, *text = printed(inputs, 2);
    cr_assert(strstr(text, "Only 1 record is positive"), "%s", text);
    cr_assert_null(strstr(text, "nan"), "%s", text);
    cr_assert_null(strstr(text, "1 records"), "%s", text);
    free(text);
    for (size_t i = 0; i < LEADSEQ_COUNT(files); i++) {
        text = runs_text(files[i]);
        cr_assert_null(strstr(text, "nan"), "%s", files[i]);
        cr_assert_null(strstr(text, "1 records"), "%s", files[i]);
        free(text);
    }
}
