/* SPDX-License-Identifier: MIT
 *
 * Which changes are tried: the table of remedies, fitted to an experiment. What
 * the experiment has already, or its model has no use for, is left out. */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

enum group {
    GROUP_LOSS,
    GROUP_RATE,
    GROUP_HEAD,
    GROUP_INPUT,
    GROUP_FORGET,
    GROUP_INIT,
    GROUP_HEAD_NORM,
    GROUP_CELL_NORM,
    GROUP_CLIP,
    GROUP_OPTIMIZER,
    GROUP_BATCH,
    GROUP_STEM,
    GROUP_PROFILE,
    GROUP_LEADS
};

enum of { OF_ALL, OF_RECURRENT, OF_IMAGES }; /* models it is for */

struct row {
    const char *name, *says;
    int group;
    enum of of;
    const char *set[2 * REMEDY_KEYS]; /* key, value, …; NULL */
};

static const struct row before_rates[] = {
    {"loss-logits", "cross-entropy on logits", GROUP_LOSS, OF_ALL, {"train.loss", "bce-logits"}},
};
static const struct row after_rates[] = {
    {"head-mean", "the head averages each channel", GROUP_HEAD, OF_ALL, {"model.head", "mean"}},
    {"head-max",
     "the head takes each channel's maximum",
     GROUP_HEAD,
     OF_ALL,
     {"model.head", "max"}},
    {"head-mean-max",
     "the head takes mean and maximum",
     GROUP_HEAD,
     OF_ALL,
     {"model.head", "mean-max"}},
    {"invert", "ink 1 on paper 0", GROUP_INPUT, OF_IMAGES, {"data.invert", "true"}},
    {"standardise",
     "an input of mean 0 and deviation 1",
     GROUP_INPUT,
     OF_ALL,
     {"data.standardise", "true"}},
    {"forget-bias-1",
     "forget gates begin near 0.73",
     GROUP_FORGET,
     OF_RECURRENT,
     {"model.forget_bias", "1"}},
    {"orthogonal",
     "orthogonal recurrence at the start",
     GROUP_INIT,
     OF_RECURRENT,
     {"model.recurrent_init", "orthogonal"}},
    {"head-norm",
     "batch norm before the head",
     GROUP_HEAD_NORM,
     OF_ALL,
     {"model.head_norm", "true"}},
    {"clip-1", "gradient clipped to norm 1", GROUP_CLIP, OF_ALL, {"train.clip_norm", "1"}},
    {"sgd",
     "SGD with momentum 0.9 at the same rate",
     GROUP_OPTIMIZER,
     OF_ALL,
     {"train.optimizer", "sgd", "train.momentum", "0.9"}},
    {"adamw",
     "AdamW with decay 0.01",
     GROUP_OPTIMIZER,
     OF_ALL,
     {"train.optimizer", "adamw", "train.weight_decay", "0.01"}},
    {"stem-conv",
     "a stem of strided convolutions",
     GROUP_STEM,
     OF_ALL,
     {"model.stem", "conv", "model.stem_channels", "[16, 16, 16]"}},
    {"stem-patch",
     "a stem of patches",
     GROUP_STEM,
     OF_ALL,
     {"model.stem", "patch", "model.stem_channels", "[16]", "model.patch", "8"}},
    {"leads-shuffled",
     "each record's leads in an order of its own",
     GROUP_LEADS,
     OF_RECURRENT,
     {"data.leads", "shuffled"}},
    {"leads-reversed",
     "leads from V6 to I",
     GROUP_LEADS,
     OF_RECURRENT,
     {"data.leads", "[V6, V5, V4, V3, V2, V1, AVF, AVL, AVR, III, II, I]"}},
    {"leads-around",
     "limb leads in the order they look around the heart",
     GROUP_LEADS,
     OF_RECURRENT,
     {"data.leads", "[AVL, I, AVR, II, AVF, III, V1, V2, V3, V4, V5, V6]"}},
};

static const struct row at_last[] = {
    {"cell-norm",
     "layer norm in the cell",
     GROUP_CELL_NORM,
     OF_RECURRENT,
     {"model.cell_norm", "layer"}},
};

static void put(struct remedy *r, const char *key, const char *value)
{
    snprintf(r->set[r->n_sets].key, sizeof r->set[0].key, "%s", key);
    snprintf(r->set[r->n_sets++].value, sizeof r->set[0].value, "%s", value);
}

static struct remedy *add(struct leadseq_remedies *l, const char *name, const char *says, int group)
{
    struct remedy *r = &l->remedy[l->n_remedies];
    size_t end = strlen(l->names);
    snprintf(l->names + end, sizeof l->names - end, "%s%s", end ? "," : "", name);
    *r = (struct remedy){.group = group};
    snprintf(r->name, sizeof r->name, "%s", name);
    snprintf(r->says, sizeof r->says, "%s", says);
    return r;
}

/* Whether the experiment would be another one with it. */
static bool changes(const struct leadseq_remedies *l, struct remedy *r)
{
    struct leadseq_experiment e = *l->e;
    for (int i = 0; i < r->n_sets; i++)
        if (leadseq_experiment_set(&e, r->set[i].key, r->set[i].value)) {
            snprintf(r->absent, sizeof r->absent, "%.199s", leadseq_error());
            leadseq_error_clear();
            return true;
        }
    char *before = leadseq_experiment_text(l->e), *after = leadseq_experiment_text(&e);
    bool other = before && after && strcmp(before, after);
    free(before);
    free(after);
    return other;
}

