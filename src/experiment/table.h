/* SPDX-License-Identifier: MIT
 *
 * The whole table of an experiment's options: its own rows (options.c), and those that
 * types bring, which are in the experiment while their type is chosen.
 *
 * A family is a kind of thing that experiments choose by one option, such as model types
 * by model.type. The chosen type's values are in one block of struct leadseq_experiment,
 * which is theirs alone: another choice gives it new contents.
 *
 *   key            type convlstm   type cnn
 *   model.type     experiment's own row
 *   model.hidden   has a row       has a row
 *   model.bias     has a row       none: refused unless it has its default
 */
#ifndef EXPERIMENT_TABLE_H
#define EXPERIMENT_TABLE_H

#include "experiment/experiment.h"

#define EXPERIMENT_SPAN(first, last)                                                               \
    (offsetof(struct leadseq_experiment, last) + sizeof((struct leadseq_experiment *)0)->last -    \
     offsetof(struct leadseq_experiment, first))
#define EXPERIMENT_LEADS_BYTES   EXPERIMENT_SPAN(data.order, data.n_leads)
#define EXPERIMENT_WEIGHTS_BYTES EXPERIMENT_SPAN(train.positive_weight, train.n_weights)
#define EXPERIMENT_RATES_BYTES   EXPERIMENT_SPAN(train.group_lr, train.n_group_lr)

/* Kinds of values that experiments alone have (values.c). */
extern const struct leadseq_option_kind experiment_name, experiment_path, experiment_word,
    experiment_model_type, experiment_size, experiment_folds, experiment_shares, experiment_leads,
    experiment_groups, experiment_task, experiment_weights, experiment_rates;

extern const struct leadseq_option experiment_rows[];
extern const size_t experiment_rows_count;

/* --- Recipes (recipes.c) ---------------------------------------------------------------------- */

const char *experiment_recipe_name(size_t i);
const char *experiment_recipe_help(size_t i);
/* The i-th key that the recipe of `e` has a value for, NULL after the last. */
const char *experiment_recipe_key(const struct leadseq_experiment *e, size_t i);
/* Its value, perhaps in `text`; NULL: it has none. */
const char *experiment_recipe_value(const struct leadseq_experiment *e, const char *key,
                                    char text[128]);

/* --- Families of types (table.c) ------------------------------------------------------------- */

struct experiment_family {
    const char *chooser; /* key of the option that chooses: "model.type" */
    size_t block;        /* offset of the chosen type's values in struct leadseq_experiment */
    const char *(*name)(size_t type); /* of the i-th type, NULL after the last */
    const struct leadseq_option_group *(*groups)(size_t type);
    const char *const *(*standards)(size_t type);         /* may return NULL */
    size_t (*chosen)(const struct leadseq_experiment *e); /* SIZE_MAX: nothing to choose from */
    void (*reset)(struct leadseq_experiment *e);          /* sets the chosen type's defaults */
    bool inner; /* the chooser is an option of the previous family's types */
};

/* The i-th family, NULL after the last. */
const struct experiment_family *experiment_family_at(size_t i);

struct experiment_key {
    const char *key;
    const struct leadseq_option *own;       /* a row of the experiment's; NULL: types' */
    const struct experiment_family *family; /* of types' rows, else NULL */
};
/* Every key once, by section, in the order of the documentation. */
size_t experiment_keys(const struct experiment_key **keys);
/* NULL if there is no such key. */
const struct experiment_key *experiment_key_find(const char *key);
/* The row of a key for the i-th type of its family; NULL: that type has no such option. */
const struct leadseq_option *experiment_type_row(const struct experiment_key *key, size_t type,
                                                 size_t *offset);
/* The row that is in force in `e` and where its block is in it; NULL: the chosen type has none. */
const struct leadseq_option *experiment_row(const struct leadseq_experiment *e,
                                            const struct experiment_key *key, size_t *offset);

#endif
