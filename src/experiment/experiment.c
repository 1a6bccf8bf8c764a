/* SPDX-License-Identifier: MIT
 *
 * Experiments: defaults, setting values, agreement of options with each other, and
 * reading a resolved file back.
 *
 * Keys may come in any order, so an option can be set before the type that has it is
 * chosen. A value whose key the present type does not have waits in e->waiting, as lines
 * "key=value", until a type that has it is chosen:
 *
 *   set model.bias false     convlstm has it: stored in its block
 *   set model.type cnn       cnn has no bias: "model.bias=false" waits
 *   set model.type convlstm  stored in the new block again
 *
 * leadseq_experiment_check() refuses what still waits, unless it is a default: files that
 * earlier versions resolved list the options of every type. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* --- Values that wait for their type --------------------------------------------------------- */

/* The line of a key, NULL if none waits. */
static char *find_waiting(struct leadseq_experiment *e, const char *key)
{
    size_t n = strlen(key);
    for (char *line = e->waiting; *line; line += strcspn(line, "\n") + 1)
        if (!strncmp(line, key, n) && line[n] == '=') return line;
    return NULL;
}

/* Its value in fresh memory; NULL if none waits. */
static char *copy_waiting(struct leadseq_experiment *e, const char *key)
{
    const char *line = find_waiting(e, key);
    if (!line) return NULL;
    line += strlen(key) + 1;
    return leadseq_format("%.*s", (int)strcspn(line, "\n"), line);
}

static void remove_waiting(struct leadseq_experiment *e, const char *key)
{
    char *line = find_waiting(e, key);
    if (!line) return;
    size_t n = strcspn(line, "\n") + 1, rest = strlen(line + n);
    memmove(line, line + n, rest);
    memset(line + rest, 0, n); // so that equal experiments have equal bytes
}

static int add_waiting(struct leadseq_experiment *e, const char *key, const char *value)
{
    remove_waiting(e, key);
    size_t used = strlen(e->waiting), more = strlen(key) + strlen(value) + 2;
    if (used + more >= sizeof e->waiting || strchr(value, '\n'))
        return leadseq_fail("%s: the chosen type has no such option, and the value is too long to "
                            "be kept for another type",
                            key);
    snprintf(e->waiting + used, sizeof e->waiting - used, "%s=%s\n", key, value);
    return 0;
}

/* Whether any type reads the value; if not, the message is of the first that has the option. */
static int check_any(const struct experiment_key *key, const char *value)
{
    const struct leadseq_option *first = NULL;
    size_t offset;
    for (size_t i = 0; key->family->name(i); i++) {
        const struct leadseq_option *o = experiment_type_row(key, i, &offset);
        if (o && leadseq_option_accepts(o, value)) return 0;
        if (o && !first) first = o;
    }
    return leadseq_option_refuse(first, value);
}

/* Sets the value in the block of the chosen type, or lets it wait. */
static int set_type_value(struct leadseq_experiment *e, const struct experiment_key *key,
                          const char *value)
{
    size_t offset;
    const struct leadseq_option *o = experiment_row(e, key, &offset);
    if (!o) return check_any(key, value) ? -1 : add_waiting(e, key->key, value);
    return leadseq_option_read((char *)e + offset, o, value);
}

/* Fills the block of a type that was just chosen: its defaults, then what was given so far.
 * `before` is the experiment with the previous type. */
static int change_type(struct leadseq_experiment *e, const struct leadseq_experiment *before,
                       const struct experiment_family *family)
{
    const struct experiment_key *keys;
    size_t n = experiment_keys(&keys);
    family->reset(e);
    for (size_t i = 0; i < n; i++) {
        size_t from, to;
        if (keys[i].family != family || !e->given[i]) continue;
        const struct leadseq_option *was = experiment_row(before, &keys[i], &from),
                                    *is = experiment_row(e, &keys[i], &to);
        char *value = was ? leadseq_option_text((const char *)before + from, was)
                          : copy_waiting(e, keys[i].key);
        if (!value && !was && !find_waiting(e, keys[i].key)) continue; // of a resolved file
        if (!value) return -1;
        remove_waiting(e, keys[i].key);
        int status = 0;
        if (!is || is->kind->read((char *)e + to, is, value))
            status = add_waiting(e, keys[i].key, value);
        free(value);
        if (status) return -1;
    }
    return 0;
}

