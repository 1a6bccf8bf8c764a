/* SPDX-License-Identifier: MIT
 *
 * Runs judged, with the rehearsals and trainings a verdict asks for, as leadseq
 * diagnose does them; and the trainings of remedies. */
#ifndef DIAGNOSED_RUN_H
#define DIAGNOSED_RUN_H

#include "verdict/finding.h"
#include "verdict/ladder.h"

#include <criterion/criterion.h>

static inline int answer_request(const struct leadseq_request *r)
{
    if (!r->run) {
        struct leadseq_train_options how = {
            .data = r->data, .out = r->out, .resume = leadseq_path_exists(r->out)};
        return leadseq_train(r->e, &how);
    }
    struct leadseq_probe_options how = {
        .data = r->data, .out = r->out, .from = r->from, .groups = r->groups, .steps = r->steps};
    return leadseq_probe_run(r->run, r->e, &how);
}

static inline struct leadseq_verdict *diagnosed(const char *run, const struct leadseq_experiment *e,
                                                const struct leadseq_verdict_options *options)
{
    struct leadseq_verdict *v = leadseq_verdict_open(run, e, options);
    cr_assert(v, "%s", leadseq_error());
    struct leadseq_request request;
    int status;
    while ((status = leadseq_verdict_next(v, &request)) == 1)
        cr_assert_eq(leadseq_verdict_done(v, answer_request(&request)), 0, "%s", leadseq_error());
    cr_assert_eq(status, 0, "%s", leadseq_error());
    return v;
}

static inline int train_remedy(const struct leadseq_remedy *r)
{
    if (r->done) return 0;
    struct leadseq_probes *p = leadseq_probes_new();
    struct leadseq_train_options how = {.data = r->data,
                                        .out = r->out,
                                        .resume = leadseq_folder_has(r->out, "experiment.yaml"),
                                        .hooks = leadseq_probes_hooks(p)};
    int status = leadseq_train(&r->e, &how);
    leadseq_probes_free(p);
    return leadseq_stop_signal() ? 1 : status;
}

/* Tries remedies and writes what came of them; -1 with a message where it cannot be done. */
static inline int remedied(struct leadseq_verdict *v,
                           const struct leadseq_remedies_options *options)
{
    struct leadseq_remedies *l = leadseq_remedies_open(v, options);
    struct leadseq_remedy *remedy;
    const char *label;
    size_t n;
    int status = l ? 1 : -1;
    while (status == 1 && (status = leadseq_remedies_next(l, &label, &remedy, &n)) == 1)
        for (size_t i = 0; i < n; i++) {
            int done = train_remedy(&remedy[i]);
            cr_assert_eq(leadseq_remedies_done(l, done), 0, "%s", leadseq_error());
            if (done == 1) break;
        }
    if (!status) status = leadseq_remedies_write(l);
    if (!status) status = leadseq_verdict_write(v, l);
    leadseq_remedies_free(l);
    return status;
}

#endif
