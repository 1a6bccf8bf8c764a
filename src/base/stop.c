/* SPDX-License-Identifier: MIT
 *
 * Requests to stop: a signal sets a flag that long work reads between steps. */
#include "base/base.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t requested, insisted;
static struct timespec first;

/* One request may arrive twice: a batch system signals mpirun and the processes it started, and
 * mpirun passes its own signal on. */
static bool is_echo(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double later =
        (double)(now.tv_sec - first.tv_sec) + 1e-9 * (double)(now.tv_nsec - first.tv_nsec);
    return later < 1;
}

static void on_signal(int number)
{
    if (!requested) requested = number;
}

/* Of a person, or of a batch system that gives up: a second one ends the program. The other
 * signals may come any number of times while a checkpoint is written: SIGPIPE with every line,
 * SIGXCPU every second, SIGHUP from the terminal and the shell, SIGUSR1 as a warning before
 * SIGTERM. */
static void on_insistent(int number)
{
    if (insisted && !is_echo()) _Exit(128 + number);
    if (!insisted) clock_gettime(CLOCK_MONOTONIC, &first);
    insisted = 1;
    on_signal(number);
}

/* The write that would exceed the limit fails, which its caller reports. */
static void on_limit(int number)
{
    (void)number;
}

static const struct {
    int number;
    void (*handler)(int number);
    const char *name;
} table[] = {
    {SIGINT, on_insistent, "Ctrl-C (SIGINT)"},
    {SIGTERM, on_insistent, "SIGTERM"},
    {SIGUSR1, on_signal, "SIGUSR1"},
    {SIGHUP, on_signal, "SIGHUP"},
    {SIGXCPU, on_signal, "SIGXCPU"},
    {SIGPIPE, on_signal, "SIGPIPE"},
    {SIGXFSZ, on_limit, "SIGXFSZ"},
};

static bool is_ignored(int number)
{
    struct sigaction before;
    return !sigaction(number, NULL, &before) && before.sa_handler == SIG_IGN;
}

/* nohup ignores SIGHUP, others SIGPIPE or SIGINT: what the program was started with stays. Shells
 * ignore SIGINT together with SIGQUIT for what a script starts in the background, which nobody
 * asked for: that can be stopped. */
static bool is_left_alone(int number)
{
    if (number == SIGINT) return is_ignored(SIGINT) && !is_ignored(SIGQUIT);
    return (number == SIGHUP || number == SIGPIPE) && is_ignored(number);
}

/* Handlers and not SIG_IGN, which programs started from here would inherit. */
void leadseq_stop_install(void)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(table); i++) {
        struct sigaction action = {.sa_handler = table[i].handler};
        sigemptyset(&action.sa_mask);
        if (!is_left_alone(table[i].number)) sigaction(table[i].number, &action, NULL);
    }
}

void leadseq_stop_uninstall(void)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(table); i++)
        if (table[i].handler != on_limit && !is_left_alone(table[i].number))
            signal(table[i].number, SIG_DFL);
}

int leadseq_stop_signal(void)
{
    return requested;
}

void leadseq_stop_request(int signal_number)
{
    requested = signal_number;
}

int leadseq_stop_check(void)
{
    return requested ? leadseq_fail("stopped by %s; nothing was kept", leadseq_stop_name()) : 0;
}

const char *leadseq_stop_name(void)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(table); i++)
        if (table[i].number == requested) return table[i].name;
    return "a signal";
}
