/* SPDX-License-Identifier: MIT
 *
 * Verdicts on run folders written here by hand: whole, cut short, of another
 * version, with numbers that are none. No rule may invent a number. */
#include "diagnosed_run.h"
#include "folder.h"
#include "io/store.h"
#include "verdict/evidence.h"

#include <malloc.h>
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

/* 60 records, 20 of them positive, whose logits are higher by `gap`; `per` of a patient each. */
static void put_patients(const char *name, double gap, int per)
{
    FILE *out = fopen(in_folder(name), "w");
    cr_assert(out);
    fputs("ecg_id\tpatient_id\tfold\tsplit\tlabel\tlogit\tprobability\n", out);
    for (int i = 0; i < 60; i++) {
        double z = (i * 7 % 60 - 30) / 30. + (i % 3 == 0) * gap;
        fprintf(out, "%d\t%d\t9\tvalid\t%d\t%.9g\t%.9g\n", i, i / per, i % 3 == 0, z,
                1 / (1 + exp(-z)));
    }
    cr_assert_eq(fclose(out), 0);
}

static void put_predictions(const char *name, double gap)
{
    put_patients(name, gap, 1);
}

static struct leadseq_verdict *judge(void)
{
    static struct leadseq_verdict_options options;
    options = (struct leadseq_verdict_options){.out = folder, .rehearse = true};
    struct leadseq_verdict *j = diagnosed(folder, &e, &options);
    for (size_t i = 0; i < j->all.n; i++)
        for (size_t k = 0; k < j->all.finding[i].n_numbers; k++)
            cr_assert_not_null(j->all.finding[i].number[k].name);
    return j;
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
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->all.n, 0);
    cr_assert(has_note(&j->v, "no rows"));
    cr_assert(has_note(&j->v, "no diagnostics.h5"));
    cr_assert(has_note(&j->v, "no predictions"));
    cr_assert(has_note(&j->v, "does not show either"));
    leadseq_verdict_free(j);
}

Test(verdict, a_dead_output_is_found_without_any_probe)
{
    put_environment(0, 50);
    put_steps(60, dying);
    struct leadseq_verdict *j = judge();
    const struct finding *f = findings_find(&j->all, "saturated-output");
    cr_assert(f && f == &j->all.finding[0]);
    cr_assert_eq(f->severity, VERDICT_CRITICAL);
    cr_assert_eq(f->first_step, 3);
    cr_assert_eq(number(f, "share_dead"), 1);
    cr_assert_eq(number(f, "share_on_lattice"), 1);
    cr_assert_float_eq(number(f, "share_cost_0") + number(f, "share_cost_50") +
                           number(f, "share_cost_100"),
                       1, 1e-12);
    cr_assert(strstr(f->mechanism, "does not vanish on its way through the leads"));
    cr_assert(strstr(f->advice, "Clipping does not help"));
    leadseq_verdict_free(j);
}

Test(verdict, a_saturated_run_that_is_right_is_not_called_dead)
{
    put_environment(0, 50);
    FILE *out = fopen(in_folder("steps.tsv"), "w");
    fputs(title, out);
    for (int step = 1; step <= 30; step++)
        fprintf(out, "%d\t1\t0\t0\t0.001\t5\t-90\t100\t2\t1\n", step);
    fclose(out);
    struct leadseq_verdict *j = judge();
    cr_assert_null(findings_find(&j->all, "saturated-output"));
    leadseq_verdict_free(j);
}

Test(verdict, a_number_that_is_none_is_dated)
{
    put_environment(0, 50);
    put("steps.tsv", "step\tepoch\tcost\tgrad_norm\tlr\n1\t1\t0.7\t1\t0.1\n2\t1\tnan\t1\t0.1\n");
    put("log.txt", "2026-01-01T00:00:00Z failed: step 2: expected a finite cost\n");
    struct leadseq_verdict *j = judge();
    const struct finding *f = findings_find(&j->all, "non-finite");
    cr_assert(f && f == &j->all.finding[0]);
    cr_assert_eq(f->first_step, 2);
    cr_assert(strstr(f->mechanism, "not measured"), "no layer is invented: %s", f->mechanism);
    cr_assert(has_note(&j->v, "ended by a failure"));
    leadseq_verdict_free(j);
}

