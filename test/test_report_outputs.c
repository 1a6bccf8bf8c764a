/* SPDX-License-Identifier: MIT
 *
 * Comparisons of several outputs: each is what a comparison of it alone says, the means are
 * theirs, unknown labels are left out and counted. */
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

TestSuite(report_outputs, .init = begin, .fini = end);

enum { N = 150, VALID = 90, OUTPUTS = 3 };
static const char *const names[OUTPUTS] = {"low_ef", "AF", "block"};

/* Of `exclusive` classes exactly one is true of each record. */
static int label_of(size_t i, size_t k, bool exclusive)
{
    return exclusive ? (i * 7 / 3) % OUTPUTS == k : (i * 7 + k * 3) % (k + 3) == 0;
}

static double probability_of(size_t i, size_t k, int skill, bool exclusive)
{
    return (double)((i * 37 + k * 23 + (size_t)skill * 11) % 89 +
                    (size_t)(label_of(i, k, exclusive) * skill)) /
           128;
}

struct made {
    const char *name;
    int skill;
    bool exclusive;   /* with a column "label" of the class */
    bool no_labels;   /* no columns label_NAME */
    size_t unknown;   /* of output 1 one of every `unknown` records has no label; 0: none */
    int only;         /* output `only - 1` as the one question of the table; 0: all */
    size_t outputs;   /* 0: OUTPUTS */
    const char *last; /* the last output's name; NULL: its own */
};

static void write_title(FILE *f, const struct made *m)
{
    fputs("ecg_id\trecord\tpatient_id\tfold\tsplit", f);
    if (m->only) {
        fputs("\tlabel\tlogit\tprobability\n", f);
        return;
    }
    if (m->exclusive) fputs("\tlabel", f);
    for (size_t k = 0; k < (m->outputs ? m->outputs : OUTPUTS); k++) {
        const char *name = m->last && k + 1 == OUTPUTS ? m->last : names[k % OUTPUTS];
        char full[32];
        snprintf(full, sizeof full, k < OUTPUTS ? "%s" : "%s%zu", name, k);
        if (!m->no_labels) fprintf(f, "\tlabel_%s", full);
        fprintf(f, "\tlogit_%s\tprobability_%s", full, full);
    }
    fputs("\n", f);
}

static void write_row(FILE *f, const struct made *m, size_t i, const char *split)
{
    size_t outputs = m->outputs ? m->outputs : OUTPUTS;
    if (m->only) {
        size_t k = (size_t)m->only - 1;
        bool known = !m->unknown || k != 1 || i % m->unknown;
        if (!known) return;
        fprintf(f, "%zu\tr%05zu\t%zu\t10\t%s\t%d\t0\t%.9g\n", 100 + i, i, 5000 + i / 2, split,
                label_of(i, k, m->exclusive), probability_of(i, k, m->skill, m->exclusive));
        return;
    }
    fprintf(f, "%zu\tr%05zu\t%zu\t10\t%s", 100 + i, i, 5000 + i / 2, split);
    for (size_t k = 0; m->exclusive && k < OUTPUTS; k++)
        if (label_of(i, k, true)) fprintf(f, "\t%s", names[k]);
    for (size_t k = 0; k < outputs; k++) {
        bool known = !m->unknown || k != 1 || i % m->unknown;
        if (!m->no_labels && known) fprintf(f, "\t%d", label_of(i, k, m->exclusive));
        if (!m->no_labels && !known) fputs("\t", f);
        fprintf(f, "\t0\t%.9g", probability_of(i, k, m->skill, m->exclusive));
    }
    fputs("\n", f);
}

static char *write_table(const struct made *m)
{
    FILE *f = fopen(runs_path(m->name), "w");
    cr_assert(f);
    write_title(f, m);
    for (size_t i = 0; i < N; i++) write_row(f, m, i, "test");
    for (size_t i = 0; i < VALID; i++) write_row(f, m, 3000 + i, "valid");
    fclose(f);
    return runs_path(m->name);
}

static json_t *compare_made(struct made a, int other_skill)
{
    struct made b = a;
    a.name = "a.tsv";
    b.name = "b.tsv";
    b.skill = other_skill;
    char *inputs[] = {write_table(&a), write_table(&b)};
    return compared(inputs, 2, NULL);
}

