/* SPDX-License-Identifier: MIT
 *
 * Experiments: defaults, overrides, agreement of options with each other, and
 * reading a resolved file back. What options there are stands in options.c; how
 * they are written, in reference.c. */
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

/* A default may depend on the model's type. */
static void set_standard(struct leadseq_experiment *e, const struct leadseq_option *o)
{
    bool cnn = e->model.type == LEADSEQ_MODEL_CNN && o->standard_cnn;
    const char *text = cnn ? o->standard_cnn : o->standard;
    int status = o->kind->read(e, o, text);
    if (status) abort(); // the table itself is wrong: test_options reads every default
}

void leadseq_experiment_default(struct leadseq_experiment *e)
{
    memset(e, 0, sizeof *e);
    for (size_t i = 0; i < option_table_size; i++) set_standard(e, &option_table[i]);
}

struct leadseq_optim leadseq_experiment_optim(const struct leadseq_experiment *e)
{
    return (struct leadseq_optim){
        .optimizer = leadseq_optimizer_at((size_t)e->train.optimizer),
        .schedule = leadseq_schedule_at((size_t)e->train.schedule),
        .lr = e->train.lr,
        .weight_decay = e->train.weight_decay,
        .momentum = e->train.momentum,
        .beta1 = e->train.beta1,
        .beta2 = e->train.beta2,
        .epsilon = e->train.epsilon,
        .warmup = e->train.warmup,
        .step_size = e->train.step_size,
        .gamma = e->train.gamma,
        .min_lr = e->train.min_lr,
        .cycle_momentum = e->train.cycle_momentum,
    };
}

/* Options not given so far follow the model's type, in whatever order they come. */
static void follow_type(struct leadseq_experiment *e)
{
    for (size_t i = 0; i < option_table_size; i++)
        if (option_table[i].standard_cnn && !e->given[i]) set_standard(e, &option_table[i]);
}

/* The task's own loss, where none was given. */
static void follow_task(struct leadseq_experiment *e)
{
    const struct leadseq_option *o = option_find("train.loss");
    if (e->given[o - option_table]) return;
    if (o->kind->read(e, o, leadseq_task_default_loss(&e->data.task)))
        abort(); // the table is wrong
}

struct leadseq_loss leadseq_experiment_loss(const struct leadseq_experiment *e)
{
    struct leadseq_loss loss;
    leadseq_loss_init(&loss, leadseq_loss_at(e->train.loss), e->data.task.outputs);
    for (int k = 0; k < loss.outputs; k++)
        loss.positive_weight[k] = e->train.positive_weight[e->train.n_weights > 1 ? k : 0];
    return loss;
}

static int fail_unknown(const char *key)
{
    const char *nearest = option_nearest(key);
    if (nearest) return leadseq_fail("%s: no such option; did you mean %s?", key, nearest);
    return leadseq_fail("%s: no such option; 'leadseq help experiment' lists them all", key);
}

static int fail_value(const struct leadseq_option *o, const char *found)
{
    char *expected = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&expected, &size);
    if (!memory) return leadseq_fail_memory(0);
    option_expected(o, memory);
    fclose(memory);
    leadseq_fail("%s: expected %s, found \"%s\"", o->key, expected, found);
    free(expected);
    return -1;
}

int leadseq_experiment_set(struct leadseq_experiment *e, const char *key, const char *value)
{
    const struct leadseq_option *o = option_find(key);
    if (!o) return fail_unknown(key);
    struct leadseq_experiment changed = *e; // a refused value leaves `e` as it was
    if (o->kind->read(&changed, o, value)) return fail_value(o, value);
    changed.given[o - option_table] = true;
    if (!strcmp(key, "model.type")) follow_type(&changed);
    if (!strcmp(key, "data.task")) follow_task(&changed);
    *e = changed;
    return 0;
}

static int check_folds(const struct leadseq_experiment *e)
{
    for (int a = 0; a < LEADSEQ_PARTS; a++)
        for (int b = a + 1; b < LEADSEQ_PARTS; b++) {
            unsigned both = e->data.folds[a] & e->data.folds[b];
            if (both)
                return leadseq_fail("data.%s and data.%s: both have fold %d; a fold may be in one",
                                    leadseq_part_name[a], leadseq_part_name[b],
                                    __builtin_ctz(both));
        }
    if (!e->data.folds[LEADSEQ_TRAIN])
        return leadseq_fail("data.train: expected at least one fold, found none");
    return 0;
}

static int check_data(const struct leadseq_experiment *e)
{
    struct leadseq_augment standard;
    leadseq_augment_heartnet(&standard);
    if (e->data.augment == LEADSEQ_AUGMENT_NONE &&
        memcmp(&e->data.strength, &standard, sizeof standard))
        return leadseq_fail(
            "data.max_rotate, max_zoom, max_warp, max_lighting, p_affine, "
            "p_lighting: another value than the default needs data.augment: heartnet");
    if (e->data.split == LEADSEQ_SPLIT_FOLDS) return check_folds(e);
    if (e->data.share[LEADSEQ_TRAIN] <= 0)
        return leadseq_fail("data.share: expected a share above 0 for training, found 0");
    return 0;
}