/* --- Setting -------------------------------------------------------------------------------- */

void leadseq_experiment_default(struct leadseq_experiment *e)
{
    memset(e, 0, sizeof *e);
    for (size_t i = 0; i < experiment_rows_count; i++) {
        const struct leadseq_option *o = &experiment_rows[i];
        if (o->kind->read(e, o, o->standard)) abort(); // test_experiment reads every default
    }
    for (size_t i = 0; experiment_family_at(i); i++) experiment_family_at(i)->reset(e);
}

struct leadseq_experiment *leadseq_experiment_new(void)
{
    struct leadseq_experiment *e = leadseq_calloc(1, sizeof *e);
    if (e) leadseq_experiment_default(e);
    return e;
}

void leadseq_experiment_free(struct leadseq_experiment *e)
{
    free(e);
}

struct leadseq_optim leadseq_experiment_optim(const struct leadseq_experiment *e)
{
    return (struct leadseq_optim){
        .optimizer = leadseq_optimizer_at((size_t)e->train.optimizer),
        .schedule = leadseq_schedule_at((size_t)e->train.schedule),
        .lr = e->train.lr,
        .weight_decay = e->train.weight_decay,
        .warmup = e->train.warmup,
        .of_optimizer = e->train.of_optimizer,
        .of_schedule = e->train.of_schedule,
    };
}

/* Words of other programs, of which no key has the letters. */
static const char *const other_word[][2] = {
    {"learning_rate", "train.lr"},
    {"batch_size", "train.batch"},
    {"num_epochs", "train.epochs"},
    {"max_epochs", "train.epochs"},
    {"early_stopping", "train.patience"},
    {"num_workers", "train.threads"},
    {"device", "train.threads"},
    {"scheduler", "train.schedule"},
    {"lr_scheduler", "train.schedule"},
    {"criterion", "train.loss"},
    {"pos_weight", "train.positive_weight"},
    {"accumulate_grad_batches", "train.accumulate"},
    {"gradient_accumulation_steps", "train.accumulate"},
    {"max_grad_norm", "train.clip_norm"},
    {"image_size", "data.size"},
};

/* What is left of the words where both are of one section, or one has none; else all of them. */
static size_t distance(const char *word, const char *key, size_t *letters)
{
    const char *of_word = strchr(word, '.'), *of_key = strchr(key, '.');
    size_t section = of_key ? (size_t)(of_key - key) + 1 : 0;
    if (of_key && (!of_word || !strncmp(word, key, section))) {
        word = of_word ? of_word + 1 : word;
        key = of_key + 1;
    }
    *letters = strlen(word);
    return leadseq_edits(word, key);
}

/* The key nearest to an unknown one, NULL if none is near. A key may also be meant without its
 * section: "lr" for "train.lr". */
static const char *nearest_key(const char *key)
{
    const char *dot = strchr(key, '.'), *last = dot ? dot + 1 : key, *best = NULL;
    size_t least = SIZE_MAX, letters;
    for (size_t i = 0; i < LEADSEQ_COUNT(other_word); i++)
        if (leadseq_edits(last, other_word[i][0]) <= 1) return other_word[i][1];
    for (size_t i = 0; i < leadseq_option_count(); i++) {
        size_t edits = distance(key, leadseq_option_key(i), &letters);
        if (edits * 3 > letters || edits >= least) continue;
        least = edits;
        best = leadseq_option_key(i);
    }
    return best;
}

const char *leadseq_option_meant(const char *word)
{
    char key[64];
    snprintf(key, sizeof key, "%s", word);
    for (char *c = key; *c; c++)
        if (*c == '-') *c = '_';
    return nearest_key(key);
}

/* The task's own loss, where none was given. */
static void follow_task(struct leadseq_experiment *e)
{
    const struct experiment_key *key = experiment_key_find("train.loss");
    if (e->given[leadseq_option_find(key->key)]) return;
    if (key->own->kind->read(e, key->own, leadseq_task_default_loss(&e->data.task)))
        abort(); // the table is wrong
}

