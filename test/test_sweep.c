/* SPDX-License-Identifier: MIT
 *
 * Plans of sweeps: what values, ranges and assignments are refused and why; which
 * jobs they make; that a plan reads back the same and a changed one is refused. */
#include "sweep/sweep_private.h"
#include "tiny_run.h"

static struct leadseq_experiment standard(void)
{
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    return e;
}

/* Assignments, ended by NULL. */
static int plan(struct leadseq_sweep *s, const char *const *assignment)
{
    struct leadseq_experiment e = standard();
    size_t n = 0;
    while (assignment[n]) n++;
    leadseq_error_clear();
    return leadseq_sweep_plan(s, &e, (char *const *)assignment, n);
}
#define PLAN(s, ...) plan(s, (const char *const[]){__VA_ARGS__, NULL})

static const struct refused {
    const char *assignment[3], *said;
} refused[] = {
    {{""}, "key=value"},
    {{"train.lr"}, "key=value"},
    {{"train.lr="}, "key=value"},
    {{"=1"}, "key=value"},
    {{"train.lrr=1,2"}, "did you mean train.lr"},
    {{"include=a.yaml,b.yaml"}, "no such option"},
    {{"train.lr=1e-3,"}, "found nothing"},
    {{"train.lr=,1e-3"}, "found nothing"},
    {{"train.lr=1e-3,,1e-4"}, "found nothing"},
    {{"train.lr=1e-3,fast"}, "expected a number above 0"},
    {{"train.lr=0,1"}, "expected a number above 0"},
    {{"train.lr=1e-3,0.001"}, "0.001 appears twice"},
    {{"seed=1,2,1"}, "1 appears twice"},
    {{"seed=1..3,2"}, "2 appears twice"},
    {{"model.hidden=[10],[ 10 ]"}, "[10] appears twice"},
    {{"seed=1", "seed=2"}, "the key appears twice"},
    {{"seed=1..2", "seed=3..4"}, "seed=a,b"},
    {{"seed=5..1"}, "is empty"},
    {{"seed=1.."}, "a number after .."},
    {{"seed=..5"}, "a number before .."},
    {{"seed=1..x"}, "a number after .."},
    {{"seed=1..5:"}, "a step above 0"},
    {{"seed=1..5:0"}, "a step above 0"},
    {{"seed=1..5:-1"}, "a step above 0"},
    {{"seed=1..5:2x"}, "a step above 0"},
    {{"seed=1..5..9"}, "a number after .."},
    {{"seed=1..inf"}, "a number after .."},
    {{"seed=1..0x10"}, "a number after .."},
    {{"seed=0..1e18"}, "a number after .."},
    {{"train.lr=1e-5..1e-2"}, "fractions needs a step"},
    {{"train.lr=1e-5..1e-2:log"}, "number of values"},
    {{"train.lr=1e-5..1e-2:log1"}, "number of values"},
    {{"train.lr=0..1e-2:log3"}, "begins above 0"},
    {{"train.batch=1..2:0.5"}, "a whole number"},
    {{"train.optimizer=adam..sgd"}, "sgd, adam or adamw"},
    {{"seed=0..999999"}, "at most 9999 values"},
    {{"seed=1..1000", "train.batch=1..1000"}, "1000000 jobs"},
    {{"data.train=1,2"}, "one list or several values"},
    {{"data.train=[1,2],3"}, "one list or several values"},
    {{"data.leads=I,II"}, "one list or several values"},
    {{"data.train=[1,2"}, "do not match"},
    {{"data.train=1]"}, "do not match"},
    {{"data.train=[[1]]"}, "do not match"},
    {{"data.train=[1,2],[9]"}, "job 0002 (data.train=[9]): data.train and data.valid"},
    {{"train.positive_weight=1,3"}, "job 0002"},
};

Test(sweep, what_cannot_be_swept_over_is_refused_in_words)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(refused); i++) {
        const struct refused *r = &refused[i];
        struct leadseq_sweep s;
        cr_expect_eq(plan(&s, r->assignment), -1, "%s is accepted", r->assignment[0]);
        cr_expect(strstr(leadseq_error(), r->said), "%s: expected \"%s\" in: %s", r->assignment[0],
                  r->said, leadseq_error());
        cr_expect_null(s.cell);
    }
}

