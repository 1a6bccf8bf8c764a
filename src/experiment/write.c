/* SPDX-License-Identifier: MIT
 *
 * The table of options written out: an experiment's values as YAML, with a remark on
 * each or without, and the options themselves for a person, as text and as the tables of
 * doc/experiment.md. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* The length of "train" in "train.lr", 0 if there is no section. */
static size_t section_length(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot ? (size_t)(dot - key) : 0;
}

/* Whether the key begins a section other than `section`, which then is that one. */
static bool begins_section(const char *key, char section[32])
{
    size_t n = section_length(key);
    if (!strncmp(section, key, n) && !section[n]) return false;
    snprintf(section, 32, "%.*s", (int)n, key);
    return true;
}

/* --- Values --------------------------------------------------------------------------------- */

/* "  lr: 0.001", followed by "  # where it is from". */
static int write_value(const char *key, const void *block, const struct leadseq_option *o,
                       const char *remark, FILE *out)
{
    enum { REMARK_COLUMN = 40 };
    size_t n = section_length(key);
    char *value = leadseq_option_text(block, o);
    if (!value) return -1;
    int width = fprintf(out, "%s%s: %s", n ? "  " : "", n ? key + n + 1 : key, value);
    if (remark)
        fprintf(out, "%*s# %s", width < REMARK_COLUMN ? REMARK_COLUMN - width : 1, "", remark);
    fputc('\n', out);
    free(value);
    return 0;
}

/* Whether types of the family have different defaults for the option. */
static bool depends_on_type(const struct experiment_key *key)
{
    const char *first = NULL;
    size_t offset;
    for (size_t i = 0; !key->own && key->family->name(i); i++) {
        const struct leadseq_option *o = experiment_type_row(key, i, &offset);
        const char *text = o ? leadseq_option_standard(o, key->family->standards(i)) : first;
        if (first && strcmp(first, text)) return true;
        first = text;
    }
    return false;
}

/* "default", or "default of model.type: cnn" if another type's differs. */
static const char *default_remark(const struct leadseq_experiment *e,
                                  const struct experiment_key *key, char remark[96])
{
    char value[128];
    if (experiment_recipe_value(e, key->key, value)) return "train.recipe";
    if (!depends_on_type(key)) return "default";
    snprintf(remark, 96, "default of %s: %s", key->family->chooser,
             key->family->name(key->family->chosen(e)));
    return remark;
}

/* "data.train" is written as "  train: …" under "data:"; options that the chosen types do not have
 * are left out. */
static int write_values(const struct leadseq_experiment *e, bool all, const char *const *remark,
                        FILE *out)
{
    char section[32] = "", text[96];
    const struct experiment_key *keys;
    size_t n = experiment_keys(&keys);
    for (size_t i = 0; i < n; i++) {
        size_t offset;
        const struct leadseq_option *o = experiment_row(e, &keys[i], &offset);
        if (!o || (!all && !e->given[i])) continue;
        if (begins_section(o->key, section) && *section) fprintf(out, "%s:\n", section);
        const char *said = !remark     ? NULL
                           : remark[i] ? remark[i]
                                       : default_remark(e, &keys[i], text);
        if (write_value(o->key, (const char *)e + offset, o, said, out)) return -1;
    }
    return ferror(out)
               ? leadseq_fail("the experiment cannot be written: %s", leadseq_write_reason(out))
               : 0;
}

int leadseq_experiment_write(const struct leadseq_experiment *e, FILE *out)
{
    return write_values(e, true, NULL, out);
}

int leadseq_experiment_write_given(const struct leadseq_experiment *e, FILE *out)
{
    return write_values(e, false, NULL, out);
}

int leadseq_experiment_write_remarked(const struct leadseq_experiment *e, const char *const *remark,
                                      FILE *out)
{
    return write_values(e, true, remark, out);
}

char *leadseq_experiment_text(const struct leadseq_experiment *e)
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

/* --- The options themselves ------------------------------------------------------------ */

/* What help says of a key: once for all types whose rows say the same. */
struct entry {
    const struct experiment_key *key;
    const struct leadseq_option *o;
    size_t type; /* the first that has this row */
};

static bool says_the_same(const struct leadseq_option *a, const struct leadseq_option *b)
{
    const char *expected[] = {a->expected ? a->expected : "", b->expected ? b->expected : ""};
    return a->kind == b->kind && a->least == b->least && a->most == b->most &&
           a->choices == b->choices && a->choice == b->choice &&
           !strcmp(expected[0], expected[1]) && !strcmp(a->help, b->help);
}

