/* SPDX-License-Identifier: MIT
 *
 * Verdicts on run folders written here by hand: whole, cut short, of another
 * version, with numbers that are none. No rule may invent a number. */
#include "folder.h"
#include "verdict/verdict_private.h"

#include <math.h>
#include <sys/file.h>

static struct leadseq_experiment e;

static void begin(void)
{
    make_folder();
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    leadseq_experiment_default(&e);
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "cnn"), 0);
}
TestSuite(verdict, .init = begin, .fini = remove_folder, .timeout = 60);

static const char title[] = "step\tepoch\tcost\tgrad_norm\tlr\tlogit_mean\tlogit_min\tlogit_max\t"
                            "saturated\tzero_gradient\n";

/* n steps of a batch of two, each as `row` has it. */
static void put_steps(int n, void (*row)(int step, FILE *out))
{
    FILE *out = fopen(in_folder("steps.tsv"), "w");
    cr_assert(out);
    fputs(title, out);
    for (int step = 1; step <= n; step++) row(step, out);
    cr_assert_eq(fclose(out), 0);
}

static void falling(int step, FILE *out)
{
    fprintf(out, "%d\t1\t%.4f\t0.5\t0.001\t0.1\t-0.5\t0.7\t0\t0\n", step, 0.69 - 0.002 * step);
}

static void dying(int step, FILE *out)
{
    if (step < 3)
        falling(step, out);
    else
        fprintf(out, "%d\t1\t%d\t0\t0.001\t180\t179\t181\t2\t1\n", step, step % 3 * 50);
}

static void bursting(int step, FILE *out)
{
    fprintf(out,
            step < 5 ? "%d\t1\t%.1f\t1e3\t0.1\t0\t0\t0\t0\t0\n"
                     : "%d\t1\tnan\tinf\t0.1\t\t\t\t\t\n", // cost last
            step, 1e4 * step);
}

static void put_environment(int both_sides, int positive)
{
    char text[600];
    snprintf(
        text, sizeof text,
        "{\"parts\": {\"train\": {\"n\": 120, \"positive\": %d}, \"valid\": {\"n\": 60, "
        "\"positive\": 20}, \"test\": {\"n\": 60, \"positive\": 20}, \"patients_on_both_sides\": "
        "%d, \"records_of_those\": %d}, \"stack\": {\"path\": \"/nowhere/stack.h5\", "
        "\"checksum\": \"fnv1a:0\"}}",
        positive, both_sides, both_sides);
    put("environment.json", text);
}

/* 60 records, 20 of them positive, whose logits are higher by `gap`. */
static void put_predictions(const char *name, double gap)
{
    FILE *out = fopen(in_folder(name), "w");
    cr_assert(out);
    fputs("ecg_id\tpatient_id\tfold\tsplit\tlabel\tlogit\tprobability\n", out);
    for (int i = 0; i < 60; i++) {
        double z = (i * 7 % 60 - 30) / 30. + (i % 3 == 0) * gap;
        fprintf(out, "%d\t%d\t9\tvalid\t%d\t%.9g\t%.9g\n", i, i, i % 3 == 0, z, 1 / (1 + exp(-z)));
    }
    cr_assert_eq(fclose(out), 0);
}

struct judged {
    struct verdict v;
    struct findings all;
};

static struct judged judge(void)
{
    struct judged j;
    struct leadseq_diagnose_options options = {.out = folder, .rehearse = true};
    cr_assert_eq(verdict_gather(&j.v, folder, &e, &options), 0, "%s", leadseq_error());
    cr_assert_eq(verdict_judge(&j.v, &j.all), 0, "%s", leadseq_error());
    for (size_t i = 0; i < j.all.n; i++)
        for (size_t k = 0; k < j.all.finding[i].n_numbers; k++)
            cr_assert_not_null(j.all.finding[i].number[k].name);
    return j;
}

static void judged_clear(struct judged *j)
{
    free(j->all.finding);
    verdict_clear(&j->v);
}

static bool has_note(const struct verdict *v, const char *text)
{
    for (size_t i = 0; i < v->n_notes; i++)
        if (strstr(v->note[i], text)) return true;
    return false;
}

static double number(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->n_numbers; i++)
        if (!strcmp(f->number[i].name, name)) return f->number[i].value;
    return NAN;
}

Test(verdict, an_empty_folder_finds_nothing_and_says_what_is_not_known)
{
    struct judged j = judge();
    cr_assert_eq(j.all.n, 0);
    cr_assert(has_note(&j.v, "no rows"));
    cr_assert(has_note(&j.v, "no diagnostics.h5"));
    cr_assert(has_note(&j.v, "no predictions"));
    cr_assert(has_note(&j.v, "not shown either"));
    judged_clear(&j);
}