Test(verdict, infinite_gradients_are_not_finite_either)
{
    put_steps(8, bursting);
    struct leadseq_verdict *j = judge();
    cr_assert_eq(findings_find(&j->all, "non-finite")->first_step, 5);
    leadseq_verdict_free(j);
}

Test(verdict, a_table_cut_in_the_middle_of_a_line_is_read_up_to_it)
{
    put_environment(0, 50);
    put_steps(20, falling);
    FILE *out = fopen(in_folder("steps.tsv"), "a");
    fputs("21\t1\t0.6", out);
    fclose(out);
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->v.steps.n, 20);
    cr_assert(has_note(&j->v, "cut short or damaged"));
    cr_assert(has_note(&j->v, "cut short after step 20"));
    leadseq_verdict_free(j);
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
        struct leadseq_verdict *j = judge();
        cr_assert(has_note(&j->v, row[i].note), "row %zu", i);
        leadseq_verdict_free(j);
    }
}

Test(verdict, damaged_files_are_said_and_do_no_harm)
{
    put("environment.json", "{\"parts\": [");
    put("diagnostics.h5", "no HDF5 at all");
    put("history.tsv", "epoch\tstep\ttrain_loss\nx\ty\tz\n");
    put("predictions-valid.tsv", "label\tlogit\tprobability\n2\tnan\tnan\n1\t\t\n");
    put_steps(20, falling);
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->all.n, 0);
    cr_assert(has_note(&j->v, "environment.json cannot be read"));
    cr_assert(has_note(&j->v, "diagnostics.h5"));
    leadseq_verdict_free(j);
}

Test(verdict, a_run_that_ranks_unseen_records_is_healthy)
{
    put_environment(0, 50);
    put_steps(60, falling);
    put_predictions("predictions-valid.tsv", 1.5);
    put_predictions("predictions-test.tsv", 1.5);
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->all.n, 1);
    cr_assert_str_eq(j->all.finding[0].id, "healthy");
    cr_assert_eq(number(&j->all.finding[0], "records"), 120);
    cr_assert(number(&j->all.finding[0], "auc_low") > .5);
    leadseq_verdict_free(j);
}

Test(verdict, chance_is_neither_healthy_nor_a_fault_by_itself)
{
    put_environment(0, 50);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", 0);
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->all.n, 0, "%s", j->all.finding[0].id);
    cr_assert(has_note(&j->v, "does not show either"));
    leadseq_verdict_free(j);
}

Test(verdict, patients_on_both_sides_are_leakage_however_good_the_scores)
{
    put_environment(9, 50);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", 3);
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->all.n, 1);
    cr_assert_str_eq(j->all.finding[0].id, "leakage");
    cr_assert_eq(number(&j->all.finding[0], "patients_on_both_sides"), 9);
    leadseq_verdict_free(j);
}

Test(verdict, a_rare_class_counts_unless_it_is_weighted)
{
    put_environment(0, 6);
    put_steps(60, falling);
    struct leadseq_verdict *j = judge();
    cr_assert_not_null(findings_find(&j->all, "class-imbalance"));
    leadseq_verdict_free(j);
    cr_assert_eq(leadseq_experiment_set(&e, "train.loss", "bce-logits"), 0);
    e.train.positive_weight[0] = 19;
    j = judge();
    cr_assert_null(findings_find(&j->all, "class-imbalance"));
    leadseq_verdict_free(j);
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
    struct leadseq_verdict *j = judge();
    const struct finding *f = findings_find(&j->all, "overfitting");
    cr_assert(f);
    cr_assert_eq(f->first_step, 40);
    leadseq_verdict_free(j);
    put_history("1\t20\t.6\t.7\t.55\t.75\n2\t40\t.5\t.8\t.5\t.78\n3\t60\t.45\t.85\t.48\t.8\n");
    j = judge();
    cr_assert_null(findings_find(&j->all, "overfitting"));
    leadseq_verdict_free(j);
}

