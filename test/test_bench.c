/* SPDX-License-Identifier: MIT */
#include "bench/bench_private.h"
#include "tiny_run.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(bench, .init = tiny_begin, .fini = remove_folder);

/* --- Samples ---------------------------------------------------------------------------- */

static struct leadseq_bench_spread spread_of(double *value, size_t n)
{
    return leadseq_bench_spread(&(struct leadseq_bench_samples){value, n});
}

Test(bench, a_spread_has_the_quartiles_numpy_has)
{
    double value[] = {7, 1, 4, 2}; /* numpy.percentile(value, [0, 25, 50, 75, 100]) */
    struct leadseq_bench_spread s = spread_of(value, 4);
    cr_assert(s.least == 1 && s.low == 1.75 && s.median == 3 && s.high == 4.75 && s.most == 7);
    cr_assert_eq(value[0], 7, "samples keep their order, round by round");
    double odd[] = {5, 3, 9};
    s = spread_of(odd, 3);
    cr_assert(s.low == 4 && s.median == 5 && s.high == 7);
}

Test(bench, one_sample_is_its_own_spread_and_none_is_none)
{
    double one = 2.5;
    struct leadseq_bench_spread s = spread_of(&one, 1);
    cr_assert(s.least == 2.5 && s.low == 2.5 && s.median == 2.5 && s.high == 2.5 && s.most == 2.5);
    s = spread_of(NULL, 0);
    cr_assert(isnan(s.median) && isnan(s.low) && isnan(s.most));
}

Test(bench, ratios_are_those_of_each_round)
{
    /* a slow machine in the second round is slow for both: the ratio stays */
    double a[] = {2, 20, 2, 3}, b[] = {1, 10, 1, 1};
    struct leadseq_bench_samples x = {a, 4}, y = {b, 4}, none = {NULL, 0};
    struct leadseq_bench_spread s = leadseq_bench_ratio(&x, &y);
    cr_assert(s.median == 2 && s.least == 2 && s.most == 3);
    cr_assert(isnan(leadseq_bench_ratio(&x, &none).median));
    /* 120 operations in 2, 20, 2, 3 s; of a machine that does 100, 10, 100, 50 a second */
    double machine[] = {100, 10, 100, 50};
    struct leadseq_bench_samples ceiling = {machine, 4};
    s = leadseq_bench_rate(120, &x, NULL);
    cr_assert(s.most == 60 && s.least == 6 && s.median == 50);
    s = leadseq_bench_rate(120, &x, &ceiling);
    cr_assert_float_eq(s.median, .6, 1e-12, "the machine was slow, not the program");
    cr_assert_float_eq(s.most, .8, 1e-12);
    cr_assert(isnan(leadseq_bench_rate(120, &x, &none).median));
}

/* --- Shapes ------------------------------------------------------------------------------- */

Test(bench, every_shape_is_an_experiment_that_can_be_trained)
{
    int n = 0;
    for (const struct leadseq_bench_shape *s = leadseq_bench_shapes; s->name; s++, n++) {
        struct leadseq_experiment e;
        cr_assert_eq(leadseq_bench_experiment(&e, s->name), 0, "%s", leadseq_error());
        cr_assert_eq(leadseq_experiment_check(&e), 0, "%s: %s", s->name, leadseq_error());
        cr_assert_str_eq(e.name, s->name);
        cr_assert(e.data.crop > 0 || (e.data.width > 0 && e.data.height > 0));
        struct leadseq_model_spec spec = e.model;
        spec.leads = e.data.n_leads, spec.channels = 1;
        spec.height = e.data.crop ? 1 : e.data.height;
        spec.width = e.data.crop ? (int)e.data.crop : e.data.width;
        cr_assert_eq(leadseq_model_spec_check(&spec), 0, "%s: %s", s->name, leadseq_error());
    }
    cr_assert_geq(n, 5);
}

