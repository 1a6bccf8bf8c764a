/* SPDX-License-Identifier: MIT
 *
 * A session opened: the stack, its split, what the network is fed, the network.
 *
 * Order matters: the stack decides what the experiment left open (size, profile), the split needs
 * the stack's labels, class weights need the split, and the network needs all of it. On several
 * ranks each opens the same session from its own copy of the stack; nothing is exchanged yet. */
#include "session.h"

#include "ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every n/limit-th record of the training part, which is in ascending ecg_id: the same records in
 * every run with this limit, without a random draw. In place, since i * n / limit >= i. */
static void limit_training(struct leadseq_split *split, size_t limit)
{
    size_t n = split->n[LEADSEQ_TRAIN], *position = split->position[LEADSEQ_TRAIN];
    if (!limit || limit >= n) return;
    for (size_t i = 0; i < limit; i++) position[i] = position[i * n / limit];
    split->n[LEADSEQ_TRAIN] = limit;
}

static int split_by(const struct leadseq_experiment *e, const struct leadseq_stack *stack,
                    const struct leadseq_labels *labels, struct leadseq_split *split)
{
    struct leadseq_split_options options = {
        .by = e->data.split,
        .select = e->data.select,
        .seed = e->seed,
        .labels = labels,
    };
    memcpy(options.folds, e->data.folds, sizeof options.folds);
    memcpy(options.share, e->data.share, sizeof options.share);
    if (leadseq_split_make(split, stack, &options)) return -1;
    limit_training(split, (size_t)e->data.limit);
    return 0;
}

int leadseq_experiment_split(const struct leadseq_experiment *e, const struct leadseq_stack *stack,
                             struct leadseq_split *split)
{
    struct leadseq_labels labels;
    if (leadseq_task_labels(&e->data.task, stack, &labels)) return -1;
    int status = split_by(e, stack, &labels, split);
    leadseq_task_labels_clear(&labels);
    return status;
}

/* data.limit may have left out a class; a loss over one class learns nothing but that class. */
static int check_classes(const struct train_session *s)
{
    for (int k = 0; k < s->labels.outputs; k++) {
        struct train_counts c = train_count(s, LEADSEQ_TRAIN, k);
        if (!c.positive || !c.negative)
            return leadseq_fail("data.limit: expected training records of both classes of %s, "
                                "found one class in %s (%zu yes, %zu no); take more",
                                s->labels.name[k],
                                leadseq_count(s->split.n[LEADSEQ_TRAIN], "record"), c.positive,
                                c.negative);
    }
    return 0;
}

int train_session_split(struct train_session *s)
{
    return split_by(&s->e, s->stack, &s->labels, &s->split) || check_classes(s) ? -1 : 0;
}

/* What of the stack the model is fed, not scaled yet. */
static int fill_input(struct train_session *s)
{
    struct train_input *input = &s->input;
    const struct leadseq_drawing *d = leadseq_stack_drawing(s->stack);
    snprintf(input->source, sizeof input->source, "%s", leadseq_stack_source(s->stack));
    for (int c = 0; c < 3; c++) input->mean[c] = 0, input->deviation[c] = 1;
    for (int i = 0; i < LEADSEQ_LEADS; i++) input->lead_mean[i] = 0, input->lead_deviation[i] = 1;
    if (s->e.data.input == LEADSEQ_DATA_SIGNALS) {
        input->samples = leadseq_stack_samples(s->stack);
        input->gain = leadseq_stack_gain(s->stack);
        leadseq_drawing_default(&input->drawing, LEADSEQ_PAPER_TEXT);
        input->drawing.rate_hz = d->rate_hz;
        input->drawing.preparation = d->preparation;
    } else {
        snprintf(input->style, sizeof input->style, "%s", leadseq_stack_style(s->stack));
        input->drawing = *d;
    }
    return leadseq_train_checksum(s->stack, input->checksum);
}

