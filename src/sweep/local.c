/* SPDX-License-Identifier: MIT
 *
 * Jobs of a sweep on this machine: each a process of its own, several at the same time.
 * A job that fails, or a signal, asks those that run to stop after a checkpoint
 * and begins no more; what a job says goes into a file of its own.
 *
 * Jobs inherit the sweep's lock. If the sweep is killed, the kernel sends its jobs SIGTERM
 * (PR_SET_PDEATHSIG), they save themselves, and the lock is free when the last has ended: a
 * sweep that is started meanwhile waits for that. */
#include "sweep/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
    pid_t process;
    size_t job;
    int epochs; /* that the bar has counted */
};
struct local {
    const struct leadseq_sweep *s;
    const struct sweep_options *o;
    size_t *queue, n_queue, next; /* jobs that are not finished */
    struct worker *worker;        /* (n_workers) those at work */
    size_t n_workers, at_once;
    int threads, lock;
    bool stopping;
    size_t finished, failed;
    struct leadseq_progress *bar; /* of epochs */
};

/* --- One process ------------------------------------------------------------------------ */

/* In the child, between fork() and exec(): only async-signal-safe calls, because other threads of
 * the parent may have held any lock (malloc's, stdio's) at the moment of the fork.
 *
 * A process group of its own: Ctrl-C in a terminal signals the sweep alone, which then stops its
 * jobs in order. PR_SET_PDEATHSIG: the job gets SIGTERM when the sweep dies. The parent may have
 * died between fork() and prctl(), which the comparison of getppid() detects. */
static void become_job(pid_t parent, int log, char *const arguments[])
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(128 + SIGTERM);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) _exit(1);
    execv("/proc/self/exe", arguments);
    _exit(127);
}

static int open_log(const struct local *l, size_t job)
{
    char *path = leadseq_sweep_path(l->s, job, ".log");
    int log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (path && log < 0) leadseq_fail("%s: cannot be written: %s", path, strerror(errno));
    free(path);
    return log;
}

static int start(struct local *l, size_t job)
{
    char number[32], threads[32];
    snprintf(number, sizeof number, "--job=%zu", job + 1);
    snprintf(threads, sizeof threads, "--threads=%d", l->threads);
    char *arguments[] = {
        (char[]){"leadseq"}, (char[]){"sweep"}, l->s->folder, number, threads, NULL};
    int log = open_log(l, job);
    if (log < 0) return -1;
    pid_t parent = getpid(), process = fork();
    if (process == 0) become_job(parent, log, arguments);
    close(log);
    if (process < 0)
        return leadseq_fail("the process of a job cannot be started: %s", strerror(errno));
    l->worker[l->n_workers++] = (struct worker){process, job, leadseq_sweep_epochs(l->s, job)};
    return 0;
}

/* Once: a second signal would make a job end before its checkpoint is complete. */
static void stop_all(struct local *l, int signal_number)
{
    if (l->stopping) return;
    l->stopping = true;
    for (size_t i = 0; i < l->n_workers; i++) kill(l->worker[i].process, signal_number);
}

/* --- The bar ------------------------------------------------------------------------------- */

static int planned_epochs(const struct local *l, size_t job)
{
    struct leadseq_experiment e;
    return leadseq_sweep_experiment(l->s, job, &e) ? 0 : e.train.epochs;
}

/* Those that are ahead, in all. */
static size_t epochs_ahead(const struct local *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n_queue; i++) {
        int planned = planned_epochs(l, l->queue[i]),
            done = leadseq_sweep_epochs(l->s, l->queue[i]);
        n += (size_t)(done < planned ? planned - done : 0);
    }
    return n;
}

/* A job that ended early, by train.max_steps, has had all that it will have. */
static void count_epochs(struct local *l, struct worker *w, bool ended)
{
    int done = ended ? planned_epochs(l, w->job) : leadseq_sweep_epochs(l->s, w->job);
    if (done <= w->epochs) return;
    leadseq_progress_step(l->bar, (size_t)(done - w->epochs), NULL);
    w->epochs = done;
}

static void show(struct local *l)
{
    char note[128];
    int n = snprintf(note, sizeof note, "%zu of %s", l->finished, leadseq_count(l->n_queue, "job"));
    if (l->failed) n += snprintf(note + n, sizeof note - (size_t)n, ", %zu failed", l->failed);
    for (size_t i = 0; i < l->n_workers; i++) {
        count_epochs(l, &l->worker[i], false);
        if (i < 8)
            n += snprintf(note + n, sizeof note - (size_t)n, "%s%04zu", i ? " " : "; at ",
                          l->worker[i].job + 1);
    }
    leadseq_progress_step(l->bar, 0, note);
}

/* --- What became of it ---------------------------------------------------------------------- */

static void say_failed(struct local *l, size_t job, int status)
{
    char *why = NULL, *log = leadseq_sweep_path(l->s, job, ".log");
    char *setting = leadseq_sweep_setting(l->s, job);
    leadseq_sweep_state(l->s, job, &why);
    if (!why && WIFSIGNALED(status)) why = leadseq_format("killed by signal %d", WTERMSIG(status));
    leadseq_warn("job %04zu (%s) failed: %s; see %s", job + 1, setting ? setting : "",
                 why ? why : "it does not say why", log ? log : "its log");
    free(why);
    free(log);
    free(setting);
}