/* The same losses, and what is said of them follows from the scores of unseen records. */
Test(verdict, overfitting_is_as_severe_as_the_scores_of_unseen_records_say)
{
    static const struct {
        double gap;
        enum verdict_severity severity;
        const char *says, *title;
    } of[] = {{1, VERDICT_MINOR, "not in doubt", "Training continued after its best epoch"},
              {.45, VERDICT_MAJOR, "less than half of what is learned carries over", NULL},
              {.2, VERDICT_MAJOR, "not shown to be better than chance", NULL}};
    put_environment(0, 50);
    put_steps(60, falling);
    put_history("1\t20\t.6\t.7\t.55\t.75\n2\t40\t.3\t.9\t.6\t.74\n3\t60\t.05\t1\t.9\t.73\n");
    for (size_t i = 0; i < LEADSEQ_COUNT(of); i++) {
        put_predictions("predictions-test.tsv", of[i].gap);
        struct leadseq_verdict *j = judge();
        const struct finding *f = findings_find(&j->all, "overfitting");
        cr_assert(f);
        cr_assert_eq(f->severity, of[i].severity, "AUC %g: %s", number(f, "auc"), f->mechanism);
        cr_assert(strstr(f->mechanism, of[i].says), "AUC %g: %s", number(f, "auc"), f->mechanism);
        cr_assert(!of[i].title || !strcmp(f->title, of[i].title));
        cr_assert_eq(findings_find(&j->all, "healthy") != NULL, of[i].severity == VERDICT_MINOR);
        leadseq_verdict_free(j);
    }
}

Test(verdict, losses_that_part_while_the_order_improves_are_said_to_be_that)
{
    put_environment(0, 50);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", 1);
    put_history("1\t20\t.6\t.7\t.55\t.75\n2\t40\t.3\t.9\t.6\t.8\n3\t60\t.05\t1\t.9\t.81\n");
    struct leadseq_verdict *j = judge();
    const struct finding *f = findings_find(&j->all, "overfitting");
    cr_assert(f && strstr(f->mechanism, "has not fallen"), "%s", f ? f->mechanism : "");
    leadseq_verdict_free(j);
}

/* An order that is right is no fault of a rare class, wherever one half lies. */
Test(verdict, a_rare_class_that_is_ranked_well_is_minor_and_its_auc_is_said)
{
    put_environment(0, 6);
    put_steps(60, falling);
    put_predictions("predictions-test.tsv", -3);
    struct leadseq_verdict *j = judge(); // ranked worse than chance
    cr_assert_eq(findings_find(&j->all, "class-imbalance")->severity, VERDICT_MAJOR);
    leadseq_verdict_free(j);
    put_predictions("predictions-test.tsv", 3);
    j = judge();
    const struct finding *f = findings_find(&j->all, "class-imbalance");
    cr_assert_eq(f->severity, VERDICT_MINOR);
    cr_assert(strstr(f->mechanism, "all the same: AUC"), "%s", f->mechanism);
    leadseq_verdict_free(j);
}

/* Three records of a patient are less than three patients. */
Test(verdict, the_interval_of_unseen_records_goes_by_patients)
{
    put_environment(0, 50);
    put_steps(60, falling);
    double width[2];
    for (int i = 0; i < 2; i++) {
        put_patients("predictions-test.tsv", .7, i ? 12 : 1);
        struct leadseq_verdict *j = judge();
        const struct leadseq_estimate *auc = &j->v.now->scored.auc;
        width[i] = auc->high - auc->low;
        cr_assert(verdict_learned(&j->v) != 1 || auc->low > .5);
        leadseq_verdict_free(j);
    }
    cr_assert_neq(width[0], width[1]);
}

