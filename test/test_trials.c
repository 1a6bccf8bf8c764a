/* SPDX-License-Identifier: MIT
 *
 * A list of named changes is trained in order; one that fails is an outcome, one that was stopped
 * is resumed, one that is done costs nothing. */
#include "sweep/sweep.h"
#include "tiny_run.h"

#include <signal.h>
#include <string.h>

TestSuite(trials, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

enum { MOST = 4 };
struct seen {
    int n, status[MOST], watched, steps, stop_after;
    char error[200];
    struct leadseq_hooks hooks;
};

static int count_step(void *user, struct leadseq_step *step)
{
    struct seen *seen = user;
    (void)step;
    if (++seen->steps == seen->stop_after) leadseq_stop_request(SIGTERM);
    return 0;
}

static void *watch(void *user, const struct leadseq_hooks **hooks)
{
    struct seen *seen = user;
    seen->watched++;
    seen->hooks = (struct leadseq_hooks){.user = seen, .after = count_step};
    *hooks = &seen->hooks;
    return seen;
}

static void unwatch(void *seen)
{
    ((struct seen *)seen)->watched--;
}

static int note(void *user, size_t i, int status)
{
    struct seen *seen = user;
    cr_assert_eq(i, (size_t)seen->n);
    seen->status[seen->n++] = status;
    if (status < 0) snprintf(seen->error, sizeof seen->error, "%s", leadseq_error());
    return 0;
}

static struct leadseq_trials how(struct seen *seen)
{
    return (struct leadseq_trials){"trials", seen, watch, unwatch, note};
}

Test(trials, a_failure_is_an_outcome_and_the_rest_is_trained)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    char *first = leadseq_format("%s", in_folder("first")),
         *second = leadseq_format("%s", in_folder("second"));
    struct leadseq_experiment e = TINY("train.max_steps", "2"),
                              other = TINY("train.max_steps", "3");
    struct leadseq_trial trial[] = {
        {.name = "no-stack", .data = in_folder("none.h5"), .out = first, .e = &e, .steps = 2},
        {.name = "first", .data = data, .out = first, .e = &e, .steps = 2},
        {.name = "done", .data = data, .out = "/nowhere", .e = &e, .steps = 2, .done = true},
        {.name = "second",
         .overrides = "train.max_steps=3\n",
         .data = data,
         .out = second,
         .e = &other,
         .steps = 3},
    };
    struct seen seen = {0};
    struct leadseq_trials t = how(&seen);
    cr_assert_eq(leadseq_trials_run(trial, LEADSEQ_COUNT(trial), &t), 0, "%s", leadseq_error());
    cr_assert_eq(seen.n, 4);
    cr_assert_eq(seen.status[0], -1);
    cr_assert(strstr(seen.error, "none.h5"), "%s", seen.error);
    for (int i = 1; i < 4; i++) cr_assert_eq(seen.status[i], 0);
    cr_assert_eq(seen.steps, 5);
    cr_assert_eq(seen.watched, 0);
    cr_assert(leadseq_folder_has(second, "predictions-test.tsv"));
    free(first);
    free(second);
}

Test(trials, a_signal_ends_the_list_and_the_next_one_resumes_it)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "4");
    struct leadseq_trial trial[] = {
        {.name = "a", .data = data, .out = in_folder("run"), .e = &e, .steps = 4},
        {.name = "b", .data = data, .out = "/nowhere", .e = &e, .steps = 4},
    };
    struct seen seen = {.stop_after = 1};
    struct leadseq_trials t = how(&seen);
    cr_assert_eq(leadseq_trials_run(trial, 2, &t), 1, "%s", leadseq_error());
    leadseq_stop_request(0);
    cr_assert_eq(seen.n, 1);
    cr_assert_eq(seen.status[0], 1);
    cr_assert_eq(seen.steps, 1);
    seen = (struct seen){0};
    cr_assert_eq(leadseq_trials_run(trial, 1, &t), 0, "%s", leadseq_error());
    cr_assert_eq(seen.status[0], 0);
    cr_assert_eq(seen.steps, 3); // of 4
}

Test(trials, the_level_of_the_log_is_put_back)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    struct leadseq_trial trial = {
        .name = "a", .data = data, .out = in_folder("run"), .e = &e, .steps = 1};
    struct seen seen = {0};
    struct leadseq_trials t = how(&seen);
    leadseq_log_level(LEADSEQ_LOG_NONE);
    cr_assert_eq(leadseq_trials_run(&trial, 1, &t), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_log_level(LEADSEQ_LOG_NONE), LEADSEQ_LOG_NONE);
}