static json_t *output_of(json_t *holder, size_t k)
{
    return json_array_get(json_object_get(holder, "outputs"), k);
}

Test(report_outputs, each_output_is_what_a_comparison_of_it_alone_says)
{
    json_t *json = compare_made((struct made){.skill = 30}, 12);
    for (int k = 0; k < OUTPUTS; k++) {
        json_t *alone = compare_made((struct made){.skill = 30, .only = k + 1}, 12);
        for (size_t i = 0; i < 3; i++) {
            json_t *of = output_of(model_of(json, i), (size_t)k);
            cr_assert_str_eq(text_of(of, "name"), names[k]);
            cr_assert(json_equal(json_object_get(of, "metrics"),
                                 json_object_get(model_of(alone, i), "metrics")),
                      "model %zu, output %d", i, k);
            cr_assert(json_equal(json_object_get(of, "threshold"),
                                 json_object_get(model_of(alone, i), "threshold")));
        }
        json_t *pair = output_of(pair_of(json, 0), (size_t)k);
        cr_assert(json_equal(json_object_get(pair, "metrics"),
                             json_object_get(pair_of(alone, 0), "metrics")));
        cr_assert(json_equal(json_object_get(pair, "mcnemar"),
                             json_object_get(pair_of(alone, 0), "mcnemar")));
        json_decref(alone);
    }
    json_decref(json);
}

Test(report_outputs, metrics_are_the_means_over_the_outputs)
{
    json_t *json = compare_made((struct made){.skill = 39}, 0);
    static const char *const metrics[] = {"auc", "average_precision", "brier", "f1", "accuracy"};
    for (size_t m = 0; m < LEADSEQ_COUNT(metrics); m++) {
        double mean[2] = {0};
        for (size_t i = 0; i < 2; i++) {
            json_t *model = model_of(json, i);
            for (size_t k = 0; k < OUTPUTS; k++)
                mean[i] += figure(output_of(model, k), metrics[m], "value") / OUTPUTS;
            double value = figure(model, metrics[m], "value");
            cr_assert_float_eq(value, mean[i], 1e-12, "%s", metrics[m]);
            cr_assert_lt(figure(model, metrics[m], "low"), value);
            cr_assert_gt(figure(model, metrics[m], "high"), value);
        }
        cr_assert_float_eq(figure(pair_of(json, 0), metrics[m], "difference"), mean[0] - mean[1],
                           1e-12, "%s", metrics[m]);
    }
    cr_assert_lt(figure(pair_of(json, 0), "auc", "p"), .05);
    cr_assert(json_is_null(json_object_get(json, "positives")));
    json_decref(json);
}

/* Mann-Whitney over the pairs whose labels are known. */
static double auc_by_hand(size_t k, int skill, size_t unknown)
{
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            bool known = k != 1 || (i % unknown && j % unknown);
            if (!known || !label_of(i, k, false) || label_of(j, k, false)) continue;
            double a = probability_of(i, k, skill, false), b = probability_of(j, k, skill, false);
            wins += a > b ? 1 : a == b ? .5 : 0;
            pairs++;
        }
    return wins / pairs;
}

Test(report_outputs, unknown_labels_are_left_out_and_counted)
{
    json_t *json = compare_made((struct made){.skill = 30, .unknown = 5}, 12);
    for (size_t k = 0; k < OUTPUTS; k++) {
        json_t *of = output_of(json, k);
        size_t unknown = k == 1 ? N / 5 : 0;
        cr_assert_eq(json_integer_value(json_object_get(of, "label_unknown")), (json_int_t)unknown);
        cr_assert_eq(json_integer_value(json_object_get(of, "records")), (json_int_t)(N - unknown));
        cr_assert_float_eq(figure(output_of(model_of(json, 0), k), "auc", "value"),
                           auc_by_hand(k, 30, 5), 1e-12);
    }
    cr_assert(notes_say(json, "AF: 30 records of those compared have no label"));
    json_decref(json);
}

