/* SPDX-License-Identifier: MIT
 *
 * The folder a diagnosis is written into: the run's own, a new one, or one that diagnose made. */
#include "verdict/verdict.h"

#include "page/page.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* There before anything else that an earlier diagnosis wrote and a later one replaces. */
static const char mark_name[] = "diagnosis.json";

static bool is_diagnosis(const char *out)
{
    char *path = leadseq_path_join(out, mark_name);
    struct leadseq_json *json = path && leadseq_path_exists(path) ? leadseq_json_read(path) : NULL;
    const char *program = json ? leadseq_json_text(json, "program") : NULL;
    bool is = program && !strncmp(program, "leadseq ", 8) && leadseq_json_text(json, "run.path");
    leadseq_json_free(json);
    free(path);
    leadseq_error_clear();
    return is;
}

/* The first of what is replaced that is there, without the sign that it is ours. */
static const char *unmarked(const char *out)
{
    static const char *const replaced[] = {mark_name, "diagnosis.html", "diagnosis.md", "figures",
                                           "remedies.tsv"};
    if (is_diagnosis(out)) return NULL;
    for (size_t i = 0; i < LEADSEQ_COUNT(replaced); i++)
        if (leadseq_folder_has(out, replaced[i])) return replaced[i];
    return NULL;
}

int leadseq_verdict_check_place(const char *out, const char *run)
{
    static const char *const ours[] = {mark_name,
                                       "diagnosis.html",
                                       "diagnosis.md",
                                       "figures",
                                       "rehearsed-start.h5",
                                       "rehearsed-end.h5",
                                       "yardstick",
                                       "remedies",
                                       "remedies.tsv",
                                       "run",
                                       NULL};
    char folder[PATH_MAX], own[PATH_MAX];
    if (!leadseq_path_is_folder(out) || !realpath(out, folder)) return 0;
    if (realpath(run, own) && !strcmp(folder, own)) return 0;
    char *name = leadseq_folder_stranger(out, ours);
    const char *what = name ? name : unmarked(out);
    if (what)
        leadseq_fail("%s: expected a new or empty folder, or one that diagnose made, found %s, "
                     "which is not of diagnose; choose another --out",
                     out, what);
    free(name);
    return what ? -1 : 0;
}
