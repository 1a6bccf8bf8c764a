/* SPDX-License-Identifier: MIT
 *
 * A sweep as a job array of Slurm: the scripts, in DIR/slurm, and their
 * submission. A task is one job of the same folder layout; whatever stops it
 * short (preemption, the time limit) reaches it as SIGTERM, and it is queued
 * again to continue from its checkpoint. */
#include "sweep/sweep.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct slurm {
    const struct leadseq_sweep *s;
    const struct sweep_options *o;
    char folder[PATH_MAX], program[PATH_MAX]; /* absolute */
    char *scripts;                            /* DIR/slurm */
};

/* --- The scripts -------------------------------------------------------------------------- */

/* "1-3,7,9-12" of the jobs that are not finished; how many. */
static size_t print_tasks(const struct leadseq_sweep *s, FILE *out)
{
    size_t n = 0, first = 0;
    for (size_t job = 0; job <= s->n_jobs; job++) {
        bool left = job < s->n_jobs && leadseq_sweep_state(s, job, NULL) != LEADSEQ_JOB_FINISHED;
        if (left && !first) first = job + 1;
        if (left || !first) continue;
        fprintf(out, "%s%zu", n ? "," : "", first);
        if (first < job) fprintf(out, "-%zu", job);
        n += job + 1 - first;
        first = 0;
    }
    return n;
}

static void print_options(const struct slurm *w, FILE *out)
{
    if (w->o->slurm && *w->o->slurm) fprintf(out, "#SBATCH %s\n", w->o->slurm);
}

static void print_command(const struct slurm *w, FILE *out)
{
    leadseq_print_word(out, w->program);
    fputs(" sweep ", out);
    leadseq_print_word(out, w->folder);
}

/* Options that the user gives come last and win. */
static size_t print_array(const struct slurm *w, FILE *out)
{
    fprintf(out, "#!/bin/sh\n#SBATCH --job-name=%s\n#SBATCH --array=", w->s->base.name);
    size_t n = print_tasks(w->s, out);
    if (w->o->jobs) fprintf(out, "%%%d", w->o->jobs);
    fprintf(out, "\n#SBATCH --output=\"%s/jobs/%%4a.log\"\n", w->folder);
    int threads = w->s->base.train.threads ? w->s->base.train.threads : w->o->threads;
    if (threads) fprintf(out, "#SBATCH --cpus-per-task=%d\n", threads);
    fputs("#SBATCH --open-mode=append\n#SBATCH --requeue\n#SBATCH --signal=TERM@120\n", out);
    print_options(w, out);
    fputs("cpus=${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}\n"
          "srun --ntasks=1 --cpus-per-task=\"$cpus\" ",
          out);
    print_command(w, out);
    fputs(" --job=\"$SLURM_ARRAY_TASK_ID\" --threads=\"$cpus\"\nstatus=$?\n", out);
    fputs("# Stopped by a signal after a checkpoint, and not by scancel: to continue later.\n"
          "task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\n"
          "if [ $status = 143 ] && [ \"$(squeue -h -j \"$task\" -o %T)\" = RUNNING ]; then\n"
          "    scontrol requeue \"$task\"\n"
          "    sleep 60 # until Slurm ends this\n"
          "fi\n",
          out);
    if (!w->o->keep_going)
        fputs("# A failure: no more tasks are begun.\n"
              "case $status in\n0 | 130 | 143) ;;\n"
              "*) scancel --state=PENDING \"$SLURM_ARRAY_JOB_ID\" ;;\nesac\n",
              out);
    fputs("exit $status\n", out);
    return n;
}

static size_t print_last(const struct slurm *w, FILE *out)
{
    fprintf(out, "#!/bin/sh\n#SBATCH --job-name=%s-table\n", w->s->base.name);
    fprintf(out, "#SBATCH --output=\"%s/slurm/table.log\"\n", w->folder);
    print_options(w, out);
    print_command(w, out);
    fputs(" --table\n", out);
    return 1;
}

/* How many tasks it has in *n. */
static int write_script(const struct slurm *w, const char *name,
                        size_t (*print)(const struct slurm *, FILE *), size_t *n)
{
    char *path = leadseq_path_join(w->scripts, name);
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    if (file) *n = print(w, leadseq_file_stream(file));
    int status = file ? leadseq_file_commit(file) : -1;
    if (!status) chmod(path, 0755);
    free(path);
    return status;
}

/* --- Submission ------------------------------------------------------------------------------ */

