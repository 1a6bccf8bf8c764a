/* SPDX-License-Identifier: MIT
 *
 * The table of sources, and which of them a set of options means. */
#include "dataset_private.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define SOURCES(ROW) \
    ROW(ptbxl)       \
    ROW(records)     \
    ROW(table)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_source_type dataset_source_##name;
#define LIST(name)    &dataset_source_##name,
SOURCES(DECLARE)
const struct leadseq_source_type *const leadseq_source_types[] = {SOURCES(LIST) NULL};

static bool has_option(const struct leadseq_source_type *type, const char *name)
{
    for (const struct leadseq_source_option *o = type->option; o->name; o++)
        if (!strcmp(o->name, name)) return true;
    return false;
}

static bool is_given(const char *name, const char *const *given, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(given[i], name)) return true;
    return false;
}

/* Whether the type knows all options given and all that it needs are among them. */
static bool accepts(const struct leadseq_source_type *type, const char *const *given, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!has_option(type, given[i])) return false;
    for (const struct leadseq_source_option *o = type->option; o->name; o++)
        if (!o->optional && !is_given(o->name, given, n)) return false;
    return true;
}

/* "--ptbxl DIR, --records FILE... or --records DIR --table FILE.csv [--labels A,B]" */
static void print_combinations(FILE *out)
{
    for (size_t i = 0; leadseq_source_types[i]; i++) {
        bool last = i && !leadseq_source_types[i + 1];
        fputs(i == 0 ? "" : last ? " or " : ", ", out);
        for (const struct leadseq_source_option *o = leadseq_source_types[i]->option; o->name; o++)
            fprintf(out, "%s%s--%s %s%s", o == leadseq_source_types[i]->option ? "" : " ",
                    o->optional ? "[" : "", o->name, o->argument, o->optional ? "]" : "");
    }
}

static int fail_combination(const char *const *given, size_t n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return leadseq_fail_memory(0);
    fputs("expected either ", out);
    print_combinations(out);
    fputs(", found ", out);
    for (size_t i = 0; i < n; i++) fprintf(out, "%s--%s", i ? " and " : "", given[i]);
    if (!n) fputs("none of them", out);
    if (fclose(out)) return leadseq_fail_memory(0);
    leadseq_fail("%s", text);
    free(text);
    return -1;
}

const struct leadseq_source_type *leadseq_source_choose(const char *const *given, size_t n)
{
    for (size_t i = 0; leadseq_source_types[i]; i++)
        if (accepts(leadseq_source_types[i], given, n)) return leadseq_source_types[i];
    int status = fail_combination(given, n);
    (void)status;
    return NULL;
}