/* Whether the type's row belongs to the entry. */
static bool is_of(const struct entry *entry, size_t type)
{
    size_t offset;
    const struct leadseq_option *o = experiment_type_row(entry->key, type, &offset);
    return o && says_the_same(entry->o, o);
}

/* The default, and those of types that have another one: "flatten, of cnn mean". */
static void print_standards(const struct entry *entry, const char *quote, FILE *out)
{
    const struct experiment_family *family = entry->key->family;
    if (entry->key->own) {
        fprintf(out, "%s%s%s", quote, entry->o->standard, quote);
        return;
    }
    const char *usual = leadseq_option_standard(entry->o, family->standards(entry->type));
    fprintf(out, "%s%s%s", quote, usual, quote);
    for (size_t i = entry->type + 1; family->name(i); i++) {
        size_t offset;
        if (!is_of(entry, i)) continue;
        const struct leadseq_option *o = experiment_type_row(entry->key, i, &offset);
        const char *other = leadseq_option_standard(o, family->standards(i));
        if (strcmp(usual, other))
            fprintf(out, ", of %s %s%s%s", family->name(i), quote, other, quote);
    }
}

/* "convlstm, gru: " if not every type has the row. */
static void print_types(const struct entry *entry, FILE *out)
{
    const struct experiment_family *family = entry->key->family;
    bool all = true;
    for (size_t i = 0; !entry->key->own && family->name(i); i++) all = all && is_of(entry, i);
    if (all) return;
    const char *before = "";
    for (size_t i = 0; family->name(i); i++) {
        if (!is_of(entry, i)) continue;
        fprintf(out, "%s%s", before, family->name(i));
        before = ", ";
    }
    fputs(": ", out);
}

/* The help, and what each choice of a table means: "…; sgd: gradient descent with momentum". */
static void print_meaning(const struct entry *entry, FILE *out)
{
    const struct leadseq_option *o = entry->o;
    print_types(entry, out);
    fputs(o->help, out);
    for (size_t i = 0; o->choice_help && leadseq_option_choice_at(o, i); i++)
        fprintf(out, "; %s: %s", leadseq_option_choice_at(o, i), o->choice_help(i));
}

static void print_help(const struct entry *entry, FILE *out)
{
    fprintf(out, "%s: ", entry->key->key);
    print_standards(entry, "", out);
    fputs("\n    expects ", out);
    leadseq_option_expected(entry->o, out);
    if (entry->o->unit) fprintf(out, "; in %s", entry->o->unit);
    fputs("\n    ", out);
    print_meaning(entry, out);
    fputc('\n', out);
}

static void print_row(const struct entry *entry, FILE *out)
{
    const struct leadseq_option *o = entry->o;
    fprintf(out, "| `%s` | %s | %s | ", entry->key->key, o->kind->name, o->unit ? o->unit : "");
    print_standards(entry, "`", out);
    fputs(" | ", out);
    leadseq_option_expected(o, out);
    fputs(" | ", out);
    print_meaning(entry, out);
    fputs(" |\n", out);
}

/* Every entry of a key. */
static void print_key(const struct experiment_key *key,
                      void (*print)(const struct entry *entry, FILE *out), FILE *out)
{
    if (key->own) {
        print(&(struct entry){.key = key, .o = key->own}, out);
        return;
    }
    for (size_t i = 0; key->family->name(i); i++) {
        size_t offset;
        struct entry entry = {key, experiment_type_row(key, i, &offset), i};
        bool said = false;
        for (size_t k = 0; entry.o && k < i; k++) said = said || is_of(&entry, k);
        if (entry.o && !said) print(&entry, out);
    }
}

int leadseq_experiment_help(FILE *out)
{
    const struct experiment_key *keys;
    size_t n = experiment_keys(&keys);
    for (size_t i = 0; i < n; i++) print_key(&keys[i], print_help, out);
    return ferror(out)
               ? leadseq_fail("the options cannot be written: %s", leadseq_write_reason(out))
               : 0;
}

/* A heading, and the head of a table. */
static void begin_table(const char *section, FILE *out)
{
    fprintf(out,
            "\n### %s\n\n| key | type | unit | default | values | meaning |\n"
            "| --- | --- | --- | --- | --- | --- |\n",
            *section ? section : "the experiment");
}

int leadseq_experiment_reference(FILE *out)
{
    char section[32] = "";
    const struct experiment_key *keys;
    size_t n = experiment_keys(&keys);
    begin_table(section, out);
    for (size_t i = 0; i < n; i++) {
        if (begins_section(keys[i].key, section)) begin_table(section, out);
        print_key(&keys[i], print_row, out);
    }
    return ferror(out)
               ? leadseq_fail("the options cannot be written: %s", leadseq_write_reason(out))
               : 0;
}