Test(verdict, without_its_stack_a_run_is_judged_by_what_is_there)
{
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "convlstm"), 0);
    put_environment(0, 50);
    put_steps(20, falling);
    struct leadseq_verdict *j = judge();
    cr_assert(has_note(&j->v, "/nowhere/stack.h5"));
    cr_assert(has_note(&j->v, "gates and channels were not measured"));
    cr_assert(isnan(j->v.flow.share) && isnan(j->v.now->head.measured) && isnan(j->v.gates.worst));
    leadseq_verdict_free(j);
}

Test(verdict, a_run_that_is_still_written_is_said_to_go_on)
{
    put_environment(0, 50);
    put_steps(20, falling);
    FILE *log = fopen(put("log.txt", ""), "a");
    cr_assert_eq(flock(fileno(log), LOCK_EX), 0);
    struct leadseq_verdict *j = judge();
    cr_assert(j->v.busy && has_note(&j->v, "still training, at step 20"));
    leadseq_verdict_free(j);
    fclose(log);
}

Test(verdict, the_findings_are_written_whatever_there_is_to_draw)
{
    struct leadseq_verdict_options options = {.out = in_folder("out"), .rehearse = true};
    put_steps(60, dying);
    struct leadseq_verdict *j = diagnosed(folder, &e, &options);
    cr_assert_eq(leadseq_verdict_write(j, NULL), 0, "%s", leadseq_error());
    leadseq_verdict_free(j);
    static const char *const name[] = {"out/diagnosis.json", "out/diagnosis.html",
                                       "out/diagnosis.md", "out/figures/saturated_output.tsv",
                                       "out/figures/saturated_output.gp"};
    for (size_t i = 0; i < LEADSEQ_COUNT(name); i++)
        cr_assert(leadseq_path_exists(in_folder(name[i])), "%s", name[i]);
}

Test(verdict, what_is_no_folder_is_refused)
{
    struct leadseq_verdict_options options = {.out = in_folder("out")};
    cr_assert_null(leadseq_verdict_open(in_folder("none"), &e, &options));
    cr_assert_error_has("expected a run's folder");
}

/* --- Words ------------------------------------------------------------------------------------ */

/* Few records, all ranked rightly: the interval of the AUC is not defined. */
Test(verdict, an_estimate_without_an_interval_is_said_without_one)
{
    const struct leadseq_estimate whole = {.812, .76, .864, ""}, bare = {1, NAN, NAN, ""},
                                  none = {NAN, NAN, NAN, ""};
    cr_assert_str_eq(verdict_estimate(&whole).text, "0.812 [0.760, 0.864]");
    cr_assert_str_eq(verdict_estimate(&bare).text, "1.000");
    cr_assert_str_eq(verdict_estimate(&none).text, "not known");
    cr_assert(verdict_is_undefined("AUC 1.000 [nan, nan]"));
    cr_assert(verdict_is_undefined("-inf at the end"));
    cr_assert_not(verdict_is_undefined("infarction, dominant"));
}

/* No text of a diagnosis, of whatever run, has a number that is none. */
static void expect_defined(const struct leadseq_verdict *j)
{
    for (size_t i = 0; i < j->all.n; i++) {
        const struct finding *f = &j->all.finding[i];
        cr_assert_not(verdict_is_undefined(f->mechanism), "%s: %s", f->id, f->mechanism);
        cr_assert_not(verdict_is_undefined(f->advice), "%s: %s", f->id, f->advice);
        cr_assert(*f->mechanism && *f->advice, "%s", f->id);
    }
    for (size_t i = 0; i < j->v.n_notes; i++)
        cr_assert_not(verdict_is_undefined(j->v.note[i]), "%s", j->v.note[i]);
}

/* 2 records, one positive: AUC is 1 or 0 and has no variance. */
static void put_two_predictions(const char *name)
{
    put(name, "ecg_id\tpatient_id\tfold\tsplit\tlabel\tlogit\tprobability\n"
              "1\t1\t9\tvalid\t1\t2\t0.88\n2\t2\t9\tvalid\t0\t-2\t0.12\n");
}

