/* SPDX-License-Identifier: MIT
 *
 * Recipes: trainings as other programs have them, each a list of values that options have unless
 * they are given. A resolved experiment lists the values; nothing else knows recipes. */
#include "table.h"

#include <math.h>
#include <string.h>

struct recipe {
    const char *name, *help;
    const char *const (*value)[2]; /* key, value; ends with NULL */
};

/* fastai 2's fine_tune(n): an epoch with a frozen body at 2e-3, then n at 1e-3 for the head and a
 * hundredth of it for the first layers (group_lr, by groups_text()). train.epochs counts both. */
static const char *const fastai_fine_tune[][2] = {
    {"train.optimizer", "adamw"},
    {"train.betas", "[0.95, 0.99]"},
    {"train.epsilon", "1e-05"},
    {"train.weight_decay", "0.01"},
    {"train.schedule", "one-cycle-fastai"},
    {"train.rise", "0.3"},
    {"train.start_div", "5"},
    {"train.lr", "0.001"},
    {"train.freeze_epochs", "1"},
    {"train.freeze_lr", "0.002"},
    {"train.group_lr", NULL},
    {"train.drop_last", "true"},
    {"train.shown_loss", "smooth"},
    {"train.loss", NULL},
    {"data.normalise", "imagenet"},
    {"data.augment", "fastai2"},
    {NULL, NULL},
};
static const struct recipe recipes[] = {
    {"none", "each option has its default", NULL},
    {"fastai-fine-tune",
     "fastai 2's fine_tune: an epoch with a frozen body, then others with rates of their own for "
     "each group; AdamW, its one-cycle, augmentation, normalisation and loss",
     fastai_fine_tune},
};

const char *experiment_recipe_name(size_t i)
{
    return i < LEADSEQ_COUNT(recipes) ? recipes[i].name : NULL;
}

const char *experiment_recipe_help(size_t i)
{
    return i < LEADSEQ_COUNT(recipes) ? recipes[i].help : NULL;
}

/* A hundredth for the first group, and a constant factor from group to group. */
static void groups_text(const struct leadseq_experiment *e, char text[128])
{
    const struct leadseq_model_type *type = e->model.type;
    const int n = (type->group ? type->body_groups : 1) + 1;
    size_t at = 0;
    for (int i = 0; i < n && at < 100; i++)
        at += (size_t)snprintf(text + at, 128 - at, "%s%.6g", i ? ", " : "[",
                               pow(0.01, (double)(n - 1 - i) / (n - 1)));
    snprintf(text + at, 128 - at, "]");
}

const char *experiment_recipe_value(const struct leadseq_experiment *e, const char *key,
                                    char text[128])
{
    const char *const(*v)[2] = recipes[e->train.recipe].value;
    while (v && (*v)[0] && strcmp((*v)[0], key)) v++;
    if (!v || !(*v)[0]) return NULL;
    if ((*v)[1]) return (*v)[1];
    if (!strcmp(key, "train.group_lr"))
        groups_text(e, text);
    else
        snprintf(text, 128, "%s",
                 e->data.task.outputs == 1 ? "softmax" : leadseq_task_default_loss(&e->data.task));
    return text;
}

const char *experiment_recipe_key(const struct leadseq_experiment *e, size_t i)
{
    const char *const(*v)[2] = recipes[e->train.recipe].value;
    return v ? v[i][0] : NULL;
}
