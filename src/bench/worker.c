/* SPDX-License-Identifier: MIT
 *
 * Processes that measure: started, asked, ended. Knows nothing of what they do.
 *
 * Why processes and not threads: the resident maximum of a process never falls, so each figure of
 * memory needs its own; and a process that waits in read() takes no processor time, so that only
 * the one that was asked computes. The exchange is one line each way:
 *
 *     open            -> ok WORDS             prepares; what it prepared, for the table
 *     run TIMES       -> ok SECONDS...        measures, mean of TIMES
 *     peak            -> ok BYTES             its resident maximum
 *     anything        -> failed MESSAGE
 *
 * A peer (PyTorch) speaks the same lines on its standard input and output. */
#include "bench_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- In the new process ------------------------------------------------------------------- */

static int answer(const struct bench_role *role, const void *job, void **state, const char *line,
                  FILE *reply)
{
    int times;
    if (!strcmp(line, "open")) return role->open(job, state, reply);
    if (!strcmp(line, "peak")) return fprintf(reply, "%zu", leadseq_peak_bytes()) < 0 ? -1 : 0;
    if (sscanf(line, "run %d", &times) == 1) return role->run(*state, times, reply);
    if (role->loop && sscanf(line, "loop %d", &times) == 1) return role->loop(*state, times, reply);
    return leadseq_fail("%s: unknown request '%s'", role->name, line);
}

void bench_serve(const struct bench_role *role, const void *job, FILE *from, FILE *to)
{
    char line[BENCH_LINE];
    void *state = NULL;
    while (fgets(line, sizeof line, from)) {
        line[strcspn(line, "\n")] = '\0';
        char *text = NULL;
        size_t size;
        FILE *reply = open_memstream(&text, &size);
        if (!reply) break;
        int status = answer(role, job, &state, line, reply);
        fclose(reply);
        fprintf(to, "%s %s\n", status ? "failed" : "ok", status ? leadseq_error() : text);
        free(text);
        if (fflush(to)) break;
    }
    role->close(state);
}

/* Ends with its parent, and on the parent's word only: a signal from the keyboard is for the
 * parent, who ends the whole group. */
static void detach(void)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    leadseq_stop_uninstall();
}

/* --- Starting ------------------------------------------------------------------------------- */

/* In the parent 0, in the new process 1 with its end of the line. */
static int start(struct bench_worker *w, const char *name, int *end)
{
    int pair[2];
    *w = (struct bench_worker){0};
    snprintf(w->name, sizeof w->name, "%s", name);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return leadseq_fail("%s: the connection to a process cannot be made: %s", name,
                            strerror(errno));
    fflush(NULL); // what is buffered here must not be written twice
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        *end = pair[1];
        detach();
        return 1;
    }
    close(pair[1]);
    w->fd = pair[0];
    w->from = pid < 0 ? NULL : fdopen(pair[0], "r");
    if (pid < 0) return leadseq_fail("%s: a process cannot be started: %s", name, strerror(errno));
    w->pid = pid;
    return w->from ? 0 : leadseq_fail_memory(0);
}

/* The child is a copy of this process, so the job needs no transport. It must be forked before this
 * process starts threads of OpenMP: they do not exist in the child, whose runtime would wait for
 * them. */
int bench_worker_fork(struct bench_worker *w, const char *name, const struct bench_role *role,
                      const void *job)
{
    int end;
    int status = start(w, name, &end);
    if (status <= 0) return status;
    FILE *from = fdopen(end, "r"), *to = fdopen(dup(end), "w");
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    if (from && to) bench_serve(role, job, from, to);
    _exit(from && to ? 0 : 1);
}

int bench_worker_command(struct bench_worker *w, const char *name, const char *command,
                         char *const *words)
{
    enum { WORDS = 64 };
    char script[1024], *argv[WORDS] = {(char[]){"sh"}, (char[]){"-c"}, script, (char[]){"sh"}};
    int end, n = 4;
    if ((size_t)snprintf(script, sizeof script, "exec %s \"$@\"", command) >= sizeof script)
        return leadseq_fail("%s: expected a command of at most 1000 bytes", name);
    while (*words && n < WORDS - 1) argv[n++] = *words++;
    int status = start(w, name, &end);
    if (status <= 0) return status;
    if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0) execv("/bin/sh", argv);
    _exit(127);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static int fail_ended(struct bench_worker *w)
{
    int status = 0;
    pid_t pid = waitpid(w->pid, &status, 0);
    w->pid = 0;
    if (pid < 0) return leadseq_fail("%s: its process is gone", w->name);
    if (WIFSIGNALED(status))
        return leadseq_fail("%s: its process was ended by signal %d (%s)%s", w->name,
                            WTERMSIG(status), strsignal(WTERMSIG(status)),
                            WTERMSIG(status) == SIGKILL ? "; perhaps memory ran out" : "");
    return leadseq_fail("%s: its process ended with status %d before it answered", w->name,
                        WEXITSTATUS(status));
}

int bench_worker_ask(struct bench_worker *w, const char *request, char reply[BENCH_LINE])
{
    char line[BENCH_LINE];
    int n = snprintf(line, sizeof line, "%s\n", request);
    if (leadseq_stop_check()) return -1;
    // a process that has ended may have answered before it was asked
    bool sent = send(w->fd, line, (size_t)n, MSG_NOSIGNAL) == n || errno == EPIPE;
    bool answered = sent && fgets(line, sizeof line, w->from);
    if (leadseq_stop_check()) return -1;
    if (!answered) return fail_ended(w);
    line[strcspn(line, "\n")] = '\0';
    char *space = strchr(line, ' ');
    const char *text = space ? space + 1 : "";
    if (space) *space = '\0';
    if (!strcmp(line, "failed")) return leadseq_fail("%s: %s", w->name, text);
    if (strcmp(line, "ok"))
        return leadseq_fail("%s: expected an answer 'ok …' or 'failed …', found '%s%s%s'", w->name,
                            line, space ? " " : "", text);
    snprintf(reply, BENCH_LINE, "%s", text);
    return 0;
}

int bench_worker_numbers(struct bench_worker *w, const char *request, double *value, int n)
{
    char reply[BENCH_LINE], *text = reply;
    if (bench_worker_ask(w, request, reply)) return -1;
    for (int i = 0; i < n; i++) {
        char *end;
        value[i] = strtod(text, &end);
        if (end == text)
            return leadseq_fail("%s: expected %d numbers, found '%s'", w->name, n, reply);
        text = end;
    }
    return 0;
}

void bench_worker_end(struct bench_worker *w)
{
    if (w->pid > 0) {
        kill(-w->pid, SIGKILL);
        kill(w->pid, SIGKILL); // where it has not become a group's leader yet
        waitpid(w->pid, NULL, 0);
    }
    if (w->from)
        fclose(w->from);
    else if (w->fd > 0)
        close(w->fd);
    *w = (struct bench_worker){0};
}