Test(verdict, no_text_has_a_number_that_is_none)
{
    static void (*const row[])(int step, FILE *out) = {falling, dying, bursting};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++)
        for (int counts = 0; counts < 2; counts++) {
            if (counts) put_environment(9, 6);
            put_steps(30, row[i]);
            put_two_predictions("predictions-valid.tsv");
            put_history("1\t20\t.6\tnan\t.55\tnan\n2\t40\t.3\t\t.9\t\n");
            struct leadseq_verdict *j = judge();
            expect_defined(j);
            leadseq_verdict_free(j);
        }
}

/* A finding about an option the run has already: the advice on it is left out. */
static const char *advice_of(const char *key, const char *value, const char *change)
{
    static struct finding f;
    struct verdict v = {.e = &e};
    f = (struct finding){.id = "test"};
    if (key) cr_assert_eq(leadseq_experiment_set(&e, key, value), 0, "%s", leadseq_error());
    finding_advise(&f, &v, change, "do it");
    return f.advice;
}

Test(verdict, advice_that_a_run_has_followed_already_is_left_out)
{
    static const struct {
        const char *key, *value, *change;
        bool given;
    } row[] = {
        {"data.invert", "false", "data.invert=true", true},
        {"data.invert", "true", "data.invert=true", false},
        {"train.loss", "bce", "train.loss=bce-logits", true},
        {"train.loss", "bce-logits", "train.loss=bce-logits", false},
        {"train.clip_norm", "0", "train.clip_norm<=1", true},
        {"train.clip_norm", "5", "train.clip_norm<=1", true},
        {"train.clip_norm", "0.5", "train.clip_norm<=1", false},
        {"model.dropout", "0", "model.dropout>=0.01", true},
        {"model.dropout", "0.5", "model.dropout>=0.01", false},
        {"model.head", "flatten", "model.head!=flatten", true},
        {"model.head", "max", "model.head!=flatten", false},
        {"model.head", "max", "data.invert=true model.head_norm=true", true}, // one is left
        {"model.head_norm", "true", "data.invert=true model.head_norm=true", false},
        {"model.head_norm", "true", "model.nothing=1", false},
    };
    leadseq_experiment_default(&e);
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++)
        cr_assert_eq(*advice_of(row[i].key, row[i].value, row[i].change) != '\0', row[i].given,
                     "row %zu: %s", i, row[i].change);
    cr_assert_str_eq(advice_of(NULL, NULL, NULL), "do it");
}

/* Gates without a bias cannot be opened by one; a weight needs the loss that is proposed with it.
 */
Test(verdict, advice_that_the_experiment_would_not_accept_is_left_out)
{
    leadseq_experiment_default(&e);
    cr_assert_str_eq(advice_of(NULL, NULL, "model.forget_bias>=1"), "do it");
    cr_assert_str_eq(advice_of("model.bias", "false", "model.forget_bias>=1"), "");
    cr_assert_str_eq(advice_of("train.loss", "bce", "train.positive_weight=3"), "");
    cr_assert_str_eq(advice_of(NULL, NULL, "train.loss=bce-logits train.positive_weight=3"),
                     "do it");
}

/* The faults this was made for: a dead run with all of the remedies in place. */
Test(verdict, a_dead_run_is_not_told_to_do_what_it_does)
{
    static const char *const set[][2] = {{"model.type", "convlstm"},  {"train.loss", "bce-logits"},
                                         {"model.stem", "conv"},      {"model.head", "mean-max"},
                                         {"model.head_norm", "true"}, {"data.invert", "true"},
                                         {"train.warmup", "100"}};
    leadseq_experiment_default(&e);
    for (size_t i = 0; i < LEADSEQ_COUNT(set); i++)
        cr_assert_eq(leadseq_experiment_set(&e, set[i][0], set[i][1]), 0, "%s", leadseq_error());
    put_environment(0, 50);
    put_steps(60, dying);
    struct leadseq_verdict *j = judge();
    cr_assert_not_null(findings_find(&j->all, "saturated-output"));
    for (size_t i = 0; i < j->all.n; i++)
        for (size_t k = 1; k < LEADSEQ_COUNT(set); k++)
            cr_assert_null(strstr(j->all.finding[i].advice, set[k][0]), "%s: %s",
                           j->all.finding[i].id, j->all.finding[i].advice);
    leadseq_verdict_free(j);
}