/* What the type of model reads, unless it was given. */
static void follow_model(struct leadseq_experiment *e)
{
    if (e->given[leadseq_option_find("data.input")]) return;
    e->data.input =
        e->model.type->input == LEADSEQ_INPUT_SIGNALS ? LEADSEQ_DATA_SIGNALS : LEADSEQ_DATA_IMAGES;
}

struct leadseq_loss leadseq_experiment_loss(const struct leadseq_experiment *e)
{
    struct leadseq_loss loss;
    leadseq_loss_init(&loss, leadseq_loss_at(e->train.loss), e->data.task.outputs);
    for (int k = 0; k < loss.outputs; k++)
        loss.positive_weight[k] = e->train.positive_weight[e->train.n_weights > 1 ? k : 0];
    loss.smoothing = (float)e->train.label_smoothing;
    return loss;
}

static int fail_unknown(const char *key)
{
    const char *nearest = nearest_key(key);
    if (nearest) return leadseq_fail("%s: no such option; did you mean %s?", key, nearest);
    return leadseq_fail("%s: no such option; 'leadseq help experiment' lists them all", key);
}

char *leadseq_experiment_get(const struct leadseq_experiment *e, const char *key)
{
    if (leadseq_option_find(key) < leadseq_option_count()) return leadseq_experiment_value(e, key);
    fail_unknown(key);
    return NULL;
}

void leadseq_experiment_forget(struct leadseq_experiment *e)
{
    memset(e->waiting, 0, sizeof e->waiting);
}

/* Whether or not it counts as given. */
static int set_value(struct leadseq_experiment *e, const struct experiment_key *k,
                     const char *value)
{
    struct leadseq_experiment changed = *e; // a refused value leaves `e` as it was
    if (!k->own) {
        if (set_type_value(&changed, k, value)) return -1;
    } else if (leadseq_option_read(&changed, k->own, value)) {
        return -1;
    }
    bool outer = false; // whether the previous family has another type now
    for (size_t i = 0; experiment_family_at(i); i++) {
        const struct experiment_family *family = experiment_family_at(i);
        bool other = family->chosen(&changed) != family->chosen(e) || (family->inner && outer);
        if (other && change_type(&changed, e, family)) return -1;
        outer = other;
    }
    *e = changed;
    return 0;
}

/* Options that were not given have the recipe's values, or with `standard` their defaults again.
 * Those that the chosen types do not have are none of its business. */
static int follow_recipe(struct leadseq_experiment *e, bool standard)
{
    char text[128];
    const char *key;
    size_t offset;
    for (size_t i = 0; (key = experiment_recipe_key(e, i)); i++) {
        const struct experiment_key *k = experiment_key_find(key);
        const struct leadseq_option *o = experiment_row(e, k, &offset);
        if (!o || e->given[leadseq_option_find(key)]) continue;
        const char *value = standard ? o->standard : experiment_recipe_value(e, key, text);
        if (set_value(e, k, value)) return -1;
    }
    return 0;
}

int leadseq_experiment_set(struct leadseq_experiment *e, const char *key, const char *value)
{
    const struct experiment_key *k = experiment_key_find(key);
    if (!k) return fail_unknown(key);
    struct leadseq_experiment changed = *e;
    if (!strcmp(key, "train.recipe") && follow_recipe(&changed, true)) return -1; // the former one
    if (set_value(&changed, k, value)) return -1;
    changed.given[leadseq_option_find(key)] = true;
    if (!strcmp(key, "data.task") || !strcmp(key, "train.recipe")) follow_task(&changed);
    if (follow_recipe(&changed, false)) return -1;
    follow_model(&changed);
    *e = changed;
    return 0;
}

/* --- Agreement ------------------------------------------------------------------------------ */

/* "convlstm and gru have": the types that have an option. */
static void list_types(const struct experiment_key *key, char *text, size_t size)
{
    const char *name[16];
    size_t n = 0, used = 0, offset;
    for (size_t i = 0; key->family->name(i) && n < LEADSEQ_COUNT(name); i++)
        if (experiment_type_row(key, i, &offset)) name[n++] = key->family->name(i);
    *text = '\0';
    for (size_t i = 0; i < n && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 i == 0      ? ""
                                 : i + 1 < n ? ", "
                                             : " and ",
                                 name[i]);
    if (used < size) snprintf(text + used, size - used, n == 1 ? " has" : " have");
}