Test(bench, the_papers_shape_is_the_papers)
{
    struct leadseq_experiment e;
    cr_assert_eq(leadseq_bench_experiment(&e, "paper"), 0);
    cr_assert_str_eq(e.model.type->name, "convlstm");
    cr_assert(leadseq_experiment_says(&e, "model.hidden", "[10]") &&
              leadseq_experiment_says(&e, "model.kernel", "3") &&
              leadseq_experiment_says(&e, "model.head", "flatten"));
    cr_assert(e.data.n_leads == 12 && e.data.width == 512 && e.data.height == 512);
    cr_assert(e.train.batch == 2 && !strcmp(leadseq_loss_name(e.train.loss), "bce"));
}

Test(bench, an_unknown_shape_is_told_the_others)
{
    struct leadseq_experiment e;
    cr_assert_eq(leadseq_bench_experiment(&e, "papre"), -1);
    cr_assert(strstr(leadseq_error(), "papre") && strstr(leadseq_error(), "paper-small"));
}

/* --- Processes -------------------------------------------------------------------------------- */

static int toy_open(const void *job, void **state, FILE *reply)
{
    *state = (void *)job;
    fputs("a toy", reply);
    return 0;
}

static int toy_run(void *state, int times, FILE *reply)
{
    if (times == 13) return leadseq_fail("13 brings bad luck");
    if (times == 99) raise(SIGKILL);
    fprintf(reply, "%d %d", times, *(const int *)state);
    return 0;
}

static void toy_close(void *state)
{
    (void)state;
}

static const struct bench_role toy = {"toy", toy_open, toy_run, NULL, toy_close};

Test(bench, a_process_answers_what_it_is_asked)
{
    struct bench_worker w;
    char reply[BENCH_LINE];
    int job = 7;
    double value[2], peak;
    cr_assert_eq(bench_worker_fork(&w, "toy", &toy, &job), 0, "%s", leadseq_error());
    cr_assert_eq(bench_worker_ask(&w, "open", reply), 0, "%s", leadseq_error());
    cr_assert_str_eq(reply, "a toy");
    cr_assert_eq(bench_worker_numbers(&w, "run 3", value, 2), 0, "%s", leadseq_error());
    cr_assert(value[0] == 3 && value[1] == 7);
    cr_assert_eq(bench_worker_numbers(&w, "peak", &peak, 1), 0);
    cr_assert(peak > 1e5 && peak < 1e9, "%g", peak);
    cr_assert_eq(bench_worker_numbers(&w, "run 13", value, 2), -1);
    cr_assert_str_eq(leadseq_error(), "toy: 13 brings bad luck");
    cr_assert_eq(bench_worker_numbers(&w, "loop 3", value, 2), -1);
    cr_assert(strstr(leadseq_error(), "unknown request 'loop 3'"));
    cr_assert_eq(bench_worker_numbers(&w, "run 5", value, 2), 0, "it continues after a failure");
    bench_worker_end(&w);
    bench_worker_end(&w);
}

Test(bench, a_process_that_dies_is_told)
{
    struct bench_worker w;
    char reply[BENCH_LINE];
    int job = 7;
    cr_assert_eq(bench_worker_fork(&w, "toy", &toy, &job), 0);
    cr_assert_eq(bench_worker_ask(&w, "open", reply), 0);
    cr_assert_eq(bench_worker_ask(&w, "run 99", reply), -1);
    cr_assert(strstr(leadseq_error(), "signal 9") && strstr(leadseq_error(), "memory"), "%s",
              leadseq_error());
    cr_assert_eq(bench_worker_ask(&w, "run 1", reply), -1, "and nothing hangs then");
    bench_worker_end(&w);
}

Test(bench, a_wish_to_stop_is_seen_before_the_next_question)
{
    struct bench_worker w;
    char reply[BENCH_LINE];
    int job = 7;
    cr_assert_eq(bench_worker_fork(&w, "toy", &toy, &job), 0);
    cr_assert_eq(bench_worker_ask(&w, "open", reply), 0);
    leadseq_stop_request(SIGTERM);
    cr_assert_eq(bench_worker_ask(&w, "run 1", reply), -1);
    cr_assert(strstr(leadseq_error(), "stopped by SIGTERM"), "%s", leadseq_error());
    leadseq_stop_request(0);
    bench_worker_end(&w);
}

