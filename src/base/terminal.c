/* SPDX-License-Identifier: MIT
 *
 * The terminal as one thing that log lines and progress bars share: one lock, and
 * whether a bar is on the last line. */
#include "terminal.h"

#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool bar_is_drawn; // guarded by lock

void base_terminal_lock(void)
{
    pthread_mutex_lock(&lock);
}

void base_terminal_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void base_terminal_write(const char *text, bool is_bar)
{
    // one write() for the whole: other processes (ranks, jobs) print to the same terminal
    char whole[8192];
    int n = snprintf(whole, sizeof whole, "%s%s", bar_is_drawn ? "\r\033[K" : "", text);
    if (n > 0) fwrite(whole, 1, (size_t)n < sizeof whole ? (size_t)n : sizeof whole - 1, stderr);
    fflush(stderr);
    bar_is_drawn = is_bar;
}
