/* SPDX-License-Identifier: MIT
 *
 * The ladder on a stack whose label can be seen: a rate that saturates the
 * output at once, and the changes that undo it. */
#include "diagnosed_run.h"
#include "page/page.h"
#include "tiny_run.h"

#include <math.h>
#include <sys/stat.h>

TestSuite(remedies, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

/* Flattened and far too fast: dead after a step. */
static struct leadseq_experiment dying(void)
{
    return TINY("model.head", "flatten", "train.loss", "bce", "train.lr", "3", "train.epochs", "4",
                "train.threads", "1");
}

static const char *stack(void)
{
    return tiny_write("stack.h5", (struct tiny_stack){.n = TINY_RECORDS});
}

static int interrupted; // the signal that comes when the diagnosis is written; 0: none

static int diagnose(const struct leadseq_experiment *e, const char *only, int steps,
                    const char *data)
{
    struct leadseq_remedies_options remedies = {.steps = steps, .paired = 2, .only = only};
    struct leadseq_verdict_options options = {
        .data = data, .out = in_folder("out"), .rehearse = true};
    if (leadseq_remedies_check(e, &remedies)) return -1;
    struct leadseq_verdict *v = diagnosed(in_folder("run"), e, &options);
    int status = leadseq_verdict_write(v, NULL);
    leadseq_stop_request(interrupted ? interrupted : leadseq_stop_signal());
    if (!status) status = remedied(v, &remedies);
    leadseq_verdict_free(v);
    return status;
}

static struct leadseq_json *report(void)
{
    struct leadseq_json *json = leadseq_json_read(in_folder("out/diagnosis.json"));
    cr_assert(json, "%s", leadseq_error());
    return json;
}

static time_t changed_at(const char *name)
{
    struct stat s;
    cr_assert_eq(stat(in_folder(name), &s), 0, "%s", name);
    return s.st_mtim.tv_sec * 1000 + s.st_mtim.tv_nsec / 1000000;
}

Test(remedies, the_plan_has_every_change_that_means_something)
{
    struct leadseq_experiment e;
    struct leadseq_remedies_options options = {.steps = 10};
    struct leadseq_remedies *l = calloc(1, sizeof *l);
    leadseq_experiment_default(&e);
    l->e = &e;
    l->options = &options;
    remedies_plan(l);
    static const char *const expected[] = {
        "loss-logits", "lr-div-1e1",  "lr-div-1e6",    "head-mean",  "head-max",  "head-mean-max",
        "invert",      "standardise", "forget-bias-1", "orthogonal", "head-norm", "cell-norm",
        "clip-1",      "sgd",         "adamw",         "warm-up",    "batch-x8",  "stem-conv",
        "stem-patch",  "fixed-mv",    "leads-shuffled"};
    for (size_t i = 0; i < LEADSEQ_COUNT(expected); i++) {
        bool found = false;
        for (int k = 0; k < l->n_remedies; k++) found |= !strcmp(l->remedy[k].name, expected[i]);
        cr_expect(found, "%s", expected[i]);
    }
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "cnn"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.loss", "bce-logits"), 0);
    remedies_plan(l);
    for (int k = 0; k < l->n_remedies; k++)
        cr_expect(strcmp(l->remedy[k].name, "forget-bias-1") &&
                      strcmp(l->remedy[k].name, "loss-logits"),
                  "%s", l->remedy[k].name);
    leadseq_experiment_default(&e);
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "cnn1d"), 0);
    remedies_plan(l);
    for (int k = 0; k < l->n_remedies; k++)
        cr_expect(strcmp(l->remedy[k].name, "invert"), "signals have neither ink nor paper");
    free(l);
}

/* Another optimiser or schedule goes without the options that the run had set of its own. */
Test(remedies, every_change_is_possible_whatever_the_optimizer_and_schedule_were)
{
    struct leadseq_experiment e;
    struct leadseq_remedies_options options = {.only = "adamw,warm-up"};
    struct leadseq_remedies *l = calloc(1, sizeof *l);
    leadseq_experiment_default(&e);
    static const char *const set[][2] = {{"train.optimizer", "sgd"},
                                         {"train.momentum", "0.9"},
                                         {"train.schedule", "cosine"},
                                         {"train.min_lr", "1e-5"}};
    for (size_t i = 0; i < LEADSEQ_COUNT(set); i++)
        cr_assert_eq(leadseq_experiment_set(&e, set[i][0], set[i][1]), 0);
    l->e = &e;
    l->options = &options;
    remedies_plan(l);
    cr_assert_eq(l->n_remedies, 2);
    for (int k = 0; k < l->n_remedies; k++) {
        struct leadseq_experiment changed;
        cr_assert(ladder_add(l, (int[]){k}, 1));
        cr_assert_eq(rung_experiment(l, &l->rung[k], &changed), 0, "%s", leadseq_error());
    }
    free(l);
}

Test(remedies, two_changes_of_the_same_thing_are_never_paired)
{
    struct leadseq_experiment e;
    struct leadseq_remedies_options options = {.only = "head-mean,head-max,invert"};
    struct leadseq_remedies *l = calloc(1, sizeof *l);
    leadseq_experiment_default(&e);
    l->e = &e;
    l->options = &options;
    remedies_plan(l);
    cr_assert_eq(l->n_remedies, 3);
    cr_assert_not(ladder_add(l, (int[]){0, 1}, 2));
    cr_assert(ladder_add(l, (int[]){0, 2}, 2));
    cr_assert_not(ladder_add(l, (int[]){0, 2}, 2), "once is enough");
    cr_assert_str_eq(l->rung[0].name, "head-mean+invert");
    free(l);
}