static bool is_named(const char *names, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = names; (at = strstr(at, name)); at += n)
        if ((at == names || at[-1] == ',') && (at[n] == '\0' || at[n] == ',')) return true;
    return false;
}

static bool is_wanted(const struct leadseq_remedies *l, const char *name)
{
    return !l->options->only || is_named(l->options->only, name);
}

static void keep(struct leadseq_remedies *l, struct remedy *r)
{
    if (l->n_remedies < REMEDY_MOST - 1 && is_wanted(l, r->name) && changes(l, r)) l->n_remedies++;
}

static void keep_rows(struct leadseq_remedies *l, const struct row *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (row[i].of == OF_RECURRENT && !l->e->model.type->recurrent) continue;
        if (row[i].of == OF_IMAGES && l->e->data.input != LEADSEQ_DATA_IMAGES) continue;
        struct remedy *r = add(l, row[i].name, row[i].says, row[i].group);
        for (int k = 0; k < 2 * REMEDY_KEYS && row[i].set[k]; k += 2)
            put(r, row[i].set[k], row[i].set[k + 1]);
        keep(l, r);
    }
}

static void keep_rates(struct leadseq_remedies *l)
{
    double rate = l->e->train.lr;
    for (int k = 1; k <= 6; k++) {
        char name[32], says[64], value[32];
        rate /= 10;
        snprintf(name, sizeof name, "lr-div-1e%d", k);
        snprintf(says, sizeof says, "learning rate divided by 10^%d: %.3g", k, rate);
        snprintf(value, sizeof value, "%.9g", rate);
        struct remedy *r = add(l, name, says, GROUP_RATE);
        put(r, "train.lr", value);
        keep(l, r);
    }
}

/* Half of the training spent on warming up, and a batch eight times as large. */
static void keep_sizes(struct leadseq_remedies *l)
{
    char value[32];
    int steps = l->options->steps ? l->options->steps : l->e->train.max_steps;
    struct remedy *r =
        add(l, "warm-up", "the learning rate rises over half of the steps", GROUP_RATE);
    snprintf(value, sizeof value, "%d", steps > 1 ? steps / 2 : 100);
    put(r, "train.warmup", value);
    put(r, "train.schedule", "constant");
    keep(l, r);
    r = add(l, "batch-x8", "a batch eight times as large", GROUP_BATCH);
    snprintf(value, sizeof value, "%d", 8 * l->e->train.batch);
    put(r, "train.batch", value);
    keep(l, r);
}

/* Millivolts are lost where each lead is scaled to its own extremes; that is drawn, not trained. */
static void keep_profile(struct leadseq_remedies *l)
{
    struct remedy *r =
        add(l, "fixed-mv", "the same millivolts for every lead and record", GROUP_PROFILE);
    if (l->e->data.input == LEADSEQ_DATA_SIGNALS) return; // they are millivolts
    if (!strcmp(l->e->data.profile, "fixed-mv") || !is_wanted(l, r->name)) return;
    put(r, "data.profile", "fixed-mv");
    r->data = l->options->fixed_mv;
    if (!r->data)
        snprintf(r->absent, sizeof r->absent,
                 "needs the same records rendered again: leadseq render --profile fixed-mv --size "
                 "%dx%d, "
                 "then --fixed-mv FILE.h5",
                 l->e->data.width, l->e->data.height);
    l->n_remedies++;
}

void remedies_plan(struct leadseq_remedies *l)
{
    l->n_remedies = 0;
    l->names[0] = '\0';
    keep_rows(l, before_rates, LEADSEQ_COUNT(before_rates));
    keep_rates(l);
    keep_rows(l, after_rates, LEADSEQ_COUNT(after_rates));
    keep_sizes(l);
    keep_profile(l);
    keep_rows(l, at_last, LEADSEQ_COUNT(at_last));
}

int leadseq_remedies_check(const struct leadseq_experiment *e,
                           const struct leadseq_remedies_options *options)
{
    if (!options->only) return 0;
    struct leadseq_remedies *l = leadseq_calloc(1, sizeof *l);
    char *only = leadseq_format("%s", options->only), *left = only, *name;
    int status = l && only ? 0 : -1;
    if (!status) {
        l->e = e;
        l->options = options;
        remedies_plan(l);
    }
    while (!status && (name = strsep(&left, ",")))
        if (!*name || !is_named(l->names, name))
            status = leadseq_fail("remedies: '%s' is not one of them; expected some of %s", name,
                                  l->names);
    free(only);
    free(l);
    return status;
}

int rung_experiment(const struct leadseq_remedies *l, const struct rung *r,
                    struct leadseq_experiment *e)
{
    *e = *l->e;
    for (int i = 0; i < r->n_changes; i++) {
        const struct remedy *remedy = &l->remedy[r->change[i]];
        for (int k = 0; k < remedy->n_sets; k++)
            if (leadseq_experiment_set(e, remedy->set[k].key, remedy->set[k].value)) return -1;
    }
    leadseq_experiment_forget(e); // another optimiser goes without the options of the first
    if (l->options->steps) e->train.max_steps = l->options->steps;
    if (l->options->epochs) e->train.epochs = l->options->epochs;
    if (l->options->limit) e->data.limit = l->options->limit;
    e->diagnose.probes = LEADSEQ_PROBES_ECONOMY;
    e->diagnose.groups =
        1u << LEADSEQ_GROUP_OUTPUT | 1u << LEADSEQ_GROUP_HEAD | 1u << LEADSEQ_GROUP_FLOW;
    return leadseq_experiment_check(e);
}
