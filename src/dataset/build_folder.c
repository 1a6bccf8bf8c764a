/* SPDX-License-Identifier: MIT
 *
 * A folder that a build fills with a file or more a record, and that appears under its name
 * when all are there: DIR/1.json, or by label DIR/mi/1_I.png, DIR/normal/…, DIR/unlabelled/…. */
#include "dataset_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dataset_folder {
    char *folder, *partial;
};

static const char *const kind_name[] = {"normal", "mi", "unlabelled"};

static bool is_ours(const char *name)
{
    return leadseq_ends_with(name, ".png") || leadseq_ends_with(name, ".png.partial") ||
           leadseq_ends_with(name, ".json") || leadseq_ends_with(name, ".json.partial");
}

static void remove_files(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));)
        if (is_ours(e->d_name)) unlinkat(dirfd(dir), e->d_name, 0);
    closedir(dir);
    rmdir(folder);
}

/* Removes images and sidecars in the folders of ours and nothing else; what is not ours keeps it
 * there. */
static void remove_tree(const char *partial)
{
    for (size_t k = 0; k < LEADSEQ_COUNT(kind_name); k++) {
        char *folder = leadseq_path_join(partial, kind_name[k]);
        if (folder) remove_files(folder);
        free(folder);
    }
    remove_files(partial);
}

struct dataset_folder *dataset_folder_begin(const char *folder)
{
    struct dataset_folder *f = leadseq_calloc(1, sizeof *f);
    if (!f) return NULL;
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/') n--;
    f->folder = leadseq_format("%.*s", (int)n, folder);
    char *partial = leadseq_format("%.*s.partial", (int)n, folder);
    if (!f->folder || !partial) goto fail;
    if (leadseq_folder_make_new(f->folder)) goto fail; // refuses one with anything in it
    if (leadseq_path_exists(partial)) {
        leadseq_info("%s: left by an earlier run that did not finish; removed", partial);
        remove_tree(partial);
    }
    if (leadseq_folder_make_new(partial)) goto fail;
    f->partial = partial;
    return f;
fail:
    free(partial);
    dataset_folder_discard(f);
    return NULL;
}

static void folder_free(struct dataset_folder *f)
{
    free(f->folder);
    free(f->partial);
    free(f);
}

char *dataset_folder_file(const struct dataset_folder *f, const struct leadseq_stack_row *row,
                          bool by_label, const char *end)
{
    const char *kind = kind_name[row->mi <= 1 ? row->mi : 2];
    char *folder =
        by_label ? leadseq_path_join(f->partial, kind) : leadseq_format("%s", f->partial);
    char *path = NULL, name[LEADSEQ_ROW_FILE];
    if (folder && !leadseq_folder_make(folder))
        path = leadseq_format("%s/%s%s", folder, leadseq_stack_row_file(row, name), end);
    free(folder);
    return path;
}

int dataset_folder_commit(struct dataset_folder *f)
{
    if (!f) return 0;
    int status = rename(f->partial, f->folder) // the empty folder is replaced
                     ? leadseq_fail("%s: cannot be renamed to %s: %s", f->partial, f->folder,
                                    strerror(errno))
                     : 0;
    if (status) {
        dataset_folder_discard(f);
        return status;
    }
    folder_free(f);
    return 0;
}

void dataset_folder_discard(struct dataset_folder *f)
{
    if (!f) return;
    if (f->partial) {
        remove_tree(f->partial);
        rmdir(f->folder); // made empty by us
    }
    folder_free(f);
}