/* The first word that a command prints, where it succeeds. */
static int ask(const char *command, char *word, size_t size)
{
    FILE *pipe = popen(command, "r");
    if (!pipe) return leadseq_fail("%s: %s", command, strerror(errno));
    word[0] = '\0';
    if (fgets(word, (int)size, pipe)) word[strcspn(word, ";\n")] = '\0';
    while (fgetc(pipe) != EOF) continue;
    int status = pclose(pipe);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return leadseq_fail(
            "Slurm's commands cannot be run here; --slurm-dry-run writes the scripts "
            "alone");
    if (status || !*word) return leadseq_fail("'%s' failed; its messages are above", command);
    return 0;
}

/* "sbatch --parsable OPTION 'DIR/slurm/NAME'", and the id of the job. */
static int submit(const struct slurm *w, const char *option, const char *name, char id[32])
{
    char *command = NULL, *path = leadseq_path_join(w->scripts, name);
    size_t size;
    FILE *out = path ? open_memstream(&command, &size) : NULL;
    int status = out ? 0 : -1;
    if (out) {
        fprintf(out, "sbatch --parsable %s ", option);
        leadseq_print_word(out, path);
        if (fclose(out)) status = leadseq_fail_memory(0);
    }
    if (!status) status = ask(command, id, 32);
    free(command);
    free(path);
    return status;
}

/* A second array beside one that still waits would run its jobs twice. */
static int check_queue(const struct slurm *w)
{
    char id[32] = "", command[96], state[64];
    char *path = leadseq_path_join(w->scripts, "submitted");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file && !fgets(id, sizeof id, file)) id[0] = '\0';
    if (file) fclose(file);
    free(path);
    id[strspn(id, "0123456789")] = '\0';
    if (!*id) return 0;
    snprintf(command, sizeof command, "squeue -h -j %s -o %%T 2>/dev/null", id);
    if (!ask(command, state, sizeof state) && *state)
        return leadseq_fail("%s: Slurm still has the array %s of this sweep (%s); wait for it, or "
                            "end it by scancel %s",
                            w->s->folder, id, state, id);
    leadseq_error_clear();
    return 0;
}

static int remember(const struct slurm *w, const char *array)
{
    char *path = leadseq_path_join(w->scripts, "submitted");
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    fprintf(leadseq_file_stream(file), "%s\n", array);
    return leadseq_file_commit(file);
}

static int submit_all(const struct slurm *w, size_t n)
{
    char array[32], last[32], option[64];
    if (check_queue(w)) return -1;
    if (submit(w, "", "array.sh", array))
        return leadseq_fail_in("%s: not submitted: %s", w->s->folder, leadseq_count(n, "job"));
    if (remember(w, array)) return -1;
    snprintf(option, sizeof option, "--dependency=afterany:%.20s", array);
    if (submit(w, option, "table.sh", last))
        return leadseq_fail_in("the array %s is submitted, the table after it is not", array);
    printf("Submitted %s as array %s and the table as job %s. 'squeue' shows them; "
           "'leadseq sweep %s --table' makes the table of what is finished.\n",
           leadseq_count(n, "job"), array, last, w->s->folder);
    return 0;
}

/* --- All of it -------------------------------------------------------------------------------- */

static int find_paths(struct slurm *w)
{
    if (!realpath(w->s->folder, w->folder))
        return leadseq_fail("%s: %s", w->s->folder, strerror(errno));
    if (!realpath("/proc/self/exe", w->program))
        return leadseq_fail("the program's own file cannot be found: %s", strerror(errno));
    if (strpbrk(w->folder, "\"\\\n%"))
        return leadseq_fail("%s: quotes, backslashes and %% in a path have a meaning to Slurm; "
                            "choose another name",
                            w->folder);
    if (w->o->slurm && strchr(w->o->slurm, '\n'))
        return leadseq_fail("--slurm-options: expected one line");
    w->scripts = leadseq_path_join(w->s->folder, "slurm");
    return w->scripts ? leadseq_folder_make(w->scripts) : -1;
}

int sweep_slurm(const struct leadseq_sweep *s, const struct sweep_options *o)
{
    struct slurm w = {.s = s, .o = o};
    size_t n = 0, one;
    int lock = sweep_lock(s), status = lock < 0 ? -1 : find_paths(&w);
    if (!status) status = write_script(&w, "array.sh", print_array, &n);
    if (!status) status = write_script(&w, "table.sh", print_last, &one);
    if (!status && !n)
        printf("Nothing to submit: %zu of %s finished.\n", s->n_jobs,
               leadseq_count(s->n_jobs, "job"));
    else if (!status && o->submit)
        status = submit_all(&w, n);
    else if (!status)
        printf("Written %s/array.sh (%s) and table.sh; not submitted.\n", w.scripts,
               leadseq_count(n, "job"));
    free(w.scripts);
    leadseq_lock_release(lock);
    return status;
}
