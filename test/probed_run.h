/* SPDX-License-Identifier: MIT
 *
 * Tiny trainings with probes, and what they stored. */
#ifndef PROBED_RUN_H
#define PROBED_RUN_H

#include "tiny_run.h"

#include "probe/probe.h"

#include <math.h>

static inline int probed_train(const struct leadseq_experiment *e, const char *data,
                               const char *out, bool resume)
{
    struct leadseq_probes *p = leadseq_probes_new();
    struct leadseq_train_options options = {
        .data = data, .out = out, .resume = resume, .hooks = leadseq_probes_hooks(p)};
    int status = leadseq_train(e, &options);
    leadseq_probes_free(p);
    return status;
}
#define cr_assert_probes(e, data, out)                                                             \
    cr_assert_eq(probed_train(e, data, out, false), 0, "%s", leadseq_error())

/* The paper's network on tiny images; two ConvLSTM layers, stem, dropout ... on request. */
#define PAPER(...)                                                                                 \
    TINY("model.type", "convlstm", "model.hidden", "[3]", "model.head", "flatten", "train.loss",   \
         "bce", "train.batch", "4", "train.epochs", "1", "diagnose.probes", "full",                \
         "diagnose.groups", "[output, head, flow, parameters, gates, step]", __VA_ARGS__)

static inline struct leadseq_diagnostics *open_file(const char *run)
{
    char path[600];
    snprintf(path, sizeof path, "%s/diagnostics.h5", run);
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(path);
    cr_assert(d, "%s", leadseq_error());
    return d;
}

static inline struct leadseq_measured read_all(struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    cr_assert_eq(leadseq_diagnostics_read(d, name, &m), 0, "%s", leadseq_error());
    return m;
}

/* One value of a series; NaN fails the test. */
static inline double at(const struct leadseq_measured *m, size_t row, size_t item)
{
    cr_assert(row < m->rows && item < m->items);
    double value = m->value[row * m->items + item];
    cr_assert(isfinite(value), "row %zu item %zu", row, item);
    return value;
}

#endif
