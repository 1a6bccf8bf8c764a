/* SPDX-License-Identifier: MIT
 *
 * Requests to stop: a signal sets a flag that long work reads between steps. */
#include "base/base.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t requested;
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
    if (requested && !is_echo()) _Exit(128 + number);
    if (!requested) clock_gettime(CLOCK_MONOTONIC, &first);
    if (!requested) requested = number;
}

void leadseq_stop_install(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

int leadseq_stop_signal(void)
{
    return requested;
}

void leadseq_stop_request(int signal_number)
{
    requested = signal_number;
}
