/* SPDX-License-Identifier: MIT
 *
 * A session opened: the stack, its split, what the network is fed, the network. */
#include "session.h"

#include "ranks.h"

#include <stdlib.h>
#include <string.h>

/* Every n/limit-th record of the training part, which stands in ascending ecg_id. */
static void limit_training(struct leadseq_split *split, size_t limit)
{
    size_t n = split->n[LEADSEQ_TRAIN], *position = split->position[LEADSEQ_TRAIN];
    if (!limit || limit >= n) return;
    for (size_t i = 0; i < limit; i++) position[i] = position[i * n / limit];
    split->n[LEADSEQ_TRAIN] = limit;
}

static int fail_one_class(const struct train_session *s)
{
    return leadseq_fail(
        "data.limit: expected training records of both classes, found one among %d; "
        "take more",
        s->e.data.limit);
}

int leadseq_experiment_split(const struct leadseq_experiment *e, const struct leadseq_stack *stack,
                             struct leadseq_split *split)
{
    struct leadseq_split_options options = {
        .by = e->data.split,
        .select = e->data.select,
        .seed = e->seed,
    };
    memcpy(options.folds, e->data.folds, sizeof options.folds);
    memcpy(options.share, e->data.share, sizeof options.share);
    if (leadseq_split_make(split, stack, &options)) return -1;
    limit_training(split, (size_t)e->data.limit);
    return 0;
}

int train_session_split(struct train_session *s)
{
    if (leadseq_experiment_split(&s->e, s->stack, &s->split)) return -1;
    return train_positives(s, LEADSEQ_TRAIN) % s->split.n[LEADSEQ_TRAIN] ? 0 : fail_one_class(s);
}

static int fill_input(struct train_session *s)
{
    snprintf(s->input.style, sizeof s->input.style, "%s", leadseq_stack_style(s->stack));
    snprintf(s->input.source, sizeof s->input.source, "%s", leadseq_stack_source(s->stack));
    s->input.drawing = *leadseq_stack_drawing(s->stack);
    s->input.mean = 0;
    s->input.deviation = 1;
    return leadseq_train_checksum(s->stack, s->input.checksum);
}

int train_fit_input(struct train_session *s)
{
    if (!s->e.data.standardise) return 0;
    leadseq_info("fitting mean and deviation on %zu training records", s->split.n[LEADSEQ_TRAIN]);
    if (leadseq_batches_moments(s->stack, s->split.position[LEADSEQ_TRAIN],
                                s->split.n[LEADSEQ_TRAIN], s->e.data.invert, &s->input.mean,
                                &s->input.deviation))
        return -1;
    if (s->input.deviation > 0) return 0;
    return leadseq_fail("%s: the training records' images are all one grey; there is nothing to "
                        "standardise by",
                        leadseq_stack_path(s->stack));
}

int train_session_data(struct train_session *s, const char *data)
{
    s->stack = leadseq_stack_open(data);
    if (!s->stack || leadseq_train_resolve(&s->e, s->stack)) return -1;
    return fill_input(s);
}

/* Negatives per positive of the training records, as PyTorch's pos_weight is meant. */
static int weigh_classes(struct train_session *s)
{
    if (s->e.train.class_weights != LEADSEQ_CLASS_WEIGHTS_BALANCED) return 0;
    double positive = (double)train_positives(s, LEADSEQ_TRAIN);
    float weight = (float)(((double)s->split.n[LEADSEQ_TRAIN] - positive) / positive);
    if (s->e.train.positive_weight[0] != 1 && s->e.train.positive_weight[0] != weight)
        return leadseq_fail("train.class_weights: balanced makes train.positive_weight %g of these "
                            "records, found %g; leave one of them out",
                            (double)weight, (double)s->e.train.positive_weight[0]);
    s->e.train.positive_weight[0] = weight;
    return 0;
}

/* What a run began with may be too many where its ranks share a machine now. */
static int threads_for(const struct train_session *s, const struct leadseq_experiment *given)
{
    int all = s->e.train.threads, own = train_ranks_processors();
    return leadseq_ranks() > 1 && !given->train.threads && own < all ? own : all;
}

int train_session_open(struct train_session *s, const struct leadseq_experiment *e,
                       const char *data, int threads)
{
    *s = (struct train_session){.e = *e};
    if (threads && s->e.train.threads == 0) s->e.train.threads = threads;
    if (!train_session_data(s, data) && !train_session_split(s) && !weigh_classes(s) &&
        !train_network_open(&s->net, &s->e, &s->input.drawing, threads_for(s, e)))
        return 0;
    train_session_close(s);
    return -1;
}

void train_session_close(struct train_session *s)
{
    if (!s) return;
    train_network_close(&s->net);
    leadseq_split_clear(&s->split);
    leadseq_stack_close(s->stack);
    *s = (struct train_session){0};
}

uint64_t train_epoch_steps(const struct train_session *s)
{
    uint64_t batch = (uint64_t)s->e.train.batch;
    return (s->split.n[LEADSEQ_TRAIN] + batch - 1) / batch;
}

uint64_t train_total_steps(const struct train_session *s)
{
    uint64_t all = (uint64_t)s->e.train.epochs * train_epoch_steps(s);
    uint64_t most = (uint64_t)s->e.train.max_steps;
    return most && most < all ? most : all;
}

size_t train_positives(const struct train_session *s, int part)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(s->stack);
    size_t positives = 0;
    for (size_t i = 0; i < s->split.n[part]; i++) positives += rows[s->split.position[part][i]].mi;
    return positives;
}

struct leadseq_batch_options train_feed_options(const struct train_session *s)
{
    struct leadseq_batch_options options = train_batch_options(&s->e, &s->net, &s->input);
    options.position = s->split.position[LEADSEQ_TRAIN];
    options.n = s->split.n[LEADSEQ_TRAIN];
    options.batch = s->net.whole;
    options.part = leadseq_rank();
    options.parts = leadseq_ranks();
    options.shuffle = true;
    options.balance = s->e.train.sampler == LEADSEQ_SAMPLER_BALANCED;
    if (s->e.data.augment == LEADSEQ_AUGMENT_HEARTNET) options.augment = s->e.data.strength;
    return options;
}
