/* SPDX-License-Identifier: MIT
 *
 * Runs gnuplot, without a shell. Its absence is no failure; its failure is. */
#include "page_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int start(pid_t *child, char *program, char *script, const char *folder, int out)
{
    char *args[] = {program, (char[]){"-e"}, (char[]){PAGE_TO_STDOUT "=1"}, script, NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (!error) error = posix_spawnp(child, program, &actions, NULL, args, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Asks every few milliseconds, because a signal that asks to stop may come at any moment. */
static int await(pid_t child, int *status)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    pid_t ended;
    while ((ended = waitpid(child, status, WNOHANG)) == 0 && !leadseq_stop_signal())
        nanosleep(&moment, NULL);
    if (ended == child) return 0;
    if (ended < 0) return leadseq_fail("lost: %s", strerror(errno));
    kill(child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR) continue;
    return leadseq_stop_check();
}

int page_gnuplot_run(const char *folder, const char *script, int out, bool *ran)
{
    char program[4096], file[4096];
    const char *named = getenv("GNUPLOT");
    snprintf(program, sizeof program, "%s", named && *named ? named : "gnuplot");
    snprintf(file, sizeof file, "%s", script);
    pid_t child;
    int error = start(&child, program, file, folder, out), status;
    *ran = false;
    if (error == ENOENT || error == EACCES) return 0;
    if (error) return leadseq_fail("%s: cannot be run: %s", program, strerror(error));
    if (await(child, &status)) return leadseq_fail_in("%s", program);
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return leadseq_fail("%s failed on %s/%s; run it there to see why", program, folder, script);
    *ran = true;
    return 0;
}
