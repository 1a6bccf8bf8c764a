/* SPDX-License-Identifier: MIT
 *
 * Versions and hardware of the runs, side by side: a row an entry of their
 * environment.json, in the order of the first run that has it. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 60, VALUE_MAX = 160 };

struct keys {
    char name[ENTRIES_MAX][128];
    size_t n;
};

static void add_key(const char *path, const char *value, void *state)
{
    struct keys *keys = state;
    (void)value;
    for (size_t i = 0; i < keys->n; i++)
        if (!strcmp(keys->name[i], path)) return;
    if (keys->n < ENTRIES_MAX) snprintf(keys->name[keys->n++], 128, "%.127s", path);
}

struct lookup {
    const char *path;
    char text[VALUE_MAX];
};

static void find_value(const char *path, const char *value, void *state)
{
    struct lookup *l = state;
    if (!strcmp(path, l->path) && strcmp(value, "null"))
        snprintf(l->text, VALUE_MAX, "%.150s", value);
}

static void add_rows(struct leadseq_table *t, const struct report *r, const struct keys *keys)
{
    for (size_t k = 0; k < keys->n; k++) {
        leadseq_table_cell(t, "%s", keys->name[k]);
        for (size_t i = 0; i < r->n_inputs; i++) {
            struct lookup l = {.path = keys->name[k], .text = "–"};
            if (r->model[i].environment)
                leadseq_json_leaves(r->model[i].environment, find_value, &l);
            leadseq_table_cell(t, "%s", l.text);
        }
    }
}

struct leadseq_table *report_table_environment(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    struct keys *keys = leadseq_calloc(1, sizeof *keys);
    if (t && keys) {
        for (size_t i = 0; i < r->n_inputs; i++)
            if (r->model[i].environment)
                leadseq_json_leaves(r->model[i].environment, add_key, keys);
        leadseq_table_column(t, LEADSEQ_LEFT, "Entry");
        for (size_t i = 0; i < r->n_inputs; i++)
            leadseq_table_column(t, LEADSEQ_LEFT, r->model[i].name);
        add_rows(t, r, keys);
    }
    free(keys);
    return t;
}
