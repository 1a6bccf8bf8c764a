/* SPDX-License-Identifier: MIT
 *
 * What other programs call the parameters of a model: by the beginnings of names, which model types
 * and heads list. A head's come first, so that it may call its last layer otherwise than its model
 * does; of several the first is the one that is written. */
#include "build.h"

#include <ctype.h>
#include <string.h>

/* Whether `name` begins as `alias->ours`, with a number where that has '#'; then `to` is its other
 * name. */
static bool translate(const struct leadseq_model_alias *alias, const char *name, char to[96])
{
    char number[16] = "";
    size_t digits = 0;
    const char *rest = name;
    for (const char *a = alias->ours; *a; a++) {
        if (*a != '#') {
            if (*rest++ != *a) return false;
            continue;
        }
        while (isdigit((unsigned char)*rest) && digits < sizeof number - 1)
            number[digits++] = *rest++;
        if (!digits) return false;
    }
    const char *hash = strchr(alias->theirs, '#');
    const int before = hash ? (int)(hash - alias->theirs) : (int)strlen(alias->theirs);
    snprintf(to, 96, "%.*s%s%s%s", before, alias->theirs, hash ? number : "", hash ? hash + 1 : "",
             rest);
    return true;
}

/* The k-th alias of a list that fits; false: k - how many there are remain. */
static bool find(const struct leadseq_model_alias *a, const char *name, bool written, size_t *k,
                 char to[96])
{
    for (; a && a->ours; a++)
        if (a->read_only != written && translate(a, name, to) && !(*k)--) return true;
    return false;
}

bool leadseq_model_foreign_name(const struct leadseq_model_spec *spec, const char *name, size_t k,
                                char to[96])
{
    const struct leadseq_head_type *head = model_head_at(leadseq_model_head(spec));
    const struct leadseq_model_alias *own[] = {head ? head->aliases : NULL, spec->type->aliases};
    for (size_t i = 0; i < LEADSEQ_COUNT(own); i++)
        if (find(own[i], name, true, &k, to)) return true;
    if (!k--) {
        snprintf(to, 96, "%s", name);
        return true;
    }
    for (size_t i = 0; i < LEADSEQ_COUNT(own); i++)
        if (find(own[i], name, false, &k, to)) return true;
    return false;
}
