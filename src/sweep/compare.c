/* SPDX-License-Identifier: MIT
 *
 * A folder's plan against the one that is asked for. */
#include "sweep_private.h"

#include <stdlib.h>
#include <string.h>

static int fail_changed(const struct leadseq_sweep *planned, const char *what, const char *was,
                        const char *is)
{
    return leadseq_fail("%s: %s: the sweep was planned with %s, now it says %s; 'leadseq sweep %s' "
                        "continues as planned, another --out begins a new sweep",
                        planned->folder, what, was, is, planned->folder);
}

static int compare_option(const struct leadseq_sweep *planned, const struct leadseq_sweep *asked,
                          size_t i)
{
    const char *key = leadseq_option_key(i);
    char *was = leadseq_experiment_value(&planned->base, key),
         *is = leadseq_experiment_value(&asked->base, key);
    int status = was && is ? 0 : -1;
    if (!status && strcmp(was, is)) status = fail_changed(planned, key, was, is);
    free(was);
    free(is);
    return status;
}

static char *keys_of(const struct leadseq_sweep *s)
{
    char *text = leadseq_format("%s", s->n_keys ? s->key[0] : "none");
    for (size_t k = 1; text && k < s->n_keys; k++) {
        char *longer = leadseq_format("%s, %s", text, s->key[k]);
        free(text);
        text = longer;
    }
    return text;
}

static int compare_keys(const struct leadseq_sweep *planned, const struct leadseq_sweep *asked)
{
    char *was = keys_of(planned), *is = keys_of(asked);
    int status = was && is ? 0 : -1;
    if (!status && strcmp(was, is)) status = fail_changed(planned, "swept keys", was, is);
    free(was);
    free(is);
    return status;
}

static int compare_job(const struct leadseq_sweep *planned, const struct leadseq_sweep *asked,
                       size_t job)
{
    char what[32], *was = leadseq_sweep_setting(planned, job);
    char *is = leadseq_sweep_setting(asked, job);
    snprintf(what, sizeof what, "job %04zu", job + 1);
    int status = was && is ? 0 : -1;
    if (!status && strcmp(was, is)) status = fail_changed(planned, what, was, is);
    free(was);
    free(is);
    return status;
}

int sweep_compare(const struct leadseq_sweep *planned, const struct leadseq_sweep *asked)
{
    char was[32], is[32];
    for (size_t i = 0; i < leadseq_option_count(); i++)
        if (compare_option(planned, asked, i)) return -1;
    if (compare_keys(planned, asked)) return -1;
    snprintf(was, sizeof was, "%zu", planned->n_jobs);
    snprintf(is, sizeof is, "%zu", asked->n_jobs);
    for (size_t job = 0; job < planned->n_jobs && job < asked->n_jobs; job++)
        if (compare_job(planned, asked, job)) return -1;
    if (strcmp(was, is)) return fail_changed(planned, "number of jobs", was, is);
    if (strcmp(planned->checksum, asked->checksum))
        return fail_changed(planned, "stack", planned->checksum, asked->checksum);
    return 0;
}
