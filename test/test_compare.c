/* SPDX-License-Identifier: MIT
 *
 * What a comparison refuses. */
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

TestSuite(compare, .init = begin, .fini = end);

static const char good[] = "ecg_id\tpatient_id\tlabel\tprobability\n"
                           "7\t1\t1\t.8\n8\t2\t0\t.4\n9\t3\t1\t.6\n10\t4\t0\t.1\n";

static const struct {
    const char *table, *message;
} bad[] = {
    {"ecg_id\tlabel\n7\t1\n", "bad.tsv:1: expected a column \"probability\""},
    {"id\tprobability\n7\t.1\n", "bad.tsv:1: expected a column \"ecg_id\" or \"record\""},
    {"ecg_id\tprobability\n", "bad.tsv: expected one row per record, found none"},
    {"ecg_id\tprobability\n7\t.1\n8\n", "bad.tsv:3: expected 2 cells"},
    {"ecg_id\tprobability\n7\t.1\n8\t.1\n7\t.2\n",
     "bad.tsv:4: expected one row per record, found ecg_id 7 on line 2 too"},
    {"ecg_id\tprobability\n7\t1.01\n", "bad.tsv:2: probability: expected a number from 0 to 1"},
    {"ecg_id\tprobability\n7\t-0.1\n", "found \"-0.1\""},
    {"ecg_id\tprobability\n7\tnan\n", "found \"nan\""},
    {"ecg_id\tprobability\n7\tinf\n", "found \"inf\""},
    {"ecg_id\tprobability\n7\t\n", "bad.tsv:2: probability: expected a number from 0 to 1"},
    {"ecg_id\tprobability\n7\thigh\n", "expected a number from 0 to 1, found \"high\""},
    {"ecg_id\tprobability\n7.5\t.1\n",
     "ecg_id: expected a whole number from 0 to 2147483647, found \"7.5\""},
    {"ecg_id\tprobability\n-1\t.1\n",
     "ecg_id: expected a whole number from 0 to 2147483647, found \"-1\""},
    {"ecg_id\tprobability\n\t.1\n",
     "ecg_id: expected a whole number from 0 to 2147483647, found \"\""},
    {"ecg_id\tprobability\n99999999999\t.1\n", "found \"99999999999\""},
    {"ecg_id\tlabel\tprobability\n7\t2\t.1\n",
     "bad.tsv:2: label: expected 0, 1 or nothing, found \"2\""},
    {"ecg_id\tlabel\tprobability\n7\t1\t.1\n8\t\t.1\n", "ecg_id 8 has no label"},
    {"ecg_id\tprobability\n7\t.1\n8\t.1\n9\t.2\n", "1 only in"},
    {"ecg_id\tprobability\n7\t.1\n8\t.1\n11\t.2\n12\t.2\n13\t.2\n14\t.2\n15\t.2\n16\t.2\n",
     "(ecg_id 9, 10), 6 only in"},
    {"ecg_id\tprobability\n7\t.1\n8\t.1\n11\t.2\n12\t.2\n13\t.2\n14\t.2\n15\t.2\n16\t.2\n",
     "(ecg_id 11, 12, 13, 14, 15, …)"},
    {"ecg_id\tlabel\tprobability\n7\t1\t.1\n8\t1\t.1\n9\t1\t.1\n10\t1\t.1\n",
     "labels of 2 of 4 records differ, first of ecg_id 8: 0 and 1"},
    {"ecg_id\tpatient_id\tprobability\n7\t1\t.1\n8\t2\t.1\n9\t2\t.1\n10\t4\t.1\n",
     "ecg_id 9 is of patient 3 and of patient 2"},
    {"ecg_id\tsplit\tprobability\n7\tvalid\t.1\n", "split is \"test\", found none"},
    {"ecg_id\tsplit\tprobability\n7\tvalid\t.1\n7\ttest\t.1\n", "found ecg_id 7 on line 2 too"},
    {"ecg_id,probability\n7,nan\n", "expected a number from 0 to 1, found \"nan\""},
    {"ecg_id,probability\n7,inf\n", "expected a number from 0 to 1, found \"inf\""},
    {"ecg_id,probability,probability\n7,.1,.2\n", "found \"probability\" as columns 2 and 3"},
    {"ecg_id,NORM,MI,STTC,CD\n7,.1,.2,.3,.4\n", "found 4 of them; \"probability_HYP\" is missing"},
    {"ecg_id,NORM,MI,STTC,CD,HYP\n7,.1,.2,.3,.4,1.5\n",
     "HYP: expected a number from 0 to 1, found \"1.5\""},
    {"ecg_id,NORM,MI,STTC,CD,HYP,label_MI\n7,.1,.2,.3,.4,.5,1\n",
     "labels of all 5 outputs, found 1"},
    {"ecg_id\trecord\tlogit\tprobability\tdecision\tthreshold\tthreshold_origin\twarning\n"
     "7\ta\t0\t.5\t1\t.5\tdefault\t\n",
     "bad.tsv: expected labels, found a table of leadseq predict"},
    {"file\tlogit_A\tprobability_A\tdecision_A\tthreshold_A\tthreshold_origin\n"
     "a\t0\t.5\t1\t.5\tdefault\n",
     "bad.tsv: expected labels, found a table of leadseq predict"},
    {"id\tlogit\tprobability\tlabel\tthreshold\tthreshold_origin\n7\t0\t.5\t1\t.5\tdefault\n",
     "bad.tsv: expected true labels, found a table of an older leadseq predict"},
};