/* Of the images of ImageNet, red, green and blue; grey images get the mean of the three. */
static void use_imagenet(struct train_input *input)
{
    static const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
    const bool grey = leadseq_drawing_channels(&input->drawing) == 1;
    for (int c = 0; c < 3; c++) {
        input->mean[c] = grey ? (mean[0] + mean[1] + mean[2]) / 3 : mean[c];
        input->deviation[c] =
            grey ? (deviation[0] + deviation[1] + deviation[2]) / 3 : deviation[c];
    }
}

/* Of the training records: all pixels together, or each colour. */
static int fit_moments(struct train_session *s, int channels)
{
    struct train_input *input = &s->input;
    leadseq_info("fitting mean and deviation on %s",
                 leadseq_count(s->split.n[LEADSEQ_TRAIN], "training record"));
    if (leadseq_batches_moments(s->stack, s->split.position[LEADSEQ_TRAIN],
                                s->split.n[LEADSEQ_TRAIN], s->e.data.invert, channels, input->mean,
                                input->deviation))
        return -1;
    for (int c = channels; c < 3; c++)
        input->mean[c] = input->mean[0], input->deviation[c] = input->deviation[0];
    if (input->deviation[0] > 0 && input->deviation[1] > 0 && input->deviation[2] > 0) return 0;
    return leadseq_fail("%s: the training records' images are all one grey and cannot be "
                        "standardised; set data.standardise: false, data.normalise: none",
                        leadseq_stack_path(s->stack));
}

static bool reads_lead(const struct leadseq_experiment *e, int lead)
{
    for (int i = 0; i < e->data.n_leads; i++)
        if (e->data.leads[i] == lead) return true;
    return false;
}

/* Of the training records' samples: of all leads together, or of each. */
static int fit_signals(struct train_session *s)
{
    struct train_input *input = &s->input;
    const bool by_lead = s->e.data.standardise_by == LEADSEQ_STANDARDISE_LEAD;
    leadseq_info("fitting mean and deviation on %s",
                 leadseq_count(s->split.n[LEADSEQ_TRAIN], "training record"));
    if (leadseq_signals_moments(s->stack, s->split.position[LEADSEQ_TRAIN],
                                s->split.n[LEADSEQ_TRAIN], by_lead, input->lead_mean,
                                input->lead_deviation))
        return -1;
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        if (input->lead_deviation[i] > 0) continue;
        if (!by_lead)
            return leadseq_fail("%s: every lead of the training records is missing or flat and "
                                "cannot be standardised; set data.standardise: false",
                                leadseq_stack_path(s->stack));
        if (reads_lead(&s->e, i))
            return leadseq_fail("%s: lead %s of the training records is missing or flat and cannot "
                                "be standardised; leave it out of data.leads, or set "
                                "data.standardise_by: all",
                                leadseq_stack_path(s->stack), leadseq_lead_name[i]);
        input->lead_mean[i] = 0, input->lead_deviation[i] = 1; // nobody reads it
    }
    return 0;
}

int train_fit_input(struct train_session *s)
{
    if (s->input.samples) return s->e.data.standardise ? fit_signals(s) : 0;
    if (s->e.data.normalise == LEADSEQ_NORMALISE_IMAGENET) use_imagenet(&s->input);
    if (s->e.data.normalise == LEADSEQ_NORMALISE_DATA)
        return fit_moments(s, leadseq_drawing_channels(&s->input.drawing));
    return s->e.data.standardise ? fit_moments(s, 1) : 0;
}

/* Records that show nothing are not left out, which would change the split. */
static void tell_empty(const struct train_session *s)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(s->stack);
    size_t empty = 0, first = 0;
    for (size_t i = 0; i < leadseq_stack_count(s->stack); i++)
        if (row[i].quality & LEADSEQ_QUALITY_EMPTY && leadseq_labels_known(&s->labels, i) &&
            !empty++)
            first = i;
    if (empty)
        leadseq_warn("%s: %s with a label, whose %s show nothing: every lead is missing or flat "
                     "(first: %s)",
                     leadseq_stack_path(s->stack), leadseq_count(empty, "record"),
                     s->e.data.input == LEADSEQ_DATA_SIGNALS ? "signals" : "pictures",
                     row[first].record);
}

