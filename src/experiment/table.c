/* SPDX-License-Identifier: MIT
 *
 * The table of options put together; see table.h. */
#include "table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* --- Families ------------------------------------------------------------------------------- */

static const struct leadseq_option_group *model_groups(size_t type)
{
    return leadseq_model_type_at(type)->options;
}

static const char *const *model_standards(size_t type)
{
    return leadseq_model_type_at(type)->standards;
}

static size_t model_chosen(const struct leadseq_experiment *e)
{
    size_t i = 0;
    while (leadseq_model_type_at(i) != e->model.type) i++;
    return i;
}

static void model_reset(struct leadseq_experiment *e)
{
    leadseq_model_spec_default(&e->model, e->model.type);
}

static size_t head_chosen(const struct leadseq_experiment *e)
{
    return leadseq_model_head(&e->model);
}

static void head_reset(struct leadseq_experiment *e)
{
    leadseq_model_head_default(&e->model);
}

static const struct leadseq_option_group *optimizer_groups(size_t type)
{
    return leadseq_optimizer_at(type)->options;
}

static size_t optimizer_chosen(const struct leadseq_experiment *e)
{
    return (size_t)e->train.optimizer;
}

static void optimizer_reset(struct leadseq_experiment *e)
{
    leadseq_optimizer_defaults(leadseq_optimizer_at(optimizer_chosen(e)), &e->train.of_optimizer);
}

static const struct leadseq_option_group *schedule_groups(size_t type)
{
    return leadseq_schedule_at(type)->options;
}

static size_t schedule_chosen(const struct leadseq_experiment *e)
{
    return (size_t)e->train.schedule;
}

static void schedule_reset(struct leadseq_experiment *e)
{
    leadseq_schedule_defaults(leadseq_schedule_at(schedule_chosen(e)), &e->train.of_schedule);
}

static const struct leadseq_option_group *augment_groups(size_t type)
{
    return leadseq_augment_at(type)->options;
}

static size_t augment_chosen(const struct leadseq_experiment *e)
{
    return e->data.augment;
}

static void augment_reset(struct leadseq_experiment *e)
{
    leadseq_augment_defaults(leadseq_augment_at(e->data.augment), &e->data.of_augment);
}

static const char *const *no_standards(size_t type)
{
    (void)type;
    return NULL;
}

#define BLOCK(member) offsetof(struct leadseq_experiment, member)
static const struct experiment_family families[] = {
    {"model.type", BLOCK(model.options), leadseq_model_type_name, model_groups, model_standards,
     model_chosen, model_reset, false},
    {"model.head", BLOCK(model.head), leadseq_head_name, leadseq_head_options, no_standards,
     head_chosen, head_reset, true},
    {"data.augment", BLOCK(data.of_augment), leadseq_augment_name, augment_groups, no_standards,
     augment_chosen, augment_reset, false},
    {"train.optimizer", BLOCK(train.of_optimizer), leadseq_optimizer_name, optimizer_groups,
     no_standards, optimizer_chosen, optimizer_reset, false},
    {"train.schedule", BLOCK(train.of_schedule), leadseq_schedule_name, schedule_groups,
     no_standards, schedule_chosen, schedule_reset, false},
};

const struct experiment_family *experiment_family_at(size_t i)
{
    return i < LEADSEQ_COUNT(families) ? &families[i] : NULL;
}

static const struct experiment_family *family_of(const char *chooser)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(families); i++)
        if (!strcmp(families[i].chooser, chooser)) return &families[i];
    return NULL;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* Listed once, then constant: any thread may read them. */
static struct experiment_key list[LEADSEQ_OPTIONS_MOST];
static size_t n_keys;

/* The key, and after it those that the types bring which it chooses. A key belongs to one family:
 * tables in which two have it are wrong, and end the program when it lists its options. */