Test(verdict, a_dead_output_is_found_without_any_probe)
{
    put_environment(0, 50);
    put_steps(60, dying);
    struct judged j = judge();
    const struct finding *f = findings_find(&j.all, "saturated-output");
    cr_assert(f && f == &j.all.finding[0]);
    cr_assert_eq(f->severity, VERDICT_CRITICAL);
    cr_assert_eq(f->first_step, 3);
    cr_assert_eq(number(f, "share_dead"), 1);
    cr_assert_eq(number(f, "share_on_lattice"), 1);
    cr_assert_float_eq(number(f, "share_cost_0") + number(f, "share_cost_50") +
                           number(f, "share_cost_100"),
                       1, 1e-12);
    cr_assert(strstr(f->mechanism, "not vanishing through the leads"));
    cr_assert(strstr(f->advice, "Clipping cannot help"));
    judged_clear(&j);
}

Test(verdict, a_saturated_run_that_is_right_is_not_called_dead)
{
    put_environment(0, 50);
    FILE *out = fopen(in_folder("steps.tsv"), "w");
    fputs(title, out);
    for (int step = 1; step <= 30; step++)
        fprintf(out, "%d\t1\t0\t0\t0.001\t5\t-90\t100\t2\t1\n", step);
    fclose(out);
    struct judged j = judge();
    cr_assert_null(findings_find(&j.all, "saturated-output"));
    judged_clear(&j);
}

Test(verdict, a_number_that_is_none_is_dated)
{
    put_environment(0, 50);
    put("steps.tsv", "step\tepoch\tcost\tgrad_norm\tlr\n1\t1\t0.7\t1\t0.1\n2\t1\tnan\t1\t0.1\n");
    put("log.txt", "2026-01-01T00:00:00Z failed: step 2: expected a finite cost\n");
    struct judged j = judge();
    const struct finding *f = findings_find(&j.all, "non-finite");
    cr_assert(f && f == &j.all.finding[0]);
    cr_assert_eq(f->first_step, 2);
    cr_assert(strstr(f->mechanism, "not measured"), "no layer is invented: %s", f->mechanism);
    cr_assert(has_note(&j.v, "ended by a failure"));
    judged_clear(&j);
}

Test(verdict, infinite_gradients_are_not_finite_either)
{
    put_steps(8, bursting);
    struct judged j = judge();
    cr_assert_eq(findings_find(&j.all, "non-finite")->first_step, 5);
    judged_clear(&j);
}

Test(verdict, a_table_cut_in_the_middle_of_a_line_is_read_up_to_it)
{
    put_environment(0, 50);
    put_steps(20, falling);
    FILE *out = fopen(in_folder("steps.tsv"), "a");
    fputs("21\t1\t0.6", out);
    fclose(out);
    struct judged j = judge();
    cr_assert_eq(j.v.steps.n, 20);
    cr_assert(has_note(&j.v, "cut short or damaged"));
    cr_assert(has_note(&j.v, "cut short after step 20"));
    judged_clear(&j);
}

Test(verdict, tables_of_another_version_are_told_from_empty_ones)
{
    static const struct {
        const char *steps, *note;
    } row[] = {{"", "no rows"},
               {"step", "no rows"},
               {"step\n", "no rows"},
               {"iteration\tloss\n1\t0.7\n", "older or another"},
               {"step\tcost\tgrad_norm\n1\t0.7\t1\n", "older version"}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        put("steps.tsv", row[i].steps);
        struct judged j = judge();
        cr_assert(has_note(&j.v, row[i].note), "row %zu", i);
        judged_clear(&j);
    }
}

Test(verdict, damaged_files_are_said_and_do_no_harm)
{
    put("environment.json", "{\"parts\": [");
    put("diagnostics.h5", "no HDF5 at all");
    put("history.tsv", "epoch\tstep\ttrain_loss\nx\ty\tz\n");
    put("predictions-valid.tsv", "label\tlogit\tprobability\n2\tnan\tnan\n1\t\t\n");
    put_steps(20, falling);
    struct judged j = judge();
    cr_assert_eq(j.all.n, 0);
    cr_assert(has_note(&j.v, "environment.json cannot be read"));
    cr_assert(has_note(&j.v, "diagnostics.h5"));
    judged_clear(&j);
}

