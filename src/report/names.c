/* SPDX-License-Identifier: MIT
 *
 * Names that tell the models apart. */
#include "report_private.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

static bool name_is_shared(const struct report *r, size_t i, size_t below)
{
    for (size_t k = 0; k < below; k++)
        if (k != i && !strcmp(r->model[k].name, r->model[i].name)) return true;
    return false;
}

static int rename_model(struct report_model *m, char *name)
{
    if (!name) return -1;
    free(m->name);
    m->name = name;
    return 0;
}

/* The run's folder, or the folder the table is in; NULL for the constant classifier. */
static char *folder_name(const struct report_model *m)
{
    if (!m->path || m->is_run) return m->path ? report_last_part(m->path, false) : NULL;
    char *copy = leadseq_format("%s", m->path);
    char *name = copy ? report_last_part(dirname(copy), false) : NULL;
    free(copy);
    return name;
}

/* First by folder, all that share a name at once; what is the same still, by a number. */
int report_names_distinguish(struct report *r)
{
    bool *shared = leadseq_calloc(r->n_models, sizeof *shared);
    if (!shared) return -1;
    int status = 0;
    for (size_t i = 0; i < r->n_models; i++) shared[i] = name_is_shared(r, i, r->n_models);
    for (size_t i = 0; !status && i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        char *part = shared[i] ? folder_name(m) : NULL;
        if (part && strcmp(part, m->name) && strcmp(part, "."))
            status = rename_model(m, leadseq_format("%s (%s)", m->name, part));
        free(part);
    }
    for (size_t i = 0; !status && i < r->n_models; i++) {
        int number = 2;
        char *plain = leadseq_format("%s", r->model[i].name);
        while (plain && !status && name_is_shared(r, i, i))
            status = rename_model(&r->model[i], leadseq_format("%s #%d", plain, number++));
        if (!plain) status = -1;
        free(plain);
    }
    free(shared);
    return status;
}
