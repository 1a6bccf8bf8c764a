/* SPDX-License-Identifier: MIT
 *
 * An experiment's network: engine, model, and how images must reach it.
 *
 * The model is built for the largest batch that this rank will ever pass: its part of
 * train.batch / train.accumulate records. Logits are those of all ranks, so that each can compute
 * the loss of the whole. The engine gets train_ranks_sum_double() for batch norm, whose means and
 * variances are over the records of all ranks. */
#include "network.h"

#include "ranks.h"

#include <stdlib.h>

static struct leadseq_model_spec spec_of(const struct leadseq_experiment *e,
                                         const struct train_input *input)
{
    const struct leadseq_drawing *drawing = &input->drawing;
    struct leadseq_model_spec spec = e->model;
    spec.outputs = e->data.task.outputs;
    spec.paired = leadseq_loss_at(e->train.loss)->exclusive && spec.outputs == 1;
    if (input->samples) {
        spec.leads = e->data.n_leads;
        spec.channels = spec.height = 1;
        spec.width = e->data.crop ? e->data.crop : (int)input->samples;
        return spec;
    }
    spec.leads = leadseq_drawing_images(drawing) == 1 ? 1 : e->data.n_leads;
    spec.channels = leadseq_drawing_channels(drawing);
    spec.height = drawing->height;
    spec.width = drawing->width;
    return spec;
}

/* A page shows all leads at once: none can be chosen, put in order, or read one by one. */
static int check_page(const struct leadseq_experiment *e, const struct leadseq_drawing *drawing)
{
    if (leadseq_drawing_images(drawing) > 1) {
        if (e->model.type->input != LEADSEQ_INPUT_PAGE) return 0;
        return leadseq_fail("model.type: a %s reads pages that show all leads; images of style %s "
                            "show one lead each",
                            e->model.type->name, leadseq_style_name(drawing->style));
    }
    const char *style = leadseq_style_name(drawing->style);
    if (e->model.type->input == LEADSEQ_INPUT_SEQUENCE)
        return leadseq_fail("model.type: a %s reads the leads of a record one after the other, "
                            "each an image of its own; images of style %s show all leads on one "
                            "page: train a cnn on them, or render dataset4",
                            e->model.type->name, style);
    if (e->data.order != LEADSEQ_LEADS_ORDERED)
        return leadseq_fail("data.leads: expected ordered, because images of style %s show all "
                            "leads on one page",
                            style);
    return 0;
}

int train_network_open(struct train_network *net, const struct leadseq_experiment *e,
                       const struct train_input *input, int threads)
{
    struct leadseq_model_spec spec = spec_of(e, input);
    *net = (struct train_network){0};
    if (!input->samples && check_page(e, &input->drawing)) return -1;
    size_t whole = (size_t)(e->train.batch / e->train.accumulate);
    size_t own = leadseq_part_count(whole, leadseq_rank(), leadseq_ranks());
    *net = (struct train_network){
        .whole = (int)whole, .batch = own ? (int)own : 1, .outputs = e->data.task.outputs};
    net->engine = leadseq_engine_open(&(struct leadseq_engine_options){
        .threads = threads,
        .precision = e->train.precision,
        .memory = e->train.memory,
        .sum = leadseq_ranks() > 1 ? train_ranks_sum_double : NULL});
    if (!net->engine) goto fail;
    net->model = leadseq_model_new(&spec, net->engine, net->batch, e->seed);
    if (!net->model) goto fail;
    size_t logits = (whole + 1) * (size_t)net->outputs;
    net->logit = leadseq_calloc(logits, sizeof *net->logit);
    net->dlogit = leadseq_calloc(logits, sizeof *net->dlogit);
    if (net->logit && net->dlogit) return 0;
fail:
    train_network_close(net);
    return -1;
}

void train_network_close(struct train_network *net)
{
    if (!net) return;
    free(net->dlogit);
    free(net->logit);
    leadseq_model_free(net->model);
    leadseq_engine_close(net->engine);
    *net = (struct train_network){0};
}

static struct leadseq_batch_signals signals_of(const struct leadseq_experiment *e,
                                               const struct train_input *input)
{
    struct leadseq_batch_signals s = {.samples = input->samples,
                                      .crop = (size_t)e->data.crop,
                                      .stride = (size_t)e->data.stride,
                                      .windows = LEADSEQ_WINDOWS_MIDDLE};
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        s.mean[lead] = (float)input->lead_mean[lead];
        s.scale[lead] = (float)(1 / input->lead_deviation[lead]);
    }
    return s;
}

/* Layout: a model that reads leads one after the other gets all records of a lead together
 * (T, N, C, H, W), so that a step of the recurrence reads one contiguous block; one that reads
 * leads as channels gets all leads of a record together (N, T, C, H, W). */
struct leadseq_batch_options train_batch_options(const struct leadseq_experiment *e,
                                                 const struct train_network *net,
                                                 const struct train_input *input)
{
    bool sequence = leadseq_model_is_sequence(net->model);
    struct leadseq_batch_options options = {
        .batch = net->batch,
        .seed = e->seed,
        .order = e->data.order,
        .n_leads = e->data.n_leads,
        .layout = sequence ? LEADSEQ_LAYOUT_TNCHW : LEADSEQ_LAYOUT_NTCHW,
        .invert = e->data.invert,
    };
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)input->mean[c];
        options.scale[c] = (float)(1 / input->deviation[c]);
    }
    for (int i = 0; i < e->data.n_leads; i++) options.leads[i] = e->data.leads[i];
    if (input->samples) options.signals = signals_of(e, input);
    return options;
}

int train_ranks_check(const struct leadseq_experiment *e)
{
    int whole = e->train.batch / e->train.accumulate;
    if (whole >= leadseq_ranks()) return 0;
    return leadseq_fail("train.batch: %d records in a pass of all ranks (train.batch by "
                        "train.accumulate), expected at least one for each of %d ranks; start "
                        "fewer ranks or take larger batches",
                        whole, leadseq_ranks());
}