/* Whether it is the default of a type that has the option. */
static bool is_standard(const struct experiment_key *key, const char *value)
{
    for (size_t i = 0; key->family->name(i); i++) {
        size_t offset;
        const struct leadseq_option *o = experiment_type_row(key, i, &offset);
        if (o &&
            leadseq_option_equal(o, value, leadseq_option_standard(o, key->family->standards(i))))
            return true;
    }
    return false;
}

static int check_waiting_value(const struct leadseq_experiment *e, const struct experiment_key *key,
                               const char *value)
{
    size_t offset;
    char types[256];
    const struct leadseq_option *o = experiment_row(e, key, &offset);
    if (o)
        return leadseq_option_refuse(o, value); // given for another type, out of this one's range
    if (is_standard(key, value)) return 0;
    list_types(key, types, sizeof types);
    const char *chosen = key->family->name(key->family->chosen(e));
    return leadseq_fail("%s: %s %s has no such option, %s; remove it or choose another type",
                        key->key, key->family->chooser, chosen ? chosen : "none", types);
}

static int check_waiting(const struct leadseq_experiment *e)
{
    struct leadseq_experiment copy = *e;
    char *rest = copy.waiting;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        char *value = strchr(line, '=');
        *value++ = '\0';
        if (check_waiting_value(e, experiment_key_find(line), value)) return -1;
    }
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

static const char *name_of_input(bool signals)
{
    return signals ? "signals" : "images";
}

/* "cnn1d, …": the types that read signals, or those that read images. */
static const char *list_readers(bool signals, char *text, size_t size)
{
    size_t used = 0;
    const struct leadseq_model_type *type;
    *text = '\0';
    for (size_t i = 0; (type = leadseq_model_type_at(i)) && used < size; i++)
        if ((type->input == LEADSEQ_INPUT_SIGNALS) == signals)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", type->name);
    return *text ? text : "none";
}

/* Options of one kind of input with the other would have no effect. */
static int check_options_of_input(const struct leadseq_experiment *e)
{
    const bool signals = e->data.input == LEADSEQ_DATA_SIGNALS;
    const struct {
        const char *key;
        bool given, signals;
    } option[] = {
        {"data.style", strcmp(e->data.style, "any") != 0, false},
        {"data.profile", strcmp(e->data.profile, "any") != 0, false},
        {"data.size", e->data.width != 0, false},
        {"data.invert", e->data.invert, false},
        {"data.normalise", e->data.normalise != LEADSEQ_NORMALISE_NONE, false},
        {"data.augment", e->data.augment != 0, false},
        {"data.standardise_by", e->data.standardise_by != LEADSEQ_STANDARDISE_ALL, true},
        {"data.crop", e->data.crop != 0, true},
        {"data.stride", e->data.stride != 0, true},
        {"data.aggregate", e->data.aggregate != LEADSEQ_AGGREGATE_MAX, true},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(option); i++)
        if (option[i].given && option[i].signals != signals)
            return leadseq_fail("%s: is for %s, and model.type %s reads %s; remove it",
                                option[i].key, name_of_input(!signals), e->model.type->name,
                                name_of_input(signals));
    return 0;
}

static int check_input(const struct leadseq_experiment *e)
{
    const bool signals = e->model.type->input == LEADSEQ_INPUT_SIGNALS;
    char types[256];
    if (signals != (e->data.input == LEADSEQ_DATA_SIGNALS))
        return leadseq_fail("data.input: expected %s, which model.type %s reads, found %s; remove "
                            "data.input, or choose a type that reads %s (%s)",
                            name_of_input(signals), e->model.type->name, name_of_input(!signals),
                            name_of_input(!signals), list_readers(!signals, types, sizeof types));
    if (check_options_of_input(e)) return -1;
    if (e->data.standardise_by != LEADSEQ_STANDARDISE_ALL && !e->data.standardise)
        return leadseq_fail("data.standardise_by: lead has no effect without data.standardise: "
                            "true; set it too, or remove data.standardise_by");
    if (e->data.crop && e->data.stride > e->data.crop)
        return leadseq_fail("data.stride: expected at most data.crop, %d, found %d: evaluation "
                            "would not see the samples between windows",
                            e->data.crop, e->data.stride);
    if (e->data.aggregate != LEADSEQ_AGGREGATE_MAX && !e->data.crop)
        return leadseq_fail("data.aggregate: mean has no effect without data.crop; set it too, or "
                            "remove data.aggregate");
    if (e->data.stride && !e->data.crop)
        return leadseq_fail("data.stride: %d has no effect without data.crop; set it too, or "
                            "remove data.stride",
                            e->data.stride);
    return 0;
}