/* --- Damaged measurements --------------------------------------------------------------------- */

enum { ROWS = 200 };

static void add_measured(struct leadseq_store *store, const char *name, int rank,
                         const size_t *shape)
{
    struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_FLOAT32, .rank = rank};
    size_t items = ROWS;
    for (int i = 0; i < rank; i++) items *= spec.shape[i] = shape[i];
    float *value = calloc(items, sizeof *value);
    for (size_t i = 0; i < items; i++) value[i] = 1;
    cr_assert_eq(leadseq_store_add(store, name, &spec), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_store_append(store, name, ROWS, value), 0, "%s", leadseq_error());
    free(value);
}

/* A file of one group, flow, whose norm has `rank` of its axes layer, signal and lead. */
static const char *put_flow(const char *name, int rank)
{
    static const char *const list[] = {"layers", "chain", "tensors", "leads"};
    const struct leadseq_store_spec steps = {.type = LEADSEQ_STORE_INT64};
    const size_t shape[] = {1, 3, 12};
    int64_t step[ROWS];
    for (int i = 0; i < ROWS; i++) step[i] = i + 1;
    struct leadseq_store *store = leadseq_store_create(in_folder(name));
    cr_assert(store, "%s", leadseq_error());
    int status = leadseq_store_set_text(store, "/", "kind", "leadseq diagnostics") ||
                 leadseq_store_set_int(store, "/", "schema", LEADSEQ_DIAGNOSTICS_SCHEMA) ||
                 leadseq_store_add_group(store, "flow") ||
                 leadseq_store_set_text(store, "flow", "status", "measured") ||
                 leadseq_store_add(store, "flow/step", &steps) ||
                 leadseq_store_append(store, "flow/step", ROWS, step);
    for (size_t i = 0; i < LEADSEQ_COUNT(list); i++)
        status = status || leadseq_store_set_text(store, "/", list[i], "x");
    cr_assert_eq(status, 0, "%s", leadseq_error());
    add_measured(store, "flow/first_share", 2, shape);
    add_measured(store, "flow/norm", rank, shape + (3 - rank));
    cr_assert_eq(leadseq_store_commit(store), 0, "%s", leadseq_error());
    return in_folder(name);
}

static void measure_once(const char *path)
{
    struct verdict v;
    cr_assert_eq(verdict_read(&v, folder, &e), 0, "%s", leadseq_error());
    cr_assert_geq(verdict_measure(&v, path), 0, "%s", leadseq_error());
    verdict_clear(&v);
    leadseq_error_clear();
}

/* Memory in use does not grow with the number of times such a file is read. */
Test(verdict, a_file_of_another_shape_leaves_no_memory_behind)
{
    for (int rank = 0; rank <= 3; rank++) {
        char name[32];
        snprintf(name, sizeof name, "flow-%d.h5", rank);
        char path[512];
        snprintf(path, sizeof path, "%s", put_flow(name, rank));
        for (int i = 0; i < 5; i++) measure_once(path); // what is kept once
        size_t before = mallinfo2().uordblks;
        for (int i = 0; i < 50; i++) measure_once(path);
        size_t grown = mallinfo2().uordblks - before;
        cr_assert(grown < 16 * 1024 || grown > SIZE_MAX / 2, "rank %d: %zu bytes", rank, grown);
    }
}

