/* SPDX-License-Identifier: MIT
 *
 * Runs gnuplot, without a shell. Its absence is no failure; its failure is. */
#include "page_private.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static int start(pid_t *child, char *program, char *script, const char *folder)
{
    char *args[] = {program, script, NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (!error) error = posix_spawnp(child, program, &actions, NULL, args, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int page_gnuplot_run(const char *folder, const char *script, bool *ran)
{
    char program[4096], file[4096];
    const char *named = getenv("GNUPLOT");
    snprintf(program, sizeof program, "%s", named && *named ? named : "gnuplot");
    snprintf(file, sizeof file, "%s", script);
    pid_t child;
    int error = start(&child, program, file, folder), status;
    *ran = false;
    if (error == ENOENT || error == EACCES) return 0;
    if (error) return leadseq_fail("%s: cannot be run: %s", program, strerror(error));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return leadseq_fail("%s: lost: %s", program, strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return leadseq_fail("%s failed on %s/%s; run it there to see why", program, folder, script);
    *ran = true;
    return 0;
}
