/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Tests may run in the background or under nohup: what those ignore is not ignored here. */
static void begin(void)
{
    static const int number[] = {SIGINT, SIGQUIT, SIGTERM, SIGUSR1,
                                 SIGHUP, SIGXCPU, SIGPIPE, SIGXFSZ};
    make_folder();
    for (size_t i = 0; i < LEADSEQ_COUNT(number); i++) signal(number[i], SIG_DFL);
}

TestSuite(stop, .init = begin, .fini = remove_folder);

/* How a process of its own ends that does this. */
static int end_of(void (*work)(void))
{
    pid_t pid = fork();
    if (!pid) {
        work();
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Test(stop, each_of_these_signals_asks_to_stop_and_ends_nothing)
{
    static const int number[] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGXCPU, SIGPIPE};
    leadseq_stop_install();
    cr_expect_eq(leadseq_stop_check(), 0);
    for (size_t i = 0; i < LEADSEQ_COUNT(number); i++) {
        leadseq_stop_request(0);
        raise(number[i]);
        cr_expect_eq(leadseq_stop_signal(), number[i], "signal %d", number[i]);
        cr_expect_eq(leadseq_stop_check(), -1);
        cr_expect(strstr(leadseq_error(), "stopped by "), "%s", leadseq_error());
    }
}

Test(stop, the_first_signal_is_the_reason)
{
    leadseq_stop_install();
    raise(SIGPIPE);
    raise(SIGTERM);
    cr_expect_eq(leadseq_stop_signal(), SIGPIPE);
}

Test(stop, hangups_stay_ignored_under_nohup)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* as a shell does for what a script starts in the background */
    signal(SIGQUIT, SIG_IGN);
    leadseq_stop_install();
    raise(SIGHUP);
    cr_expect_eq(leadseq_stop_signal(), 0);
    raise(SIGINT);
    cr_expect_eq(leadseq_stop_signal(), SIGINT);
}

Test(stop, an_interrupt_that_is_ignored_on_purpose_stays_so)
{
    signal(SIGINT, SIG_IGN); /* trap '' INT; exec leadseq … */
    leadseq_stop_install();
    raise(SIGINT);
    cr_expect_eq(leadseq_stop_signal(), 0);
}

static void insist_twice(void)
{
    leadseq_stop_install();
    raise(SIGINT);
    raise(SIGINT); /* an echo */
    usleep(1100000);
    raise(SIGTERM);
}

/* A batch system warns with SIGUSR1 long before SIGTERM; a terminal hangs up more than once. */
static void warn_often(void)
{
    leadseq_stop_install();
    raise(SIGUSR1);
    raise(SIGXCPU);
    usleep(1100000);
    raise(SIGHUP);
    raise(SIGXCPU);
    raise(SIGPIPE);
    raise(SIGTERM);
    raise(SIGTERM);
}

Test(stop, only_a_second_wish_of_a_person_ends_at_once)
{
    cr_expect_eq(end_of(insist_twice), 128 + SIGTERM);
    cr_expect_eq(end_of(warn_often), 0);
}

static void quit(void)
{
    leadseq_stop_install();
    raise(SIGQUIT);
}

static void end_as_a_worker(void)
{
    leadseq_stop_install();
    leadseq_stop_uninstall();
    raise(SIGTERM);
}

Test(stop, what_is_not_installed_ends_as_ever)
{
    struct rlimit none = {0};
    cr_assert_eq(setrlimit(RLIMIT_CORE, &none), 0);
    cr_expect_eq(end_of(quit), -SIGQUIT);
    cr_expect_eq(end_of(end_as_a_worker), -SIGTERM);
}

Test(stop, a_file_beyond_the_limit_fails_with_its_reason)
{
    struct rlimit limit = {.rlim_cur = 512, .rlim_max = 512};
    static const char text[4096];
    leadseq_stop_install();
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct leadseq_file *file = leadseq_file_create(in_folder("large"));
    cr_assert(file);
    fwrite(text, 1, sizeof text, leadseq_file_stream(file));
    errno = ENOENT; /* of something in between */
    int status = leadseq_file_commit(file);
    limit.rlim_cur = limit.rlim_max; /* criterion writes to pipes alone */
    cr_expect_eq(status, -1);
    cr_expect(strstr(leadseq_error(), "File too large"), "%s", leadseq_error());
    cr_expect_not(leadseq_path_exists(in_folder("large")));
    cr_expect_not(leadseq_path_exists(in_folder("large.partial")));
}