static void add_key(const char *key, const struct leadseq_option *own,
                    const struct experiment_family *family)
{
    const struct experiment_family *chosen = family_of(key);
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(list[i].key, key)) continue;
        if (own || list[i].family != family) abort();
        return;
    }
    if (n_keys == LEADSEQ_OPTIONS_MOST) abort();
    list[n_keys++] = (struct experiment_key){key, own, family};
    for (size_t type = 0; chosen && chosen->name(type); type++)
        for (const struct leadseq_option_group *g = chosen->groups(type); g && g->row; g++)
            for (size_t k = 0; k < g->n; k++) add_key(g->row[k].key, NULL, chosen);
}

static void list_keys(void)
{
    for (size_t i = 0; i < experiment_rows_count; i++)
        add_key(experiment_rows[i].key, &experiment_rows[i], NULL);
}

size_t experiment_keys(const struct experiment_key **keys)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, list_keys);
    *keys = list;
    return n_keys;
}

const struct experiment_key *experiment_key_find(const char *key)
{
    const struct experiment_key *keys;
    size_t n = experiment_keys(&keys);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(keys[i].key, key)) return &keys[i];
    return NULL;
}

/* --- Rows ----------------------------------------------------------------------------------- */

const struct leadseq_option *experiment_type_row(const struct experiment_key *key, size_t type,
                                                 size_t *offset)
{
    const struct leadseq_option_group *group;
    if (!key->family->name(type)) return NULL;
    const struct leadseq_option *o =
        leadseq_group_find(key->family->groups(type), key->key, &group);
    if (o) *offset = key->family->block + group->offset;
    return o;
}

const struct leadseq_option *experiment_row(const struct leadseq_experiment *e,
                                            const struct experiment_key *key, size_t *offset)
{
    if (!key->own) return experiment_type_row(key, key->family->chosen(e), offset);
    *offset = 0;
    return key->own;
}

size_t leadseq_option_count(void)
{
    const struct experiment_key *keys;
    return experiment_keys(&keys);
}

const char *leadseq_option_key(size_t i)
{
    const struct experiment_key *keys;
    return i < experiment_keys(&keys) ? keys[i].key : NULL;
}

size_t leadseq_option_find(const char *key)
{
    const struct experiment_key *keys, *found = experiment_key_find(key);
    size_t n = experiment_keys(&keys);
    return found ? (size_t)(found - keys) : n;
}

const struct leadseq_option *leadseq_experiment_option(const struct leadseq_experiment *e,
                                                       const char *key, const void **block)
{
    const struct experiment_key *k = experiment_key_find(key);
    size_t offset;
    const struct leadseq_option *o = k ? experiment_row(e, k, &offset) : NULL;
    if (o && block) *block = (const char *)e + offset;
    return o;
}

const struct leadseq_option *leadseq_option_any(const struct leadseq_experiment *e, const char *key)
{
    const struct experiment_key *k = experiment_key_find(key);
    const struct leadseq_option *o = leadseq_experiment_option(e, key, NULL);
    size_t offset;
    for (size_t i = 0; k && !o && k->family->name(i); i++) o = experiment_type_row(k, i, &offset);
    return o;
}

char *leadseq_experiment_value(const struct leadseq_experiment *e, const char *key)
{
    const void *block;
    const struct leadseq_option *o = leadseq_experiment_option(e, key, &block);
    return o ? leadseq_option_text(block, o) : leadseq_format("none");
}

bool leadseq_experiment_says(const struct leadseq_experiment *e, const char *key, const char *value)
{
    const void *block;
    const struct leadseq_option *o = leadseq_experiment_option(e, key, &block);
    return o && leadseq_option_is(block, o, value);
}

bool leadseq_experiment_number(const struct leadseq_experiment *e, const char *key, double *value)
{
    const void *block;
    const struct leadseq_option *o = leadseq_experiment_option(e, key, &block);
    char *text = o && o->kind->number ? leadseq_option_text(block, o) : NULL;
    if (text) *value = strtod(text, NULL);
    free(text);
    return text != NULL;
}