int train_session_data(struct train_session *s, const char *data)
{
    s->stack = leadseq_stack_open(data);
    if (!s->stack || leadseq_train_resolve(&s->e, s->stack)) return -1;
    if (leadseq_task_labels(&s->e.data.task, s->stack, &s->labels)) return -1;
    tell_empty(s);
    return fill_input(s);
}

/* Of the training records: negatives per positive of an output, as PyTorch's pos_weight is meant;
 * of a class of several as scikit-learn's class_weight="balanced". */
static float balanced_weight(const struct train_session *s, int output)
{
    const struct train_counts c = train_count(s, LEADSEQ_TRAIN, output);
    const double known = (double)(c.positive + c.negative), classes = s->labels.outputs;
    if (s->labels.exclusive) return (float)(known / (classes * (double)c.positive));
    return (float)((double)c.negative / (double)c.positive);
}

static int weigh_classes(struct train_session *s)
{
    if (s->e.train.class_weights != LEADSEQ_CLASS_WEIGHTS_BALANCED) return 0;
    float *given = s->e.train.positive_weight;
    for (int k = 0; k < s->labels.outputs; k++) {
        const float weight = balanced_weight(s, k), was = k < s->e.train.n_weights ? given[k] : 1;
        if (was != 1 && was != weight)
            return leadseq_fail("train.class_weights: balanced makes train.positive_weight %g of "
                                "these records, found %g; leave one of them out",
                                (double)weight, (double)was);
        given[k] = weight;
    }
    s->e.train.n_weights = s->labels.outputs;
    return 0;
}

/* What a run began with may be too many where its ranks share a machine now. */
static int threads_for(const struct train_session *s, const struct leadseq_experiment *given)
{
    int all = s->e.train.threads, own = train_ranks_threads();
    return leadseq_ranks() > 1 && !given->train.threads && own < all ? own : all;
}

int train_session_open(struct train_session *s, const struct leadseq_experiment *e,
                       const char *data, int threads)
{
    *s = (struct train_session){.e = *e};
    if (threads && s->e.train.threads == 0) s->e.train.threads = threads;
    if (!train_session_data(s, data) && !train_session_split(s) && !weigh_classes(s) &&
        !train_network_open(&s->net, &s->e, &s->input, threads_for(s, e)))
        return 0;
    train_session_close(s);
    return -1;
}

void train_session_close(struct train_session *s)
{
    if (!s) return;
    train_network_close(&s->net);
    leadseq_split_clear(&s->split);
    leadseq_task_labels_clear(&s->labels);
    leadseq_stack_close(s->stack);
    *s = (struct train_session){0};
}

uint64_t train_epoch_steps(const struct train_session *s)
{
    const uint64_t batch = (uint64_t)s->e.train.batch, n = s->split.n[LEADSEQ_TRAIN];
    return s->e.train.drop_last ? n / batch : (n + batch - 1) / batch;
}

uint64_t train_total_steps(const struct train_session *s)
{
    uint64_t all = (uint64_t)s->e.train.epochs * train_epoch_steps(s);
    uint64_t most = (uint64_t)s->e.train.max_steps;
    return most && most < all ? most : all;
}

struct train_counts train_count(const struct train_session *s, int part, int output)
{
    const struct leadseq_labels *l = &s->labels;
    struct train_counts c = {0};
    for (size_t i = 0; i < s->split.n[part]; i++) {
        size_t at = s->split.position[part][i] * (size_t)l->outputs + (size_t)output;
        c.positive += l->value[at] == 1;
        c.negative += l->value[at] == 0;
        c.unknown += l->value[at] > 1;
    }
    return c;
}