static const struct values {
    const char *assignment, *values; /* with blanks between them; those of a list have none */
} values[] = {
    {"train.lr=1e-3,1e-4", "0.001 0.0001"},
    {"seed=1..5", "1 2 3 4 5"},
    {"seed=1..10:4", "1 5 9"},
    {"seed=7,1..3", "7 1 2 3"},
    {"train.lr=1e-5..1e-2:log4", "1e-05 0.0001 0.001 0.01"},
    {"train.batch=1..16:log5", "1 2 4 8 16"},
    {"train.weight_decay=0..0.5:0.1", "0 0.1 0.2 0.3 0.4 0.5"},
    {"model.forget_bias=-1..1", "-1 0 1"},
    {"model.hidden=[10],[16,32]", "[10] [16,32]"},
    {"data.leads=ordered,shuffled,[I,II]", "ordered shuffled [I,II]"},
    {"data.train=[1,2,3],[1]", "[1,2,3] [1]"},
    {"train.optimizer=sgd,adam", "sgd adam"},
    {"data.invert=true,false", "true false"},
    {"name=a..b,c", "a..b c"},
};

/* "[1, 2]" without its blank. */
static void squeeze(char *text)
{
    char *to = text;
    for (; *text; text++)
        if (*text != ' ') *to++ = *text;
    *to = '\0';
}

Test(sweep, lists_and_ranges_have_the_values_they_say)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(values); i++) {
        struct leadseq_sweep s;
        char found[256] = "";
        cr_assert_eq(PLAN(&s, values[i].assignment), 0, "%s", leadseq_error());
        for (size_t job = 0; job < s.n_jobs; job++) {
            squeeze(s.cell[job]);
            if (job) strcat(found, " ");
            strcat(found, s.cell[job]);
        }
        cr_expect_str_eq(found, values[i].values);
        cr_expect_eq(s.n_keys, 1);
        leadseq_sweep_clear(&s);
    }
}

Test(sweep, every_combination_is_a_job_and_the_last_key_changes_fastest)
{
    struct leadseq_sweep s;
    struct leadseq_experiment e;
    cr_assert_eq(PLAN(&s, "train.lr=1e-3,1e-4", "train.epochs=7", "seed=1..3"), 0);
    cr_expect_eq(s.n_jobs, 6);
    cr_expect_eq(s.n_keys, 2);
    char *setting = leadseq_sweep_setting(&s, 4);
    cr_expect_str_eq(setting, "train.lr=0.0001 seed=2");
    free(setting);
    cr_assert_eq(leadseq_sweep_experiment(&s, 4, &e), 0);
    cr_expect_eq(e.train.lr, 1e-4);
    cr_expect_eq(e.seed, 2);
    cr_expect_eq(e.train.epochs, 7);
    leadseq_sweep_clear(&s);
    cr_assert_eq(PLAN(&s, "train.epochs=7"), 0);
    cr_expect_eq(s.n_jobs, 1, "nothing swept: one job");
    leadseq_sweep_clear(&s);
}

Test(sweep, defaults_follow_a_model_type_that_is_swept)
{
    struct leadseq_sweep s;
    struct leadseq_experiment e;
    cr_assert_eq(PLAN(&s, "model.type=convlstm,cnn"), 0);
    cr_assert_eq(leadseq_sweep_experiment(&s, 1, &e), 0);
    cr_expect(leadseq_experiment_says(&e, "model.hidden", "[16, 32, 64, 128]"));
    cr_expect(leadseq_experiment_says(&e, "model.head", "mean"));
    leadseq_sweep_clear(&s);
}

/* --- The folder ------------------------------------------------------------------------------- */

static int begin(struct leadseq_sweep *s, const char *stack, const char *folder_name,
                 const char *const *assignment)
{
    struct leadseq_experiment e = TINY("train.epochs", "1", "diagnose.probes", "none");
    size_t n = 0;
    while (assignment[n]) n++;
    leadseq_error_clear();
    cr_assert_eq(leadseq_sweep_plan(s, &e, (char *const *)assignment, n), 0, "%s", leadseq_error());
    return leadseq_sweep_begin(s, folder_name, stack);
}
#define BEGIN(s, stack, folder, ...)                                                               \
    begin(s, stack, folder, (const char *const[]){__VA_ARGS__, NULL})

