/* SPDX-License-Identifier: MIT
 *
 * Every output of every command, before it runs: it can be written, nothing is there that would
 * be lost, and it is none of the inputs. */
#include "options.h"
#include "records.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- Whether an output is an input ------------------------------------------------------------ */

static bool ends_with_one(const char *path, const char *const *endings)
{
    for (; *endings; endings++)
        if (leadseq_ends_with(path, *endings)) return true;
    return false;
}

static const char *const of_records[] = {".hea", ".dat", ".mat", NULL};

static bool is_same(const struct stat *output, const char *input)
{
    struct stat info;
    return !stat(input, &info) && info.st_dev == output->st_dev && info.st_ino == output->st_ino;
}

/* The folder of a path that is there, without links in it. */
static bool folder_of(char folder[PATH_MAX], const char *path)
{
    if (!realpath(path, folder)) return false;
    dirname(folder);
    return true;
}

/* Whether a line of the header begins with the name: signals may be in a file of any name. */
static bool is_named_in(const char *header, const char *path)
{
    enum { HEADER_BYTES = 1 << 20 };
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);
    char *text = leadseq_file_read(header, HEADER_BYTES, NULL), *rest = text;
    bool named = false;
    for (char *line; !named && (line = strsep(&rest, "\r\n"));)
        named = !strncmp(line, name, n) && (line[n] == ' ' || line[n] == '\t');
    free(text);
    leadseq_error_clear();
    return named;
}

/* The files of a record: its header, and whatever may hold its signals beside it. */
static bool is_of_record(const struct stat *output, const char *path, const char *input)
{
    char *header = leadseq_format("%s%s", input, leadseq_ends_with(input, ".hea") ? "" : ".hea");
    char folder[PATH_MAX], other[PATH_MAX];
    bool record = header && leadseq_path_exists(header);
    bool is =
        record && (is_same(output, header) ||
                   (folder_of(folder, header) && folder_of(other, path) && !strcmp(folder, other) &&
                    (ends_with_one(path, of_records) || is_named_in(header, path))));
    free(header);
    return is;
}

/* A folder's records and tables, or the files of a run. Results that a user keeps in such a folder,
 * a stack or a table of predictions, are not among them. */
static bool is_in_folder(const char *path, const char *input)
{
    static const char *const read[] = {".hea",           ".dat",         ".mat",       ".csv",
                                       ".png",           ".yaml",        ".json",      ".txt",
                                       "diagnostics.h5", "/history.tsv", "/steps.tsv", NULL};
    static const char *const tables[] = {"train", "valid", "test", "all"};
    char folder[PATH_MAX], file[PATH_MAX];
    if (!leadseq_path_is_folder(input) || !realpath(input, folder) || !realpath(path, file))
        return false;
    size_t n = strlen(folder);
    if (strncmp(file, folder, n) != 0 || file[n] != '/') return false;
    if (ends_with_one(file, read) || !strncmp(file + n, "/checkpoints/", 13)) return true;
    for (size_t i = 0; i < LEADSEQ_COUNT(tables); i++) {
        char name[40];
        snprintf(name, sizeof name, "/predictions-%s.tsv", tables[i]);
        if (leadseq_ends_with(file, name)) return true;
    }
    return false;
}

static int check_input(const char *path, const char *input)
{
    struct stat output;
    if (stat(path, &output) || !S_ISREG(output.st_mode)) return 0;
    if (is_same(&output, input))
        return leadseq_fail("%s: is the input %s, which is never replaced; choose another name",
                            path, input);
    if (is_of_record(&output, path, input))
        return leadseq_fail("%s: may be a file of the input record %s, which is never replaced; "
                            "choose another name",
                            path, input);
    if (!is_in_folder(path, input)) return 0;
    return leadseq_fail("%s: is in the input folder %s, whose files are never replaced; choose "
                        "another name",
                        path, input);
}

/* The records of folders and lists; where these cannot be read the command itself will say so. */
static int check_listed(const char *path, const struct cli_paths *inputs, bool force)
{
    const struct cli_records_rules rules = {true, true, .silent = true};
    struct cli_records records;
    int status = 0;
    if (!leadseq_path_exists(path) || !(force || ends_with_one(path, of_records))) return 0;
    if (cli_records_expand(&records, inputs, &rules)) {
        leadseq_error_clear();
        return 0;
    }
    for (size_t i = 0; !status && i < records.n; i++) status = check_input(path, records.path[i]);
    cli_records_clear(&records);
    return status;
}

static int check_many(const char *path, const struct cli_paths *inputs, bool force)
{
    for (size_t i = 0; i < inputs->n; i++)
        if (check_input(path, inputs->path[i])) return -1;
    return check_listed(path, inputs, force);
}

static int check_inputs(const char *path, const struct cli_given *given, size_t n, bool force)
{
    for (size_t i = 0; i < n; i++) {
        enum cli_place place = given[i].row->kind->place;
        if (place == CLI_INPUT && check_input(path, *(const char *const *)given[i].value))
            return -1;
        if (place == CLI_INPUTS && check_many(path, given[i].value, force)) return -1;
    }
    return 0;
}

/* --- All outputs ------------------------------------------------------------------------------ */

static int check_store(const char *path, bool force)
{
    if (leadseq_output_is_stream(path))
        return leadseq_fail("%s: expected the name of a file, found a device or a pipe, into which "
                            "HDF5 cannot write",
                            path);
    return leadseq_output_check(path, force);
}

static int check_output(const struct cli_given *output, const struct cli_given *given, size_t n,
                        bool force)
{
    const char *path = *(const char *const *)output->value;
    if (!strcmp(path, "-"))
        return leadseq_fail("-: expected a name; standard output is /dev/stdout, and a file that "
                            "is called so is ./-");
    switch (output->row->kind->place) {
    case CLI_OUT_FILE:
        if (check_inputs(path, given, n, force)) return -1;
        return leadseq_output_check(path, force);
    case CLI_OUT_STORE:
        if (check_inputs(path, given, n, force)) return -1;
        return check_store(path, force);
    case CLI_OUT_FOLDER:
        return leadseq_output_check_folder(path);
    default:
        return 0;
    }
}

int cli_outputs_check(const struct cli_given *given, size_t n, bool force)
{
    for (size_t i = 0; i < n; i++)
        if (check_output(&given[i], given, n, force))
            return leadseq_fail_in("--%s", given[i].row->name);
    return 0;
}
