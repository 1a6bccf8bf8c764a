/* SPDX-License-Identifier: MIT
 *
 * The folder a report is written into: a new one, or one that compare itself made and that holds
 * nothing else. */
#include "place.h"

#include "page/page.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Whether its report.json is one that compare wrote. */
static bool is_report(const char *out)
{
    char *path = leadseq_path_join(out, "report.json");
    struct leadseq_json *json = path && leadseq_path_exists(path) ? leadseq_json_read(path) : NULL;
    const char *program = json ? leadseq_json_text(json, "program") : NULL;
    bool is = program && !strncmp(program, "leadseq ", 8) && leadseq_json_text(json, "created") &&
              leadseq_json_text(json, "split");
    leadseq_json_free(json);
    free(path);
    leadseq_error_clear();
    return is;
}

static int check_inputs(const char *out, char *const *inputs, size_t n)
{
    char folder[PATH_MAX], input[PATH_MAX];
    if (!realpath(out, folder)) return 0;
    size_t length = strlen(folder);
    for (size_t i = 0; i < n; i++)
        if (realpath(inputs[i], input) && !strncmp(input, folder, length) &&
            (input[length] == '/' || !input[length]))
            return leadseq_fail("%s: is in %s, the report that would be replaced; an input is "
                                "never replaced: choose another --out",
                                inputs[i], out);
    return 0;
}

/* 0: it is replaced; -1: it is not compare's, or not compare's alone. */
static int check_report(const char *out, char *const *inputs, size_t n)
{
    if (!is_report(out))
        return leadseq_fail("%s: exists already and is not a report of compare; choose another "
                            "name or remove it",
                            out);
    static const char *const ours[] = {"report.html", "report.md", "report.json",
                                       "tables",      "figures",   NULL};
    char *name = leadseq_folder_stranger(out, ours);
    if (name)
        leadseq_fail("%s: is a report, but %s in it is not of compare: it would be lost if the "
                     "report were replaced; move it or choose another name",
                     out, name);
    int status = name ? -1 : 0;
    free(name);
    return status ? -1 : check_inputs(out, inputs, n);
}

struct leadseq_folder *report_place_begin(const char *out, char *const *inputs, size_t n)
{
    if (leadseq_output_check_folder(out)) return NULL;
    struct leadseq_folder *f = leadseq_folder_begin(out, true);
    if (!f || !leadseq_path_exists(out) || leadseq_folder_is_empty(out)) return f;
    if (!check_report(out, inputs, n)) return f;
    leadseq_folder_discard(f);
    return NULL;
}
