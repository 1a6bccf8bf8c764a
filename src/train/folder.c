/* SPDX-License-Identifier: MIT
 *
 * The run folder: made once, locked while a training writes into it, compared
 * key by key with the experiment when a training is resumed. experiment.yaml is
 * the first file with anything in it: a folder without it holds nothing worth keeping.
 *
 * The lock comes first. Two trainings begun at the same moment both find no run there; without
 * it, both would write experiment.yaml, and the one that lost the rest of the folder could leave
 * its own next to the other's weights. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXPERIMENT_MOST = 1 << 20 };

char *train_folder_file(const char *folder, const char *name)
{
    return leadseq_path_join(folder, name);
}

static bool is_empty(const char *folder, const char *name)
{
    struct stat info;
    char *path = leadseq_path_join(folder, name);
    bool empty = path && !stat(path, &info) && info.st_size == 0;
    free(path);
    return empty;
}

/* Nothing but what a run killed in its first moment leaves. */
static bool is_bare(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d) return false;
    bool bare = true;
    for (struct dirent *entry; bare && (entry = readdir(d));) {
        const char *name = entry->d_name;
        bare = !strcmp(name, ".") || !strcmp(name, "..") ||
               (!strncmp(name, "experiment.yaml.", 16) && leadseq_ends_with(name, ".partial")) ||
               (!strcmp(name, "log.txt") && is_empty(folder, name));
    }
    closedir(d);
    return bare;
}

int train_folder_probe(const char *path, bool resume)
{
    if (!leadseq_path_exists(path)) {
        if (!resume) return 0;
        return leadseq_fail("%s: expected a run to resume, found nothing; leave out --resume to "
                            "begin one",
                            path);
    }
    if (!leadseq_path_is_folder(path))
        return leadseq_fail("%s: expected a run folder, found a file", path);
    if (access(path, W_OK | X_OK))
        return leadseq_fail("%s: cannot be written into: %s", path, strerror(errno));
    bool run = leadseq_folder_has(path, "experiment.yaml");
    if (run && !resume)
        return leadseq_fail(
            "%s: holds a run already; --resume continues it, another --out begins a "
            "new one",
            path);
    if (!run && !is_bare(path))
        return leadseq_fail("%s: expected a run or an empty folder, found other files; choose "
                            "another name",
                            path);
    return 0;
}

/* --- Comparing with the run's own experiment -------------------------------------------- */

int train_folder_experiment(const char *folder, struct leadseq_experiment *e)
{
    char *path = train_folder_file(folder, "experiment.yaml");
    char *text = path ? leadseq_file_read(path, EXPERIMENT_MOST, NULL) : NULL;
    int status = text ? leadseq_experiment_read_back(e, text) : -1;
    if (text && status) leadseq_fail_in("%s", path);
    free(text);
    free(path);
    return status;
}

static int compare_option(const char *folder, const char *key,
                          const struct leadseq_experiment *theirs,
                          const struct leadseq_experiment *ours)
{
    char *was = leadseq_experiment_value(theirs, key), *is = leadseq_experiment_value(ours, key);
    int status = was && is ? 0 : -1;
    if (!status && strcmp(was, is))
        status = leadseq_fail("%s: %s: the run was begun with %s, the experiment now says %s; "
                              "resume with the run's own experiment or begin another run",
                              folder, key, was, is);
    free(was);
    free(is);
    return status;
}

static int compare_experiment(const char *folder, const struct leadseq_experiment *e)
{
    struct leadseq_experiment theirs;
    if (train_folder_experiment(folder, &theirs)) return -1;
    for (size_t i = 0; i < leadseq_option_count(); i++)
        if (compare_option(folder, leadseq_option_key(i), &theirs, e)) return -1;
    return 0;
}

/* --- Making and opening ------------------------------------------------------------------- */

static int write_text(const char *folder, const char *name, const char *text)
{
    char *path = train_folder_file(folder, name);
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    fputs(text, leadseq_file_stream(file));
    return leadseq_file_commit(file);
}

/* log.txt is created by any process that tries to take the lock, and stays empty until the process
 * that got the lock writes to it. */
static int take_lock(struct train_folder *f)
{
    char *path = train_folder_file(f->path, "log.txt");
    int status = path ? leadseq_lock_take(path, &f->lock) : -1;
    char holder[LEADSEQ_HOLDER_TEXT];
    if (status == 1)
        status = leadseq_fail("%s: %s is training into this folder", f->path,
                              leadseq_lock_holder(path, holder));
    free(path);
    return status;
}

static int open_log(struct train_folder *f)
{
    char *path = train_folder_file(f->path, "log.txt");
    if (path && !(f->log = fopen(path, "a")))
        leadseq_fail("%s: cannot be written: %s", path, strerror(errno));
    free(path);
    return f->log ? 0 : -1;
}

static int make_experiment(struct train_folder *f, const struct leadseq_experiment *e)
{
    if (f->resumed) return compare_experiment(f->path, e);
    char *text = leadseq_experiment_text(e);
    int status = text ? write_text(f->path, "experiment.yaml", text) : -1;
    free(text);
    return status;
}

/* With the lock held: what another process did before is now final. */
static int fill(struct train_folder *f, const struct leadseq_experiment *e,
                const struct leadseq_train_options *options)
{
    if (train_folder_probe(f->path, options->resume)) return -1;
    f->resumed = leadseq_folder_has(f->path, "experiment.yaml");
    if (make_experiment(f, e)) return -1;
    if (!leadseq_folder_has(f->path, "overrides.txt") &&
        write_text(f->path, "overrides.txt", options->overrides ? options->overrides : ""))
        return -1;
    char *checkpoints = train_folder_file(f->path, "checkpoints");
    int status = checkpoints ? leadseq_folder_make(checkpoints) : -1;
    free(checkpoints);
    return status ? -1 : open_log(f);
}

int train_folder_open(struct train_folder *f, const struct leadseq_experiment *e,
                      const struct leadseq_train_options *options)
{
    *f = (struct train_folder){.lock = -1};
    if (train_folder_probe(options->out, options->resume) || leadseq_folder_make(options->out))
        return -1;
    f->path = leadseq_format("%s", options->out);
    if (!f->path || take_lock(f) || fill(f, e, options)) {
        train_folder_close(f);
        return -1;
    }
    // into a run that is there, only once it is clear that it will be continued
    if (!f->resumed) leadseq_log_file(f->log);
    return 0;
}

void train_folder_close(struct train_folder *f)
{
    if (!f) return;
    if (f->log) leadseq_log_file(NULL);
    if (f->steps) fclose(f->steps);
    if (f->history) fclose(f->history);
    if (f->log) fclose(f->log);
    leadseq_lock_release(f->lock);
    free(f->path);
    *f = (struct train_folder){.lock = -1};
}
