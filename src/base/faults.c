/* SPDX-License-Identifier: MIT
 *
 * Several things that are wrong, collected while work continues and told together, in the order
 * they were found. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { TOLD = 20 };

int leadseq_faults_add(struct leadseq_faults *faults)
{
    char *copy = leadseq_format("%s", leadseq_error());
    char **more = copy ? leadseq_realloc(faults->text, faults->n + 1, sizeof *more) : NULL;
    if (!more) {
        free(copy);
        return -1;
    }
    faults->text = more;
    more[faults->n++] = copy;
    leadseq_error_clear();
    return 0;
}

int leadseq_faults_fail(const struct leadseq_faults *faults, const char *what, const char *advice)
{
    if (faults->n == 1) return leadseq_fail("%s; %s", faults->text[0], advice);
    for (size_t i = 0; i < faults->n && i < TOLD; i++) leadseq_warn("%s", faults->text[i]);
    if (faults->n > TOLD) leadseq_warn("... and %zu more", faults->n - TOLD);
    return leadseq_fail("%zu %s, as the warnings say (first %s); %s", faults->n, what,
                        faults->text[0], advice);
}

void leadseq_faults_warn(const struct leadseq_faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) leadseq_warn("%s", faults->text[i]);
}

void leadseq_faults_clear(struct leadseq_faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) free(faults->text[i]);
    free(faults->text);
    *faults = (struct leadseq_faults){0};
}
