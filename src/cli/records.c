/* SPDX-License-Identifier: MIT
 *
 * Folders and lists of records, where a command takes records: a folder means every
 * header in it and below, in the order of their paths, through links; a list (PhysioNet's RECORDS)
 * has one record or folder per line, relative to the folder of the list. */
#include "records.h"
#include "kind.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_BYTES_MAX = 64 << 20, LEFT_OUT_TOLD = 20 };

const char cli_skip_bad_help[] = "Leave out records and folders that cannot be read; they are "
                                 "listed with the reasons at the end";

struct search {
    struct cli_records *records;
    const struct cli_records_rules *rules;
    size_t absent;   /* lines of lists that lead nowhere */
    size_t left_out; /* links to what is found anyway */
};

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
    leadseq_faults_clear(&records->bad);
    *records = (struct cli_records){0};
}

/* --- Folders ------------------------------------------------------------------ */

static int visit(void *state, const char *path, const char *why, bool bad)
{
    struct search *s = state;
    if (leadseq_stop_check()) return -1;
    if (!why) return add(s->records, leadseq_format("%s", path));
    if (bad) {
        (void)leadseq_fail("%s: cannot be searched for records: %s", path, why);
        return leadseq_faults_add(&s->records->bad);
    }
    if (!s->rules->silent && ++s->left_out <= LEFT_OUT_TOLD)
        leadseq_info("%s: left out: %s", path, why);
    return 0;
}

static int count_picture(void *n, const char *path, const char *why, bool bad)
{
    (void)path, (void)bad;
    *(size_t *)n += !why;
    return leadseq_stop_check();
}

static int add_folder(struct search *s, const char *folder)
{
    size_t before = s->records->n, bad = s->records->bad.n;
    if (leadseq_folder_walk(folder, ".hea", visit, s)) return -1;
    if (s->records->n > before || s->records->bad.n > bad) return 0;
    size_t pictures = 0;
    if (s->rules->pictures && leadseq_folder_walk(folder, ".png", count_picture, &pictures))
        return -1;
    return leadseq_fail("%s: expected a folder with records (*.hea) in it or below, found %s%s%s",
                        folder, pictures ? "PNG files: give these by their names, " : "none",
                        pictures ? folder : "", pictures ? "/*.png" : "");
}

/* --- Lists ---------------------------------------------------------------------- */

struct place { /* a line of a list */
    const char *list;
    size_t line;
};

static bool is_there(const char *path)
{
    char *header = leadseq_format("%s.hea", path);
    bool there = leadseq_path_exists(path) || (header && leadseq_path_exists(header));
    free(header);
    return there;
}

/* A line that leads nowhere. */
static int add_absent(struct search *s, const struct place *at, const char *line, char *path)
{
    if (strpbrk(line, ",;\t") || leadseq_ends_with(at->list, ".csv"))
        return leadseq_fail(
            "%s:%zu: expected a record or folder per line, found \"%.60s\": a table "
            "is no list of records; a table of labels is given by --table",
            at->list, at->line, line);
    if (s->rules->skip_missing) return add(s->records, leadseq_format("%s", path));
    (void)leadseq_fail("%s:%zu: expected a record or a folder, found nothing of the name %s or "
                       "%s.hea",
                       at->list, at->line, path, path);
    s->absent++;
    return leadseq_faults_add(&s->records->bad);
}

static int add_line(struct search *s, const struct place *at, const char *line)
{
    const char *slash = *line == '/' ? NULL : strrchr(at->list, '/');
    char *path = slash ? leadseq_format("%.*s/%s", (int)(slash - at->list), at->list, line)
                       : leadseq_format("%s", line);
    if (!path) return -1;
    if (is_there(path) && !leadseq_path_is_folder(path)) return add(s->records, path);
    int status = is_there(path) ? add_folder(s, path) : add_absent(s, at, line, path);
    free(path);
    return status;
}

/* Cuts blanks off both ends and a comment: "#" at the beginning or after a blank. */
static char *cut_line(char *line)
{
    line += strspn(line, " \t");
    for (char *c = line; *c; c++)
        if (*c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t')) *c = '\0';
    size_t n = strlen(line);
    while (n && strchr(" \t", line[n - 1])) line[--n] = '\0';
    return line;
}

static int add_lines(struct search *s, const char *list, char *text, size_t size)
{
    struct place at = {.list = list};
    if (leadseq_text_clean(text, &size, list)) return -1;
    for (char *line; (line = strsep(&text, "\n"));) {
        at.line++;
        line = cut_line(line);
        if (*line && add_line(s, &at, line)) return -1;
    }
    return 0;
}

static int add_list(struct search *s, const char *list)
{
    size_t size, before = s->records->n, bad = s->records->bad.n;
    char *text = leadseq_file_read(list, LIST_BYTES_MAX, &size);
    if (!text) return -1;
    int status = memchr(text, '\0', size)
                     ? leadseq_fail("%s: expected a record's header or a list of records, found a "
                                    "file that is no text",
                                    list)
                     : add_lines(s, list, text, size);
    free(text);
    if (!status && s->records->n == before && s->records->bad.n == bad)
        status = leadseq_fail("%s: expected a list with one record per line, found none", list);
    return status;
}

/* --- Both ------------------------------------------------------------------------ */

bool cli_records_is_list(const char *path)
{
    static const char *const endings[] = {".hea", ".dat", ".mat"};
    for (size_t i = 0; i < LEADSEQ_COUNT(endings); i++)
        if (leadseq_ends_with(path, endings[i])) return false;
    char *header = leadseq_format("%s.hea", path);
    bool beside = header && leadseq_path_exists(header);
    free(header);
    return !beside;
}

static int expand(struct search *s, const char *path)
{
    enum cli_kind kind;
    if (leadseq_path_is_folder(path) && !leadseq_folder_has(path, "experiment.yaml"))
        return add_folder(s, path);
    if (leadseq_path_exists(path)) {
        if (cli_kind(&kind, path)) return -1;
        if (kind == CLI_KIND_RECORD && cli_records_is_list(path)) return add_list(s, path);
    }
    return add(s->records, leadseq_format("%s", path));
}

static const char *advice(const struct search *s)
{
    if (s->rules->skip_bad) return "nothing is left";
    if (s->rules->offers_missing && s->absent == s->records->bad.n)
        return "find them, or leave them out with --skip-missing";
    return "mend them, or leave them out with --skip-bad";
}

int cli_records_expand(struct cli_records *records, const struct cli_paths *given,
                       const struct cli_records_rules *rules)
{
    *records = (struct cli_records){0};
    struct search s = {.records = records, .rules = rules};
    int status = 0;
    for (size_t i = 0; !status && i < given->n; i++) status = expand(&s, given->path[i]);
    if (s.left_out > LEFT_OUT_TOLD)
        leadseq_info("... and %s more left out", leadseq_count(s.left_out - LEFT_OUT_TOLD, "link"));
    if (!status && !rules->silent && records->bad.n && (!rules->skip_bad || !records->n))
        status = leadseq_faults_fail(&records->bad, "places that cannot be searched for records",
                                     advice(&s));
    if (status) cli_records_clear(records);
    return status;
}