Test(report_outputs, classes_that_exclude_each_other_have_a_confusion_matrix)
{
    json_t *json = compare_made((struct made){.skill = 30, .exclusive = true}, 12);
    json_t *m = model_of(json, 0), *rows = json_object_get(m, "confusion");
    size_t right = 0, all = 0, count[OUTPUTS][OUTPUTS] = {{0}};
    for (size_t i = 0; i < N; i++) {
        size_t truth = 0, called = 0;
        for (size_t k = 0; k < OUTPUTS; k++) {
            if (label_of(i, k, true)) truth = k;
            if (probability_of(i, k, 30, true) > probability_of(i, called, 30, true)) called = k;
        }
        count[truth][called]++;
        right += truth == called;
        all++;
    }
    for (size_t t = 0; t < OUTPUTS; t++)
        for (size_t c = 0; c < OUTPUTS; c++) {
            json_t *row = json_array_get(rows, t);
            cr_assert_str_eq(text_of(row, "truth"), names[t]);
            cr_assert_eq(json_integer_value(json_object_get(row, names[c])),
                         (json_int_t)count[t][c]);
        }
    json_t *called = json_object_get(m, "together");
    cr_assert_float_eq(
        json_number_value(json_object_get(json_object_get(called, "accuracy"), "value")),
        (double)right / (double)all, 1e-12);
    char *html = runs_text("out/report.html");
    cr_assert(strstr(html, "Exactly one output is true of each record"));
    free(html);
    json_decref(json);
}

Test(report_outputs, the_name_of_the_class_is_label_enough)
{
    struct made made = {.skill = 30, .exclusive = true};
    json_t *with = compare_made(made, 12);
    made.no_labels = true;
    json_t *without = compare_made(made, 12);
    cr_assert(json_equal(json_object_get(with, "models"), json_object_get(without, "models")) ||
              json_equal(json_object_get(model_of(with, 0), "metrics"),
                         json_object_get(model_of(without, 0), "metrics")));
    json_decref(with);
    json_decref(without);
}

Test(report_outputs, one_of_several_is_compared_with_a_model_of_it_alone)
{
    struct made several = {.name = "a.tsv", .skill = 30, .last = "MI"};
    struct made alone = {.name = "b.tsv", .skill = 12, .only = OUTPUTS};
    char *inputs[] = {write_table(&several), write_table(&alone)};
    json_t *json = compared(inputs, 2, NULL);
    cr_assert_float_eq(figure(model_of(json, 0), "auc", "value"), auc_by_hand(2, 30, 1000), 1e-12);
    cr_assert_float_eq(figure(model_of(json, 1), "auc", "value"), auc_by_hand(2, 12, 1000), 1e-12);
    cr_assert_null(json_object_get(model_of(json, 0), "outputs"));
    json_decref(json);
}

Test(report_outputs, tables_without_an_output_in_common_are_refused)
{
    struct made several = {.name = "a.tsv", .skill = 30}, alone = {.name = "b.tsv", .only = 1};
    struct made other = {.name = "c.tsv", .skill = 30, .last = "other"};
    char *a = write_table(&several), *b = write_table(&alone), *c = write_table(&other);
    char *first[] = {a, b}, *second[] = {a, c};
    runs_assert_refused(first, 2, NULL,
                        "expected the same outputs, or that one of several is \"mi\"");
    runs_assert_refused(second, 2, NULL, "predicts low_ef, AF, other");
}

