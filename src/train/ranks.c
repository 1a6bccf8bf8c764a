/* SPDX-License-Identifier: MIT
 *
 * Ranks over MPI; the only file that knows it. A program that no launcher began
 * starts no MPI and is one rank. Calls of MPI that fail end the job by MPI's own
 * hand.
 *
 * Every exchange is a non-blocking call that is then polled (wait_for). A blocking one would not
 * return while another rank is dead, and a signal could not be acted on: with polling, rank 0 can
 * still save what it has. Polling is busy for the first hundredth of a second, which is longer than
 * a healthy step makes ranks wait, and sleeps in between from then on.
 *
 * MPI is started for one thread (FUNNELED): only the thread that opened it may make these calls.
 * OpenMP's threads and the reader of batches never do. */
#include "ranks.h"

#include "dataset/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 28 };                              /* values of one message: counts are int */
static const double BUSY_S = 0.01, SAVE_AFTER_S = 0.2; /* waiting before yielding; before saving */
static const double MEETING_S = 5;                     /* ranks that fail alike have come by then */

static struct {
    int rank, ranks, here, threads;
    bool open, silent;
    enum leadseq_log_level level; /* silent: those from before */
    bool bars;
    int output; /* the descriptor that was standard output */
    MPI_Comm comm, closing;
    bool (*save)(void *user);
    void *user;
} job = {.ranks = 1, .here = 1};

/* --- Waiting ----------------------------------------------------------------------------- */

/* Why save while waiting: when a rank dies, launchers send the others SIGTERM and soon after
 * SIGKILL. Rank 0 is then usually inside an exchange that will never complete, and this is its only
 * chance to write a checkpoint. A signal alone does not show that a rank is dead (all may have got
 * it, and the exchange completes in a moment), therefore the delay of SAVE_AFTER_S.
 *
 * Saves once: the training ends at the next step anyway, and saves again if this rank gets there.
 * `within`: saving must not wait for ranks itself. */
static void save_where_asked(double waited)
{
    static bool within;
    if (!job.save || within || waited < SAVE_AFTER_S || !leadseq_stop_signal()) return;
    within = true;
    if (job.save(job.user)) job.save = NULL;
    within = false;
}

/* true: done; false: `most` seconds went by. */
static bool wait_for(MPI_Request *request, double most)
{
    int done = 0;
    double begun = leadseq_seconds();
    for (unsigned tries = 0; MPI_Test(request, &done, MPI_STATUS_IGNORE), !done; tries++) {
        double waited = tries % 64 ? 0 : leadseq_seconds() - begun;
        if (waited > most) return false;
        if (waited > SAVE_AFTER_S) save_where_asked(waited);
        if (waited > BUSY_S) usleep(50);
        sched_yield();
    }
    return true;
}

static void finish(MPI_Request *request)
{
    wait_for(request, 1e30);
}

/* --- Beginning and end --------------------------------------------------------------------- */

/* Ranks of this machine that may run on the same processors share them; the fewest of any rank.
 * Two ranks bound to the same four processors have two each; two ranks bound to four different
 * ones have four each. All ranks use the same number of threads, because sums inside a pass have
 * the same bits for the same number of threads only. */
static void share_processors(void)
{
    struct place {
        int processors;
        char affinity[sizeof(cpu_set_t)];
    } own, *all;
    cpu_set_t set;
    MPI_Comm machine;
    memset(&own, 0, sizeof own); // compared byte by byte
    own.processors = leadseq_processors();
    MPI_Comm_split_type(job.comm, MPI_COMM_TYPE_SHARED, job.rank, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &job.here);
    if (!sched_getaffinity(0, sizeof set, &set)) memcpy(own.affinity, &set, sizeof set);
    all = calloc((size_t)job.here, sizeof *all);
    int sharing = all ? 0 : job.here;
    if (all) MPI_Allgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, machine);
    for (int i = 0; all && i < job.here; i++) sharing += !memcmp(&all[i], &own, sizeof own);
    free(all);
    MPI_Comm_free(&machine);
    int each = leadseq_threads_share(sharing);
    MPI_Allreduce(&each, &job.threads, 1, MPI_INT, MPI_MIN, job.comm);
}

/* Rank 0 speaks for all. What the process had before is put back by leadseq_ranks_close(). */
static int fall_silent(void)
{
    fflush(stdout);
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    job.output = dup(STDOUT_FILENO);
    if (nothing < 0 || job.output < 0 || dup2(nothing, STDOUT_FILENO) < 0)
        return leadseq_fail("/dev/null: cannot be written: %s", strerror(errno));
    close(nothing);
    job.level = leadseq_log_level(LEADSEQ_LOG_NONE);
    job.bars = leadseq_progress_show(false);
    job.silent = true;
    return 0;
}

