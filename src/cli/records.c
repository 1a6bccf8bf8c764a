/* SPDX-License-Identifier: MIT
 *
 * Folders and lists of records, where a command takes records: a folder means every
 * header in it and below, in the order of their paths; a list (PhysioNet's RECORDS)
 * has one record or folder per line, relative to the folder of the list. */
#include "records.h"
#include "kind.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_BYTES_MAX = 64 << 20, OPEN_FOLDERS = 16 };

/* Takes ownership of `path`, also on failure. */
static int add(struct cli_records *records, char *path)
{
    char **longer = path ? leadseq_realloc(records->path, records->n + 1, sizeof *longer) : NULL;
    if (!longer) {
        free(path);
        return -1;
    }
    records->path = longer;
    records->path[records->n++] = path;
    return 0;
}

void cli_records_clear(struct cli_records *records)
{
    for (size_t i = 0; i < records->n; i++) free(records->path[i]);
    free(records->path);
    *records = (struct cli_records){0};
}

/* --- Folders ------------------------------------------------------------------ */

static struct cli_records *found; // nftw() passes no pointer on

static int visit(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)at;
    return type == FTW_F && leadseq_ends_with(path, ".hea") ? add(found, leadseq_format("%s", path))
                                                            : 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_folder(struct cli_records *records, const char *folder)
{
    size_t before = records->n;
    found = records;
    errno = 0;
    int status = nftw(folder, visit, OPEN_FOLDERS, FTW_PHYS);
    if (status && errno)
        return leadseq_fail("%s: cannot be searched for records: %s", folder, strerror(errno));
    if (status) return -1;
    if (records->n == before)
        return leadseq_fail("%s: expected a folder with records (*.hea) in it or below, found none",
                            folder);
    qsort(records->path + before, records->n - before, sizeof *records->path, by_text);
    return 0;
}

/* --- Lists ---------------------------------------------------------------------- */

static int add_line(struct cli_records *records, const char *list, const char *line)
{
    const char *slash = *line == '/' ? NULL : strrchr(list, '/');
    char *path = slash ? leadseq_format("%.*s/%s", (int)(slash - list), list, line)
                       : leadseq_format("%s", line);
    if (!path || !leadseq_path_is_folder(path)) return add(records, path);
    int status = add_folder(records, path);
    free(path);
    return status;
}

static int add_list(struct cli_records *records, const char *list)
{
    size_t size, before = records->n;
    char *text = leadseq_file_read(list, LIST_BYTES_MAX, &size), *rest = text;
    if (!text) return -1;
    int status = memchr(text, '\0', size)
                     ? leadseq_fail("%s: expected a record's header or a list of records, found a "
                                    "file that is no text",
                                    list)
                     : 0;
    for (char *line; !status && (line = strsep(&rest, "\n"));) {
        line += strspn(line, " \t");
        line[strcspn(line, "\r")] = '\0';
        if (*line && *line != '#') status = add_line(records, list, line);
    }
    free(text);
    if (!status && records->n == before)
        status = leadseq_fail("%s: expected a list with one record per line, found none", list);
    return status;
}

/* --- Both ------------------------------------------------------------------------ */

/* A file that neither belongs to a record nor has a header of its name in the same folder. */
static bool is_list(const char *path)
{
    static const char *const endings[] = {".hea", ".dat", ".mat"};
    for (size_t i = 0; i < LEADSEQ_COUNT(endings); i++)
        if (leadseq_ends_with(path, endings[i])) return false;
    char *header = leadseq_format("%s.hea", path);
    bool beside = header && leadseq_path_exists(header);
    free(header);
    return !beside;
}

static int expand(struct cli_records *records, const char *path)
{
    enum cli_kind kind;
    if (leadseq_path_is_folder(path) && !leadseq_folder_has(path, "experiment.yaml"))
        return add_folder(records, path);
    if (leadseq_path_exists(path)) {
        if (cli_kind(&kind, path)) return -1;
        if (kind == CLI_KIND_RECORD && is_list(path)) return add_list(records, path);
    }
    return add(records, leadseq_format("%s", path));
}

int cli_records_expand(struct cli_records *records, const struct cli_paths *given)
{
    *records = (struct cli_records){0};
    for (size_t i = 0; i < given->n; i++)
        if (expand(records, given->path[i])) {
            cli_records_clear(records);
            return -1;
        }
    return 0;
}