Test(verdict, a_run_that_ranks_unseen_records_is_healthy)
{
    put_environment(0, 50);
    put_steps(60, falling);
    put_predictions("predictions-valid.tsv", 1.5);
    put_predictions("predictions-test.tsv", 1.5);
    struct judged j = judge();
    cr_assert_eq(j.all.n, 1);
    cr_assert_str_eq(j.all.finding[0].id, "healthy");
    cr_assert_eq(number(&j.all.finding[0], "records"), 120);
    cr_assert(number(&j.all.finding[0], "auc_low") > .5);
    judged_clear(&j);
}

Test(verdict, chance_is_neither_healthy_nor_a_fault_by_itself)
{
    put_environment(0, 50);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", 0);
    struct judged j = judge();
    cr_assert_eq(j.all.n, 0, "%s", j.all.finding[0].id);
    cr_assert(has_note(&j.v, "not shown either"));
    judged_clear(&j);
}

Test(verdict, patients_on_both_sides_are_leakage_however_good_the_scores)
{
    put_environment(9, 50);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", 3);
    struct judged j = judge();
    cr_assert_eq(j.all.n, 1);
    cr_assert_str_eq(j.all.finding[0].id, "leakage");
    cr_assert_eq(number(&j.all.finding[0], "patients_on_both_sides"), 9);
    judged_clear(&j);
}

Test(verdict, a_rare_class_counts_unless_it_is_weighted)
{
    put_environment(0, 6);
    put_steps(60, falling);
    struct judged j = judge();
    cr_assert_not_null(findings_find(&j.all, "class-imbalance"));
    judged_clear(&j);
    cr_assert_eq(leadseq_experiment_set(&e, "train.loss", "bce-logits"), 0);
    e.train.positive_weight[0] = 19;
    j = judge();
    cr_assert_null(findings_find(&j.all, "class-imbalance"));
    judged_clear(&j);
}

static void put_history(const char *rows)
{
    char text[1000];
    snprintf(text, sizeof text, "epoch\tstep\ttrain_loss\ttrain_auc\tvalid_loss\tvalid_auc\n%s",
             rows);
    put("history.tsv", text);
}

Test(verdict, a_validation_loss_that_turns_is_overfitting_and_one_that_falls_is_not)
{
    put_environment(0, 50);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", 1);
    put_history("1\t20\t.6\t.7\t.55\t.75\n2\t40\t.3\t.9\t.6\t.74\n3\t60\t.05\t1\t.9\t.73\n");
    struct judged j = judge();
    const struct finding *f = findings_find(&j.all, "overfitting");
    cr_assert(f);
    cr_assert_eq(f->first_step, 40);
    judged_clear(&j);
    put_history("1\t20\t.6\t.7\t.55\t.75\n2\t40\t.5\t.8\t.5\t.78\n3\t60\t.45\t.85\t.48\t.8\n");
    j = judge();
    cr_assert_null(findings_find(&j.all, "overfitting"));
    judged_clear(&j);
}

Test(verdict, without_its_stack_a_run_is_judged_by_what_is_there)
{
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "convlstm"), 0);
    put_environment(0, 50);
    put_steps(20, falling);
    struct judged j = judge();
    cr_assert(has_note(&j.v, "/nowhere/stack.h5"));
    cr_assert(has_note(&j.v, "gates and channels were not measured"));
    cr_assert(isnan(j.v.flow.share) && isnan(j.v.head.measured) && isnan(j.v.gates.worst));
    judged_clear(&j);
}

Test(verdict, a_run_that_is_still_written_is_said_to_go_on)
{
    put_environment(0, 50);
    put_steps(20, falling);
    FILE *log = fopen(put("log.txt", ""), "a");
    cr_assert_eq(flock(fileno(log), LOCK_EX), 0);
    struct judged j = judge();
    cr_assert(j.v.busy && has_note(&j.v, "still going on, at step 20"));
    judged_clear(&j);
    fclose(log);
}

Test(verdict, the_findings_are_written_whatever_there_is_to_draw)
{
    struct leadseq_diagnose_options options = {.out = in_folder("out"), .rehearse = true};
    put_steps(60, dying);
    cr_assert_eq(leadseq_diagnose(folder, &e, &options, NULL), 0, "%s", leadseq_error());
    static const char *const name[] = {"out/diagnosis.json", "out/diagnosis.html",
                                       "out/diagnosis.md", "out/figures/saturated_output.tsv",
                                       "out/figures/saturated_output.gp"};
    for (size_t i = 0; i < LEADSEQ_COUNT(name); i++)
        cr_assert(leadseq_path_exists(in_folder(name[i])), "%s", name[i]);
}

Test(verdict, what_is_no_folder_is_refused)
{
    struct leadseq_diagnose_options options = {.out = in_folder("out")};
    cr_assert_eq(leadseq_diagnose(in_folder("none"), &e, &options, NULL), -1);
    cr_assert_error_has("expected a run's folder");
}