Test(compare, a_bad_table_is_refused_by_what_is_wrong_with_it)
{
    runs_write("good.tsv", good);
    char *inputs[] = {runs_path("good.tsv"), runs_path("bad.tsv")};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        runs_write("bad.tsv", bad[i].table);
        runs_assert_refused(inputs, 2, NULL, bad[i].message);
    }
}

Test(compare, a_table_that_lacks_a_record_of_the_run_is_refused)
{
    struct runs_made made = {.folder = "a", .name = "a", .n = 30, .skill = 20};
    char *run = runs_make(&made);
    FILE *f = fopen(runs_path("b.csv"), "w");
    fputs("ecg_id,probability\n", f);
    for (size_t i = 1; i < 30; i++) fprintf(f, "%zu,.5\n", 100 + i);
    fclose(f);
    char *inputs[] = {run, runs_path("b.csv")};
    runs_assert_refused(inputs, 2, NULL, "1 only in");
    char *turned[] = {runs_path("b.csv"), run};
    runs_assert_refused(turned, 2, NULL, "1 only in");
}

/* What a model decides is no truth; a stack has it, and then the decisions are other columns. */
Test(compare, a_table_of_predict_is_compared_by_the_labels_of_a_stack_alone)
{
    static const char *const titles[] = {"label", "decision"};
    small_write(LEADSEQ_PAPER_TEXT, 60);
    for (int k = 0; k < 2; k++) {
        FILE *f = fopen(runs_path("p.tsv"), "w");
        fprintf(f, "ecg_id\tprobability\t%s\tthreshold\tthreshold_origin\n", titles[k]);
        for (size_t i = 0; i < 60; i++)
            fprintf(f, "%zu\t%g\t%d\t.5\tdefault\n", 100 + i, runs_probability(i, 20),
                    runs_probability(i, 20) >= .5);
        fclose(f);
        char *inputs[] = {runs_path("p.tsv"), runs_path("p.tsv")};
        if (k == 0)
            runs_assert_refused(inputs, 2, small_path, "older leadseq predict");
        else
            cr_assert_eq(runs_compare(inputs, 2, small_path), 0, "%s", leadseq_error());
    }
}

Test(compare, one_input_is_not_a_comparison)
{
    runs_write("good.tsv", good);
    char *inputs[] = {runs_path("good.tsv")};
    runs_assert_refused(inputs, 1, NULL, "two or more");
}

Test(compare, an_input_that_is_not_there_is_named)
{
    runs_write("good.tsv", good);
    char *inputs[] = {runs_path("good.tsv"), runs_path("absent.tsv")};
    runs_assert_refused(inputs, 2, NULL, "absent.tsv: expected a run folder or a prediction table");
}