static void ask_command(const char *command, const char *request, const char *expected)
{
    struct bench_worker w;
    char *words[] = {(char[]){"a word"}, NULL};
    cr_assert_eq(bench_worker_command(&w, "other", command, words), 0);
    double value;
    cr_assert_eq(bench_worker_numbers(&w, request, &value, 1), -1);
    cr_assert(strstr(leadseq_error(), expected), "%s", leadseq_error());
    bench_worker_end(&w);
}

Test(bench, a_command_that_does_not_answer_is_told)
{
    ask_command("/no/such/program 2>/dev/null", "open", "ended with status 127");
    ask_command("false", "open", "ended with status 1");
    ask_command("echo what", "open", "found 'what a word'");
    ask_command("echo ok none", "open", "expected 1 numbers, found 'none a word'");
    ask_command("sh -c 'echo failed \"$0\"'", "open", "other: a word");
}

/* --- The ceiling and a whole measurement ------------------------------------------------------ */

Test(bench, the_ceiling_is_higher_than_what_a_small_network_reaches)
{
    struct leadseq_engine *engine =
        leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1});
    cr_assert(engine, "%s", leadseq_error());
    struct leadseq_ceiling *c = leadseq_ceiling_new(engine);
    cr_assert(c, "%s", leadseq_error());
    double best = 0;
    for (int i = 0; i < 5; i++) best = fmax(best, leadseq_ceiling_run(c));
    cr_assert(best > 1e8 && best < 1e15, "%g", best);
    leadseq_ceiling_free(c);
    leadseq_ceiling_free(NULL);
    leadseq_engine_close(engine);
}