Test(remedies, a_name_that_is_none_is_refused_before_anything_is_done)
{
    struct leadseq_experiment e = dying();
    const char *const wrong[] = {"stem", "head-mean,", "invert,lr-div-1e7"}, *data = stack();
    for (size_t i = 0; i < LEADSEQ_COUNT(wrong); i++) {
        cr_assert_neq(diagnose(&e, wrong[i], 4, data), 0);
        cr_assert(strstr(leadseq_error(), "is not one of them; expected"), "%s", leadseq_error());
        cr_assert(strstr(leadseq_error(), "stem-conv"), "the names are told: %s", leadseq_error());
        cr_assert_not(leadseq_path_exists(in_folder("out")));
    }
}

/* The smallest change that learns is reported with the failure it cures. A second search reuses
 * the trainings of the first. */
Test(remedies, what_cures_a_dead_output_is_found_and_kept)
{
    struct leadseq_experiment e = dying();
    const char *data = stack();
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert_eq(diagnose(&e, "lr-div-1e2,lr-div-1e6,clip-1", 40, data), 0, "%s", leadseq_error());
    struct leadseq_json *json = report();
    char *text = run_text(in_folder("out"), "remedies.tsv");
    cr_assert_str_eq(leadseq_json_text(json, "remedies.least_change"), "lr-div-1e2", "%s", text);
    cr_assert(strstr(text, "as-it-was\tyes"), "%s", text);
    cr_assert(strstr(text, "clip-1\tyes"), "clipping cannot help Adam: %s", text);
    cr_assert(strstr(text, "lr-div-1e6\tno"), "%s", text);
    leadseq_json_free(json);
    cr_assert_eq(leadseq_log_level(LEADSEQ_LOG_WARN), LEADSEQ_LOG_WARN,
                 "the caller's level, which tiny_begin() set, is put back");
    time_t before = changed_at("out/remedies/lr-div-1e2/steps.tsv");
    cr_assert_eq(diagnose(&e, "lr-div-1e2,lr-div-1e6,clip-1", 40, data), 0, "%s", leadseq_error());
    char *again = run_text(in_folder("out"), "remedies.tsv");
    cr_assert_str_eq(again, text);
    cr_assert_eq(changed_at("out/remedies/lr-div-1e2/steps.tsv"), before);
    free(text);
    free(again);
}

Test(remedies, an_interrupted_ladder_goes_on_where_it_stood)
{
    struct leadseq_experiment e = dying();
    const char *data = stack();
    cr_assert_trains(&e, data, in_folder("run"), false);
    setenv("GNUPLOT", "/nowhere/gnuplot", 1); // which the signal would end
    leadseq_stop_request(2);                  // before its first training has taken a second step
    cr_assert_eq(diagnose(&e, "lr-div-1e2", 20, data), 0, "%s", leadseq_error());
    leadseq_stop_request(0);
    cr_assert(leadseq_path_exists(in_folder("out/diagnosis.html")));
    cr_assert_not(leadseq_path_exists(in_folder("out/remedies/lr-div-1e2")));
    cr_assert_eq(diagnose(&e, "lr-div-1e2", 20, data), 0, "%s", leadseq_error());
    char *text = run_text(in_folder("out"), "remedies.tsv");
    cr_assert_eq(count_lines(text), 3, "%s", text);
    free(text);
}

Test(remedies, a_signal_during_the_ladder_loses_nothing)
{
    struct leadseq_experiment e = dying();
    const char *data = stack();
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert_eq(diagnose(&e, "lr-div-1e2", 20, data), 0, "%s", leadseq_error());
    cr_assert_eq(remove(in_folder("out/remedies.tsv")), 0);
    interrupted = 2;
    cr_assert_eq(diagnose(&e, "lr-div-1e2", 20, data), 0, "%s", leadseq_error());
    cr_assert(leadseq_path_exists(in_folder("out/remedies.tsv")));
    cr_assert(leadseq_path_exists(in_folder("out/diagnosis.html")));
}

Test(remedies, a_ladder_of_other_lengths_is_not_mixed_in)
{
    struct leadseq_experiment e = dying();
    const char *data = stack();
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert_eq(diagnose(&e, "invert", 5, data), 0, "%s", leadseq_error());
    cr_assert_eq(diagnose(&e, "invert", 6, data), -1);
    cr_assert_error_has("other lengths");
}

/* What a version with fewer options wrote. */
Test(remedies, a_ladder_of_an_earlier_version_goes_on)
{
    struct leadseq_experiment e = dying();
    const char *data = stack();
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert_eq(diagnose(&e, "invert", 5, data), 0, "%s", leadseq_error());
    char *text = run_text(in_folder("out/remedies"), "settings.txt");
    char *line = strstr(text, "  head_norm: false\n");
    cr_assert(line, "%s", text);
    memmove(line, line + 19, strlen(line + 19) + 1);
    FILE *f = fopen(in_folder("out/remedies/settings.txt"), "w");
    cr_assert(f && fputs(text, f) >= 0 && !fclose(f));
    cr_assert_eq(diagnose(&e, "invert", 5, data), 0, "%s", leadseq_error());
    char *seed = strstr(text, "seed: ");
    cr_assert(seed);
    seed[6] = '9';
    f = fopen(in_folder("out/remedies/settings.txt"), "w");
    cr_assert(f && fputs(text, f) >= 0 && !fclose(f));
    cr_assert_eq(diagnose(&e, "invert", 5, data), -1);
    cr_assert_error_has("another experiment");
    free(text);
}

Test(remedies, without_the_stack_they_are_refused)
{
    struct leadseq_experiment e = dying();
    const char *data = stack();
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert_eq(unlink(data), 0);
    cr_assert_eq(diagnose(&e, "invert", 5, NULL), -1);
    cr_assert_error_has("--data");
}
