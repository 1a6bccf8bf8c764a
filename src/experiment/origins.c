/* SPDX-License-Identifier: MIT
 *
 * An experiment from its file, the files that one includes and the overrides
 * that follow; and where each value is from. */
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

/* What is read, and where it is kept. */
struct reading {
    struct leadseq_experiment *e;
    struct leadseq_origins *origins; /* NULL: not asked for */
};

/* --- Where values are from -------------------------------------------------------------- */

int leadseq_origins_init(struct leadseq_origins *o)
{
    *o = (struct leadseq_origins){.remark = leadseq_calloc(leadseq_option_count(), sizeof(char *))};
    o->files = leadseq_format("%s", "");
    if (o->remark && o->files) return 0;
    leadseq_origins_clear(o);
    return -1;
}

void leadseq_origins_clear(struct leadseq_origins *o)
{
    for (size_t i = 0; o->remark && i < leadseq_option_count(); i++) free(o->remark[i]);
    free(o->remark);
    free(o->files);
    *o = (struct leadseq_origins){0};
}

/* Takes `remark` over. */
static int remember_origin(struct leadseq_origins *o, const char *key, char *remark)
{
    if (!remark) return -1;
    size_t i = leadseq_option_find(key);
    free(o->remark[i]);
    o->remark[i] = remark;
    return 0;
}

int leadseq_origins_note(struct leadseq_origins *o, const char *assignment, const char *remark)
{
    char *key = leadseq_format("%.*s", (int)strcspn(assignment, "="), assignment);
    int status = -1;
    if (key && leadseq_option_find(key) < leadseq_option_count())
        status = remember_origin(o, key, leadseq_format("%s", remark));
    free(key);
    return status;
}

/* Takes `line` over. */
static int remember_file(struct leadseq_origins *o, char *line)
{
    char *longer = line ? leadseq_format("%s%s\n", o->files, line) : NULL;
    free(line);
    if (!longer) return -1;
    free(o->files);
    o->files = longer;
    return 0;
}

int leadseq_origins_print(const struct leadseq_origins *o, const struct leadseq_experiment *e,
                          FILE *out)
{
    for (const char *line = o->files; *line; line += strcspn(line, "\n") + 1)
        fprintf(out, "# %.*s\n", (int)strcspn(line, "\n"), line);
    return leadseq_experiment_write_remarked(e, (const char *const *)o->remark, out);
}

/* --- Files ------------------------------------------------------------------------------ */

static int set_option(void *user, const char *key, const char *value,
                      const struct leadseq_place *at)
{
    struct reading *r = user;
    if (leadseq_experiment_set(r->e, key, value)) return -1;
    if (!r->origins) return 0;
    return remember_origin(r->origins, key, leadseq_format("%s:%d", at->path, at->line));
}

static int note_included(void *user, const char *path, int depth, const struct leadseq_place *at)
{
    struct reading *r = user;
    if (!r->origins) return 0;
    return remember_file(r->origins, leadseq_format("%*s%s, included at %s:%d", 2 * depth, "", path,
                                                    at->path, at->line));
}

int leadseq_experiment_parse(struct leadseq_experiment *e, const char *path, const char *text,
                             size_t size)
{
    struct reading r = {.e = e};
    leadseq_experiment_default(e);
    return leadseq_keys_parse(
        path, text, size, &(struct leadseq_keys){.set = set_option, .included = note_included, &r});
}

int leadseq_experiment_read_from(struct leadseq_experiment *e, struct leadseq_origins *origins,
                                 const char *path)
{
    struct reading r = {.e = e, .origins = origins};
    leadseq_experiment_default(e);
    if (origins && remember_file(origins, leadseq_format("%s", path))) return -1;
    return leadseq_keys_read(
        path, &(struct leadseq_keys){.set = set_option, .included = note_included, &r});
}

int leadseq_experiment_read(struct leadseq_experiment *e, const char *path)
{
    return leadseq_experiment_read_from(e, NULL, path);
}

/* --- Overrides --------------------------------------------------------------------------- */

int leadseq_experiment_override_from(struct leadseq_experiment *e, struct leadseq_origins *origins,
                                     const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment || !equals[1])
        return leadseq_fail("'%s': expected key=value, such as train.lr=1e-4", assignment);
    char *key = leadseq_format("%.*s", (int)(equals - assignment), assignment);
    if (!key) return -1;
    int status = leadseq_experiment_set(e, key, equals + 1);
    if (!status && origins) status = remember_origin(origins, key, leadseq_format("command line"));
    free(key);
    if (!status) return 0;
    // a list in brackets is one value
    bool several = equals[1] != '[' && (strchr(equals, ',') || strstr(equals, ".."));
    return leadseq_fail_in("'%s'%s", assignment, several ? " (several values: leadseq sweep)" : "");
}

int leadseq_experiment_override(struct leadseq_experiment *e, const char *assignment)
{
    return leadseq_experiment_override_from(e, NULL, assignment);
}