static struct leadseq_experiment small(const char *const *more)
{
    struct leadseq_experiment e;
    cr_assert_eq(leadseq_bench_experiment(&e, "paper"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "data.size", "24x16"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.threads", "1"), 0);
    for (; more && *more; more += 2)
        cr_assert_eq(leadseq_experiment_set(&e, more[0], more[1]), 0, "%s", leadseq_error());
    return e;
}

static double median(const struct leadseq_bench_samples *s)
{
    return leadseq_bench_spread(s).median;
}

Test(bench, everything_of_a_small_network_is_measured)
{
    struct leadseq_experiment e = small(NULL);
    struct leadseq_bench_options o = {
        .variant = &e, .n = 1, .records = 4, .repeat = 2, .warmup = 1};
    struct leadseq_bench b;
    const char *place = in_folder("tmp");
    cr_assert_eq(mkdir(place, 0777), 0);
    setenv("TMPDIR", place, 1);
    cr_assert_eq(leadseq_bench(&b, &o), 0, "%s", leadseq_error());
    cr_assert(b.n == 1 && b.leads == 12 && b.width == 24 && b.height == 16 && b.threads == 1);
    const struct leadseq_bench_samples *part = b.entry[0].part;
    for (int k = 0; k < LEADSEQ_BENCH_PARTS; k++) cr_assert_eq(part[k].n, 2, "part %d", k);
    double step = median(&part[LEADSEQ_BENCH_STEP]);
    double parts = median(&part[LEADSEQ_BENCH_FORWARD]) + median(&part[LEADSEQ_BENCH_BACKWARD]) +
                   median(&part[LEADSEQ_BENCH_UPDATE]);
    cr_assert(step > 0 && fabs(parts / step - 1) < .3, "%g of %g", parts, step);
    cr_assert_gt(median(&part[LEADSEQ_BENCH_EVALUATION]), 0);
    cr_assert_leq(median(&part[LEADSEQ_BENCH_WAIT]), median(&part[LEADSEQ_BENCH_LOOP]));
    cr_assert(b.render.n == 2 && b.read.n == 2 && b.ceiling[0].n == 2);
    cr_assert_geq(b.entry[0].step_peak_bytes, b.entry[0].evaluation_peak_bytes);
    double pixels = 24 * 16, head = 10 * pixels;
    cr_assert_eq(b.entry[0].flop_forward, 4 * (360 * pixels * (1 + 11 * 11) + head));
    cr_assert_eq(b.entry[0].flop_data, 4 * (360 * pixels * 110 + head));
    leadseq_bench_clear(&b);
    cr_assert_eq(rmdir(in_folder("tmp")), 0, "temporary files are removed");
}

static const char answering[] =
    "sh -c 'while read -r line; do case $line in run*) echo ok 8 4 3 1;; "
    "peak) echo ok 1000000;; *) echo ok \"$3 $4\";; esac; done'";

Test(bench, a_peer_is_measured_in_turn_and_told_what_to_build)
{
    static const char *const keys[] = {"model.hidden", "[3, 2]", "train.batch", "5", NULL};
    struct leadseq_experiment e = small(keys);
    struct leadseq_bench_options o = {
        .variant = &e, .n = 1, .peer = answering, .records = 4, .repeat = 3, .warmup = 1};
    struct leadseq_bench b;
    cr_assert_eq(leadseq_bench(&b, &o), 0, "%s", leadseq_error());
    cr_assert(b.n == 2 && b.entry[1].is_peer);
    cr_assert_str_eq(b.entry[1].about,
                     "step: type=convlstm leads=12; forward: type=convlstm leads=12");
    const struct leadseq_bench_samples *ours = b.entry[0].part, *theirs = b.entry[1].part;
    cr_assert_eq(theirs[LEADSEQ_BENCH_BACKWARD].n, 3);
    cr_assert_eq(median(&theirs[LEADSEQ_BENCH_BACKWARD]), 3);
    cr_assert_eq(theirs[LEADSEQ_BENCH_LOOP].n, 0);
    cr_assert_eq(b.entry[1].step_peak_bytes, 1000000);
    cr_assert_eq(b.entry[1].flop_forward, b.entry[0].flop_forward);
    double times =
        leadseq_bench_ratio(&theirs[LEADSEQ_BENCH_STEP], &ours[LEADSEQ_BENCH_STEP]).median;
    cr_assert_float_eq(times, 8 / median(&ours[LEADSEQ_BENCH_STEP]), 1e-6 * times);
    leadseq_bench_clear(&b);
}

static void cannot_be_measured(const struct leadseq_bench_options *o, const char *expected)
{
    struct leadseq_bench b;
    cr_assert_eq(leadseq_bench(&b, o), -1);
    cr_assert(strstr(leadseq_error(), expected), "%s", leadseq_error());
    cr_assert_null(b.entry);
}

Test(bench, what_cannot_be_measured_is_told_before_anything_is_written)
{
    static const char *const size[] = {"data.size", "32x32", NULL};
    struct leadseq_experiment e = small(size);
    const char *stack = tiny_write("stack.h5", (struct tiny_stack){.n = 4});
    struct leadseq_bench_options o = {
        .variant = &e, .n = 1, .records = 4, .repeat = 1, .warmup = 1, .data = stack};
    cannot_be_measured(&o, "expected size 32x32, as data.size says, found 16x16");
    o.data = in_folder("absent.h5");
    cannot_be_measured(&o, "absent.h5");
    o.data = NULL;
    o.peer = "false";
    cannot_be_measured(&o, "step of the peer, peer f32: its process ended with status 1");
    setenv("TMPDIR", "/no/such/folder", 1);
    cannot_be_measured(&o, "its process ended with status 1"); // /tmp is used instead
    setenv("OMP_WAIT_POLICY", "ACTIVE", 1);
    cannot_be_measured(&o, "OMP_WAIT_POLICY");
}

Test(bench, a_stack_of_the_users_is_read_and_nothing_drawn)
{
    static const char *const keys[] = {"data.size", "any", NULL};
    struct leadseq_experiment e = small(keys);
    struct leadseq_bench_options o = {
        .variant = &e, .n = 1, .records = 4, .repeat = 1, .warmup = 1};
    struct leadseq_bench b;
    o.data = tiny_write("stack.h5", (struct tiny_stack){.n = 3});
    cr_assert_eq(leadseq_bench(&b, &o), 0, "%s", leadseq_error());
    cr_assert(b.width == 16 && b.render.n == 0 && b.read.n == 1);
    leadseq_bench_clear(&b);
}