/* Bytes changed, or cut off: refused or read, without a fault. */
Test(verdict, damaged_measurements_are_refused_or_read)
{
    size_t size;
    char *whole = leadseq_file_read(put_flow("whole.h5", 3), 1 << 24, &size);
    cr_assert(whole, "%s", leadseq_error());
    char path[512];
    snprintf(path, sizeof path, "%s", in_folder("damaged.h5"));
    for (size_t i = 0; i < 120; i++) {
        size_t at = i * 7919 % size, n = i % 4 ? size : at;
        whole[at] ^= 0x55;
        FILE *file = fopen(path, "w");
        cr_assert(file && fwrite(whole, 1, n, file) == n && !fclose(file));
        whole[at] ^= 0x55;
        measure_once(path);
    }
    free(whole);
}

/* --- Several outputs -------------------------------------------------------------------------- */

/* 60 records; A is ranked well, B gets one answer for all. */
static void put_outputs(const char *name)
{
    FILE *out = fopen(in_folder(name), "w");
    cr_assert(out);
    fputs("ecg_id\trecord\tpatient_id\tfold\tsplit\tlabel_A\tlogit_A\tprobability_A\tlabel_B\t"
          "logit_B\tprobability_B\n",
          out);
    for (int i = 0; i < 60; i++) {
        double z = (i * 7 % 60 - 30) / 30. + (i % 3 == 0) * 2;
        fprintf(out, "%d\t%05d\t%d\t9\tvalid\t%d\t%.9g\t%.9g\t", i, i, i, i % 3 == 0, z,
                1 / (1 + exp(-z)));
        fprintf(out, i % 10 ? "%d\t-1\t0.268941421\n" : "\t-1\t0.268941421\n",
                i % 2); // some unknown
    }
    cr_assert_eq(fclose(out), 0);
}

/* Five classes in turn. */
static void put_classes(const char *name)
{
    FILE *out = fopen(in_folder(name), "w");
    cr_assert(out);
    fputs("ecg_id\trecord\tpatient_id\tfold\tsplit\tlabel", out);
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++)
        fprintf(out, "\tlabel_%1$s\tlogit_%1$s\tprobability_%1$s", leadseq_superclass_name[k]);
    fputc('\n', out);
    for (int i = 0; i < 60; i++) {
        fprintf(out, "%d\t%05d\t%d\t9\tvalid\t%s", i, i, i, leadseq_superclass_name[i % 5]);
        for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++)
            fprintf(out, "\t%d\t%g\t0.2", i % 5 == k, (i * 7 + k * 3) % 60 / 60.);
        fputc('\n', out);
    }
    cr_assert_eq(fclose(out), 0);
}

