/* SPDX-License-Identifier: MIT
 *
 * Measures variants of a network, and a peer's, in turn: every round asks each
 * process once, beginning with another one each time, so that a machine that is
 * slow for a while is slow for all. What a stage does is in network.c
 * and data.c. */
#include "bench_private.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A run shorter than this is repeated within a round; no more often than that. */
static const double SHORTEST_S = 0.25;
enum { MOST_RUNS = 64, PAUSE_MS = 20, CEILING_RUNS = 10 };
/* Where time is limited, steps on batches from the stack are left out of most rounds: three times
 * as long as a step in memory, they show how long it waits, which ratios to a peer do not need. */
enum { LOOP_EVERY = 4 };

/* OpenMP's threads of a process that was just used spin for a moment before they sleep. */
static void pause_between(struct bench_session *s, const char *note)
{
    struct timespec moment = {.tv_nsec = PAUSE_MS * 1000000L};
    nanosleep(&moment, NULL);
    leadseq_progress_step(s->bar, 1, note);
}

static void keep(struct leadseq_bench_samples *s, double value)
{
    s->value[s->n++] = value;
}

/* --- One measurement ---------------------------------------------------------------------- */

static int runs_of(double seconds)
{
    double n = ceil(SHORTEST_S / seconds);
    return n < 1 ? 1 : n > MOST_RUNS ? MOST_RUNS : (int)n;
}

static int run(struct bench_worker *w, const char *what, int times, double *value, int n)
{
    char request[32];
    snprintf(request, sizeof request, "%s %d", what, times);
    return bench_worker_numbers(w, request, value, n);
}

static int measure_evaluation(struct bench_session *s, struct bench_lane *l)
{
    double seconds;
    if (run(&l->evaluation, "run", l->evaluations, &seconds, 1)) return -1;
    keep(&l->entry->part[LEADSEQ_BENCH_EVALUATION], seconds);
    pause_between(s, l->entry->name);
    return 0;
}

static int measure_training(struct bench_session *s, struct bench_lane *l, int round)
{
    struct leadseq_bench_samples *part = l->entry->part;
    double step[4], loop[2];
    if (run(&l->training, "run", l->steps, step, 4)) return -1;
    for (int i = 0; i < 4; i++) keep(&part[LEADSEQ_BENCH_STEP + i], step[i]);
    pause_between(s, l->entry->name);
    if (l->entry->is_peer || (s->o->seconds > 0 && round % LOOP_EVERY)) return 0;
    if (run(&l->training, "loop", l->steps < 2 ? 2 : l->steps, loop, 2)) return -1;
    keep(&part[LEADSEQ_BENCH_LOOP], loop[0]);
    keep(&part[LEADSEQ_BENCH_WAIT], loop[1]);
    pause_between(s, l->entry->name);
    return 0;
}

/* The yardstick at the entry's side: a machine is not equally fast all the time. */
static int measure_ceiling(struct bench_session *s, struct bench_lane *l)
{
    double flop_per_s;
    struct bench_worker *w = &s->ceiling[l->entry->e.train.precision == LEADSEQ_BF16];
    if (!w->pid) return 0;
    if (run(w, "run", CEILING_RUNS, &flop_per_s, 1)) return -1;
    keep(&l->entry->part[LEADSEQ_BENCH_CEILING], flop_per_s);
    pause_between(s, "ceiling");
    return 0;
}

static int measure_machine(struct bench_session *s)
{
    double seconds[2];
    int numbers = s->data_job.folder ? 2 : 1;
    if (run(&s->data, "run", s->reads, seconds, numbers)) return -1;
    keep(&s->b->read, seconds[numbers - 1]);
    if (numbers == 2) keep(&s->b->render, seconds[0]);
    pause_between(s, "stack");
    for (int i = 0; i < 2; i++) {
        double flop_per_s;
        if (!s->ceiling[i].pid) continue;
        if (run(&s->ceiling[i], "run", CEILING_RUNS, &flop_per_s, 1)) return -1;
        keep(&s->b->ceiling[i], flop_per_s);
        pause_between(s, "ceiling");
    }
    return 0;
}

static int measure_round(struct bench_session *s, int round)
{
    for (size_t i = 0; i < s->b->n; i++) {
        struct bench_lane *l = &s->lane[(i + (size_t)round) % s->b->n];
        if (measure_evaluation(s, l) || measure_training(s, l, round) || measure_ceiling(s, l))
            return -1;
    }
    return measure_machine(s);
}

/* --- Warming up: what is made once is made, and how long a run takes is known ------------ */

static int warm_worker(struct bench_session *s, struct bench_worker *w, int *runs, int numbers)
{
    double seconds[4] = {0};
    for (int i = 0; i < s->o->warmup; i++) {
        if (run(w, "run", 1, seconds, numbers)) return -1;
        pause_between(s, "warming up");
    }
    *runs = runs_of(seconds[0]);
    return 0;
}

