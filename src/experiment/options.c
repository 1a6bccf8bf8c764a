/* SPDX-License-Identifier: MIT
 *
 * An experiment's own options, whatever its types: key, kind, field, default, range,
 * help. The types (of models …) bring theirs; table.c puts them together. */
#include "table.h"

#include "render/render.h"

static const char *const selects[] = {"all", "heartnet-rnn", "balanced", NULL};
static const char *const splits[] = {"folds", "patient", "record", NULL};
static const char *const kept[] = {"best", "last", NULL};
static const char *const class_weights[] = {"none", "balanced", NULL};
static const char *const samplers[] = {"shuffle", "balanced", NULL};
static const char *const normalises[] = {"none", "imagenet", "data", NULL};
static const char *const inputs[] = {"images", "signals", NULL};
static const char *const standardised_by[] = {"all", "lead", NULL};
static const char *const aggregates[] = {"max", "mean", NULL};
static const char *const freezes[] = {"none", "body", NULL};
static const char *const shown_losses[] = {"mean", "smooth", NULL};
static const char *const probes[] = {"none", "economy", "standard", "full", NULL};

/* "any", then the names of their own tables. */
static const char *style_choice(size_t i)
{
    if (i == 0) return "any";
    const struct leadseq_style_type *type = leadseq_style_type((enum leadseq_style)(i - 1));
    return type ? type->name : NULL;
}

static const char *style_help(size_t i)
{
    if (i == 0) return "every style is accepted";
    const struct leadseq_style_type *type = leadseq_style_type((enum leadseq_style)(i - 1));
    return type ? type->help : NULL;
}

static const char *profile_choice(size_t i)
{
    return i == 0 ? "any" : leadseq_profile_names[i - 1];
}

#define FIELD(member) LEADSEQ_FIELD(struct leadseq_experiment, member)
/* Fields that are one value. */
#define SPAN(first, last)                                                                          \
    .offset = offsetof(struct leadseq_experiment, first), .size = EXPERIMENT_SPAN(first, last)
#define LIST "a list of "