Test(report_outputs, bad_tables_of_several_outputs_are_refused)
{
    static const char good[] = "ecg_id\tlabel_A\tprobability_A\tlabel_B\tprobability_B\n"
                               "1\t0\t.1\t1\t.2\n2\t1\t.3\t0\t.4\n";
    static const struct {
        const char *table, *message;
    } bad[] = {
        {"ecg_id\tlabel_A\tprobability_A\tprobability_B\n1\t0\t.1\t.2\n2\t1\t.1\t.2\n",
         "labels of all 2 outputs, found 1; column \"label_B\" is missing"},
        {"ecg_id\tlabel_A\tprobability_A\tlabel_B\tprobability_B\n1\t2\t.1\t1\t.2\n",
         "bad.tsv:2: label_A: expected 0, 1 or nothing, found \"2\""},
        {"ecg_id\tlabel_A\tprobability_A\tlabel_B\tprobability_B\n1\t0\t1.1\t1\t.2\n",
         "bad.tsv:2: probability_A: expected a number from 0 to 1"},
        {"ecg_id\tlabel_A\tprobability_A\tlabel_B\tprobability_B\n1\t0\t.1\t1\t.2\n2\t0\t.3\t0\t."
         "4\n",
         "ecg_id 2 has label 1 and 0 for A"},
        {"ecg_id\tlabel\tprobability_A\tprobability_B\n1\tC\t.1\t.2\n",
         "expected the name of an output or nothing, found \"C\""},
        {"ecg_id\tprobability_abcdefghijklmnopqrstuvwxyz0123456789\tprobability_B\n1\t.1\t.2\n",
         "expected the name of an output of 1 to 31 bytes"},
    };
    runs_write("good.tsv", good);
    char *inputs[] = {runs_path("good.tsv"), runs_path("bad.tsv")};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        runs_write("bad.tsv", bad[i].table);
        runs_assert_refused(inputs, 2, NULL, bad[i].message);
    }
    runs_write("bad.tsv", "ecg_id\tlabel_A\tprobability_A\tlabel_B\tprobability_B\n"
                          "1\t\t.1\t1\t.2\n2\t\t.3\t0\t.4\n");
    char *unknown[] = {runs_path("bad.tsv"), runs_path("bad.tsv")};
    runs_assert_refused(unknown, 2, NULL, "expected labels of output A, found none");
}

/* A table of another program, its labels and patients from the stack. */
static char *write_superclasses(const char *name, int skill)
{
    FILE *f = fopen(runs_path(name), "w");
    cr_assert(f);
    fputs("ecg_id,split,logit_NORM,probability_NORM,probability_MI\n", f);
    for (size_t i = 0; i < N; i++)
        fprintf(f, "%zu,%s,0,%.9g,%.9g\n", 100 + i, i % 4 < 2 ? "test" : "valid",
                1 - runs_probability(i, skill), runs_probability(i, skill));
    fclose(f);
    return runs_path(name);
}

Test(report_outputs, labels_patients_and_subgroups_come_from_the_stack)
{
    small_write(LEADSEQ_PAPER_TEXT, N);
    char *inputs[] = {write_superclasses("a.csv", 30), write_superclasses("b.csv", 12)};
    json_t *json = compared(inputs, 2, small_path), *subgroups = json_object_get(json, "subgroups");
    cr_assert_eq(json_array_size(json_object_get(json, "outputs")), 2);
    cr_assert_gt(json_number_value(json_object_get(json, "patients")), 0);
    cr_assert_float_eq(figure(output_of(model_of(json, 0), 0), "auc", "value"),
                       figure(output_of(model_of(json, 0), 1), "auc", "value"), 1e-12);
    size_t i, site = 0, norm = 0;
    json_t *s;
    json_array_foreach(subgroups, i, s)
    {
        bool of_norm = !strcmp(text_of(s, "output"), "NORM");
        norm += of_norm;
        if (!strcmp(text_of(s, "family"), "MI site")) {
            cr_assert(!of_norm, "sites of infarctions are no subgroups of NORM");
            site++;
        }
    }
    cr_assert(site > 0 && norm > 0);
    json_decref(json);
}

Test(report_outputs, a_model_trained_on_records_compared_has_no_intervals_of_any_output)
{
    struct made made = {.name = "a.tsv", .skill = 30};
    char *a = write_table(&made);
    FILE *f = fopen(a, "a");
    for (size_t i = 0; i < 40; i++) write_row(f, &made, 2000 + i, "train");
    fprintf(f, "99999\tr\t5000\t10\ttrain\t0\t0\t.1\t0\t0\t.1\t0\t0\t.1\n"); // a patient compared
    fclose(f);
    made.name = "b.tsv";
    char *inputs[] = {a, write_table(&made)};
    json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
    cr_assert(isnan(figure(m, "auc", "low")));
    cr_assert(strstr(method_of(m, "auc"), "learnt from the patients of 2 of these records"));
    for (size_t k = 0; k < OUTPUTS; k++) cr_assert(isnan(figure(output_of(m, k), "auc", "low")));
    cr_assert(isnan(figure(pair_of(json, 0), "auc", "p")));
    cr_assert_not(isnan(figure(model_of(json, 1), "auc", "low")));
    json_decref(json);
}