/* The classes' shares of training, weighed and smoothed as the loss does. */
Test(verdict, a_constant_answer_costs_what_the_loss_makes_of_it)
{
    static const double n[] = {60, 30, 18, 9, 3}, weight[] = {1, 2, .5, 4, 10}, e0 = .1;
    cr_assert_eq(leadseq_experiment_set(&e, "data.task", "superclass-single"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.loss", "softmax"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.positive_weight", "[1, 2, 0.5, 4, 10]"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.label_smoothing", "0.1"), 0);
    put("environment.json", "{\"parts\": {\"train\": {\"n\": 120, \"outputs\": {"
                            "\"NORM\": {\"positive\": 60, \"label_unknown\": 0}, "
                            "\"MI\": {\"positive\": 30, \"label_unknown\": 0}, "
                            "\"STTC\": {\"positive\": 18, \"label_unknown\": 0}, "
                            "\"CD\": {\"positive\": 9, \"label_unknown\": 0}, "
                            "\"HYP\": {\"positive\": 3, \"label_unknown\": 0}}}, "
                            "\"patients_on_both_sides\": 0, \"records_of_those\": 0}}");
    put_steps(60, falling);
    put_classes("predictions-valid.tsv");
    struct leadseq_verdict *j = judge();
    double least = INFINITY, all = 0, sum = 0;
    for (int k = 0; k < 5; k++) all += weight[k] * ((1 - e0) * n[k] / 120 + e0 / 5);
    for (int k = 0; k < 5; k++) sum += weight[k] * n[k] / 120;
    for (int side = -1; side <= 1; side++) { // a little to either side of the best answer
        double cost = 0;
        for (int k = 0; k < 5; k++) {
            const double part = weight[k] * ((1 - e0) * n[k] / 120 + e0 / 5);
            const double q = part / all + (k == 0) * .01 * side - (k == 1) * .01 * side;
            cost -= part * log(q) / sum;
        }
        least = fmin(least, cost);
        if (!side)
            cr_assert_float_eq(verdict_constant_cost(&j->v), cost, 1e-9, "%zu outputs: %g, not %g",
                               j->v.n_outputs, verdict_constant_cost(&j->v), cost);
    }
    cr_assert_float_eq(verdict_constant_cost(&j->v), least, 1e-9);
    // 3 of 120 with a weight of ten; all with theirs are 195
    cr_assert_float_eq(verdict_cost_share(&j->v, &j->v.output[4]), 30. / 195, 1e-9);
    leadseq_verdict_free(j);
}

Test(verdict, each_output_is_judged_by_itself)
{
    cr_assert_eq(leadseq_experiment_set(&e, "data.task", "[A, B]"), 0, "%s", leadseq_error());
    put("environment.json",
        "{\"parts\": {\"train\": {\"n\": 120, \"outputs\": {\"A\": {\"positive\": 40, "
        "\"label_unknown\": 0}, \"B\": {\"positive\": 5, \"label_unknown\": 20}}}, "
        "\"patients_on_both_sides\": 0, \"records_of_those\": 0}}");
    put_steps(60, falling);
    put_outputs("predictions-valid.tsv");
    struct leadseq_verdict *j = judge();
    cr_assert_eq(j->v.n_outputs, 2);
    cr_assert_str_eq(j->v.output[0].name, "A");
    cr_assert_eq(j->v.output[0].scored.n, 60);
    cr_assert_eq(j->v.output[1].scored.n, 54, "six labels are unknown");
    cr_assert_eq(j->v.output[1].labelled[LEADSEQ_TRAIN], 100);
    // A: 40 of 120; B: 5 of 100, and 20 records add nothing to the mean over all 120
    double a = -(log(1 / 3.) / 3 + 2 * log(2 / 3.) / 3),
           b = -(.05 * log(.05) + .95 * log(.95)) * 100 / 120;
    cr_assert_float_eq(verdict_constant_cost(&j->v), a + b, 1e-9);
    size_t rare = 0, constant = 0;
    for (size_t i = 0; i < j->all.n; i++) {
        const struct finding *f = &j->all.finding[i];
        bool of_output = *f->output != '\0';
        cr_assert(!of_output || !strcmp(f->output, "B"), "%s of %s", f->id, f->output);
        rare += !strcmp(f->id, "class-imbalance");
        constant += !strcmp(f->id, "constant-classifier");
    }
    cr_assert_eq(rare, 1);
    cr_assert_eq(constant, 1);
    expect_defined(j);
    cr_assert_eq(leadseq_verdict_write(j, NULL), 0, "%s", leadseq_error());
    char *json = leadseq_file_read(in_folder("diagnosis.json"), 1 << 20, NULL);
    cr_assert(json && strstr(json, "\"output\": \"B\""), "%s", json);
    free(json);
    leadseq_verdict_free(j);
}

/* Windows that are too short to be halved five times. */
Test(verdict, the_yardstick_of_signals_fits_short_windows)
{
    struct leadseq_experiment yardstick;
    struct verdict_output output = {0};
    struct verdict v = {.e = &e, .output = &output, .n_outputs = 1, .now = &output};
    leadseq_experiment_default(&e);
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "lstm1d"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "data.crop", "31"), 0);
    cr_assert_eq(verdict_yardstick(&v, &yardstick), 0, "%s", leadseq_error());
    cr_assert(leadseq_experiment_says(&yardstick, "model.pool", "1"));
    cr_assert_eq(leadseq_experiment_set(&e, "data.crop", "32"), 0);
    cr_assert_eq(verdict_yardstick(&v, &yardstick), 0, "%s", leadseq_error());
    cr_assert(leadseq_experiment_says(&yardstick, "model.pool", "2"));
}