static int check_data(const struct leadseq_experiment *e)
{
    if (check_input(e)) return -1;
    if (e->data.split == LEADSEQ_SPLIT_FOLDS) return check_folds(e);
    if (e->data.share[LEADSEQ_TRAIN] <= 0)
        return leadseq_fail("data.share: expected a share above 0 for training, found 0");
    return 0;
}

/* "… needs train.loss: bce-logits", the losses that have weights. */
static int fail_unweighted(const char *what)
{
    char names[128] = "";
    for (size_t i = 0; leadseq_loss_at(i); i++) {
        size_t n = strlen(names);
        if (leadseq_loss_at(i)->weighted)
            snprintf(names + n, sizeof names - n, "%s%s", n ? " or " : "", leadseq_loss_name(i));
    }
    return leadseq_fail("%s needs train.loss: %s", what, names);
}

/* One weight is of all outputs; the same of all classes of a choice has no effect. */
static int check_weights(const struct leadseq_experiment *e, bool choice)
{
    const int n = e->train.n_weights, outputs = e->data.task.outputs;
    if (n == outputs || (n == 1 && !choice) || (n == 1 && e->train.positive_weight[0] == 1))
        return 0;
    if (choice)
        return leadseq_fail("train.positive_weight: expected a weight of each of the %d classes of "
                            "data.task with train.loss: softmax, found %d",
                            outputs, n);
    return leadseq_fail("train.positive_weight: expected one weight, or one of each of the "
                        "task's %d outputs, found %d",
                        outputs, n);
}

static int check_loss(const struct leadseq_experiment *e)
{
    const struct leadseq_loss_type *loss = leadseq_loss_at(e->train.loss);
    if (leadseq_task_check_loss(&e->data.task, loss)) return -1;
    for (int k = 0; !loss->weighted && k < e->train.n_weights; k++)
        if (e->train.positive_weight[k] != 1)
            return fail_unweighted("train.positive_weight: a weight other than 1");
    if (!loss->weighted && e->train.class_weights)
        return fail_unweighted("train.class_weights: balanced");
    return check_weights(e, loss->exclusive && e->data.task.outputs > 1);
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
        return leadseq_fail("train.min_delta: %g has no effect without train.patience; set it "
                            "too, or remove train.min_delta",
                            e->train.min_delta);
    if (e->data.standardise && e->data.normalise != LEADSEQ_NORMALISE_NONE)
        return leadseq_fail("data.normalise: expected none with data.standardise: true, which "
                            "normalises too; remove one of them");
    if (e->train.batch % e->train.accumulate)
        return leadseq_fail("train.accumulate: expected a divisor of train.batch, %d, found %d",
                            e->train.batch, e->train.accumulate);
    const struct leadseq_optim how = leadseq_experiment_optim(e);
    return leadseq_optim_check(&how);
}

int leadseq_experiment_check(const struct leadseq_experiment *e)
{
    if (check_waiting(e) || check_data(e) || check_task(e) ||
        leadseq_model_spec_check_options(&e->model))
        return -1;
    return check_train(e);
}

/* --- Resolved files -------------------------------------------------------------------------- */

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
    leadseq_experiment_forget(e); // the run was made without them
    return 0;
}

int leadseq_experiment_is(const struct leadseq_experiment *e, const char *text, bool *same)
{
    struct leadseq_experiment then;
    char *lines = leadseq_format("%s", text), *was = NULL, *is = NULL;
    int status = lines ? leadseq_experiment_read_back(&then, lines) : -1;
    if (!status)
        status =
            (was = leadseq_experiment_text(&then)) && (is = leadseq_experiment_text(e)) ? 0 : -1;
    *same = !status && !strcmp(was, is);
    free(lines);
    free(was);
    free(is);
    return status;
}