static int check_model(const struct leadseq_experiment *e)
{
    if (e->model.kernel % 2 == 0)
        return leadseq_fail("model.kernel: expected an odd number from 1 to %d, found \"%d\"",
                            LEADSEQ_KERNEL_MAX, e->model.kernel);
    if (e->model.forget_bias != 0 && !e->model.bias && e->model.cell_norm == LEADSEQ_CELL_NORM_NONE)
        return leadseq_fail("model.forget_bias: %g needs model.bias: true", e->model.forget_bias);
    return 0;
}

static int check_loss(const struct leadseq_experiment *e)
{
    const struct leadseq_loss_type *loss = leadseq_loss_at(e->train.loss);
    if (leadseq_task_check_loss(&e->data.task, loss)) return -1;
    for (int k = 0; !loss->weighted && k < e->train.n_weights; k++)
        if (e->train.positive_weight[k] != 1)
            return leadseq_fail("train.positive_weight: %g needs train.loss: bce-logits",
                                e->train.positive_weight[k]);
    if (!loss->weighted && e->train.class_weights)
        return leadseq_fail("train.class_weights: balanced needs train.loss: bce-logits");
    if (e->train.n_weights > 1 && e->train.n_weights != e->data.task.outputs)
        return leadseq_fail("train.positive_weight: expected one weight, or one of each of the "
                            "task's %d outputs, found %d",
                            e->data.task.outputs, e->train.n_weights);
    return 0;
}

static int check_task(const struct leadseq_experiment *e)
{
    if (e->data.task.outputs == 1) return 0;
    if (e->data.select != LEADSEQ_SELECT_ALL)
        return leadseq_fail("data.select: expected all, because data.task has %d outputs; the "
                            "others choose by the classes of one",
                            e->data.task.outputs);
    if (e->train.sampler == LEADSEQ_SAMPLER_BALANCED)
        return leadseq_fail("train.sampler: expected shuffle, because data.task has %d outputs; "
                            "balanced alternates the classes of one",
                            e->data.task.outputs);
    return 0;
}

static int check_train(const struct leadseq_experiment *e)
{
    if (check_loss(e)) return -1;
    if (e->train.min_delta > 0 && e->train.patience == 0)
        return leadseq_fail("train.min_delta: %g needs train.patience, which says in how many "
                            "epochs",
                            e->train.min_delta);
    if (e->train.batch % e->train.accumulate)
        return leadseq_fail("train.accumulate: expected a divisor of train.batch, %d, found %d",
                            e->train.batch, e->train.accumulate);
    if (e->train.min_lr > e->train.lr)
        return leadseq_fail("train.min_lr: expected at most train.lr, %g, found %g", e->train.lr,
                            e->train.min_lr);
    return 0;
}

int leadseq_experiment_check(const struct leadseq_experiment *e)
{
    if (check_data(e) || check_task(e) || check_model(e)) return -1;
    return check_train(e);
}

int leadseq_experiment_read_back(struct leadseq_experiment *e, char *text)
{
    char section[32] = "", key[96];
    leadseq_experiment_default(e);
    for (char *line; (line = strsep(&text, "\n"));) {
        char *colon = strchr(line, ':'), *name = line + strspn(line, " ");
        if (line[0] == '\0') continue;
        if (!colon) return leadseq_fail("expected \"key: value\", found \"%s\"", line);
        *colon = '\0';
        if (colon[1] == '\0') {
            snprintf(section, sizeof section, "%s.", name);
            continue;
        }
        snprintf(key, sizeof key, "%s%s", name == line ? "" : section, name);
        if (leadseq_experiment_set(e, key, colon + 1 + strspn(colon + 1, " "))) return -1;
    }
    return 0;
}

static char *text_of(const struct leadseq_experiment *e)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    int status = memory ? leadseq_experiment_write(e, memory) : leadseq_fail_memory(0);
    if (memory && fclose(memory)) status = leadseq_fail_memory(0);
    if (!status) return text;
    free(text);
    return NULL;
}

int leadseq_experiment_is(const struct leadseq_experiment *e, const char *text, bool *same)
{
    struct leadseq_experiment then;
    char *lines = leadseq_format("%s", text), *was = NULL, *is = NULL;
    int status = lines ? leadseq_experiment_read_back(&then, lines) : -1;
    if (!status) status = (was = text_of(&then)) && (is = text_of(e)) ? 0 : -1;
    *same = !status && !strcmp(was, is);
    free(lines);
    free(was);
    free(is);
    return status;
}
