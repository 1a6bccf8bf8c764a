/* SPDX-License-Identifier: MIT
 *
 * A run's experiment.yaml as the program wrote it, resolved: top-level keys, and
 * keys indented beneath a section. Values stay the text they are. This is no YAML
 * parser; that stands in cli. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

enum { EXPERIMENT_BYTES_MAX = 1 << 20 };

/* A YAML scalar on one line without its quotes, or without its comment. */
static char *plain_scalar(char *text)
{
    text += strspn(text, " \t");
    char quote = *text == '"' || *text == '\'' ? *text : '\0';
    char *end = quote ? strrchr(text + 1, quote) : strstr(text, " #");
    if (quote && end) text++;
    if (end) *end = '\0';
    for (size_t n = strlen(text); n && strchr(" \t\r", text[n - 1]); n--) text[n - 1] = '\0';
    return text;
}

static void read_line(struct leadseq_json *json, char *line, char section[64])
{
    char key[160];
    bool inner = *line == ' ';
    char *name = line + strspn(line, " "), *colon = strchr(name, ':');
    if (!colon || *name == '#' || colon == name) return;
    *colon = '\0';
    char *value = plain_scalar(colon + 1);
    if (!inner) snprintf(section, 64, "%s", *value ? "" : name);
    if (!inner && !*value) return;
    snprintf(key, sizeof key, "%s%s%.80s", inner ? section : "", inner && *section ? "." : "",
             name);
    leadseq_json_set_text(json, key, value);
}

int report_experiment_read(struct leadseq_json **json, const char *folder)
{
    char section[64] = "", *text = NULL, *path = leadseq_path_join(folder, "experiment.yaml");
    *json = NULL;
    if (!path) return -1;
    bool there = leadseq_path_exists(path);
    if (there) text = leadseq_file_read(path, EXPERIMENT_BYTES_MAX, NULL);
    free(path);
    if (!there) return 0;
    if (text) *json = leadseq_json_object();
    for (char *rest = text, *line; *json && (line = strsep(&rest, "\n"));)
        read_line(*json, line, section);
    free(text);
    return *json ? 0 : -1;
}

struct lookup {
    const char *key, *text;
};

static void find_key(const char *path, const char *value, void *state)
{
    struct lookup *l = state;
    if (!strcmp(path, l->key)) l->text = value;
}

/* Keys hold points, which leadseq_json_text() would take for a path. */
const char *report_experiment_text(const struct report_model *m, const char *key)
{
    struct lookup l = {.key = key};
    if (m->experiment) leadseq_json_leaves(m->experiment, find_key, &l);
    return l.text;
}