/* --- Nothing is cut --------------------------------------------------------------------------- */

Test(report_outputs, every_table_of_many_outputs_is_written)
{
    struct made made = {.name = "a.tsv", .skill = 30, .outputs = 24};
    char *a = write_table(&made);
    made.name = "b.tsv";
    made.skill = 12;
    char *inputs[] = {a, write_table(&made)};
    json_decref(compared(inputs, 2, NULL));
    char *all = runs_text("out/tables/tables.tex");
    size_t tables = 0;
    for (char *at = all; (at = strstr(at, "\\input{")); at++) tables++;
    cr_assert_gt(tables, 200, "%zu", tables);
    cr_assert(strstr(all, "\\input{checklist_stard_ai.tex}"), "the last table is among them");
    free(all);
}

/* --- What the outputs of a record say together --------------------------------------------------
 */

static json_t *together(json_t *holder, const char *figure)
{
    json_t *found = json_object_get(json_object_get(holder, "together"), figure);
    cr_assert(found, "%s", figure);
    return found;
}

static double part_of(json_t *object, const char *part)
{
    json_t *value = json_object_get(object, part);
    cr_assert(value, "%s", part);
    return json_is_null(value) ? NAN : json_number_value(value);
}

/* Over every threshold, from the definition. */
static double f_max_by_hand(int skill, bool exclusive)
{
    double best = 0;
    for (size_t t = 0; t < N * OUTPUTS; t++) {
        double threshold = probability_of(t / OUTPUTS, t % OUTPUTS, skill, exclusive);
        double precisions = 0, answered = 0, recalls = 0, wanted = 0;
        for (size_t i = 0; i < N; i++) {
            double called = 0, hits = 0, truths = 0;
            for (size_t k = 0; k < OUTPUTS; k++) {
                bool call = probability_of(i, k, skill, exclusive) >= threshold;
                called += call;
                truths += label_of(i, k, exclusive);
                hits += call && label_of(i, k, exclusive);
            }
            if (called > 0) precisions += hits / called, answered++;
            if (truths > 0) recalls += hits / truths, wanted++;
        }
        double p = precisions / answered, r = recalls / wanted;
        if (p + r > 0) best = fmax(best, 2 * p * r / (p + r));
    }
    return best;
}

static size_t called_of(size_t i, int skill)
{
    size_t called = 0;
    for (size_t k = 1; k < OUTPUTS; k++)
        if (probability_of(i, k, skill, true) > probability_of(i, called, skill, true)) called = k;
    return called;
}

Test(report_outputs, calls_of_two_models_have_intervals_and_are_tested)
{
    json_t *json = compare_made((struct made){.skill = 30, .exclusive = true}, 12);
    json_t *pair = pair_of(json, 0), *mcnemar = json_object_get(pair, "mcnemar_called");
    size_t right[2][2] = {{0}};
    for (size_t i = 0; i < N; i++)
        right[label_of(i, called_of(i, 30), true)][label_of(i, called_of(i, 12), true)]++;
    cr_assert_eq(part_of(mcnemar, "both_right"), (double)right[1][1]);
    cr_assert_eq(part_of(mcnemar, "only_a_right"), (double)right[1][0]);
    cr_assert_eq(part_of(mcnemar, "only_b_right"), (double)right[0][1]);
    cr_assert_float_eq(part_of(mcnemar, "p"), leadseq_mcnemar(right[1][0], right[0][1]), 1e-12);
    double accuracy = (double)(right[1][1] + right[1][0]) / N;
    struct leadseq_estimate wilson = leadseq_wilson(right[1][1] + right[1][0], N);
    json_t *of = together(model_of(json, 0), "accuracy");
    cr_assert_float_eq(part_of(of, "value"), accuracy, 1e-12);
    cr_assert_float_eq(part_of(of, "low"), wilson.low, 1e-12);
    cr_assert_lt(part_of(of, "bootstrap_low"), accuracy);
    for (size_t k = 0; k < LEADSEQ_JOINTS; k++) {
        const char *name = leadseq_joint_types[k].name;
        of = together(model_of(json, 0), name);
        cr_assert(part_of(of, "low") < part_of(of, "value"), "%s", name);
        cr_assert(part_of(of, "value") < part_of(of, "high"), "%s", name);
        json_t *d = together(pair, name);
        cr_assert_float_eq(
            part_of(d, "difference"),
            part_of(of, "value") - part_of(together(model_of(json, 1), name), "value"), 1e-12);
        cr_assert(part_of(d, "p") > 0 && part_of(d, "p_exchange") > 0, "%s", name);
        cr_assert(part_of(d, "low") < part_of(d, "high"), "%s", name);
    }
    json_decref(json);
}