static const struct changed {
    const char *assignment[3], *said;
} changed[] = {
    {{"train.lr=1e-3,1e-4", "seed=1..3"}, "job 0003: the sweep was planned with train.lr=0.0001"},
    {{"train.lr=1e-3,1e-5", "seed=1,2"}, "train.lr=0.0001 seed=1, now it says train.lr=1e-05"},
    {{"train.lr=1e-3,1e-4", "train.batch=4,8"},
     "swept keys: the sweep was planned with train.lr, seed"},
    {{"train.lr=1e-3,1e-4"}, "swept keys"},
    {{"train.lr=1e-3", "seed=1,2"}, "train.lr: the sweep was planned with 0.01, now it says 0.001"},
    {{"train.lr=1e-3,1e-4,1e-5", "seed=1,2"}, "number of jobs: the sweep was planned with 4"},
};

Test(sweep, a_changed_plan_is_refused_and_the_same_one_is_not, .init = tiny_begin,
     .fini = remove_folder)
{
    struct leadseq_sweep s;
    const char *stack = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    const char *other = tiny_write("other.h5", (struct tiny_stack){.n = 100, .first = 7});
    const char *out = in_folder("sweep");
    cr_assert_eq(BEGIN(&s, stack, out, "train.lr=1e-3,1e-4", "seed=1,2"), 0, "%s", leadseq_error());
    leadseq_sweep_clear(&s);
    cr_expect_eq(BEGIN(&s, stack, out, "train.lr=0.001,0.0001", "seed=1..2"), 0,
                 "the same, said otherwise: %s", leadseq_error());
    leadseq_sweep_clear(&s);
    for (size_t i = 0; i < LEADSEQ_COUNT(changed); i++) {
        cr_expect_eq(begin(&s, stack, out, changed[i].assignment), -1, "case %zu", i);
        cr_expect(strstr(leadseq_error(), changed[i].said), "case %zu: %s", i, leadseq_error());
        leadseq_sweep_clear(&s);
    }
    cr_expect_eq(BEGIN(&s, other, out, "train.lr=1e-3,1e-4", "seed=1,2"), -1);
    cr_assert_error_has("stack: the sweep was planned with fnv1a:");
    leadseq_sweep_clear(&s);
}

Test(sweep, what_cannot_be_begun_leaves_nothing, .init = tiny_begin, .fini = remove_folder)
{
    struct leadseq_sweep s;
    const char *stack = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    cr_expect_eq(BEGIN(&s, in_folder("absent.h5"), in_folder("new"), "seed=1,2"), -1);
    cr_assert_error_has("absent.h5");
    leadseq_sweep_clear(&s);
    cr_expect_eq(BEGIN(&s, stack, in_folder("new"), "data.size=any,32x32"), -1);
    cr_assert_error_has("job 0002");
    cr_expect(!leadseq_path_exists(in_folder("new")));
    leadseq_sweep_clear(&s);
    cr_expect_eq(BEGIN(&s, stack, stack, "seed=1,2"), -1);
    cr_assert_error_has("found a file");
    leadseq_sweep_clear(&s);
    cr_expect_eq(BEGIN(&s, stack, folder, "seed=1,2"), -1);
    cr_assert_error_has("found other files");
    leadseq_sweep_clear(&s);
    cr_expect_eq(BEGIN(&s, stack, "/proc/self/new", "seed=1,2"), -1);
    leadseq_sweep_clear(&s);
}

static const struct broken {
    const char *name, *text, *said;
} broken[] = {
    {"jobs.tsv", "", "jobs.tsv"},
    {"jobs.tsv", "job\tseed\n", "1 to 9999 jobs"},
    {"jobs.tsv", "number\tseed\n0001\t1\n", "first column is job"},
    {"jobs.tsv", "job\tseed\n0002\t1\n", "expected job 0001"},
    {"jobs.tsv", "job\tseed\n0001\tx\n", "job 0001: seed"},
    {"jobs.tsv", "job\tsede\n0001\t1\n", "did you mean seed"},
    {"base.yaml", "train:\n  lrr: 1\n", "base.yaml: train.lrr"},
    {"sweep.json", "{}", "expected stack and stack_checksum"},
    {"sweep.json", "{", "sweep.json"},
};

