/* SPDX-License-Identifier: MIT
 *
 * A plan in its folder: written once, read back for every job, compared where the
 * same sweep is asked for again.
 *
 * sweep.json is written last: a folder with it holds a whole plan, a folder without it what a
 * killed sweep left, which is written over. The lock of sweep.lock is held while the plan is
 * written; jobs only read it. */
#include "sweep_private.h"

#include "page/page.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BASE_MOST = 1 << 20 };

bool leadseq_sweep_is_there(const char *folder)
{
    return leadseq_folder_has(folder, "sweep.json");
}

/* What a sweep killed while it wrote its plan leaves, and nothing else. */
static bool is_bare(const char *folder)
{
    static const char *const ours = " . .. base.yaml base.yaml.partial jobs.tsv jobs.tsv.partial "
                                    "sweep.json.partial jobs sweep.lock ";
    DIR *d = opendir(folder);
    if (!d) return false;
    bool bare = true;
    for (struct dirent *entry; bare && (entry = readdir(d));) {
        char *name = leadseq_format(" %s ", entry->d_name);
        bare = name && strstr(ours, name);
        free(name);
    }
    closedir(d);
    return bare;
}

static int probe(const char *folder)
{
    if (!leadseq_path_exists(folder)) return 0;
    if (!leadseq_path_is_folder(folder))
        return leadseq_fail("%s: expected a folder for the sweep, found a file", folder);
    if (access(folder, W_OK | X_OK))
        return leadseq_fail("%s: cannot be written into: %s", folder, strerror(errno));
    if (leadseq_sweep_is_there(folder) || is_bare(folder)) return 0;
    return leadseq_fail(
        "%s: expected a sweep or an empty folder, found other files; choose another "
        "name",
        folder);
}

/* --- The stack ------------------------------------------------------------------------------ */

static int check_against(const struct leadseq_sweep *s, const struct leadseq_stack *stack)
{
    for (size_t job = 0; job < s->n_jobs; job++) {
        struct leadseq_experiment e;
        if (!leadseq_sweep_experiment(s, job, &e) && !leadseq_train_resolve(&e, stack)) continue;
        return leadseq_fail_in("job %04zu", job + 1);
    }
    return 0;
}

