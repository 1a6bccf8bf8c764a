/* SPDX-License-Identifier: MIT
 *
 * What a training takes at its most, counted before it begins, so that it is
 * refused then and not killed in its first validation. */
#include "memory.h"

#include "ranks.h"

static size_t batches_bytes(const struct train_session *s, int part)
{
    struct leadseq_batch_options options = train_batch_options(&s->e, &s->net, &s->input);
    options.signals.windows = LEADSEQ_WINDOWS_ALL;
    if (part == LEADSEQ_TRAIN) options = train_feed_options(s);
    options.n = s->split.n[part];
    return options.n ? leadseq_batches_bytes(s->stack, &options) : 0;
}

/* Parameters before and after, their gradients, the head's features twice, observed steps. */
static size_t probes_bytes(const struct train_session *s)
{
    struct leadseq_model *m = s->net.model;
    const size_t values = leadseq_model_params(m)->count, batch = (size_t)s->net.batch;
    if (s->e.diagnose.probes == LEADSEQ_PROBES_NONE) return 0;
    return leadseq_model_observed_bytes(m) + (4 + 2 * batch) * values * sizeof(float);
}

/* The peak is in a validation: training's batches, bindings and moments stay in memory while
 * evaluation has its own. Validation and test follow each other and share the larger of their
 * needs. */
struct train_memory train_memory_need(const struct train_session *s)
{
    struct leadseq_model *m = s->net.model;
    const size_t moments =
        leadseq_optimizer_moments(leadseq_optimizer_at((size_t)s->e.train.optimizer));
    const size_t valid = batches_bytes(s, LEADSEQ_VALID);
    const size_t test = batches_bytes(s, LEADSEQ_TEST);
    return (struct train_memory){
        .training = leadseq_model_bytes(m, LEADSEQ_TRAINING),
        .evaluation = valid || test ? leadseq_model_bytes(m, LEADSEQ_EVALUATE) : 0,
        .moments = moments * leadseq_model_params(m)->count * sizeof(float),
        .batches = batches_bytes(s, LEADSEQ_TRAIN) + (valid > test ? valid : test),
        .probes = probes_bytes(s),
    };
}

/* Ranks of one machine share its memory, so that each may use its part only. An unknown amount of
 * memory (0) refuses nothing. */
int train_memory_check(const struct train_session *s)
{
    const struct train_memory need = train_memory_need(s);
    const size_t available = leadseq_available_bytes() / (size_t)train_ranks_here();
    const size_t all = need.training + need.evaluation + need.moments + need.batches + need.probes;
    if (!available || all <= available) return 0;
    const struct leadseq_model_spec *spec = leadseq_model_spec(s->net.model);
    char each[64];
    snprintf(each, sizeof each,
             s->input.samples ? "%d leads of %d samples" : "%dx%d", // leads, samples; or pixels
             s->input.samples ? spec->leads : spec->width,
             s->input.samples ? spec->width : spec->height);
    return leadseq_fail(
        "training on batches of %d of %s needs about %zu bytes (%zu forward and backward, %zu "
        "for evaluation, %zu for the optimiser, %zu for batches read ahead, %zu for probes), %zu "
        "are available; use a smaller train.batch, a larger train.accumulate, %s%s",
        s->net.batch, each, all, need.training, need.evaluation, need.moments, need.batches,
        need.probes, available, s->input.samples ? "a smaller data.crop" : "smaller images",
        s->e.train.memory == LEADSEQ_MEMORY_LOW ? "" : ", or train.memory: low");
}