static void speak_again(void)
{
    if (!job.silent) return;
    fflush(stdout);
    dup2(job.output, STDOUT_FILENO);
    close(job.output);
    leadseq_log_level(job.level);
    leadseq_progress_show(job.bars);
    job.silent = false;
}

int leadseq_ranks_open(void)
{
    int launched = train_ranks_launched(), provided;
    if (launched < 2) return 0;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        return leadseq_fail("MPI cannot be started");
    job.open = true;
    MPI_Comm_dup(MPI_COMM_WORLD, &job.comm);
    MPI_Comm_dup(MPI_COMM_WORLD, &job.closing);
    MPI_Comm_rank(job.comm, &job.rank);
    MPI_Comm_size(job.comm, &job.ranks);
    if (job.ranks != launched)
        return leadseq_fail("expected %d ranks, as the launcher says, found %d: leadseq was built "
                            "with another MPI than the one that starts it",
                            launched, job.ranks);
    share_processors();
    return job.rank ? fall_silent() : 0;
}

/* A rank that failed alone: the others wait for it in an exchange it will never reach, and only
 * MPI can end them. */
static void end_job(void)
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    if (job.rank)
        fprintf(stderr, "leadseq: rank %d of %d, on %s: %s\n", job.rank, job.ranks, host,
                leadseq_error());
    fprintf(stderr,
            "leadseq: rank %d failed and ends the job; the same command with --resume "
            "continues from the last checkpoint, on any number of ranks\n",
            job.rank);
    fflush(NULL);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* Ranks that fail for the same reason (a bad option, a non-finite step) all come here, meet and end
 * in order. A rank that failed alone would wait forever for the others, which wait for it
 * elsewhere: after MEETING_S it ends the job. `closing` is a communicator of its own, so that this
 * meeting cannot be matched with an exchange the others are still in. */
void leadseq_ranks_close(bool failed)
{
    if (!job.open) return;
    MPI_Request meeting;
    job.save = NULL;
    MPI_Ibarrier(job.closing, &meeting);
    if (!wait_for(&meeting, failed ? MEETING_S : 1e30)) end_job();
    MPI_Comm_free(&job.comm);
    MPI_Comm_free(&job.closing);
    MPI_Finalize();
    speak_again();
    job.open = false;
}

int leadseq_rank(void)
{
    return job.rank;
}

int leadseq_ranks(void)
{
    return job.ranks;
}

const char *leadseq_ranks_library(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int n;
    if (MPI_Get_library_version(text, &n) != MPI_SUCCESS) return "MPI";
    text[strcspn(text, ",\n")] = '\0';
    return text;
}

int train_ranks_here(void)
{
    return job.here;
}

int train_ranks_threads(void)
{
    return job.ranks > 1 ? job.threads : leadseq_threads_share(1);
}

void train_ranks_while_waiting(bool (*save)(void *user), void *user)
{
    job.save = save;
    job.user = user;
}

/* --- What they say ---------------------------------------------------------------------------- */

static void sum(void *value, size_t n, size_t size, MPI_Datatype type)
{
    MPI_Request request;
    for (size_t from = 0; job.ranks > 1 && from < n; from += PIECE) {
        int count = (int)(n - from < PIECE ? n - from : PIECE);
        MPI_Iallreduce(MPI_IN_PLACE, (char *)value + from * size, count, type, MPI_SUM, job.comm,
                       &request);
        finish(&request);
    }
}

void train_ranks_sum(float *value, size_t n)
{
    sum(value, n, sizeof *value, MPI_FLOAT);
}

void train_ranks_sum_double(double *value, size_t n)
{
    sum(value, n, sizeof *value, MPI_DOUBLE);
}

int train_ranks_most(int value)
{
    MPI_Request request;
    if (job.ranks == 1) return value;
    MPI_Iallreduce(MPI_IN_PLACE, &value, 1, MPI_INT, MPI_MAX, job.comm, &request);
    finish(&request);
    return value;
}

void train_ranks_share(void *data, size_t bytes)
{
    MPI_Request request;
    for (size_t from = 0; job.ranks > 1 && from < bytes; from += PIECE) {
        int count = (int)(bytes - from < PIECE ? bytes - from : PIECE);
        MPI_Ibcast((char *)data + from, count, MPI_BYTE, 0, job.comm, &request);
        finish(&request);
    }
}

void train_ranks_collect(float *value, size_t n, int each)
{
    if (job.ranks == 1) return;
    MPI_Request request;
    int *count = calloc(2 * (size_t)job.ranks, sizeof *count), *first = count + job.ranks;
    if (!count) MPI_Abort(MPI_COMM_WORLD, 1);
    for (int i = 0; i < job.ranks; i++) {
        count[i] = (int)leadseq_part_count(n, i, job.ranks) * each;
        first[i] = (int)leadseq_part_first(n, i, job.ranks) * each;
    }
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_FLOAT, value, count, first, MPI_FLOAT, job.comm, &request);
    finish(&request);
    free(count);
}