// clang-format off
const struct leadseq_option experiment_rows[] = {
    {"name", &experiment_name, FIELD(name), .standard = "experiment",
     .expected = "1 to 63 letters, digits, '.', '_', '-' or '+', the first a letter or digit",
     .help = "what the run is called in reports"},
    {"seed", &leadseq_option_seed, FIELD(seed), .standard = "1",
     .expected = "a whole number from 0 to 18446744073709551615",
     .help = "decides weights, order of records, dropout, selection and seeded splits"},

    {"data.input", &leadseq_option_choice, FIELD(data.input), .standard = "images", .choices = inputs,
     .help = "what of the stack is read; the default is what the type of model reads, and the other is refused"},
    {"data.style", &experiment_word, FIELD(data.style), .standard = "any", .choice = style_choice, .choice_help = style_help,
     .help = "style the stack must be drawn in"},
    {"data.profile", &experiment_word, FIELD(data.profile), .standard = "any", .choice = profile_choice,
     .help = "drawing profile the stack must have; any: every profile is accepted"},
    {"data.size", &experiment_size, SPAN(data.width, data.height), .unit = "pixels", .standard = "any", .least = 1, .most = LEADSEQ_SIDE_MAX,
     .expected = "WIDTHxHEIGHT in pixels, as 512x512, or any",
     .help = "size of one image the stack must have; any: every size is accepted"},
    {"data.task", &experiment_task, FIELD(data.task), .standard = "mi",
     .choice = leadseq_task_name, .choice_help = leadseq_task_help,
     .help = "what is learned; doc/labels.md"},
    {"data.leads", &experiment_leads, SPAN(data.order, data.n_leads), .standard = "ordered",
     .expected = "ordered, shuffled, or a list of different lead names, as [I, II, V1]",
     .help = "order of the leads; shuffled: each record has its own random order, which depends on the "
             "seed; a page that shows all leads is always ordered"},
    {"data.select", &leadseq_option_choice, FIELD(data.select), .standard = "all", .choices = selects,
     .help = "records used, chosen before splitting; heartnet-rnn: every record with MI and the paper's share "
             "of the others"},
    {"data.split", &leadseq_option_choice, FIELD(data.split), .standard = "folds", .choices = splits,
     .help = "how records are divided: by the official folds, or into seeded shares of patients or of records"},
    {"data.train", &experiment_folds, FIELD(data.folds[LEADSEQ_TRAIN]),
     .standard = "[1, 2, 3, 4, 5, 6, 7, 8]", .expected = LIST "folds from 1 to 10, as [1, 2, 3]",
     .help = "folds to train on (split: folds)"},
    {"data.valid", &experiment_folds, FIELD(data.folds[LEADSEQ_VALID]), .standard = "[9]",
     .expected = LIST "folds from 1 to 10, as [9], or [] for none",
     .help = "folds that choose the best checkpoint and the threshold (split: folds)"},
    {"data.test", &experiment_folds, FIELD(data.folds[LEADSEQ_TEST]), .standard = "[10]",
     .expected = LIST "folds from 1 to 10, as [10], or [] for none",
     .help = "folds evaluated once, after training (split: folds)"},
    {"data.share", &experiment_shares, FIELD(data.share), .unit = "share of patients or records", .standard = "[0.8, 0.1, 0.1]",
     .expected = "three shares from 0 to 1 that sum to at most 1, as [0.8, 0.1, 0.1]",
     .help = "shares of train, valid, test (split: patient or record)"},
    {"data.limit", &leadseq_option_integer, FIELD(data.limit), .unit = "records", .standard = "0", .least = 0, .most = 1e9,
     .help = "largest number of training records, an even sample of them by ecg_id; 0: all"},
    {"data.invert", &leadseq_option_bool, FIELD(data.invert), .standard = "false",
     .help = "true: ink is 1 and paper is 0; false: ink is 0 and paper is 1"},
    {"data.standardise", &leadseq_option_bool, FIELD(data.standardise), .standard = "false",
     .help = "subtract the mean and divide by the standard deviation of the training records' pixels or samples"},
    {"data.standardise_by", &leadseq_option_choice, FIELD(data.standardise_by), .standard = "all", .choices = standardised_by,
     .help = "signals: all: one mean and deviation over all samples and leads; lead: of each lead its own"},
    {"data.crop", &leadseq_option_integer, FIELD(data.crop), .unit = "samples", .standard = "0", .least = 0, .most = LEADSEQ_SIDE_MAX,
     .help = "signals: length of the windows the network reads; in training one per record, drawn at random in each "
             "epoch; 0: all samples"},
    {"data.stride", &leadseq_option_integer, FIELD(data.stride), .unit = "samples", .standard = "0", .least = 0, .most = LEADSEQ_SIDE_MAX,
     .help = "signals: distance from window to window in evaluation, from the first sample on; one that would reach "
             "beyond the last sample is left out; 0: half of data.crop"},
    {"data.aggregate", &leadseq_option_choice, FIELD(data.aggregate), .standard = "max", .choices = aggregates,
     .help = "signals: what a record's probability is of those of its windows; of classes that exclude each other they "
             "are divided by their sum"},
    {"data.normalise", &leadseq_option_choice, FIELD(data.normalise), .standard = "none", .choices = normalises,
     .help = "subtract a mean and divide by a deviation of each colour; imagenet: those of ImageNet's images, which "
             "published weights expect (of grey images the mean of the three); data: those of the training records"},
    {"data.augment", &leadseq_option_choice, FIELD(data.augment), .standard = "none", .choice = leadseq_augment_name,
     .choice_help = leadseq_augment_help, .help = "random changes of the training images, others in every epoch"},

    {"model.type", &experiment_model_type, FIELD(model.type), .standard = "convlstm", .choice = leadseq_model_type_name,
     .choice_help = leadseq_model_type_help, .help = "type of network; each type has its own options"},
    {"model.weights", &experiment_path, FIELD(weights), .standard = "none",
     .expected = "none, or the path of a file, of at most 511 bytes, without quotes, \"#\" or \": \"",
     .help = "weights that a new training starts from: a safetensors file, also one of torchvision or fastai, or the "
             "checkpoint of a run (RUN/checkpoints/best.h5); what fits is loaded, and the rest is told"},
    {"model.weights_strict", &leadseq_option_bool, FIELD(weights_strict), .standard = "false",
     .help = "true: weights that are missing, have another shape or belong to no layer are an error"},
    {"model.freeze", &leadseq_option_choice, FIELD(freeze), .standard = "none", .choices = freezes,
     .help = "body: the head alone learns, and the weights and statistics of batch norms"},
    {"train.recipe", &leadseq_option_choice, FIELD(train.recipe), .standard = "none", .choice = experiment_recipe_name,
     .choice_help = experiment_recipe_help,
     .help = "a training as others have it: options that are not given have its values and not their defaults"},
    {"train.loss", &leadseq_option_choice, FIELD(train.loss), .standard = "bce", .choice = leadseq_loss_name,
     .choice_help = leadseq_loss_help,
     .help = "the default depends on data.task: bce for mi, softmax for superclass-single, otherwise bce-logits"},
    {"train.positive_weight", &experiment_weights, SPAN(train.positive_weight, train.n_weights), .standard = "1",
     .least = 0, .above = true, .most = 1e6,
     .expected = "a number above 0 and at most 1000000, or " LIST "one per output",
     .help = "bce-logits: weight of a yes of each output, or of all (PyTorch's pos_weight); softmax: weight of each "
             "class (the weight of PyTorch's CrossEntropyLoss), of one output that of yes"},
    {"train.class_weights", &leadseq_option_choice, FIELD(train.class_weights), .standard = "none",
     .choices = class_weights, .expected = "none or balanced (a list of weights is train.positive_weight)",
     .help = "balanced: positive_weight becomes, of the training records, negatives per positive of each output "
             "(bce-logits), or records / (classes · records of the class) (softmax), so that all classes weigh the same"},
    {"train.label_smoothing", &leadseq_option_number, FIELD(train.label_smoothing), .standard = "0", .least = 0,
     .most = 0.999,
     .help = "e: targets t become (1 - e) t + e / classes, as PyTorch's CrossEntropyLoss does; each output of its own "
             "has two classes; training and validation loss alike"},
    {"train.sampler", &leadseq_option_choice, FIELD(train.sampler), .standard = "shuffle", .choices = samplers,
     .help = "shuffle: each training record once per epoch; balanced: the same number of draws per epoch, half "
             "of them from each class, so that every batch has the same number of both"},
    {"train.optimizer", &leadseq_option_choice, FIELD(train.optimizer), .standard = "adam",
     .choice = leadseq_optimizer_name, .choice_help = leadseq_optimizer_help,
     .help = "how a step changes the weights; the formulas are PyTorch's, and each has its own options"},
    {"train.schedule", &leadseq_option_choice, FIELD(train.schedule), .standard = "constant",
     .choice = leadseq_schedule_name, .choice_help = leadseq_schedule_help,
     .help = "how the learning rate changes"},
    {"train.warmup", &leadseq_option_integer, FIELD(train.warmup), .unit = "steps", .standard = "0", .least = 0,
     .most = 2e9, .help = "number of first steps in which the rate rises linearly from lr/warmup to lr, before the "
     "schedule begins; one-cycle, one-cycle-fastai: number of steps in which it rises along its cosine, 0: 30 % of all steps, or train.rise"},
    {"train.lr", &leadseq_option_number, FIELD(train.lr), .standard = "0.001", .least = 0, .above = true,
     .most = 100, .help = "learning rate; with schedule one-cycle the largest rate"},
    {"train.group_lr", &experiment_rates, SPAN(train.group_lr, train.n_group_lr), .standard = "[]", .unit = "share of lr",
     .least = 0, .most = 1e6,
     .expected = "[], or " LIST "shares of train.lr from 0, one for each group, as [0.01, 0.1, 1]",
     .help = "rates of groups of parameters, that of the head the last; []: all learn at train.lr. A resnet has three: up "
             "to layer2, layer3 and 4, head; other models two: body, head"},
    {"train.freeze_epochs", &leadseq_option_integer, FIELD(train.freeze_epochs), .unit = "epochs", .standard = "0",
     .least = 0, .most = 1e6, .help = "first epochs, of train.epochs, in which the head alone learns, and the weights of "
     "batch norms at a tenth of its rate; schedule and moments begin again after them"},
    {"train.freeze_lr", &leadseq_option_number, FIELD(train.freeze_lr), .standard = "0", .least = 0, .most = 100,
     .help = "learning rate of the head in these epochs; 0: train.lr"},
    {"train.weight_decay", &leadseq_option_number, FIELD(train.weight_decay), .standard = "0", .least = 0,
     .most = 100, .help = "decay of weights, not of biases or norms; adamw: decoupled from the gradient"},
    {"train.clip_norm", &leadseq_option_number, FIELD(train.clip_norm), .standard = "0", .least = 0,
     .most = 1e12, .help = "largest norm of the gradient, which is scaled down to it; 0: no clipping"},
    {"train.batch", &leadseq_option_integer, FIELD(train.batch), .unit = "records", .standard = "2", .least = 1,
     .most = 65536, .help = "records per step"},
    {"train.accumulate", &leadseq_option_integer, FIELD(train.accumulate), .unit = "parts", .standard = "1", .least = 1,
     .most = 65536, .help = "number of parts a batch is divided into; they are computed one after the other and "
     "their gradients summed, which needs less memory and gives the same step up to rounding (batch norm uses "
     "the statistics of each part)"},
    {"train.drop_last", &leadseq_option_bool, FIELD(train.drop_last), .standard = "false",
     .help = "leave out the last batch of an epoch where it has fewer records"},
    {"train.epochs", &leadseq_option_integer, FIELD(train.epochs), .unit = "epochs", .standard = "10", .least = 1,
     .most = 1e6, .help = "passes over the training records"},
    {"train.max_steps", &leadseq_option_integer, FIELD(train.max_steps), .unit = "steps", .standard = "0", .least = 0,
     .most = 2e9, .help = "stop after this number of steps; 0: after train.epochs"},
    {"train.monitor", &leadseq_option_choice, FIELD(train.monitor), .standard = "auc",
     .choices = leadseq_monitor_name,
     .help = "metric of the validation records that chooses the best checkpoint and that patience watches; metrics "
             "of decisions use the threshold of the epoch's largest Youden index"},
    {"train.keep", &leadseq_option_choice, FIELD(train.keep), .standard = "best", .choices = kept,
     .help = "epoch whose weights the run keeps: its thresholds, results and predictions are theirs; best: the best by "
             "train.monitor, of equals the first; last: the last, as public benchmarks have it"},
    {"train.shown_loss", &leadseq_option_choice, FIELD(train.shown_loss), .standard = "mean", .choices = shown_losses,
     .help = "training loss that is printed after an epoch; mean: over its records; smooth: exponential mean over all "
             "batches, of which each keeps 0.98, as fastai prints it"},
    {"train.patience", &leadseq_option_integer, FIELD(train.patience), .unit = "epochs", .standard = "0", .least = 0,
     .most = 1e6, .help = "stop after this number of epochs in a row without an improvement of the monitor; 0: never"},
    {"train.min_delta", &leadseq_option_number, FIELD(train.min_delta), .standard = "0", .least = 0,
     .most = 1e6, .help = "smallest improvement of the monitor that resets patience"},
    {"train.precision", &leadseq_option_choice, FIELD(train.precision), .standard = "f32",
     .choices = leadseq_precision_names,
     .help = "arithmetic of convolutions; bf16: products of bfloat16 values, on CPUs that have them; "
             "bf16-emulated: the same numbers on any CPU, slowly"},
    {"train.memory", &leadseq_option_choice, FIELD(train.memory), .standard = "normal", .choices = leadseq_memory_names,
     .help = "what a ConvLSTM with few channels keeps for the backward pass; normal: the gates of a third of its "
             "leads; low: of no lead, which takes three fifths of the memory and a fifth more time; high: of all, "
             "which is fastest and takes two thirds more memory. What is not kept is computed again, with the "
             "same bits"},
    {"train.threads", &leadseq_option_integer, FIELD(train.threads), .unit = "threads", .standard = "0", .least = 0,
     .most = 4096, .help = "threads that compute; 0: OMP_NUM_THREADS, else one per processor. The same number gives the same bits"},

    {"diagnose.probes", &leadseq_option_choice, FIELD(diagnose.probes), .standard = "economy",
     .choices = probes,
     .help = "time probes may take: economy: 3 % of the run's time; standard: 25 %; full: no limit, all probes in "
             "every step in which they are due"},
    {"diagnose.groups", &experiment_groups, FIELD(diagnose.groups), .standard = "all",
     .expected = "all, or " LIST "output, head, flow, parameters, gates, recurrence, step, input",
     .help = "groups of quantities that probes measure"},
    {"diagnose.first", &leadseq_option_integer, FIELD(diagnose.first), .unit = "steps", .standard = "10", .least = 0,
     .most = 1e9, .help = "probes are due in each of this number of first steps"},
    {"diagnose.every", &leadseq_option_integer, FIELD(diagnose.every), .unit = "steps", .standard = "10", .least = 0,
     .most = 1e9, .help = "and in every later step that is a multiple of this; 0: in none"},
    {"diagnose.growth", &leadseq_option_number, FIELD(diagnose.growth), .standard = "0", .least = 0,
     .most = 1e6, .help = "and in steps 1, growth, growth^2 ...; a value up to 1: in none of these"},
};
// clang-format on
const size_t experiment_rows_count = LEADSEQ_COUNT(experiment_rows);
