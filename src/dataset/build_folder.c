/* SPDX-License-Identifier: MIT
 *
 * A folder that a build fills with a file or more a record, and that appears under its name
 * when all are there: DIR/1.json, or by label DIR/mi/1_I.png, DIR/normal/…, DIR/unlabelled/…. */
#include "dataset_private.h"

#include <stdlib.h>

static const char *const kind_name[] = {"normal", "mi", "unlabelled"};

char *dataset_folder_file(const struct leadseq_folder *f, const struct leadseq_stack_row *row,
                          bool by_label, const char *end)
{
    const char *partial = leadseq_folder_partial(f);
    const char *kind = kind_name[row->mi <= 1 ? row->mi : 2];
    char *folder = by_label ? leadseq_path_join(partial, kind) : leadseq_format("%s", partial);
    char *path = NULL, name[LEADSEQ_ROW_FILE];
    if (folder && !leadseq_folder_make(folder))
        path = leadseq_format("%s/%s%s", folder, leadseq_stack_row_file(row, name), end);
    free(folder);
    return path;
}
