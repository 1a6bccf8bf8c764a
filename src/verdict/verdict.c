/* SPDX-License-Identifier: MIT
 *
 * leadseq_diagnose(): from a run folder to its diagnosis, and to the remedies
 * tried on it. What is found is written before remedies are tried, since those
 * may take hours, and again with them. */
#include "remedies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int try_remedies(const struct verdict *v, const struct findings *all,
                        const struct leadseq_diagnose_options *options, FILE *text)
{
    struct ladder *l = leadseq_calloc(1, sizeof *l);
    if (!l) return -1;
    int status = ladder_climb(l, v, options);
    if (!status) status = ladder_save(l, options->out);
    if (!status) status = verdict_write(v, all, l, options);
    if (!status && text) status = ladder_print(l, text);
    ladder_clear(l);
    free(l);
    return status;
}

static int judge(struct verdict *v, const struct leadseq_diagnose_options *options, FILE *text)
{
    struct findings all;
    int status = verdict_judge(v, &all);
    if (!status) status = verdict_draw(v, &all, options->out);
    if (!status) status = verdict_write(v, &all, NULL, options);
    if (!status && text) status = verdict_print(v, &all, text);
    if (!status && options->remedies) status = try_remedies(v, &all, options, text);
    free(all.finding);
    return status;
}

/* Asked before what takes long: a run may lie where others may only read. */
static int open_out(const char *out)
{
    if (leadseq_folder_make(out)) return -1;
    if (!access(out, W_OK)) return 0;
    return leadseq_fail("%s: the diagnosis cannot be written there: %s; give another folder with "
                        "--out",
                        out, strerror(errno));
}

int leadseq_diagnose(const char *run, const struct leadseq_experiment *e,
                     const struct leadseq_diagnose_options *options, FILE *text)
{
    struct verdict v;
    if (options->remedies && remedies_check(e, options->remedies)) return -1;
    if (open_out(options->out)) return -1;
    int status = verdict_gather(&v, run, e, options);
    if (!status) status = judge(&v, options, text);
    verdict_clear(&v);
    return status;
}