static int warm_up(struct bench_session *s)
{
    for (size_t i = 0; i < s->b->n; i++)
        if (warm_worker(s, &s->lane[i].evaluation, &s->lane[i].evaluations, 1) ||
            warm_worker(s, &s->lane[i].training, &s->lane[i].steps, 4))
            return -1;
    double seconds[2];
    int numbers = s->data_job.folder ? 2 : 1;
    if (run(&s->data, "run", 1, seconds, numbers)) return -1;
    s->reads = runs_of(seconds[numbers - 1]);
    return 0;
}

static int measure_rounds(struct bench_session *s)
{
    double longest = 0;
    for (int round = 0; round < s->o->repeat; round++) {
        double begun = leadseq_seconds();
        if (round && s->o->seconds > 0 && begun - s->begun + longest > s->o->seconds) break;
        if (measure_round(s, round)) return -1;
        longest = fmax(longest, leadseq_seconds() - begun);
    }
    return 0;
}

/* --- The whole ------------------------------------------------------------------ */

static int read_peaks(struct bench_session *s)
{
    for (size_t i = 0; i < s->b->n; i++) {
        double step, evaluation;
        struct bench_lane *l = &s->lane[i];
        if (bench_worker_numbers(&l->training, "peak", &step, 1) ||
            bench_worker_numbers(&l->evaluation, "peak", &evaluation, 1))
            return -1;
        l->entry->step_peak_bytes = (size_t)step;
        l->entry->evaluation_peak_bytes = (size_t)evaluation;
    }
    return 0;
}

static size_t measurements(const struct bench_session *s)
{
    size_t round = 1, warmup = 2 * s->b->n * (size_t)s->o->warmup;
    for (size_t i = 0; i < s->b->n; i++) round += s->b->entry[i].is_peer ? 3 : 4;
    for (int i = 0; i < 2; i++) round += s->ceiling[i].pid != 0;
    return warmup + round * (size_t)s->o->repeat;
}

static int measure(struct bench_session *s)
{
    s->lane = leadseq_calloc(s->b->n, sizeof *s->lane);
    if (!s->lane) return -1;
    for (size_t i = 0; i < s->b->n; i++) s->lane[i].entry = &s->b->entry[i];
    if (bench_start(s)) return -1;
    s->bar = leadseq_progress_new("bench", "measurements", measurements(s));
    int status = warm_up(s);
    if (!status) status = measure_rounds(s);
    leadseq_progress_free(s->bar);
    return status ? -1 : read_peaks(s);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path);
}

static void end(struct bench_session *s)
{
    for (size_t i = 0; s->lane && i < s->b->n; i++) {
        bench_worker_end(&s->lane[i].evaluation);
        bench_worker_end(&s->lane[i].training);
    }
    bench_worker_end(&s->data);
    for (int i = 0; i < 2; i++) bench_worker_end(&s->ceiling[i]);
    if (s->folder[0]) nftw(s->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(s->lane);
    free(s->stack);
}

static int make_folder(struct bench_session *s)
{
    char path[sizeof s->folder];
    snprintf(path, sizeof path, "%.200s/leadseq-bench-XXXXXX", leadseq_temporary_folder());
    if (!mkdtemp(path)) return leadseq_fail("%s: no folder can be made: %s", path, strerror(errno));
    memcpy(s->folder, path, sizeof path);
    return 0;
}

static void *try_threads(void *number)
{
    int *n = number;
    *n = leadseq_threads_granted(*n);
    return NULL;
}

/* By a thread of its own, whose OpenMP threads end with it: those of this one would not exist in
 * the processes it forks. */
static int threads_granted(int wanted)
{
    pthread_t thread;
    int n = wanted;
    if (pthread_create(&thread, NULL, try_threads, &n)) return leadseq_threads_wanted(wanted);
    pthread_join(thread, NULL);
    return n;
}

/* Idle processes must not take the time of the one that is measured. */
static int check_environment(void)
{
    const char *policy = getenv("OMP_WAIT_POLICY");
    if (!policy || strcasecmp(policy, "active")) return 0;
    return leadseq_fail("OMP_WAIT_POLICY: expected passive or nothing, found '%s': threads that "
                        "wait would take the processors from what is measured; unset it",
                        policy);
}

int leadseq_bench(struct leadseq_bench *b, const struct leadseq_bench_options *o)
{
    *b = (struct leadseq_bench){0};
    struct bench_session s = {.b = b, .o = o, .begun = leadseq_seconds()};
    b->threads = threads_granted(o->variant[0].train.threads);
    leadseq_cpu_name(b->cpu, sizeof b->cpu);
    int status = check_environment() || bench_entries(b, o) ? -1 : 0;
    if (!status && !o->data) status = make_folder(&s);
    if (!status) status = measure(&s);
    end(&s);
    if (status) leadseq_bench_clear(b);
    return status;
}