/* By a signal, after a checkpoint or before anything could be saved. */
static bool was_stopped(int status)
{
    if (WIFEXITED(status)) return WEXITSTATUS(status) > 128;
    static const int asking[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGXCPU, SIGPIPE};
    bool asked = false;
    for (size_t i = 0; i < LEADSEQ_COUNT(asking); i++) asked |= WTERMSIG(status) == asking[i];
    return asked;
}

/* A job that was asked to stop has not failed. */
static void take_end(struct local *l, size_t i, int status)
{
    size_t job = l->worker[i].job;
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool stopped = l->stopping && was_stopped(status);
    if (done) count_epochs(l, &l->worker[i], true);
    l->worker[i] = l->worker[--l->n_workers];
    l->finished += done;
    if (done || stopped) return;
    l->failed++;
    say_failed(l, job, status);
    if (!l->o->keep_going) stop_all(l, SIGTERM);
}

/* Backwards, because take_end() moves the last worker into the place of the one that ended. */
static void collect(struct local *l)
{
    for (size_t i = l->n_workers; i-- > 0;) {
        int status;
        pid_t ended = waitpid(l->worker[i].process, &status, WNOHANG);
        if (ended == l->worker[i].process) take_end(l, i, status);
    }
}

/* --- All of them ------------------------------------------------------------------------------ */

/* One thread polls: it collects jobs that ended, starts the next ones and shows the bar. After a
 * stop it starts no more, but stays until the last job has ended, since they hold the lock and
 * their results belong in the table. */
static int run_jobs(struct local *l)
{
    enum { TICK_US = 50000, TICKS_SHOWN = 10 };
    int status = 0;
    for (unsigned tick = 0;; tick++) {
        collect(l);
        if (leadseq_stop_signal()) stop_all(l, leadseq_stop_signal());
        while (!status && !l->stopping && l->n_workers < l->at_once && l->next < l->n_queue)
            status = start(l, l->queue[l->next++]);
        if (status) stop_all(l, SIGTERM);
        if (!l->n_workers) return status;
        if (tick % TICKS_SHOWN == 0) show(l);
        usleep(TICK_US);
    }
}

static int fill_queue(struct local *l)
{
    size_t count[4] = {0};
    l->queue = leadseq_calloc(l->s->n_jobs, sizeof *l->queue);
    if (!l->queue) return -1;
    for (size_t job = 0; job < l->s->n_jobs; job++) {
        enum leadseq_job_state state = leadseq_sweep_state(l->s, job, NULL);
        count[state]++;
        if (state != LEADSEQ_JOB_FINISHED) l->queue[l->n_queue++] = job;
    }
    leadseq_info("%s: %s: %zu finished, %zu begun, %zu failed before, %zu new", l->s->folder,
                 leadseq_count(l->s->n_jobs, "job"), count[LEADSEQ_JOB_FINISHED],
                 count[LEADSEQ_JOB_BEGUN], count[LEADSEQ_JOB_FAILED], count[LEADSEQ_JOB_WAITING]);
    return 0;
}

/* OMP_NUM_THREADS is meant for one program: several at once share the processors. */
int leadseq_sweep_threads(int jobs)
{
    const int one = leadseq_threads_share(1), part = leadseq_processors() / (jobs > 0 ? jobs : 1);
    return part < 1 ? 1 : part < one ? part : one;
}

/* An equal share of the processors, unless the experiment says how many. */
static int share_threads(struct local *l)
{
    int processors = leadseq_processors();
    l->at_once = (size_t)(l->o->jobs > 0 ? l->o->jobs : 1);
    if (l->at_once > l->n_queue) l->at_once = l->n_queue;
    l->worker = leadseq_calloc(l->at_once + 1, sizeof *l->worker);
    if (!l->worker) return -1;
    l->threads = l->o->threads;
    if (!l->threads) l->threads = leadseq_sweep_threads((int)l->at_once);
    int each = l->s->base.train.threads ? l->s->base.train.threads : l->threads;
    if (each * (int)l->at_once > processors)
        leadseq_warn("%s of %s each on %s slow each other down", leadseq_count(l->at_once, "job"),
                     leadseq_count((size_t)each, "thread"),
                     leadseq_count((size_t)processors, "processor"));
    return 0;
}

static int finish(const struct local *l, int status)
{
    if (status) return -1;
    bool any = l->finished || l->n_queue < l->s->n_jobs;
    if (leadseq_stop_signal()) {
        leadseq_info("%s: stopped by %s; 'leadseq sweep %s' continues", l->s->folder,
                     leadseq_stop_name(), l->s->folder);
        return 0;
    }
    if (any && sweep_table(l->s, l->o->command_line)) return -1;
    if (!l->failed) return 0;
    return leadseq_fail("%s: %zu of %s failed, %zu are left; the same command tries them again%s",
                        l->s->folder, l->failed, leadseq_count(l->s->n_jobs, "job"),
                        l->n_queue - l->finished - l->failed,
                        l->o->keep_going ? "" : ", --keep-going continues past failures");
}

int sweep_local(const struct leadseq_sweep *s, const struct sweep_options *o)
{
    struct local l = {.s = s, .o = o, .lock = sweep_lock(s)};
    int status = l.lock < 0 || fill_queue(&l) || share_threads(&l) ? -1 : 0;
    if (!status && l.n_queue) {
        l.bar = leadseq_progress_new("sweep", "epochs", epochs_ahead(&l));
        status = l.bar ? run_jobs(&l) : -1;
        if (l.bar) show(&l);
        leadseq_progress_free(l.bar);
    }
    status = finish(&l, status);
    free(l.worker);
    free(l.queue);
    leadseq_lock_release(l.lock);
    return status;
}