Test(compare, a_run_without_predictions_is_told_the_command_that_makes_them)
{
    struct runs_made made = {.folder = "a", .name = "a", .n = 30, .skill = 20};
    char *run = runs_make(&made), command[512];
    unlink(runs_path("a/predictions-test.tsv"));
    snprintf(command, sizeof command, "leadseq evaluate %s --data FILE.h5 --split test", run);
    runs_write("good.tsv", good);
    char *inputs[] = {runs_path("good.tsv"), run};
    runs_assert_refused(inputs, 2, NULL, command);
}

Test(compare, records_of_one_class_are_refused)
{
    runs_write("a.tsv", "ecg_id\tlabel\tprobability\n1\t0\t.1\n2\t0\t.2\n");
    char *inputs[] = {runs_path("a.tsv"), runs_path("a.tsv")};
    runs_assert_refused(inputs, 2, NULL, "all 2 records compared (split unknown) have label 0");
}

Test(compare, tables_without_labels_are_sent_to_a_stack)
{
    runs_write("a.tsv", "ecg_id\tprobability\n1\t.1\n2\t.2\n");
    char *inputs[] = {runs_path("a.tsv"), runs_path("a.tsv")};
    runs_assert_refused(inputs, 2, NULL, "--data FILE.h5");
}

Test(compare, a_stack_that_is_none_is_refused)
{
    runs_write("a.tsv", "ecg_id\tprobability\n1\t.1\n2\t.2\n");
    runs_write("stack.h5", "not HDF5");
    char *inputs[] = {runs_path("a.tsv"), runs_path("a.tsv")};
    runs_assert_refused(inputs, 2, runs_path("stack.h5"), "stack.h5");
}

Test(compare, a_record_that_is_not_in_the_stack_is_named)
{
    small_write(LEADSEQ_PAPER_TEXT, 6);
    runs_write("a.tsv", "ecg_id\tprobability\n100\t.1\n101\t.2\n99\t.3\n");
    char *inputs[] = {runs_path("a.tsv"), runs_path("a.tsv")};
    runs_assert_refused(inputs, 2, small_path, "ecg_id 99 is not in");
}

Test(compare, a_label_that_is_not_the_stacks_is_named)
{
    small_write(LEADSEQ_PAPER_TEXT, 6);
    runs_write("a.tsv", "ecg_id\tlabel\tprobability\n100\t1\t.1\n101\t1\t.2\n");
    char *inputs[] = {runs_path("a.tsv"), runs_path("a.tsv")};
    runs_assert_refused(inputs, 2, small_path, "ecg_id 101 has label 1, but 0 in");
}

static const struct {
    const char *file, *text, *message;
} damaged[] = {
    {"a/environment.json", "{\"threads\": ", "environment.json: line 1"},
    {"a/metrics.json", "[1, 2", "metrics.json: line 1"},
    {"a/history.tsv", "epoch\ttrain_loss\n1\tx\n", "train_loss: expected a number, found \"x\""},
    {"a/predictions-valid.tsv", "ecg_id\tprobability\n1\t7\n",
     "predictions-valid.tsv:2: probability: expected"},
};

Test(compare, a_damaged_file_of_a_run_is_named)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(damaged); i++) {
        struct runs_made a = {.folder = "a", .name = "a", .n = 30, .skill = 20, .source = "x"};
        struct runs_made b = {.folder = "b", .name = "b", .n = 30, .skill = 30};
        char *inputs[] = {runs_make(&a), runs_make(&b)};
        runs_write(damaged[i].file, damaged[i].text);
        runs_assert_refused(inputs, 2, NULL, damaged[i].message);
        unlink(runs_path(damaged[i].file));
    }
}

Test(compare, a_folder_that_holds_something_is_left_alone)
{
    struct runs_made a = {.folder = "a", .name = "a", .n = 30, .skill = 20};
    char *inputs[] = {runs_make(&a), runs_make(&a)};
    cr_assert_eq(leadseq_folder_make(runs_path("out")), 0);
    runs_write("out/mine", "kept");
    cr_assert_eq(runs_compare(inputs, 2, NULL), -1);
    cr_assert(strstr(leadseq_error(), "exists already"));
    char *text = runs_text("out/mine");
    cr_assert_str_eq(text, "kept");
    free(text);
}