Test(sweep, a_broken_plan_is_refused_and_the_file_named, .init = tiny_begin, .fini = remove_folder)
{
    const char *stack = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    for (size_t i = 0; i < LEADSEQ_COUNT(broken); i++) {
        struct leadseq_sweep s;
        char name[64];
        snprintf(name, sizeof name, "sweep%zu", i);
        cr_assert_eq(BEGIN(&s, stack, in_folder(name), "seed=1,2"), 0, "%s", leadseq_error());
        leadseq_sweep_clear(&s);
        snprintf(name, sizeof name, "sweep%zu/%s", i, broken[i].name);
        put(name, broken[i].text);
        snprintf(name, sizeof name, "sweep%zu", i);
        leadseq_error_clear();
        cr_expect_eq(leadseq_sweep_open(&s, in_folder(name), NULL), -1, "case %zu", i);
        cr_expect(strstr(leadseq_error(), broken[i].said), "case %zu: %s", i, leadseq_error());
    }
}

/* --- Jobs ------------------------------------------------------------------------------------- */

Test(sweep, a_job_is_trained_once_and_one_that_failed_again, .init = tiny_begin,
     .fini = remove_folder)
{
    struct leadseq_sweep s;
    struct leadseq_job_options how = {.threads = 1};
    char *why = NULL;
    const char *stack = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    cr_assert_eq(BEGIN(&s, stack, in_folder("sweep"), "train.lr=0.01,0.02"), 0);
    leadseq_sweep_clear(&s);
    cr_assert_eq(leadseq_sweep_open(&s, in_folder("sweep"), NULL), 0, "%s", leadseq_error());
    cr_expect_eq(leadseq_sweep_state(&s, 1, NULL), LEADSEQ_JOB_WAITING);
    cr_assert_eq(leadseq_sweep_run(&s, 1, &how), 0, "%s", leadseq_error());
    cr_expect_eq(leadseq_sweep_state(&s, 1, NULL), LEADSEQ_JOB_FINISHED);
    cr_expect_eq(leadseq_sweep_epochs(&s, 1), 1);
    char *text = run_text(in_folder("sweep/0002"), "overrides.txt");
    cr_expect_str_eq(text, "train.lr=0.02\n");
    free(text);
    cr_assert_eq(rename(stack, in_folder("moved.h5")), 0);
    cr_expect_eq(leadseq_sweep_run(&s, 1, &how), 0, "what is finished needs no stack");
    cr_expect_eq(leadseq_sweep_run(&s, 0, &how), -1);
    cr_assert_error_has("stack.h5");
    cr_expect_eq(leadseq_sweep_state(&s, 0, &why), LEADSEQ_JOB_FAILED);
    cr_expect(why && strstr(why, "stack.h5"), "%s", why ? why : "(no reason)");
    free(why);
    leadseq_sweep_clear(&s);
    cr_assert_eq(leadseq_sweep_open(&s, in_folder("sweep"), in_folder("moved.h5")), 0, "%s",
                 leadseq_error());
    cr_expect_eq(leadseq_sweep_run(&s, 0, &how), 0, "%s", leadseq_error());
    cr_expect_eq(leadseq_sweep_state(&s, 0, NULL), LEADSEQ_JOB_FINISHED);
    leadseq_sweep_clear(&s);
}

Test(sweep, a_job_that_was_stopped_is_begun_and_goes_on, .init = tiny_begin, .fini = remove_folder)
{
    struct leadseq_sweep s;
    struct leadseq_job_options how = {.threads = 1};
    const char *stack = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    cr_assert_eq(BEGIN(&s, stack, in_folder("sweep"), "seed=1,2"), 0);
    leadseq_stop_request(15);
    cr_expect_eq(leadseq_sweep_run(&s, 0, &how), 0);
    cr_expect_eq(leadseq_sweep_state(&s, 0, NULL), LEADSEQ_JOB_BEGUN);
    leadseq_stop_request(0);
    cr_expect_eq(leadseq_sweep_run(&s, 0, &how), 0, "%s", leadseq_error());
    cr_expect_eq(leadseq_sweep_state(&s, 0, NULL), LEADSEQ_JOB_FINISHED);
    leadseq_sweep_clear(&s);
}
