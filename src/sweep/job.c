/* SPDX-License-Identifier: MIT
 *
 * One job of a sweep: a run like any other, in a numbered folder, and a status
 * that says when nothing is left to do. The status is written last, whole,
 * so a job killed at any moment can be resumed. */
#include "sweep_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_MOST = 1 << 16 };
static const char finished[] = "finished\n", failed[] = "failed: ";

const char *const leadseq_job_state_name[] = {"waiting", "begun", "finished", "failed"};

char *leadseq_sweep_path(const struct leadseq_sweep *s, size_t job, const char *suffix)
{
    if (!suffix) return leadseq_format("%s/%04zu", s->folder, job + 1);
    return leadseq_format("%s/jobs/%04zu%s", s->folder, job + 1, suffix);
}

static bool is_begun(const struct leadseq_sweep *s, size_t job)
{
    char *folder = leadseq_sweep_path(s, job, NULL);
    bool begun = folder && leadseq_folder_has(folder, "experiment.yaml");
    free(folder);
    return begun;
}

/* The status in fresh memory, NULL if it has none. */
static char *status_of(const struct leadseq_sweep *s, size_t job)
{
    char *path = leadseq_sweep_path(s, job, ".status"), *text = NULL;
    if (path && leadseq_path_exists(path)) text = leadseq_file_read(path, STATUS_MOST, NULL);
    free(path);
    return text;
}

enum leadseq_job_state leadseq_sweep_state(const struct leadseq_sweep *s, size_t job, char **why)
{
    char *text = status_of(s, job);
    enum leadseq_job_state state = is_begun(s, job) ? LEADSEQ_JOB_BEGUN : LEADSEQ_JOB_WAITING;
    if (why) *why = NULL;
    if (text && !strcmp(text, finished)) {
        state = LEADSEQ_JOB_FINISHED;
    } else if (text && !strncmp(text, failed, strlen(failed))) {
        state = LEADSEQ_JOB_FAILED;
        text[strcspn(text, "\n")] = '\0';
        if (why) *why = leadseq_format("%s", text + strlen(failed));
    }
    free(text);
    return state;
}

int leadseq_sweep_epochs(const struct leadseq_sweep *s, size_t job)
{
    char *path = leadseq_format("%s/%04zu/history.tsv", s->folder, job + 1);
    FILE *table = path ? fopen(path, "r") : NULL;
    int lines = 0;
    for (int c; table && (c = getc(table)) != EOF;) lines += c == '\n';
    if (table) fclose(table);
    free(path);
    return lines ? lines - 1 : 0;
}

static int write_status(const struct leadseq_sweep *s, size_t job, const char *text,
                        const char *why)
{
    char *path = leadseq_sweep_path(s, job, ".status");
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    fprintf(leadseq_file_stream(file), "%s%s", text, why);
    return leadseq_file_commit(file);
}

/* Fails where another program trains the job: then its status is that program's to write. */
static int check_alone(const struct leadseq_sweep *s, size_t job)
{
    char *log = leadseq_format("%s/%04zu/log.txt", s->folder, job + 1);
    char holder[LEADSEQ_HOLDER_TEXT];
    int status = log ? 0 : -1;
    if (log && leadseq_lock_is_held(log))
        status = leadseq_fail("%s: job %04zu: %s runs it; wait for it", s->folder, job + 1,
                              leadseq_lock_holder(log, holder));
    free(log);
    return status;
}

/* The message stays that of the failure. */
static void note_failure(const struct leadseq_sweep *s, size_t job)
{
    if (leadseq_sweep_state(s, job, NULL) == LEADSEQ_JOB_FINISHED) return; // by another meanwhile
    char *why = leadseq_format("%s\n", leadseq_error());
    if (why && write_status(s, job, failed, why)) leadseq_warn("%s", leadseq_error());
    leadseq_error_clear();
    if (why) leadseq_fail("%.*s", (int)strcspn(why, "\n"), why);
    free(why);
}

/* Another stack under the same name would mix what cannot be compared. */
static int check_stack(const struct leadseq_sweep *s)
{
    char checksum[32];
    struct leadseq_stack *stack = leadseq_stack_open(s->data);
    int status = stack ? leadseq_train_checksum(stack, checksum) : -1;
    leadseq_stack_close(stack);
    if (status || !strcmp(checksum, s->checksum)) return status;
    return leadseq_fail("%s: expected the stack the sweep was planned with (%s), found %s", s->data,
                        s->checksum, checksum);
}

/* The setting, one key per line, as overrides.txt keeps it. */
static char *overrides_of(const struct leadseq_sweep *s, size_t job)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t k = 0; out && k < s->n_keys; k++)
        fprintf(out, "%s=%s\n", s->key[k], s->cell[job * s->n_keys + k]);
    if (out && !fclose(out)) return text;
    leadseq_fail_memory(0);
    return NULL;
}

static int train(const struct leadseq_sweep *s, size_t job,
                 const struct leadseq_job_options *options)
{
    struct leadseq_experiment e;
    char *folder = leadseq_sweep_path(s, job, NULL), *overrides = overrides_of(s, job);
    int status = folder && overrides ? leadseq_sweep_experiment(s, job, &e) : -1;
    if (!status) status = check_stack(s);
    if (!status) {
        struct leadseq_train_options how = {
            .data = s->data,
            .out = folder,
            .overrides = overrides,
            .resume = is_begun(s, job),
            .threads = options->threads,
            .hooks = options->hooks,
        };
        status = leadseq_train(&e, &how);
    }
    free(folder);
    free(overrides);
    return status;
}

int leadseq_sweep_run(const struct leadseq_sweep *s, size_t job,
                      const struct leadseq_job_options *options)
{
    char *path = check_alone(s, job) ? NULL : leadseq_sweep_path(s, job, ".status");
    if (!path) return -1;
    bool done = leadseq_sweep_state(s, job, NULL) == LEADSEQ_JOB_FINISHED;
    if (!done) unlink(path); // of an earlier failure
    free(path);
    if (done) return 0;
    if (!train(s, job, options))
        return leadseq_stop_signal() ? 0 : write_status(s, job, finished, "");
    // two that began at once: the one that lost leaves the status alone
    if (!leadseq_stop_signal() && !check_alone(s, job)) note_failure(s, job);
    return -1;
}
