/* SPDX-License-Identifier: MIT
 *
 * The wish to stop: a signal sets a flag that long work reads between steps. */
#include <leadseq/base.h>

#include <signal.h>
#include <stdlib.h>

static volatile sig_atomic_t requested;

static void on_signal(int number)
{
    if (requested) _Exit(128 + number);
    requested = number;
}

void leadseq_stop_install(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int leadseq_stop_signal(void)
{
    return requested;
}

void leadseq_stop_request(int signal_number)
{
    requested = signal_number;
}