Test(report_outputs, f_max_over_records_is_that_of_its_definition)
{
    for (int exclusive = 0; exclusive < 2; exclusive++) {
        json_t *json = compare_made((struct made){.skill = 30, .exclusive = exclusive}, 12);
        cr_assert_float_eq(part_of(together(model_of(json, 0), "f_max_samples"), "value"),
                           f_max_by_hand(30, exclusive), 1e-12);
        json_t *calls = together(model_of(json, 0), "accuracy");
        cr_assert_eq(isnan(part_of(calls, "value")), !exclusive);
        if (!exclusive) cr_assert(strstr(text_of(calls, "method"), "do not exclude each other"));
        json_decref(json);
    }
}

Test(report_outputs, mean_areas_have_delongs_interval_beside_the_bootstraps)
{
    json_t *json = compare_made((struct made){.skill = 30}, 12);
    json_t *m = model_of(json, 0), *pair = pair_of(json, 0);
    cr_assert(strstr(method_of(m, "auc"), "DeLong by patients, of outputs"));
    cr_assert(strstr(method_of(m, "f1"), "BCa"));
    double delong = figure(m, "auc", "high") - figure(m, "auc", "low");
    double drawn = figure(m, "auc", "bootstrap_high") - figure(m, "auc", "bootstrap_low");
    cr_assert(delong / drawn > .75 && delong / drawn < 1.35, "%.3f and %.3f", delong, drawn);
    cr_assert(strstr(method_of(pair, "auc"), "DeLong by patients, of outputs"));
    cr_assert(figure(pair, "auc", "p_exchange") > 0 && figure(pair, "f1", "p_exchange") > 0);
    json_decref(json);
}

Test(report_outputs, shares_of_the_true_class_are_drawn_and_written)
{
    json_t *json = compare_made((struct made){.skill = 30, .exclusive = true}, 12);
    json_t *shares = json_object_get(model_of(json, 0), "confusion_shares");
    json_t *counts = json_object_get(model_of(json, 0), "confusion");
    for (size_t t = 0; t < OUTPUTS; t++) {
        double all = 0, sum = 0;
        for (size_t c = 0; c < OUTPUTS; c++) {
            sum += part_of(json_array_get(shares, t), names[c]);
            all += part_of(json_array_get(counts, t), names[c]);
        }
        cr_assert_float_eq(sum, 1, 1e-12);
        cr_assert_float_eq(part_of(json_array_get(shares, t), names[0]),
                           part_of(json_array_get(counts, t), names[0]) / all, 1e-12);
    }
    char *table = runs_text("out/tables/classes.tsv"), *tex = runs_text("out/tables/tables.tex");
    char *data = runs_text("out/figures/outputs_confusion_1.tsv");
    char *script = runs_text("out/figures/outputs_confusion_2.gp");
    cr_assert(
        strstr(table, "model\ttruth\tcalled\trecords\tshare\tlow\thigh\na\tlow_ef\tlow_ef\t") ==
        table);
    cr_assert(strstr(data, "truth\tcalled\tx\ty\trecords\tshare\nlow_ef\tlow_ef\t0\t0\t") == data);
    cr_assert(strstr(tex, "\\input{together.tex}") && strstr(tex, "\\input{called_pairs.tex}"));
    cr_assert(strstr(script, "boxxyerror"));
    free(table);
    free(tex);
    free(data);
    free(script);
    json_decref(json);
}