static int look_at_stack(struct leadseq_sweep *s, const char *data)
{
    char path[PATH_MAX];
    struct leadseq_stack *stack = leadseq_stack_open(data);
    int status = stack ? check_against(s, stack) : -1;
    if (!status) status = leadseq_train_checksum(stack, s->checksum);
    leadseq_stack_close(stack);
    if (status) return -1;
    if (!realpath(data, path)) return leadseq_fail("%s: %s", data, strerror(errno));
    free(s->data);
    s->data = leadseq_format("%s", path);
    return s->data ? 0 : -1;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void print_jobs(const struct leadseq_sweep *s, FILE *out)
{
    fputs("job", out);
    for (size_t k = 0; k < s->n_keys; k++) fprintf(out, "\t%s", s->key[k]);
    fputc('\n', out);
    for (size_t job = 0; job < s->n_jobs; job++) {
        fprintf(out, "%04zu", job + 1);
        for (size_t k = 0; k < s->n_keys; k++) fprintf(out, "\t%s", s->cell[job * s->n_keys + k]);
        fputc('\n', out);
    }
}

/* jobs.tsv, or base.yaml. */
static int write_part(const struct leadseq_sweep *s, const char *name, bool jobs)
{
    char *path = leadseq_path_join(s->folder, name);
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    int status = 0;
    if (jobs)
        print_jobs(s, leadseq_file_stream(file));
    else
        status = leadseq_experiment_write_given(&s->base, leadseq_file_stream(file));
    if (!status) return leadseq_file_commit(file);
    leadseq_file_discard(file);
    return -1;
}

static int write_json(const struct leadseq_sweep *s)
{
    char when[32], *path = leadseq_path_join(s->folder, "sweep.json");
    struct leadseq_json *json = path ? leadseq_json_object() : NULL;
    leadseq_timestamp(when);
    if (json) {
        leadseq_json_set_text(json, "planned", when);
        leadseq_json_set_count(json, "jobs", s->n_jobs);
        leadseq_json_set_text(json, "stack", s->data);
        leadseq_json_set_text(json, "stack_checksum", s->checksum);
    }
    int status = json ? leadseq_json_save(json, path) : -1;
    leadseq_json_free(json);
    free(path);
    return status;
}

static int write_plan(const struct leadseq_sweep *s)
{
    char *jobs = leadseq_path_join(s->folder, "jobs");
    int status = jobs && !leadseq_folder_make(jobs) ? 0 : -1;
    free(jobs);
    if (status || write_part(s, "base.yaml", false) || write_part(s, "jobs.tsv", true)) return -1;
    return write_json(s);
}

static int compare_plan(const struct leadseq_sweep *s)
{
    struct leadseq_sweep planned;
    if (leadseq_sweep_open(&planned, s->folder, NULL)) return -1;
    int status = sweep_compare(&planned, s);
    leadseq_sweep_clear(&planned);
    return status;
}

/* Another sweep may have written its plan since we looked: the lock decides whose it is. */
static int make_plan(const struct leadseq_sweep *s)
{
    int lock = sweep_lock(s);
    if (lock < 0) return -1;
    int status = leadseq_sweep_is_there(s->folder) ? compare_plan(s) : write_plan(s);
    leadseq_lock_release(lock);
    return status;
}

int leadseq_sweep_begin(struct leadseq_sweep *s, const char *folder, const char *data)
{
    if (probe(folder)) return -1;
    free(s->folder);
    s->folder = leadseq_format("%s", folder);
    if (!s->folder || look_at_stack(s, data)) return -1;
    if (leadseq_sweep_is_there(folder)) return compare_plan(s);
    return leadseq_folder_make(folder) ? -1 : make_plan(s);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static int read_base(struct leadseq_sweep *s)
{
    char *path = leadseq_path_join(s->folder, "base.yaml");
    char *text = path ? leadseq_file_read(path, BASE_MOST, NULL) : NULL;
    int status = text ? leadseq_experiment_read_back(&s->base, text) : -1;
    if (text && status) leadseq_fail_in("%s", path);
    free(text);
    free(path);
    return status;
}

static int take_cell(const struct leadseq_sheet *sheet, size_t row, size_t column, char **cell)
{
    const char *text = leadseq_sheet_cell(sheet, row, (int)column);
    *cell = leadseq_format("%s", text);
    if (!*cell) return -1;
    char number[32];
    snprintf(number, sizeof number, "job %04zu", row + 1);
    if (column || !strcmp(text, number + strlen("job "))) return 0;
    return leadseq_sheet_fail(sheet, row, 0, number);
}

static int take_jobs(struct leadseq_sweep *s, const struct leadseq_sheet *sheet)
{
    if (!sheet->rows || sheet->rows > LEADSEQ_SWEEP_JOBS_MOST ||
        strcmp(leadseq_sheet_title(sheet, 0), "job"))
        return leadseq_fail("%s: expected 1 to %d jobs in a table whose first column is job, found "
                            "%zu under \"%.40s\"",
                            sheet->path, LEADSEQ_SWEEP_JOBS_MOST, sheet->rows,
                            leadseq_sheet_title(sheet, 0));
    s->n_jobs = sheet->rows;
    s->n_keys = sheet->columns - 1;
    s->key = leadseq_calloc(s->n_keys + 1, sizeof *s->key);
    s->cell = leadseq_calloc(s->n_jobs * s->n_keys + 1, sizeof *s->cell);
    if (!s->key || !s->cell) return -1;
    for (size_t k = 0; k < s->n_keys; k++)
        if (!(s->key[k] = leadseq_format("%s", leadseq_sheet_title(sheet, (int)k + 1)))) return -1;
    for (size_t row = 0; row < sheet->rows; row++) {
        char *number = NULL;
        int status = take_cell(sheet, row, 0, &number);
        free(number);
        for (size_t k = 0; !status && k < s->n_keys; k++)
            status = take_cell(sheet, row, k + 1, &s->cell[row * s->n_keys + k]);
        if (status) return -1;
    }
    return 0;
}

static int read_jobs(struct leadseq_sweep *s)
{
    struct leadseq_sheet sheet = {0};
    char *path = leadseq_path_join(s->folder, "jobs.tsv");
    int status = path ? leadseq_sheet_read(&sheet, path) : -1;
    if (!status) status = take_jobs(s, &sheet);
    for (size_t job = 0; !status && job < s->n_jobs; job++) {
        struct leadseq_experiment e;
        status = leadseq_sweep_experiment(s, job, &e);
        if (status) leadseq_fail_in("%s: job %04zu", path, job + 1);
    }
    leadseq_sheet_clear(&sheet);
    free(path);
    return status;
}

static int read_json(struct leadseq_sweep *s)
{
    char *path = leadseq_path_join(s->folder, "sweep.json");
    struct leadseq_json *json = path ? leadseq_json_read(path) : NULL;
    const char *stack = json ? leadseq_json_text(json, "stack") : NULL;
    const char *checksum = json ? leadseq_json_text(json, "stack_checksum") : NULL;
    int status = json ? 0 : -1;
    if (json && (!stack || !checksum))
        status = leadseq_fail("%s: expected stack and stack_checksum, found none", path);
    if (!status) {
        s->data = leadseq_format("%s", stack);
        snprintf(s->checksum, sizeof s->checksum, "%s", checksum);
        status = s->data ? 0 : -1;
    }
    leadseq_json_free(json);
    free(path);
    return status;
}

/* The stack may have moved, if it is the same. */
static int move_stack(struct leadseq_sweep *s, const char *data)
{
    char planned[32];
    memcpy(planned, s->checksum, sizeof planned);
    if (look_at_stack(s, data)) return -1;
    if (!strcmp(planned, s->checksum)) return write_json(s);
    return leadseq_fail("%s: expected the stack the sweep was planned with (%s), found %s; %s",
                        data, planned, s->checksum, "another --out begins a new sweep");
}

int leadseq_sweep_open(struct leadseq_sweep *s, const char *folder, const char *data)
{
    *s = (struct leadseq_sweep){.folder = leadseq_format("%s", folder)};
    int status = s->folder ? 0 : -1;
    if (!status && !leadseq_sweep_is_there(folder))
        status = leadseq_fail("%s: expected a sweep's folder with sweep.json in it", folder);
    if (!status) status = read_base(s);
    if (!status) status = read_jobs(s);
    if (!status) status = read_json(s);
    if (!status && data) status = move_stack(s, data);
    if (status) leadseq_sweep_clear(s);
    return status;
}