void train_count_part(const struct train_session *s, int part, struct train_part *counts)
{
    counts->n = s->split.n[part];
    counts->left_out = train_left_out(s, part);
    counts->labels = &s->labels;
    for (int k = 0; k < s->labels.outputs; k++) counts->output[k] = train_count(s, part, k);
}

char *train_counts_text(const struct train_session *s, int part)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        leadseq_fail_memory(0);
        return NULL;
    }
    int outputs = s->labels.outputs;
    fputs(leadseq_count(s->split.n[part], "record"), out);
    for (int k = 0; k < outputs; k++) {
        struct train_counts c = train_count(s, part, k);
        if (outputs == 1)
            fprintf(out, ", %zu with %s", c.positive, leadseq_task_positive(&s->e.data.task, k));
        else
            fprintf(out, "%s%s %zu", k ? ", " : ": ", s->labels.name[k], c.positive);
        if (c.unknown) fprintf(out, " (%zu unknown)", c.unknown);
    }
    fclose(out);
    return text;
}

size_t train_left_out(const struct train_session *s, int part)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(s->stack);
    const unsigned folds = part < 0                                 ? ~0u
                           : s->e.data.split == LEADSEQ_SPLIT_FOLDS ? s->e.data.folds[part]
                                                                    : 0;
    size_t out = 0;
    for (size_t i = 0; folds && i < leadseq_stack_count(s->stack); i++) {
        const bool here = part < 0 || (row[i].strat_fold > 0 && folds >> row[i].strat_fold & 1);
        out += here && !leadseq_labels_known(&s->labels, i);
    }
    return out;
}

char *train_left_out_text(const struct train_session *s)
{
    const char *why = s->e.data.task.type->left_out;
    const size_t n = leadseq_stack_count(s->stack), out = train_left_out(s, -1);
    if (!out) return leadseq_format("%s", "");
    return leadseq_format("%zu of %s %s left out: %s", out, leadseq_count(n, "record"),
                          out == 1 ? "is" : "are",
                          why                          ? why
                          : s->e.data.task.outputs > 1 ? "none of the task's labels is known"
                                                       : "the label is unknown");
}

void train_warn_of_classes(const struct train_session *s)
{
    for (int part = LEADSEQ_VALID; part <= LEADSEQ_TEST; part++)
        for (int k = 0; s->split.n[part] && k < s->labels.outputs; k++) {
            struct train_counts c = train_count(s, part, k);
            if (c.positive && c.negative) continue;
            char of[64];
            snprintf(of, sizeof of, "all %zu known labels", c.positive + c.negative);
            leadseq_warn("label %s: %s of the %s part %s %s: ranks and AUC are undefined there%s",
                         s->labels.name[k], c.positive + c.negative ? of : "the records",
                         leadseq_part_name[part], c.positive + c.negative ? "are" : "have",
                         c.positive   ? "1"
                         : c.negative ? "0"
                                      : "none",
                         part == LEADSEQ_VALID ? ", and its threshold is 0.5" : "");
        }
}

/* What the reader's thread does. Every rank has a reader of its own that knows the whole order of
 * an epoch and reads only this rank's part of each batch; labels are those of the whole batch. */
struct leadseq_batch_options train_feed_options(const struct train_session *s)
{
    struct leadseq_batch_options options = train_batch_options(&s->e, &s->net, &s->input);
    options.position = s->split.position[LEADSEQ_TRAIN];
    options.n = s->split.n[LEADSEQ_TRAIN];
    options.batch = s->net.whole;
    options.part = leadseq_rank();
    options.parts = leadseq_ranks();
    options.shuffle = true;
    options.labels = &s->labels;
    if (s->e.train.drop_last)
        options.batches = (size_t)train_epoch_steps(s) * (size_t)s->e.train.accumulate;
    options.balance = s->e.train.sampler == LEADSEQ_SAMPLER_BALANCED;
    options.augment_type = leadseq_augment_at(s->e.data.augment);
    options.augment = s->e.data.of_augment;
    options.signals.windows = LEADSEQ_WINDOWS_RANDOM;
    return options;
}