/* The last output is true of no record. */
static char *write_without(const char *name, int skill, bool exclusive)
{
    FILE *f = fopen(runs_path(name), "w");
    cr_assert(f);
    fprintf(f,
            "ecg_id\tpatient_id\tsplit%s\tlabel_A\tprobability_A\tlabel_B\tprobability_B\t"
            "label_C\tprobability_C\n",
            exclusive ? "\tlabel" : "");
    for (size_t i = 0; i < N + VALID; i++) {
        int a = i * 7 / 3 % 2;
        fprintf(f, "%zu\t%zu\t%s%s\t%d\t%.9g\t%d\t%.9g\t0\t%.9g\n", i + 1, i,
                i < N ? "test" : "valid",
                !exclusive ? ""
                : a        ? "\tA"
                           : "\tB",
                a, (double)((i * 37 + (size_t)skill) % 89 + (size_t)(a * skill)) / 140, !a,
                (double)((i * 53 + (size_t)skill) % 89 + (size_t)(!a * skill)) / 140,
                (double)(i * 29 % 89) / 140);
    }
    fclose(f);
    return runs_path(name);
}

Test(report_outputs, a_class_without_a_positive_record_is_said_and_leaves_the_others)
{
    for (int exclusive = 0; exclusive < 2; exclusive++) {
        char *inputs[] = {write_without("a.tsv", 30, exclusive),
                          write_without("b.tsv", 12, exclusive)};
        json_t *json = compared(inputs, 2, NULL), *m = model_of(json, 0);
        cr_assert_eq(json_integer_value(json_object_get(output_of(json, 2), "positives")), 0);
        cr_assert(isnan(figure(output_of(m, 2), "auc", "value")));
        cr_assert_str_eq(method_of(output_of(m, 2), "auc"), "one class only");
        cr_assert_not(isnan(figure(output_of(m, 0), "auc", "low")));
        cr_assert(isnan(figure(m, "auc", "value")));
        cr_assert_str_eq(method_of(m, "auc"), "an output has records of one class only");
        cr_assert(isnan(figure(pair_of(json, 0), "auc", "difference")));
        cr_assert_not(isnan(figure(m, "brier", "value")), "Brier needs no positive");
        cr_assert_not(isnan(part_of(together(m, "f_max_samples"), "low")));
        if (exclusive) {
            json_t *row = json_array_get(json_object_get(m, "confusion_shares"), 2);
            cr_assert(isnan(part_of(row, "A")) && isnan(part_of(row, "C")));
            cr_assert_str_eq(text_of(together(m, "balanced_accuracy"), "method"),
                             "no figure: a class has no record");
            cr_assert_not(isnan(part_of(together(m, "kappa"), "low")));
        }
        cr_assert(notes_say(json, "C: No record is positive"));
        json_decref(json);
    }
}

/* One says of each output whether it is true, of all records, the other which it is. */
Test(report_outputs, each_and_which_are_compared_on_the_records_of_one_class)
{
    size_t single = 0;
    FILE *each = fopen(runs_path("each.tsv"), "w"), *which = fopen(runs_path("which.tsv"), "w");
    cr_assert(each && which);
    fputs("ecg_id\tsplit\tlabel_A\tprobability_A\tlabel_B\tprobability_B\n", each);
    fputs("ecg_id\tsplit\tlabel\tprobability_A\tprobability_B\n", which);
    for (size_t i = 0; i < N; i++) {
        int a = i * 7 / 3 % 2, b = i % 5 ? !a : a; // every fifth has none or both
        double p = (double)(i * 37 % 89 + (size_t)(a * 30)) / 140;
        fprintf(each, "%zu\ttest\t%d\t%.9g\t%d\t%.9g\n", i + 1, a, p, b, 1 - p);
        if (a == b) continue;
        fprintf(which, "%zu\ttest\t%s\t%.9g\t%.9g\n", i + 1, a ? "A" : "B", p, 1 - p);
        single++;
    }
    fclose(each);
    fclose(which);
    char *inputs[] = {runs_path("each.tsv"), runs_path("which.tsv")};
    json_t *json = compared(inputs, 2, NULL);
    cr_assert_eq(json_integer_value(json_object_get(json, "records")), (json_int_t)single);
    cr_assert(notes_say(json, "each predicts each output, which which of them: 30 records of which "
                              "not exactly one is true"));
    cr_assert_eq(figure(pair_of(json, 0), "auc", "difference"), 0);
    cr_assert_eq(part_of(json_object_get(pair_of(json, 0), "mcnemar_called"), "only_a_right"), 0);
    json_decref(json);
}
